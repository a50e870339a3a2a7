package config

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/pelletier/go-toml/v2"
	"github.com/tailscale/hujson"
)

// parseText reads a text as a format's parser does.
func parseText(parse func(*source, *reporter) *node, text string) (*node, Diagnostics) {
	report := &reporter{}
	n := parse(newSource("file", []byte(text)), report)
	return n, report.sorted("file")
}

// places lists the path, line and column of every value, keys' places before
// theirs.
func places(n *node, path string, out *[]string) {
	*out = append(*out, path+" "+n.pos.short())
	for _, m := range n.members {
		*out = append(*out, join(path, m.key)+"= "+m.pos.short())
		places(m.value, join(path, m.key), out)
	}
	for _, item := range n.items {
		places(item, path+"[]", out)
	}
}

func (p Position) short() string {
	return string(rune('0'+p.Line)) + ":" + string(rune('0'+p.Column))
}

func TestBothParsersKnowWhereValuesStand(t *testing.T) {
	tests := []struct {
		name  string
		parse func(*source, *reporter) *node
		text  string
		want  string
	}{
		{"TOML scalars", parseTOML, "a = 1\n  b='x'\nc.d = tr" + "ue",
			" 1:1, a= 1:1, a 1:5, b= 2:3, b 2:5, c= 3:1, c 3:1, c.d= 3:3, c.d 3:7"},
		{"TOML tables", parseTOML, "[a.b]\nc=1\n [[d]]\n[[d]]\ne=2",
			" 1:1, a= 1:2, a 1:1, a.b= 1:4, a.b 1:1, a.b.c= 2:1, a.b.c 2:3, d= 3:4, d 3:2, d[] 3:2, d[] 4:1, d[].e= 5:1, d[].e 5:3"},
		{"TOML arrays", parseTOML, "a = [ 1,\n {b = 2} ]", " 1:1, a= 1:1, a 1:5, a[] 1:7, a[] 2:2, a[].b= 2:3, a[].b 2:7"},
		{"TOML characters", parseTOML, "\"é\" = '漢' # ü\nb = 1", " 1:1, é= 1:1, é 1:7, b= 2:1, b 2:5"},
		{"JSONC", parseJSONC, "// c\n{ \"a\": [1,\n  {\"b\": null}] } // end",
			" 2:1, a= 2:3, a 2:8, a[] 2:9, a[] 3:3, a[].b= 3:4, a[].b 3:9"},
		{"JSONC characters", parseJSONC, "{ /*é*/ \"漢\": 1 }", " 1:1, 漢= 1:9, 漢 1:" + string(rune('0'+14))},
		{"byte order mark", parseJSONC, "\xef\xbb\xbf{ \"a\": 1 }", " 1:1, a= 1:3, a 1:8"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			n, diags := parseText(test.parse, test.text)
			if len(diags) > 0 {
				t.Fatal(diags)
			}
			var got []string
			places(n, "", &got)
			if joined := strings.Join(got, ", "); joined != test.want {
				t.Errorf("got  %s\nwant %s", joined, test.want)
			}
		})
	}
}

func TestTOMLRefusesWhatRedefines(t *testing.T) {
	for _, text := range []string{
		"a = 1\na = 2",
		"a = 1\n[a]",
		"a = 1\na.b = 2",
		"[a]\n[a]",
		"[a]\nb = 1\n[a.b]",
		"a.b = 1\n[a]",
		"a = {}\n[a.b]",
		"a = { b = 1, b = 2 }",
		"a = { b = {} }\na.c = 1",
		"a = []\n[[a]]",
		"[[a]]\n[a]",
		"[a]\n[[a]]",
		"[a.b]\n[a]\nb.c = 1",
		"a = [1, [2], { b = 1, b.c = 2 }]",
	} {
		if _, diags := parseText(parseTOML, text); !diags.HasErrors() || diags[0].Code != "duplicate-key" {
			t.Errorf("%q: got %v, want duplicate-key", text, diags)
		}
	}
}

func TestDeepNestingIsRefusedNotFollowed(t *testing.T) {
	deep := strings.Repeat("[", 100_000)
	for name, diags := range map[string]Diagnostics{
		"TOML":        second(parseText(parseTOML, "a = "+strings.Repeat("[", 200)+strings.Repeat("]", 200))),
		"JSONC":       second(parseText(parseJSONC, deep)),
		"JSONC lines": second(parseText(parseJSONC, "{\"a\": "+strings.ReplaceAll(deep, "[", "[\n"))),
	} {
		if len(diags) != 1 || !strings.Contains(diags[0].Message, "nest more than") {
			t.Errorf("%s: got %v", name, diags)
		}
	}
}

func second[A, B any](_ A, b B) B { return b }

// FuzzTOML compares the tree with what the library's own decoder reads.
func FuzzTOML(f *testing.F) {
	for _, seed := range []string{
		"a = 1", "a.b.c = [1, 2.5, 'x', true, {d = 1e3}]", "[a]\nb=1\n[[a.c]]\nd=2\n[[a.c]]", "x = 0x_1", "x = nan\ny=-inf",
		"d = 2020-01-01", "[a.b]\n[a]\nb.c=1", "a = \"\"\"\nx\n\"\"\"", "bad toml = [", "[[a]]\n[a.b]\n[[a]]\n[a.b]", "\"a b\".'c' = 1",
		"a={b={c=1}}\n[a.b]", "fruit.apple=1\nfruit.orange=2\n[fruit]", "[a]\nx=1\n[a.b.c]\n[a.b]",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		n, diags := parseText(parseTOML, text)
		var want map[string]any
		err := toml.Unmarshal([]byte(strings.TrimPrefix(text, "\xef\xbb\xbf")), &want)
		if err != nil || diags.HasErrors() {
			if err == nil && !tooMuch(diags) {
				t.Errorf("%q is refused: %v", text, diags)
			}
			return
		}
		dropDates(n)
		compareJSON(t, n, withoutDates(want))
	})
}

// FuzzJSONC compares the tree with what encoding/json reads.
func FuzzJSONC(f *testing.F) {
	for _, seed := range []string{
		`{}`, `{"a": 1, /* x */ "b": [true, null, "x\u00e9", 1e3,],}`, `{"a":{"b":{"c":[]}}} // end`, `[1]`, `{"a" 1}`, `{`, `"`,
		"{\"a\":\"\xff\"}", `{"a":1,"a":2}`, `{"a": 1e999}`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		n, diags := parseText(parseJSONC, text)
		standard, err := hujson.Standardize([]byte(strings.TrimPrefix(text, "\xef\xbb\xbf") + "\n"))
		if err != nil || diags.HasErrors() {
			return
		}
		var want map[string]any
		if err := json.Unmarshal(standard, &want); err != nil {
			return // numbers beyond float64
		}
		compareJSON(t, n, want)
	})
}

// tooMuch says whether a document was refused for limits of ours.
func tooMuch(diags Diagnostics) bool {
	for _, d := range diags {
		if strings.Contains(d.Message, "nest more") || strings.Contains(d.Message, "too large") {
			return true
		}
	}
	return false
}

func compareJSON(t *testing.T, n *node, want any) {
	t.Helper()
	var got any
	if err := json.Unmarshal([]byte(n.json()), &got); err != nil {
		t.Fatalf("%s: %v", n.json(), err)
	}
	data, err := json.Marshal(want)
	if err != nil {
		return // NaN and infinities
	}
	var plain any
	if err := json.Unmarshal(data, &plain); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, plain) {
		t.Errorf("got  %s\nwant %s", n.json(), data)
	}
}

// dropDates makes nulls of dates.
func dropDates(n *node) {
	if n.kind == dateKind {
		n.kind = nullKind
	}
	for _, item := range n.items {
		dropDates(item)
	}
	for _, m := range n.members {
		dropDates(m.value)
	}
}

// withoutDates makes nulls of the library's dates.
func withoutDates(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k := range v {
			v[k] = withoutDates(v[k])
		}
	case []any:
		for i := range v {
			v[i] = withoutDates(v[i])
		}
	case interface{ MarshalText() ([]byte, error) }:
		return nil
	}
	return v
}
