package web

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestCompiledWebAssemblyIsKeptInAFolder(t *testing.T) {
	dir := t.TempDir()
	old := filepath.Join(dir, "engine", "old")
	if err := os.MkdirAll(filepath.Dir(old), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(old, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(old, time.Time{}, time.Now().Add(-2*wasmKept)); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		opts := wasmOptions()
		opts.Wasm = &WasmCache{Dir: dir}
		is := newIsolate(t, opts)
		if got := is.eval(t, wasmPrelude+`return exports("add").f(1, 2)`); got != "3" {
			t.Errorf("got %s, want 3", got)
		}
	}
	if _, err := os.Stat(old); !os.IsNotExist(err) {
		t.Error("a file nobody used for long is still there")
	}
	if kept, _ := filepath.Glob(filepath.Join(dir, "wazero-*", "*")); len(kept) == 0 {
		t.Log("nothing was kept: this machine interprets")
	}
}
