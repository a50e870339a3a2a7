import assert, { AssertionError, deepStrictEqual, ok, strict } from "node:assert";

const thrown = (fn) => {
  try {
    fn();
  } catch (error) {
    return error;
  }
  throw new Error("nothing was thrown");
};
const passes = (...fns) => fns.forEach((fn) => fn());
const fails = (...fns) => fns.forEach((fn) => {
  const error = thrown(fn);
  if (!(error instanceof AssertionError)) throw error;
});

function equality() {
  passes(
    () => assert.equal(1, "1"), () => assert.equal(NaN, NaN), () => assert.strictEqual(NaN, NaN), () => assert.notEqual(1, 2),
    () => assert.notStrictEqual(0, -0), () => strict.notEqual(1, "1"), () => assert(true), () => ok({}),
    () => strict.strict.ok(1),
  );
  fails(
    () => assert.equal(1, 2), () => assert.strictEqual(1, "1"), () => assert.strictEqual(0, -0), () => assert.notEqual(1, "1"),
    () => strict.equal(1, "1"), () => assert(0), () => ok(""), () => assert.notStrictEqual("a", "a"), () => assert.fail(),
  );
}

function deepEquality() {
  const loop = (x) => { const o = { x }; o.self = o; return o; };
  const date = new Date(5);
  const named = Object.assign(/a/g, { lastIndex: 1 });
  const same = [
    [{ a: [1, { b: 2 }] }, { a: [1, { b: 2 }] }], [new Map([[{ k: 1 }, "v"]]), new Map([[{ k: 1 }, "v"]])],
    [new Set([1, { a: 1 }]), new Set([{ a: 1 }, 1])], [new Date(5), date], [/a/g, /a/g], [new Error("x"), new Error("x")],
    [NaN, NaN], [[undefined], [undefined]], [new Uint8Array([1]), new Uint8Array([1])], [new Number(1), new Number(1)],
    [loop(1), loop(1)], [Object(1n), Object(1n)], [{ [Symbol.for("s")]: 1 }, { [Symbol.for("s")]: 1 }],
    [new ArrayBuffer(2), new ArrayBuffer(2)], [Object.create(null), Object.create(null)],
    [new Map([[1, 2], [3, 4]]), new Map([[3, 4], [1, 2]])],
  ];
  for (const [a, b] of same) passes(() => deepStrictEqual(a, b), () => assert.deepEqual(a, b));
  const differing = [
    [{ a: 1 }, { a: "1" }], [{ a: 1 }, { a: 1, b: 2 }], [[1, 2], [2, 1]], [new Set([1]), new Set([2])], [0, -0], [date, new Date(6)],
    [/a/g, /a/i], [/a/g, named], [new Error("x"), new Error("y")], [[1, , 3], [1, undefined, 3]], [{}, []],
    [new Map([[1, 2]]), new Map([[1, 3]])], [{ a: undefined }, {}], [new (class A {})(), new (class B {})()],
    [new Uint8Array([1]), new Int8Array([1])], [Object.create(null), {}], [new Number(1), new Number(2)], [loop(1), loop(2)],
    [Object.assign([1], { x: 1 }), [1]], [{ [Symbol.for("s")]: 1 }, {}], [null, {}], [undefined, null],
    [new Error("x", { cause: 1 }), new Error("x", { cause: 2 })], [new Set([{ a: 1 }, { a: 1 }]), new Set([{ a: 1 }, { a: 2 }])],
  ];
  for (const [a, b] of differing) {
    fails(() => deepStrictEqual(a, b), () => deepStrictEqual(b, a));
    passes(() => assert.notDeepStrictEqual(a, b));
  }
  passes(() => assert.deepEqual({ a: 1 }, { a: "1" }), () => assert.deepEqual(new Set(["1"]), new Set([1])),
    () => assert.notDeepEqual({ a: 1 }, { a: 2 }));
  fails(() => assert.deepEqual({ a: 1 }, { a: 2 }), () => assert.notDeepEqual([1], ["1"]));
}

function messages() {
  const cases = [
    [() => assert.strictEqual(1, 2), "Expected values to be strictly equal:\n\n1 !== 2\n"],
    [() => assert.equal(1, 2), "1 == 2"],
    [() => assert.notEqual(1, 1), "1 != 1"],
    [() => assert.notStrictEqual(1, 1), 'Expected "actual" to be strictly unequal to: 1'],
    [() => assert.strictEqual("a".repeat(10), "b".repeat(10)),
      `Expected values to be strictly equal:\n+ actual - expected\n\n+ 'aaaaaaaaaa'\n- 'bbbbbbbbbb'`],
    [() => deepStrictEqual({ a: 1, b: 2 }, { a: 1, b: 3 }),
      "Expected values to be strictly deep-equal:\n+ actual - expected\n\n  {\n    a: 1,\n+   b: 2\n-   b: 3\n  }"],
    [() => deepStrictEqual([1, 2, 3], [1, 3]),
      "Expected values to be strictly deep-equal:\n+ actual - expected\n\n  [\n    1,\n+   2,\n    3\n  ]"],
    [() => assert.strictEqual({ a: 1 }, { a: 1 }), "Values have same structure but are not reference-equal:\n\n{\n  a: 1\n}\n"],
    [() => assert.match("abc", /x/), "The input did not match the regular expression /x/. Input:\n\n'abc'\n"],
    [() => assert.doesNotMatch("abc", /b/), "The input was expected to not match the regular expression /b/. Input:\n\n'abc'\n"],
    [() => assert.ifError(new Error("seen")), "ifError got unwanted exception: seen"],
    [() => assert.fail(), "Failed"], [() => assert.fail("why"), "why"], [() => assert.ok(0, "told"), "told"],
    [() => assert.throws(() => {}), "Missing expected exception."],
    [() => assert.throws(() => {}, TypeError, "why"), "Missing expected exception (TypeError): why"],
    [() => assert.throws(() => { throw new Error("e"); }, TypeError),
      'The error is expected to be an instance of "TypeError". Received "Error"\n\nError message:\n\ne'],
    [() => assert.throws(() => { throw new Error("e"); }, /x/),
      "The input did not match the regular expression /x/. Input:\n\n'Error: e'\n"],
    [() => assert.doesNotThrow(() => { throw new Error("e"); }, "why"), 'Got unwanted exception: why\nActual message: "e"'],
  ];
  for (const [fn, want] of cases) {
    const error = thrown(fn);
    // The newest Node.js ends a difference with one more line end.
    if (error.message.trimEnd() !== want.trimEnd()) {
      throw new Error(`got ${JSON.stringify(error.message)}, want ${JSON.stringify(want)}`);
    }
    strict.equal(error.code, "ERR_ASSERTION");
    strict.equal(error.name, "AssertionError");
  }
  const error = thrown(() => assert.strictEqual(1, 2));
  deepStrictEqual([error.actual, error.expected, error.operator, error.generatedMessage], [1, 2, "strictEqual", true]);
  const own = new RangeError("mine");
  strict.equal(thrown(() => assert.strictEqual(1, 2, own)), own);
  strict.equal(thrown(() => assert.equal(1, 2, "told")).generatedMessage, false);
  assert.throws(() => assert.equal(1), {
    code: "ERR_MISSING_ARGS", message: 'The "actual" and "expected" arguments must be specified',
  });
  strict.equal(new AssertionError({ actual: 1, expected: 2, operator: "strictEqual" }).message, cases[0][1]);
}

function throwing() {
  const boom = () => { throw Object.assign(new TypeError("boom"), { code: "E_BOOM", info: { a: 1 } }); };
  passes(
    () => assert.throws(boom), () => assert.throws(boom, TypeError), () => assert.throws(boom, /boom/), () => assert.throws(boom, Error),
    () => assert.throws(boom, { name: "TypeError", code: "E_BOOM", info: { a: 1 } }), () => assert.throws(boom, { message: /^bo/ }),
    () => assert.throws(boom, (error) => error.code === "E_BOOM"), () => assert.throws(boom, "a message"),
    () => assert.doesNotThrow(() => {}), () => assert.throws(() => { throw null; }),
  );
  fails(
    () => assert.throws(boom, { code: "OTHER" }), () => assert.throws(boom, () => false), () => assert.throws(boom, { missing: 1 }),
    () => assert.doesNotThrow(boom),
  );
  strict.equal(thrown(() => assert.throws("no function")).code, "ERR_INVALID_ARG_TYPE");
  strict.equal(thrown(() => assert.throws(boom, "boom")).code, "ERR_AMBIGUOUS_ARGUMENT");
  strict.equal(thrown(() => assert.throws(boom, {})).code, "ERR_INVALID_ARG_VALUE");
}

async function rejecting() {
  await assert.rejects(Promise.reject(new Error("no")), /no/);
  await assert.rejects(async () => { throw new TypeError("no"); }, { name: "TypeError" });
  await assert.doesNotReject(Promise.resolve(1));
  await assert.rejects(assert.rejects(Promise.resolve(1)), { message: "Missing expected rejection." });
  await assert.rejects(assert.rejects(() => 5), { code: "ERR_INVALID_RETURN_VALUE" });
  await assert.rejects(assert.doesNotReject(Promise.reject(new Error("x"))), { message: 'Got unwanted rejection.\nActual message: "x"' });
}

export default async function () {
  equality();
  deepEquality();
  messages();
  throwing();
  await rejecting();
}
