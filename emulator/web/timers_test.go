package web

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/dodev/dodev/emulator/engine"
)

func TestTimers(t *testing.T) {
	runTimedCases(t, []jsCase{
		{"fire in order of time, after microtasks", `const o = []; await new Promise(r => { setTimeout(() => o.push("t2"), 4); setTimeout(() => o.push("t0"), 0); setTimeout(() => o.push("t1"), 2); queueMicrotask(() => o.push("micro")); Promise.resolve().then(() => o.push("promise")); setTimeout(r, 8); }); return o`,
			`["micro", "promise", "t0", "t1", "t2"]`},
		{"pass arguments", `return new Promise(r => setTimeout((a, b) => r([a, b]), 1, 1, 2))`, `[1, 2]`},
		{"are objects that are numbers too", `const t = setTimeout(() => {}, 0); return [typeof t, typeof +t, t.hasRef(), t.ref() === t]`, `["object", "number", true, true]`},
		{"can be cleared by object or number", `let n = 0; clearTimeout(setTimeout(() => n++, 1)); clearTimeout(+setTimeout(() => n++, 1)); setTimeout(() => n++, 1).close(); clearTimeout(undefined); clearTimeout(12345); await scheduler.wait(4); return n`, `0`},
		{"repeat until cleared", `let n = 0; return new Promise(r => { const t = setInterval(() => { if (++n === 3) { clearInterval(t); r(n) } }, 1) })`, `3`},
		{"immediates", `return new Promise(r => setImmediate((x) => r(x), 5))`, `5`},
		{"want a function", `try { setTimeout("x") } catch (e) { return [e.name, e.code] }`, `["TypeError", "ERR_INVALID_ARG_TYPE"]`},
		{"wait can be aborted", `const c = new AbortController(); setTimeout(() => c.abort("stop"), 1); return scheduler.wait(10000, { signal: c.signal }).catch(e => e)`, `"stop"`},
		{"local time is UTC", `const d = new Date(2020, 6, 1, 12); return [d.toISOString(), d.getTimezoneOffset(), d.getHours()]`, `["2020-07-01T12:00:00.000Z", 0, 12]`},
		{"time passes", `const a = Date.now(); await scheduler.wait(5); return [Date.now() - a >= 4, Number.isInteger(performance.now()), new Date() instanceof Date, typeof Date(), new Date(5).getTime(), Date.UTC(1970, 0, 1)]`, `[true, true, true, "string", 5, 0]`},
	})
}

// runTimedCases is runCases where time passes for timers alone, however long the
// machine takes.
func runTimedCases(t *testing.T, cases []jsCase) {
	t.Helper()
	for _, script := range []func() (engine.Code, error){testBoot, testLater} { // compiled outside: they outlive a bubble
		if _, err := script(); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { runCase(t, newIsolate(t, Options{}), c) })
		})
	}
}

func TestErrorsOfTimersAreReported(t *testing.T) {
	var got []string
	is := newIsolate(t, Options{Uncaught: func(err error) {
		var e *engine.Exception
		if errors.As(err, &e) {
			got = append(got, e.Message)
		}
	}})
	is.eval(t, `setTimeout(() => { throw new Error("in a timer") }, 0); await scheduler.wait(3)`)
	if strings.Join(got, "|") != "in a timer" {
		t.Errorf("reported %q, want the timer's error", got)
	}
}

func TestModulesMayNotStartTimers(t *testing.T) {
	is := newIsolate(t, Options{})
	done := make(chan struct{})
	is.loop.Post(func() {
		defer close(done)
		if _, err := is.loop.VM().Call("loading", engine.Bool(true)); err != nil {
			t.Error(err)
		}
	})
	<-done
	got := is.eval(t, `try { setTimeout(() => {}, 1) } catch (e) { return [e.message.slice(0, 53), Date.now()] }`)
	if want := `["Disallowed operation called within global scope. Asyn",0]`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
