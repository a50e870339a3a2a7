import { Buffer } from "node:buffer";
import assert from "node:assert";

const hex = (b) => b.toString("hex");

export default function () {
  const b = Buffer.from("0123456789abcdef", "hex");
  const reads = {
    readUInt8: 0x01, readUInt16LE: 0x2301, readUInt16BE: 0x0123, readUInt32LE: 0x67452301, readUInt32BE: 0x01234567,
    readInt8: 1, readBigUInt64BE: 0x0123456789abcdefn, readBigUInt64LE: 0xefcdab8967452301n,
    readBigInt64LE: -1167088121787636991n, readDoubleBE: 3.512700564088504e-303, readFloatBE: 2.9988165487136453e-38,
  };
  for (const [name, want] of Object.entries(reads)) assert.strictEqual(b[name](0), want, name);
  assert.strictEqual(b.readUint8, b.readUInt8);
  assert.strictEqual(b.readInt8(7), -17);
  assert.strictEqual(b.readInt16LE(6), -4147);
  assert.strictEqual(b.readInt32BE(4), -1985229329);
  assert.strictEqual(b.readUIntBE(0, 6), 0x0123456789ab);
  assert.strictEqual(b.readUIntLE(2, 6), 0xefcdab896745);
  assert.strictEqual(b.readIntLE(2, 6), -17808351467707);
  assert.strictEqual(b.readIntBE(5, 3), -5517841);

  const w = Buffer.alloc(8);
  assert.strictEqual(w.writeUInt8(255), 1);
  assert.strictEqual(w.writeInt16BE(-2, 1), 3);
  assert.strictEqual(w.writeUInt32LE(0xdeadbeef, 3), 7);
  assert.strictEqual(hex(w), "fffffeefbeadde00");
  assert.strictEqual(w.writeBigInt64BE(-2n), 8);
  assert.strictEqual(hex(w), "fffffffffffffffe");
  w.writeDoubleLE(1.5);
  assert.strictEqual(hex(w), "000000000000f83f");
  w.writeFloatBE(-0.25, 2);
  assert.strictEqual(w.readFloatBE(2), -0.25);
  w.writeIntLE(-17808351467707, 1, 6);
  assert.strictEqual(w.readIntLE(1, 6), -17808351467707);
  w.writeUIntBE(0x0102030405, 0, 5);
  assert.strictEqual(hex(w).slice(0, 10), "0102030405");
  w.writeUInt8(3.7);
  assert.strictEqual(w[0], 3);
  w.writeInt8(-1);
  assert.strictEqual(w[0], 255);

  const failures = [
    [() => b.readUInt8(8), "ERR_OUT_OF_RANGE", 'The value of "offset" is out of range. It must be >= 0 and <= 7. Received 8'],
    [() => b.readUInt8(-1), "ERR_OUT_OF_RANGE", 'The value of "offset" is out of range. It must be >= 0 and <= 7. Received -1'],
    [() => b.readUInt8(1.5), "ERR_OUT_OF_RANGE", 'The value of "offset" is out of range. It must be an integer. Received 1.5'],
    [() => b.readUInt8("1"), "ERR_INVALID_ARG_TYPE", 'The "offset" argument must be of type number. Received type string (\'1\')'],
    [() => Buffer.alloc(1).readUInt16LE(), "ERR_BUFFER_OUT_OF_BOUNDS", "Attempt to access memory outside buffer bounds"],
    [() => w.writeUInt8(256), "ERR_OUT_OF_RANGE", 'The value of "value" is out of range. It must be >= 0 and <= 255. Received 256'],
    [() => w.writeInt8(-129), "ERR_OUT_OF_RANGE", 'The value of "value" is out of range. It must be >= -128 and <= 127. Received -129'],
    [() => w.writeUIntLE(2 ** 40, 0, 5), "ERR_OUT_OF_RANGE", 'The value of "value" is out of range. It must be >= 0 and < 2 ** 40. Received 1_099_511_627_776'],
    [() => w.writeIntLE(2 ** 47, 0, 6), "ERR_OUT_OF_RANGE", 'The value of "value" is out of range. It must be >= -(2 ** 47) and < 2 ** 47. Received 140_737_488_355_328'],
    [() => w.writeBigUInt64LE(-1n), "ERR_OUT_OF_RANGE", 'The value of "value" is out of range. It must be >= 0n and < 2n ** 64n. Received -1n'],
    [() => b.readUIntLE(0, 7), "ERR_OUT_OF_RANGE", 'The value of "byteLength" is out of range. It must be >= 1 and <= 6. Received 7'],
    [() => b.readUIntLE(0), "ERR_INVALID_ARG_TYPE", 'The "byteLength" argument must be of type number. Received undefined'],
  ];
  for (const [fn, code, message] of failures) assert.throws(fn, { code, message });
}
