package web

import "fmt"

// A wasmWalker passes over instructions.
type wasmWalker struct {
	r    *wasmReader
	loop func() // called at the begin of each loop's instructions, if not nil
}

// expression passes over instructions up to the end that closes them.
func (w *wasmWalker) expression() {
	for depth := 1; depth > 0 && w.r.err == nil; {
		switch op := w.r.byte(); op {
		case 0x02, 0x04: // block, if
			w.r.skipInt()
			depth++
		case 0x03: // loop
			w.r.skipInt()
			depth++
			if w.loop != nil && w.r.err == nil {
				w.loop()
			}
		case 0x1f: // try_table
			w.r.skipInt()
			w.catches()
			depth++
		case 0x0b: // end
			depth--
		default:
			w.immediates(op)
		}
	}
}

// wasmNumbers says how many numbers follow an instruction of one byte.
var wasmNumbers = [256]int{
	0x08: 1, 0x0c: 1, 0x0d: 1, 0x10: 1, 0x11: 2, 0x12: 1, 0x13: 2, // throw to return_call_indirect
	0x20: 1, 0x21: 1, 0x22: 1, 0x23: 1, 0x24: 1, 0x25: 1, 0x26: 1, // local.get to table.set
	0x3f: 1, 0x40: 1, 0x41: 1, 0x42: 1, // memory.size to i64.const
	0xd0: 1, 0xd2: 1, // ref.null, ref.func
}

func (w *wasmWalker) numbers(n int) {
	for range n {
		w.r.skipInt()
	}
}

func (w *wasmWalker) immediates(op byte) {
	switch {
	case wasmNumbers[op] > 0:
		w.numbers(wasmNumbers[op])
	case op >= 0x28 && op <= 0x3e: // loads and stores
		w.numbers(2)
	case op <= 0x01, op == 0x05, op == 0x0a, op == 0x0f, op == 0x1a, op == 0x1b, op >= 0x45 && op <= 0xc4, op == 0xd1:
	case op == 0x0e: // br_table
		w.numbers(w.r.count() + 1)
	case op == 0x1c: // select with types
		w.r.valueTypes()
	case op == 0x43: // f32.const
		w.r.take(4)
	case op == 0x44: // f64.const
		w.r.take(8)
	case op == 0xfc:
		w.bulk(w.r.uint())
	case op == 0xfd:
		w.vector(w.r.uint())
	case op == 0xfe:
		w.atomic(w.r.uint())
	default:
		w.unknown(uint64(op))
	}
}

func (w *wasmWalker) unknown(op uint64) { w.r.fail(fmt.Errorf("unknown instruction %#x", op)) }

func (w *wasmWalker) catches() {
	for i, n := 0, w.r.count(); i < n && w.r.err == nil; i++ {
		if w.r.byte() < 2 { // catch, catch_ref
			w.r.skipInt()
		}
		w.r.skipInt()
	}
}

// bulk passes over what follows the prefix of saturating conversions and of
// operations on memories and tables.
func (w *wasmWalker) bulk(op uint64) {
	switch op {
	case 0, 1, 2, 3, 4, 5, 6, 7:
	case 9, 11, 13, 15, 16, 17:
		w.numbers(1)
	case 8, 10, 12, 14:
		w.numbers(2)
	default:
		w.unknown(op)
	}
}

func (w *wasmWalker) vector(op uint64) {
	switch {
	case op <= 11, op == 92, op == 93: // loads and stores
		w.numbers(2)
	case op == 12, op == 13: // v128.const, i8x16.shuffle
		w.r.take(16)
	case op >= 21 && op <= 34: // lanes
		w.r.take(1)
	case op >= 84 && op <= 91: // loads and stores of a lane
		w.numbers(2)
		w.r.take(1)
	}
}

func (w *wasmWalker) atomic(op uint64) {
	if op == 3 { // atomic.fence
		w.r.take(1)
		return
	}
	w.numbers(2)
}
