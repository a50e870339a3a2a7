export interface ZipHost {
  // Begins to compress or decompress; format is gzip, deflate or deflate-raw.
  zipOpen(format: string, decompress: boolean): number;
  // Takes input and answers what output it gives. Wrong input throws, and ends it.
  zipWrite(zip: number, bytes: ArrayBufferView): ArrayBuffer;
  // Ends the input, answers the rest and forgets the number.
  zipFinish(zip: number): ArrayBuffer;
  zipClose(zip: number): void;
}
