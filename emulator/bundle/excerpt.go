package bundle

import "strings"

// An Excerpt is the surroundings of a place in a source file, for showing an
// error where it happened.
type Excerpt struct {
	File         string
	Line, Column int // the place, from 1
	First        int // the number of the first of Lines
	Lines        []string
}

// Excerpt gives the line of a place with up to around lines before and after
// it. The file is named as [SourceMap.Lookup] names it, and its text is that of
// the build, whatever is on disk by now.
func (b *Bundle) Excerpt(file string, line, column, around int) (Excerpt, bool) {
	text, ok := b.sourceText(file)
	if !ok {
		return Excerpt{}, false
	}
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	if line < 1 || line > len(lines) {
		return Excerpt{}, false
	}
	first, last := max(line-around, 1), min(line+around, len(lines))
	e := Excerpt{File: file, Line: line, Column: column, First: first}
	for _, l := range lines[first-1 : last] {
		e.Lines = append(e.Lines, strings.TrimSuffix(l, "\r"))
	}
	return e, true
}

func (b *Bundle) sourceText(file string) (string, bool) {
	for i := range b.Modules {
		if text, ok := b.Modules[i].Map.Text(file); ok {
			return text, true
		}
	}
	return "", false
}
