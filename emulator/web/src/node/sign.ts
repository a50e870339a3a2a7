// Sign and Verify of node:crypto.

import { isKey, materialOf, type CryptoKey } from "../crypto/key";
import { nodeCrypto, type Bytes } from "../host/node_crypto";
import { Buffer } from "./buffer";
import { codedError, invalidArgType, invalidArgValue } from "./errors";
import { bytesOf, digestName, Gathering, output } from "./hash";
import { nodeHost } from "./host";
import { handle, isKeyObject, kindOf } from "./key";
import { wrongType } from "./key_handle";
import { createPrivateKey, createPublicKey } from "./key_import";
import { Writable } from "./stream/writable";
import { checkString } from "./validate";

const gathering = Symbol("kHandle");

const pkcs1 = 1, none = 3, pss = 6;
const asDigest = -1;

interface Settings {
  padding: number;
  salt: number;
  encoding: string;
}

function intOption(name: string, options: any): number | undefined {
  const value = options[name];
  if (value !== undefined && value !== value >> 0) throw invalidArgValue(`options.${name}`, value);
  return value;
}

function settingsOf(options: any): Settings {
  const padding = intOption("padding", options) ?? pkcs1;
  const salt = intOption("saltLength", options) ?? asDigest;
  let encoding = "der";
  if (typeof options === "object") {
    encoding = options.dsaEncoding === undefined ? "der" : options.dsaEncoding;
    if (encoding !== "der" && encoding !== "ieee-p1363") throw invalidArgValue("options.dsaEncoding", encoding);
  }
  return { padding, salt, encoding };
}

/** Refuses what a key of RSA cannot be used with. */
function checkPadding({ padding, salt }: Settings): void {
  if (padding === none) throw new Error("Failed to set signature digest");
  if (padding !== pkcs1 && padding !== pss || padding === pss && salt < -2) throw new Error("Failed to set RSA parameters for signature");
}

function signingKey(options: any): CryptoKey {
  if (!options) throw codedError(Error, "ERR_CRYPTO_SIGN_KEY_REQUIRED", "No key provided to sign");
  if (isKey(options)) return options;
  if (!isKeyObject(options)) return createPrivateKey(options)[handle];
  if (options.type === "secret") {
    throw invalidArgType("options", ["PublicKeyObject", "PrivateKeyObject", "CryptoKey", "object"], options.type);
  }
  if (options.type === "public") throw wrongType("public", "private");
  return options[handle];
}

function verifyingKey(options: any): CryptoKey {
  if (!options) throw codedError(Error, "ERR_CRYPTO_SIGN_KEY_REQUIRED", "No key provided to sign");
  if (isKey(options)) return options;
  return isKeyObject(options) ? options[handle] : createPublicKey(options)[handle];
}

/** The public half of a key to verify by. */
function publicMaterial(key: CryptoKey): ArrayBuffer {
  return key.type === "private" ? nodeCrypto("publicOf", materialOf(key))! : materialOf(key);
}

function digestOf(algorithm: string): string {
  const name = digestName(algorithm);
  if (name === undefined) throw new Error(`Unknown digest: ${algorithm}`);
  return name;
}

function begin(stream: any, algorithm: any, options: any): void {
  checkString(algorithm, "algorithm");
  stream[gathering] = new Gathering(digestOf(algorithm));
  Writable.call(stream, options);
}

function update(what: string): (this: any, data: any, encoding?: string) => any {
  return function (this: any, data: any, encoding?: string) {
    const bytes = bytesOf(data, "data", encoding);
    if (this[gathering] === undefined) throw new Error(`${what} context has already been finalized`);
    this[gathering].update(data, bytes);
    return this;
  };
}

function write(this: any, chunk: any, encoding: string, callback: (error?: any) => void): void {
  this.update(chunk, encoding);
  callback();
}

/** The digest that was gathered, which ends the gathering. */
function finish(stream: any, what: string): Gathering {
  const gathered = stream[gathering];
  if (gathered === undefined) throw new Error(`${what} context has already been finalized`);
  return gathered;
}

export const Sign: any = function (this: any, algorithm: any, options: any) {
  if (!(this instanceof Sign)) return new Sign(algorithm, options);
  begin(this, algorithm, options);
};
Object.setPrototypeOf(Sign.prototype, Writable.prototype);
Object.setPrototypeOf(Sign, Writable);
Object.assign(Sign.prototype, {
  _write: write,
  update: update("Signing"),
  sign(this: any, options: any, encoding?: string) {
    const key = signingKey(options);
    const settings = settingsOf(options);
    const gathered = finish(this, "Signing");
    const kind = kindOf(key);
    if (key.type === "secret") throw new Error("Invalid key for sign operation");
    this[gathering] = undefined;
    if (kind === "dsa") throw new Error("Signing with DSA keys is not currently supported");
    if (kind === "rsa") checkPadding(settings);
    if (kind === "ed25519") throw new Error("Failed to set signature digest");
    if (kind === "x25519" || kind === "dh") throw new Error("Failed to initialize signing context");
    const { padding, salt, encoding: form } = settings;
    const signature = nodeCrypto("sign", materialOf(key), gathered.algorithm, gathered.finish(), padding, salt, form);
    if (signature === undefined) throw new Error("Failed to generate signature");
    return output(signature, encoding);
  },
});

export const Verify: any = function (this: any, algorithm: any, options: any) {
  if (!(this instanceof Verify)) return new Verify(algorithm, options);
  begin(this, algorithm, options);
};
Object.setPrototypeOf(Verify.prototype, Writable.prototype);
Object.setPrototypeOf(Verify, Writable);
Object.assign(Verify.prototype, {
  _write: write,
  update: update("Verification"),
  verify(this: any, options: any, signature: any, encoding = "utf8") {
    const key = verifyingKey(options);
    const settings = settingsOf(options);
    const bytes = typeof signature === "string" ? Buffer.from(signature, encoding) : signature;
    const gathered = finish(this, "Verification");
    const kind = kindOf(key);
    if (key.type === "secret") throw new Error("Invalid key for verify operation");
    if (kind === "ed25519") throw new Error("Unsupported operation for this key");
    this[gathering] = undefined;
    if (kind === "dsa") throw new Error("Verifying with DSA keys is not currently supported");
    if (kind === "rsa") checkPadding(settings);
    if (kind === "x25519" || kind === "dh") throw new Error("Failed to initialize key for verification");
    const { padding, salt, encoding: form } = settings;
    return nodeCrypto("verify", publicMaterial(key), gathered.algorithm, gathered.finish(), bytes, padding, salt, form) === true;
  },
});

export const createSign = (algorithm: any, options?: any): any => new Sign(algorithm, options);
export const createVerify = (algorithm: any, options?: any): any => new Verify(algorithm, options);

/** What is signed at once, and by which digest: Ed25519 takes the data itself. */
function atOnce(kind: string, algorithm: any, data: Bytes, failed: string): [name: string, digest: Bytes] {
  const name = algorithm == null ? undefined : digestOf(algorithm);
  const pure = kind === "ed25519";
  if (pure !== (name === undefined) || kind === "x25519" || kind === "dh") throw new Error(failed);
  return pure ? ["", data] : [name!, nodeHost.nodeHashDigest(name!, undefined, bytesOf(data, "data"))];
}

function checkView(value: any, name: string): void {
  if (!ArrayBuffer.isView(value)) throw invalidArgType(name, ["Buffer", "TypedArray", "DataView"], value);
}

export function sign(algorithm: any, data: any, options: any, callback?: any): any {
  if (algorithm != null) checkString(algorithm, "algorithm");
  checkView(data, "data");
  const key = signingKey(options);
  const { encoding } = settingsOf(options);
  const run = () => {
    const kind = kindOf(key);
    if (key.type === "secret") throw new Error("Invalid key for sign operation");
    if (kind === "dsa") throw new Error("Signing with DSA keys is not currently supported");
    const [name, digest] = atOnce(kind, algorithm, data, "Failed to initialize signing context");
    // The platform leaves the padding out of account, and gives nothing when it fails.
    return Buffer.from(nodeCrypto("sign", materialOf(key), name, digest, pkcs1, asDigest, encoding) ?? new ArrayBuffer(0));
  };
  if (callback === undefined) return run();
  try {
    const signature = run();
    queueMicrotask(() => callback(null, signature));
  } catch (error) {
    queueMicrotask(() => callback(error));
  }
}

export function verify(algorithm: any, data: any, options: any, signature: any, callback?: any): any {
  if (algorithm != null) checkString(algorithm, "algorithm");
  checkView(data, "data");
  checkView(signature, "signature");
  const key = verifyingKey(options);
  const { encoding } = settingsOf(options);
  const run = () => {
    const kind = kindOf(key);
    if (key.type === "secret") throw new Error("Invalid key for verification operation");
    if (kind === "dsa") throw new Error("Verifying with DSA keys is not currently supported");
    const [name, digest] = atOnce(kind, algorithm, data, "Failed to initialize verification context");
    return nodeCrypto("verify", publicMaterial(key), name, digest, signature, pkcs1, asDigest, encoding) === true;
  };
  if (callback === undefined) return run();
  try {
    callback(null, run());
  } catch (error) {
    queueMicrotask(() => callback(error));
  }
}
