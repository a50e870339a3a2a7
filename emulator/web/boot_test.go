package web

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/dodev/dodev/emulator/engine"
	"github.com/dodev/dodev/emulator/engine/quickjs"
	"github.com/dodev/dodev/emulator/loop"
)

func TestBootBundlesThePlatform(t *testing.T) {
	script, _, err := Boot(nil, Entry)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(script, "(function(__host){") {
		t.Errorf("script begins with %.40q, want a function of the host", script)
	}
}

func TestBootTakesAnOverlaysEntry(t *testing.T) {
	overlay := fstest.MapFS{
		"main.ts":      {Data: []byte(`import { entries } from "web/index"; import { extra } from "./lib/extra"; extra(); export { entries };`)},
		"lib/extra.ts": {Data: []byte(`export const extra = (): string => "from the overlay";`)},
	}
	script, _, err := Boot(overlay, "main")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(script, "from the overlay") {
		t.Error("the overlay's module is not in the script")
	}
}

func TestBootNamesThePlaceOfAnError(t *testing.T) {
	overlay := fstest.MapFS{"main.ts": {Data: []byte("export const entries = {};\nimport './absent'")}}
	_, _, err := Boot(overlay, "main")
	if err == nil || !strings.Contains(err.Error(), "absent") {
		t.Errorf("error is %v, want one that names the module", err)
	}
}

func TestWhatFewNeedIsLoadedOnce(t *testing.T) {
	loads := 0
	is := newIsolate(t, Options{Later: func() (engine.Code, error) {
		loads++
		return testLater()
	}})
	if is.eval(t, `return typeof Buffer.from("x")`); loads != 0 {
		t.Errorf("the second script was loaded %d times for a Buffer, want 0", loads)
	}
	is.eval(t, `return [(await import("node:stream")).Readable.name, HTMLRewriter.name, (await import("node:url")).URL === URL].join()`)
	if loads != 1 {
		t.Errorf("the second script was loaded %d times, want 1", loads)
	}
}

// BenchmarkBoot is what an isolate costs before it runs code of a project.
func BenchmarkBoot(b *testing.B) {
	code, err := testBoot()
	if err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(len(code.Bytes)), "code-bytes")
	var used int64
	for b.Loop() {
		vm, err := quickjs.New().NewVM(engine.Options{})
		if err != nil {
			b.Fatal(err)
		}
		l := loop.New(vm, loop.Options{})
		Register(l, Options{})
		if err := vm.Boot(code); err != nil {
			b.Fatal(err)
		}
		used = vm.Memory().Used
		l.Close()
	}
	b.ReportMetric(float64(used), "heap-bytes")
}
