package bundle

import (
	"strings"
	"testing"
)

func TestMappingsAreDecoded(t *testing.T) {
	lines, err := decodeMappings("AAAA,IAAIA,C;;UACA", 1, 1)
	if err != nil {
		t.Fatal(err)
	}
	want := [][]segment{
		{{0, 0, 0, 0, -1}, {4, 0, 0, 4, 0}, {5, -1, 0, 4, -1}},
		nil,
		{{10, 0, 1, 4, -1}},
	}
	if len(lines) != len(want) {
		t.Fatalf("got %d lines, want %d", len(lines), len(want))
	}
	for i := range want {
		if len(lines[i]) != len(want[i]) {
			t.Fatalf("line %d: got %v, want %v", i, lines[i], want[i])
		}
		for j := range want[i] {
			if lines[i][j] != want[i][j] {
				t.Errorf("line %d: got %v, want %v", i, lines[i], want[i])
			}
		}
	}
}

func TestBadMappingsAreErrors(t *testing.T) {
	for _, text := range []string{"AA", "AAA", "AAAAAA", "!", "g", "DAAA", "ACAA", "AAAAC", "gggggggggA", "AAAA,,AAAA"} {
		if lines, err := decodeMappings(text, 1, 1); err == nil {
			t.Errorf("%q: got %v, want an error", text, lines)
		}
	}
}

func TestBadMapsMapNothing(t *testing.T) {
	for _, raw := range []string{"", "{", `{"mappings": "!"}`, `{"sources": ["a"], "mappings": "ACAA"}`} {
		m := newSourceMap([]byte(raw), sourceName)
		if file, _, _, _, ok := m.Lookup(1, 1); ok {
			t.Errorf("%s: got a place in %q, want none", raw, file)
		}
	}
}

func FuzzSourceMap(f *testing.F) {
	f.Add(`{"version":3,"sources":["a.ts"],"sourcesContent":["x"],"names":["n"],"mappings":"AAAA,IAAIA,C;;UACA"}`, 1, 3)
	f.Fuzz(func(t *testing.T, raw string, line, column int) {
		m := newSourceMap([]byte(raw), sourceName)
		if file, l, c, _, ok := m.Lookup(line, column); ok && (l < 1 || c < 1) {
			t.Errorf("got %s:%d:%d", file, l, c)
		}
		m.Text("a.ts")
	})
}

func FuzzMapStack(f *testing.F) {
	f.Add("Error: x\n    at f (a.js:1:2)\n    at a.js:1:1\n  at (\n at :1:1")
	b := &Bundle{Modules: []Module{{Name: "a.js", Map: identityMap("src/a.js", "x")}}}
	f.Fuzz(func(t *testing.T, stack string) {
		if got := b.MapStack(stack); strings.Count(got, "\n") > strings.Count(stack, "\n") {
			t.Errorf("got more lines than there were: %q", got)
		}
	})
}
