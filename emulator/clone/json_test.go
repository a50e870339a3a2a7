package clone

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
)

func TestJSONShowsStoredValues(t *testing.T) {
	want := map[string]string{
		"undefined in object":   `{"a":{"$type":"undefined"},"b":1}`,
		"NaN":                   `{"$type":"number","value":"NaN"}`,
		"minus zero":            `{"$type":"number","value":"-0"}`,
		"negative bigint":       `{"$type":"bigint","value":"-18446744073709551616"}`,
		"lone surrogate":        `"\ud800"`,
		"date":                  `{"$type":"Date","value":"2023-11-14T22:13:20.123Z"}`,
		"invalid date":          `{"$type":"Date","value":null}`,
		"regexp":                `{"$type":"RegExp","source":"a+\\/b","flags":"giu"}`,
		"map":                   `{"$type":"Map","entries":[["k",{"deep":[{"$type":"bigint","value":"1"},2]}],[{"o":1},{"$type":"Map","entries":[]}]]}`,
		"array":                 `{"$type":"Array","length":5,"properties":{"0":1,"2":3,"3":{"$type":"undefined"},"4":null}}`,
		"array with a property": `{"$type":"Array","items":[1,2],"properties":{"extra":true}}`,
		"cyclic":                `{"$type":"Object","$id":1,"properties":{"name":"loop","self":{"$ref":1}}}`,
		"buffer":                `{"$type":"ArrayBuffer","base64":"AQL/"}`,
		"u8":                    `{"$type":"Uint8Array","base64":"AQL/"}`,
		"u8 of a part":          `{"$type":"Uint8Array","buffer":{"$type":"ArrayBuffer","base64":"CQgHBg=="},"offset":1,"length":2}`,
		"Number object":         `{"$type":"Boxed","value":5}`,
		"rangeerror":            `{"$type":"Error","class":"RangeError","message":"ranged","properties":{"stack":"RangeError: ranged\n    at write (src/index.js:1:1)"}}`,
		"nested":                `{"a":{"b":{"c":[{"d":1}]}}}`,
	}
	stored := golden(t)
	for name, want := range want {
		t.Run(name, func(t *testing.T) {
			v, err := ToTree(stored[name])
			if err != nil {
				t.Fatal(err)
			}
			got, err := JSON(v)
			if err != nil {
				t.Fatal(err)
			}
			if string(got) != want {
				t.Errorf("\n got %s\nwant %s", got, want)
			}
		})
	}
}

func TestStoredValuesSurviveJSON(t *testing.T) {
	for name, data := range golden(t) {
		t.Run(name, func(t *testing.T) {
			v, err := ToTree(data)
			if err != nil {
				t.Fatal(err)
			}
			text, err := JSON(v)
			if err != nil {
				t.Fatal(err)
			}
			if v, err = FromJSON(text); err != nil {
				t.Fatal(err)
			}
			got, err := Encode(v)
			if err != nil {
				t.Fatal(err)
			}
			if string(got) != string(data) {
				t.Errorf("through %s\n got %x\nwant %x", text, got, data)
			}
		})
	}
}

func TestJSONOfACompleteSparseArrayIsPlain(t *testing.T) {
	v := &Array{Sparse: true, Length: 2, Properties: []Property{{"0", true}, {"1", Null{}}}}
	got, err := JSON(v)
	if err != nil {
		t.Fatal(err)
	}
	if want := `[true,null]`; string(got) != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestFromJSONReadsPlainJSON(t *testing.T) {
	tests := map[string]string{
		` {"b" : [1, -2.5e1, true, false, null] , "a": "\u0041\n\ud83d\ude00é" } `: `{ b: [1, -25, true, false, null], a: "A\n😀é" }`,
		`[]`:                            `[]`,
		`{}`:                            `{}`,
		`1e999`:                         `Infinity`,
		`"\ude00"`:                      `"\ude00"`,
		`{"$id":1}`:                     `{ $id: 1 }`,
		`{"$type":"Date","value":1000}`: `1970-01-01T00:00:01.000Z`,
		`{"$type":"Date","value":"2026-01-01T00:00:00+01:00"}`: `2025-12-31T23:00:00.000Z`,
		`{"$type":"Array","items":[1,{"$type":"hole"}]}`:       `[1, <1 empty item>]`,
	}
	for text, want := range tests {
		v, err := FromJSON([]byte(text))
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if got := Format(v, 0); got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
}

func TestFromJSONSaysWhatIsWrongAndWhere(t *testing.T) {
	tests := []struct {
		text   string
		offset int
		reason string
	}{
		{``, 0, "end of text"},
		{`nul`, 0, "no JSON value begins"},
		{`1 2`, 2, "text after"},
		{`01`, 1, "text after"},
		{`-`, 1, "digit expected"},
		{`1.`, 2, "digit expected"},
		{`[1`, 2, `"," or "]"`},
		{`{1:2}`, 1, "key in quotes"},
		{`{"a"}`, 4, `":" expected`},
		{`{"a":1,"a":2}`, 7, `key "a" is there twice`},
		{`"a`, 0, "without an end"},
		{`"\`, 1, "without an end"},
		{`"\x"`, 1, "unknown escape"},
		{`"\u12"`, 1, "unknown escape"},
		{"\"\n\"", 1, "control character"},
		{strings.Repeat("[", 50_000), maxJSONDepth, "nested too deep"},
		{`{"$type":"Nonsense"}`, 9, `no $type "Nonsense"`},
		{`{"$type":1}`, 9, `"$type" is not a string`},
		{`{"$type":"hole"}`, 9, `no $type "hole"`},
		{`{"$ref":1}`, 8, "no object before"},
		{`[{"$type":"Set","$id":1,"values":[]},{"$type":"Set","$id":1,"values":[]}]`, 58, "of its own"},
		{`{"$type":"Date"}`, 0, `"value" is missing`},
		{`{"$type":"Date","value":"today"}`, 24, "date is to be like"},
		{`{"$type":"number","value":"1"}`, 26, "NaN, Infinity"},
		{`{"$type":"bigint","value":"1.5"}`, 26, "decimal"},
		{`{"$type":"RegExp","source":"a","flags":"gg"}`, 39, "dgimsuvy"},
		{`{"$type":"Boxed","value":null}`, 25, "can be boxed"},
		{`{"$type":"ArrayBuffer","base64":"?"}`, 32, "not base64"},
		{`{"$type":"Int16Array","base64":"AAAA"}`, 0, "have 2 bytes"},
		{`{"$type":"Uint8Array","buffer":{"$type":"Set","values":[]},"offset":0,"length":0}`, 31, "an ArrayBuffer"},
		{`{"$type":"Uint8Array","buffer":{"$type":"ArrayBuffer","base64":"AAAA"},"offset":2,"length":2}`, 91, "from 0 to 1"},
		{`{"$type":"Map","entries":[[1]]}`, 26, "[key, value]"},
		{`{"$type":"Array","length":1.5}`, 26, "integer"},
		{`{"$type":"Error","class":"Error","message":1}`, 43, "not a string"},
		{`{"$type":"Host","tag":1}`, 0, `"payload" is missing`},
	}
	for _, test := range tests {
		_, err := FromJSON([]byte(test.text))
		var bad *JSONError
		if !errors.As(err, &bad) {
			t.Errorf("%.60s: got %v, want a JSONError", test.text, err)
			continue
		}
		if bad.Offset != test.offset || !strings.Contains(bad.Reason, test.reason) {
			t.Errorf("%.60s: got %v; want offset %d, %q", test.text, bad, test.offset, test.reason)
		}
	}
}

func FuzzFromJSON(f *testing.F) {
	for _, data := range golden(f) {
		v, err := ToTree(data)
		if err != nil {
			f.Fatal(err)
		}
		text, err := JSON(v)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		v, err := FromJSON(text)
		if err != nil {
			return
		}
		if !json.Valid(text) {
			t.Fatalf("read %q, which is not JSON", text)
		}
		written, err := JSON(v)
		if err != nil {
			return // nested deeper than values are
		}
		if !json.Valid(written) {
			t.Fatalf("wrote %q, which is not JSON", written)
		}
		again, err := FromJSON(written)
		if err != nil {
			t.Fatalf("read %s: %v", written, err)
		}
		if got, want := Format(again, 0), Format(v, 0); got != want {
			t.Errorf("through %s: got %s, want %s", written, got, want)
		}
	})
}
