// Digests, derived keys, primes and the rest of node:crypto.

import cryptoModule, * as crypto from "node:crypto";
import { called, each, hex, outcomes, text } from "./all.js";
import * as pem from "./pem.js";

const names = [...crypto.getHashes(), "MD5", "SHA256", "sha-256", "SHA-512", "sha512-256", "sha512-224", "sha512/256", "sha3-256", "ripemd160", "blake2b256", "blake2b512", "shake128", "none", ""];
const show = (buffer) => Buffer.from(buffer).toString("hex");

export const digest = {
  "hashes": () => each(names, (name) => crypto.createHash(name).update(text).digest("hex")),
  "hmacs": () => each(names, (name) => crypto.createHmac(name, "key").update(text).digest("hex")),
  "oneShot": () => each([["sha256", text], ["sha256", text, "base64"], ["sha256", text, "buffer"], ["none", text], ["sha256", 1], [1, text], ["sha256", text, 1], ["md5", hex("00")]], (args) => crypto.hash(...args)),
  "lengths": () => each([32, 16, 31, 33, 0, -1, "x"], (outputLength) => crypto.createHash("sha256", { outputLength }).update(text).digest("hex")),
  "copies": () => { const h = crypto.createHash("sha256").update("the quick "); const c = h.copy(); return [h.update("brown").digest("hex"), c.digest("hex")]; },
  "finished": () => { const h = crypto.createHash("sha256"); h.digest(); return outcomes(() => h.digest(), () => h.update("x"), () => h.copy()); },
  "hmacFinished": () => { const h = crypto.createHmac("sha256", "k"); h.digest(); return outcomes(() => h.digest(), () => h.digest("hex"), () => h.update("x")); },
  "hmacKeys": () => each(["text", hex("00"), new ArrayBuffer(2), new Uint16Array([1]), crypto.createSecretKey(hex("0102")), crypto.createPrivateKey(pem.p256), "", undefined, null, 1, {}], (key) => crypto.createHmac("sha256", key).update(text).digest("hex")),
  "hmacWebKey": async () => crypto.createHmac("sha256", await crypto.subtle.importKey("raw", hex("0102"), { name: "HMAC", hash: "SHA-256" }, true, ["sign"])).update(text).digest("hex"),
  "data": () => each(["text", hex("00"), new Uint16Array([1]), new ArrayBuffer(2), 1, null, undefined, {}], (data) => crypto.createHash("sha256").update(data).digest("hex")),
  "streams": async () => { const h = crypto.createHash("sha256"); h.write("the quick "); h.end("brown"); return show(h.read() ?? await new Promise((resolve) => h.on("data", resolve))); },
  "hmacStreams": async () => { const h = crypto.createHmac("sha256", "key"); h.end("brown"); return show(h.read() ?? await new Promise((resolve) => h.on("data", resolve))); },
  "surface": () => [crypto.createHash("sha256") instanceof crypto.Hash, crypto.Hash("sha256") instanceof crypto.Hash, Object.keys(crypto.Hash.prototype), Object.keys(crypto.Hmac.prototype), typeof crypto.createHash("md5").pipe],
  "encodings": () => each(["hex", "base64", "base64url", "latin1", "buffer", "none", undefined, 1], (encoding) => crypto.createHash("md5").update(text).digest(encoding)),

  "pbkdf2": () => each([["password", "salt", 1, 20, "sha1"], ["password", "salt", 2, 64, "sha512"], [hex("00"), hex("01"), 1, 5, "SHA256"], ["p", "s", 1, 0, "sha1"], ["p", "s", 0, 5, "sha1"], ["p", "s", 1, -1, "sha1"], ["p", "s", 1, 5, "none"], ["p", "s", 1, 5], ["p", 1, 1, 5, "sha1"], ["p", "s", 100001, 5, "sha1"], ["p", "s", "1", 5, "sha1"], ["", "", 1, 5, "sha1"], ["p", "s", 1, 16, "md5"]], (args) => show(crypto.pbkdf2Sync(...args))),
  "pbkdf2Later": () => called((done) => crypto.pbkdf2("password", "salt", 1, 20, "sha1", done)),
  "scrypt": () => each([["password", "NaCl", 64, { N: 16, r: 1, p: 1 }], ["", "", 8], ["p", "s", 8, { cost: 1024, blockSize: 8, parallelization: 2 }], ["p", "s", 0], ["p", "s", 8, { N: 15 }], ["p", "s", 8, { N: 1 << 20, r: 8 }], ["p", "s", 8, { N: 2, cost: 2 }], ["p", "s", -1], ["p", 1, 1], ["p", "s", 8, { maxmem: 1 }], ["p", "s", 8, { N: 16, maxmem: 20000 }]], (args) => show(crypto.scryptSync(...args))),
  "scryptLater": () => called((done) => crypto.scrypt("password", "NaCl", 16, { N: 16 }, done)),
  "hkdf": () => each([["sha256", "key", "salt", "info", 42], ["sha512", hex("00"), "", "", 64], ["sha256", "k", "s", "i", 0], ["none", "k", "s", "i", 4], ["sha256", "k", "s", "i", 255 * 32 + 1], ["sha256", "k", "s", "x".repeat(1025), 4], ["sha256", crypto.createSecretKey(hex("6b")), "s", "i", 4], ["sha256", 1, "s", "i", 4], ["sha256", "k", "s", "i", -1], ["sha256", "k", "s", "i"], ["sha256", "", "s", "i", 4]], (args) => show(crypto.hkdfSync(...args))),
  "hkdfLater": async () => (await called((done) => crypto.hkdf("sha256", "key", "salt", "info", 8, done))),
};

export const prime = {
  "check": () => each([2n, 3n, 4n, 0n, 1n, -3n, 561n, 7919n, 2n ** 127n - 1n, 2n ** 128n - 1n, hex("1eef"), new ArrayBuffer(1), hex(""), 7, "7", null], (n) => crypto.checkPrimeSync(n)),
  "checkOptions": () => each([{ checks: 10 }, { checks: 65 }, { checks: -1 }, { checks: "x" }, 1, null], (options) => crypto.checkPrimeSync(7n, options)),
  "checkLater": () => outcomes(() => called((done) => crypto.checkPrime(7n, done)), () => called((done) => crypto.checkPrime(8n, { checks: 3 }, done)), () => crypto.checkPrime(7n), () => called((done) => crypto.checkPrime(7n, { checks: 65 }, done))),
  "generate": () => each([[32], [32, { bigint: true }], [64, { safe: true }], [64, { add: 12n, rem: 11n, bigint: true }], [64, { add: hex("3c"), rem: hex("3b") }]], ([size, options]) => {
    const p = crypto.generatePrimeSync(size, options);
    const bytes = typeof p === "bigint" ? p : BigInt(`0x${Buffer.from(p).toString("hex")}`);
    return [typeof p, bytes.toString(2).length, crypto.checkPrimeSync(bytes), options?.add ? Number(bytes % BigInt(typeof options.add === "bigint" ? options.add : 60n)) : null, p.byteLength];
  }),
  "generateWrong": () => each([[0], [-1], ["x"], [32, 1], [32, { add: 5n, rem: 1n }], [32, { add: 12n }], [32, { rem: 11n }], [3, { add: 12n, rem: 11n }], [32, { safe: 1 }], [32, { bigint: 1 }], [32, { add: 1 }], [20000], [1.5], [32, { add: -1n }]], (args) => typeof crypto.generatePrimeSync(...args)),
  "generateSmall": () => each([1, 2, 3, 4, 8], (size) => crypto.checkPrimeSync(crypto.generatePrimeSync(size, { bigint: true }))),
  "generateLater": async () => [(await called((done) => crypto.generatePrime(32, { bigint: true }, done))).map((v) => v && typeof v), (await called((done) => crypto.generatePrime(32, done))).map((v) => v && v.byteLength)],
};

export const misc = {
  "exports": () => [Object.keys(cryptoModule), Object.keys(crypto)],
  "kinds": () => Object.fromEntries(Object.keys(crypto).filter((key) => !["default", "constants"].includes(key)).map((key) => [key, [typeof crypto[key], crypto[key]?.name, crypto[key]?.length]])),
  "constants": () => [Object.getOwnPropertyNames(crypto.constants).map((name) => [name, crypto.constants[name]]), Object.getPrototypeOf(crypto.constants), Object.keys(crypto.constants), Object.getOwnPropertyDescriptor(crypto.constants, "RSA_PKCS1_PADDING")],
  "lists": () => [crypto.getCurves(), crypto.getHashes()],
  "fips": () => outcomes(() => [crypto.fips, cryptoModule.fips, crypto.getFips()], () => crypto.setFips(true), () => { cryptoModule.fips = false; }, () => crypto.setEngine("x"), () => crypto.secureHeapUsed()),
  "web": () => [crypto.webcrypto === globalThis.crypto, crypto.subtle === globalThis.crypto.subtle, crypto.CryptoKey === CryptoKey, Object.prototype.toString.call(crypto.webcrypto)],
  "safeEqual": () => each([[hex("01"), hex("01")], [hex("01"), hex("02")], [hex("01"), hex("0102")], ["a", "a"], [hex("01"), 1], [new ArrayBuffer(1), hex("00")], [new Uint16Array([1]), hex("0100")]], (args) => crypto.timingSafeEqual(...args)),
  "spkac": () => { const { Certificate } = crypto; const made = new Certificate(); return outcomes(() => Certificate.verifySpkac(pem.spkac), () => Certificate.exportChallenge(pem.spkac).toString(), () => Certificate.exportPublicKey(pem.spkac).toString(), () => made.exportChallenge(Buffer.from(pem.spkac)).toString(), () => Certificate.exportChallenge("text").length, () => Certificate.exportPublicKey("").length, () => Certificate.verifySpkac("text"), () => Certificate.verifySpkac(1), () => Certificate() instanceof Certificate, () => Certificate.exportPublicKey(pem.spkac + "\n").length); },
  "random": () => outcomes(() => crypto.randomBytes(8).length, () => crypto.randomInt(1), () => crypto.randomUUID().length, () => crypto.getRandomValues(new Uint8Array(4)).length, () => crypto.randomFillSync(new Uint8Array(4), 2).length, () => crypto.randomFillSync(new Uint16Array(4), 1).length, () => crypto.randomFillSync(new DataView(new ArrayBuffer(4))).constructor.name, () => crypto.randomFillSync(1), () => crypto.randomInt("x"), () => crypto.randomInt(2 ** 50), () => crypto.randomUUID(1), async () => (await called((done) => crypto.randomFill(new Uint8Array(4), 1, done)))[1].length, () => crypto.randomBytes(-1), () => crypto.randomBytes("x"), () => crypto.randomInt(2, 1)),
};
