import crypto, {
  createHash, createHmac, getHashes, hkdfSync, pbkdf2, pbkdf2Sync, randomBytes, randomFill, randomFillSync, randomInt,
  randomUUID, scryptSync, timingSafeEqual,
} from "node:crypto";
import { Buffer } from "node:buffer";
import { promisify } from "node:util";
import assert from "node:assert";

const code = (name) => ({ code: name });

function digests() {
  const abc = {
    md5: "900150983cd24fb0d6963f7d28e17f72",
    sha1: "a9993e364706816aba3e25717850c26c9cd0d89d",
    sha224: "23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7",
    sha256: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    sha384: "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7",
    "sha512-256": "53048e2681941ef99b2e29b76b4c7dabe4c2d0c634fc6d46e0e2f13107e7af23",
    "RSA-SHA256": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    SHA1: "a9993e364706816aba3e25717850c26c9cd0d89d",
  };
  for (const [name, want] of Object.entries(abc)) {
    assert.strictEqual(createHash(name).update("abc").digest("hex"), want, name);
    assert.strictEqual(createHash(name).update("a").update(new Uint8Array([98])).update(Buffer.from("c")).digest("hex"), want);
  }
  const sum = createHash("sha256").update("a");
  const copy = sum.copy();
  sum.update("bc");
  assert.strictEqual(sum.digest("hex"), abc.sha256);
  assert.strictEqual(copy.digest("base64"), "ypeBEsobvcr6wjGzmiPcTaeG7/gUfE5yuYB3ha/uSLs=");
  assert.ok(Buffer.isBuffer(createHash("md5").digest()));
  assert.strictEqual(createHash("md5").digest("hex"), "d41d8cd98f00b204e9800998ecf8427e");
  assert.strictEqual(createHash("sha1").update("616263", "hex").digest("base64url"), "qZk-NkcGgWq6PiVxeFDCbJzQ2J0");
  assert.throws(() => sum.update("x"), code("ERR_CRYPTO_HASH_FINALIZED"));
  assert.throws(() => sum.digest(), { code: "ERR_CRYPTO_HASH_FINALIZED", message: "Digest already called" });
  assert.throws(() => createHash("nope"), /Digest method not supported/);
  assert.throws(() => createHash(), code("ERR_INVALID_ARG_TYPE"));
  assert.throws(() => createHash("md5").update(5), code("ERR_INVALID_ARG_TYPE"));
  assert.ok(getHashes().includes("sha256"));
  // long input, in pieces, with the caller's buffer changed in between
  const piece = Buffer.alloc(50_000);
  const long = createHash("sha1");
  for (let i = 0; i < 5; ++i) {
    piece.fill(i);
    long.update(piece);
  }
  const whole = Buffer.concat([0, 1, 2, 3, 4].map((i) => Buffer.alloc(50_000, i)));
  assert.strictEqual(long.digest("hex"), createHash("sha1").update(whole).digest("hex"));
}

function macs() {
  const what = "what do ya want for nothing?";
  assert.strictEqual(createHmac("sha256", "Jefe").update(what).digest("hex"),
    "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  assert.strictEqual(createHmac("md5", Buffer.from("Jefe")).update(what).digest("hex"), "750c783e6ab0b503eaa86e310a5db738");
  assert.strictEqual(createHmac("sha512", Buffer.alloc(131, 0xaa)).update("x".repeat(200_000)).digest("hex").slice(0, 16),
    "db6575a308ff2660");
  assert.strictEqual(createHmac("sha1", "").digest("hex"), "fbdb1d1b18aa6c08324b7d64b71fb76370690e1d");
  const mac = createHmac("sha1", "k");
  mac.digest();
  assert.strictEqual(mac.digest("hex"), "");
  assert.throws(() => createHmac("sha1"), code("ERR_INVALID_ARG_TYPE"));
}

async function randoms() {
  assert.strictEqual(randomBytes(16).length, 16);
  assert.notStrictEqual(randomBytes(16).toString("hex"), randomBytes(16).toString("hex"));
  assert.strictEqual((await promisify(randomBytes)(5)).length, 5);
  assert.match(randomUUID(), /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  const view = new Uint8Array(100_000);
  randomFillSync(view, 10);
  assert.ok(view.subarray(0, 10).every((x) => x === 0) && view.subarray(99_000).some((x) => x !== 0));
  await new Promise((resolve) => randomFill(new Uint8Array(4), (error, buffer) => resolve(buffer)));
  for (let i = 0; i < 50; ++i) {
    assert.ok([0, 1, 2].includes(randomInt(3)));
    assert.ok([-1, 0].includes(randomInt(-1, 1)));
  }
  await new Promise((resolve) => randomInt(10, (error, n) => resolve(n)));
  assert.throws(() => randomBytes(-1), code("ERR_OUT_OF_RANGE"));
  assert.throws(() => randomBytes("1"), code("ERR_INVALID_ARG_TYPE"));
  assert.throws(() => randomInt(5, 5), code("ERR_OUT_OF_RANGE"));
  assert.ok(timingSafeEqual(Buffer.from("a"), Buffer.from("a")) && !timingSafeEqual(Buffer.from("a"), Buffer.from("b")));
  assert.throws(() => timingSafeEqual(Buffer.from("a"), Buffer.from("ab")), /Input buffers must have the same byte length/);
}

async function keys() {
  assert.strictEqual(pbkdf2Sync("password", Buffer.from("salt"), 2, 20, "SHA1").toString("hex"),
    "ea6c014dc72d6f8ccd1ed92ace1d41f0d8de8957");
  assert.strictEqual(pbkdf2Sync("password", "salt", 1, 20, "sha1").toString("hex"), "0c60c80f961f0e71f3a9b524af6012062fe037a6");
  assert.strictEqual((await promisify(pbkdf2)("password", "salt", 1, 4, "sha1")).toString("hex"), "0c60c80f");
  assert.throws(() => pbkdf2Sync("p", "s", 1, 1, "nope"), TypeError);
  assert.throws(() => pbkdf2Sync("p", "s", 0, 1, "sha1"), code("ERR_OUT_OF_RANGE"));
  const okm = hkdfSync("sha256", Buffer.alloc(22, 0x0b), Buffer.from("000102030405060708090a0b0c", "hex"),
    Buffer.from("f0f1f2f3f4f5f6f7f8f9", "hex"), 42);
  assert.ok(okm instanceof ArrayBuffer);
  assert.strictEqual(Buffer.from(okm).toString("hex"),
    "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865");
  assert.strictEqual(scryptSync("password", "NaCl", 8, { N: 1024, r: 8, p: 16 }).toString("hex"), "fdbabe1c9d347200");
  assert.throws(() => scryptSync("p", "s", 8, { N: 3 }), Error);
}

export default async function () {
  assert.strictEqual(crypto.createHash, createHash);
  digests();
  macs();
  await randoms();
  await keys();
}
