package web

import (
	"encoding/json"
	"testing"
)

func TestTheEnginesErrorsAreInV8sWords(t *testing.T) {
	const help = `
		const words = (run) => { try { run(); return "nothing" } catch (e) { return e instanceof Error ? e.constructor.name + ": " + e.message : e } };
		const o = { a: { b: 5 }, n: null, list: [1] }; let u;
		class K { #p = 1; static read(x) { return x.#p } }
		return words(() => {`
	var cases []jsCase
	for code, want := range map[string]string{
		"u.foo":                                 "TypeError: Cannot read properties of undefined (reading 'foo')",
		"o.n.foo":                               "TypeError: Cannot read properties of null (reading 'foo')",
		"u.x = 1":                               "TypeError: Cannot set properties of undefined (setting 'x')",
		"o.a?.c.d":                              "TypeError: Cannot read properties of undefined (reading 'd')",
		"o.a.b()":                               "TypeError: o.a.b is not a function",
		"o.nope(1)":                             "TypeError: o.nope is not a function",
		"u()":                                   "TypeError: u is not a function",
		`o.a["b"](1, 2)`:                        "TypeError: o.a.b is not a function",
		"o.list[0]()":                           "TypeError: o.list[0] is not a function",
		"(0, o.a.b)()":                          "TypeError: (0 , o.a.b) is not a function",
		"o.list.map((x) => x).nope()":           "TypeError: o.list.map(...).nope is not a function",
		"new o.a.b()":                           "TypeError: o.a.b is not a constructor",
		"new (() => {})()":                      "TypeError: (intermediate value) is not a constructor",
		"nope":                                  "ReferenceError: nope is not defined",
		"late; let late = 1":                    "ReferenceError: Cannot access 'late' before initialization",
		"Object.freeze({ z: 1 }).z = 2":         "TypeError: Cannot assign to read only property 'z' of object '#<Object>'",
		"K()":                                   "TypeError: Class constructor K cannot be invoked without 'new'",
		"K.read({})":                            "TypeError: Cannot read private member #p from an object whose class did not declare it",
		"Headers()":                             "TypeError: Failed to construct 'Headers': Please use the 'new' operator, this object constructor cannot be called as a function.",
		"Map()":                                 "TypeError: Constructor Map requires 'new'",
		"Object.keys(null)":                     "TypeError: Cannot convert undefined or null to object",
		"new Array(-1)":                         "RangeError: Invalid array length",
		"const f = () => f(); f()":              "RangeError: Maximum call stack size exceeded",
		"new Date(NaN).toISOString()":           "RangeError: Invalid time value",
		`"" + Symbol()`:                         "TypeError: Cannot convert a Symbol value to a string",
		"1n + 1":                                "TypeError: Cannot mix BigInt and other types, use explicit conversions",
		`decodeURIComponent("%")`:               "URIError: URI malformed",
		"[].reduce((a) => a)":                   "TypeError: Reduce of empty array with no initial value",
		`throw new TypeError("not a function")`: "TypeError: not a function", // a script's own words stay
	} {
		cases = append(cases, jsCase{code, help + code + "\n})", quoted(want)})
	}
	runCases(t, cases)
}

func TestErrorsAreRewordedHoweverTheyAreLookedAt(t *testing.T) {
	runCases(t, []jsCase{
		{"as text", `try { let u; u.x } catch (e) { return String(e) }`, `"TypeError: Cannot read properties of undefined (reading 'x')"`},
		{"by class", `try { let u; u.x } catch (e) { class Own extends Error {} return [e instanceof Own, e instanceof TypeError, e instanceof RangeError, e.message] }`,
			`[false, true, false, "Cannot read properties of undefined (reading 'x')"]`},
		{"in print", `const { inspect } = await import("node:util"); try { let u; u.x } catch (e) { return inspect(e).split("\n")[0] }`, `"TypeError: Cannot read properties of undefined (reading 'x')"`},
	})
}

func quoted(text string) string {
	data, err := json.Marshal(text)
	if err != nil {
		panic(err)
	}
	return string(data)
}
