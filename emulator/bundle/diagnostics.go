package bundle

import (
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/evanw/esbuild/pkg/api"

	"github.com/dodev/dodev/emulator/config"
)

// diagnostics turns esbuild's messages into ours: its text, the place, the line
// of code there, its notes that help, and a hint where we know one.
func (b *Builder) diagnostics(messages []api.Message, severity config.Severity) config.Diagnostics {
	var ds config.Diagnostics
	for _, m := range messages {
		d := config.Diagnostic{Severity: severity, Pos: config.Position{File: b.cfg.Path}, Message: plainNames(m.Text)}
		if m.Location != nil {
			d.Pos = b.position(m.Location)
			d.Detail = sourceLine(m.Location)
		}
		d.Detail = append(d.Detail, notes(m.Notes)...)
		b.explain(&d, m)
		ds = append(ds, d)
	}
	return ds
}

var (
	unresolvedText = regexp.MustCompile(`^Could not resolve "(.+)"`)
	noLoaderText   = regexp.MustCompile(`^No loader is configured for "(\..+)" files`)
)

// explain adds what we know of a message beyond esbuild's text.
func (b *Builder) explain(d *config.Diagnostic, m api.Message) {
	d.Code = "build"
	if known, ok := m.Detail.(finding); ok {
		d.Code, d.Hint = known.code, known.hint
	} else if match := unresolvedText.FindStringSubmatch(m.Text); match != nil {
		d.Code, d.Hint = "unresolved-import", b.resolver.unresolvedHint(match[1], d.Pos.File)
	} else if match := noLoaderText.FindStringSubmatch(m.Text); match != nil {
		d.Code, d.Hint = "no-loader", fmt.Sprintf(`say how to load it: add { type = "Data", globs = ["**/*%s"] } to rules, or type = "Text"`, match[1])
	} else if b.lowered && strings.HasPrefix(m.Text, "Top-level await is not available") {
		d.Code, d.Message = "async-context", "top-level await cannot be combined with node:async_hooks in dodev"
		d.Hint = "keep the promise, and await it in the functions that need its value"
	} else if b.cfg.NoBundle && slices.Contains([]string{".ts", ".tsx", ".jsx"}, filepath.Ext(d.Pos.File)) {
		d.Code, d.Hint = "no-bundle", "no_bundle takes files as they are, JavaScript only: remove it to have this compiled"
	}
}

// plainNames writes our namespaces in a text as users know what is in them.
func plainNames(text string) string {
	return strings.NewReplacer(
		libraryNamespace+":", libraryFolder, textNamespace+":", "", requiredNamespace+":", "", missingNamespace+":", "",
	).Replace(text)
}

// position gives an esbuild location with the file as an absolute path, unless it
// is one of the library's, and the column counted from 1 in characters.
func (b *Builder) position(at *api.Location) config.Position {
	return config.Position{
		File:   b.absolute(at.File),
		Line:   at.Line,
		Column: utf8.RuneCountInString(at.LineText[:min(at.Column, len(at.LineText))]) + 1,
	}
}

func (b *Builder) absolute(source string) string {
	name := sourceName(source)
	if strings.HasPrefix(source, libraryNamespace+":") || filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(b.cfg.Dir, filepath.FromSlash(name))
}

// maxSourceLine is the longest line that is shown: minified code helps nobody.
const maxSourceLine = 200

// sourceLine shows a line of code with what is meant underlined.
func sourceLine(at *api.Location) []string {
	text := strings.TrimRight(at.LineText, " \t\r")
	if strings.TrimSpace(text) == "" || len(text) > maxSourceLine {
		return nil
	}
	column := min(at.Column, len(text))
	var indent strings.Builder
	for _, r := range text[:column] {
		if r != '\t' {
			r = ' '
		}
		indent.WriteRune(r)
	}
	end := min(column+at.Length, len(text))
	return []string{text, indent.String() + strings.Repeat("^", max(1, utf8.RuneCountInString(text[column:end])))}
}

// uselessNotes tell how to call esbuild, which our users do not.
var uselessNotes = regexp.MustCompile(`You can (mark the path|also surround|use "--)|The plugin "dodev"`)

func notes(notes []api.Note) []string {
	var lines []string
	for _, n := range notes {
		switch {
		case uselessNotes.MatchString(n.Text):
		case n.Location == nil:
			lines = append(lines, strings.Split(n.Text, "\n")...)
		default:
			lines = append(lines, fmt.Sprintf("%s:%d: %s", sourceName(n.Location.File), n.Location.Line, strings.TrimSuffix(n.Text, ":")))
		}
	}
	return lines
}

// unresolvedHint says what may make an import resolve, and has the files that
// would watched.
func (r *resolver) unresolvedHint(specifier, importer string) string {
	switch {
	case strings.HasPrefix(specifier, "."):
		file := filepath.Join(filepath.Dir(importer), filepath.FromSlash(specifier))
		r.touch(file)
		for _, ext := range sourceExtensions {
			r.touch(file+ext, filepath.Join(file, "index"+ext))
		}
		return misspelled(file)
	case strings.HasPrefix(specifier, libraryPrefix):
		if names := r.libraryNames(); names != nil {
			return "dodev brings " + strings.Join(names, ", ")
		}
	case strings.HasPrefix(specifier, "@/"), strings.HasPrefix(specifier, "~"):
		return `say what it stands for in tsconfig.json, such as "paths": {"` + specifier[:strings.IndexByte(specifier+"/", '/')+1] + `*": ["./src/*"]}`
	}
	return r.packageHint(packageName(specifier))
}

// misspelled suggests a file that differs from the one looked for in case or
// extension only.
func misspelled(file string) string {
	entries, err := os.ReadDir(filepath.Dir(file))
	if err != nil {
		return ""
	}
	for _, e := range entries {
		if strings.EqualFold(baseName(e.Name()), baseName(file)) {
			return fmt.Sprintf("the folder has %q", e.Name())
		}
	}
	return ""
}

// packageHint says how to come by a package.
func (r *resolver) packageHint(name string) string {
	manifest := filepath.Join(r.cfg.Dir, "package.json")
	installed := filepath.Join(r.cfg.Dir, "node_modules", filepath.FromSlash(name), "package.json")
	r.touch(manifest, installed)
	if isFile(installed) {
		return ""
	}
	var declared struct{ Dependencies, DevDependencies map[string]string }
	if text, err := os.ReadFile(manifest); err == nil && json.Unmarshal(text, &declared) == nil {
		if declared.Dependencies[name] != "" || declared.DevDependencies[name] != "" {
			return "package.json has it, node_modules does not: npm install"
		}
	}
	return "npm install " + name
}

// sorted orders diagnostics by file and place, without repetitions.
func sorted(ds config.Diagnostics) config.Diagnostics {
	slices.SortStableFunc(ds, func(a, b config.Diagnostic) int {
		return cmp.Or(
			strings.Compare(a.Pos.File, b.Pos.File),
			cmp.Compare(a.Pos.Line, b.Pos.Line),
			cmp.Compare(a.Pos.Column, b.Pos.Column),
		)
	})
	return slices.CompactFunc(ds, func(a, b config.Diagnostic) bool {
		return a.Pos == b.Pos && a.Message == b.Message
	})
}
