// X509Certificate of node:crypto.

import { makeKey, materialOf, type CryptoKey } from "../crypto/key";
import { nodeCrypto } from "../host/node_crypto";
import { Buffer } from "./buffer";
import { invalidArgType, invalidArgValue } from "./errors";
import { handle, isWebKey, KeyObject, PrivateKeyObject, PublicKeyObject } from "./key";
import { checkBoolean, checkObject, checkString } from "./validate";

// require is the bundler's: few ask for addresses.
declare const require: (path: string) => any;

interface Told {
  raw: string;
  pem: string;
  subject: string;
  subjectParts: [string, string][];
  subjectAltName?: string;
  issuer: string;
  issuerParts: [string, string][];
  infoAccess?: string;
  validFrom: string;
  validTo: string;
  fingerprint: string;
  fingerprint256: string;
  fingerprint512: string;
  keyUsage?: string[];
  serialNumber: string;
  ca: boolean;
  publicKey?: string;
  hosts: string[] | null;
  emails: string[] | null;
  addresses: string[] | null;
  key: { modulus?: string; exponent?: string; bits?: number; pubkey?: string; asn1Curve?: string; nistCurve?: string };
}

interface CheckOptions {
  wildcards?: boolean;
  subject?: string;
}

function checkOptions(options: any): CheckOptions {
  if (options == null) return {};
  checkObject(options, "options");
  const given = options as any;
  for (const name of ["multiLabelWildcards", "partialWildcards", "singleLabelSubdomains", "wildcards"]) {
    if (given[name] !== undefined) checkBoolean(given[name], `options.${name}`);
  }
  if (given.subject !== undefined) {
    checkString(given.subject, "options.subject");
    if (!["default", "always", "never"].includes(given.subject)) throw new Error("Invalid subject option");
  }
  return given;
}

// What Web Cryptography calls the kinds of keys: a certificate's key is one of
// its keys, which do not equal those that are made here.
const webNames: Record<string, string> = { rsa: "RSASSA-PKCS1-v1_5", ec: "ECDSA", ed25519: "Ed25519", x25519: "X25519" };

export class X509Certificate {
  #raw: any;
  #told: Told;
  #publicKey: KeyObject | undefined;

  constructor(buffer: any) {
    const data = typeof buffer === "string" ? Buffer.from(buffer) : buffer;
    if (!ArrayBuffer.isView(data)) throw invalidArgType("buffer", ["string", "Buffer", "TypedArray", "DataView"], buffer);
    const text = nodeCrypto("certificate", data);
    if (text === undefined) throw invalidArgValue("buffer", data, "is not a valid certificate");
    this.#told = JSON.parse(text);
    this.#raw = Buffer.from(this.#told.raw, "base64");
  }

  get subject(): string { return this.#told.subject; }
  get subjectAltName(): string | undefined { return this.#told.subjectAltName; }
  get issuer(): string { return this.#told.issuer; }
  get issuerCertificate(): undefined { return undefined; }
  get infoAccess(): string | undefined { return this.#told.infoAccess; }
  get validFrom(): string { return this.#told.validFrom; }
  get validTo(): string { return this.#told.validTo; }
  get fingerprint(): string { return this.#told.fingerprint; }
  get fingerprint256(): string { return this.#told.fingerprint256; }
  get fingerprint512(): string { return this.#told.fingerprint512; }
  get keyUsage(): string[] | undefined { return this.#told.keyUsage; }
  get serialNumber(): string { return this.#told.serialNumber; }
  get raw(): any { return this.#raw; }

  get publicKey(): KeyObject | undefined {
    const { publicKey } = this.#told;
    if (publicKey === undefined) return undefined;
    return (this.#publicKey ??= KeyObject.from(webKey(Buffer.from(publicKey, "base64"))));
  }

  toString(): string { return this.#told.pem; }
  toJSON(): string { return this.toString(); }
  get ca(): boolean { return this.#told.ca; }

  checkHost(name: any, options?: any): string | undefined {
    checkString(name, "name");
    const { wildcards = true } = checkOptions(options);
    if (name.includes("\0")) throw new Error("Invalid name");
    return this.#told.hosts?.find((host) => matches(host.toLowerCase(), name.toLowerCase(), wildcards));
  }

  checkEmail(email: any, options?: any): string | undefined {
    checkString(email, "email");
    checkOptions(options);
    return this.#told.emails?.some((own) => sameAddress(own, email)) ? email : undefined;
  }

  checkIP(ip: any, options?: any): string | undefined {
    checkString(ip, "ip");
    checkOptions(options);
    if (require("./net").isIP(ip) === 0) throw new Error("Invalid IP");
    const wanted = plainAddress(ip);
    return this.#told.addresses?.some((own) => plainAddress(own) === wanted) ? ip : undefined;
  }

  checkIssued(other: any): boolean {
    if (!(other instanceof X509Certificate)) throw invalidArgType("otherCert", "X509Certificate", other);
    return nodeCrypto("certificateIssued", this.#raw, other.#raw) === true;
  }

  checkPrivateKey(key: any): boolean {
    if (!(key instanceof PrivateKeyObject)) throw invalidArgType("pkey", "KeyObject", key);
    return isWebKey(key[handle]) && nodeCrypto("certificateMatches", this.#raw, materialOf(key[handle])) === true;
  }

  verify(key: any): boolean {
    if (!(key instanceof PublicKeyObject)) throw invalidArgType("pkey", "KeyObject", key);
    return isWebKey(key[handle]) && nodeCrypto("certificateVerified", this.#raw, materialOf(key[handle])) === true;
  }

  toLegacyObject(): object {
    const told = this.#told;
    const { key } = told;
    return {
      subject: partsOf(told.subjectParts), subjectAltName: told.subjectAltName ?? "", infoAccess: accessOf(told.infoAccess),
      issuer: partsOf(told.issuerParts), ca: told.ca, modulus: key.modulus, bits: key.bits, exponent: key.exponent,
      pubkey: key.pubkey === undefined ? undefined : Buffer.from(key.pubkey, "base64"), asn1Curve: key.asn1Curve, nistCurve: key.nistCurve,
      valid_from: told.validFrom, valid_to: told.validTo, fingerprint: told.fingerprint, fingerprint256: told.fingerprint256,
      fingerprint512: told.fingerprint512, serialNumber: told.serialNumber, ext_key_usage: told.keyUsage, raw: this.#raw,
    };
  }
}

function webKey(spki: any): CryptoKey {
  const material = spki.buffer.slice(spki.byteOffset, spki.byteOffset + spki.byteLength);
  const kind = nodeCrypto("tellKey", material, false)?.[0] ?? "";
  return makeKey({ type: "public", material, algorithm: { name: webNames[kind] ?? kind }, extractable: true, usages: ["verify"] });
}

/** Whether a name is that of a certificate, whose first label may be a star. */
function matches(host: string, name: string, wildcards: boolean): boolean {
  if (host === name) return true;
  if (!wildcards || !host.startsWith("*.")) return false;
  const dot = name.indexOf(".");
  return dot > 0 && name.slice(dot) === host.slice(1);
}

function sameAddress(a: string, b: string): boolean {
  const [i, j] = [a.lastIndexOf("@"), b.lastIndexOf("@")];
  return a.slice(0, i) === b.slice(0, j) && a.slice(i).toLowerCase() === b.slice(j).toLowerCase();
}

const plainAddress = (ip: string): string => (ip.includes(":") ? new (globalThis as any).URL(`http://[${ip}]`).hostname : ip);

function partsOf(parts: [string, string][] | null): object {
  const all: Record<string, string | string[]> = {};
  for (const [name, value] of parts ?? []) {
    const known = all[name];
    all[name] = known === undefined ? value : ([] as string[]).concat(known, value);
  }
  return all;
}

function accessOf(text: string | undefined): object {
  const all: Record<string, string[]> = {};
  for (const [, name, value] of (text ?? "").matchAll(/([^\n:]*):([^\n]*)(?:\n|$)/g)) {
    (all[name!] ??= []).push(value!.startsWith('"') ? JSON.parse(value!) : value!);
  }
  return all;
}
