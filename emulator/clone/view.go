package clone

import (
	"encoding/binary"
	"iter"
	"math"
	"math/big"

	"github.com/dodev/dodev/emulator/engine"
)

// viewNames are the JavaScript names of view kinds.
var viewNames = [...]string{
	engine.Int8Array:         "Int8Array",
	engine.Uint8Array:        "Uint8Array",
	engine.Uint8ClampedArray: "Uint8ClampedArray",
	engine.Int16Array:        "Int16Array",
	engine.Uint16Array:       "Uint16Array",
	engine.Int32Array:        "Int32Array",
	engine.Uint32Array:       "Uint32Array",
	engine.Float16Array:      "Float16Array",
	engine.Float32Array:      "Float32Array",
	engine.Float64Array:      "Float64Array",
	engine.BigInt64Array:     "BigInt64Array",
	engine.BigUint64Array:    "BigUint64Array",
	engine.DataView:          "DataView",
}

// viewNamed is the inverse of viewNames.
func viewNamed(name string) (engine.ViewKind, bool) {
	for kind, n := range viewNames {
		if n == name {
			return engine.ViewKind(kind), true
		}
	}
	return 0, false
}

// Elements yields the numbers the view shows, as float64 or *big.Int; those of
// a DataView are its bytes.
func (v *View) Elements() iter.Seq[Value] {
	return func(yield func(Value) bool) {
		size := v.Kind.ElementSize()
		for p := v.Bytes(); len(p) >= size; p = p[size:] {
			if !yield(element(v.Kind, p)) {
				return
			}
		}
	}
}

// element reads the first element in p.
func element(kind engine.ViewKind, p []byte) Value {
	le := binary.LittleEndian
	switch kind {
	case engine.Int8Array:
		return float64(int8(p[0]))
	case engine.Int16Array:
		return float64(int16(le.Uint16(p)))
	case engine.Uint16Array:
		return float64(le.Uint16(p))
	case engine.Int32Array:
		return float64(int32(le.Uint32(p)))
	case engine.Uint32Array:
		return float64(le.Uint32(p))
	case engine.Float16Array:
		return float16(le.Uint16(p))
	case engine.Float32Array:
		return float64(math.Float32frombits(le.Uint32(p)))
	case engine.Float64Array:
		return math.Float64frombits(le.Uint64(p))
	case engine.BigInt64Array:
		return big.NewInt(int64(le.Uint64(p)))
	case engine.BigUint64Array:
		return new(big.Int).SetUint64(le.Uint64(p))
	}
	return float64(p[0])
}

// float16 widens an IEEE 754 half.
func float16(bits uint16) float64 {
	exponent, fraction := int(bits>>10&0x1f), float64(bits&0x3ff)
	var v float64
	switch exponent {
	case 0:
		v = math.Ldexp(fraction, -24)
	case 0x1f:
		v = math.Inf(1)
		if fraction != 0 {
			return math.NaN()
		}
	default:
		v = math.Ldexp(1024+fraction, exponent-25)
	}
	if bits>>15 != 0 {
		return -v
	}
	return v
}
