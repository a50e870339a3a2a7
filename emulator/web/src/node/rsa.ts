// Encryption with the keys of RSA in node:crypto.

import { isKey, materialOf, type CryptoKey } from "../crypto/key";
import { nodeCrypto } from "../host/node_crypto";
import { Buffer } from "./buffer";
import { invalidArgType, missingArgs } from "./errors";
import { digestName } from "./hash";
import { handle, isBytes, isKeyObject, kindOf } from "./key";
import { wrongType } from "./key_handle";
import { createPrivateKey, createPublicKey } from "./key_import";
import { checkNumber, checkString } from "./validate";

const pkcs1 = 1, none = 3, oaep = 4, pss = 6;

function keyFor(options: any, type: "private" | "public"): CryptoKey {
  const of = isKeyObject(options?.key) || isKey(options?.key) ? options.key : options;
  const given: CryptoKey | undefined = isKeyObject(of) ? of[handle] : isKey(of) ? of : undefined;
  if (given === undefined) return (type === "private" ? createPrivateKey : createPublicKey)(options)[handle];
  if (given.type !== type) throw wrongType(given.type, type);
  return given;
}

function settingsOf(options: any): { padding: number; hash: string; label: any } {
  const { padding = pkcs1, oaepHash = "sha256", oaepLabel, encoding = "utf8" } = options;
  checkNumber(padding, "options.padding");
  checkString(oaepHash, "options.oaepHash");
  let label: any;
  if (typeof oaepLabel === "string") label = Buffer.from(oaepLabel, encoding);
  else if (oaepLabel === undefined || isBytes(oaepLabel)) label = oaepLabel;
  else throw invalidArgType("options.oaepLabel", ["string", "Buffer", "TypedArray", "DataView", "ArrayBuffer"], oaepLabel);
  return { padding, hash: oaepHash, label };
}

/** Checks the settings of what encrypts for a public key, and gives the digest. */
function checkEncryption({ padding, hash, label }: ReturnType<typeof settingsOf>): string {
  const name = hash === "" ? "sha1" : digestName(hash);
  if (name === undefined) throw new Error("Unsupported hash digest");
  if (![pkcs1, none, oaep].includes(padding)) throw new Error("Failed to set the padding");
  if (label !== undefined && padding !== oaep) throw new Error("Failed to set the OAEP label");
  return name;
}

/** What signs and recovers takes no digest. */
function checkSignature({ padding }: ReturnType<typeof settingsOf>): string {
  if (![pkcs1, none, pss].includes(padding)) throw new Error("Failed to set the padding");
  if (padding === pss) throw new Error("Failed to cipher/decipher");
  return "";
}

function operation(name: string, type: "private" | "public", argument: string, check: typeof checkEncryption): (options: any, buffer: any) => any {
  return { [name]: function (options: any, buffer: any) {
    if (options === undefined) throw missingArgs(argument);
    if (buffer === undefined) throw missingArgs("buffer");
    const key = keyFor(options, type);
    const data = typeof buffer === "string" ? Buffer.from(buffer, options.encoding ?? "utf8") : buffer;
    const settings = settingsOf(options);
    if (!isBytes(data)) throw new TypeError(`Failed to execute '${name}' on 'CryptoImpl': parameter 2 is not of type 'BufferSource'.`);
    if (kindOf(key) !== "rsa") throw new Error("publicEncrypt() currently only supports RSA keys");
    const hash = check(settings);
    const out = nodeCrypto("rsa", name, materialOf(key), settings.padding, hash, settings.label, data);
    if (out === undefined) throw new Error("Failed to cipher/decipher");
    return Buffer.from(out);
  } }[name]!;
}

export const publicEncrypt = operation("publicEncrypt", "public", "key", checkEncryption);
export const privateDecrypt = operation("privateDecrypt", "private", "privateKey", checkEncryption);
export const privateEncrypt = operation("privateEncrypt", "private", "privateKey", checkSignature);
export const publicDecrypt = operation("publicDecrypt", "public", "key", checkSignature);
