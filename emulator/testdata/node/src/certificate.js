// X509Certificate.

import { KeyObject, X509Certificate, createPrivateKey, createPublicKey, sign, verify } from "node:crypto";
import { inspect } from "node:util";
import { each, hex, outcomes } from "./all.js";
import * as pem from "./pem.js";

const leaf = () => new X509Certificate(pem.leaf);
const ca = () => new X509Certificate(pem.ca);
const fields = ["subject", "subjectAltName", "issuer", "issuerCertificate", "infoAccess", "validFrom", "validTo", "validFromDate", "validToDate", "fingerprint", "fingerprint256", "fingerprint512", "keyUsage", "extKeyUsage", "serialNumber", "ca", "signatureAlgorithm"];
const told = (certificate) => Object.fromEntries(fields.map((name) => [name, certificate[name]]));

export const certificate = {
  "leaf": () => told(leaf()),
  "ca": () => told(ca()),
  "raw": () => leaf().raw.toString("base64"),
  "text": () => [leaf().toString(), leaf().toJSON() === String(leaf()), JSON.stringify({ c: ca() }).length],
  "der": () => new X509Certificate(leaf().raw).fingerprint,
  "publicKey": () => outcomes(() => [leaf().publicKey.type, leaf().publicKey.constructor.name, leaf().publicKey instanceof KeyObject], () => leaf().publicKey.asymmetricKeyType, () => leaf().publicKey.asymmetricKeyDetails, () => leaf().publicKey.export({ format: "pem", type: "spki" }), () => ca().publicKey.asymmetricKeyType, () => leaf().publicKey.equals(createPublicKey(pem.p256)), () => createPublicKey(pem.p256).equals(leaf().publicKey)),
  "hosts": () => each(["example.com", "www.example.com", "a.example.org", "a.b.example.org", "example.org", "EXAMPLE.com", "127.0.0.1", "", "other", 1, ".example.com", "example.com.", "a\0b"], (name) => leaf().checkHost(name)),
  "hostOptions": () => each([{ wildcards: false }, { partialWildcards: false }, { multiLabelWildcards: true }, { subject: "never" }, { subject: "always" }, { subject: "default" }, { singleLabelSubdomains: true }, { wildcards: 1 }, { subject: "x" }, 1, null], (options) => leaf().checkHost("a.example.org", options)),
  "hostOfSubject": () => outcomes(() => ca().checkHost("Example CA"), () => ca().checkHost("Example CA", { subject: "always" }), () => leaf().checkHost("example.com", { subject: "always" })),
  "emails": () => each(["someone@example.com", "someone@EXAMPLE.com", "Someone@example.com", "other@example.com", "", 1], (name) => leaf().checkEmail(name)),
  "addresses": () => each(["127.0.0.1", "::1", "0:0:0:0:0:0:0:1", "127.0.0.2", "text", "", 1], (name) => leaf().checkIP(name)),
  "issued": () => outcomes(() => leaf().checkIssued(ca()), () => ca().checkIssued(ca()), () => ca().checkIssued(leaf()), () => leaf().checkIssued(1)),
  "privateKey": () => outcomes(() => leaf().checkPrivateKey(createPrivateKey(pem.p256)), () => leaf().checkPrivateKey(createPrivateKey(pem.p384)), () => leaf().checkPrivateKey(createPublicKey(pem.p256)), () => leaf().checkPrivateKey(pem.p256)),
  "webKeys": async () => {
    const key = await crypto.subtle.importKey("pkcs8", createPrivateKey(pem.p256).export({ format: "der", type: "pkcs8" }), { name: "ECDSA", namedCurve: "P-256" }, true, ["sign"]);
    return outcomes(() => leaf().checkPrivateKey(KeyObject.from(key)), () => verify("sha256", hex("00"), leaf().publicKey, sign("sha256", hex("00"), pem.p256)), () => ca().publicKey.equals(ca().publicKey));
  },
  "verified": () => outcomes(() => leaf().verify(ca().publicKey), () => leaf().verify(createPublicKey(pem.rsa)), () => leaf().verify(leaf().publicKey), () => ca().verify(createPublicKey(pem.p256)), () => leaf().verify(createPrivateKey(pem.rsa)), () => leaf().verify(pem.rsa_pub)),
  "legacy": () => outcomes(() => { const o = leaf().toLegacyObject(); return { ...o, raw: o.raw.length, pubkey: o.pubkey?.toString("hex") }; }, () => { const o = ca().toLegacyObject(); return { ...o, raw: o.raw.length, pubkey: o.pubkey?.toString("hex") }; }),
  "wrong": () => each(["", "text", hex("00"), pem.p256, new ArrayBuffer(2), 1, null, undefined, {}, pem.leaf.replace("MII", "AAA")], (data) => new X509Certificate(data).subject),
  "around": () => new X509Certificate(`before\n${pem.leaf}${pem.ca}`).subject,
  "surface": () => [Object.getOwnPropertyNames(X509Certificate.prototype), Object.prototype.toString.call(leaf()), X509Certificate.length],
  "inspected": () => inspect(leaf()),
  "cloned": () => structuredClone(leaf()),
};
