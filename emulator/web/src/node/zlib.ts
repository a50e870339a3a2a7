// node:zlib. Go compresses; its output unpacks to the same and is not the same
// bytes that zlib gives.

import { Buffer } from "./buffer";
import { invalidArgType, notEmulated } from "./errors";
import { nodeHost } from "./host";
import { Transform } from "./stream/duplex";
import { checkFunction, checkNumber } from "./validate";
import { constants } from "./zlib_constants";

type Mode = "deflate" | "inflate" | "deflateRaw" | "inflateRaw" | "gzip" | "gunzip" | "unzip";

const numbers = ["Z_OK", "Z_STREAM_END", "Z_NEED_DICT", "Z_ERRNO", "Z_STREAM_ERROR", "Z_DATA_ERROR", "Z_MEM_ERROR", "Z_BUF_ERROR", "Z_VERSION_ERROR"];
const codes = Object.freeze(Object.fromEntries(numbers.flatMap((name) => [[name, constants[name]], [String(constants[name]), name]])));

function levelOf(options: any): number {
  const level = options?.level;
  if (level === undefined || Number.isNaN(level)) return constants.Z_DEFAULT_COMPRESSION!;
  if (typeof level !== "number") throw invalidArgType("options.level", "number", level);
  if (level < -1 || level > 9) throw new RangeError(`The value of "options.level" is out of range. It must be >= -1 and <= 9. Received ${level}`);
  if (options.dictionary !== undefined) throw notEmulated("node:zlib with a dictionary");
  return level;
}

/** The bytes to work on. */
function bytesOf(data: any): any {
  if (typeof data === "string") return Buffer.from(data);
  if (ArrayBuffer.isView(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  if (data instanceof ArrayBuffer) return new Uint8Array(data);
  throw new TypeError("Failed to execute 'zlibSync' on 'ZlibUtil': parameter 1 is not of type 'string or ArrayBuffer or ArrayBufferView'.");
}

function whole(mode: Mode, data: any, options: any): any {
  const most = options?.maxOutputLength ?? 2 ** 31 - 1;
  const cut = options?.finishFlush === constants.Z_SYNC_FLUSH;
  return Buffer.from(nodeHost.nodeZip(mode, levelOf(options), bytesOf(data), most, cut));
}

const sync = (mode: Mode) => (data: any, options: any = {}) => whole(mode, data, options);

const withCallback = (mode: Mode) => (data: any, options: any, callback?: any) => {
  if (typeof options === "function") [options, callback] = [{}, options];
  checkFunction(callback, "callback");
  const bytes = bytesOf(data);
  queueMicrotask(() => {
    let result: any;
    try {
      result = whole(mode, bytes, options ?? {});
    } catch (error) {
      callback(error);
      return;
    }
    callback(null, result);
  });
};

// ---- streams ----

function streamClass(name: string, mode: Mode): any {
  const made: any = function (this: any, options: any = {}) {
    if (!(this instanceof made)) return new made(options);
    const level = levelOf(options);
    Transform.call(this, { ...options, transform: undefined, flush: undefined });
    this.bytesWritten = 0;
    Object.defineProperty(this, "_zip", { value: nodeHost.nodeZipOpen(mode, level), writable: true });
  };
  Object.defineProperty(made, "name", { value: name });
  Object.setPrototypeOf(made.prototype, ZlibBase.prototype);
  Object.setPrototypeOf(made, ZlibBase);
  return made;
}

const ZlibBase: any = function ZlibBase() {};
Object.setPrototypeOf(ZlibBase.prototype, Transform.prototype);
Object.setPrototypeOf(ZlibBase, Transform);

function step(stream: any, run: () => ArrayBuffer, callback: (error?: any, data?: any) => void): void {
  let out: any;
  try {
    out = Buffer.from(run());
  } catch (error) {
    callback(error);
    return;
  }
  if (out.length > 0) stream.push(out);
  callback();
}

Object.assign(ZlibBase.prototype, {
  _transform(this: any, chunk: any, _encoding: string, callback: any) {
    const bytes = bytesOf(chunk);
    this.bytesWritten += bytes.length;
    step(this, () => nodeHost.nodeZipWrite(this._zip, bytes), callback);
  },
  _flush(this: any, callback: any) {
    const zip = this._zip;
    this._zip = 0;
    step(this, () => nodeHost.nodeZipFinish(zip), callback);
  },
  _destroy(this: any, error: any, callback: any) {
    if (this._zip) nodeHost.nodeZipClose(this._zip);
    this._zip = 0;
    callback(error);
  },
  flush(this: any, kind: any, callback?: any) {
    if (typeof kind === "function") callback = kind;
    const run = () => {
      if (!this._zip) return callback?.();
      step(this, () => nodeHost.nodeZipFlush(this._zip), (error) => {
        if (error) this.destroy(error);
        callback?.();
      });
    };
    if (this.writableLength > 0) this.once("drain", run);
    else queueMicrotask(run);
  },
  close(this: any, callback?: any) {
    if (callback) this.once("close", callback);
    this.destroy();
  },
  params(this: any, _level: number, _strategy: number, callback?: any) {
    if (callback) queueMicrotask(callback);
  },
  reset() {},
});

const kinds: [name: string, mode: Mode][] = [
  ["Gzip", "gzip"], ["Gunzip", "gunzip"], ["Deflate", "deflate"], ["DeflateRaw", "deflateRaw"], ["Inflate", "inflate"], ["InflateRaw", "inflateRaw"], ["Unzip", "unzip"],
];
const classes = Object.fromEntries(kinds.map(([name, mode]) => [name, streamClass(name, mode)]));
const makers = Object.fromEntries(kinds.map(([name]) => [`create${name}`, (options?: any) => new classes[name](options)]));
const functions = Object.fromEntries(kinds.flatMap(([, mode]) => [[mode, withCallback(mode)], [`${mode}Sync`, sync(mode)]]));

// ---- formats that Go has not at hand ----

const lacking = (name: string) => ({ [name]: function () {
  throw notEmulated(`node:zlib ${name}`);
} })[name]!;
const others = ["BrotliCompress", "BrotliDecompress", "ZstdCompress", "ZstdDecompress"];
const small = (name: string) => name[0]!.toLowerCase() + name.slice(1);
const absent = Object.fromEntries(others.flatMap((name) => [name, `create${name}`, small(name), `${small(name)}Sync`]).map((name) => [name, lacking(name)]));

function crc32(data: any, value: any = 0): number {
  if (typeof data !== "string" && !ArrayBuffer.isView(data)) throw invalidArgType("data", ["Buffer", "TypedArray", "DataView", "string"], data);
  checkNumber(value, "value", 0, 2 ** 32 - 1);
  return nodeHost.nodeCrc32(bytesOf(data), value);
}
Object.defineProperty(crc32, "length", { value: 1 });

const old = Object.fromEntries(Object.entries(constants).filter(([name]) => !name.startsWith("ZSTD_error")));

export default { crc32, codes, constants: Object.freeze(constants), ...constants, ...old, ...classes, ...makers, ...functions, ...absent };
