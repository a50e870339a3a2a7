package web

import (
	"slices"
	"strconv"

	"github.com/dodev/dodev/emulator/engine"
)

// Scripts hand any value to compiled code by a number, and cannot see where
// compiled code keeps it. While none runs, that is in tables and globals only,
// so looking through all of them tells which numbers are free.

// A wasmRoot is a table or global that can hold such numbers, by its name among
// the exports of its module.
type wasmRoot struct {
	kind byte
	name string
}

// roots names what a module defines that can hold any value. Metered modules
// export it.
func (s *wasmShape) roots() []wasmRoot {
	var out []wasmRoot
	for _, kind := range []byte{wasmTable, wasmGlobal} {
		imported := 0
		for _, i := range s.Imports {
			if i.Type.Kind == kind {
				imported++
			}
		}
		for i, t := range s.spaces[kind] {
			if i >= imported && t.value == wasmExternref {
				out = append(out, wasmRoot{kind, "\x00" + strconv.Itoa(int(kind)) + " " + strconv.Itoa(i)})
			}
		}
	}
	return out
}

// exportedRoots are the exports that make the roots seen.
func (s *wasmShape) exportedRoots() [][]byte {
	var out [][]byte
	for _, root := range s.roots() {
		i, _ := strconv.Atoi(root.name[len("\x001 "):])
		out = append(out, wasmExported(root.name, root.kind, uint32(i)))
	}
	return out
}

// held answers the numbers that tables and globals hold.
func (w *wasmHost) held(c engine.Call) error {
	var out []int
	for _, o := range w.owners {
		for _, root := range o.roots {
			if root.kind == wasmGlobal {
				out = append(out, int(o.mod.ExportedGlobal(root.name).Get()))
				continue
			}
			elements, err := w.elements(o, root.name)
			if err != nil {
				return err
			}
			out = append(out, elements...)
		}
	}
	slices.Sort(out)
	return returnNumbers(c, slices.Compact(out)...)
}

// elements are the numbers in a table.
func (w *wasmHost) elements(o *wasmOwner, name string) ([]int, error) {
	t := o.tables[name]
	if t == nil {
		var err error
		if t, err = w.tableOps(o, name, wasmExternref); err != nil {
			return nil, err
		}
		if o.tables == nil {
			o.tables = map[string]*wasmTableOps{}
		}
		o.tables[name] = t
	}
	stack := []uint64{0}
	if err := t.size.CallWithStack(w.ctx, stack); err != nil {
		return nil, err
	}
	out := make([]int, uint32(stack[0]))
	for i := range out {
		stack[0] = uint64(i)
		if err := t.get.CallWithStack(w.ctx, stack); err != nil {
			return nil, err
		}
		out[i] = int(stack[0])
	}
	return out, nil
}
