package clone

import (
	"encoding/hex"
	"math"
	"strings"
	"testing"

	"github.com/dodev/dodev/emulator/engine"
)

// TestEncoderWritesWhatTheRuntimeStores feeds values of testdata/values.json
// as an engine would, by the name they have there.
func TestEncoderWritesWhatTheRuntimeStores(t *testing.T) {
	stack := func(s engine.Sink, text string) {
		s.Key("stack")
		s.String(text + "\n    at write (src/index.js:1:1)")
	}
	feeds := map[string]func(engine.Sink){
		"null":           func(s engine.Sink) { s.Null() },
		"true":           func(s engine.Sink) { s.Bool(true) },
		"zero":           func(s engine.Sink) { s.Int(0) },
		"minus zero":     func(s engine.Sink) { s.Double(math.Copysign(0, -1)) },
		"small int":      func(s engine.Sink) { s.Double(42) },
		"negative int":   func(s engine.Sink) { s.Int(-7) },
		"int32 max":      func(s engine.Sink) { s.Int(math.MaxInt32) },
		"int32 min":      func(s engine.Sink) { s.Int(math.MinInt32) },
		"past int32":     func(s engine.Sink) { s.Double(1 << 31) },
		"NaN":            func(s engine.Sink) { s.Double(math.Float64frombits(0xfff8 << 48)) },
		"bigint 0":       func(s engine.Sink) { s.BigInt(false, nil) },
		"latin1":         func(s engine.Sink) { s.String("café") },
		"two bytes":      func(s engine.Sink) { s.String("你好") },
		"emoji":          func(s engine.Sink) { s.String("😀") },
		"lone surrogate": func(s engine.Sink) { s.String("\xed\xa0\x80") },
		"date":           func(s engine.Sink) { s.Date(1700000000123) },
		"invalid date":   func(s engine.Sink) { s.Date(math.NaN()) },
		"regexp":         func(s engine.Sink) { s.RegExp(`a+\/b`, "giu") },
		"negative bigint": func(s engine.Sink) {
			s.BigInt(true, []byte{0, 0, 0, 0, 0, 0, 0, 0, 1})
		},
		"array": func(s engine.Sink) {
			s.BeginSparse(5)
			s.Index(0)
			s.Int(1)
			s.Index(2)
			s.Int(3)
			s.Index(3)
			s.Undefined()
			s.Index(4)
			s.Null()
			s.EndSparse(4, 5)
		},
		"array with a property": func(s engine.Sink) {
			s.BeginDense(2)
			s.Int(1)
			s.Int(2)
			s.Key("extra")
			s.Bool(true)
			s.EndDense(1, 2)
		},
		"same twice": func(s engine.Sink) {
			s.BeginDense(2)
			s.BeginObject()
			s.Key("s")
			s.Int(1)
			s.EndObject(1)
			s.Ref(1)
			s.EndDense(0, 2)
		},
		"dataview": func(s engine.Sink) {
			s.BeginView(engine.DataView, 1, 2)
			s.Buffer([]byte{1, 2, 3, 4})
			s.EndView()
		},
		"error with cause": func(s engine.Sink) {
			s.BeginError("Error", "outer", true)
			stack(s, "Error: outer")
			s.Key("cause")
			s.BeginError("Error", "inner", true)
			stack(s, "Error: inner")
			s.EndError(1)
			s.EndError(2)
		},
		"String object": func(s engine.Sink) { s.BoxedString("boxed") },
		"BigInt object": func(s engine.Sink) { s.BoxedBigInt(false, []byte{7}) },
		"integer keys": func(s engine.Sink) {
			s.BeginObject()
			s.Index(1)
			s.String("one")
			s.Index(2)
			s.String("two")
			s.Key("b")
			s.String("b")
			s.Key("a")
			s.String("a")
			s.EndObject(4)
		},
	}
	want := golden(t)
	for name, feed := range feeds {
		t.Run(name, func(t *testing.T) {
			var e Encoder
			feed(&e)
			if got := e.Bytes(); string(got) != string(want[name]) {
				t.Errorf("\n got %x\nwant %x", got, want[name])
			}
		})
	}
}

// encode is the hexadecimal bytes of what feed feeds, without the header.
func encode(opts EncodeOptions, feed func(engine.Sink)) string {
	e := NewEncoder(opts)
	feed(e)
	return strings.TrimPrefix(hex.EncodeToString(e.Bytes()), "ff0f")
}

func TestEncoderFollowsV8(t *testing.T) {
	tests := map[string]struct {
		feed func(engine.Sink)
		want string
	}{
		"numbers beside a fraction are doubles": {func(s engine.Sink) {
			s.BeginDense(2)
			s.Double(1.5)
			s.Int(2)
			s.EndDense(0, 2)
		}, "41024e000000000000f83f4e0000000000000040240002"},
		"numbers beside a fraction and a string are not": {func(s engine.Sink) {
			s.BeginDense(3)
			s.Int(1)
			s.Double(2.5)
			s.String("a")
			s.EndDense(0, 3)
		}, "410349024e0000000000000440220161240003"},
		"a property beside numbers changes nothing": {func(s engine.Sink) {
			s.BeginDense(1)
			s.Int(1)
			s.Key("p")
			s.Double(1.5)
			s.EndDense(1, 1)
		}, "410149022201704e000000000000f83f240101"},
		"two views share a buffer": {func(s engine.Sink) {
			s.BeginDense(3)
			s.BeginView(engine.Uint8Array, 0, 4)
			s.Buffer(make([]byte, 4))
			s.EndView()
			s.BeginView(engine.Int16Array, 0, 4)
			s.Ref(1)
			s.EndView()
			s.Ref(1)
			s.EndDense(0, 3)
		}, "410342040000000056420004005e0156770004005e01240003"},
		"a great index is a double": {func(s engine.Sink) {
			s.BeginObject()
			s.Index(1 << 30)
			s.Int(0)
			s.EndObject(1)
		}, "6f4e000000000000d04149007b01"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := encode(EncodeOptions{}, test.feed); got != test.want {
				t.Errorf("\n got %s\nwant %s", got, test.want)
			}
		})
	}
}

func TestEncoderWritesErrors(t *testing.T) {
	named := func(s engine.Sink) {
		s.BeginError("TypeError", "m", true)
		s.Key("stack")
		s.String("s")
		s.Key("cause")
		s.Int(1)
		s.Key("name")
		s.String("Mine")
		s.Key("code")
		s.String("E1")
		s.EndError(4)
	}
	// The object after the error has number 2 for the caller; on the wire the
	// error's properties have a number of their own.
	numbered := func(s engine.Sink) {
		s.BeginDense(3)
		s.BeginError("RangeError", "", false)
		s.EndError(0)
		s.BeginObject()
		s.EndObject(0)
		s.Ref(2)
		s.EndDense(0, 3)
	}
	// Without the name the second string lies at an odd offset.
	aligned := func(s engine.Sink) {
		s.BeginError("Error", "m", true)
		s.Key("stack")
		s.String("你")
		s.Key("name")
		s.String("ab")
		s.EndError(2)
	}
	shared := func(s engine.Sink) {
		s.BeginDense(3)
		s.BeginError("Error", "m", true)
		s.Key("detail")
		s.BeginObject()
		s.EndObject(0)
		s.EndError(1)
		s.BeginObject()
		s.EndObject(0)
		s.Ref(3)
		s.EndDense(0, 3)
	}
	lost := func(s engine.Sink) {
		s.BeginDense(3)
		s.BeginError("Error", "m", true)
		s.Index(7)
		s.Buffer(nil)
		s.EndError(1)
		s.BeginView(engine.Uint8Array, 0, 0)
		s.Ref(2)
		s.EndView()
		s.Ref(0)
		s.EndDense(0, 3)
	}
	late := func(s engine.Sink) {
		s.BeginError("EvalError", "m", true)
		s.Key("cause")
		s.Ref(0)
		s.Key("stack")
		s.String("s")
		s.EndError(2)
	}
	tests := map[string]struct {
		feed           func(engine.Sink)
		modern, legacy string
	}{
		"with a name": {named,
			"5c0a0022044d696e6522016d6f2205737461636b2201732205636175736549022204636f6465220245317b03",
			"726d22016d732201736349022e"},
		"before another object": {numbered,
			"41035c0a0322006f7b006f7b005e03240003",
			"410372522e6f7b005e02240003"},
		"with two-byte text": {aligned,
			"5c0a002202616222016d6f2205737461636b6302604f7b01",
			"726d22016d736302604f2e"},
		"with details": {shared,
			"41035c0a0122016d6f220664657461696c6f7b007b016f7b005e04240003",
			"4103726d22016d2e6f7b005e02240003"},
		"with a buffer that has a view elsewhere": {lost,
			"41035c0a0122016d6f22013742007b015e035642000000" + "5e00240003",
			"4103726d22016d2e5f5e00240003"},
		"with a late stack": {late,
			"5c0a0a22016d6f220563617573655e002205737461636b2201737b02",
			"72456d22016d73220173635e002e"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := encode(EncodeOptions{}, test.feed); got != test.modern {
				t.Errorf("modern\n got %s\nwant %s", got, test.modern)
			}
			if got := encode(EncodeOptions{LegacyErrors: true}, test.feed); got != test.legacy {
				t.Errorf("legacy\n got %s\nwant %s", got, test.legacy)
			}
		})
	}
}

func TestResetEncoderStartsAnew(t *testing.T) {
	var e Encoder
	for range 2 {
		e.Reset()
		e.BeginError("Error", "m", true)
		e.EndError(0)
		if got, want := hex.EncodeToString(e.Bytes()), "ff0f5c0a0122016d6f7b00"; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func BenchmarkEncodeSmallObject(b *testing.B) {
	var e Encoder
	b.ReportAllocs()
	for b.Loop() {
		e.Reset()
		e.BeginObject()
		e.Key("n")
		e.Int(1)
		e.EndObject(1)
	}
}
