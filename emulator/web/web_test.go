package web

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/dodev/dodev/emulator/engine"
	"github.com/dodev/dodev/emulator/engine/quickjs"
	"github.com/dodev/dodev/emulator/loop"
)

// testEntry runs the default export of a module and tells the host how it
// ended, errors as {throws: {name, message, …}}.
const testEntry = `
import { entries } from "web/index";
import { registerEntry } from "web/frame";
import { hostOf } from "web/host";
import * as request from "web/request";
import * as response from "web/response";
import * as fetching from "web/fetch";
import * as sockets from "web/websocket";
import * as wasm from "web/wasm-load";
Object.assign(globalThis, { inside: { ...request, ...response, ...fetching, ...sockets, ...wasm } });
const host = hostOf<{ ended(result: string): void }>();
const told = (e: any) => ({ throws: e instanceof Error ? { ...e, stack: undefined, ctor: e.constructor.name, name: e.name, message: e.message } : e });
registerEntry({
  run(exports: { default: () => unknown }) {
    (async () => exports.default())().then(
      (value) => host.ended(JSON.stringify(value === undefined ? null : value)),
      (error) => host.ended(JSON.stringify(told(error))),
    );
  },
});
export { entries };
`

// testScripts are the scripts of every test, bundled once.
var testScripts = sync.OnceValues(func() (pair, error) {
	first, later, err := Boot(fstest.MapFS{"main.ts": {Data: []byte(testEntry)}}, "main")
	return pair{first, later}, err
})

// testBoot and testLater are those, compiled once.
var (
	testBoot  = sync.OnceValues(func() (engine.Code, error) { return compiled(ScriptName, func(p pair) string { return p.first }) })
	testLater = sync.OnceValues(func() (engine.Code, error) { return compiled(LaterName, func(p pair) string { return p.later }) })
)

func compiled(name string, which func(pair) string) (engine.Code, error) {
	scripts, err := testScripts()
	if err != nil {
		return engine.Code{}, err
	}
	return quickjs.New().Compile(name, which(scripts), engine.Script)
}

// everybody owns all turns of a test and lets everything in and out.
type everybody struct{ ctx context.Context }

func (e everybody) Admit(_ any, run func())  { run() }
func (e everybody) Began(*loop.Op)           {}
func (e everybody) Ended(*loop.Op)           {}
func (e everybody) Fail(error)               {}
func (e everybody) Context() context.Context { return e.ctx }
func (e everybody) Commit() error            { return nil }
func (e everybody) Release(sent []func()) {
	for _, fn := range sent {
		fn()
	}
}

// An isolate runs the modules of a test on the whole platform.
type isolate struct {
	loop    *loop.Loop
	owner   loop.Owner
	sources map[string]string
	ended   chan string
}

// newIsolate boots the platform. Options left out print to the test's log and
// fail the test on uncaught errors.
func newIsolate(t *testing.T, opts Options) *isolate {
	t.Helper()
	return newIsolateWith(t, engine.Options{}, opts)
}

func newIsolateWith(t *testing.T, bounds engine.Options, opts Options) *isolate {
	t.Helper()
	vm, err := quickjs.New().NewVM(bounds)
	if err != nil {
		t.Fatal(err)
	}
	if opts.Console == nil {
		opts.Console = func(m Message) { t.Logf("%s: %s", m.Level, m.Text) }
	}
	if opts.Uncaught == nil {
		opts.Uncaught = func(err error) { t.Errorf("uncaught: %s", explain(err)) }
	}
	sources := map[string]string{}
	opts.SourceLine = func(module string, line int) string { return strings.Split(sources[module], "\n")[line-1] }
	if opts.Later == nil {
		opts.Later = testLater
	}
	code, err := testBoot()
	if err != nil {
		t.Fatal(err)
	}
	is := &isolate{owner: everybody{t.Context()}, sources: sources, ended: make(chan string, 1)}
	is.loop = loop.New(vm, loop.Options{Uncaught: func(_ loop.Owner, err error, _ bool) { opts.Uncaught(err) }})
	t.Cleanup(is.loop.Close)
	booted := make(chan error, 1)
	is.loop.Post(func() {
		Register(is.loop, opts)
		vm.Func("ended", func(c engine.Call) error {
			is.ended <- c.String(0)
			return nil
		})
		vm.SetModules(is.load, func(_, specifier string) (string, error) { return specifier, nil })
		booted <- vm.Boot(code)
	})
	if err := <-booted; err != nil {
		t.Fatalf("boot: %s", explain(err))
	}
	return is
}

func (is *isolate) load(name string) (engine.Code, error) {
	source, ok := is.sources[name]
	if !ok {
		return engine.Code{}, fmt.Errorf("no module %q", name)
	}
	return quickjs.New().Compile(name, source, engine.Module)
}

// eval runs the body of an async function and gives its result as JSON.
func (is *isolate) eval(t *testing.T, body string) string {
	t.Helper()
	name := fmt.Sprintf("test%d.js", len(is.sources))
	failed := make(chan error, 1)
	is.loop.Post(func() {
		is.sources[name] = "export default async () => {" + body + "\n}"
		is.loop.Turn(is.owner, nil, func() {
			if _, err := is.loop.VM().Import(name, "run"); err != nil {
				failed <- err
			}
		})
	})
	select {
	case result := <-is.ended:
		return result
	case err := <-failed:
		t.Fatalf("%s\n%s", body, explain(err))
	case <-time.After(20 * time.Second):
		t.Fatalf("%s\ndid not end", body)
	}
	return ""
}

func explain(err error) string {
	var e *engine.Exception
	if errors.As(err, &e) {
		return e.Error() + "\n" + e.Stack
	}
	return err.Error()
}

// A jsCase is a body of an async function and the JSON of what it answers.
type jsCase struct{ name, body, want string }

// runCases runs all cases in one isolate.
func runCases(t *testing.T, cases []jsCase) {
	t.Helper()
	is := newIsolate(t, Options{})
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) { runCase(t, is, c) })
	}
}

func runCase(t *testing.T, is *isolate, c jsCase) {
	t.Helper()
	got := is.eval(t, c.body)
	if !sameJSON(t, got, c.want) {
		t.Errorf("%s\n got %s\nwant %s", strings.TrimSpace(c.body), got, c.want)
	}
}

func sameJSON(t *testing.T, a, b string) bool {
	t.Helper()
	normal := func(s string) string {
		var v any
		if err := json.Unmarshal([]byte(s), &v); err != nil {
			t.Fatalf("%s: %s", err, s)
		}
		out, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return string(out)
	}
	return normal(a) == normal(b)
}

func TestErrorsLookLikeV8s(t *testing.T) {
	runCases(t, []jsCase{
		{"a stack begins with name and message", `function f() { return new TypeError("x") } return f().stack.split("\n").slice(0, 2).join("|").replace(/:\d+:\d+/, "")`,
			`"TypeError: x|    at f (test0.js)"`},
		{"subclasses keep their class", `class E extends RangeError {} const e = new E("m"); return [e instanceof E, e instanceof RangeError, e.constructor.name, e.name]`,
			`[true, true, "E", "RangeError"]`},
		{"the engine's own errors are of the same classes", `try { null.x } catch (e) { return [e instanceof TypeError, e.constructor === TypeError] }`,
			`[true, true]`},
		{"captureStackTrace gives any object a stack", `const o = { name: "N", message: "m" }; Error.captureStackTrace(o); return o.stack.split("\n")[0]`, `"N: m"`},
		{"a DOMException has a code", `const e = new DOMException("m", "AbortError"); return [e.code, e.name, e.message, DOMException.ABORT_ERR, e instanceof Error, Object.prototype.toString.call(e)]`,
			`[20, "AbortError", "m", 20, true, "[object DOMException]"]`},
	})
}
