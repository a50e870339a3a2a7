// KeyObject: what is read, told and written.

import * as crypto from "node:crypto";
import { inspect, types } from "node:util";
import { called, each, hex, outcomes } from "./all.js";
import * as pem from "./pem.js";

const told = (key) => [key.type, key.asymmetricKeyType, details(key), Object.prototype.toString.call(key), key.constructor.name, key.symmetricKeySize];
const details = ({ asymmetricKeyDetails: d }) => d && Object.fromEntries(Object.entries(d).map(([k, v]) => [k, typeof v === "bigint" ? `${v}n` : v]));
const writes = (key, ...options) => each(options, (o) => key.export(o));
const privates = ["rsa", "rsa1024", "rsa_pkcs1", "p224", "p256", "p256_sec1", "p256_params", "p384", "p521", "k256", "ed25519", "x25519", "ed448", "x448", "dsa", "pss"];
const publics = ["rsa_pub", "rsa_pub_pkcs1", "p224_pub", "p256_pub", "p384_pub", "p521_pub", "k256_pub", "ed25519_pub", "x25519_pub", "dsa_pub", "leaf", "ca"];
const secret = () => crypto.createSecretKey(hex("000102030405060708090a0b0c0d0e0f"));
const der = (text) => Buffer.from(text.replace(/-----[^-]*-----|\s/g, ""), "base64");

export const keys = {
  // secret keys
  "secret.told": () => told(secret()),
  "secret.buffer": () => secret().export().toString("hex"),
  "secret.jwk": () => secret().export({ format: "jwk" }),
  "secret.formats": () => writes(secret(), { format: "buffer" }, { format: "pem" }, { format: 1 }, undefined, null, "jwk", { format: "der", type: "pkcs8" }),
  "secret.ofText": () => each([["text"], ["00ff", "hex"], ["AP8=", "base64"], [new Uint16Array([1, 2])], [new ArrayBuffer(3)], [new DataView(new ArrayBuffer(4), 1, 2)], [""], [new Uint8Array(0)]], (args) => crypto.createSecretKey(...args).export().toString("hex")),
  "secret.wrong": () => each([undefined, null, 1, {}, [], true, Symbol("s"), () => 1], (key) => crypto.createSecretKey(key).export()),
  "secret.copied": () => { const bytes = hex("0102"); const key = crypto.createSecretKey(bytes); bytes[0] = 9; return key.export().toString("hex"); },
  "secret.equals": () => [secret().equals(secret()), secret().equals(crypto.createSecretKey(hex("00"))), secret().equals(crypto.createPrivateKey(pem.rsa))],
  "secret.equalsWhat": () => each([undefined, null, 1, {}, "x"], (other) => secret().equals(other)),
  "secret.inspected": () => [inspect(secret()), String(secret()), JSON.stringify(secret())],
  "secret.toCryptoKey": () => secret().toCryptoKey("HMAC", true, ["sign"]),
  "constructed": () => outcomes(() => new crypto.KeyObject(), () => new crypto.SecretKeyObject(), () => crypto.KeyObject("secret", 1), () => crypto.KeyObject.from(), () => crypto.KeyObject.from({})),
  "instances": () => [secret() instanceof crypto.KeyObject, secret() instanceof crypto.SecretKeyObject, crypto.createPrivateKey(pem.p256) instanceof crypto.PrivateKeyObject, crypto.createPublicKey(pem.p256) instanceof crypto.PublicKeyObject, crypto.createPublicKey(pem.p256) instanceof crypto.KeyObject],
  "types": () => [types.isKeyObject(secret()), types.isKeyObject({}), types.isKeyObject(crypto.createPublicKey(pem.p256)), types.isCryptoKey(secret())],
  "surface": () => ["KeyObject", "SecretKeyObject", "PublicKeyObject", "PrivateKeyObject"].map((name) => [Object.getOwnPropertyNames(crypto[name]).sort(), Object.getOwnPropertyNames(crypto[name].prototype).sort()]),
  "cloned": () => structuredClone(secret()),

  // private and public keys
  "private.told": () => each(privates, (name) => told(crypto.createPrivateKey(pem[name]))),
  "public.told": () => each(publics, (name) => told(crypto.createPublicKey(pem[name]))),
  "public.ofPrivate": () => each(privates, (name) => told(crypto.createPublicKey(pem[name]))),
  "public.ofKey": () => each([() => crypto.createPrivateKey(pem.p256), () => crypto.createPublicKey(pem.p256), secret], (make) => told(crypto.createPublicKey(make()))),
  "private.ofPublic": () => each(["rsa_pub", "p256_pub", "leaf"], (name) => told(crypto.createPrivateKey(pem[name]))),
  "private.ofKey": () => each([() => crypto.createPrivateKey(pem.p256), secret], (make) => crypto.createPrivateKey(make())),
  "inOptions": () => each([{ key: crypto.createPrivateKey(pem.p256) }, { key: pem.p256 }, { key: Buffer.from(pem.p256) }, { key: pem.p256, format: "pem" }, { key: pem.p256, format: "der" }, { key: pem.p256, type: "pkcs1" }, { key: pem.p256, type: "sec1" }, { key: pem.p256, type: "spki" }, { key: pem.p256, format: "raw" }, {}, { key: 1 }, { key: null }], (options) => told(crypto.createPrivateKey(options))),
  "inOptionsPublic": () => each([{ key: pem.p256_pub }, { key: pem.p256_pub, type: "spki" }, { key: pem.p256_pub, type: "pkcs1" }, { key: pem.p256_pub, type: "pkcs8" }, { key: pem.rsa_pub_pkcs1, type: "pkcs1" }, { key: pem.p256_pub, format: "der" }, {}, { key: 1 }], (options) => told(crypto.createPublicKey(options))),
  "wrong": () => each([undefined, null, 1, true, "", "text", Buffer.alloc(0), new ArrayBuffer(4), "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", [], () => 1, Symbol("s")], (key) => crypto.createPrivateKey(key)),
  "wrongPublic": () => each([undefined, null, 1, true, "", "text", Buffer.alloc(0), new ArrayBuffer(4), "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n", [], () => 1], (key) => crypto.createPublicKey(key)),
  "around": () => told(crypto.createPrivateKey(`text before\n${pem.p256}\ntext after`)),
  "crlf": () => told(crypto.createPrivateKey(pem.p256.replaceAll("\n", "\r\n"))),
  "der.pkcs8": () => each(["rsa", "p256", "ed25519", "x25519"], (name) => told(crypto.createPrivateKey({ key: der(pem[name]), format: "der", type: "pkcs8" }))),
  "der.untyped": () => each(["rsa", "rsa_pkcs1", "p256_sec1"], (name) => told(crypto.createPrivateKey({ key: der(pem[name]), format: "der" }))),
  "der.typed": () => outcomes(
    () => told(crypto.createPrivateKey({ key: der(pem.rsa_pkcs1), format: "der", type: "pkcs1" })),
    () => told(crypto.createPrivateKey({ key: der(pem.p256_sec1), format: "der", type: "sec1" })),
    () => told(crypto.createPrivateKey({ key: der(pem.rsa), format: "der", type: "pkcs1" })),
    () => told(crypto.createPrivateKey({ key: der(pem.p256), format: "der", type: "sec1" })),
    () => told(crypto.createPublicKey({ key: der(pem.rsa_pub), format: "der", type: "spki" })),
    () => told(crypto.createPublicKey({ key: der(pem.rsa_pub_pkcs1), format: "der", type: "pkcs1" })),
    () => told(crypto.createPublicKey({ key: der(pem.rsa_pub), format: "der" })),
    () => told(crypto.createPublicKey({ key: der(pem.rsa_pub_pkcs1), format: "der", type: "spki" })),
    () => told(crypto.createPublicKey({ key: der(pem.rsa), format: "der", type: "pkcs8" })),
  ),
  "encrypted.old": () => told(crypto.createPrivateKey({ key: pem.rsa_enc1, passphrase: "secret" })),
  "encrypted": () => each(["rsa_enc", "rsa_enc3", "rsa_legacy"], (name) => told(crypto.createPrivateKey({ key: pem[name], passphrase: "secret" }))),
  "encrypted.wrong": () => each(["rsa_enc", "rsa_legacy"].flatMap((name) => [{ key: pem[name] }, { key: pem[name], passphrase: "wrong" }, { key: pem[name], passphrase: "" }, { key: pem[name], passphrase: 1 }, { key: pem[name], passphrase: Buffer.from("secret") }]), (options) => told(crypto.createPrivateKey(options))),
  "encrypted.public": () => told(crypto.createPublicKey({ key: pem.rsa_enc, passphrase: "secret" })),
  "encrypted.needless": () => told(crypto.createPrivateKey({ key: pem.p256, passphrase: "secret" })),

  "write.rsa": () => writes(crypto.createPrivateKey(pem.rsa1024), { type: "pkcs8", format: "pem" }, { type: "pkcs1", format: "pem" }, { type: "pkcs8", format: "der" }, { type: "pkcs1", format: "der" }, { type: "sec1", format: "pem" }, { type: "spki", format: "pem" }, { format: "pem" }, { type: "pkcs8" }, { format: "jwk" }, {}, undefined, { format: "raw", type: "pkcs8" }, { format: "pem", type: "other" }, { format: "pem", type: 1 }),
  "write.rsaPublic": () => writes(crypto.createPublicKey(pem.rsa1024), { type: "spki", format: "pem" }, { type: "pkcs1", format: "pem" }, { type: "spki", format: "der" }, { type: "pkcs1", format: "der" }, { type: "pkcs8", format: "pem" }, { format: "jwk" }, { format: "pem" }),
  "write.ec": () => writes(crypto.createPrivateKey(pem.p256), { type: "pkcs8", format: "pem" }, { type: "sec1", format: "pem" }, { type: "sec1", format: "der" }, { type: "pkcs1", format: "pem" }, { format: "jwk" }),
  "write.ecPublic": () => writes(crypto.createPublicKey(pem.p256), { type: "spki", format: "pem" }, { type: "spki", format: "der" }, { type: "pkcs1", format: "pem" }, { type: "sec1", format: "pem" }, { format: "jwk" }),
  "write.p224": () => writes(crypto.createPrivateKey(pem.p224), { type: "pkcs8", format: "pem" }, { type: "sec1", format: "pem" }, { format: "jwk" }),
  "write.p384": () => writes(crypto.createPrivateKey(pem.p384), { type: "pkcs8", format: "pem" }, { format: "jwk" }),
  "write.p521": () => writes(crypto.createPrivateKey(pem.p521), { type: "pkcs8", format: "pem" }, { format: "jwk" }),
  "write.ed25519": () => writes(crypto.createPrivateKey(pem.ed25519), { type: "pkcs8", format: "pem" }, { type: "pkcs8", format: "der" }, { type: "sec1", format: "pem" }, { format: "jwk" }),
  "write.ed25519Public": () => writes(crypto.createPublicKey(pem.ed25519), { type: "spki", format: "pem" }, { format: "jwk" }),
  "write.x25519": () => writes(crypto.createPrivateKey(pem.x25519), { type: "pkcs8", format: "pem" }, { format: "jwk" }),
  "write.x25519Public": () => writes(crypto.createPublicKey(pem.x25519), { type: "spki", format: "pem" }, { format: "jwk" }),
  "write.dsa": () => writes(crypto.createPrivateKey(pem.dsa), { type: "pkcs8", format: "pem" }, { format: "jwk" }),
  "write.encrypted": () => each(["aes-256-cbc", "aes-128-cbc", "aes-192-cbc", "des-ede3-cbc"], (cipher) => {
    const text = crypto.createPrivateKey(pem.p256).export({ format: "pem", type: "pkcs8", cipher, passphrase: "top" });
    return [text.split("\n")[0], crypto.createPrivateKey({ key: text, passphrase: "top" }).equals(crypto.createPrivateKey(pem.p256))];
  }),
  "write.encryptedDer": () => {
    const bytes = crypto.createPrivateKey(pem.p256).export({ format: "der", type: "pkcs8", cipher: "aes-256-cbc", passphrase: "top" });
    return told(crypto.createPrivateKey({ key: bytes, format: "der", type: "pkcs8", passphrase: "top" }));
  },
  "write.encryptedLegacy": () => each(["pkcs1", "sec1"], (type) => {
    const key = crypto.createPrivateKey(type === "sec1" ? pem.p256 : pem.rsa1024);
    const text = key.export({ format: "pem", type, cipher: "aes-256-cbc", passphrase: "top" });
    return [text.split("\n").slice(0, 2), text.split("\n")[2].split(",")[0], crypto.createPrivateKey({ key: text, passphrase: "top" }).equals(key)];
  }),
  "write.encryptedWrong": () => writes(crypto.createPrivateKey(pem.p256), { format: "pem", type: "pkcs8", cipher: "aes-256-cbc" }, { format: "pem", type: "pkcs8", passphrase: "x" }, { format: "pem", type: "pkcs8", cipher: "none", passphrase: "x" }, { format: "pem", type: "pkcs8", cipher: 1, passphrase: "x" }, { format: "der", type: "sec1", cipher: "aes-256-cbc", passphrase: "x" }),

  // JSON Web Keys
  "jwk.read": () => each(["rsa1024", "p256", "p384", "p521", "ed25519", "x25519"], (name) => {
    const key = crypto.createPrivateKey(pem[name]);
    const jwk = key.export({ format: "jwk" });
    const { d, p, q, dp, dq, qi, ...half } = jwk;
    return [crypto.createPrivateKey({ key: jwk, format: "jwk" }).equals(key), told(crypto.createPublicKey({ key: half, format: "jwk" })), told(crypto.createPublicKey({ key: jwk, format: "jwk" }))];
  }),
  "jwk.wrong": () => each([{}, { kty: "EC" }, { kty: "oct", k: "AAAA" }, { kty: "RSA", n: "AQ", e: "AQAB" }, { kty: "EC", crv: "P-256", x: "AA", y: "AA" }, { kty: "EC", crv: "secp256k1", x: "AA", y: "AA", d: "AA" }, { kty: "OKP", crv: "Ed25519", x: "AA" }, { kty: "OKP", crv: "Ed448", x: "AA", d: "AA" }, { kty: 1 }, { kty: "other" }], async (key) => outcomes(() => crypto.createPrivateKey({ key, format: "jwk" }), () => crypto.createPublicKey({ key, format: "jwk" }))),
  "jwk.unsaid": () => told(crypto.createPrivateKey({ key: crypto.createPrivateKey(pem.p256).export({ format: "jwk" }) })),
  "jwk.text": () => crypto.createPrivateKey({ key: "{}", format: "jwk" }),

  "equals": () => {
    const [a, b, c] = [crypto.createPrivateKey(pem.p256), crypto.createPrivateKey(pem.p256_sec1), crypto.createPrivateKey(pem.p384)];
    return [a.equals(b), a.equals(c), a.equals(a), crypto.createPublicKey(a).equals(crypto.createPublicKey(pem.p256_pub)), a.equals(crypto.createPublicKey(a)), a.equals(crypto.createPrivateKey(pem.rsa))];
  },
  "inspected": () => [inspect(crypto.createPrivateKey(pem.p256)), inspect(crypto.createPublicKey(pem.rsa1024)), inspect({ a: { b: crypto.createPublicKey(pem.ed25519) } })],
  "toCryptoKey": () => crypto.createPrivateKey(pem.p256).toCryptoKey({ name: "ECDSA", namedCurve: "P-256" }, true, ["sign"]),

  // CryptoKey
  "from.secret": async () => {
    const key = crypto.KeyObject.from(await crypto.subtle.importKey("raw", hex("00010203"), { name: "HMAC", hash: "SHA-256" }, true, ["sign"]));
    return [await outcomes(() => told(key), () => key.export().toString("hex"), () => key.export({ format: "jwk" }), () => key.equals(crypto.createSecretKey(hex("00010203"))), () => crypto.createHmac("sha256", key).update("x").digest("hex"))];
  },
  "from.aes": async () => {
    const key = crypto.KeyObject.from(await crypto.subtle.importKey("raw", new Uint8Array(16), "AES-GCM", true, ["encrypt"]));
    return outcomes(() => told(key), () => key.export().toString("hex"), () => crypto.createCipheriv("aes-128-gcm", key, new Uint8Array(12)));
  },
  "from.private": async () => {
    const { privateKey, publicKey } = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, ["sign", "verify"]);
    const [a, b] = [crypto.KeyObject.from(privateKey), crypto.KeyObject.from(publicKey)];
    return outcomes(() => told(a), () => told(b), () => a.export({ format: "pem", type: "pkcs8" }).split("\n")[0], () => Object.keys(b.export({ format: "jwk" })), () => a.equals(b), () => crypto.createPublicKey(a), () => crypto.verify("sha256", Buffer.from("x"), b, crypto.sign("sha256", Buffer.from("x"), a)));
  },
  "from.rsa": async () => {
    const { privateKey, publicKey } = await crypto.subtle.generateKey({ name: "RSA-PSS", modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]), hash: "SHA-256" }, true, ["sign", "verify"]);
    const [a, b] = [crypto.KeyObject.from(privateKey), crypto.KeyObject.from(publicKey)];
    return outcomes(() => told(a), () => told(b), () => b.export({ format: "pem", type: "spki" }).split("\n")[0], () => a.export({ format: "der", type: "pkcs1" }).length > 100);
  },
  "from.ed25519": async () => {
    const { privateKey, publicKey } = await crypto.subtle.generateKey("Ed25519", true, ["sign", "verify"]);
    return outcomes(() => told(crypto.KeyObject.from(privateKey)), () => told(crypto.KeyObject.from(publicKey)));
  },
  "from.sealed": async () => crypto.KeyObject.from(await crypto.subtle.importKey("raw", new Uint8Array(16), "AES-GCM", false, ["encrypt"])).export(),

  "from.same": async () => {
    const { privateKey, publicKey } = await crypto.subtle.generateKey("Ed25519", true, ["sign", "verify"]);
    const [a, b] = [crypto.KeyObject.from(privateKey), crypto.KeyObject.from(publicKey)];
    const again = crypto.createPublicKey(b.export({ format: "pem", type: "spki" }));
    return [a.equals(crypto.KeyObject.from(privateKey)), b.equals(again), again.equals(b)];
  },
  "from.ecdh": async () => { const { privateKey } = await crypto.subtle.generateKey({ name: "ECDH", namedCurve: "P-256" }, true, ["deriveBits"]); return told(crypto.KeyObject.from(privateKey)); },
  "to": () => {
    const [s, r, e] = [secret(), crypto.createPrivateKey(pem.rsa), crypto.createPrivateKey(pem.ed25519)];
    const tell = (key) => [key.type, key.extractable, key.algorithm, key.usages];
    return outcomes(
      () => tell(s.toCryptoKey("AES-GCM", true, ["encrypt"])),
      () => tell(s.toCryptoKey({ name: "HMAC", hash: "SHA-256" }, false, ["sign"])),
      () => tell(crypto.createSecretKey(hex("00")).toCryptoKey("AES-GCM", true, ["encrypt"])),
      () => tell(s.toCryptoKey("PBKDF2", false, ["deriveBits"])),
      () => s.toCryptoKey(),
      () => s.toCryptoKey("none", true, []),
      () => s.toCryptoKey("AES-GCM", true, []),
      () => tell(r.toCryptoKey({ name: "RSA-PSS", hash: "SHA-256" }, true, ["sign"])),
      () => tell(crypto.createPublicKey(r).toCryptoKey({ name: "RSA-OAEP", hash: "SHA-1" }, true, ["encrypt"])),
      () => tell(e.toCryptoKey("Ed25519", true, ["sign"])),
      () => tell(crypto.createPublicKey(e).toCryptoKey("Ed25519", true, ["verify"])),
      () => tell(crypto.createPublicKey(pem.x25519).toCryptoKey("X25519", true, [])),
      () => e.toCryptoKey("Ed25519"),
    );
  },
  "to.used": async () => {
    const key = crypto.createPrivateKey(pem.ed25519).toCryptoKey("Ed25519", true, ["sign"]);
    return Buffer.from(await crypto.subtle.sign("Ed25519", key, hex("00"))).toString("hex");
  },

  // generated keys
  "generate.secret": () => each([["hmac", { length: 64 }], ["hmac", { length: 65 }], ["aes", { length: 256 }], ["aes", { length: 100 }], ["hmac", { length: 4 }], ["hmac", {}], ["other", { length: 8 }], ["hmac"], [1, { length: 8 }], ["hmac", { length: 70000 }]], ([type, options]) => told(crypto.generateKeySync(type, options))),
  "generate.secretLater": async () => (await called((done) => crypto.generateKey("aes", { length: 128 }, done))).map((v) => v && told(v)),
  "generate.secretLaterWrong": () => called((done) => crypto.generateKey("aes", { length: 1 }, done)),
  "generate.pair": () => each([["rsa", { modulusLength: 2048 }], ["rsa", { modulusLength: 1024, publicExponent: 3 }], ["ec", { namedCurve: "prime256v1" }], ["ec", { namedCurve: "P-384" }], ["ec", { namedCurve: "secp521r1" }], ["ec", { namedCurve: "P-224" }], ["ed25519"], ["x25519"], ["ed25519", {}]], ([type, options]) => {
    const { publicKey, privateKey } = crypto.generateKeyPairSync(type, options);
    return [told(publicKey), told(privateKey)];
  }),
  "generate.pairWrong": () => each([["rsa", {}], ["rsa"], ["rsa", { modulusLength: "x" }], ["rsa", { modulusLength: 20000 }], ["ec", {}], ["ec", { namedCurve: "secp256k1" }], ["ec", { namedCurve: "none" }], ["ec", { namedCurve: "P-256", paramEncoding: "x" }], ["dsa", { modulusLength: 1024 }], ["rsa-pss", { modulusLength: 1024 }], ["ed448"], ["dh", { group: "modp14" }], ["dh", { primeLength: 512 }], ["dh", {}], ["dh", { prime: Buffer.from([23]), generator: 5 }], ["dh", { group: "modp14", prime: 1 }], ["dh", { group: "none" }], [1], ["rsa", null], ["rsa", { modulusLength: 1024, publicKeyEncoding: 1 }], ["rsa", { modulusLength: 1024, publicKeyEncoding: {} }]], ([type, options]) => crypto.generateKeyPairSync(type, options)),
  "generate.encoded": () => {
    const { publicKey, privateKey } = crypto.generateKeyPairSync("ec", { namedCurve: "P-256", publicKeyEncoding: { type: "spki", format: "pem" }, privateKeyEncoding: { type: "pkcs8", format: "der" } });
    return [publicKey.split("\n")[0], Buffer.isBuffer(privateKey), told(crypto.createPrivateKey({ key: privateKey, format: "der", type: "pkcs8" }))];
  },
  "generate.encodedJwk": () => {
    const { publicKey, privateKey } = crypto.generateKeyPairSync("ed25519", { publicKeyEncoding: { format: "jwk" }, privateKeyEncoding: { format: "jwk" } });
    return [Object.keys(publicKey), Object.keys(privateKey)];
  },
  "generate.encodedEncrypted": () => crypto.generateKeyPairSync("ed25519", { privateKeyEncoding: { format: "pem", type: "pkcs8", cipher: "aes-256-cbc", passphrase: "p" } }).privateKey.split("\n")[0],
  "generate.explicit": () => told(crypto.generateKeyPairSync("ec", { namedCurve: "P-256", paramEncoding: "explicit" }).publicKey),
  "generate.pairLater": async () => (await called((done) => crypto.generateKeyPair("ed25519", {}, done))).map((v) => v && told(v)),
  "generate.short": () => each([512, 300, 255], (modulusLength) => { const { publicKey, privateKey } = crypto.generateKeyPairSync("rsa", { modulusLength }); return [told(publicKey), crypto.verify("sha1", hex("00"), publicKey, crypto.sign("sha1", hex("00"), privateKey))]; }),
  "generate.pairLaterWrong": () => outcomes(() => called((done) => crypto.generateKeyPair("none", {}, done)), () => crypto.generateKeyPair("ed25519", {}), () => crypto.generateKeyPair("ed25519", () => {})),
  "generate.promised": async () => { const { promisify } = await import("node:util"); const pair = await promisify(crypto.generateKeyPair)("x25519", {}); return [Object.keys(pair), told(pair.publicKey)]; },
};
