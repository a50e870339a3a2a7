// The read* and write* methods of Buffer.

import { codedError, invalidArgType, outOfRange } from "./errors";

type Methods = Record<string, (this: Uint8Array, ...args: any[]) => any>;

const scratch = new DataView(new ArrayBuffer(8));

// numberMethods are all of them, to be copied onto the prototype.
export function numberMethods(): Methods {
  const methods: Methods = {};
  for (const size of [1, 2, 4]) {
    for (const signed of [false, true]) addFixed(methods, size, signed);
  }
  addVariable(methods);
  addBigInts(methods);
  addFloats(methods);
  for (const name of Object.keys(methods)) {
    if (name.includes("UInt")) methods[name.replace("UInt", "Uint")] = methods[name]!;
  }
  return methods;
}

function addFixed(methods: Methods, size: number, signed: boolean): void {
  const stem = `${signed ? "Int" : "UInt"}${size * 8}`;
  for (const little of size === 1 ? [false] : [true, false]) {
    const name = size === 1 ? stem : stem + (little ? "LE" : "BE");
    define(methods, `read${name}`, function (offset = 0) {
      return readInteger(this, offset, size, signed, little);
    });
    define(methods, `write${name}`, function (value, offset = 0) {
      return writeInteger(this, value, offset, size, signed, little, "value");
    });
  }
}

function addVariable(methods: Methods): void {
  for (const signed of [false, true]) {
    for (const little of [true, false]) {
      const name = `${signed ? "Int" : "UInt"}${little ? "LE" : "BE"}`;
      define(methods, `read${name}`, function (offset, byteLength) {
        if (offset === undefined) throw invalidArgType("offset", "number", offset);
        checkSize(byteLength);
        return readInteger(this, offset, byteLength, signed, little);
      });
      define(methods, `write${name}`, function (value, offset, byteLength) {
        if (offset === undefined) throw invalidArgType("offset", "number", offset);
        checkSize(byteLength);
        return writeInteger(this, value, offset, byteLength, signed, little, "value");
      });
    }
  }
}

function checkSize(byteLength: unknown): void {
  if (typeof byteLength !== "number") throw invalidArgType("byteLength", "number", byteLength);
  if (!Number.isInteger(byteLength)) throw outOfRange("byteLength", "an integer", byteLength);
  if (byteLength < 1 || byteLength > 6) throw outOfRange("byteLength", ">= 1 and <= 6", byteLength);
}

function define(methods: Methods, name: string, fn: Methods[string]): void {
  Object.defineProperty(fn, "name", { value: name, configurable: true });
  methods[name] = fn;
}

// checkBounds throws unless size bytes lie at offset.
function checkBounds(buffer: Uint8Array, offset: unknown, size: number): asserts offset is number {
  if (typeof offset !== "number") throw invalidArgType("offset", "number", offset);
  const last = buffer.length - size;
  if (Number.isInteger(offset) && offset >= 0 && offset <= last) return;
  if (!Number.isInteger(offset)) throw outOfRange("offset", "an integer", offset);
  if (last < 0) {
    throw codedError(RangeError, "ERR_BUFFER_OUT_OF_BOUNDS", "Attempt to access memory outside buffer bounds");
  }
  throw outOfRange("offset", `>= 0 and <= ${last}`, offset);
}

function readInteger(buffer: Uint8Array, offset: unknown, size: number, signed: boolean, little: boolean): number {
  checkBounds(buffer, offset, size);
  let value = 0;
  if (little) for (let i = size - 1; i >= 0; --i) value = value * 256 + buffer[offset + i]!;
  else for (let i = 0; i < size; ++i) value = value * 256 + buffer[offset + i]!;
  return signed && value >= 2 ** (size * 8 - 1) ? value - 2 ** (size * 8) : value;
}

function writeInteger(
  buffer: Uint8Array, input: unknown, offset: unknown, size: number, signed: boolean, little: boolean, name: string,
): number {
  const value = +(input as number);
  const min = signed ? -(2 ** (size * 8 - 1)) : 0;
  const max = signed ? 2 ** (size * 8 - 1) - 1 : 2 ** (size * 8) - 1;
  if (value > max || value < min) throw outOfRange(name, integerRange(size, signed, min, max), value);
  checkBounds(buffer, offset, size);
  let rest = Math.trunc(value) || 0;
  if (rest < 0) rest += 2 ** (size * 8);
  for (let i = 0; i < size; ++i) {
    buffer[offset + (little ? i : size - 1 - i)] = rest % 256;
    rest = Math.floor(rest / 256);
  }
  return offset + size;
}

function integerRange(size: number, signed: boolean, min: number, max: number): string {
  if (size <= 4) return `>= ${min} and <= ${max}`;
  if (signed) return `>= -(2 ** ${size * 8 - 1}) and < 2 ** ${size * 8 - 1}`;
  return `>= 0 and < 2 ** ${size * 8}`;
}

function addBigInts(methods: Methods): void {
  for (const signed of [false, true]) {
    for (const little of [true, false]) {
      const name = `Big${signed ? "Int" : "UInt"}64${little ? "LE" : "BE"}`;
      define(methods, `read${name}`, function (offset = 0) {
        checkBounds(this, offset, 8);
        const view = new DataView(this.buffer, this.byteOffset, this.byteLength);
        return signed ? view.getBigInt64(offset, little) : view.getBigUint64(offset, little);
      });
      define(methods, `write${name}`, function (value, offset = 0) {
        checkBigInt(value, signed);
        checkBounds(this, offset, 8);
        scratch.setBigUint64(0, BigInt.asUintN(64, value), little);
        return copyScratch(this, offset, 8);
      });
    }
  }
}

function checkBigInt(value: unknown, signed: boolean): void {
  if (typeof value !== "bigint") throw new TypeError("Cannot mix BigInt and other types, use explicit conversions");
  const min = signed ? -(2n ** 63n) : 0n;
  const max = signed ? 2n ** 63n - 1n : 2n ** 64n - 1n;
  if (value >= min && value <= max) return;
  const range = signed ? ">= -(2n ** 63n) and < 2n ** 63n" : ">= 0n and < 2n ** 64n";
  throw outOfRange("value", range, value);
}

function addFloats(methods: Methods): void {
  for (const [stem, size] of [["Float", 4], ["Double", 8]] as const) {
    for (const little of [true, false]) {
      const name = stem + (little ? "LE" : "BE");
      define(methods, `read${name}`, function (offset = 0) {
        checkBounds(this, offset, size);
        const view = new DataView(this.buffer, this.byteOffset, this.byteLength);
        return size === 4 ? view.getFloat32(offset, little) : view.getFloat64(offset, little);
      });
      define(methods, `write${name}`, function (value, offset = 0) {
        checkBounds(this, offset, size);
        if (size === 4) scratch.setFloat32(0, +value, little);
        else scratch.setFloat64(0, +value, little);
        return copyScratch(this, offset, size);
      });
    }
  }
}

function copyScratch(buffer: Uint8Array, offset: number, size: number): number {
  for (let i = 0; i < size; ++i) buffer[offset + i] = scratch.getUint8(i);
  return offset + size;
}
