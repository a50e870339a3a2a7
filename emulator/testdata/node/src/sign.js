// Signatures.

import * as crypto from "node:crypto";
import { called, each, hex, outcomes, text } from "./all.js";
import * as pem from "./pem.js";

const { constants } = crypto;
const data = Buffer.from(text);
const other = Buffer.from("other");

/** Signs and verifies, by both ways there are. */
function roundTrip(hash, key, options = {}) {
  const [priv, pub] = [{ key: pem[key], ...options }, { key: pem[key], ...options }];
  return outcomes(
    () => {
      const signature = crypto.createSign(hash).update(data).sign(priv);
      const check = (what) => crypto.createVerify(hash).update(what).verify(pub, signature);
      return [check(data), check(other), crypto.verify(hash, data, pub, signature)];
    },
    () => {
      const signature = crypto.sign(hash, data, priv);
      return [crypto.verify(hash, data, pub, signature), crypto.verify(hash, other, pub, signature), crypto.createVerify(hash).update(data).verify(pub, signature)];
    },
  );
}

const ec = ["p224", "p256", "p384", "p521"];
const hashes = ["sha1", "sha224", "sha256", "sha384", "sha512", "md5", "RSA-SHA256", "rsa-sha512", "SHA256", "sha-256", "sha512-256", "sha3-256", "ripemd160", "none", "ecdsa-with-SHA1", "md4", "md5-sha1", "DSA-SHA1", "blake2b512"];
const key = () => crypto.createPrivateKey(pem.rsa1024);

export const sign = {
  "rsa.fixed": () => each(hashes, (hash) => crypto.createSign(hash).update(data).sign(pem.rsa1024, "hex")),
  "rsa.oneShot": () => each([...hashes, undefined, null], (hash) => crypto.sign(hash, data, pem.rsa1024).toString("hex")),
  "rsa.roundTrip": () => each(["sha1", "sha256", "sha512", "RSA-SHA256"], (hash) => roundTrip(hash, "rsa")),
  "rsa.pss": () => each([undefined, 0, 20, 32, 400, -1, -2, -3, "x", 1.5], (saltLength) => roundTrip("sha256", "rsa", { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength })),
  "rsa.pssLength": () => each([undefined, 0, 20, -1, -2], (saltLength) => {
    const signature = crypto.createSign("sha256").update(data).sign({ key: pem.rsa, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength });
    const check = (length) => crypto.createVerify("sha256").update(data).verify({ key: pem.rsa_pub, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: length }, signature);
    return [undefined, 0, 20, 32, 222, -1, -2].map(check);
  }),
  "rsa.padding": () => each([1, 3, 4, 5, 6, 7, 0, "1", null, 1.5], (padding) => crypto.createSign("sha256").update(data).sign({ key: pem.rsa1024, padding }).length),
  "rsa.paddingOneShot": () => each([1, 3, 6, "1"], (padding) => [crypto.sign("sha256", data, { key: pem.rsa1024, padding }).length, crypto.verify("sha256", data, { key: pem.rsa1024, padding: 1 }, crypto.sign("sha256", data, { key: pem.rsa1024, padding }))]),
  "rsa.other": () => crypto.createVerify("sha256").update(data).verify(pem.rsa_pub, crypto.createSign("sha256").update(data).sign(pem.rsa1024)),
  "rsa.garbage": () => each(["", "00", "ff".repeat(128), "00".repeat(128), "ff".repeat(256)], (signature) => [crypto.createVerify("sha256").update(data).verify(pem.rsa1024, signature, "hex"), crypto.verify("sha256", data, pem.rsa1024, hex(signature))]),
  "ec.roundTrip": () => each(ec.flatMap((name) => ["sha1", "sha256", "sha512"].map((hash) => [hash, name])), ([hash, name]) => roundTrip(hash, name)),
  "ec.p1363": () => each(ec, (name) => roundTrip("sha256", name, { dsaEncoding: "ieee-p1363" })),
  "ec.lengths": () => each(ec, (name) => [crypto.createSign("sha256").update(data).sign({ key: pem[name], dsaEncoding: "ieee-p1363" }).length, crypto.sign("sha256", data, { key: pem[name], dsaEncoding: "ieee-p1363" }).length, crypto.createSign("sha256").update(data).sign(pem[name])[0]]),
  "ec.encodings": () => each(["der", "ieee-p1363", "raw", 1, null], (dsaEncoding) => crypto.createSign("sha256").update(data).sign({ key: pem.p256, dsaEncoding }).length > 60),
  "ec.mixed": () => {
    const der = crypto.sign("sha256", data, pem.p256), flat = crypto.sign("sha256", data, { key: pem.p256, dsaEncoding: "ieee-p1363" });
    return outcomes(() => crypto.verify("sha256", data, pem.p256_pub, flat), () => crypto.verify("sha256", data, { key: pem.p256_pub, dsaEncoding: "ieee-p1363" }, der), () => crypto.verify("sha256", data, { key: pem.p256_pub, dsaEncoding: "ieee-p1363" }, flat), () => crypto.createVerify("sha256").update(data).verify({ key: pem.p256_pub, dsaEncoding: "ieee-p1363" }, der));
  },
  "ec.garbage": () => each(["", "00", "30", "3006020101020101", "30060201000201ff", "ff".repeat(64), "00".repeat(64)], (signature) => [crypto.createVerify("sha256").update(data).verify(pem.p256_pub, signature, "hex"), crypto.verify("sha256", data, { key: pem.p256_pub, dsaEncoding: "ieee-p1363" }, hex(signature))]),
  "ec.withoutHash": () => each([undefined, null], (hash) => crypto.verify("sha256", data, pem.p256_pub, crypto.sign(hash, data, pem.p256))),
  "ed25519": () => outcomes(
    () => crypto.sign(null, data, pem.ed25519).toString("hex"),
    () => crypto.sign(undefined, data, crypto.createPrivateKey(pem.ed25519)).toString("hex"),
    () => crypto.verify(null, data, pem.ed25519_pub, crypto.sign(null, data, pem.ed25519)),
    () => crypto.verify(null, other, pem.ed25519_pub, crypto.sign(null, data, pem.ed25519)),
    () => crypto.verify(null, data, pem.ed25519_pub, Buffer.alloc(64)),
    () => crypto.verify(null, data, pem.ed25519_pub, Buffer.alloc(3)),
    () => crypto.sign("sha512", data, pem.ed25519),
    () => crypto.verify("sha512", data, pem.ed25519_pub, Buffer.alloc(64)),
    () => crypto.createSign("sha512").update(data).sign(pem.ed25519),
    () => crypto.createVerify("sha512").update(data).verify(pem.ed25519_pub, Buffer.alloc(64)),
    () => crypto.sign(null, data, { key: pem.ed25519, dsaEncoding: "ieee-p1363" }).length,
  ),
  "x25519": () => outcomes(() => crypto.sign(null, data, pem.x25519), () => crypto.createSign("sha256").update(data).sign(pem.x25519), () => crypto.verify(null, data, pem.x25519_pub, Buffer.alloc(64))),
  "dsa": () => outcomes(() => crypto.sign("sha1", data, pem.dsa), () => crypto.createSign("sha1").update(data).sign(pem.dsa), () => crypto.verify("sha1", data, pem.dsa_pub, Buffer.alloc(4)), () => crypto.createVerify("sha1").update(data).verify(pem.dsa_pub, Buffer.alloc(4))),

  "update": () => outcomes(
    () => crypto.createSign("sha256").update("the quick ").update(Buffer.from("brown fox ")).update("6a756d7073206f76657220746865206c617a7920646f67", "hex").sign(key(), "base64"),
    () => crypto.createSign("sha256").update(new Uint16Array([1, 2])).sign(key(), "base64"),
    () => crypto.createSign("sha256").sign(key(), "base64"),
    () => crypto.createSign("sha256").update(1),
    () => crypto.createSign("sha256").update(),
    () => crypto.createSign("sha256").update(new ArrayBuffer(4)),
    () => crypto.createVerify("sha256").update(null),
  ),
  "finished": () => {
    const s = crypto.createSign("sha256").update(data), v = crypto.createVerify("sha256").update(data);
    const signature = s.sign(key());
    v.verify(key(), signature);
    return outcomes(() => s.sign(key()), () => s.update(data), () => v.verify(pem.rsa1024, signature), () => v.update(data));
  },
  "keys": () => each([undefined, null, "", 1, {}, "text", pem.rsa_pub, crypto.createPublicKey(pem.rsa_pub), crypto.createSecretKey(hex("00")), { key: crypto.createPrivateKey(pem.rsa1024) }], (k) => crypto.createSign("sha256").update(data).sign(k).length),
  "verifyKeys": () => each([undefined, null, "", 1, {}, "text", pem.rsa_pub, crypto.createPrivateKey(pem.rsa1024), crypto.createSecretKey(hex("00")), { key: crypto.createPublicKey(pem.rsa_pub) }], (k) => crypto.createVerify("sha256").update(data).verify(k, Buffer.alloc(128))),
  "oneShotKeys": () => each([undefined, null, "", {}, crypto.createPublicKey(pem.rsa_pub), crypto.createSecretKey(hex("00"))], (k) => outcomes(() => crypto.sign("sha256", data, k), () => crypto.verify("sha256", data, k, Buffer.alloc(128)))),
  "oneShotData": () => each(["text", 1, null, undefined, new ArrayBuffer(4), new Uint16Array([1])], (d) => outcomes(() => crypto.sign("sha256", d, pem.rsa1024).toString("hex"), () => crypto.verify("sha256", d, pem.rsa1024, Buffer.alloc(1)), () => crypto.verify("sha256", data, pem.rsa1024, d))),
  "certificate": () => crypto.verify("sha256", data, pem.ca, crypto.sign("sha256", data, pem.rsa)),
  "later": async () => {
    const [error, signature] = await called((done) => crypto.sign("sha256", data, pem.rsa1024, done));
    return [error, signature.toString("hex"), await called((done) => crypto.verify("sha256", data, pem.rsa1024, signature, done))];
  },
  "laterWrong": () => outcomes(() => called((done) => crypto.sign("none", data, pem.rsa1024, done)), () => called((done) => crypto.verify("none", data, pem.rsa1024, Buffer.alloc(1), done)), () => crypto.sign("sha256", data, pem.rsa1024, 1)),
  "algorithms": () => each([undefined, null, 1, "none", ""], (name) => outcomes(() => crypto.createSign(name), () => crypto.createVerify(name), () => crypto.sign(name, data, pem.p256).length > 1)),
  "streams": async () => {
    const s = crypto.createSign("sha256"), v = crypto.createVerify("sha256");
    s.write("the quick "); s.write("brown"); s.end(" fox");
    v.end("the quick brown fox");
    const signature = s.sign(key(), "hex");
    return [signature, v.verify(pem.rsa1024, signature, "hex")];
  },
  "callable": () => [crypto.Sign("sha256") instanceof crypto.Sign, crypto.Verify("sha256") instanceof crypto.Verify, crypto.createSign("sha256").constructor.name, Object.keys(crypto.Sign.prototype), Object.keys(crypto.Verify.prototype)],
  "webKeys": async () => {
    const { privateKey, publicKey } = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, ["sign", "verify"]);
    return outcomes(() => crypto.createVerify("sha256").update(data).verify(publicKey, crypto.createSign("sha256").update(data).sign(privateKey)), () => crypto.verify("sha256", data, publicKey, crypto.sign("sha256", data, privateKey)));
  },
  "encodings": () => each(["hex", "base64", "base64url", "latin1", "buffer", "none", undefined], (encoding) => crypto.createSign("sha256").update(data).sign(key(), encoding)),
};
