package web

import (
	"strings"
	"testing"
)

// printed runs a body and gives what it printed, one "level: text" a call.
func printed(t *testing.T, body string) []Message {
	t.Helper()
	var got []Message
	is := newIsolate(t, Options{Console: func(m Message) { got = append(got, m) }})
	is.eval(t, body)
	return got
}

func TestConsolePrintsValuesAsNodeDoes(t *testing.T) {
	for _, c := range []struct{ name, call, want string }{
		{"strings are bare at the top", `log("a", 'it\'s', ["it's"])`, `log: a it's [ "it's" ]`},
		{"nested objects to depth 2", `log({ a: { b: { c: { d: 1 }, e: {} } } })`, `log: { a: { b: { c: [Object], e: {} } } }`},
		{"maps, sets, dates", `info(new Map([["k", new Set([1])]]), new Date(0))`, `info: Map(1) { 'k' => Set(1) { 1 } } 1970-01-01T00:00:00.000Z`},
		{"class instances and functions", `log(new (class Room { n = 1 })(), class A extends Map {}, () => {}, function f() {})`, `log: Room { n: 1 } [class A extends Map] [Function (anonymous)] [Function: f]`},
		{"circular references", `const o = { n: 1 }; o.o = o; console.log(o)`, `log: <ref *1> { n: 1, o: [Circular *1] }`},
		{"accessors", `log({ get a() { return 1 }, set a(v) {}, get b() { return 1 } })`, `log: { a: [Getter/Setter], b: [Getter] }`},
		{"long arrays in columns", `log(Array.from({ length: 10 }, (_, i) => i * 1000))`, "log: [\n     0, 1000, 2000,\n  3000, 4000, 5000,\n  6000, 7000, 8000,\n  9000\n]"},
		{"buffers", `log(new Uint8Array([1, 2]), new ArrayBuffer(2))`, `log: Uint8Array(2) [ 1, 2 ] ArrayBuffer { [Uint8Contents]: <00 00>, byteLength: 2 }`},
		{"directives", `warn("%s is %d%% of %j", "x", 42, { a: 1 }, "extra")`, `warn: x is 42% of {"a":1} extra`},
		{"platform objects by their properties", `log(new URLSearchParams("a=1"))`, `log: URLSearchParams(1) { 'a' => '1' }`},
		{"assertions", `assert(true); console.assert(1 === 2, "no %s", "way")`, `error: Assertion failed: no way`},
		{"groups indent", `group("g"); console.log("a\nb"); console.groupEnd(); console.log("c")`, "log: g|log:   a\n  b|log: c"},
		{"counts", `count(); console.count(); console.countReset(); console.count("x")`, `log: default: 1|log: default: 2|log: x: 1`},
		{"tables", `table([{ a: 1, b: "x" }, { a: 2 }])`, "log: ┌─────────┬───┬─────┐\n│ (index) │ a │ b   │\n├─────────┼───┼─────┤\n│ 0       │ 1 │ 'x' │\n│ 1       │ 2 │     │\n└─────────┴───┴─────┘"},
		{"dir takes options", `dir({ a: { b: 1 } }, { depth: 0 })`, `log: { a: [Object] }`},
	} {
		t.Run(c.name, func(t *testing.T) {
			call := c.call
			if !strings.HasPrefix(call, "const") {
				call = "console." + call
			}
			var got []string
			for _, m := range printed(t, call) {
				got = append(got, m.Level+": "+m.Text)
			}
			if s := strings.Join(got, "|"); s != c.want {
				t.Errorf("%s printed\n%s\nwant\n%s", c.call, s, c.want)
			}
		})
	}
}

func TestConsoleNamesThePlaceOfACall(t *testing.T) {
	got := printed(t, "\nfunction f() {\n  console.log(1);\n}\nf();\nconsole.trace(2)")
	if len(got) != 2 || got[0].Frame != "test0.js:3:14" {
		t.Fatalf("got %+v, want a call at test0.js:3:14", got)
	}
	if got[1].Text != "Trace: 2" || !strings.Contains(got[1].Stack, "(test0.js:6:") {
		t.Errorf("trace printed %+v, want its stack", got[1])
	}
}

func TestConsolePrintsErrorsWithTheirStack(t *testing.T) {
	got := printed(t, `class HttpError extends Error { constructor(m, s) { super(m); this.name = "HttpError"; this.status = s } }
console.error(new HttpError("gone", 410)); console.log({ e: Object.assign(new Error("in"), { stack: "Error: in" }) })`)
	if want := "HttpError: gone\n    at "; !strings.HasPrefix(got[0].Text, want) || !strings.HasSuffix(got[0].Text, " {\n  status: 410\n}") {
		t.Errorf("printed %q, want it to begin with %q and to end with its status", got[0].Text, want)
	}
	if want := "{ e: [Error: in] }"; got[1].Text != want {
		t.Errorf("printed %q, want %q", got[1].Text, want)
	}
}

func TestReportErrorTellsTheGlobalObjectFirst(t *testing.T) {
	got := printed(t, `addEventListener("error", e => { if (e.message === "handled") e.preventDefault() }); reportError(new Error("handled")); reportError("loose")`)
	if len(got) != 1 || got[0].Text != "Uncaught 'loose'" {
		t.Errorf("printed %+v, want only the error nobody handled", got)
	}
}
