// Streams of data at hand: of bodies that are text or bytes, and of blobs.

import type { AbortSignal } from "./abort";
import { hostOf } from "./host";
import type { BodyHost } from "./host/body";
import { wait } from "./ops";
import { ByteSource } from "./streams/byte-source";
import { ReadableCore } from "./streams/readable-core";
import { utf8Encode } from "./utf8";

const host = hostOf<BodyHost>();

/** Reads of an internal stream are given buffers of this size on the platform. */
const readSize = 4096;

export type Data = string | Uint8Array<ArrayBuffer>;

/**
 * The stream of data. Live means that it came from outside the isolate, so that
 * the first read of it is an event. It fails when signal has aborted.
 */
export function dataStream(data: Data, live: boolean, signal?: AbortSignal): ReadableCore {
  const core = new ReadableCore();
  const source = new ByteSource(core);
  let rest: Uint8Array<ArrayBuffer> | undefined;
  source.begin({
    pull: async () => {
      if (rest === undefined && live) await wait(host.bodyTurn());
      if (signal?.aborted) return source.error(signal.reason);
      rest ??= typeof data === "string" ? utf8Encode(data) : data;
      const piece = rest.subarray(0, core.whole ? rest.byteLength : room(source));
      rest = rest.subarray(piece.byteLength);
      if (piece.byteLength > 0) source.enqueue(readCopy(piece));
      if (rest.byteLength > 0) return;
      source.close();
      if (source.firstPending !== undefined) source.respond(0);
    },
  });
  return core;
}

/** How much the next read takes: what a view that waits has room for. */
function room({ firstPending }: ByteSource): number {
  return firstPending === undefined ? readSize : firstPending.length - firstPending.filled;
}

function readCopy(piece: Uint8Array): Uint8Array {
  const copy = new Uint8Array(Math.max(piece.byteLength, readSize));
  copy.set(piece);
  return copy.subarray(0, piece.byteLength);
}
