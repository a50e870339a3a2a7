// Diffie-Hellman, in groups and on curves.

import * as crypto from "node:crypto";
import { each, hex, outcomes } from "./all.js";
import * as pem from "./pem.js";

const curves = ["secp224r1", "prime256v1", "secp384r1", "secp521r1"];
const secrets = { secp224r1: "11".repeat(28), prime256v1: "11".repeat(32), secp384r1: "11".repeat(48), secp521r1: "01".repeat(65) };
const own = (curve, secret = secrets[curve]) => { const e = crypto.createECDH(curve); e.setPrivateKey(secret, "hex"); return e; };
const point = () => own("prime256v1").getPublicKey();
const prime = "ffffffffffffffffc90fdaa22168c234c4c6628b80dc1cd129024e088a67cc74020bbea63b139b22514a08798e3404ddef9519b3cd3a431b302b0a6df25f14374fe1356d6d51c245e485b576625e7ec6f44c42e9a637ed6b0bff5cb6f406b7edee386bfb5a899fa5ae9f24117c4b1fe649286651ece65381ffffffffffffffff";
const small = () => crypto.createDiffieHellman(prime, "hex", 2);

export const agree = {
  "ecdh.fixed": () => each(curves, (curve) => { const e = own(curve); return [e.getPrivateKey("hex"), e.getPublicKey("hex"), e.getPublicKey("hex", "compressed"), e.computeSecret(e.getPublicKey(), null, "hex")]; }),
  "ecdh.roundTrip": () => each(curves, (curve) => { const [a, b] = [crypto.createECDH(curve), crypto.createECDH(curve)]; a.generateKeys(); b.generateKeys("hex", "compressed"); return [a.computeSecret(b.getPublicKey(null, "compressed")).equals(b.computeSecret(a.getPublicKey())), a.computeSecret(b.getPublicKey("hex"), "hex", "hex").length]; }),
  "ecdh.curves": () => each(["secp256k1", "P-256", "secp256r1", "none", "", undefined, 1], (curve) => crypto.createECDH(curve).generateKeys("hex").length),
  "ecdh.empty": () => { const e = crypto.createECDH("prime256v1"); return outcomes(() => e.getPublicKey(), () => e.getPrivateKey(), () => e.computeSecret(point())); },
  "ecdh.encodings": () => outcomes(() => own("prime256v1").getPublicKey("hex", "none"), () => own("prime256v1").getPublicKey("hex", "hybrid"), () => own("prime256v1").getPublicKey(1), () => own("prime256v1").getPrivateKey("base64"), () => own("prime256v1").getPublicKey().length, () => own("prime256v1").getPrivateKey(null).length, () => crypto.createECDH("prime256v1").generateKeys("hex", "x")),
  "ecdh.privateKeys": () => each(["", "00", "01", "ff".repeat(32), "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551", "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632550", "11".repeat(33)], (key) => own("prime256v1", key).getPrivateKey("hex")),
  "ecdh.privateKeyTypes": () => each([hex("11"), new ArrayBuffer(2), 1, undefined, new Uint16Array([1])], (key) => { const e = crypto.createECDH("prime256v1"); return [e.setPrivateKey(key) === undefined, e.getPublicKey("hex")]; }),
  "ecdh.others": () => each(["", "00", "04", "04" + "11".repeat(64), "02" + "00".repeat(32), "05" + "11".repeat(64), "11".repeat(65)], (key) => own("prime256v1").computeSecret(key, "hex", "hex")),
  "ecdh.otherTypes": () => each([new ArrayBuffer(2), 1, undefined, null], (key) => own("prime256v1").computeSecret(key)),
  "ecdh.convert": () => outcomes(
    () => crypto.ECDH.convertKey(point(), "prime256v1", null, "hex", "compressed"),
    () => crypto.ECDH.convertKey(own("prime256v1").getPublicKey(null, "compressed"), "prime256v1", undefined, "hex"),
    () => crypto.ECDH.convertKey("07" + own("prime256v1").getPublicKey("hex").slice(2), "prime256v1", "hex", "hex", "uncompressed"),
    () => crypto.ECDH.convertKey(point(), "secp384r1"),
    () => crypto.ECDH.convertKey(point(), "none"),
    () => crypto.ECDH.convertKey(Buffer.alloc(0), "prime256v1"),
    () => crypto.ECDH.convertKey(point(), "prime256v1", null, null, "x"),
    () => crypto.ECDH.convertKey(1, "prime256v1"),
  ),
  "ecdh.surface": () => [crypto.ECDH("prime256v1") instanceof crypto.ECDH, Object.keys(crypto.ECDH.prototype), Object.keys(crypto.ECDH), Object.keys(crypto.createECDH("prime256v1")), typeof crypto.createECDH("prime256v1").setPublicKey],

  "dh.group": () => each(["modp14", "modp15", "modp1", "modp5", "modp17", "MODP14", "none", "", undefined], (name) => { const d = crypto.getDiffieHellman(name); return [d.getPrime("hex").length, d.getGenerator("hex"), d.verifyError]; }),
  "dh.groupRoundTrip": () => { const [a, b] = [crypto.createDiffieHellmanGroup("modp14"), crypto.getDiffieHellman("modp14")]; a.generateKeys(); b.generateKeys(); return [a.computeSecret(b.getPublicKey()).equals(b.computeSecret(a.getPublicKey())), a.getPublicKey().length, typeof a.setPrivateKey, a.constructor.name]; },
  "dh.prime": () => { const d = small(); return [d.getPrime("hex"), d.getGenerator("hex"), d.verifyError]; },
  "dh.fixed": () => { const d = small(); d.setPrivateKey("1234567890abcdef", "hex"); return outcomes(() => d.getPrivateKey("hex"), () => d.getPublicKey("hex"), () => d.computeSecret("1234567890", "hex", "hex"), () => d.generateKeys("hex"), () => d.getPublicKey("hex")); },
  "dh.public": () => { const d = small(); d.setPublicKey("1234", "hex"); return [d.getPublicKey("hex")]; },
  "dh.roundTrip": () => { const a = small(), b = crypto.createDiffieHellman(a.getPrime(), a.getGenerator()); const key = a.generateKeys("hex"); b.generateKeys(); return [key.length <= 256, a.computeSecret(b.getPublicKey("hex"), "hex", "hex") === b.computeSecret(a.getPublicKey("base64"), "base64", "hex"), a.computeSecret(b.getPublicKey()).length]; },
  "dh.generators": () => each([undefined, 2, 5, 1, 0, -1, hex("05"), "05", hex("01"), hex(""), new ArrayBuffer(1), {}, 1.5], (generator) => { const d = crypto.createDiffieHellman(prime, "hex", generator); return [d.getGenerator("hex"), d.verifyError]; }),
  "dh.primes": () => each([hex("17"), hex("16"), hex("0f"), "", hex(""), hex("02"), new ArrayBuffer(2), undefined, null, {}, 1.5, "17", Buffer.alloc(1300, 255)], (p) => { const d = crypto.createDiffieHellman(p, undefined, 2); return [d.getPrime("hex"), d.verifyError]; }),
  "dh.sizes": () => each([1, 2, 0, -1, 20000], (size) => crypto.createDiffieHellman(size).getPrime("hex").length),
  "dh.size": () => { const d = crypto.createDiffieHellman(256); return [d.getPrime().length, d.getGenerator("hex"), d.verifyError]; },
  "dh.empty": () => { const d = small(); return outcomes(() => d.getPublicKey(), () => d.getPrivateKey(), () => d.computeSecret("1234", "hex")); },
  "dh.others": () => each(["", "00", "01", "02", prime, prime.slice(0, -1) + "e", prime + "00"], (key) => { const d = small(); d.generateKeys(); return d.computeSecret(key, "hex").length; }),
  "dh.otherTypes": () => each([1, undefined, null, {}], (key) => { const d = small(); d.generateKeys(); return d.computeSecret(key); }),
  "dh.publicKeys": () => each(["00", "01", prime, "1234"], (key) => { const d = small(); d.setPublicKey(key, "hex"); return d.getPublicKey("hex"); }),
  "dh.surface": () => [crypto.DiffieHellman(prime, "hex") instanceof crypto.DiffieHellman, Object.keys(crypto.DiffieHellman.prototype), Object.keys(crypto.DiffieHellmanGroup.prototype), crypto.getDiffieHellman("modp14") instanceof crypto.DiffieHellmanGroup],

  "stateless": () => each([["p256", "p256"], ["p224", "p224"], ["p384", "p384"], ["p521", "p521"], ["x25519", "x25519"], ["p256", "p384"], ["p256", "x25519"]], ([a, b]) => crypto.diffieHellman({ privateKey: crypto.createPrivateKey(pem[a]), publicKey: crypto.createPublicKey(pem[b]) }).toString("hex")),
  "stateless.groups": () => {
    const [a, b] = [1, 2].map(() => crypto.generateKeyPairSync("dh", { group: "modp14" }));
    const other = crypto.generateKeyPairSync("dh", { group: "modp15" });
    return outcomes(
      () => crypto.diffieHellman({ privateKey: a.privateKey, publicKey: b.publicKey }).equals(crypto.diffieHellman({ privateKey: b.privateKey, publicKey: a.publicKey })),
      () => crypto.diffieHellman({ privateKey: a.privateKey, publicKey: b.publicKey }).length,
      () => crypto.diffieHellman({ privateKey: a.privateKey, publicKey: other.publicKey }),
      () => [a.publicKey.asymmetricKeyType, a.privateKey.equals(b.privateKey), crypto.createPublicKey(a.privateKey).equals(a.publicKey)],
      () => a.publicKey.export({ format: "pem", type: "spki" }),
      () => a.privateKey.export({ format: "der", type: "pkcs8" }),
      () => a.privateKey.export({ format: "jwk" }),
      () => crypto.sign("sha256", Buffer.from("x"), a.privateKey),
    );
  },
  "stateless.wrong": () => each([undefined, {}, { privateKey: 1 }, { privateKey: crypto.createPrivateKey(pem.p256), publicKey: 1 }, { privateKey: crypto.createPublicKey(pem.p256), publicKey: crypto.createPublicKey(pem.p256) }, { privateKey: crypto.createPrivateKey(pem.p256), publicKey: crypto.createPrivateKey(pem.p256) }, { privateKey: pem.p256, publicKey: pem.p256_pub }], (options) => crypto.diffieHellman(options)),
};
