// CompressionStream and DecompressionStream, Compression Standard §5 and §6.

import { wrongConstruction } from "../brand";
import { expose } from "../frame";
import { hostOf } from "../host";
import type { ZipHost } from "../host/zip";
import { chunkBytes } from "./bytes";
import { Ends, TransformCore, TransformStream } from "./transform";

const host = hostOf<ZipHost>();
const formats = ["deflate", "deflate-raw", "gzip"];

/** Frees what a stream held that nobody finished. */
const lost = new FinalizationRegistry((zip: number) => host.zipClose(zip));

function ends(format: string, decompress: boolean): Ends {
  if (!formats.includes(format)) {
    throw new TypeError("The compression format must be either 'deflate', 'deflate-raw' or 'gzip'.");
  }
  const zip = host.zipOpen(format, decompress);
  const core = new TransformCore(undefined, { highWaterMark: Infinity }); // writes do not wait for a reader
  lost.register(core, zip);
  const give = (bytes: ArrayBuffer) => {
    if (bytes.byteLength > 0) core.enqueue(new Uint8Array(bytes));
  };
  core.begin({
    transform: (chunk) => give(host.zipWrite(zip, chunkBytes(chunk))),
    flush: () => give(host.zipFinish(zip)),
    cancel: () => host.zipClose(zip),
  });
  return new Ends(core.readable, core.writable);
}

export class CompressionStream extends TransformStream {
  constructor(format: string) {
    if (arguments.length === 0) throw wrongConstruction("CompressionStream", 1, "string");
    super(ends(`${format}`, false) as never);
  }
}

export class DecompressionStream extends TransformStream {
  constructor(format: string) {
    if (arguments.length === 0) throw wrongConstruction("DecompressionStream", 1, "string");
    super(ends(`${format}`, true) as never);
  }
}

expose("CompressionStream", CompressionStream);
expose("DecompressionStream", DecompressionStream);
