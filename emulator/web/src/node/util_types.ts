// util.types: what a value is, whatever its prototype says.

const tag = (value: unknown): string => Object.prototype.toString.call(value).slice(8, -1);
const { isPrototypeOf } = Object.prototype;
const isObject = (value: unknown): boolean => value !== null && typeof value === "object";

// brand tells whether a getter or method of a class accepts the value, which
// only instances pass. An exception costs more than a look at the prototypes.
function brand(prototype: any, name: PropertyKey, ...args: unknown[]): (value: unknown) => boolean {
  const own = Object.getOwnPropertyDescriptor(prototype, name);
  const probe = own?.get ?? own?.value;
  return (value) => {
    if (!isObject(value) || !isPrototypeOf.call(prototype, value as object)) return false;
    try {
      Reflect.apply(probe, value, args);
      return true;
    } catch {
      return false;
    }
  };
}

const typedArrayTag = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Uint8Array.prototype), Symbol.toStringTag)!;
const typedArrayName = (value: unknown): string | undefined => typedArrayTag.get!.call(value);

export const isMap = brand(Map.prototype, "size");
export const isSet = brand(Set.prototype, "size");
export const isWeakMap = brand(WeakMap.prototype, "has", {});
export const isWeakSet = brand(WeakSet.prototype, "has", {});
export const isArrayBuffer = brand(ArrayBuffer.prototype, "byteLength");
export const isSharedArrayBuffer =
  typeof SharedArrayBuffer === "undefined" ? () => false : brand(SharedArrayBuffer.prototype, "byteLength");
export const isAnyArrayBuffer = (value: unknown): boolean => isArrayBuffer(value) || isSharedArrayBuffer(value);
export const isArrayBufferView = (value: unknown): boolean => ArrayBuffer.isView(value);
export const isDataView = (value: unknown): boolean => ArrayBuffer.isView(value) && typedArrayName(value) === undefined;
export const isTypedArray = (value: unknown): boolean => typedArrayName(value) !== undefined;
export const isUint8Array = (value: unknown): boolean => typedArrayName(value) === "Uint8Array";
export const isUint8ClampedArray = (value: unknown): boolean => typedArrayName(value) === "Uint8ClampedArray";
export const isUint16Array = (value: unknown): boolean => typedArrayName(value) === "Uint16Array";
export const isUint32Array = (value: unknown): boolean => typedArrayName(value) === "Uint32Array";
export const isInt8Array = (value: unknown): boolean => typedArrayName(value) === "Int8Array";
export const isInt16Array = (value: unknown): boolean => typedArrayName(value) === "Int16Array";
export const isInt32Array = (value: unknown): boolean => typedArrayName(value) === "Int32Array";
export const isFloat16Array = (value: unknown): boolean => typedArrayName(value) === "Float16Array";
export const isFloat32Array = (value: unknown): boolean => typedArrayName(value) === "Float32Array";
export const isFloat64Array = (value: unknown): boolean => typedArrayName(value) === "Float64Array";
export const isBigInt64Array = (value: unknown): boolean => typedArrayName(value) === "BigInt64Array";
export const isBigUint64Array = (value: unknown): boolean => typedArrayName(value) === "BigUint64Array";

export const isDate = brand(Date.prototype, "getTime");
export const isNumberObject = brand(Number.prototype, "valueOf");
export const isStringObject = brand(String.prototype, "valueOf");
export const isBooleanObject = brand(Boolean.prototype, "valueOf");
export const isSymbolObject = brand(Symbol.prototype, "valueOf");
export const isBigIntObject = brand(BigInt.prototype, "valueOf");
export const isBoxedPrimitive = (value: unknown): boolean =>
  isNumberObject(value) || isStringObject(value) || isBooleanObject(value) || isSymbolObject(value) ||
  isBigIntObject(value);

// These classes have nothing that only an instance passes and that has no
// effect; their tag is as good unless someone changes it.
export const isRegExp = (value: unknown): boolean => isObject(value) && tag(value) === "RegExp";
export const isPromise = (value: unknown): boolean => value instanceof Promise;
export const isNativeError = (value: unknown): boolean => (Error as any).isError(value);
export const isArgumentsObject = (value: unknown): boolean =>
  isObject(value) && tag(value) === "Arguments" && !Object.hasOwn(value as object, Symbol.toStringTag);
export const isGeneratorObject = (value: unknown): boolean =>
  isObject(value) && ["Generator", "AsyncGenerator"].includes(tag(value));
export const isMapIterator = (value: unknown): boolean => isObject(value) && tag(value) === "Map Iterator";
export const isSetIterator = (value: unknown): boolean => isObject(value) && tag(value) === "Set Iterator";
export const isModuleNamespaceObject = (value: unknown): boolean => isObject(value) && tag(value) === "Module";
export const isGeneratorFunction = (value: unknown): boolean =>
  typeof value === "function" && ["GeneratorFunction", "AsyncGeneratorFunction"].includes(tag(value));
export const isAsyncFunction = (value: unknown): boolean =>
  typeof value === "function" && ["AsyncFunction", "AsyncGeneratorFunction"].includes(tag(value));
export const isCryptoKey = (value: unknown): boolean => isObject(value) && tag(value) === "CryptoKey";

// Nothing here can tell a proxy from its target, or make the other two.
export const isProxy = (_value: unknown): boolean => false;
export const isExternal = (_value: unknown): boolean => false;
export const isKeyObject = (value: unknown): boolean => isObject(value) && tag(value) === "KeyObject";
