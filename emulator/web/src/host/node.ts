// What the host does for the node: modules: bytes, text and digests.

export interface NodeHost {
  // The bytes of text in a normalised Node.js encoding.
  nodeEncode(encoding: string, text: string): ArrayBuffer;
  // The text of bytes in a normalised Node.js encoding.
  nodeDecode(encoding: string, bytes: Uint8Array): string;
  // The number of bytes nodeEncode would give.
  nodeByteLength(encoding: string, text: string): number;
  // -1, 0 or 1, as bytes sort.
  nodeCompare(a: Uint8Array, b: Uint8Array): number;
  // Where needle lies in hay (the last place if last), or -1; places are multiples of step.
  nodeIndexOf(hay: Uint8Array, needle: Uint8Array, last: boolean, step: number): number;
  nodeIsUtf8(bytes: Uint8Array): boolean;
  nodeIsAscii(bytes: Uint8Array): boolean;

  // The size of a digest in bytes, 0 for an algorithm that is not known.
  nodeHashSize(algorithm: string): number;
  // The state of a digest after more data; an undefined state is a new one.
  nodeHashUpdate(algorithm: string, state: ArrayBuffer | undefined, data: Uint8Array): ArrayBuffer;
  nodeHashDigest(algorithm: string, state: ArrayBuffer | undefined, data: Uint8Array): ArrayBuffer;
  // The same with a key; the state is that of the inner digest.
  nodeHmacUpdate(algorithm: string, state: ArrayBuffer | undefined, data: Uint8Array, key: Uint8Array): ArrayBuffer;
  nodeHmacDigest(algorithm: string, state: ArrayBuffer | undefined, data: Uint8Array, key: Uint8Array): ArrayBuffer;
  nodeRandomFill(view: Uint8Array, size: number): void;
  nodeRandomUUID(): string;
  nodePbkdf2(
    algorithm: string, password: Uint8Array, salt: Uint8Array, iterations: number, size: number,
  ): ArrayBuffer;
  nodeHkdf(algorithm: string, key: Uint8Array, salt: Uint8Array, info: Uint8Array, size: number): ArrayBuffer;

  // Compresses or decompresses; throws errors with zlib's words and codes. The
  // options are those of nodeZipOpen.
  nodeZip(
    mode: string, data: Uint8Array, most: number, cut: boolean,
    level: number, dictionary: Uint8Array | undefined, window: number, checksum: boolean,
  ): ArrayBuffer;
  nodeZipOpen(
    mode: string, level: number, dictionary: Uint8Array | undefined, window: number, checksum: boolean,
  ): number;
  nodeZipWrite(zip: number, data: Uint8Array): ArrayBuffer;
  nodeZipFlush(zip: number): ArrayBuffer;
  // With cut the input may lack its end.
  nodeZipFinish(zip: number, cut: boolean): ArrayBuffer;
  nodeZipClose(zip: number): void;
  nodeCrc32(data: Uint8Array, value: number): number;

  // Asks for records; completes with JSON, {records} or {code}.
  nodeDns(kind: string, name: string): number;

  nodeScrypt(
    password: Uint8Array, salt: Uint8Array, cost: number, blockSize: number, parallelization: number, size: number,
  ): ArrayBuffer;
}
