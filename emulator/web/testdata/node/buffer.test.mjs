import buffer, { Buffer, isAscii, isUtf8, transcode } from "node:buffer";
import assert from "node:assert";

const code = (name) => ({ code: name });
const hex = (b) => b.toString("hex");

export default function () {
  // from and toString, every encoding
  assert.strictEqual(hex(Buffer.from("héllo €😀")), "68c3a96c6c6f20e282acf09f9880");
  assert.strictEqual(Buffer.from("68c3a9zz", "hex").toString(), "hé");
  assert.strictEqual(hex(Buffer.from("abc", "hex")), "ab");
  assert.strictEqual(hex(Buffer.from("aé€", "latin1")), "61e9ac");
  assert.strictEqual(hex(Buffer.from("aé€", "ascii")), "61e9ac");
  assert.strictEqual(hex(Buffer.from("a😀", "utf16le")), "61003dd800de");
  assert.strictEqual(Buffer.from("61003dd800de", "hex").toString("ucs2"), "a😀");
  assert.strictEqual(Buffer.from("3dd8", "hex").toString("utf16le"), "\ud83d");
  assert.strictEqual(hex(Buffer.from("\ud83d", "utf16le")), "3dd8");
  assert.strictEqual(hex(Buffer.from("a\ud83d")), "61efbfbd");
  assert.strictEqual(Buffer.from("aGk_-w==", "base64").toString("base64url"), "aGk_-w");
  assert.strictEqual(Buffer.from("aGk/+w", "base64url").toString("base64"), "aGk/+w==");
  assert.strictEqual(hex(Buffer.from("a G\nk=ignored", "base64")), "6869");
  assert.strictEqual(Buffer.from([0xe9, 0xff]).toString("latin1"), "éÿ");
  assert.strictEqual(Buffer.from([0xe9, 0x41]).toString("ascii"), "iA");
  assert.strictEqual(Buffer.from([0xe2, 0x82, 0x41, 0xff, 0xf0, 0x9f, 0x98]).toString(), "\ufffdA\ufffd\ufffd");
  assert.strictEqual(Buffer.from([0xed, 0xa0, 0x80]).toString(), "\ufffd\ufffd\ufffd");
  assert.strictEqual(Buffer.from("hello").toString("utf8", 1, 3), "el");
  assert.strictEqual(Buffer.from("hello").toString("utf8", -5, 99), "hello");
  assert.throws(() => Buffer.from("x").toString("nope"), code("ERR_UNKNOWN_ENCODING"));
  assert.throws(() => Buffer.from("x", "nope"), { code: "ERR_UNKNOWN_ENCODING", message: "Unknown encoding: nope" });
  assert.throws(() => Buffer.from(5), {
    code: "ERR_INVALID_ARG_TYPE",
    message: "The first argument must be of type string or an instance of Buffer, ArrayBuffer, or Array or an " +
      "Array-like Object. Received type number (5)",
  });
  assert.throws(() => Buffer.from(null), code("ERR_INVALID_ARG_TYPE"));
  assert.deepStrictEqual([...Buffer.from({ length: 2, 0: 1, 1: 258 })], [1, 2]);
  assert.strictEqual(String(Buffer.from(new String("boxed"))), "boxed");
  assert.strictEqual(String(Buffer.from({ [Symbol.toPrimitive]: () => "prim" })), "prim");
  assert.deepStrictEqual(Buffer.from(JSON.parse(JSON.stringify(Buffer.from("hi")))), Buffer.from("hi"));
  assert.deepStrictEqual(Buffer.from("hi").toJSON(), { type: "Buffer", data: [104, 105] });
  const bytes = new Uint8Array([1, 2, 3, 4]);
  const shared = Buffer.from(bytes.buffer, 1, 2);
  bytes[1] = 9;
  assert.strictEqual(shared[0], 9);
  const copied = Buffer.from(bytes);
  bytes[0] = 7;
  assert.strictEqual(copied[0], 1);
  assert.throws(() => Buffer.from(bytes.buffer, 5), code("ERR_BUFFER_OUT_OF_BOUNDS"));
  assert.strictEqual(hex(Buffer.copyBytesFrom(new Uint16Array([1, 2, 3]), 1, 1)), "0200");

  // making and joining
  assert.strictEqual(hex(Buffer.alloc(3)), "000000");
  assert.strictEqual(hex(Buffer.alloc(5, "ab")), "6162616261");
  assert.strictEqual(hex(Buffer.alloc(3, 257)), "010101");
  assert.strictEqual(hex(Buffer.alloc(4, "YQ==", "base64")), "61616161");
  assert.throws(() => Buffer.alloc(-1), code("ERR_OUT_OF_RANGE"));
  assert.throws(() => Buffer.alloc("5"), code("ERR_INVALID_ARG_TYPE"));
  assert.strictEqual(Buffer.allocUnsafe(4).length, 4);
  assert.strictEqual(String(Buffer.concat([Buffer.from("ab"), new Uint8Array([99])])), "abc");
  assert.strictEqual(hex(Buffer.concat([Buffer.from("ab")], 3)), "616200");
  assert.strictEqual(String(Buffer.concat([Buffer.from("ab"), Buffer.from("cd")], 3)), "abc");
  assert.throws(() => Buffer.concat("x"), code("ERR_INVALID_ARG_TYPE"));
  assert.throws(() => Buffer.concat(["x"]), { message: /"list\[0\]"/ });
  assert.strictEqual(Buffer.byteLength("€"), 3);
  assert.strictEqual(Buffer.byteLength("YWI=", "base64"), 2);
  assert.strictEqual(Buffer.byteLength("ab", "hex"), 1);
  assert.strictEqual(Buffer.byteLength(new ArrayBuffer(7)), 7);
  assert.ok(Buffer.isBuffer(Buffer.alloc(0)) && !Buffer.isBuffer(new Uint8Array(0)));
  assert.ok(Buffer.isEncoding("UTF-8") && Buffer.isEncoding("binary") && !Buffer.isEncoding("x") && !Buffer.isEncoding(""));
  assert.strictEqual(Buffer.compare(Buffer.from("a"), Buffer.from("b")), -1);

  // views and class
  const b = Buffer.from("hello world");
  assert.ok(b instanceof Uint8Array && b instanceof Buffer);
  assert.strictEqual(b.constructor, Buffer);
  assert.strictEqual(Buffer.name, "Buffer");
  const sub = b.subarray(0, 5);
  assert.ok(Buffer.isBuffer(sub) && Buffer.isBuffer(b.map((x) => x)));
  sub[0] = 72;
  assert.strictEqual(b[0], 72);
  assert.strictEqual(String(b.slice(-5)), "world");
  assert.strictEqual(String(b.slice(6, -1)), "worl");
  assert.deepStrictEqual(Object.keys(Buffer.from("ab")), ["0", "1"]);
  assert.strictEqual(`${Buffer.from("t")}`, "t");
  assert.deepStrictEqual([...Buffer.of(1, 2)], [1, 2]);
  assert.strictEqual(Object.prototype.toString.call(b), "[object Uint8Array]");

  // write and fill
  const w = Buffer.alloc(6);
  assert.strictEqual(w.write("€€"), 6);
  assert.strictEqual(w.write("€€", 1), 3);
  assert.strictEqual(w.write("abcdef", 2, 2), 2);
  assert.strictEqual(w.write("ff00", "hex"), 2);
  assert.strictEqual(hex(w), "ff006162" + hex(w).slice(8));
  assert.throws(() => w.write("a", 7), code("ERR_OUT_OF_RANGE"));
  assert.throws(() => w.write(5), code("ERR_INVALID_ARG_TYPE"));
  assert.strictEqual(hex(Buffer.alloc(4).fill("é")), "c3a9c3a9");
  assert.strictEqual(hex(Buffer.alloc(4).fill("ab", 1, 3)), "00616200");
  assert.strictEqual(hex(Buffer.alloc(3).fill("abcd", "hex")), "abcdab");
  assert.strictEqual(hex(Buffer.alloc(3).fill(Buffer.from([1, 2]))), "010201");
  assert.throws(() => Buffer.alloc(3).fill("zz", "hex"), code("ERR_INVALID_ARG_VALUE"));
  assert.throws(() => Buffer.alloc(3).fill(0, 0, 4), code("ERR_OUT_OF_RANGE"));

  // search and order
  const s = Buffer.from("this is a buffer, a buffer");
  assert.strictEqual(s.indexOf("is"), 2);
  assert.strictEqual(s.indexOf("is", 3), 5);
  assert.strictEqual(s.lastIndexOf("buffer"), 20);
  assert.strictEqual(s.lastIndexOf("buffer", 19), 10);
  assert.strictEqual(s.lastIndexOf("buffer", -100), -1);
  assert.strictEqual(s.indexOf(97), 8);
  assert.strictEqual(s.indexOf(97 + 256, 9), 18);
  assert.strictEqual(s.lastIndexOf(97), 18);
  assert.strictEqual(s.indexOf(Buffer.from("buffer"), -7), 20);
  assert.strictEqual(s.indexOf("nope"), -1);
  assert.strictEqual(s.indexOf(""), 0);
  assert.strictEqual(s.indexOf("", 100), s.length);
  assert.ok(s.includes("a buffer") && !s.includes("xyz"));
  assert.strictEqual(Buffer.from("abcd", "utf16le").indexOf("c", 0, "utf16le"), 4);
  assert.throws(() => s.indexOf({}), code("ERR_INVALID_ARG_TYPE"));
  assert.ok(Buffer.from("a").equals(new Uint8Array([97])));
  assert.throws(() => Buffer.from("a").equals("a"), code("ERR_INVALID_ARG_TYPE"));
  assert.strictEqual(Buffer.from("abc").compare(Buffer.from("xbc"), 1, 3, 1, 3), 0);
  assert.strictEqual(Buffer.from("b").compare(Buffer.from("a")), 1);
  const target = Buffer.alloc(4);
  assert.strictEqual(Buffer.from("hello").copy(target, 1, 1), 3);
  assert.strictEqual(hex(target), "00656c6c");
  assert.strictEqual(hex(Buffer.from("01020304", "hex").swap16()), "02010403");
  assert.strictEqual(hex(Buffer.from("01020304", "hex").swap32()), "04030201");
  assert.throws(() => Buffer.alloc(3).swap16(), {
    code: "ERR_INVALID_BUFFER_SIZE", message: "Buffer size must be a multiple of 16-bits",
  });

  // the rest of the module
  assert.ok(isUtf8(Buffer.from("é")) && !isUtf8(Buffer.from([0xff])) && isAscii(Buffer.from("a")) && !isAscii(Buffer.from("é")));
  assert.strictEqual(hex(transcode(Buffer.from("€a"), "utf8", "latin1")), "3f61");
  assert.strictEqual(hex(transcode(Buffer.from("é"), "utf8", "utf16le")), "e900");
  assert.strictEqual(buffer.kStringMaxLength, buffer.constants.MAX_STRING_LENGTH);
  assert.strictEqual(buffer.INSPECT_MAX_BYTES, 50);
}
