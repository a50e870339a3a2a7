// What the host does for node:crypto: one function, of which the name comes
// first. Keys cross as bytes: a private one as PKCS #8, a public one as
// SubjectPublicKeyInfo. What is malformed, or fails, gives undefined.

import { hostOf } from "../host";

type Bytes = ArrayBuffer | ArrayBufferView;
type Maybe = ArrayBuffer | undefined;

interface NodeCryptoHost {
  // Reads PEM or DER of a type; a public key may be a certificate or a private one.
  nodeCrypto(op: "readPrivate" | "readPublic", data: Bytes, format: string, type: string, passphrase: Bytes | undefined): Maybe;
  nodeCrypto(op: "readJwk", json: string, isPrivate: boolean): Maybe;
  nodeCrypto(op: "publicOf", pkcs8: Bytes): Maybe;
  // ["rsa", bits, exponent], ["ec", curve], ["dsa", bits, bits of q], or [kind].
  nodeCrypto(op: "tellKey", der: Bytes, isPrivate: boolean): string[] | undefined;
  nodeCrypto(
    op: "write", der: Bytes, isPrivate: boolean, format: string, type: string, cipher: string, passphrase: Bytes | undefined,
  ): Maybe;
  nodeCrypto(op: "writeJwk", der: Bytes, isPrivate: boolean): string | undefined;
  nodeCrypto(op: "sameKey", a: Bytes, aPrivate: boolean, b: Bytes, bPrivate: boolean): boolean | undefined;
  // Kind is "rsa", "ed25519", "x25519" or a curve.
  nodeCrypto(op: "generate", kind: string, bits: number, exponent: number): Maybe;
  nodeCrypto(op: "generateDh", prime: Bytes, generator: Bytes): Maybe;

  // Keys of Ed25519 sign the data itself, with a digest of no name.
  nodeCrypto(op: "sign", pkcs8: Bytes, hash: string, digest: Bytes, padding: number, salt: number, encoding: string): Maybe;
  nodeCrypto(
    op: "verify", spki: Bytes, hash: string, digest: Bytes, signature: Bytes, padding: number, salt: number, encoding: string,
  ): boolean | undefined;
  nodeCrypto(
    op: "rsa", operation: string, der: Bytes, padding: number, hash: string, label: Bytes | undefined, data: Bytes,
  ): Maybe;

  // Takes a cipher on, whose state is changed. Flags: 1 pads, 2 is final.
  nodeCrypto(op: "cipher", name: string, encrypt: boolean, key: Bytes, state: Uint8Array, data: Bytes, flags: number): Maybe;
  nodeCrypto(op: "gcmStream", key: Bytes, iv: Bytes, offset: number, data: Bytes): Maybe;
  nodeCrypto(op: "gcmTag", key: Bytes, iv: Bytes, aad: Bytes, plain: Bytes): Maybe;
  // Gives the text and its tag.
  nodeCrypto(op: "chachaSeal", key: Bytes, iv: Bytes, aad: Bytes, plain: Bytes): Maybe;
  nodeCrypto(op: "chachaOpen", key: Bytes, iv: Bytes, aad: Bytes, text: Bytes, tag: Bytes): Maybe;

  nodeCrypto(op: "agree", pkcs8: Bytes, spki: Bytes): Maybe;
  nodeCrypto(op: "ecdhGenerate", curve: string): ArrayBuffer;
  nodeCrypto(op: "ecdhPublic", curve: string, secret: Bytes, compressed: boolean): Maybe;
  nodeCrypto(op: "ecdhConvert", curve: string, point: Bytes, compressed: boolean): Maybe;
  nodeCrypto(op: "ecdhSecret", curve: string, secret: Bytes, point: Bytes): Maybe;
  nodeCrypto(op: "dhGroup", name: string): Maybe;
  nodeCrypto(op: "dhPrime", bits: number, generator: number): Maybe;
  nodeCrypto(op: "dhCheck", prime: Bytes, generator: Bytes): number;
  // Gives private and public key, one after the other.
  nodeCrypto(op: "dhGenerate", prime: Bytes, generator: Bytes, secret: Bytes | undefined): Maybe;
  // -1 for a key that is too small, 1 for one that is too large, else 0.
  nodeCrypto(op: "dhPublicFits", prime: Bytes, key: Bytes): number;
  nodeCrypto(op: "dhSecret", prime: Bytes, secret: Bytes, key: Bytes): ArrayBuffer;

  nodeCrypto(op: "prime", bits: number, safe: boolean, add: Bytes | undefined, rem: Bytes | undefined): Maybe;
  nodeCrypto(op: "checkPrime", number: Bytes, checks: number): boolean;

  // Tells of a certificate as JSON.
  nodeCrypto(op: "certificate", data: Bytes): string | undefined;
  nodeCrypto(op: "certificateIssued", certificate: Bytes, issuer: Bytes): boolean | undefined;
  nodeCrypto(op: "certificateVerified" | "certificateMatches", certificate: Bytes, der: Bytes): boolean | undefined;
  nodeCrypto(op: "spkac", what: "challenge" | "key", der: Bytes): Maybe;
}

export const { nodeCrypto } = hostOf<NodeCryptoHost>();
export type { Bytes };
