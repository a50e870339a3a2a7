package web

import (
	"context"
	"testing"

	"github.com/tetratelabs/wazero"
)

func TestShapeIsWhatAModuleShows(t *testing.T) {
	shape, err := readWasm(wasmSamples()["globals"])
	if err != nil {
		t.Fatal(err)
	}
	if len(shape.Imports) != 1 || shape.Imports[0].Module != "env" || shape.Imports[0].Type.Kind != wasmGlobal || shape.Imports[0].Type.Mutable {
		t.Errorf("imports %+v, want an immutable global of env", shape.Imports)
	}
	if len(shape.Exports) != 2 || shape.Exports[0].Index != 1 || shape.Exports[0].Type.Value != "I" || !shape.Exports[0].Type.Mutable || shape.Exports[1].Type.Signature != ":i" {
		t.Errorf("exports %+v, want a mutable global and a function", shape.Exports)
	}
}

func TestBrokenModulesAreRefused(t *testing.T) {
	for name, module := range map[string]string{
		"nothing":         "",
		"another version": "\x00asm\x02\x00\x00\x00",
		"a cut section":   wasmMagic + "\x01\x05\x01",
		"a section twice": wasmMagic + "\x01\x01\x00\x01\x01\x00",
		"a long list":     wasmMagic + "\x01\x05\xff\xff\xff\xff\x0f",
		"no such type":    wasmMagic + "\x03\x02\x01\x07",
		"no such export":  wasmMagic + "\x07\x05\x01\x01f\x00\x00",
		"shared memory":   wasmMagic + "\x05\x04\x01\x03\x01\x02",
	} {
		if _, err := readWasm([]byte(module)); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// engineAccepts reports whether a module is valid, without compiling it.
func engineAccepts(t *testing.T, module []byte) error {
	t.Helper()
	ctx := context.Background()
	r := wazero.NewRuntimeWithConfig(ctx, wazero.NewRuntimeConfigInterpreter().WithCoreFeatures(wasmFeatures))
	defer r.Close(ctx)
	_, err := r.CompileModule(ctx, module)
	return err
}

func TestMeteredModulesStayValid(t *testing.T) {
	for name, module := range wasmSamples() {
		if err := checkMetered(t, module); err != nil {
			t.Errorf("%s: %s", name, err)
		}
	}
}

// checkMetered is what is wrong with a valid module once it is metered.
func checkMetered(t *testing.T, module []byte) error {
	shape, err := readWasm(module)
	if err != nil || engineAccepts(t, module) != nil {
		return nil
	}
	metered, err := meterWasm(module, shape)
	if err != nil {
		return nil // refused, with a word
	}
	return engineAccepts(t, metered)
}

func FuzzModules(f *testing.F) {
	for _, module := range wasmSamples() {
		f.Add(module)
	}
	f.Fuzz(func(t *testing.T, module []byte) {
		if len(module) > 4096 {
			return
		}
		if err := checkMetered(t, module); err != nil {
			t.Errorf("metered module is not valid: %s", err)
		}
	})
}
