package web

import (
	"encoding/binary"
	"slices"
)

// Modules of the host's own making, for what the engine does inside a module
// only.

// limits is how a table or memory tells its size.
func (t wasmType) limits() []byte {
	if t.Max == nil {
		return append([]byte{0}, wasmUint(t.Min)...)
	}
	return slices.Concat([]byte{1}, wasmUint(t.Min), wasmUint(*t.Max))
}

// described is a type as imports and definitions have it. Tags and functions
// need the index of their signature.
func (t wasmType) described() []byte {
	switch t.Kind {
	case wasmTable:
		return append([]byte{t.value}, t.limits()...)
	case wasmMemory:
		return t.limits()
	case wasmGlobal:
		mutable := byte(0)
		if t.Mutable {
			mutable = 1
		}
		return []byte{t.value, mutable}
	case wasmTag:
		return []byte{0, 0}
	}
	return []byte{0}
}

// wasmAdapter exports what it imports. The sizes of tables and memories were
// checked before, so it asks for none.
func wasmAdapter(name string, t wasmType) []byte {
	asked := t
	asked.Min, asked.Max = 0, nil
	return wasmJoin(
		wasmSection{wasmTypeSection, wasmList(t.signature.encode())},
		wasmSection{wasmImportSection, wasmList(wasmImported("from", name, t.Kind, asked.described()...))},
		wasmSection{wasmExportSection, wasmList(wasmExported(wasmImportName, t.Kind, 0))},
	)
}

// wasmDefinition exports a table, memory, global or tag of its own. First is
// what a global holds that is no reference; references begin as null.
func wasmDefinition(t wasmType, first uint64) []byte {
	id, item := byte(wasmTagSection), t.described()
	switch t.Kind {
	case wasmTable:
		id = wasmTableSection
	case wasmMemory:
		id = wasmMemorySection
	case wasmGlobal:
		id = wasmGlobalSection
		item = slices.Concat(item, wasmConst(t.value, first), []byte{0x0b})
	}
	return wasmJoin(
		wasmSection{wasmTypeSection, wasmList(t.signature.encode())},
		wasmSection{id, wasmList(item)},
		wasmSection{wasmExportSection, wasmList(wasmExported(wasmImportName, t.Kind, 0))},
	)
}

// wasmConst is the instruction for a constant, null for references.
func wasmConst(value byte, bits uint64) []byte {
	switch value {
	case wasmI32:
		return wasmI32Const(int32(bits))
	case wasmI64:
		return append([]byte{0x42}, wasmInt(int64(bits))...)
	case wasmF32:
		return binary.LittleEndian.AppendUint32([]byte{0x43}, uint32(bits))
	case wasmF64:
		return binary.LittleEndian.AppendUint64([]byte{0x44}, bits)
	}
	return []byte{0xd0, value}
}

// wasmInstaller puts what counting calls into the table for it.
func wasmInstaller() []byte {
	return wasmJoin(
		wasmSection{wasmTypeSection, wasmList(wasmSignature{}.encode())},
		wasmSection{wasmImportSection, wasmList(
			wasmImported("meter", wasmImportName, wasmFunc, 0),
			wasmImported("module", wasmMeterTable, wasmTable, wasmFuncref, 1, 1, 1))},
		wasmSection{wasmElementSection, wasmList([]byte{0, 0x41, 0, 0x0b, 1, 0})},
	)
}

// wasmTableModule exports the instructions for a table.
func wasmTableModule(name string, element byte) []byte {
	return wasmJoin(
		wasmSection{wasmTypeSection, wasmList(
			wasmSignature{[]byte{wasmI32}, []byte{element}}.encode(),
			wasmSignature{[]byte{wasmI32, element}, nil}.encode(),
			wasmSignature{[]byte{element, wasmI32}, []byte{wasmI32}}.encode(),
			wasmSignature{nil, []byte{wasmI32}}.encode())},
		wasmSection{wasmImportSection, wasmList(wasmImported("from", name, wasmTable, element, 0, 0))},
		wasmSection{wasmFunctionSection, wasmList([]byte{0}, []byte{1}, []byte{2}, []byte{3})},
		wasmSection{wasmExportSection, wasmList(
			wasmExported("get", wasmFunc, 0), wasmExported("set", wasmFunc, 1),
			wasmExported("grow", wasmFunc, 2), wasmExported("size", wasmFunc, 3))},
		wasmSection{wasmCodeSection, wasmList(
			wasmCode(0x20, 0, 0x25, 0),
			wasmCode(0x20, 0, 0x20, 1, 0x26, 0),
			wasmCode(0x20, 0, 0x20, 1, 0xfc, 15, 0),
			wasmCode(0xfc, 16, 0))},
	)
}

// wasmRefModule exports a function that answers a reference to another one.
func wasmRefModule(name string, s wasmSignature) []byte {
	return wasmJoin(
		wasmSection{wasmTypeSection, wasmList(s.encode(), wasmSignature{nil, []byte{wasmFuncref}}.encode())},
		wasmSection{wasmImportSection, wasmList(wasmImported("from", name, wasmFunc, 0))},
		wasmSection{wasmFunctionSection, wasmList([]byte{1})},
		wasmSection{wasmExportSection, wasmList(wasmExported("ref", wasmFunc, 1))},
		// References need a declaration.
		wasmSection{wasmElementSection, wasmList([]byte{3, 0, 1, 0})},
		wasmSection{wasmCodeSection, wasmList(wasmCode(0xd2, 0))},
	)
}

// wasmProbeModule exports a table of one function, and what sets it.
func wasmProbeModule() []byte {
	return wasmJoin(
		wasmSection{wasmTypeSection, wasmList(wasmSignature{[]byte{wasmFuncref}, nil}.encode())},
		wasmSection{wasmFunctionSection, wasmList([]byte{0})},
		wasmSection{wasmTableSection, wasmList([]byte{wasmFuncref, 1, 1, 1})},
		wasmSection{wasmExportSection, wasmList(wasmExported("set", wasmFunc, 0))},
		wasmSection{wasmCodeSection, wasmList(wasmCode(0x41, 0, 0x20, 0, 0x26, 0))},
	)
}

// wasmCallerModule exports a function that calls its first argument with the
// others.
func wasmCallerModule(s wasmSignature) []byte {
	with := wasmSignature{append([]byte{wasmFuncref}, s.params...), s.results}
	code := []byte{0x41, 0, 0x20, 0, 0x26, 0} // into the table
	for i := range s.params {
		code = slices.Concat(code, []byte{0x20}, wasmUint(uint64(i+1)))
	}
	code = append(code, 0x41, 0, 0x11, 0, 0) // i32.const 0 call_indirect
	return wasmJoin(
		wasmSection{wasmTypeSection, wasmList(s.encode(), with.encode())},
		wasmSection{wasmFunctionSection, wasmList([]byte{1})},
		wasmSection{wasmTableSection, wasmList([]byte{wasmFuncref, 1, 1, 1})},
		wasmSection{wasmExportSection, wasmList(wasmExported(wasmImportName, wasmFunc, 0))},
		wasmSection{wasmCodeSection, wasmList(wasmCode(code...))},
	)
}
