package bundle

import (
	"path/filepath"
	"slices"
	"strings"

	"github.com/dodev/dodev/emulator/config"
)

// SharedState warns of variables of modules, and static fields of classes, that
// Durable Object classes use and functions change. Objects of one isolate share
// such a variable, the Worker too at times, and no others do.
//
// It reads what the bundler has printed, where no inner name hides one of a
// module; of code that was minified or not bundled it says nothing.
func (b *Bundle) SharedState(cfg *config.Config) (ds config.Diagnostics) {
	if cfg.NoBundle || cfg.Minify {
		return nil
	}
	for i := range b.Modules {
		m := &b.Modules[i]
		if m.Kind != ESModule || m.Map == nil || m.Map.identity != "" {
			continue
		}
		p := parseModule(string(m.Source))
		for _, class := range cfg.Classes() {
			ds = append(ds, p.shared(m, class.Name)...)
		}
	}
	for i := range ds {
		if file := &ds[i].Pos.File; !filepath.IsAbs(*file) {
			*file = filepath.Join(cfg.Dir, filepath.FromSlash(*file))
		}
	}
	return ds
}

// A statement is one at the top level of a module.
type statement struct {
	names  []string // that it declares
	tokens []token
	runs   bool // its functions are not called when the module loads
}

// A module is a bundled module's top level.
type module struct {
	source     string
	statements []statement
	declared   map[string]int    // the statement of each name
	alias      map[string]string // names a class has within itself
	exported   map[string]string // local names by exported ones
	told       map[string]bool   // variables that were warned of
}

func parseModule(source string) *module {
	m := &module{source: source, declared: map[string]int{}, alias: map[string]string{}, exported: map[string]string{}, told: map[string]bool{}}
	rest := tokens(source)
	for len(rest) > 0 {
		size := statementSize(rest)
		m.add(rest[:size])
		rest = rest[size:]
	}
	return m
}

// statementSize is how many tokens the first statement has: it ends with a
// semicolon, or with the brace of a function, class or block.
func statementSize(ts []token) int {
	depth := 0
	braced := slices.Contains([]string{"function", "async", "class", "if", "for", "while", "switch", "try", "{", "export", "import"}, ts[0].text)
	for i, t := range ts {
		switch t.text {
		case "(", "[", "{":
			depth++
		case ")", "]", "}":
			depth--
			more := i+1 < len(ts) && slices.Contains([]string{"else", "catch", "finally", ";", "from"}, ts[i+1].text)
			if depth <= 0 && t.text == "}" && braced && !more {
				return i + 1
			}
		case ";":
			if depth <= 0 {
				return i + 1
			}
		}
	}
	return len(ts)
}

func (m *module) add(ts []token) {
	s := statement{tokens: ts}
	switch ts[0].text {
	case "export":
		m.addExports(ts)
		return
	case "var", "let", "const":
		s.names = declaredBy(ts)
		s.runs = true
		if len(ts) > 4 && ts[2].text == "=" && strings.HasPrefix(ts[3].text, "__esm") || len(ts) > 4 && strings.HasPrefix(ts[3].text, "__commonJS") {
			s.runs = false // it is a module of its own
		}
		if len(ts) > 5 && ts[3].text == "class" && ts[4].text != "extends" && ts[4].text != "{" {
			m.alias[ts[4].text] = ts[1].text
		}
	case "function", "class", "async":
		for _, t := range ts {
			if t.isName() && !slices.Contains([]string{"function", "class", "async"}, t.text) {
				s.names, s.runs = []string{t.text}, true
				break
			}
		}
	}
	for _, name := range s.names {
		m.declared[name] = len(m.statements)
	}
	m.statements = append(m.statements, s)
}

// declaredBy lists the plain names that a declaration declares.
func declaredBy(ts []token) (names []string) {
	depth := 0
	for i, t := range ts {
		switch t.text {
		case "(", "[", "{":
			depth++
		case ")", "]", "}":
			depth--
		case "var", "let", "const", ",":
			if depth == 0 && i+1 < len(ts) && ts[i+1].isName() {
				names = append(names, ts[i+1].text)
			}
		}
	}
	return names
}

// addExports reads "export { a, b as c };".
func (m *module) addExports(ts []token) {
	for i := 2; i < len(ts) && ts[i].text != "}"; i++ {
		if !ts[i].isName() {
			continue
		}
		local := ts[i].text
		if i+2 < len(ts) && ts[i+1].text == "as" {
			i += 2
		}
		m.exported[ts[i].text] = local
	}
}

// refers reports whether the token at i is a name that means a variable.
func refers(ts []token, i int) bool {
	if !ts[i].isName() || i > 0 && (ts[i-1].text == "." || ts[i-1].text == "?.") {
		return false
	}
	key := i+1 < len(ts) && ts[i+1].text == ":" && i > 0 && (ts[i-1].text == "{" || ts[i-1].text == ",")
	return !key
}

// resolve gives the declared name that a token means, "" for none.
func (m *module) resolve(name string) string {
	if alias, ok := m.alias[name]; ok {
		name = alias
	}
	if _, ok := m.declared[name]; ok {
		return name
	}
	return ""
}

// reach lists the statements that a class uses, itself first.
func (m *module) reach(class string) []int {
	first, ok := m.declared[class]
	if !ok {
		return nil
	}
	order, seen := []int{first}, map[int]bool{first: true}
	for n := 0; n < len(order); n++ {
		s := m.statements[order[n]]
		for i := range s.tokens {
			if !refers(s.tokens, i) {
				continue
			}
			if name := m.resolve(s.tokens[i].text); name != "" && !seen[m.declared[name]] {
				seen[m.declared[name]] = true
				order = append(order, m.declared[name])
			}
		}
	}
	return order
}

// A write is code that changes a variable, or a static field of a class.
type write struct {
	name  string
	field string // static, "" for none
	at    int
}

// shared warns of the variables that a class shares.
func (m *module) shared(of *Module, class string) (ds config.Diagnostics) {
	local := m.exported[class]
	reached := m.reach(m.resolve(local))
	if len(reached) == 0 {
		return nil
	}
	used := map[string]bool{}
	for _, n := range reached {
		for _, name := range m.statements[n].names {
			used[name] = true
		}
	}
	for _, s := range m.statements {
		if !s.runs {
			continue
		}
		for _, w := range m.writes(s) {
			if key := w.name + "." + w.field; used[w.name] && !m.told[key] {
				d, ok := m.diagnose(of, class, w)
				if !ok {
					continue
				}
				m.told[key] = true
				ds = append(ds, d)
			}
		}
	}
	return ds
}

// diagnose gives a write its place. What packages do is their business.
func (m *module) diagnose(of *Module, class string, w write) (config.Diagnostic, bool) {
	line := strings.Count(m.source[:w.at], "\n") + 1
	column := w.at - strings.LastIndexByte(m.source[:w.at], '\n')
	file, line, column, name, ok := of.Map.Lookup(line, column)
	if !ok || strings.Contains(file, "node_modules/") || strings.HasPrefix(file, libraryFolder) {
		return config.Diagnostic{}, false
	}
	if name == "" || m.isClass(w.name) {
		name = w.name
	}
	if w.field != "" {
		name += "." + w.field
	}
	return config.Diagnostic{
		Severity: config.Warning, Code: "shared-module-state", Pos: config.Position{File: file, Line: line, Column: column},
		Message: "\"" + name + "\" belongs to the module, and class \"" + class + "\" uses it",
		Detail:  []string{"objects that happen to be in one isolate share it, others have their own, and each is lost with its isolate"},
		Hint:    "keep it in the object's storage, or in a field of the instance",
	}, true
}

// writes lists what the functions of a statement change.
func (m *module) writes(s statement) (out []write) {
	inFunction := functionTokens(s.tokens)
	for i := range s.tokens {
		if !inFunction[i] || !refers(s.tokens, i) {
			continue
		}
		name := m.resolve(s.tokens[i].text)
		if name != "" && m.changes(s.tokens, i, name) {
			w := write{name: name, at: s.tokens[i].at}
			if m.isClass(name) && i+2 < len(s.tokens) && s.tokens[i+1].text == "." {
				w.field = s.tokens[i+2].text
			}
			out = append(out, w)
		}
	}
	return out
}

// functionTokens tells which tokens run only when something is called.
func functionTokens(ts []token) []bool {
	in := make([]bool, len(ts))
	whole := ts[0].text == "function" || ts[0].text == "async" || ts[0].text == "class" || len(ts) > 3 && ts[3].text == "class"
	const head = 4    // tokens that name what is declared: var Room = class
	var braces []bool // whether each open bracket is, or is in, a function
	arrow := false    // an arrow function without braces lasts to the end
	for i, t := range ts {
		inside := len(braces) > 0 && braces[len(braces)-1]
		in[i] = whole && i >= head || inside || arrow
		switch t.text {
		case "(", "[", "{":
			body := t.text == "{" && i > 0 && (ts[i-1].text == ")" || ts[i-1].text == "=>")
			braces = append(braces, inside || body)
		case ")", "]", "}":
			if len(braces) > 0 {
				braces = braces[:len(braces)-1]
			}
		case "=>":
			arrow = arrow || i+1 < len(ts) && ts[i+1].text != "{"
		}
	}
	return in
}

var assignments = []string{"=", "+=", "-=", "*=", "/=", "%=", "**=", "<<=", ">>=", ">>>=", "&=", "|=", "^=", "&&=", "++", "--"}

// mutators are the methods that change a Map, a Set or an array.
var mutators = []string{"set", "add", "delete", "clear", "push", "pop", "shift", "unshift", "splice", "fill", "sort", "reverse", "copyWithin"}

// changes reports whether the variable at i is changed there. A value that is
// made when it is first needed, by ||= or ??=, is none that objects share by
// mistake.
func (m *module) changes(ts []token, i int, name string) bool {
	if i > 0 && (ts[i-1].text == "++" || ts[i-1].text == "--" || ts[i-1].text == "delete") {
		return true
	}
	j, member := i+1, ""
	for j < len(ts) {
		switch ts[j].text {
		case ".", "?.":
			if j+1 >= len(ts) {
				return false
			}
			member = ts[j+1].text
			j += 2
			continue
		case "[":
			member = "[]"
			j = closing(ts, j) + 1
			continue
		}
		break
	}
	if j >= len(ts) {
		return false
	}
	if slices.Contains(assignments, ts[j].text) {
		return true
	}
	return ts[j].text == "(" && slices.Contains(mutators, member) && j == i+3 && m.isCollection(name)
}

// closing is where the bracket at i is closed.
func closing(ts []token, i int) int {
	depth := 0
	for ; i < len(ts); i++ {
		switch ts[i].text {
		case "(", "[", "{":
			depth++
		case ")", "]", "}":
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return len(ts)
}

func (m *module) isClass(name string) bool {
	ts := m.statements[m.declared[name]].tokens
	return ts[0].text == "class" || len(ts) > 3 && ts[3].text == "class"
}

// isCollection reports whether a variable begins as a Map, a Set or an array.
func (m *module) isCollection(name string) bool {
	ts := m.statements[m.declared[name]].tokens
	for i := range ts {
		if ts[i].text != name || i+2 >= len(ts) || ts[i+1].text != "=" {
			continue
		}
		return ts[i+2].text == "[" || ts[i+2].text == "new" && i+3 < len(ts) && (ts[i+3].text == "Map" || ts[i+3].text == "Set")
	}
	return false
}
