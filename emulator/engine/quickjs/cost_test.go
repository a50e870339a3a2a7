package quickjs

import (
	"testing"

	"github.com/dodev/dodev/emulator/engine"
)

// operations are what code is made of; their costs decide how the code that
// every request passes through is written.
var operations = []struct{ name, code string }{
	{"nothing", ``},
	{"call a function", `f(1)`},
	{"read a property", `o.a`},
	{"call a getter", `o.got`},
	{"call the host", `host.nothing()`},
	{"call the host with a string", `host.text("hello world")`},
	{"make a closure", `() => f`},
	{"make an array of 3", `[1, 2, 3]`},
	{"destructure an array of 3", `const [a, b, c] = list`},
	{"index an array of 3", `const a = list[0], b = list[1], c = list[2]`},
	{"spread arguments", `f(...list)`},
	{"take rest arguments", `rest(1, 2)`},
	{"fill a template", "`${o.a}x`"},
	{"concatenate", `o.a + "x"`},
	{"make an object of 3", `({ a: 1, b: 2, c: 3 })`},
	{"make an object of 8", `({ a: 1, b: 2, c: 3, d: 4, e: 5, f: 6, g: 7, h: 8 })`},
	{"Object.create", `Object.create(o)`},
	{"Object.create, set 2", `const x = Object.create(o); x.a = 1; x.b = 2`},
	{"new, a field", `new Field()`},
	{"new, a private field", `new Private(1)`},
	{"new, derived", `new Derived(1)`},
	{"instanceof", `p instanceof Private`},
	{"#x in", `Private.is(p)`},
	{"WeakMap.get", `weak.get(o)`},
	{"new Promise", `new Promise(keep)`},
	{"Promise.resolve", `Promise.resolve(1)`},
	{"Promise.resolve, then", `Promise.resolve(1).then(f)`},
	{"call an async function", `later()`},
	{"call an async function that awaits", `awaits()`},
}

const operands = `
	class Field { x = 1 }
	class Private { #x; constructor(x) { this.#x = x } static is(o) { return #x in o } }
	class Derived extends Private { constructor(x) { super(x) } }
	const f = (x) => x, rest = (...x) => x, keep = () => {}, later = async () => 1, awaits = async () => await 1;
	const o = { a: 1, get got() { return 1 } }, list = [1, 2, 3], p = new Private(1), weak = new WeakMap([[o, 1]]);`

// BenchmarkOperation is what each costs, with that of the loop around it.
func BenchmarkOperation(b *testing.B) {
	for _, op := range operations {
		b.Run(op.name, func(b *testing.B) {
			v := boot(b, `(() => {`+operands+` return { run(n) { for (let i = 0; i < n; i++) { `+op.code+` } } }; })()`, map[string]engine.Func{
				"nothing": func(engine.Call) error { return nil },
				"text":    func(c engine.Call) error { _ = c.String(0); return nil },
			})
			b.ResetTimer()
			for left := b.N; left > 0; left -= 1000 {
				if _, err := v.Call("run", engine.Int(min(left, 1000))); err != nil {
					b.Fatal(err)
				}
				if err := v.Drain(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
