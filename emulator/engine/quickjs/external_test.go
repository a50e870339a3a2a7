package quickjs

import (
	"testing"

	"github.com/dodev/dodev/emulator/engine"
)

// bootExternal makes an isolate whose host.memory() is the buffer of x, under a
// limit.
func bootExternal(t *testing.T, limit int64, entries string) (engine.VM, engine.External) {
	t.Helper()
	e := New()
	v, err := e.NewVM(engine.Options{MemoryLimit: limit})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(v.Close)
	x := v.NewExternal()
	v.Func("memory", func(c engine.Call) error { c.ReturnExternal(x); return nil })
	code, err := e.Compile("boot.js", "(function (host) { return "+entries+" })", engine.Script)
	if err != nil {
		t.Fatal(err)
	}
	if err := v.Boot(code); err != nil {
		t.Fatal(err)
	}
	return v, x
}

func TestExternalMemoryIsSharedWithScripts(t *testing.T) {
	v, x := bootExternal(t, 0, `{
		write(i, n) { new Uint8Array(host.memory())[i] = n }, read: (i) => new Uint8Array(host.memory())[i],
		same: () => host.memory() === host.memory() }`)
	if !x.Resize(1 << 16) {
		t.Fatal("cannot have 64 KiB")
	}
	mustCall(t, v, "write", engine.Int(7), engine.Int(42))
	if got := x.Bytes()[7]; got != 42 {
		t.Errorf("Go sees %d, want what the script wrote", got)
	}
	x.Bytes()[8] = 43
	if got := mustCall(t, v, "read", engine.Int(8)).Int(); got != 43 {
		t.Errorf("the script sees %d, want what Go wrote", got)
	}
	if !mustCall(t, v, "same").Bool() {
		t.Error("the buffer is another one each time")
	}
}

func TestResizingExternalMemoryDetachesItsBufferAndKeepsItsBytes(t *testing.T) {
	v, x := bootExternal(t, 0, `{
		hold() { globalThis.held = host.memory(); new Uint8Array(held).fill(9) },
		heldLength: () => held.byteLength, length: () => host.memory().byteLength, at: (i) => new Uint8Array(host.memory())[i] }`)
	x.Resize(100)
	mustCall(t, v, "hold")
	for _, n := range []int{200, 210} { // a new block, and more of the same one
		x.Resize(n)
		if got := mustCall(t, v, "heldLength").Int(); got != 0 {
			t.Errorf("the old buffer has %d bytes, want none", got)
		}
		if got := mustCall(t, v, "length").Int(); got != n {
			t.Errorf("the new buffer has %d bytes, want %d", got, n)
		}
		if first, last := mustCall(t, v, "at", engine.Int(99)).Int(), mustCall(t, v, "at", engine.Int(n-1)).Int(); first != 9 || last != 0 {
			t.Errorf("bytes %d and %d, want what was there and zero", first, last)
		}
	}
}

func TestBufferOutlivesFreedExternalMemory(t *testing.T) {
	v, x := bootExternal(t, 0, `{ hold() { globalThis.held = host.memory(); new Uint8Array(held)[3] = 5; globalThis.moved = held.transfer() },
		at: () => new Uint8Array(moved)[3], drop() { moved = held = undefined } }`)
	x.Resize(1 << 20)
	mustCall(t, v, "hold")
	x.Free()
	x.Free()
	if got := mustCall(t, v, "at").Int(); got != 5 {
		t.Errorf("byte is %d, want 5", got)
	}
	before := v.Memory().Used
	mustCall(t, v, "drop")
	v.CollectGarbage()
	if freed := before - v.Memory().Used; freed < 1<<20 {
		t.Errorf("freed %d bytes, want a megabyte", freed)
	}
}

func TestExternalMemoryCountsAgainstTheLimit(t *testing.T) {
	v, x := bootExternal(t, 32<<20, `{ fill() { return new Uint8Array(20 << 20).length } }`)
	if x.Resize(64 << 20) {
		t.Error("got 64 MiB under a limit of 32")
	}
	if !x.Resize(20 << 20) {
		t.Fatal("cannot have 20 MiB under a limit of 32")
	}
	if _, err := v.Call("fill"); err == nil {
		t.Error("the heap got another 20 MiB")
	}
	x.Resize(1)
	x.Free()
	mustCall(t, v, "fill")
}

func TestInterruptionCrossesNestedCalls(t *testing.T) {
	var v engine.VM
	v = boot(t, `{ outer() { try { host.nest() } catch { return "caught" } }, inner() { for (;;); } }`,
		map[string]engine.Func{"nest": func(engine.Call) error {
			v.Interrupt("took too long")
			_, err := v.Call("inner")
			if !v.Interrupted() {
				t.Error("the interruption is not to be seen")
			}
			return err
		}})
	_, err := v.Call("outer")
	if e, ok := err.(*engine.Exception); !ok || !e.Interrupted || e.Message != "took too long" {
		t.Fatalf("got %#v, want an interruption", err)
	}
	if v.Interrupted() {
		t.Error("the interruption outlives what it stopped")
	}
}
