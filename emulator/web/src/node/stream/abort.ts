// Signals that destroy streams.

import { abortError, invalidArgType } from "../errors";
import { addAbortListener } from "../events_abort";
import { checkAbortSignal } from "../validate";
import { isNodeStream, isWebReadable, isWebWritable } from "./state";

declare const require: (path: string) => any; // the modules need each other

export function addAbortSignal(signal: any, stream: any): any {
  if (signal === null || typeof signal !== "object" || !("aborted" in signal)) throw invalidArgType("signal", "AbortSignal", signal);
  checkAbortSignal(signal, "signal");
  if (!isNodeStream(stream) && !isWebReadable(stream) && !isWebWritable(stream)) {
    throw invalidArgType("stream", ["ReadableStream", "WritableStream", "Stream"], stream);
  }
  const abort = () => {
    if (isNodeStream(stream)) stream.destroy(abortError(signal.reason));
    else (stream.cancel ?? stream.abort).call(stream, abortError(signal.reason));
  };
  if (signal.aborted) {
    abort();
    return stream;
  }
  const listening: any = addAbortListener(signal, abort);
  if (isNodeStream(stream)) require("./finished").eos(stream, () => listening[Symbol.dispose]());
  return stream;
}
