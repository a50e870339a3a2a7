package config

import (
	"fmt"
	"path/filepath"
	"slices"
	"sort"
	"strings"
)

// String returns "warning" or "error".
func (s Severity) String() string {
	if s == Error {
		return "error"
	}
	return "warning"
}

// Format returns the diagnostic as text of one or more lines without a final
// newline, its file relative to a folder. A file outside the folder, and any
// file when relativeTo is "", keeps its whole path.
func (d Diagnostic) Format(relativeTo string) string {
	var b strings.Builder
	if d.Pos.File != "" {
		b.WriteString(within(relativeTo, d.Pos.File))
		if d.Pos.Line > 0 {
			fmt.Fprintf(&b, ":%d:%d", d.Pos.Line, d.Pos.Column)
		}
		b.WriteString(": ")
	}
	fmt.Fprintf(&b, "%s: %s", d.Severity, d.Message)
	for _, line := range d.Detail {
		b.WriteString("\n  " + line)
	}
	if d.Hint != "" {
		b.WriteString("\n  hint: " + d.Hint)
	}
	return b.String()
}

// within returns a path relative to a folder that contains it, with slashes;
// any other path as it is.
func within(dir, path string) string {
	if dir == "" {
		return path
	}
	rel, err := filepath.Rel(dir, path)
	if err != nil || rel == ".." || strings.HasPrefix(rel, ".."+string(filepath.Separator)) {
		return path
	}
	return filepath.ToSlash(rel)
}

// HasErrors says whether any of them is an error.
func (ds Diagnostics) HasErrors() bool {
	for _, d := range ds {
		if d.Severity == Error {
			return true
		}
	}
	return false
}

// Err returns the diagnostics as an error if one of them is, else nil.
func (ds Diagnostics) Err() error {
	if !ds.HasErrors() {
		return nil
	}
	return ds
}

// Error lists the errors among the diagnostics, without the warnings.
func (ds Diagnostics) Error() string {
	var lines []string
	for _, d := range ds {
		if d.Severity == Error {
			lines = append(lines, d.Format(""))
		}
	}
	return strings.Join(lines, "\n")
}

// A reporter collects diagnostics.
type reporter struct{ list []*Diagnostic }

// A pending is a diagnostic to which lines may still be added.
type pending struct{ d *Diagnostic }

func (r *reporter) add(s Severity, pos Position, code, message string) pending {
	d := &Diagnostic{Severity: s, Code: code, Pos: pos, Message: message}
	r.list = append(r.list, d)
	return pending{d}
}

func (r *reporter) errorf(pos Position, code, format string, args ...any) pending {
	return r.add(Error, pos, code, fmt.Sprintf(format, args...))
}

func (r *reporter) warnf(pos Position, code, format string, args ...any) pending {
	return r.add(Warning, pos, code, fmt.Sprintf(format, args...))
}

func (p pending) detail(format string, args ...any) pending {
	p.d.Detail = append(p.d.Detail, fmt.Sprintf(format, args...))
	return p
}

func (p pending) hint(format string, args ...any) pending {
	p.d.Hint = fmt.Sprintf(format, args...)
	return p
}

// has says whether anything was reported under a code.
func (r *reporter) has(code string) bool {
	return slices.ContainsFunc(r.list, func(d *Diagnostic) bool { return d.Code == code })
}

// sorted returns what was collected in the order of the files' lines, those of
// the first file first.
func (r *reporter) sorted(first string) Diagnostics {
	out := make(Diagnostics, len(r.list))
	for i, d := range r.list {
		out[i] = *d
	}
	sort.SliceStable(out, func(i, j int) bool {
		a, b := out[i].Pos, out[j].Pos
		if a.File != b.File {
			return a.File == first || b.File != first && a.File < b.File
		}
		if a.Line != b.Line {
			return a.Line < b.Line
		}
		return a.Column < b.Column
	})
	return out
}
