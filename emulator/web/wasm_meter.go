package web

import (
	"errors"
	"slices"
	"strconv"
)

// Compiled code cannot be stopped from outside, and the Go runtime waits for it
// when it wants to collect garbage. So every function and every loop counts
// down, and calls the host at zero. What the module imports is named anew, so
// that each import can come from a place of its own: import k as "k" "x", and
// functions, which all come from one place, as "k" "k".

// Names of what a metered module exports beside its own. They begin with a
// byte that no toolchain uses.
const (
	wasmMeterTable = "\x00meter" // whose only element is what to call
	wasmMeterStart = "\x00start" // what the module wants to be called first
)

// wasmFuel is how many functions and loops may be entered between two calls of
// the host.
const wasmFuel = 1 << 16

// wasmImportName is the name of what is alone in a module of the host's.
const wasmImportName = "x"

// meterWasm gives a module as the host runs it.
func meterWasm(module []byte, shape *wasmShape) ([]byte, error) {
	sections, err := wasmSections(module)
	if err != nil {
		return nil, err
	}
	data := map[byte][]byte{}
	for _, s := range sections {
		if s.id != wasmCustomSection {
			data[s.id] = s.data
		}
	}
	if len(shape.Imports) > 0 {
		data[wasmImportSection] = shape.renamedImports(data[wasmImportSection])
	}
	if code, ok := data[wasmCodeSection]; ok {
		if data[wasmCodeSection], err = meterCode(code, shape); err != nil {
			return nil, err
		}
	}
	grow := func(id byte, item []byte) error {
		r := &wasmReader{b: data[id]}
		n := uint64(0)
		if len(r.b) > 0 {
			n = r.uint()
		}
		data[id] = slices.Concat(wasmUint(n+1), r.b[r.pos:], item)
		return r.err
	}
	err = errors.Join(
		grow(wasmTypeSection, wasmSignature{}.encode()),
		grow(wasmTableSection, []byte{wasmFuncref, 1, 1, 1}),
		grow(wasmGlobalSection, slices.Concat([]byte{wasmI32, 1}, wasmI32Const(wasmFuel), []byte{0x0b})),
		grow(wasmExportSection, wasmExported(wasmMeterTable, wasmTable, uint32(len(shape.spaces[wasmTable])))),
	)
	for _, export := range shape.exportedRoots() {
		err = errors.Join(err, grow(wasmExportSection, export))
	}
	if shape.start != nil {
		delete(data, wasmStartSection)
		err = errors.Join(err, grow(wasmExportSection, wasmExported(wasmMeterStart, wasmFunc, *shape.start)))
	}
	if err != nil {
		return nil, err
	}
	var out []wasmSection
	for _, id := range wasmOrder {
		if d, ok := data[id]; ok {
			out = append(out, wasmSection{id, d})
		}
	}
	// Names for stack traces.
	for _, c := range shape.customs {
		if c.name == "name" {
			out = append(out, wasmSection{wasmCustomSection, append(wasmName(c.name), c.data...)})
		}
	}
	return wasmJoin(out...), nil
}

// renamedImports is the section of imports with names of the host's.
func (s *wasmShape) renamedImports(section []byte) []byte {
	r := &wasmReader{b: section}
	items := make([][]byte, r.count())
	for k := range items {
		r.name()
		r.name()
		start, name := r.pos, wasmImportName
		if s.readType(r.byte(), r).Kind == wasmFunc {
			name = strconv.Itoa(k)
		}
		items[k] = slices.Concat(wasmName(strconv.Itoa(k)), wasmName(name), section[start:r.pos])
	}
	return wasmList(items...)
}

// meterCode adds counting to the section of code.
func meterCode(section []byte, shape *wasmShape) ([]byte, error) {
	check := wasmCheck(uint64(len(shape.types)), uint64(len(shape.spaces[wasmTable])), uint64(len(shape.spaces[wasmGlobal])))
	r := &wasmReader{b: section}
	n := r.count()
	out := wasmUint(uint64(n))
	for range n {
		body := &wasmReader{b: r.take(r.uint())}
		for i, groups := 0, body.count(); i < groups && body.err == nil; i++ {
			body.uint()
			body.valueType()
		}
		w := wasmWalker{r: body}
		metered := append(slices.Clone(body.b[:body.pos]), check...)
		last := body.pos
		w.loop = func() {
			metered = append(append(metered, body.b[last:body.pos]...), check...)
			last = body.pos
		}
		w.expression()
		if body.err == nil && !body.done() {
			body.fail(errors.New("function goes on after its end"))
		}
		if body.err != nil {
			return nil, body.err
		}
		metered = append(metered, body.b[last:]...)
		out = append(out, wasmSized(metered)...)
	}
	return out, r.err
}

// wasmCheck are the instructions that count down, and at zero call the host.
func wasmCheck(callee, table, fuel uint64) []byte {
	get, set := append([]byte{0x23}, wasmUint(fuel)...), append([]byte{0x24}, wasmUint(fuel)...)
	return slices.Concat(
		get, []byte{0x45, 0x04, 0x40}, // i32.eqz if
		[]byte{0x41, 0, 0x11}, wasmUint(callee), wasmUint(table), // i32.const 0 call_indirect
		wasmI32Const(wasmFuel), set, []byte{0x0b}, // end
		get, []byte{0x41, 1, 0x6b}, set, // i32.const 1 i32.sub
	)
}
