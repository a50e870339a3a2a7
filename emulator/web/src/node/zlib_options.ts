// The options of node:zlib. Functions that work all at once check them in one
// way and classes in another, with other words.

import { Buffer } from "./buffer";
import { codedError, invalidArgType, outOfRange } from "./errors";
import { constants } from "./zlib_constants";

export type Family = "zlib" | "brotli" | "zstd";

/** What the host is told. */
export interface Settings {
  level: number;
  dictionary: Uint8Array | undefined;
  window: number;
  checksum: boolean;
  /** How much comes out at most. */
  most: number;
  /** Whether the input may lack its end. */
  cut: boolean;
}

const of = (name: string): number => constants[name]!;

const mostChunk = of("Z_MAX_CHUNK");
const mostOutput = 2 ** 31 - 1;

interface Flushes {
  finish: number;
  /** The last flush that functions know, and the last that classes do. */
  last: number;
  lastOfClass: number;
}

const flushes: Record<Family, Flushes> = {
  zlib: { finish: of("Z_FINISH"), last: 6, lastOfClass: of("Z_BLOCK") },
  brotli: { finish: of("BROTLI_OPERATION_FINISH"), last: 3, lastOfClass: 3 },
  zstd: { finish: of("ZSTD_e_end"), last: 2, lastOfClass: 2 },
};

const settings = (more: Partial<Settings>): Settings => ({
  level: of("Z_DEFAULT_COMPRESSION"), dictionary: undefined, window: 0, checksum: false, most: mostChunk, cut: false, ...more,
});

// ---- of functions ----

type Params = [key: number, value: number][];

/** Options with the types that the platform gives them. */
export interface Converted {
  numbers: Record<string, number | undefined>;
  dictionary: Uint8Array | undefined;
  params: Params;
}

const numberNames = ["chunkSize", "maxOutputLength", "windowBits", "level", "memLevel", "strategy", "flush", "finishFlush"];

function viewOf(value: any): Uint8Array | undefined {
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  return value instanceof ArrayBuffer ? new Uint8Array(value) : undefined;
}

/** Converts options to their types, or throws for what cannot be. */
export function convert(family: Family, options: any): Converted {
  const numbers: Record<string, number | undefined> = {};
  for (const name of numberNames) {
    const value = options?.[name];
    if (value === undefined) continue;
    const number = Number(value);
    if (number < 0 && name !== "level" && name !== "windowBits") {
      throw new TypeError("The value cannot be converted because it is negative and this API expects a positive number.");
    }
    numbers[name] = Number.isNaN(number) ? 0 : Math.trunc(number);
  }
  const { dictionary, params } = options ?? {};
  const wrong = (name: string, type: string) => new TypeError(`Incorrect type for the '${name}' field on 'Options': the provided value is not of type '${type}'.`);
  const bytes = family === "zlib" ? viewOf(dictionary) : undefined;
  if (family === "zlib" && dictionary !== undefined && bytes === undefined) throw wrong("dictionary", "ArrayBuffer or ArrayBufferView");
  if (family !== "zlib" && params !== undefined && (params === null || typeof params !== "object")) throw wrong("params", "object");
  return {
    numbers, dictionary: bytes,
    params: family === "zlib" ? [] : Object.entries(params ?? {}).map(([key, value]) => [Number(key), Number(value) || 0]),
  };
}

const range = (name: string, low: number, high: number, value: number) =>
  new RangeError(`The value of "options.${name}" is out of range. It must be >= ${low} and <= ${high}. Received ${value}`);

function within(numbers: Converted["numbers"], name: string, low: number, high: number): void {
  const value = numbers[name];
  if (value !== undefined && (value < low || value > high)) throw range(name, low, high, value);
}

/** Checks the options of a function that works all at once. */
export function settingsOf(family: Family, compresses: boolean, { numbers, dictionary, params }: Converted): Settings {
  within(numbers, "chunkSize", of("Z_MIN_CHUNK"), mostChunk);
  within(numbers, "maxOutputLength", 1, mostChunk);
  const { finish, last } = flushes[family];
  const made = settings({
    dictionary, most: numbers.maxOutputLength ?? mostChunk, cut: numbers.finishFlush !== undefined && numbers.finishFlush !== finish,
  });
  if (family === "zlib") {
    if (compresses || numbers.windowBits !== 0) within(numbers, "windowBits", of("Z_MIN_WINDOWBITS"), of("Z_MAX_WINDOWBITS"));
    within(numbers, "level", of("Z_MIN_LEVEL"), of("Z_MAX_LEVEL"));
    within(numbers, "memLevel", of("Z_MIN_MEMLEVEL"), of("Z_MAX_MEMLEVEL"));
    if (numbers.strategy !== undefined && numbers.strategy > of("Z_FIXED")) throw new Error("invalid strategy");
    made.level = levelOf(numbers.level, numbers.strategy);
  } else if (family === "brotli") {
    setBrotli(made, compresses, params, () => new Error("Setting parameter failed"));
  } else {
    const kind = compresses ? "compression" : "decompression";
    setZstd(made, compresses, params, (key) => new Error(
      key === undefined ? "Setting parameter failed: Parameter is out of bound" : `Unsupported Zstd ${kind} parameter: ${key}`,
    ));
  }
  within(numbers, "flush", 0, last);
  const { finishFlush, flush = 0 } = numbers;
  // The platform shows the other one.
  if (finishFlush !== undefined && finishFlush > last) throw range("finishFlush", 0, last, family === "zlib" ? flush : finishFlush);
  return made;
}

const huffmanOnly = -2; // as Go's level

function levelOf(level = of("Z_DEFAULT_COMPRESSION"), strategy = 0): number {
  return strategy === of("Z_HUFFMAN_ONLY") ? huffmanOnly : level;
}

// ---- what parameters mean ----

const clamp = (value: number, low: number, high: number): number => Math.min(Math.max(value, low), high);

function setBrotli(made: Settings, compresses: boolean, params: Params, wrong: (key: number) => Error): void {
  const quality = of("BROTLI_PARAM_QUALITY"), window = of("BROTLI_PARAM_LGWIN");
  made.level = of("BROTLI_DEFAULT_QUALITY");
  made.window = of("BROTLI_DEFAULT_WINDOW");
  const last = compresses ? of("BROTLI_PARAM_NDIRECT") : of("BROTLI_DECODER_PARAM_LARGE_WINDOW");
  for (const [key, value] of params) {
    if (!(key >= 0 && key <= last)) throw wrong(key);
    if (!compresses) continue;
    if (key === quality) made.level = value < 0 ? of("BROTLI_MAX_QUALITY") : clamp(value, 0, of("BROTLI_MAX_QUALITY"));
    if (key === window) made.window = clamp(value, of("BROTLI_MIN_WINDOW_BITS"), of("BROTLI_MAX_WINDOW_BITS"));
  }
}

// The least and the most of each parameter of Zstandard; zero is the default.
const zstdBounds: Record<number, [number, number]> = {
  100: [-131072, 22], 101: [10, 31], 102: [6, 30], 103: [6, 30], 104: [1, 30], 105: [3, 7], 106: [0, 131072], 107: [1, 9], 160: [0, 2],
  161: [6, 30], 162: [4, 4096], 163: [1, 8], 164: [0, 25], 200: [0, 2 ** 31], 201: [0, 2 ** 31], 202: [0, 2 ** 31], 400: [0, 2 ** 31],
  401: [0, 2 ** 31], 402: [0, 2 ** 31],
};

function setZstd(made: Settings, compresses: boolean, params: Params, wrong: (key?: number) => Error): void {
  const level = of("ZSTD_c_compressionLevel"), window = of(compresses ? "ZSTD_c_windowLog" : "ZSTD_d_windowLogMax");
  made.level = of("ZSTD_CLEVEL_DEFAULT");
  for (const [key, value] of params) {
    const bounds = compresses ? zstdBounds[key] : key === window ? zstdBounds[of("ZSTD_c_windowLog")] : undefined;
    if (bounds === undefined) throw wrong(key);
    const bounded = !compresses || key !== level;
    if (bounded && value !== 0 && (value < bounds[0] || value > bounds[1])) throw wrong();
    if (key === window) made.window = value;
    else if (key === level) made.level = value === 0 ? of("ZSTD_CLEVEL_DEFAULT") : clamp(value, ...bounds);
    else if (key === of("ZSTD_c_checksumFlag")) made.checksum = value !== 0;
  }
}

// ---- of classes ----

function checked(value: any, name: string, low: number, high: number, missing: number): number {
  if (value === undefined || Number.isNaN(value)) return missing;
  if (typeof value !== "number") throw invalidArgType(name, "number", value);
  if (!Number.isFinite(value)) throw outOfRange(name, "a finite number", value);
  if (value < low || value > high) throw outOfRange(name, `>= ${low} and <= ${high}`, value);
  return value;
}

/** What a stream keeps of its options. */
export interface Kept extends Settings {
  chunkSize: number;
  zlibLevel: number;
  strategy: number;
}

/** Checks the options of a class. */
export function checkClass(family: Family, mode: string, compresses: boolean, options: any): Kept {
  const made: Kept = { ...settings({}), chunkSize: of("Z_DEFAULT_CHUNK"), zlibLevel: of("Z_DEFAULT_COMPRESSION"), strategy: 0 };
  if (family === "zlib") checkZlib(made, mode, compresses, options);
  else checkParams(made, family, compresses, options?.params);
  if (options == null) return made;
  const { finish, lastOfClass } = flushes[family];
  if (options.chunkSize != null) {
    const size = checked(options.chunkSize, "options.chunkSize", -Infinity, Infinity, made.chunkSize);
    if (size < of("Z_MIN_CHUNK")) throw outOfRange("options.chunkSize", `>= ${of("Z_MIN_CHUNK")}`, size);
    made.chunkSize = size;
  }
  checked(options.flush, "options.flush", 0, lastOfClass, 0);
  made.cut = checked(options.finishFlush, "options.finishFlush", 0, lastOfClass, finish) !== finish;
  made.most = checked(options.maxOutputLength, "options.maxOutputLength", 1, mostOutput, mostOutput);
  return made;
}

function checkZlib(made: Kept, mode: string, compresses: boolean, options: any): void {
  if (options == null) return;
  const { windowBits, dictionary } = options;
  if (compresses || mode === "inflateRaw" || windowBits != null && windowBits !== 0) {
    checked(windowBits ?? undefined, "options.windowBits", of("Z_MIN_WINDOWBITS") + (mode === "gzip" ? 1 : 0), of("Z_MAX_WINDOWBITS"), 15);
  }
  made.zlibLevel = checked(options.level, "options.level", of("Z_MIN_LEVEL"), of("Z_MAX_LEVEL"), made.zlibLevel);
  checked(options.memLevel, "options.memLevel", of("Z_MIN_MEMLEVEL"), of("Z_MAX_MEMLEVEL"), of("Z_DEFAULT_MEMLEVEL"));
  made.strategy = checked(options.strategy, "options.strategy", of("Z_DEFAULT_STRATEGY"), of("Z_FIXED"), 0);
  made.level = levelOf(made.zlibLevel, made.strategy);
  if (dictionary === undefined) return;
  made.dictionary = viewOf(dictionary)?.slice();
  if (made.dictionary === undefined) throw invalidArgType("options.dictionary", ["Buffer", "TypedArray", "DataView", "ArrayBuffer"], dictionary);
}

const mostParam = { brotli: of("BROTLI_PARAM_NDIRECT"), zstdCompress: 402, zstdDecompress: of("ZSTD_d_windowLogMax") };

function checkParams(made: Kept, family: "brotli" | "zstd", compresses: boolean, params: any): void {
  const list: Params = [];
  const most = family === "brotli" ? mostParam.brotli : compresses ? mostParam.zstdCompress : mostParam.zstdDecompress;
  const title = family === "brotli" ? "Brotli" : "Zstd";
  for (const [name, value] of Object.entries(params || {})) {
    const key = +name;
    if (Number.isNaN(key) || key < 0 || key > most) {
      throw codedError(RangeError, `ERR_${title.toUpperCase()}_INVALID_PARAM`, `${name} is not a valid ${title} parameter`);
    }
    if (typeof value !== "number" && typeof value !== "boolean") throw invalidArgType("options.params[key]", "number", value);
    if (Number(value) !== -1) list.push([key, Number(value)]);
  }
  const wrong = () => codedError(Error, "ERR_ZLIB_INITIALIZATION_FAILED", "Initialization failed");
  (family === "brotli" ? setBrotli : setZstd)(made, compresses, list, wrong);
}

/** The bytes to work on, undefined for what has none. */
export function inputOf(data: any): Uint8Array | undefined {
  return typeof data === "string" ? Buffer.from(data) : viewOf(data);
}
