package web

import (
	"errors"
	"fmt"
)

// A wasmSignature is the type of a function.
type wasmSignature struct{ params, results []byte }

// wasmLetters name the types of values in descriptions for scripts.
var wasmLetters = map[byte]byte{
	wasmI32: 'i', wasmI64: 'I', wasmF32: 'f', wasmF64: 'F', wasmV128: 'v', wasmFuncref: 'a', wasmExternref: 'e', wasmExnref: 'x',
}

// String is a letter for each parameter, a colon, and one for each result.
func (s wasmSignature) String() string {
	var out []byte
	for _, t := range s.params {
		out = append(out, wasmLetters[t])
	}
	out = append(out, ':')
	for _, t := range s.results {
		out = append(out, wasmLetters[t])
	}
	return string(out)
}

// wasmMaxValues is how many parameters, and how many results, a function may
// have. https://webassembly.github.io/spec/js-api/#limits
const wasmMaxValues = 1000

func (s wasmSignature) encode() []byte {
	out := append([]byte{0x60}, wasmSized(s.params)...)
	return append(out, wasmSized(s.results)...)
}

// wasmType is the type of something that can be imported or exported. Its
// JSON is what src/wasm-types.ts reads.
type wasmType struct {
	Kind      byte    `json:"kind"`
	Signature string  `json:"signature,omitempty"` // of functions and tags
	Value     string  `json:"value,omitempty"`     // of a global, or the elements of a table
	Mutable   bool    `json:"mutable,omitempty"`
	Min       uint64  `json:"min,omitempty"` // of tables and memories
	Max       *uint64 `json:"max,omitempty"`

	signature wasmSignature
	value     byte
}

type wasmImport struct {
	Module string   `json:"module"`
	Name   string   `json:"name"`
	Type   wasmType `json:"type"`
}

type wasmExport struct {
	Name  string   `json:"name"`
	Index uint32   `json:"index"` // among all of its kind, imported ones first
	Type  wasmType `json:"type"`
}

type wasmCustom struct {
	name string
	data []byte
}

// wasmShape is what a module shows of itself.
type wasmShape struct {
	Imports []wasmImport `json:"imports"`
	Exports []wasmExport `json:"exports"`

	customs []wasmCustom
	types   []wasmSignature
	spaces  [5][]wasmType // all there is of each kind
	start   *uint32
}

// readWasm reads the shape of a module. It checks no more than it reads; the
// engine validates.
func readWasm(module []byte) (*wasmShape, error) {
	sections, err := wasmSections(module)
	if err != nil {
		return nil, err
	}
	s := &wasmShape{Imports: []wasmImport{}, Exports: []wasmExport{}}
	seen := map[byte]bool{}
	for _, section := range sections {
		if section.id != wasmCustomSection && seen[section.id] {
			return nil, fmt.Errorf("section %d is there twice", section.id)
		}
		seen[section.id] = true
		r := &wasmReader{b: section.data}
		s.read(section.id, r)
		if r.err != nil {
			return nil, fmt.Errorf("section %d: %w", section.id, r.err)
		}
	}
	return s, nil
}

func (s *wasmShape) read(id byte, r *wasmReader) {
	each := func(item func(i int)) {
		for i, n := 0, r.count(); i < n && r.err == nil; i++ {
			item(i)
		}
	}
	switch id {
	case wasmCustomSection:
		s.customs = append(s.customs, wasmCustom{name: r.name(), data: r.b[r.pos:]})
	case wasmTypeSection:
		each(func(int) { s.types = append(s.types, readSignature(r)) })
	case wasmImportSection:
		each(func(int) { s.readImport(r) })
	case wasmFunctionSection:
		each(func(int) { s.add(s.readType(wasmFunc, r)) })
	case wasmTableSection:
		each(func(int) { s.add(s.readTable(r)) })
	case wasmMemorySection:
		each(func(int) { s.add(s.readType(wasmMemory, r)) })
	case wasmTagSection:
		each(func(int) { s.add(s.readType(wasmTag, r)) })
	case wasmGlobalSection:
		each(func(int) {
			s.add(s.readType(wasmGlobal, r))
			w := wasmWalker{r: r}
			w.expression()
		})
	case wasmExportSection:
		each(func(int) { s.readExport(r) })
	case wasmStartSection:
		start := r.u32()
		s.start = &start
	}
}

func (s *wasmShape) add(t wasmType) { s.spaces[t.Kind] = append(s.spaces[t.Kind], t) }

func readSignature(r *wasmReader) wasmSignature {
	if r.byte() != 0x60 {
		r.fail(errors.New("only types of functions are known"))
	}
	s := wasmSignature{params: r.valueTypes()}
	s.results = r.valueTypes()
	if len(s.params) > wasmMaxValues || len(s.results) > wasmMaxValues {
		r.fail(errors.New("function has too many parameters or results"))
	}
	return s
}

func (s *wasmShape) readImport(r *wasmReader) {
	i := wasmImport{Module: r.name(), Name: r.name()}
	i.Type = s.readType(r.byte(), r)
	if r.err != nil {
		return
	}
	s.add(i.Type)
	s.Imports = append(s.Imports, i)
}

func (s *wasmShape) readExport(r *wasmReader) {
	e := wasmExport{Name: r.name()}
	kind := r.byte()
	e.Index = r.u32()
	if int(kind) >= len(s.spaces) || int(e.Index) >= len(s.spaces[kind]) {
		r.fail(errors.New("export of something that is not there"))
		return
	}
	e.Type = s.spaces[kind][e.Index]
	s.Exports = append(s.Exports, e)
}

// readTable reads a table, which may have an expression for its elements.
func (s *wasmShape) readTable(r *wasmReader) wasmType {
	if r.pos < len(r.b) && r.b[r.pos] == 0x40 {
		r.take(2)
		t := s.readType(wasmTable, r)
		w := wasmWalker{r: r}
		w.expression()
		return t
	}
	return s.readType(wasmTable, r)
}

func (s *wasmShape) readType(kind byte, r *wasmReader) wasmType {
	t := wasmType{Kind: kind}
	switch kind {
	case wasmTag:
		r.byte() // its attribute
		t.signature = s.signature(r)
		t.Signature = t.signature.String()
	case wasmFunc:
		t.signature = s.signature(r)
		t.Signature = t.signature.String()
	case wasmTable:
		t.setValue(r.valueType())
		t.readLimits(r)
	case wasmMemory:
		t.readLimits(r)
	case wasmGlobal:
		t.setValue(r.valueType())
		t.Mutable = r.byte() == 1
	default:
		r.fail(errors.New("unknown kind"))
	}
	return t
}

func (s *wasmShape) signature(r *wasmReader) wasmSignature {
	i := r.u32()
	if int(i) >= len(s.types) {
		r.fail(errors.New("unknown type of function"))
		return wasmSignature{}
	}
	return s.types[i]
}

func (t *wasmType) setValue(v byte) { t.value, t.Value = v, string(wasmLetters[v]) }

func (t *wasmType) readLimits(r *wasmReader) {
	switch flags := r.byte(); flags {
	case 0, 1:
		t.Min = r.uint()
		if flags == 1 {
			most := r.uint()
			t.Max = &most
		}
	default:
		r.fail(errors.New("shared and 64-bit memories are not emulated by dodev"))
	}
}
