// node:stream.

import { Buffer } from "./buffer";
import { addAbortSignal } from "./stream/abort";
import { Duplex, duplexPair, PassThrough, Transform } from "./stream/duplex";
import { eos, finished } from "./stream/finished";
import { Stream } from "./stream/legacy";
import "./stream/operators";
import { compose, pipeline, promised } from "./stream/pipeline";
import { Readable } from "./stream/readable";
import { destroyer, getDefaultHighWaterMark, isDestroyed, isDisturbed, isErrored, isReadable, isWritable, setDefaultHighWaterMark } from "./stream/state";
import "./stream/web";
import { Writable } from "./stream/writable";

export const promises = { pipeline: promised, finished };

const custom = Symbol.for("nodejs.util.promisify.custom");
Object.defineProperty(pipeline, custom, { get: () => promised, enumerable: true });
Object.defineProperty(eos, custom, { get: () => finished, enumerable: true });

Object.assign(Stream, {
  isDestroyed, isDisturbed, isErrored, isReadable, isWritable, Readable, Writable, Duplex, Transform, PassThrough, duplexPair,
  pipeline, addAbortSignal, finished: eos, destroy: destroyer, compose, setDefaultHighWaterMark, getDefaultHighWaterMark, promises, Stream,
  _isArrayBufferView: ArrayBuffer.isView,
  _isUint8Array: (value: unknown) => value instanceof Uint8Array,
  _uint8ArrayToBuffer: (bytes: Uint8Array) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength),
});

export default Stream;
