package clone

import (
	"math"
	"math/big"
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/dodev/dodev/emulator/engine"
)

func TestStoredValuesSurviveTheTree(t *testing.T) {
	for name, data := range golden(t) {
		t.Run(name, func(t *testing.T) {
			v, err := ToTree(data)
			if err != nil {
				t.Fatal(err)
			}
			got, err := Encode(v)
			if err != nil {
				t.Fatal(err)
			}
			if string(got) != string(data) {
				t.Errorf("encoded again\n got %x\nwant %x", got, data)
			}
		})
	}
}

func TestTreeHoldsStoredValues(t *testing.T) {
	buffer := &Buffer{[]byte{9, 8, 7, 6}}
	ten30, _ := new(big.Int).SetString("1000000000000000000000000000000", 10)
	want := map[string]Value{
		"null":                  Null{},
		"true":                  true,
		"int32 min":             float64(math.MinInt32),
		"bigint 10^30":          ten30,
		"emoji":                 "😀",
		"lone surrogate":        "\xed\xa0\x80",
		"date":                  &Date{1700000000123},
		"regexp":                &RegExp{`a+\/b`, "giu"},
		"Number object":         &Boxed{5.0},
		"u8 of a part":          &View{engine.Uint8Array, buffer, 1, 2},
		"undefined in object":   &Object{[]Property{{"a", Undefined{}}, {"b", 1.0}}},
		"integer keys":          &Object{[]Property{{"1", "one"}, {"2", "two"}, {"b", "b"}, {"a", "a"}}},
		"array with a property": &Array{Items: []Value{1.0, 2.0}, Properties: []Property{{"extra", true}}},
		"sparse array":          &Array{Sparse: true, Length: 6, Properties: []Property{{"5", "x"}}},
		"set":                   &Set{[]Value{1.0, "two", &Set{[]Value{3.0}}}},
		"rangeerror": &Error{"RangeError", "ranged", true, []Property{
			{"stack", "RangeError: ranged\n    at write (src/index.js:1:1)"},
		}},
	}
	stored := golden(t)
	for name, want := range want {
		t.Run(name, func(t *testing.T) {
			got, err := ToTree(stored[name])
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(got, want) {
				t.Errorf("got %#v, want %#v", got, want)
			}
		})
	}
}

func TestTreeKeepsIdentity(t *testing.T) {
	stored := golden(t)
	v, err := ToTree(stored["cyclic"])
	if err != nil {
		t.Fatal(err)
	}
	if self, _ := v.(*Object).Get("self"); self != v {
		t.Errorf("self is %v, want the object itself", self)
	}
	v, err = ToTree(stored["same twice"])
	if err != nil {
		t.Fatal(err)
	}
	if items := v.(*Array).Items; items[0] != items[1] {
		t.Errorf("items are %v and %v, want the same", items[0], items[1])
	}
}

func TestEncodeSortsIndicesFirst(t *testing.T) {
	got, err := Encode(&Object{[]Property{{"b", Null{}}, {"10", Null{}}, {"9", Null{}}, {"a", Null{}}}})
	if err != nil {
		t.Fatal(err)
	}
	want := fromHex(t, "ff0f6f"+"491230"+"491430"+"22016230"+"22016130"+"7b04")
	if string(got) != string(want) {
		t.Errorf("got %x, want %x", got, want)
	}
}

func TestEncodeRefusesWhatIsNoValue(t *testing.T) {
	deep := Value(Null{})
	for range maxDepth + 1 {
		deep = &Set{[]Value{deep}}
	}
	for name, v := range map[string]Value{
		"nil":                nil,
		"a Go integer":       &Array{Items: []Value{1}},
		"a boxed object":     &Boxed{&Object{}},
		"a hole on its own":  Hole{},
		"a view too long":    &View{engine.Uint8Array, &Buffer{}, 0, 1},
		"a view of nothing":  &View{},
		"a tree nested deep": deep,
	} {
		t.Run(name, func(t *testing.T) {
			if data, err := Encode(v); err == nil {
				t.Errorf("got %x, want an error", data)
			}
		})
	}
}

// TestRandomTreesSurvive encodes and decodes trees of every shape, and writes
// and reads them as JSON.
func TestRandomTreesSurvive(t *testing.T) {
	for seed := range uint64(2000) {
		g := generator{Rand: rand.New(rand.NewPCG(seed, 0))}
		v := g.value(5)
		data, err := Encode(v)
		if err != nil {
			t.Fatalf("seed %d: encode: %v", seed, err)
		}
		decoded, err := ToTree(data)
		if err != nil {
			t.Fatalf("seed %d: decode %x: %v", seed, data, err)
		}
		if again, err := Encode(decoded); err != nil || string(again) != string(data) {
			t.Fatalf("seed %d: encoded again, error %v\n got %x\nwant %x", seed, err, again, data)
		}
		text, err := JSON(v)
		if err != nil {
			t.Fatalf("seed %d: JSON: %v", seed, err)
		}
		read, err := FromJSON(text)
		if err != nil {
			t.Fatalf("seed %d: %v\n%s", seed, err, text)
		}
		if again, err := Encode(read); err != nil || string(again) != string(data) {
			t.Fatalf("seed %d: through JSON, error %v\n%s\n got %x\nwant %x", seed, err, text, again, data)
		}
	}
}

// A generator makes random trees, in which objects may occur again.
type generator struct {
	*rand.Rand
	made []Value
}

func (g *generator) value(depth int) Value {
	if len(g.made) > 0 && g.IntN(8) == 0 {
		return g.made[g.IntN(len(g.made))]
	}
	if depth == 0 || g.IntN(3) == 0 {
		return g.primitive()
	}
	return g.object(depth - 1)
}

func (g *generator) primitive() Value {
	switch g.IntN(8) {
	case 0:
		return Undefined{}
	case 1:
		return Null{}
	case 2:
		return g.IntN(2) == 0
	case 3:
		return float64(g.Int32() - 1<<30)
	case 4:
		odd := []float64{math.Inf(1), math.Inf(-1), math.Copysign(0, -1), math.NaN(), 5e-324, 1e21}
		return odd[g.IntN(len(odd))]
	case 5:
		return g.bigint()
	case 6:
		return math.Float64frombits(g.Uint64()&^(1<<62) | 1)
	}
	return g.text()
}

func (g *generator) bigint() *big.Int {
	n := new(big.Int).Lsh(big.NewInt(g.Int64()), uint(g.IntN(200)))
	return n.Mul(n, big.NewInt(int64(g.IntN(3)-1)))
}

func (g *generator) text() string {
	parts := []string{"", "a", "name", "é", "你", "😀", "\xed\xa0\x80", "\"\\", "\n\x00\x7f", "$type", "12", "0"}
	return parts[g.IntN(len(parts))] + parts[g.IntN(len(parts))]
}

// object makes an object that the objects in it may contain again.
func (g *generator) object(depth int) Value {
	made := func(v Value) { g.made = append(g.made, v) }
	switch g.IntN(12) {
	case 0:
		v := &Date{float64(g.Int64N(16e15) - 8e15)}
		made(v)
		return v
	case 1:
		return &RegExp{g.text(), "gv"}
	case 2:
		boxes := []Value{true, 1.5, "s", g.bigint()}
		return &Boxed{boxes[g.IntN(len(boxes))]}
	case 3:
		v := &Buffer{make([]byte, 8*g.IntN(3))}
		made(v)
		return v
	case 4:
		return g.view(made)
	case 5:
		v := &Object{}
		made(v)
		v.Properties = g.properties(depth, "")
		return v
	case 6:
		v := &Array{}
		made(v)
		for range g.IntN(4) {
			v.Items = append(v.Items, g.value(depth))
		}
		return v
	case 7:
		v := &Array{Sparse: true, Length: 50}
		made(v)
		v.Properties = g.properties(depth, "")
		return v
	case 8:
		v := &Map{}
		made(v)
		for range g.IntN(3) {
			v.Entries = append(v.Entries, Entry{g.value(depth), g.value(depth)})
		}
		return v
	case 9:
		v := &Set{}
		made(v)
		v.Items = append(v.Items, g.value(depth), g.value(depth))
		return v
	case 10:
		v := &Error{Class: "URIError", Message: g.text(), HasMessage: true}
		made(v)
		v.Properties = g.properties(depth, "stack")
		return v
	}
	v := &Host{Tag: 100 + g.Uint32N(1e6)}
	made(v)
	v.Payload = g.value(depth)
	return v
}

func (g *generator) view(made func(Value)) Value {
	var buffer *Buffer
	for _, v := range g.made {
		if b, ok := v.(*Buffer); ok && g.IntN(2) == 0 {
			buffer = b
		}
	}
	if buffer == nil {
		buffer = &Buffer{[]byte("0123456789abcdef")}
		made(buffer)
	}
	kind := engine.ViewKind(g.IntN(len(viewTags)))
	offset := 8 * g.IntN(len(buffer.Data)/8+1)
	v := &View{kind, buffer, offset, len(buffer.Data) - offset}
	made(v)
	return v
}

func (g *generator) properties(depth int, first string) []Property {
	known := map[string]bool{"": true}
	var properties []Property
	if first != "" {
		properties = append(properties, Property{first, g.text()})
		known[first] = true
	}
	for range g.IntN(5) {
		key := g.text()
		if !known[key] {
			known[key] = true
			properties = append(properties, Property{key, g.value(depth)})
		}
	}
	return inOrder(properties)
}
