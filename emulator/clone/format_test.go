package clone

import (
	"math"
	"strings"
	"testing"

	"github.com/dodev/dodev/emulator/engine"
)

func TestFormatShowsStoredValues(t *testing.T) {
	want := map[string]string{
		"undefined in object":   `{ a: undefined, b: 1 }`,
		"minus zero":            `-0`,
		"double":                `3.14159`,
		"bigint 10^30":          `1000000000000000000000000000000n`,
		"lone surrogate":        `"\ud800"`,
		"date":                  `2023-11-14T22:13:20.123Z`,
		"invalid date":          `Invalid Date`,
		"regexp":                `/a+\/b/giu`,
		"map":                   `Map(2) {"k" → { deep: [1n, 2] }, { o: 1 } → Map(0) {}}`,
		"set":                   `Set(3) {1, "two", Set(1) {3}}`,
		"array":                 `[1, <1 empty item>, 3, undefined, null]`,
		"sparse array":          `[<5 empty items>, "x"]`,
		"array with a property": `[1, 2, extra: true]`,
		"empty object":          `{}`,
		"cyclic":                `{ name: "loop", self: [Circular] }`,
		"same twice":            `[{ s: 1 }, { s: 1 }]`,
		"buffer":                `ArrayBuffer(3) {01 02 ff}`,
		"u8 of a part":          `Uint8Array(2) [8, 7]`,
		"i16":                   `Int16Array(2) [-1, 300]`,
		"big64":                 `BigInt64Array(1) [-5n]`,
		"f32":                   `Float32Array(2) [1.5, -2]`,
		"dataview":              `DataView(2) [2, 3]`,
		"typeerror":             `TypeError: typed`,
		"error with cause":      `Error: outer { cause: Error: inner }`,
		"Boolean object":        `[Boolean: false]`,
		"integer keys":          `{ 1: "one", 2: "two", b: "b", a: "a" }`,
		"__proto__ key":         `{ __proto__: 1, x: 2 }`,
	}
	stored := golden(t)
	for name, want := range want {
		t.Run(name, func(t *testing.T) {
			v, err := ToTree(stored[name])
			if err != nil {
				t.Fatal(err)
			}
			if got := Format(v, 0); got != want {
				t.Errorf("got %s, want %s", got, want)
			}
		})
	}
}

func TestFormatCutsOffAtWidth(t *testing.T) {
	long := &Array{}
	for range 1000 {
		long.Items = append(long.Items, "你好")
	}
	tests := []struct {
		value Value
		width int
		want  string
	}{
		{&Object{[]Property{{"name", "Ann"}, {"age", 7.0}}}, 16, `{ name: "Ann", …`},
		{&Object{[]Property{{"name", "Ann"}}}, 15, `{ name: "Ann" }`},
		{long, 10, `["你好", "你…`},
		{strings.Repeat("x", 1000), 4, `"xx…`},
		{true, 1, `…`},
		{bigInt(false, make([]byte, 1000)), 10, `0n`},
		{bigInt(false, append(make([]byte, 1000), 1)), 12, `<bigint of …`},
	}
	for _, test := range tests {
		if got := Format(test.value, test.width); got != test.want {
			t.Errorf("at %d: got %s, want %s", test.width, got, test.want)
		}
	}
}

func TestFormatEscapesControlCharacters(t *testing.T) {
	v := &Object{[]Property{
		{"\x1b[31m", "\u202e\u0000"},
		{"error", &Error{Class: "Error", Message: "a\nb\x07"}},
		{"regexp", &RegExp{Source: "\x1b"}},
	}}
	got, want := Format(v, 0), `{ "\u001b[31m": "\u202e\u0000", error: Error: a\u000ab\u0007, regexp: /\u001b/ }`
	if got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestNumbersReadAsInJavaScript(t *testing.T) {
	tests := map[string]float64{
		"0.1": 0.1, "1e+21": 1e21, "100000000000000000000": 1e20, "0.000001": 1e-6, "1e-7": 1e-7,
		"1.5e-10": 1.5e-10, "5e-324": 5e-324, "1.7976931348623157e+308": math.MaxFloat64, "-42": -42,
	}
	for want, n := range tests {
		if got := numberString(n); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestViewElementsAreNumbers(t *testing.T) {
	tests := []struct {
		kind engine.ViewKind
		data []byte
		want string
	}{
		{engine.Int8Array, []byte{0xff}, "[-1]"},
		{engine.Uint8ClampedArray, []byte{0xff}, "[255]"},
		{engine.Uint16Array, []byte{0xff, 0xff}, "[65535]"},
		{engine.Int32Array, []byte{0, 0, 0, 0x80}, "[-2147483648]"},
		{engine.Uint32Array, []byte{0, 0, 0, 0x80}, "[2147483648]"},
		{engine.Float16Array, []byte{0, 0x3e, 1, 0, 0, 0xfc, 1, 0x7c}, "[1.5, 5.960464477539063e-8, -Infinity, NaN]"},
		{engine.Float64Array, []byte{0, 0, 0, 0, 0, 0, 0xf8, 0x3f}, "[1.5]"},
		{engine.BigUint64Array, []byte{0, 0, 0, 0, 0, 0, 0, 0x80}, "[9223372036854775808n]"},
	}
	for _, test := range tests {
		got := Format(&View{test.kind, &Buffer{test.data}, 0, len(test.data)}, 0)
		if _, got, _ = strings.Cut(got, " "); got != test.want {
			t.Errorf("%s: got %s, want %s", viewNames[test.kind], got, test.want)
		}
	}
}
