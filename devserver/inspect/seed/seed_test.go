package seed_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/dodev/dodev/devserver/inspect/seed"
	"github.com/dodev/dodev/emulator/config"
)

var now = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func TestDecodeReadsValuesAsPeopleWriteThem(t *testing.T) {
	for _, tc := range []struct{ yaml, want string }{
		{"welcome", `"welcome"`},
		{"'1'", `"1"`},
		{"1e3", `1e3`},
		{"-0", `-0`},
		{"0x1f", `31`},
		{"123456789012345678901234567890", `123456789012345678901234567890`},
		{"+5", `5`},
		{".5", `0.5`},
		{".inf", `{"$type":"number","value":"Infinity"}`},
		{".nan", `{"$type":"number","value":"NaN"}`},
		{"", `null`},
		{"~", `null`},
		{"yes", `"yes"`},
		{"2026-11-23", `"2026-11-23"`},
		{"[1, {a: b, 2: true}]", `[1,{"a":"b","2":true}]`},
		{"{$type: Date, value: 2026-11-23T12:04:31.884Z}", `{"$type":"Date","value":"2026-11-23T12:04:31.884Z"}`},
		{"{$type: Map, entries: [[ann, 1]]}", `{"$type":"Map","entries":[["ann",1]]}`},
		{"|\n      two\n      lines", `"two\nlines\n"`},
		{"[&x {a: 1}, *x]", `[{"a":1},{"a":1}]`},
	} {
		f, err := seed.Decode("f.yaml", []byte("Room/lobby:\n  storage:\n    k: "+tc.yaml+"\n"), now)
		if err != nil {
			t.Errorf("%s: %v", tc.yaml, err)
			continue
		}
		if got := string(f.Objects[0].Keys[0].Value); got != tc.want {
			t.Errorf("%s: got %s, want %s", tc.yaml, got, tc.want)
		}
	}
}

func TestDecodeSaysWhereAFixtureIsWrong(t *testing.T) {
	for _, tc := range []struct{ text, want string }{
		{"- 1", `f.yaml:1:1: error: a fixture maps objects such as "Room/lobby" to what they store: it is a mapping, not a list`},
		{"Room:\n  storage: {}", `f.yaml:1:1: error: "Room" names no object: write Class/name or Class/id`},
		{"Room/a:\n  storge:\n    k: 1", "f.yaml:2:3: error: unknown key \"storge\"\n  hint: did you mean storage?"},
		{"Room/a:\n  storage: [1]", `f.yaml:2:12: error: storage maps keys to values: it is a mapping, not a list`},
		{"Room/a:\n  storage:\n    k: 1\n    k: 2", `f.yaml:4:5: error: mapping key "k" already defined at [3:5]`},
		{"Room/a:\n  storage:\n    k: 010", "f.yaml:3:8: error: 010 may be a text or a number in another base\n  hint: quote it, or write it without the leading zero"},
		{"Room/a:\n  storage:\n    k: [1,\n      {$type: Dat, value: 1}]", `f.yaml:4:15: error: there is no $type "Dat"`},
		{"Room/a:\n  storage:\n    k: {$type: Map, entries: [[1]]}", `f.yaml:3:31: error: an entry is [key, value]`},
		{"Room/a:\n  storage:\n    k: !!binary AQI=", "f.yaml:3:8: error: tags such as !!binary mean nothing here\n  hint: write types as {$type: Date, value: …}"},
		{"Room/a:\n  storage:\n    k: *x", `f.yaml:3:8: error: no anchor &x before this alias`},
		{"Room/a:\n  storage:\n    k: &x [*x]", `f.yaml:3:12: error: nested more than 2000 deep`},
		{"Room/a:\n  alarm: soon", `f.yaml:2:10: error: "soon" is no time such as 2026-11-23T12:00:00Z or +5m`},
		{"Room/a:\n  alarm: 5", `f.yaml:2:10: error: alarm is a text, not a number`},
		{"Room/a:\n  sql: [1]", `f.yaml:2:9: error: a statement is a text, not a number`},
		{"Room/a:\n  tables:\n    t: {rows: [[true]]}", `f.yaml:3:17: error: a boolean cannot be stored in a table`},
		{"Room/a:\n  tables:\n    t:\n      columns: [a, b]\n      rows:\n        - [1]", `f.yaml:6:11: error: the row has 1 values for 2 columns`},
		{"Room/a:\n  tables:\n    t: {rows: [{a: {$type: bigint, value: '9223372036854775808'}}]}", `f.yaml:3:20: error: an integer of a table has 64 bits, and 9223372036854775808 has more`},
		{"Room/a:\n  storage:\n    k: \"\\udc00\"", `f.yaml:3:8: error: the text holds half of a surrogate pair`},
		{"Room/a:\n  storage:\n    k: '\xff'", `f.yaml:1:1: error: the file is not UTF-8`},
		{"Room/a: [", `f.yaml:1:9: error: sequence end token ']' not found`},
		{"{\"Room/a\": {\"storage\": {\"k\": }", `f.yaml:1:12: error: could not find flow mapping end token '}'`},
		{"Room/a: {}\n---\nRoom/b: {}", `f.yaml:3:1: error: a fixture is one document: this is the second`},
	} {
		_, err := seed.Decode("f.yaml", []byte(tc.text), now)
		var wrong config.Diagnostics
		if !errors.As(err, &wrong) || len(wrong) == 0 {
			t.Errorf("%q: no diagnostics: %v", tc.text, err)
			continue
		}
		if got := wrong[0].Format(""); got != tc.want {
			t.Errorf("%q:\n got %s\nwant %s", tc.text, got, tc.want)
		}
	}
}

func TestAliasesDoNotUnfoldWithoutEnd(t *testing.T) {
	text := "Room/a:\n  storage:\n    k0: &k0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]\n"
	for i := 1; i < 10; i++ {
		before := string(rune('0' + i - 1))
		text += "    k" + string(rune('0'+i)) + ": &k" + string(rune('0'+i)) + " [" + strings.TrimSuffix(strings.Repeat("*k"+before+", ", 10), ", ") + "]\n"
	}
	if _, err := seed.Decode("f.yaml", []byte(text), now); err == nil || !strings.Contains(err.Error(), "unfold to more than") {
		t.Errorf("got %v, want an error about what aliases unfold to", err)
	}
}

// fixture has what is hard to write and read again.
const fixture = `Room/lobby:
  storage:
    "": "empty key"
    "a: b #c": " leading"
    users:ann: {$type: Map, entries: [[ann, {$type: Date, value: 2026-11-23T12:04:31.884Z}]]}
    "true": "true"
    text: "one\n  two\n\nthree\n"
    odd: "tab\t, nul \0, line \u2028, end \n\n"
    like: ["1", "1e5", "null", "~", "- a", "a: b", "a #b", "'", "\"", "*x", "&x", "!x", "%", "@", "0x1", ".5", "{", "a,b", "😀", "=", "<<"]
    deep: {a: {b: [[1, 2], {c: [d, {e: "a long text that goes on and on, so that the whole is on several lines\nindeed"}]}, []], f: {}}}
  tables:
    messages:
      sql: |
        CREATE TABLE messages (
          id INTEGER PRIMARY KEY,
          body -- anything
        )
      columns: [id, body]
      rows:
        - [1, "it's"]
        - [2, 1.0]
        - [3, {$type: ArrayBuffer, base64: AQI=}]
        - [{$type: bigint, value: "9223372036854775807"}, ~]
    mixed:
      rows:
        - {a: 1}
        - {b: 2}
  sql: [CREATE INDEX by_body ON messages (body)]
  alarm: +5m
`

func FuzzDecodeReadsWhatWasWritten(f *testing.F) {
	f.Add(fixture)
	f.Add("{\"Room/a\": {\"storage\": {\"k\": [1, \"x\\u0041\\n\\/\", -0, 1E5]}}}")
	f.Add("Room/a:\n  storage: &s\n    k: 1\nRoom/b:\n  storage: *s\n")
	f.Add("? Room/a\n: {sql: SELECT 1}")
	f.Add("Room/a:\n  storage:\n    k: >-\n      folded\n      text\n\n    l: 'it''s'\n")
	f.Fuzz(func(t *testing.T, text string) {
		read, err := seed.Decode("f.yaml", []byte(text), now)
		if err != nil {
			var wrong config.Diagnostics
			if !errors.As(err, &wrong) || wrong[0].Pos.Line < 1 || wrong[0].Pos.Column < 1 {
				t.Fatalf("the error has no place: %v", err)
			}
			return
		}
		var want bytes.Buffer
		if err := read.JSON(&want); err != nil {
			return // it cannot be carried, and says so
		}
		for name, write := range map[string]func(*seed.File) ([]byte, error){"YAML": asYAML, "JSON": asJSON} {
			written, err := write(read)
			if err != nil {
				t.Fatal(err)
			}
			again, err := seed.Decode("f.yaml", written, now)
			if err != nil {
				t.Fatalf("%s: %v\n%s", name, err, written)
			}
			got, err := asJSON(again)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got, want.Bytes()) {
				t.Fatalf("%s:\n%s\nread again:\n%s\nwant:\n%s", name, written, got, want.Bytes())
			}
		}
	})
}

func asYAML(f *seed.File) ([]byte, error) {
	var out bytes.Buffer
	err := f.YAML(&out)
	return out.Bytes(), err
}

func asJSON(f *seed.File) ([]byte, error) {
	var out bytes.Buffer
	err := f.JSON(&out)
	return out.Bytes(), err
}
