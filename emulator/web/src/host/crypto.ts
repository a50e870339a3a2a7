export type Bytes = ArrayBuffer | ArrayBufferView;

// Keys cross as bytes: a secret key as it is, a private key as PKCS #8, a
// public key as SubjectPublicKeyInfo. What is malformed, or does not decrypt,
// gives undefined.
export interface CryptoHost {
  randomFill(view: Bytes): void;
  randomUUID(): string;
  timingSafeEqual(a: Bytes, b: Bytes): boolean;

  digest(hash: string, data: Bytes): ArrayBuffer;
  hmac(hash: string, key: Bytes, data: Bytes): ArrayBuffer;

  // Mode is "GCM", "CBC" or "CTR"; `bits` the length of the tag or counter.
  aes(
    mode: string, encrypt: boolean, key: Bytes, iv: Bytes, data: Bytes, extra: Bytes, bits: number,
  ): ArrayBuffer | undefined;
  aesWrap(wrap: boolean, key: Bytes, data: Bytes): ArrayBuffer | undefined;

  pbkdf2(hash: string, password: Bytes, salt: Bytes, iterations: number, bytes: number): ArrayBuffer;
  hkdf(hash: string, key: Bytes, salt: Bytes, info: Bytes, bytes: number): ArrayBuffer | undefined;

  // Kind is "P-256", "P-384", "P-521", "Ed25519", "X25519" or "RSA".
  generateKey(kind: string, bits: number): ArrayBuffer;
  publicKey(pkcs8: Bytes): ArrayBuffer;
  // What a key is: ["RSA", bits, exponent in hex] or [kind].
  keyKind(der: Bytes, isPrivate: boolean): string[] | undefined;
  keyToJWK(der: Bytes, isPrivate: boolean): string;
  keyFromJWK(jwk: string): ArrayBuffer | undefined;
  keyToRaw(spki: Bytes): ArrayBuffer;
  keyFromRaw(kind: string, raw: Bytes): ArrayBuffer | undefined;

  // Scheme is "ECDSA", "Ed25519", "RSASSA-PKCS1-v1_5" or "RSA-PSS".
  sign(scheme: string, hash: string, pkcs8: Bytes, data: Bytes, saltLength: number): ArrayBuffer | undefined;
  verify(scheme: string, hash: string, spki: Bytes, signature: Bytes, data: Bytes, saltLength: number): boolean;
  rsaOAEP(encrypt: boolean, hash: string, der: Bytes, label: Bytes, data: Bytes): ArrayBuffer | undefined;
  agree(pkcs8: Bytes, spki: Bytes): ArrayBuffer | undefined;
}
