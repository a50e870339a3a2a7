package emulator

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/dodev/dodev/emulator/bundle"
	"github.com/dodev/dodev/emulator/engine"
	"github.com/dodev/dodev/emulator/object"
	"github.com/dodev/dodev/emulator/web"
	"github.com/dodev/dodev/emulator/worker"
)

// excerptLines is how many lines are shown before and after an error's place.
const excerptLines = 2

// label is how people know an object: "Class/name".
func (v *version) label(ref object.Ref) string {
	if ref.Namespace == "" {
		return ""
	}
	class := ref.Namespace
	for _, ns := range v.namespaces {
		if ns.Namespace.UniqueKey() == ref.Namespace {
			class = ns.Class
		}
	}
	if ref.Name != "" {
		return class + "/" + ref.Name
	}
	return class + "/" + ref.ID.String()[:8]
}

func (e *Emulator) logConsole(v *version, ref object.Ref, m web.Message) {
	entry := Entry{Kind: Console, Level: m.Level, Object: v.label(ref), Text: m.Text, Stack: v.bundle.MapStack(m.Stack)}
	if strings.Contains(m.Text, "\n    at ") { // an error was printed
		entry.Text = v.bundle.MapStack(m.Text)
	}
	if m.Frame != "" {
		entry.Frame = frameOf(v.bundle.MapStack("    at f (" + m.Frame + ")"))
	}
	e.opts.Log(entry)
}

func (e *Emulator) logUncaught(v *version, ref object.Ref, x *engine.Exception) {
	f := v.failure(x, v.label(ref))
	e.opts.Log(Entry{Kind: Uncaught, Level: "error", Object: f.Object, Text: f.Error(), Frame: frameOf(f.Stack), Stack: f.Stack, Excerpt: f.Excerpt})
}

// logObject reports what happened to an object with nobody waiting.
func (e *Emulator) logObject(ref object.Ref, err error) {
	e.mu.RLock()
	v := e.current
	e.mu.RUnlock()
	if v == nil {
		return
	}
	f := v.failure(err, v.label(ref))
	e.opts.Log(Entry{Kind: Uncaught, Level: "error", Object: f.Object, Text: f.Error(), Frame: frameOf(f.Stack), Stack: f.Stack, Excerpt: f.Excerpt})
}

// failure gives an error the places its author knows.
func (v *version) failure(err error, where string) *Failure {
	f := &Failure{Message: err.Error(), Object: where}
	var call *worker.CallError
	var x *engine.Exception
	switch {
	case errors.As(err, &call):
		f.Name, f.Message, f.Stack = call.Name, call.Message, call.Stack
	case errors.As(err, &x):
		f.Name, f.Message, f.Stack = x.Name, x.Message, x.Stack
		if x.File != "" && f.Stack == "" {
			f.Stack = "    at (" + x.File + ":" + strconv.Itoa(x.Line) + ":" + strconv.Itoa(max(x.Column, 1)) + ")"
		}
	}
	f.Stack = v.bundle.MapStack(trimHeader(f.Stack))
	if file, line, column, ok := place(f.Stack); ok {
		if x, ok := v.bundle.Excerpt(file, line, column, excerptLines); ok {
			f.Excerpt = showExcerpt(x)
		}
	}
	return f
}

// showExcerpt draws source lines with a mark under the place.
func showExcerpt(x bundle.Excerpt) string {
	var b strings.Builder
	width := len(strconv.Itoa(x.First + len(x.Lines) - 1))
	for i, line := range x.Lines {
		mark := " "
		if x.First+i == x.Line {
			mark = ">"
		}
		fmt.Fprintf(&b, "%s %*d | %s\n", mark, width, x.First+i, line)
		if x.First+i == x.Line {
			indent := strings.Map(func(r rune) rune {
				if r == '\t' {
					return r
				}
				return ' '
			}, line[:min(max(x.Column-1, 0), len(line))])
			fmt.Fprintf(&b, "  %*s | %s^\n", width, "", indent)
		}
	}
	return strings.TrimRight(b.String(), "\n")
}

// trimHeader leaves out the "Name: message" that begins a stack.
func trimHeader(stack string) string {
	if i := strings.Index(stack, "    at "); i >= 0 {
		return stack[i:]
	}
	return ""
}

var framePlace = regexp.MustCompile(`\(?([^\s()]+):(\d+):(\d+)\)?`)

// place is where the first frame of a stack is.
func place(stack string) (file string, line, column int, ok bool) {
	m := framePlace.FindStringSubmatch(stack)
	if m == nil {
		return "", 0, 0, false
	}
	line, _ = strconv.Atoi(m[2])
	column, _ = strconv.Atoi(m[3])
	return m[1], line, column, true
}

func frameOf(stack string) string {
	file, line, column, ok := place(stack)
	if !ok {
		return ""
	}
	return file + ":" + strconv.Itoa(line) + ":" + strconv.Itoa(column)
}
