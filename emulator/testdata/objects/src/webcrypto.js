// crypto.subtle, with keys that are always the same.

import { outcome, show } from "./show.js";

const bytes = (text) => new TextEncoder().encode(text);
const hex = (buffer) => [...new Uint8Array(buffer)].map((b) => b.toString(16).padStart(2, "0")).join("");
const raw = (algorithm, usages, length = 32) => crypto.subtle.importKey("raw", new Uint8Array(length).map((_, i) => i), algorithm, true, usages);
const told = (key) => [key.type, key.extractable, key.algorithm, key.usages];

export default {
  digests: async () => Object.fromEntries(await Promise.all(["SHA-1", "SHA-256", "SHA-384", "SHA-512", "MD5", { name: "sha-256" }].map(async (a) => [a.name ?? a, hex(await crypto.subtle.digest(a, bytes("abc")))]))),
  digestRefused: async () => [await outcome(() => crypto.subtle.digest("SHA-3", bytes("x"))), await outcome(() => crypto.subtle.digest("SHA-256", "text")), await outcome(() => crypto.subtle.digest("SHA-256")), await outcome(() => crypto.subtle.digest({}, bytes("x")))],
  digestStream: async () => { const s = new crypto.DigestStream("SHA-256"); const w = s.getWriter(); await w.write(bytes("a")); await w.write(bytes("bc")); await w.close(); return hex(await s.digest); },
  hmac: async () => { const key = await raw({ name: "HMAC", hash: "SHA-256" }, ["sign", "verify"]); const sig = await crypto.subtle.sign("HMAC", key, bytes("x")); return [hex(sig), await crypto.subtle.verify("HMAC", key, sig, bytes("x")), await crypto.subtle.verify("HMAC", key, sig, bytes("y")), told(key)]; },
  hmacGenerated: async () => { const key = await crypto.subtle.generateKey({ name: "HMAC", hash: "SHA-512" }, false, ["sign"]); return [told(key), await outcome(() => crypto.subtle.exportKey("raw", key)), await outcome(() => crypto.subtle.verify("HMAC", key, new Uint8Array(1), new Uint8Array(1)))]; },
  hmacAsJwk: async () => crypto.subtle.exportKey("jwk", await raw({ name: "HMAC", hash: "SHA-256" }, ["sign", "verify"])),
  aesGcm: async () => { const key = await raw("AES-GCM", ["encrypt", "decrypt"]); const iv = new Uint8Array(12); const c = await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData: bytes("aad") }, key, bytes("secret")); const bad = new Uint8Array(c.slice(0)); bad[0] ^= 1; return [hex(c), new TextDecoder().decode(await crypto.subtle.decrypt({ name: "AES-GCM", iv, additionalData: bytes("aad") }, key, c)), await outcome(() => crypto.subtle.decrypt({ name: "AES-GCM", iv }, key, bad))]; },
  aesCbc: async () => { const key = await raw("AES-CBC", ["encrypt", "decrypt"], 16); const c = await crypto.subtle.encrypt({ name: "AES-CBC", iv: new Uint8Array(16) }, key, bytes("sixteen bytes ok")); return [hex(c), hex(await crypto.subtle.decrypt({ name: "AES-CBC", iv: new Uint8Array(16) }, key, c)), await outcome(() => crypto.subtle.encrypt({ name: "AES-CBC", iv: new Uint8Array(5) }, key, bytes("x")))]; },
  aesCtr: async () => hex(await crypto.subtle.encrypt({ name: "AES-CTR", counter: new Uint8Array(16), length: 64 }, await raw("AES-CTR", ["encrypt"], 16), bytes("hello"))),
  aesKw: async () => { const kek = await raw("AES-KW", ["wrapKey", "unwrapKey"], 16); const wrapped = await crypto.subtle.wrapKey("raw", await raw("AES-GCM", ["encrypt"], 16), kek, "AES-KW"); return [hex(wrapped), told(await crypto.subtle.unwrapKey("raw", wrapped, kek, "AES-KW", "AES-GCM", true, ["decrypt"]))]; },
  pbkdf2: async () => { const key = await crypto.subtle.importKey("raw", bytes("password"), "PBKDF2", false, ["deriveBits", "deriveKey"]); return [hex(await crypto.subtle.deriveBits({ name: "PBKDF2", hash: "SHA-256", salt: bytes("salt"), iterations: 1000 }, key, 256)), await outcome(() => crypto.subtle.deriveBits({ name: "PBKDF2", hash: "SHA-256", salt: bytes("salt"), iterations: 0 }, key, 256)), await outcome(() => crypto.subtle.deriveBits({ name: "PBKDF2", hash: "SHA-256", salt: bytes("salt"), iterations: 200000 }, key, 256).then(hex))]; },
  hkdf: async () => { const key = await crypto.subtle.importKey("raw", bytes("key"), "HKDF", false, ["deriveBits"]); return hex(await crypto.subtle.deriveBits({ name: "HKDF", hash: "SHA-256", salt: new Uint8Array(), info: bytes("info") }, key, 128)); },
  ecdsa: async () => { const pair = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, ["sign", "verify"]); const sig = await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, pair.privateKey, bytes("x")); return [sig.byteLength, await crypto.subtle.verify({ name: "ECDSA", hash: "SHA-256" }, pair.publicKey, sig, bytes("x")), told(pair.privateKey), told(pair.publicKey), (await crypto.subtle.exportKey("spki", pair.publicKey)).byteLength, Object.keys(await crypto.subtle.exportKey("jwk", pair.privateKey))]; },
  ed25519: async () => { const pair = await crypto.subtle.generateKey("Ed25519", true, ["sign", "verify"]); const sig = await crypto.subtle.sign("Ed25519", pair.privateKey, bytes("x")); return [sig.byteLength, await crypto.subtle.verify("Ed25519", pair.publicKey, sig, bytes("x")), told(pair.publicKey)]; },
  ecdh: async () => { const p = { name: "ECDH", namedCurve: "P-256" }; const [a, b] = [await crypto.subtle.generateKey(p, false, ["deriveBits"]), await crypto.subtle.generateKey(p, false, ["deriveBits"])]; const one = await crypto.subtle.deriveBits({ name: "ECDH", public: b.publicKey }, a.privateKey, 256); const two = await crypto.subtle.deriveBits({ name: "ECDH", public: a.publicKey }, b.privateKey, 256); return [hex(one) === hex(two), one.byteLength, told(a.publicKey)]; },
  rsa: async () => { const pair = await crypto.subtle.generateKey({ name: "RSASSA-PKCS1-v1_5", modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]), hash: "SHA-256" }, true, ["sign", "verify"]); const sig = await crypto.subtle.sign("RSASSA-PKCS1-v1_5", pair.privateKey, bytes("x")); return [sig.byteLength, await crypto.subtle.verify("RSASSA-PKCS1-v1_5", pair.publicKey, sig, bytes("x")), show(pair.publicKey.algorithm)]; },
  importRefused: async () => [await outcome(() => crypto.subtle.importKey("raw", new Uint8Array(5), "AES-GCM", true, ["encrypt"])), await outcome(() => crypto.subtle.importKey("raw", new Uint8Array(16), "AES-GCM", true, ["sign"])), await outcome(() => crypto.subtle.importKey("nonsense", new Uint8Array(16), "AES-GCM", true, ["encrypt"])), await outcome(() => crypto.subtle.importKey("raw", new Uint8Array(16), "NOTHING", true, [])), await outcome(() => crypto.subtle.importKey("jwk", { kty: "oct" }, { name: "HMAC", hash: "SHA-256" }, true, ["sign"]))],
  generateRefused: async () => [await outcome(() => crypto.subtle.generateKey({ name: "AES-GCM", length: 100 }, true, ["encrypt"])), await outcome(() => crypto.subtle.generateKey({ name: "AES-GCM", length: 128 }, true, [])), await outcome(() => crypto.subtle.generateKey("HMAC", true, ["sign"]))],
  usageRefused: async () => { const key = await raw("AES-GCM", ["encrypt"]); return [await outcome(() => crypto.subtle.decrypt({ name: "AES-GCM", iv: new Uint8Array(12) }, key, new Uint8Array(20))), await outcome(() => crypto.subtle.sign("HMAC", key, new Uint8Array(1)))]; },
  equalInTime: async () => [crypto.subtle.timingSafeEqual(bytes("a"), bytes("a")), crypto.subtle.timingSafeEqual(bytes("a"), bytes("b")), await outcome(() => crypto.subtle.timingSafeEqual(bytes("a"), bytes("ab")))],
  keyShape: async () => { const key = await raw("AES-GCM", ["encrypt"]); return [Object.prototype.toString.call(key), Object.keys(key), key.constructor.name, JSON.stringify(key)]; },

  argumentsRefused: async () => {
    const gcm = await raw("AES-GCM", ["encrypt", "decrypt"]);
    const out = {};
    for (const method of ["digest", "encrypt", "decrypt", "sign", "verify", "generateKey", "importKey", "exportKey", "deriveBits", "deriveKey", "wrapKey", "unwrapKey"]) {
      const tries = [[], ["AES-GCM"], ["AES-GCM", 5], [5, bytes("x")], ["AES-GCM", gcm, 5], ["raw", bytes("x"), "AES-GCM", true], ["raw", bytes("x"), gcm, "AES-GCM"]];
      out[method] = await Promise.all(tries.map((args) => outcome(() => crypto.subtle[method](...args))));
    }
    return [out, await outcome(() => crypto.subtle.timingSafeEqual("a", bytes("a"))), await outcome(() => crypto.subtle.timingSafeEqual(bytes("a"), "a")), await outcome(() => new crypto.DigestStream())];
  },
  importRefusedMore: async () => {
    const tries = {
      usage: ["raw", new Uint8Array(16), "AES-CBC", ["verify"]], none: ["raw", new Uint8Array(16), "AES-GCM", []], hmacUsage: ["raw", new Uint8Array(16), { name: "HMAC", hash: "SHA-256" }, ["encrypt"]], pbkdf2: ["raw", bytes("x"), "PBKDF2", ["deriveBits"]], pbkdf2Usage: ["raw", bytes("x"), "PBKDF2", ["sign"]], curve: ["raw", new Uint8Array(65), { name: "ECDSA", namedCurve: "P-1" }, ["verify"]], point: ["raw", new Uint8Array(16), { name: "ECDSA", namedCurve: "P-256" }, ["verify"]], ed25519: ["raw", new Uint8Array(31), "Ed25519", ["verify"]], rsa: ["raw", new Uint8Array(16), { name: "RSA-PSS", hash: "SHA-256" }, ["verify"]],
      pkcs8: ["pkcs8", new Uint8Array(5), { name: "ECDSA", namedCurve: "P-256" }, ["sign"]], spki: ["spki", new Uint8Array(5), "Ed25519", ["verify"]], pkcs8Secret: ["pkcs8", new Uint8Array(16), "AES-GCM", ["encrypt"]],
      jwkEmpty: ["jwk", {}, { name: "HMAC", hash: "SHA-256" }, ["sign"]], jwkAlgorithm: ["jwk", { kty: "oct", k: "AAAA", alg: "HS512" }, { name: "HMAC", hash: "SHA-256" }, ["sign"]], jwkType: ["jwk", { kty: "RSA" }, "AES-GCM", ["encrypt"]], jwkUsages: ["jwk", { kty: "oct", k: "AAAAAAAAAAAAAAAAAAAAAA", key_ops: ["decrypt"] }, "AES-GCM", ["encrypt"]], jwkCurve: ["jwk", { kty: "EC", crv: "P-256", x: "AA", y: "AA" }, { name: "ECDSA", namedCurve: "P-256" }, ["verify"]], jwkCurveType: ["jwk", { kty: "oct" }, { name: "ECDSA", namedCurve: "P-256" }, ["verify"]], jwkRsa: ["jwk", { kty: "RSA" }, { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" }, ["verify"]], jwkEd25519: ["jwk", { kty: "OKP", crv: "X25519", x: "AA" }, "Ed25519", ["verify"]],
    };
    return Object.fromEntries(await Promise.all(Object.entries(tries).map(async ([name, [format, data, algorithm, usages]]) => [name, await outcome(async () => told(await crypto.subtle.importKey(format, data, algorithm, true, usages)))])));
  },
  exportRefused: async () => {
    const keys = { gcm: await raw("AES-GCM", ["encrypt"]), hmac: await raw({ name: "HMAC", hash: "SHA-256" }, ["sign"]), ...Object.fromEntries(Object.entries(await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, ["sign", "verify"])).map(([k, v]) => [`ec ${k}`, v])), ...Object.fromEntries(Object.entries(await crypto.subtle.generateKey("Ed25519", true, ["sign", "verify"])).map(([k, v]) => [`ed ${k}`, v])) };
    const out = {};
    for (const [name, key] of Object.entries(keys)) for (const format of ["raw", "pkcs8", "spki", "jwk", "other"]) {
      out[`${name} ${format}`] = await outcome(async () => { const got = await crypto.subtle.exportKey(format, key); return got instanceof ArrayBuffer ? "bytes" : [got.kty, got.alg, got.crv, got.key_ops, Object.keys(got).length]; });
    }
    return out;
  },
  derivedRefused: async () => {
    const pbkdf2 = await crypto.subtle.importKey("raw", bytes("x"), "PBKDF2", false, ["deriveBits", "deriveKey"]);
    const [a, b] = [await crypto.subtle.generateKey({ name: "ECDH", namedCurve: "P-256" }, false, ["deriveBits"]), await crypto.subtle.generateKey("X25519", false, ["deriveBits"])];
    const params = { name: "PBKDF2", hash: "SHA-256", salt: bytes("s"), iterations: 1 };
    return Promise.all([[params, pbkdf2, 7], [params, pbkdf2, 0], [params, pbkdf2, null], [{ ...params, iterations: -1 }, pbkdf2, 8], [{ name: "ECDH", public: a.publicKey }, a.privateKey, 512], [{ name: "ECDH", public: a.privateKey }, a.privateKey, 8], [{ name: "ECDH" }, a.privateKey, 8], [{ name: "X25519", public: a.publicKey }, b.privateKey, 8]].map(([how, key, bits]) => outcome(async () => (await crypto.subtle.deriveBits(how, key, bits)).byteLength)));
  },
};
