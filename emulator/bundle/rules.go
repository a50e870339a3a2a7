package bundle

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/dodev/dodev/emulator/config"
)

// rules decide what a file is loaded as, by its name.
type rules struct {
	active []rule
	// shadowed come after a rule of the same type that does not fall through.
	// A file that only they match is an error rather than a surprise.
	shadowed []rule
}

type rule struct {
	kind     ModuleKind
	declared config.Rule
	imports  []*regexp.Regexp // match the specifier of an import
	files    []*regexp.Regexp // match a path below the base directory
}

// defaultRules hold in every project, after its own.
func defaultRules() []config.Rule {
	return []config.Rule{
		{Type: "Text", Globs: []string{"**/*.txt", "**/*.html", "**/*.sql"}},
		{Type: "Data", Globs: []string{"**/*.bin"}},
		{Type: "CompiledWasm", Globs: []string{"**/*.wasm", "**/*.wasm?module"}},
	}
}

// newRules puts a project's rules before the default ones. A rule without
// fallthrough ends its type: later ones of that type, default ones included, no
// longer count.
func newRules(own []config.Rule) (rules, error) {
	var rs rules
	ended := map[string]bool{}
	for _, declared := range append(own[:len(own):len(own)], defaultRules()...) {
		r, err := newRule(declared)
		if err != nil {
			return rules{}, err
		}
		if ended[declared.Type] {
			rs.shadowed = append(rs.shadowed, r)
			continue
		}
		rs.active = append(rs.active, r)
		ended[declared.Type] = !declared.Fallthrough
	}
	return rs, nil
}

func newRule(declared config.Rule) (rule, error) {
	r := rule{declared: declared}
	switch declared.Type {
	case "ESModule":
		r.kind = ESModule
	case "CommonJS":
		r.kind = CommonJS
	case "Text":
		r.kind = Text
	case "Data":
		r.kind = Data
	case "CompiledWasm":
		r.kind = Wasm
	default:
		return rule{}, fmt.Errorf("modules of type %q are not emulated by dodev", declared.Type)
	}
	for _, glob := range declared.Globs {
		r.imports = append(r.imports, globPattern(glob, false))
		r.files = append(r.files, globPattern(glob, true))
	}
	return r, nil
}

// forImport finds the rule that says how an import is loaded, or the shadowed
// one that would have. JavaScript rules are about files, not imports.
func (rs rules) forImport(specifier string) (found, shadowed *rule) {
	for i := range rs.active {
		if r := &rs.active[i]; !r.isJavaScript() && matchesAny(r.imports, specifier) {
			return r, nil
		}
	}
	for i := range rs.shadowed {
		if r := &rs.shadowed[i]; !r.isJavaScript() && matchesAny(r.imports, specifier) {
			return nil, r
		}
	}
	return nil, nil
}

// forFile finds the rule for a file, named below the base directory with slashes.
func (rs rules) forFile(name string) (found, shadowed *rule) {
	for i := range rs.active {
		if r := &rs.active[i]; matchesAny(r.files, name) {
			return r, nil
		}
	}
	for i := range rs.shadowed {
		if r := &rs.shadowed[i]; matchesAny(r.files, name) {
			return nil, r
		}
	}
	return nil, nil
}

func (r *rule) isJavaScript() bool { return r.kind == ESModule || r.kind == CommonJS }

func (r *rule) String() string {
	return fmt.Sprintf("%s %s", r.declared.Type, strings.Join(r.declared.Globs, ", "))
}

// A shadowedError is about a name that only a shadowed rule matches.
type shadowedError struct {
	name string
	rule *rule
}

func (e *shadowedError) Error() string {
	return fmt.Sprintf("no rule loads %q: the rule %s comes after another of type %s", e.name, e.rule, e.rule.declared.Type)
}

func (e *shadowedError) hint() string {
	return "add `fallthrough = true` to the first rule of type " + e.rule.declared.Type
}

func matchesAny(patterns []*regexp.Regexp, name string) bool {
	for _, p := range patterns {
		if p.MatchString(name) {
			return true
		}
	}
	return false
}

// globPattern compiles a glob in which only stars are special. For the path of a
// file one star stays within a folder and "**/" spans any number of them; for an
// import, whose specifier is no path yet, every run of stars spans anything.
func globPattern(glob string, forFile bool) *regexp.Regexp {
	var p strings.Builder
	p.WriteByte('^')
	for i := 0; i < len(glob); {
		stars := len(glob[i:]) - len(strings.TrimLeft(glob[i:], "*"))
		switch {
		case stars == 0:
			next := strings.IndexByte(glob[i:], '*')
			if next < 0 {
				next = len(glob) - i
			}
			p.WriteString(regexp.QuoteMeta(glob[i : i+next]))
			i += next
			continue
		case !forFile:
			p.WriteString(".*")
		case stars > 1 && (i == 0 || glob[i-1] == '/') && strings.HasPrefix(glob[i+stars:], "/"):
			p.WriteString("(?:[^/]+/)*")
			i++ // the slash
		case stars > 1 && (i == 0 || glob[i-1] == '/') && i+stars == len(glob):
			p.WriteString(".*")
		default:
			p.WriteString("[^/]*")
		}
		i += stars
	}
	p.WriteByte('$')
	return regexp.MustCompile(p.String())
}
