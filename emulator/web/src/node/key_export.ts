// How keys of node:crypto are written.

import { materialOf, type CryptoKey } from "../crypto/key";
import { exportNow } from "../crypto/subtle";
import { nodeCrypto, type Bytes } from "../host/node_crypto";
import { Buffer } from "./buffer";
import { codedError, invalidArgType } from "./errors";
import { checkObject, checkString } from "./validate";

// The members of a JSON Web Key; all are there, most of them undefined.
const members = "kty use key_ops alg ext crv x y d n e p q dp dq qi oth k pub priv".split(" ");

const wholeJwk = (jwk: any) => Object.fromEntries(members.map((name) => [name, jwk[name]]));

/** Checks options by their types, and gives them with what they leave out. */
export function checkExport(options: any, type: string, name: string): any {
  checkObject(options, name);
  const checked: any = { ...options };
  if (checked.format !== undefined) checkString(checked.format, `${name}.format`);
  else checked.format = "buffer";
  if (checked.type !== undefined) checkString(checked.type, `${name}.type`);
  if (type === "private" && checked.cipher !== undefined) {
    checkString(checked.cipher, `${name}.cipher`);
    if (typeof checked.passphrase === "string") checked.passphrase = Buffer.from(checked.passphrase, checked.encoding);
    if (!(checked.passphrase instanceof Uint8Array)) {
      throw invalidArgType(`${name}.passphrase`, ["string", "Uint8Array"], checked.passphrase);
    }
  }
  return checked;
}

const incompatible = (encoding: string, why: string) =>
  codedError(Error, "ERR_CRYPTO_INCOMPATIBLE_KEY_OPTIONS", `The selected key encoding ${encoding} ${why}.`);

const isRSA = (key: CryptoKey) => /^rsa/i.test(key.algorithm.name);
const isEC = (key: CryptoKey) => key.algorithm.name === "ec" || /^EC/.test(key.algorithm.name);

/** Refuses encodings that a private key cannot have. */
function checkPrivate(key: CryptoKey, { format, type, cipher }: any): void {
  if (format === "jwk") return;
  if (type === "pkcs1" && !isRSA(key)) throw incompatible("pkcs1", "can only be used for RSA keys");
  if (type === "sec1" && !isEC(key)) throw incompatible("sec1", "can only be used for EC keys");
  if (format === "der" && cipher !== undefined && type !== "pkcs8") throw incompatible(type, "does not support encryption");
}

const ciphers = ["aes-128-cbc", "aes-192-cbc", "aes-256-cbc", "des-ede3-cbc"];

export function exportKey(key: CryptoKey, type: string, given: any): any {
  const options = checkExport(given, type, "options");
  if (type === "private") checkPrivate(key, options);
  if (options.passphrase !== undefined && !(ArrayBuffer.isView(options.passphrase) || options.passphrase instanceof ArrayBuffer)) {
    throw new TypeError("Incorrect type for the 'passphrase' field on 'KeyExportOptions': the provided value is not of type 'BufferSource'.");
  }
  if (!key.extractable) throw new TypeError("Unable to export non-extractable key");
  if (options.format === "jwk") return exportJwk(key, type);
  if (type === "secret") {
    if (options.format !== "buffer") throw new TypeError(`Invalid format for secret key export: ${options.format}`);
    return Buffer.from(materialOf(key).slice(0));
  }
  return exportPair(key, type === "private", options);
}

function exportJwk(key: CryptoKey, type: string): any {
  if (/^[A-Z]/.test(key.algorithm.name)) return wholeJwk(exportNow("jwk", key));
  const material = materialOf(key);
  if (type === "secret") return wholeJwk({ kty: "oct", k: Buffer.from(material).toString("base64url"), ext: true });
  const text = nodeCrypto("writeJwk", material, type === "private");
  if (text === undefined) throw new Error("Key type is invalid for JWK export");
  const jwk = JSON.parse(text);
  if (jwk.crv === "Ed25519") jwk.alg = "EdDSA";
  if (jwk.kty === "EC") jwk.crv ??= "";
  return wholeJwk(jwk);
}

function exportPair(key: CryptoKey, isPrivate: boolean, { format, type, cipher, passphrase }: any): any {
  if (type === undefined) throw new TypeError("Missing type option");
  if (format !== "pem" && format !== "der") throw new Error("Invalid key format");
  if (!["pkcs1", "pkcs8", "sec1", "spki"].includes(type)) throw new Error("Invalid key encoding");
  if (type === "pkcs1" && !isRSA(key)) throw new Error("PKCS1 can only be used for RSA keys");
  if (type === "sec1" && !isEC(key)) throw new Error("SEC1 can only be used for EC keys");
  const name = cipher?.toLowerCase() ?? "";
  if (isPrivate && cipher !== undefined && !ciphers.includes(name)) throw new Error(`Unknown cipher: ${cipher}`);
  const written = nodeCrypto("write", materialOf(key), isPrivate, format, type, isPrivate ? name : "", passphrase as Bytes | undefined);
  if (written === undefined) throw new Error("Failed to export key");
  return format === "pem" ? Buffer.from(written).toString("latin1") : Buffer.from(written);
}
