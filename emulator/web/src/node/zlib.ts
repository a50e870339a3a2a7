// node:zlib. Go compresses; its output unpacks to the same and is not the same
// bytes that the platform's libraries give.

import { Buffer } from "./buffer";
import { invalidArgType } from "./errors";
import { nodeHost } from "./host";
import { Transform } from "./stream/duplex";
import { checkNumber } from "./validate";
import { constants } from "./zlib_constants";
import { checkClass, convert, inputOf, settingsOf, type Converted, type Family, type Kept } from "./zlib_options";

interface Kind {
  name: string;
  /** What functions and the host call it. */
  mode: string;
  family: Family;
  compresses: boolean;
}

const kinds: Kind[] = "Deflate DeflateRaw Gzip Inflate InflateRaw Gunzip Unzip BrotliCompress BrotliDecompress ZstdCompress ZstdDecompress".split(" ").map((name) => ({
  name, mode: name[0]!.toLowerCase() + name.slice(1),
  family: name.startsWith("Brotli") ? "brotli" : name.startsWith("Zstd") ? "zstd" : "zlib",
  compresses: /^(Deflate|Gzip)|Compress$/.test(name),
}));

const numbers = ["Z_OK", "Z_STREAM_END", "Z_NEED_DICT", "Z_ERRNO", "Z_STREAM_ERROR", "Z_DATA_ERROR", "Z_MEM_ERROR", "Z_BUF_ERROR", "Z_VERSION_ERROR"];
const codes = Object.freeze(Object.fromEntries(numbers.flatMap((name) => [[name, constants[name]], [String(constants[name]), name]])));

function need(data: any, { family, mode }: Kind, suffix: string): Uint8Array {
  const bytes = inputOf(data);
  if (bytes !== undefined) return bytes;
  const name = family === "zlib" ? "zlib" : mode;
  throw new TypeError(`Failed to execute '${name}${suffix}' on 'ZlibUtil': parameter 1 is not of type 'string or ArrayBuffer or ArrayBufferView'.`);
}

function whole({ family, mode, compresses }: Kind, bytes: Uint8Array, converted: Converted): any {
  const { level, dictionary, window, checksum, most, cut } = settingsOf(family, compresses, converted);
  return Buffer.from(nodeHost.nodeZip(mode, bytes, most, cut, level, dictionary, window, checksum));
}

/** The whole result beside the stream that could have made it. */
function withEngine(kind: Kind, data: any, options: any): any {
  const engine = new classes[kind.name](options);
  const bytes = inputOf(data);
  if (bytes === undefined) throw invalidArgType("chunk", ["string", "Buffer", "TypedArray", "DataView"], data);
  const buffer = engine._processChunk(bytes);
  return { engine, buffer };
}

const sync = (kind: Kind) => function (data: any, ...rest: any[]): any {
  const options = rest[0] === undefined ? {} : rest[0];
  if (options?.info) return withEngine(kind, data, options);
  return whole(kind, need(data, kind, "Sync"), convert(kind.family, options));
};

const withCallback = (kind: Kind) => function (data: any, options: any, callback?: any): void {
  if (typeof options === "function") [options, callback] = [{}, options];
  if (typeof callback !== "function") throw invalidArgType("callback", "Function", callback);
  let run = () => withEngine(kind, data, options);
  if (!options?.info) {
    const [bytes, converted] = [need(data, kind, ""), convert(kind.family, options)];
    run = () => whole(kind, bytes, converted);
  }
  let result: [error: any, value?: any];
  try {
    result = [null, run()];
  } catch (error) {
    result = [error];
  }
  queueMicrotask(() => callback(...result));
};

// ---- streams ----

/** An error as streams throw it. */
class NodeError extends Error {
  declare code: string;
  declare errno: number;
}
Object.defineProperty(NodeError.prototype, "toString", {
  value(this: NodeError) { return `${this.name} [${this.code}]: ${this.message}`; }, writable: true, configurable: true,
});

function streamError(error: any): any {
  if (typeof error?.errno !== "number") return error;
  return Object.assign(new NodeError(error.message), { code: error.code, errno: error.errno });
}

const kept = Symbol("kept");
const zip = Symbol("handle");

abstract class ZlibBase extends (Transform as new (options?: any) => any) {
  declare [kept]: Kept;
  declare [zip]: number;
  bytesWritten = 0;

  constructor(options: any, kind: Kind) {
    const { family, mode, compresses } = kind;
    const settings = checkClass(family, mode, compresses, options);
    super({ autoDestroy: true, ...options, encoding: undefined, objectMode: false, writableObjectMode: false, transform: undefined, flush: undefined });
    const { level, dictionary, window, checksum } = settings;
    Object.defineProperty(this, kept, { value: settings });
    Object.defineProperty(this, zip, { value: nodeHost.nodeZipOpen(mode, level, dictionary, window, checksum), writable: true });
    this._chunkSize = settings.chunkSize;
  }

  get bytesRead(): number { return this.bytesWritten; }
  set bytesRead(value: number) { this.bytesWritten = value; }

  reset(): void {}

  flush(flag?: any, callback?: any): void {
    const then = typeof flag === "function" ? flag : callback;
    const run = () => {
      if (!this[zip]) return then?.();
      this.#step(() => nodeHost.nodeZipFlush(this[zip]), (error: any) => {
        if (error) this.destroy(error);
        then?.();
      });
    };
    if (this.writableFinished) {
      if (then) queueMicrotask(then);
    } else if (this.writableEnded) {
      if (then) this.once("end", then);
    } else if (this.writableLength > 0) {
      this.once("drain", run);
    } else {
      queueMicrotask(run);
    }
  }

  close(callback?: any): void {
    if (callback) this.once("close", callback);
    this.destroy();
  }

  #step(run: () => ArrayBuffer, callback: (error?: any) => void): void {
    let out: any;
    try {
      out = Buffer.from(run());
    } catch (error) {
      callback(streamError(error));
      return;
    }
    if (out.length > 0) this.push(out);
    callback();
  }

  _transform(chunk: any, _encoding: string, callback: (error?: any) => void): void {
    const bytes = inputOf(chunk)!;
    this.bytesWritten += bytes.length;
    this.#step(() => nodeHost.nodeZipWrite(this[zip], bytes), callback);
  }

  _flush(callback: (error?: any) => void): void {
    const open = this[zip];
    this[zip] = 0;
    this.#step(() => nodeHost.nodeZipFinish(open, this[kept].cut), callback);
  }

  _destroy(error: any, callback: (error?: any) => void): void {
    if (this[zip]) nodeHost.nodeZipClose(this[zip]);
    this[zip] = 0;
    callback(error);
  }

  /** Works all at once and ends. */
  _processChunk(bytes: Uint8Array): any {
    const open = this[zip];
    this[zip] = 0;
    try {
      const parts = [nodeHost.nodeZipWrite(open, bytes), nodeHost.nodeZipFinish(open, this[kept].cut)];
      this.bytesWritten = bytes.length;
      return Buffer.concat(parts.map((part) => new Uint8Array(part)));
    } catch (error) {
      throw streamError(error);
    }
  }
}

class Zlib extends ZlibBase {
  constructor(options: any, kind: Kind) {
    super(options, kind);
    this._level = this[kept].zlibLevel;
    this._strategy = this[kept].strategy;
  }

  params(_level: number, _strategy: number, callback?: any): void {
    if (callback) queueMicrotask(callback);
  }
}

class Brotli extends ZlibBase {}
class Zstd extends ZlibBase {}

const bases: Record<Family, any> = { zlib: Zlib, brotli: Brotli, zstd: Zstd };

function streamClass(kind: Kind): any {
  const made = class extends bases[kind.family] {
    constructor(options: any) {
      super(options, kind);
    }
  };
  Object.defineProperty(made, "name", { value: kind.name });
  return made;
}

const classes: Record<string, any> = Object.fromEntries(kinds.map((kind) => [kind.name, streamClass(kind)]));
const makers = Object.fromEntries(kinds.map(({ name }) => [`create${name}`, (options: any) => new classes[name](options)]));
const functions = Object.fromEntries(kinds.flatMap((kind) => [[kind.mode, withCallback(kind)], [`${kind.mode}Sync`, sync(kind)]]));
for (const [name, value] of Object.entries({ ...makers, ...functions })) Object.defineProperty(value, "name", { value: name });

function crc32(data: any, value: any = 0): number {
  if (typeof data !== "string" && !ArrayBuffer.isView(data)) throw invalidArgType("data", ["Buffer", "TypedArray", "DataView", "string"], data);
  checkNumber(value, "value", 0, 2 ** 32 - 1);
  return nodeHost.nodeCrc32(inputOf(data)!, value);
}
Object.defineProperty(crc32, "length", { value: 1 });

const old = Object.fromEntries(Object.entries(constants).filter(([name]) => !name.startsWith("ZSTD_error")));

export default { crc32, codes, constants: Object.freeze(constants), ...constants, ...old, ...classes, ...makers, ...functions };
