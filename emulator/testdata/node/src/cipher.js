// Ciphers.

import * as crypto from "node:crypto";
import { pipeline } from "node:stream/promises";
import { each, hex, outcomes, text } from "./all.js";

const bytes = (n, from = 0) => Buffer.from(Array.from({ length: n }, (_, i) => (i + from) & 255));
const sizes = (name) => { const { keyLength, ivLength } = crypto.getCipherInfo(name); return [bytes(keyLength), bytes(ivLength, 100)]; };
const block = ["aes-128-cbc", "aes-192-cbc", "aes-256-cbc", "aes-128-ctr", "aes-192-ctr", "aes-256-ctr", "aes-128-ecb", "aes-192-ecb", "aes-256-ecb", "aes-128-ofb", "aes-256-ofb", "des-cbc", "des-ecb", "des-ede", "des-ede-cbc", "des-ede3-cbc", "rc4", "AES-256-CBC", "AES-128-GCM"];
const aeads = ["aes-128-gcm", "aes-192-gcm", "aes-256-gcm", "chacha20-poly1305", "xchacha20-poly1305"];
const encrypt = (name, key, iv, data, prepare = () => {}) => {
  const c = crypto.createCipheriv(name, key, iv);
  prepare(c);
  return c.update(data, "utf8", "hex") + c.final("hex");
};
const decrypt = (name, key, iv, data, prepare = () => {}) => {
  const c = crypto.createDecipheriv(name, key, iv);
  prepare(c);
  return c.update(data, "hex", "utf8") + c.final("utf8");
};
const cbc = () => crypto.createCipheriv("aes-128-cbc", bytes(16), bytes(16));
const open = (tag, name = "aes-128-gcm") => { const d = crypto.createDecipheriv(name, bytes(16), bytes(12)); if (tag) d.setAuthTag(tag); return d; };
const sealed = (aad) => {
  const c = crypto.createCipheriv("aes-128-gcm", bytes(16), bytes(12));
  if (aad) c.setAAD(aad);
  const out = Buffer.concat([c.update(Buffer.from(text)), c.final()]);
  return [out, c.getAuthTag()];
};

export const cipher = {
  "list": () => [crypto.getCiphers().slice(0, 44), crypto.getCiphers().slice(44).sort(), crypto.getCiphers() === crypto.getCiphers()],
  "info": () => each([...crypto.getCiphers().sort(), "none", "", "aes128", "id-aes128-GCM", 419, 895, 1018, 0, -1, undefined, null, {}], (name) => crypto.getCipherInfo(name)),
  "infoOptions": () => each([["aes-128-cbc", { keyLength: 16 }], ["aes-128-cbc", { keyLength: 12 }], ["aes-128-cbc", { ivLength: 12 }], ["aes-128-gcm", { ivLength: 8 }], ["aes-128-gcm", { ivLength: 0 }], ["rc4", { keyLength: 5 }], ["aes-128-cbc", 1], ["chacha20-poly1305", { keyLength: 5 }]], ([name, options]) => crypto.getCipherInfo(name, options)),
  "block": () => each(block, (name) => { const [key, iv] = sizes(name); const out = encrypt(name, key, iv, text); return [out, decrypt(name, key, iv, out)]; }),
  "rc2": () => encrypt("rc2-cbc", bytes(16), bytes(8), text),
  "empty": () => each(["aes-128-cbc", "aes-128-ctr", "aes-128-ecb", "aes-128-gcm"], (name) => { const [key, iv] = sizes(name); const out = encrypt(name, key, iv, ""); return [out, name.endsWith("gcm") ? "" : decrypt(name, key, iv, out)]; }),
  "pieces": () => each(["aes-128-cbc", "aes-128-ctr", "aes-128-ecb", "aes-128-ofb", "aes-128-gcm", "des-ede3-cbc", "rc4"], (name) => {
    const [key, iv] = sizes(name);
    const c = crypto.createCipheriv(name, key, iv);
    const out = [1, 15, 16, 17, 0, 40].map((n) => c.update(bytes(n)).toString("hex"));
    return [out, c.final("hex")];
  }),
  "openPieces": () => each(["aes-128-cbc", "aes-128-ctr", "aes-128-ecb", "des-ede3-cbc"], (name) => {
    const [key, iv] = sizes(name);
    const whole = hex(encrypt(name, key, iv, text + text));
    const d = crypto.createDecipheriv(name, key, iv);
    const out = [0, 1, 16, 33, 48, 80].map((at, i, all) => d.update(whole.subarray(at, all[i + 1])).toString("latin1"));
    return [out, d.final("latin1")];
  }),
  "padding": () => each([[true, text], [false, text], [false, text.slice(0, 32)], [false, ""], [undefined, text.slice(0, 32)], [0, "0123456789abcdef"], [1, "0123456789abcdef"]], ([padding, data]) => encrypt("aes-128-cbc", bytes(16), bytes(16), data, (c) => c.setAutoPadding(padding))),
  "openPadding": () => {
    const whole = encrypt("aes-128-cbc", bytes(16), bytes(16), text);
    return outcomes(
      () => { const d = crypto.createDecipheriv("aes-128-cbc", bytes(16), bytes(16)); d.setAutoPadding(false); return d.update(whole, "hex", "hex") + d.final("hex"); },
      () => decrypt("aes-128-cbc", bytes(16, 1), bytes(16), whole),
      () => decrypt("aes-128-cbc", bytes(16), bytes(16), whole.slice(0, 40)),
      () => decrypt("aes-128-cbc", bytes(16), bytes(16), ""),
      () => decrypt("aes-128-cbc", bytes(16), bytes(16), whole.slice(0, 32)),
    );
  },
  "aead": () => each(aeads, (name) => {
    const [key, iv] = sizes(name);
    const c = crypto.createCipheriv(name, key, iv);
    c.setAAD(Buffer.from("more"));
    const out = c.update(text, "utf8", "hex") + c.final("hex");
    const tag = c.getAuthTag();
    const again = decrypt(name, key, iv, out, (d) => { d.setAAD(Buffer.from("more")); d.setAuthTag(tag); });
    return [out, tag, again];
  }),
  "aeadForged": () => each(aeads, async (name) => {
    const [key, iv] = sizes(name);
    const c = crypto.createCipheriv(name, key, iv);
    const out = c.update(text, "utf8", "hex") + c.final("hex");
    const tag = c.getAuthTag();
    const bad = Buffer.from(tag);
    bad[0] ^= 1;
    return outcomes(
      () => decrypt(name, key, iv, out, (d) => d.setAuthTag(bad)),
      () => decrypt(name, key, iv, "00" + out.slice(2), (d) => d.setAuthTag(tag)),
      () => decrypt(name, key, iv, out, (d) => { d.setAAD(Buffer.from("x")); d.setAuthTag(tag); }),
      () => decrypt(name, key, iv, out),
    );
  }),
  "aeadRare": () => each(["aes-128-ccm", "aes-128-ocb", "aes-128-cfb", "aes-128-gcm-sivv"], (name) => crypto.createCipheriv(name, bytes(16), bytes(12))),
  "twice": () => each(["chacha20-poly1305", "aes-128-gcm"], (name) => { const [key, iv] = sizes(name); const c = crypto.createCipheriv(name, key, iv); return [c.update(bytes(3)).toString("hex"), c.update(bytes(3)).toString("hex"), c.final("hex")]; }),
  "chachaFirst": () => outcomes(
    () => { const [key, iv] = sizes("chacha20-poly1305"); const c = crypto.createCipheriv("chacha20-poly1305", key, iv); c.final(); return c.getAuthTag(); },
    () => { const [key, iv] = sizes("chacha20-poly1305"); return crypto.createCipheriv("chacha20-poly1305", key, iv).setAutoPadding(true); },
    () => { const [key, iv] = sizes("chacha20-poly1305"); return crypto.createDecipheriv("chacha20-poly1305", key, iv).setAuthTag(bytes(12)); },
    () => crypto.createCipheriv("chacha20-poly1305", bytes(32), bytes(8)),
    () => crypto.createCipheriv("chacha20-poly1305", bytes(31), bytes(12)),
    () => crypto.createCipheriv("chacha20-poly1305", bytes(32), bytes(12), { authTagLength: 8 }).constructor.name,
    () => { const c = crypto.createCipheriv("chacha20-poly1305", bytes(32), bytes(12), { authLengthTag: 8 }); c.update(bytes(3)); c.final(); return c.getAuthTag(); },
  ),
  "tagState": () => outcomes(
    () => { const c = crypto.createCipheriv("aes-128-gcm", bytes(16), bytes(12)); return c.getAuthTag(); },
    () => { const [, tag] = sealed(); return tag; },
    () => { const c = crypto.createCipheriv("aes-128-gcm", bytes(16), bytes(12)); c.final(); return [c.getAuthTag(), c.getAuthTag()]; },
    () => cbc().getAuthTag(),
    () => { const c = cbc(); c.final(); return c.getAuthTag(); },
    () => open().getAuthTag,
    () => crypto.createCipheriv("aes-128-gcm", bytes(16), bytes(12)).setAuthTag,
    () => crypto.createDecipheriv("aes-128-cbc", bytes(16), bytes(16)).setAuthTag(bytes(16)),
    () => open(bytes(16)).setAuthTag(bytes(16)),
    () => open().final(),
    () => open().update(bytes(3)),
    () => open().setAuthTag("text"),
    () => open().setAuthTag(1),
  ),
  "tagLengths": () => each([0, 3, 4, 5, 8, 11, 12, 13, 14, 15, 16, 17], (n) => { const [out, tag] = sealed(); return open(Buffer.concat([tag, tag]).subarray(0, n)).update(out).toString("utf8").length; }),
  "tagShort": () => each([4, 8, 12, 16], (n) => { const [out, tag] = sealed(); const d = open(tag.subarray(0, n)); return d.update(out).toString("utf8") + d.final("utf8"); }),
  "tagOption": () => each([4, 12, 16, 3, -1, "x"], (n) => outcomes(
    () => { const c = crypto.createCipheriv("aes-128-gcm", bytes(16), bytes(12), { authTagLength: n }); c.final(); return c.getAuthTag().length; },
    () => { const c = crypto.createCipheriv("aes-128-gcm", bytes(16), bytes(12), { authLengthTag: n }); c.final(); return c.getAuthTag().length; },
  )),
  "aad": () => outcomes(
    () => cbc().setAAD(bytes(3)),
    () => { const c = crypto.createCipheriv("aes-128-gcm", bytes(16), bytes(12)); c.setAAD("text"); c.setAAD(bytes(3)); c.final(); return c.getAuthTag(); },
    () => { const c = crypto.createCipheriv("aes-128-gcm", bytes(16), bytes(12)); c.setAAD("6d6f7265", { encoding: "hex" }); c.final(); return c.getAuthTag(); },
    () => { const c = crypto.createCipheriv("aes-128-gcm", bytes(16), bytes(12)); c.update(bytes(3)); c.setAAD(bytes(3)); return c.final("hex"); },
    () => crypto.createCipheriv("aes-128-gcm", bytes(16), bytes(12)).setAAD(bytes(3), 1),
    () => crypto.createCipheriv("aes-128-gcm", bytes(16), bytes(12)).setAAD(bytes(3), { plaintextLength: -1 }),
    () => crypto.createCipheriv("aes-128-gcm", bytes(16), bytes(12)).setAAD(1) instanceof crypto.Cipheriv,
  ),
  "ivLengths": () => each([0, 1, 8, 11, 12, 16, 60], (n) => { const c = crypto.createCipheriv("aes-128-gcm", bytes(16), bytes(n)); return c.update(text, "utf8", "hex") + c.final("hex") + c.getAuthTag().toString("hex"); }),
  "finished": () => { const c = cbc(); c.final(); return outcomes(() => c.update(bytes(3)), () => c.final(), () => c.setAutoPadding(true), () => c.setAAD(bytes(1))); },
  "keys": () => each([bytes(16), bytes(15), bytes(0), "0123456789abcdef", "short", new Uint16Array(8), bytes(16).buffer.slice(0, 16), crypto.createSecretKey(bytes(16)), crypto.generateKeyPairSync("ed25519").privateKey, undefined, null, 1, {}], (key) => { const c = crypto.createCipheriv("aes-128-cbc", key, bytes(16)); return c.update(text, "utf8", "hex"); }),
  "webKey": async () => { const key = await crypto.subtle.importKey("raw", bytes(16), "AES-CBC", true, ["encrypt"]); return crypto.createCipheriv("aes-128-cbc", key, bytes(16)).final("hex"); },
  "ivs": () => each([bytes(16), bytes(15), bytes(0), "0123456789abcdef", null, undefined, 1, new ArrayBuffer(16)], (iv) => outcomes(() => crypto.createCipheriv("aes-128-cbc", bytes(16), iv).final("hex"), () => crypto.createCipheriv("aes-128-ecb", bytes(16), iv).final("hex"))),
  "names": () => each(["none", "", undefined, null, 1, "aes-128", "AES-128-cbc", "aes128"], (name) => outcomes(() => crypto.createCipheriv(name, bytes(16), bytes(16)).final("hex"), () => crypto.createDecipheriv(name, bytes(16), bytes(16)).constructor.name)),
  "data": () => each([["text"], ["text", "utf8"], ["00", "hex"], [bytes(3)], [bytes(3), undefined, "hex"], [new Uint16Array([1])], [new ArrayBuffer(3)], [1], [null], [], [bytes(3), "utf8", "none"], ["x", "none"]], (args) => { const c = crypto.createCipheriv("aes-128-ctr", bytes(16), bytes(16)); return c.update(...args); }),
  "finals": () => each(["hex", "base64", "buffer", "none", undefined, null], (encoding) => cbc().final(encoding)),
  "streams": async () => {
    const parts = [];
    const c = cbc();
    c.on("data", (part) => parts.push(part));
    c.write("the quick brown fox "); c.end("jumps");
    await new Promise((resolve) => c.on("end", resolve));
    const whole = Buffer.concat(parts);
    const d = crypto.createDecipheriv("aes-128-cbc", bytes(16), bytes(16));
    let out = "";
    d.setEncoding("utf8");
    d.on("data", (part) => (out += part));
    await pipeline([whole], d);
    return [whole.toString("hex"), out];
  },
  "streamWrong": async () => { const d = crypto.createDecipheriv("aes-128-cbc", bytes(16), bytes(16)); return new Promise((resolve) => { d.on("error", resolve); d.on("data", () => {}); d.end(bytes(16)); }); },
  "callable": () => outcomes(() => new crypto.Cipheriv("aes-128-cbc", bytes(16), bytes(16)).constructor.name, () => cbc() instanceof crypto.Cipheriv, () => Object.keys(crypto.Cipheriv.prototype), () => Object.keys(crypto.Decipheriv.prototype)),
  "old": () => outcomes(() => crypto.createCipher("aes-128-cbc", "x"), () => crypto.createDecipher("aes-128-cbc", "x"), () => crypto.Cipher(), () => crypto.Decipher()),
  "chained": () => { const c = cbc(); return [c.setAutoPadding(false) === c, crypto.createCipheriv("aes-128-gcm", bytes(16), bytes(12)).setAAD(bytes(1)) instanceof crypto.Cipheriv, open().setAuthTag(bytes(16)) instanceof crypto.Decipheriv]; },
};
