// Certificate of node:crypto: what browsers once made of a key and a challenge.

import { nodeCrypto } from "../host/node_crypto";
import { Buffer } from "./buffer";
import { bytesOrText } from "./key_import";

function read(what: "challenge" | "key", spkac: any, encoding?: string): any {
  const bytes: any = bytesOrText(spkac, "spkac", encoding);
  const text = (bytes instanceof ArrayBuffer ? Buffer.from(bytes) : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)).toString("latin1").trim();
  const found = /^[\w+/=]+$/.test(text) ? nodeCrypto("spkac", what, Buffer.from(text, "base64")) : undefined;
  return found === undefined ? Buffer.alloc(0) : Buffer.from(found);
}

const functions = {
  verifySpkac(spkac: any, encoding?: string): boolean {
    bytesOrText(spkac, "spkac", encoding);
    return false; // MD5, which these are signed with, does not count on the platform
  },
  exportPublicKey: (spkac: any, encoding?: string) => read("key", spkac, encoding),
  exportChallenge: (spkac: any, encoding?: string) => read("challenge", spkac, encoding),
};

export const Certificate: any = function (this: any) {
  return this instanceof Certificate ? this : new Certificate();
};
Object.assign(Certificate.prototype, functions);
Object.assign(Certificate, functions);
