// Encryption with RSA.

import * as crypto from "node:crypto";
import { each, hex, outcomes, text } from "./all.js";
import * as pem from "./pem.js";

const { constants } = crypto;
const data = Buffer.from("secret");
const there = (options) => crypto.privateDecrypt({ key: pem.rsa1024, ...options }, crypto.publicEncrypt({ key: pem.rsa1024, ...options }, data)).toString();
const back = (options) => crypto.publicDecrypt({ key: pem.rsa1024, ...options }, crypto.privateEncrypt({ key: pem.rsa1024, ...options }, data)).toString();

export const rsa = {
  "paddings": () => each([undefined, 1, 3, 4, 5, 6, 0, "1"], (padding) => there({ padding })),
  "hashes": () => each(["sha1", "sha256", "sha384", "md5", "SHA256", "none", "", 1], (oaepHash) => there({ padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash })),
  "labels": () => each(["label", Buffer.from("label"), new ArrayBuffer(2), 1, null, ""], (oaepLabel) => there({ padding: constants.RSA_PKCS1_OAEP_PADDING, oaepLabel })),
  "labelWithPkcs1": () => there({ oaepLabel: "label" }),
  "labelWrong": () => crypto.privateDecrypt({ key: pem.rsa1024, padding: 4, oaepLabel: "b" }, crypto.publicEncrypt({ key: pem.rsa1024, padding: 4, oaepLabel: "a" }, data)),
  "hashWrong": () => crypto.privateDecrypt({ key: pem.rsa1024, padding: 4, oaepHash: "sha1" }, crypto.publicEncrypt({ key: pem.rsa1024, padding: 4, oaepHash: "sha256" }, data)),
  "defaultHash": () => crypto.privateDecrypt({ key: pem.rsa1024, padding: 4, oaepHash: "sha256" }, crypto.publicEncrypt({ key: pem.rsa1024, padding: 4 }, data)).toString(),
  "private": () => each([undefined, 1, 3, 4, 6], (padding) => back({ padding })),
  "privateFixed": () => crypto.privateEncrypt(pem.rsa1024, data).toString("hex"),
  "none": () => each([128, 127, 129, 6], (n) => crypto.publicEncrypt({ key: pem.rsa1024, padding: constants.RSA_NO_PADDING }, Buffer.alloc(n, 1)).toString("hex")),
  "noneBack": () => crypto.privateDecrypt({ key: pem.rsa1024, padding: 3 }, crypto.publicEncrypt({ key: pem.rsa1024, padding: 3 }, Buffer.alloc(128, 1))).toString("hex"),
  "noneTooBig": () => crypto.publicEncrypt({ key: pem.rsa1024, padding: 3 }, Buffer.alloc(128, 255)),
  "fixed": () => crypto.privateDecrypt(pem.rsa1024, hex("95f21ff48bab73a456a0766087635a4be5684024b150287295a2c3a95c1498114b2fbd5c7f8726449853c7e93a92a17530f3dcdeb73a777f0d642057a61f336a7030408df23e3a2651dee89a66ff5d8b32f6f3e9dec6c990a94a05fec7a13ff9a37c2097962db778c8349175e500bfa7659f552478010116b336ca619e90abf7")).toString(),
  "fixedOAEP": () => crypto.privateDecrypt({ key: pem.rsa1024, padding: 4, oaepHash: "sha1" }, hex("771b1bd1a67ba8e14395dc12a0f5e8ee36d0ccc6a0cd817ad219dafcc14bddcfbe6f4362058a7a539e00f47f45be5a8a0f3eefa17806553ea560feb028e43885e36e17e216af0e08c8bc3d6e0c1fccdc6ea9fae924b70baab074a23fa9f5cea437b9554f64b772b5d5fddf4b5a735da14a806d56267081899fdbd7aaf4ca1201")).toString(),
  "tooLong": () => outcomes(() => crypto.publicEncrypt(pem.rsa1024, Buffer.alloc(118)), () => crypto.publicEncrypt(pem.rsa1024, Buffer.alloc(117)).length, () => crypto.publicEncrypt({ key: pem.rsa1024, padding: 4 }, Buffer.alloc(63)), () => crypto.publicEncrypt({ key: pem.rsa1024, padding: 4 }, Buffer.alloc(62)).length),
  "garbage": () => each(["", "00", "00".repeat(128), "ff".repeat(128), "01".repeat(127)], (bytes) => outcomes(() => crypto.privateDecrypt({ key: pem.rsa1024, padding: 4 }, hex(bytes)), () => crypto.publicDecrypt(pem.rsa1024, hex(bytes)), () => crypto.privateDecrypt({ key: pem.rsa1024, padding: 3 }, hex(bytes)))),
  "text": () => crypto.privateDecrypt(pem.rsa1024, crypto.publicEncrypt({ key: pem.rsa1024, encoding: "hex" }, "736563726574")).toString(),
  "keys": () => each([undefined, null, "", {}, pem.p256, crypto.createPublicKey(pem.rsa1024), crypto.createPrivateKey(pem.rsa1024), crypto.createSecretKey(hex("00")), pem.ed25519, { key: crypto.createPublicKey(pem.rsa1024) }], (key) => outcomes(() => crypto.publicEncrypt(key, data).length, () => crypto.privateEncrypt(key, data).length, () => crypto.privateDecrypt(key, Buffer.alloc(1)).length, () => crypto.publicDecrypt(key, Buffer.alloc(1)).length)),
  "data": () => each([undefined, null, 1, {}, new ArrayBuffer(2), new Uint16Array([1]), "text"], (d) => outcomes(() => crypto.publicEncrypt(pem.rsa1024, d).length, () => crypto.privateEncrypt(pem.rsa1024, d).length)),
  "passphrase": () => crypto.privateDecrypt({ key: pem.rsa_enc, passphrase: "secret" }, crypto.publicEncrypt(pem.rsa1024, Buffer.from(text))).toString(),
};
