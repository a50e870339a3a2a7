package clone

import (
	"errors"
	"strings"
	"testing"
)

func TestDecodeReadsOlderVersions(t *testing.T) {
	tests := map[string]struct{ data, want string }{
		"9, text is UTF-8":                         {"ff09" + "5305636166c3a9", `"café"`},
		"9, regular expressions have no inner tag": {"ff09" + "5203612b6203", "/a+b/gi"},
		"9, boxed strings have no inner tag":       {"ff09" + "730161", `[String: "a"]`},
		"10, undefined in an array is a hole":      {"ff0a" + "41025f5f240002", "[<2 empty items>]"},
		"11, undefined in an array is undefined":   {"ff0b" + "41022d5f240002", "[<1 empty item>, undefined]"},
		"13, views have no flags":                  {"ff0d" + "42020102564200024954", "Uint8Array(2) [1, 2]"},
		"13, views with flags by mistake":          {"ff0d" + "4102" + "4202010256420002004902" + "240002", "[Uint8Array(2) [1, 2], 1]"},
		"none, as 13":                              {"4954", "42"},
		"14, the object count is skipped":          {"ff0e" + "3f014954", "42"},
		"15, unsigned integers":                    {"ff0f" + "55ffffffff0f", "4294967295"},
		"15, resizable buffers":                    {"ff0f" + "7e0204010256420002" + "03", "Uint8Array(2) [1, 2]"},
		"15, padding":                              {"ff0f" + "0000006f00220161004902007b01", "{ a: 1 }"},
		"15, what follows is ignored":              {"ff0f" + "30ffff", "null"},
		"15, V8's own errors":                      {"ff0f" + "7254" + "6d2201617322016263302e", `TypeError: a { cause: null }`},
		"15, V8's own errors without a message":    {"ff0f" + "722e", `Error`},
		"15, errors of unknown name":               {"ff0f" + "5c0a0022014d22016d6f7b00", `M: m`},
		"15, errors that Sinks do not know":        {"ff0f" + "5c0a0d22016d6f7b00", `SuppressedError: m`},
		"15, numbers as keys":                      {"ff0f" + "6f490130490a304e000000000000f83f307b03", `{ "-1": null, 5: null, "1.5": null }`},
		"15, digits as keys":                       {"ff0f" + "6f220135307b01", `{ 5: null }`},
		"15, host objects":                         {"ff0f" + "5c804030", `Host(8192) null`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			v, err := ToTree(fromHex(t, test.data))
			if err != nil {
				t.Fatal(err)
			}
			if got := Format(v, 0); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

func TestDecodeNumbersObjectsLikeV8(t *testing.T) {
	// Objects 1 and 2 on the wire are an error and its properties.
	v, err := ToTree(fromHex(t, "ff0f"+"4103"+"5c0a0122016d6f7b00"+"6f7b00"+"5e03"+"240003"))
	if err != nil {
		t.Fatal(err)
	}
	items := v.(*Array).Items
	if _, ok := items[2].(*Object); !ok || items[1] != items[2] {
		t.Errorf("got %s, want the same object twice", Format(v, 0))
	}
}

func TestDecodeSaysWhatIsWrongAndWhere(t *testing.T) {
	tests := map[string]struct {
		data   string
		offset int
		reason string
	}{
		"nothing":                              {"", 0, "unexpected end"},
		"a header only":                        {"ff0f", 2, "unexpected end"},
		"a version to come":                    {"ff10", 1, "version 16"},
		"a version too old":                    {"ff08", 1, "version 8"},
		"an unknown tag":                       {"ff0f01", 2, "unknown tag 0x01"},
		"half a number":                        {"ff0f4e0000", 3, "8 bytes announced, 2 left"},
		"an endless integer":                   {"ff0f4980", 4, "unexpected end"},
		"a string too short":                   {"ff0f22056162", 4, "5 bytes announced, 2 left"},
		"a string of odd length":               {"ff0f6303616263", 3, "UTF-16"},
		"an array too long":                    {"ff0f41ffffffff0f", 2, "4294967295 elements in 0 bytes"},
		"a wrong count":                        {"ff0f6f7b01", 4, "count of 1 where 0"},
		"a wrong length":                       {"ff0f6105400006", 6, "count of 6 where 5"},
		"an object as key":                     {"ff0f6f6f7b00307b01", 3, "where a key is due"},
		"a key without a value":                {"ff0f6f2201617b01", 6, "unknown tag '{'"},
		"half a Map entry":                     {"ff0f3b303a01", 4, "unknown tag ':'"},
		"a reference ahead":                    {"ff0f5e00", 2, "object 0"},
		"a reference to an error's properties": {"ff0f5c0a0122016d6f2201615e017b01", 12, "object 1"},
		"a view past its buffer":               {"ff0f420101564200" + "0200", 5, "view of bytes 0 to 2 of a buffer of 1"},
		"a view that is askew":                 {"ff0f42030102035677010200", 7, "not aligned"},
		"a view of unknown kind":               {"ff0f42005600000000", 5, "unknown kind of view"},
		"a view of nothing":                    {"ff0f5642000000", 2, "unknown tag 'V'"},
		"a shared buffer":                      {"ff0f7500", 2, "transferred or shared"},
		"unknown flags":                        {"ff0f52220161" + "8004", 2, "flags 0x200"},
		"flags u and v":                        {"ff0f52220161" + "9002", 2, "flags 0x110"},
		"a pattern of no text":                 {"ff0f5230", 3, "where a string is due"},
		"an error of unknown type":             {"ff0f5c0a0e", 2, "type of error 14"},
		"an error named by object":             {"ff0f5c0a006f7b00", 5, "name is an object"},
		"an error without more":                {"ff0f5c0a0122016d30", 8, "without an object of properties"},
		"an error in disorder":                 {"ff0f7273220161" + "6d2201612e", 2, "unknown part 'm'"},
		"a host object before 13":              {"ff0c5c01", 2, "unknown tag"},
		"endless nesting":                      {"ff0f" + strings.Repeat("4101", 20_000), 2 + 2*maxDepth, "nested more than"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			err := Decode(fromHex(t, test.data), new(Encoder))
			var bad *FormatError
			if !errors.As(err, &bad) {
				t.Fatalf("got %v, want a FormatError", err)
			}
			if bad.Offset != test.offset || !strings.Contains(bad.Reason, test.reason) {
				t.Errorf("got %v; want offset %d, %q", bad, test.offset, test.reason)
			}
		})
	}
}

func FuzzDecode(f *testing.F) {
	for _, data := range golden(f) {
		f.Add(data)
	}
	f.Add(fromHex(f, "ff0f72546d220161732201626322016363302e"))
	f.Fuzz(func(t *testing.T, data []byte) {
		v, err := ToTree(data)
		if err != nil {
			return
		}
		Format(v, 80)
		encoded, err := Encode(v)
		if err != nil {
			t.Fatalf("encode %s: %v", Format(v, 200), err)
		}
		if v, err = ToTree(encoded); err != nil {
			t.Fatalf("decode %x: %v", encoded, err)
		}
		again, err := Encode(v)
		if err != nil || string(again) != string(encoded) {
			t.Errorf("encoded again, error %v\n got %x\nwant %x", err, again, encoded)
		}
	})
}

func BenchmarkDecodeSmallObject(b *testing.B) {
	data := fromHex(b, "ff0f6f22016e49027b01")
	var e Encoder
	b.ReportAllocs()
	for b.Loop() {
		e.Reset()
		if err := Decode(data, &e); err != nil {
			b.Fatal(err)
		}
	}
}
