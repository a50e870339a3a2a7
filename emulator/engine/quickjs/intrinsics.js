// Functions of the language that Go needs a JavaScript hand for. Everything
// used here is captured before any other script runs.
(() => {
  const call = Function.prototype.call.bind(Function.prototype.call);
  const mapForEach = Map.prototype.forEach, mapSet = Map.prototype.set;
  const setForEach = Set.prototype.forEach, setAdd = Set.prototype.add;
  const getter = (proto, name) => Object.getOwnPropertyDescriptor(proto, name).get;
  const viewBuffer = getter(DataView.prototype, "buffer");
  const viewOffset = getter(DataView.prototype, "byteOffset");
  const viewLength = getter(DataView.prototype, "byteLength");
  const regexpSource = getter(RegExp.prototype, "source"), regexpFlags = getter(RegExp.prototype, "flags");
  const dateTime = Date.prototype.getTime;
  const booleanValue = Boolean.prototype.valueOf, numberValue = Number.prototype.valueOf;
  const stringValue = String.prototype.valueOf, bigintValue = BigInt.prototype.valueOf;
  const bigintText = BigInt.prototype.toString;
  const functionText = Function.prototype.toString;
  const symbolText = Symbol.prototype.toString, objectText = Object.prototype.toString;
  const { Map: M, Set: S, Date: D, RegExp: R, Object: O, BigInt: B, DataView: V, Error: E, JSON: J } = globalThis;
  const define = Object.defineProperty, entriesOf = Object.entries, parse = JSON.parse;
  const views = [Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array, Uint32Array,
    typeof Float16Array === "function" ? Float16Array : undefined, Float32Array, Float64Array, BigInt64Array, BigUint64Array, DataView];
  const errors = { Error, TypeError, RangeError, EvalError, SyntaxError, ReferenceError, URIError };
  const Aggregate = AggregateError;

  const error = (name, message, hasMessage) => {
    let e;
    if (name === "AggregateError") { e = new Aggregate([]); delete e.errors; }
    else e = new (errors[name] ?? E)();
    if (hasMessage) define(e, "message", { value: message, writable: true, enumerable: false, configurable: true });
    if (e.name !== name) define(e, "name", { value: name, writable: true, enumerable: true, configurable: true });
    return e; // its stack, the first property, is to be replaced or deleted
  };

  return {
    mapEntries(m) { const out = []; let n = 0; call(mapForEach, m, (v, k) => { out[n++] = k; out[n++] = v; }); return out; },
    setValues(s) { const out = []; let n = 0; call(setForEach, s, (v) => { out[n++] = v; }); return out; },
    dataView: (v) => [call(viewBuffer, v), call(viewOffset, v), call(viewLength, v)],
    regexp: (r) => [call(regexpSource, r), call(regexpFlags, r)],
    time: (d) => call(dateTime, d),
    unboxBoolean: (v) => call(booleanValue, v),
    unboxNumber: (v) => call(numberValue, v),
    unboxString: (v) => call(stringValue, v),
    unboxBigInt: (v) => call(bigintValue, v),
    bigintHex: (v) => call(bigintText, v, 16),

    newMap: () => new M(),
    mapSet: (m, k, v) => { call(mapSet, m, k, v); },
    newSet: () => new S(),
    setAdd: (s, v) => { call(setAdd, s, v); },
    newRegExp: (source, flags) => new R(source, flags),
    box: (v) => O(v),
    newBigInt: (negative, hex) => negative ? -B("0x" + hex) : B("0x" + hex),
    newView: (kind, buffer, offset, length) => new views[kind](buffer, offset, length),
    newError: error,
    defineHidden(o, key, value) { define(o, key, { value, writable: true, enumerable: false, configurable: true }); },
    deleteStack(e) { delete e.stack; },
    setLength(a, n) { a.length = n; },

    display(v) {
      if (typeof v === "symbol") return call(symbolText, v);
      try { return `${v}`; } catch { return call(objectText, v); }
    },
    uncloneable(v) {
      if (typeof v === "symbol") return call(symbolText, v);
      if (typeof v === "function") return call(functionText, v);
      const name = v.toString === objectText && typeof v.constructor === "function" ? v.constructor.name : "";
      return name ? `#<${name}>` : call(objectText, v);
    },
    makeError(cls, message, props) {
      const name = cls.startsWith("DOMException:") ? cls.slice(13) : cls || "Error";
      const e = new (errors[name] ?? E)(message);
      if (!errors[name]) define(e, "name", { value: name, writable: true, enumerable: false, configurable: true });
      if (props) for (const [k, v] of entriesOf(parse(props))) e[k] = v;
      return e;
    },
  };
})()
