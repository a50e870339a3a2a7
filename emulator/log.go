package emulator

import (
	"errors"
	"strconv"
	"strings"

	"github.com/dodev/dodev/emulator/engine"
	"github.com/dodev/dodev/emulator/loop"
	"github.com/dodev/dodev/emulator/object"
	"github.com/dodev/dodev/emulator/web"
	"github.com/dodev/dodev/emulator/worker"
)

// excerptLines is how many lines are shown before and after an error's place.
const excerptLines = 2

// label is how people know an object: "Class/name", with "script:" before it
// unless its Worker is the one that gets the requests.
func (v *version) label(ref object.Ref) string {
	if ref.Namespace == "" {
		return strings.TrimSuffix(v.prefix, ":")
	}
	class := ref.Namespace
	for _, ns := range v.namespaces {
		if ns.Namespace.UniqueKey() == ref.Namespace {
			class = ns.Class
		}
	}
	if ref.Name != "" {
		return v.prefix + class + "/" + ref.Name
	}
	return v.prefix + class + "/" + ref.ID.String()[:8]
}

func (e *Emulator) logConsole(v *version, ref object.Ref, m web.Message) {
	entry := Entry{Kind: Console, Level: m.Level, Object: v.label(ref), Ref: ref, Span: m.Span, Text: m.Text, Stack: v.bundle.MapStack(m.Stack)}
	if strings.Contains(m.Text, "\n    at ") { // an error was printed
		entry.Text = v.bundle.MapStack(m.Text)
	}
	if m.Frame != "" {
		entry.Frame = frameOf(v.bundle.MapStack("    at f (" + m.Frame + ")"))
	}
	e.opts.Log(entry)
}

func (e *Emulator) logUncaught(v *version, ref object.Ref, in loop.Span, x *engine.Exception) {
	f := v.failure(x, v.label(ref))
	e.opts.Log(Entry{Kind: Uncaught, Level: "error", Object: f.Object, Ref: ref, Span: in, Text: f.Error(), Frame: frameOf(f.Stack), Stack: f.Stack, Excerpt: f.Excerpt})
}

// logObject reports what happened to an object with nobody waiting.
func (e *Emulator) logObject(ref object.Ref, err error, in loop.Span) {
	v := e.definer(ref.Namespace)
	if v == nil {
		return
	}
	f := v.failure(err, v.label(ref))
	e.opts.Log(Entry{Kind: Uncaught, Level: "error", Object: f.Object, Ref: ref, Span: in, Text: f.Error(), Frame: frameOf(f.Stack), Stack: f.Stack, Excerpt: f.Excerpt})
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
