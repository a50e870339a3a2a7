package main

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/dodev/dodev/devserver/inspect"
	"github.com/dodev/dodev/emulator"
)

// entryEvent is what the project printed, or an error of its that nobody was
// waiting for.
type entryEvent struct {
	emulator.Entry
	at time.Time
}

func (e entryEvent) severity() severity { return severityOf(e.Level) }

func (entryEvent) trouble() bool { return false }

func (e entryEvent) text(p painter) string {
	var b strings.Builder
	var where string
	if e.Object != "" {
		where = p.accent(inspect.Printable(e.Object)) + "  "
	}
	if e.Frame != "" {
		where += p.dim(withoutColumn(e.Frame)) + "  "
	}
	b.WriteString(e.label(p))
	if e.Kind == emulator.Uncaught {
		fmt.Fprintf(&b, "%suncaught\n", where)
		writeFailure(&b, p, e.Text, e.Stack, e.Excerpt)
		return b.String()
	}
	first, rest, more := strings.Cut(e.Text, "\n")
	fmt.Fprintf(&b, "%s%s\n", where, first)
	if more {
		writeIndented(&b, gutter+2, rest)
	}
	writeIndented(&b, gutter, e.Stack)
	return b.String()
}

// label fills the gutter: with the level, where it says something.
func (e entryEvent) label(p painter) string {
	switch severityOf(e.Level) {
	case errorLevel:
		return p.red(fmt.Sprintf("%-*s", gutter, "error"))
	case warnLevel:
		return p.amber(fmt.Sprintf("%-*s", gutter, "warn"))
	case debugLevel:
		return p.dim(fmt.Sprintf("%-*s", gutter, "debug"))
	}
	return strings.Repeat(" ", gutter)
}

// entryJSON is an entryEvent for programs.
type entryJSON struct {
	Time   string `json:"time"`
	Type   string `json:"type"` // console, uncaught or notice
	Level  string `json:"level"`
	Code   string `json:"code,omitempty"` // of a notice of a trap
	Object string `json:"object,omitempty"`
	Text   string `json:"text"`
	Frame  string `json:"frame,omitempty"`
	Stack  string `json:"stack,omitempty"`
}

func (e entryEvent) json() any {
	return entryJSON{
		Time: isoTime(e.at), Type: string(cmp.Or(e.Kind, emulator.Console)), Level: e.Level, Code: e.Code,
		Object: e.Object, Text: e.Text, Frame: e.Frame, Stack: e.Stack,
	}
}
