package web

import (
	"encoding/binary"
	"errors"
	"slices"
)

// The binary format of WebAssembly, as far as the host reads and writes it.
// https://webassembly.github.io/spec/core/binary/

const wasmMagic = "\x00asm\x01\x00\x00\x00"

// Sections by their number.
const (
	wasmCustomSection   = 0
	wasmTypeSection     = 1
	wasmImportSection   = 2
	wasmFunctionSection = 3
	wasmTableSection    = 4
	wasmMemorySection   = 5
	wasmGlobalSection   = 6
	wasmExportSection   = 7
	wasmStartSection    = 8
	wasmElementSection  = 9
	wasmCodeSection     = 10
	wasmDataSection     = 11
	wasmCountSection    = 12
	wasmTagSection      = 13
)

// wasmOrder is the order of sections in a module.
var wasmOrder = []byte{
	wasmTypeSection, wasmImportSection, wasmFunctionSection, wasmTableSection, wasmMemorySection, wasmTagSection,
	wasmGlobalSection, wasmExportSection, wasmStartSection, wasmElementSection, wasmCountSection, wasmCodeSection, wasmDataSection,
}

// Kinds of what modules import and export.
const (
	wasmFunc   = 0
	wasmTable  = 1
	wasmMemory = 2
	wasmGlobal = 3
	wasmTag    = 4
)

// Types of values.
const (
	wasmI32       = 0x7f
	wasmI64       = 0x7e
	wasmF32       = 0x7d
	wasmF64       = 0x7c
	wasmV128      = 0x7b
	wasmFuncref   = 0x70
	wasmExternref = 0x6f
	wasmExnref    = 0x69
)

var errWasmEnd = errors.New("unexpected end")

// A wasmReader reads numbers and names. After the first failure it reads
// zeros, and err tells.
type wasmReader struct {
	b   []byte
	pos int
	err error
}

func (r *wasmReader) fail(err error) {
	if r.err == nil {
		r.err = err
	}
	r.pos = len(r.b)
}

func (r *wasmReader) done() bool { return r.pos >= len(r.b) }

func (r *wasmReader) byte() byte {
	if r.pos >= len(r.b) {
		r.fail(errWasmEnd)
		return 0
	}
	r.pos++
	return r.b[r.pos-1]
}

func (r *wasmReader) take(n uint64) []byte {
	if n > uint64(len(r.b)-r.pos) {
		r.fail(errWasmEnd)
		return nil
	}
	start := r.pos
	r.pos += int(n)
	return r.b[start:r.pos:r.pos]
}

// uint reads a LEB128 number without sign.
func (r *wasmReader) uint() uint64 {
	n, size := binary.Uvarint(r.b[r.pos:])
	if size <= 0 {
		r.fail(errWasmEnd)
		return 0
	}
	r.pos += size
	return n
}

// u32 reads a number of 32 bits.
func (r *wasmReader) u32() uint32 {
	n := r.uint()
	if n > 1<<32-1 {
		r.fail(errors.New("number is too large"))
		return 0
	}
	return uint32(n)
}

// count reads the length of a list, each of whose items takes a byte at least.
func (r *wasmReader) count() int {
	n := r.uint()
	if n > uint64(len(r.b)-r.pos) {
		r.fail(errWasmEnd)
		return 0
	}
	return int(n)
}

// skipInt passes over a LEB128 number with or without sign.
func (r *wasmReader) skipInt() {
	for r.byte()&0x80 != 0 {
	}
}

func (r *wasmReader) name() string { return string(r.take(r.uint())) }

// valueType reads a type. Only those that the engine takes too are known.
func (r *wasmReader) valueType() byte {
	switch t := r.byte(); t {
	case wasmI32, wasmI64, wasmF32, wasmF64, wasmV128, wasmFuncref, wasmExternref, wasmExnref:
		return t
	}
	r.fail(errors.New("unknown type of value"))
	return 0
}

func (r *wasmReader) valueTypes() []byte {
	types := make([]byte, r.count())
	for i := range types {
		types[i] = r.valueType()
	}
	return types
}

// A wasmSection is a part of a module.
type wasmSection struct {
	id   byte
	data []byte
}

// wasmSections splits a module.
func wasmSections(module []byte) ([]wasmSection, error) {
	if len(module) < len(wasmMagic) || string(module[:len(wasmMagic)]) != wasmMagic {
		return nil, errors.New("not a WebAssembly module")
	}
	r := &wasmReader{b: module, pos: len(wasmMagic)}
	var out []wasmSection
	for !r.done() {
		s := wasmSection{id: r.byte()}
		s.data = r.take(r.uint())
		out = append(out, s)
	}
	return out, r.err
}

// ---- writing ----

func wasmUint(n uint64) []byte { return binary.AppendUvarint(nil, n) }

// wasmInt is a number with sign.
func wasmInt(n int64) []byte {
	var out []byte
	for ; n < -0x40 || n >= 0x40; n >>= 7 {
		out = append(out, byte(n)|0x80)
	}
	return append(out, byte(n)&0x7f)
}

func wasmI32Const(n int32) []byte { return append([]byte{0x41}, wasmInt(int64(n))...) }

func wasmName(s string) []byte { return append(wasmUint(uint64(len(s))), s...) }

// wasmList is a list of items already encoded.
func wasmList(items ...[]byte) []byte {
	return append(wasmUint(uint64(len(items))), slices.Concat(items...)...)
}

// wasmSized puts its length before data.
func wasmSized(data []byte) []byte { return append(wasmUint(uint64(len(data))), data...) }

func wasmJoin(sections ...wasmSection) []byte {
	out := []byte(wasmMagic)
	for _, s := range sections {
		out = append(out, s.id)
		out = append(out, wasmSized(s.data)...)
	}
	return out
}

func wasmImported(module, name string, kind byte, desc ...byte) []byte {
	return slices.Concat(wasmName(module), wasmName(name), []byte{kind}, desc)
}

func wasmExported(name string, kind byte, index uint32) []byte {
	return slices.Concat(wasmName(name), []byte{kind}, wasmUint(uint64(index)))
}

// wasmCode is a function's body without locals.
func wasmCode(instructions ...byte) []byte {
	return wasmSized(slices.Concat([]byte{0}, instructions, []byte{0x0b}))
}
