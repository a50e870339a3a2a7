export type Bytes = ArrayBuffer | ArrayBufferView;

export interface CryptoHost {
  randomFill(view: Bytes): void;
  randomUUID(): string;
  digest(algorithm: string, data: Bytes): ArrayBuffer;
  digestStart(algorithm: string): number;
  digestWrite(id: number, data: Bytes): void;
  digestEnd(id: number): ArrayBuffer;
  timingSafeEqual(a: Bytes, b: Bytes): boolean;
  hmac(hash: string, key: Bytes, data: Bytes): ArrayBuffer;
}
