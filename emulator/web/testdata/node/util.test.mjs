import util, { callbackify, deprecate, format, inherits, inspect, parseArgs, promisify, stripVTControlCharacters, types } from "node:util";
import assert from "node:assert";

async function adapters() {
  const later = (value, callback) => queueMicrotask(() => callback(value === "bad" ? new Error("bad") : null, value));
  const promised = promisify(later);
  assert.strictEqual(await promised("fine"), "fine");
  await assert.rejects(promised("bad"), /bad/);
  assert.strictEqual(promisify(promised), promised);
  later[promisify.custom] = () => "custom";
  assert.strictEqual(promisify(later)(), "custom");
  assert.throws(() => promisify(5), { code: "ERR_INVALID_ARG_TYPE" });
  const back = callbackify(async (x) => { if (!x) throw null; return x * 2; });
  assert.deepStrictEqual(await new Promise((resolve) => back(4, (...args) => resolve(args))), [null, 8]);
  const [error] = await new Promise((resolve) => back(0, (...args) => resolve(args)));
  assert.strictEqual(error.code, "ERR_FALSY_VALUE_REJECTION");
  assert.strictEqual(back.length, 2);
  function Base() {}
  Base.prototype.hi = () => "hi";
  function Sub() {}
  inherits(Sub, Base);
  assert.strictEqual(new Sub().hi(), "hi");
  assert.strictEqual(Sub.super_, Base);
  const old = deprecate((a) => a + 1, "told");
  assert.strictEqual(typeof old, "function");
}

function printing() {
  assert.strictEqual(format("%s is %d and %i, %j %%", "x", 1.5, 2.7, { a: 1 }), 'x is 1.5 and 2, {"a":1} %');
  assert.strictEqual(format("a", { b: 1 }, "c"), "a { b: 1 } c");
  assert.strictEqual(format("%s", null, undefined), "null undefined");
  assert.strictEqual(inspect({ a: 1, b: "x", c: [1, 2], d: new Map([[1, { e: 1 }]]) }), "{ a: 1, b: 'x', c: [ 1, 2 ], d: Map(1) { 1 => { e: 1 } } }");
  assert.strictEqual(inspect({ [inspect.custom]: () => "mine" }), "mine");
  assert.strictEqual(inspect(Buffer.from("hi")), "<Buffer 68 69>");
  assert.strictEqual(inspect(Buffer.alloc(52)).slice(-21), "00 00 ... 2 more bytes>".slice(-21));
  assert.strictEqual(util.formatWithOptions({ compact: true }, "%s", 1), "1");
  assert.strictEqual(stripVTControlCharacters("\u001b[31mred\u001b[39m"), "red");
  assert.strictEqual(stripVTControlCharacters("a\u001b]8;;http://x\u0007link\u001b]8;;\u0007\u001b[2Kb"), "alinkb");
  assert.strictEqual(util.toUSVString("a\ud800"), "a\ufffd");
  assert.deepStrictEqual(inspect.colors.red, [31, 39]);
}

function kinds() {
  const yes = {
    isMap: new Map(), isSet: new Set(), isDate: new Date(), isRegExp: /a/, isPromise: Promise.resolve(), isTypedArray: new Int8Array(),
    isUint8Array: Buffer.alloc(0), isArrayBuffer: new ArrayBuffer(0), isAnyArrayBuffer: new ArrayBuffer(0), isWeakMap: new WeakMap(),
    isWeakSet: new WeakSet(), isDataView: new DataView(new ArrayBuffer(1)), isNativeError: new TypeError(), isNumberObject: Object(1),
    isStringObject: Object("a"), isSymbolObject: Object(Symbol()), isBigIntObject: Object(1n), isBoxedPrimitive: Object(true),
    isAsyncFunction: async () => {}, isGeneratorFunction: function* () {}, isGeneratorObject: (function* () {})(),
    isMapIterator: new Map().keys(), isSetIterator: new Set().values(), isArgumentsObject: (function () { return arguments; })(),
    isArrayBufferView: new Uint8Array(), isBigInt64Array: new BigInt64Array(), isFloat64Array: new Float64Array(),
  };
  // What dodev can only tell by a prototype or a tag.
  const fooled = new Set(["isPromise", "isGeneratorFunction", "isGeneratorObject", "isMapIterator", "isSetIterator", "isAsyncFunction"]);
  for (const [name, value] of Object.entries(yes)) {
    assert.strictEqual(types[name](value), true, name);
    assert.strictEqual(types[name]({}), false, name);
    assert.strictEqual(types[name](undefined), false, name);
    if (!fooled.has(name)) assert.strictEqual(types[name](Object.create(Object.getPrototypeOf(value))), false, name);
  }
  assert.ok(util.isDeepStrictEqual({ a: [1] }, { a: [1] }) && !util.isDeepStrictEqual([1], ["1"]));
}

function args() {
  const options = { verbose: { type: "boolean", short: "v" }, file: { type: "string", short: "f" }, tag: { type: "string", multiple: true },
    level: { type: "string", default: "info" } };
  const parsed = parseArgs({ args: ["-v", "--file=a", "--tag", "x", "--tag=y", "--", "-z"], options, allowPositionals: true });
  assert.deepStrictEqual({ ...parsed.values }, { verbose: true, file: "a", tag: ["x", "y"], level: "info" });
  assert.deepStrictEqual(parsed.positionals, ["-z"]);
  assert.deepStrictEqual({ ...parseArgs({ args: ["-vfname"], options }).values }, { verbose: true, file: "name", level: "info" });
  assert.deepStrictEqual({ ...parseArgs({ args: ["--other=1", "-x"], strict: false }).values }, { other: "1", x: true });
  const failures = [
    [["--nope"], "ERR_PARSE_ARGS_UNKNOWN_OPTION", "Unknown option '--nope'"],
    [["--file"], "ERR_PARSE_ARGS_INVALID_OPTION_VALUE", "Option '-f, --file <value>' argument missing"],
    [["--verbose=1"], "ERR_PARSE_ARGS_INVALID_OPTION_VALUE", "Option '-v, --verbose' does not take an argument"],
    [["word"], "ERR_PARSE_ARGS_UNEXPECTED_POSITIONAL", "Unexpected argument 'word'. This command does not take positional arguments"],
  ];
  for (const [words, code, message] of failures) assert.throws(() => parseArgs({ args: words, options }), { code, message });
  const { tokens } = parseArgs({ args: ["-f", "a"], options, tokens: true });
  assert.deepStrictEqual(tokens.map((t) => ({ ...t })), [{ kind: "option", name: "file", rawName: "-f", index: 0, value: "a", inlineValue: false }]);
}

export default async function () {
  printing();
  kinds();
  args();
  await adapters();
  const log = util.debuglog("never");
  assert.strictEqual(log.enabled, false);
  log("unseen");
  assert.strictEqual(new util.TextDecoder().decode(new util.TextEncoder().encode("é")), "é");
}
