package bundle

import (
	"testing"

	"github.com/dodev/dodev/emulator/config"
)

func TestGlobsMatchAsTheIncumbentsDo(t *testing.T) {
	for _, c := range []struct {
		glob, name    string
		asFile, asImp bool
	}{
		{"**/*.txt", "a.txt", true, false}, // an import has at least "./"
		{"**/*.txt", "./a.txt", true, true},
		{"**/*.txt", "a/b/c.txt", true, true},
		{"**/*.txt", "a.txt.js", false, false},
		{"*.txt", "a.txt", true, true},
		{"*.txt", "a/b.txt", false, true},
		{"lib/**", "lib/a/b.js", true, true},
		{"lib/*.js", "lib/a/b.js", false, true},
		{"a**b", "axyb", true, true},
		{"a**b", "ax/yb", false, true},
		{"**/*.wasm?module", "./a.wasm?module", true, true},
		{"**/*.wasm?module", "./a.wasm_module", false, false},
		{"a.{b,c}", "a.{b,c}", true, true},
		{"a.{b,c}", "a.b", false, false},
	} {
		if got := globPattern(c.glob, true).MatchString(c.name); got != c.asFile {
			t.Errorf("glob %q matches file %q: %v, want %v", c.glob, c.name, got, c.asFile)
		}
		if got := globPattern(c.glob, false).MatchString(c.name); got != c.asImp {
			t.Errorf("glob %q matches import %q: %v, want %v", c.glob, c.name, got, c.asImp)
		}
	}
}

func TestRulesFallThroughOnlyWhenTheySay(t *testing.T) {
	text := func(fallthrough_ bool, globs ...string) config.Rule {
		return config.Rule{Type: "Text", Globs: globs, Fallthrough: fallthrough_}
	}
	for _, c := range []struct {
		name     string
		own      []config.Rule
		file     string
		kind     ModuleKind
		shadowed bool
		none     bool
	}{
		{"defaults", nil, "a.html", Text, false, false},
		{"default data", nil, "a.bin", Data, false, false},
		{"default wasm", nil, "lib/a.wasm", Wasm, false, false},
		{"no rule", nil, "a.js", 0, false, true},
		{"own rule hides the default of its type", []config.Rule{text(false, "**/*.md")}, "a.html", 0, true, false},
		{"but no other type's", []config.Rule{text(false, "**/*.md")}, "a.bin", Data, false, false},
		{"unless it falls through", []config.Rule{text(true, "**/*.md")}, "a.html", Text, false, false},
		{"the first match counts", []config.Rule{{Type: "Data", Globs: []string{"**/*.txt"}}}, "a.txt", Data, false, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			rs, err := newRules(c.own)
			if err != nil {
				t.Fatal(err)
			}
			found, shadowed := rs.forFile(c.file)
			if (found == nil) != (c.none || c.shadowed) || (shadowed != nil) != c.shadowed {
				t.Fatalf("got rule %v, shadowed %v", found, shadowed)
			}
			if found != nil && found.kind != c.kind {
				t.Errorf("got %v, want %v", found.kind, c.kind)
			}
		})
	}
}

func TestNodeModuleNames(t *testing.T) {
	for _, c := range []struct {
		specifier, name string
		emulated        bool
	}{
		{"events", "node:events", true},
		{"node:async_hooks", "node:async_hooks", true},
		{"events/", "", false},
		{"util/util.js", "", false},
		{"util/types", "node:util/types", true},
		{"fs/promises", "node:fs/promises", true},
		{"node:sqlite", "node:sqlite", true},
		{"sqlite", "", false},
		{"node:sea", "node:sea", false},
		{"./events", "", false},
		{"hono", "", false},
	} {
		name, emulated := nodeModule(c.specifier)
		if name != c.name || emulated != c.emulated {
			t.Errorf("nodeModule(%q) = %q, %v; want %q, %v", c.specifier, name, emulated, c.name, c.emulated)
		}
	}
}
