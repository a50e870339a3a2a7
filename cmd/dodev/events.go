package main

import (
	"cmp"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/dodev/dodev/devserver"
	"github.com/dodev/dodev/emulator"
	"github.com/dodev/dodev/emulator/config"
)

// Columns of the log. Whatever belongs to a line stands under it, indented by
// the width of the time.
const (
	gutter      = 10
	targetWidth = 26
	clock       = "15:04:05"
)

// requestEvent is a request that was answered.
type requestEvent devserver.Exchange

func (e requestEvent) severity() severity {
	if e.Failure != nil || e.Err != nil {
		return errorLevel
	}
	return infoLevel
}

func (requestEvent) trouble() bool { return false }

func (e requestEvent) text(p painter) string {
	var b strings.Builder
	socket := "  "
	if e.WebSocket {
		socket = "ws"
	}
	fmt.Fprintf(&b, "%s  %-4s %-*s %s  %s  %8s", p.dim(e.Start.Format(clock)), e.Method, targetWidth-1, e.Target,
		p.status(e.Status, fmt.Sprint(e.Status)), p.accent(socket), milliseconds(e.Took))
	if len(e.Objects) > 0 {
		b.WriteString("   " + p.accent(list(e.Objects, 3)))
	}
	b.WriteByte('\n')
	switch {
	case e.Failure != nil:
		writeFailure(&b, p, e.Failure.Error(), e.Failure.Stack, e.Failure.Excerpt)
	case e.Err != nil:
		writeFailure(&b, p, e.Err.Error(), "", "")
	}
	return b.String()
}

// requestJSON is a requestEvent for programs.
type requestJSON struct {
	Time      string       `json:"time"`
	Type      string       `json:"type"` // request
	Method    string       `json:"method"`
	Path      string       `json:"path"`
	Status    int          `json:"status"`
	Ms        float64      `json:"ms"`
	WebSocket bool         `json:"webSocket,omitempty"`
	Objects   []string     `json:"objects"`
	Error     *failureJSON `json:"error,omitempty"`
}

// failureJSON is an error nobody handled.
type failureJSON struct {
	Name    string `json:"name,omitempty"`
	Message string `json:"message"`
	Stack   string `json:"stack,omitempty"`
	Object  string `json:"object,omitempty"`
}

func (e requestEvent) json() any {
	out := requestJSON{
		Time: isoTime(e.Start), Type: "request", Method: e.Method, Path: e.Target, Status: e.Status,
		Ms: inMilliseconds(e.Took), WebSocket: e.WebSocket, Objects: append([]string{}, e.Objects...),
	}
	switch {
	case e.Failure != nil:
		out.Error = &failureJSON{Name: e.Failure.Name, Message: e.Failure.Message, Stack: e.Failure.Stack, Object: e.Failure.Object}
	case e.Err != nil:
		out.Error = &failureJSON{Message: e.Err.Error()}
	}
	return out
}

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
		where = p.accent(e.Object) + "  "
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
	Object string `json:"object,omitempty"`
	Text   string `json:"text"`
	Frame  string `json:"frame,omitempty"`
	Stack  string `json:"stack,omitempty"`
}

func (e entryEvent) json() any {
	return entryJSON{
		Time: isoTime(e.at), Type: string(cmp.Or(e.Kind, emulator.Console)), Level: e.Level,
		Object: e.Object, Text: e.Text, Frame: e.Frame, Stack: e.Stack,
	}
}

// reloadEvent is an attempt to bring new code to the Worker.
type reloadEvent struct {
	devserver.Reload
	at  time.Time
	dir string // files are shown relative to it
}

func (e reloadEvent) severity() severity {
	if e.Err != nil {
		return errorLevel
	}
	return infoLevel
}

func (e reloadEvent) trouble() bool { return e.Err != nil }

func (e reloadEvent) text(p painter) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s  %-*s ", p.dim(e.at.Format(clock)), targetWidth+4, e.cause())
	if e.Err != nil {
		fmt.Fprintf(&b, "%s  the old code keeps serving\n", p.red("not reloaded"))
		var told strings.Builder
		printError(&told, p, e.dir, e.Err)
		writeIndented(&b, gutter, told.String())
		return b.String()
	}
	fmt.Fprintf(&b, "%s  %s", p.green("reloaded"), milliseconds(e.Took))
	if kept := e.kept(); kept != "" {
		b.WriteString("   " + p.dim(kept))
	}
	b.WriteByte('\n')
	return b.String()
}

// cause says why there was a reload.
func (e reloadEvent) cause() string {
	names := e.names()
	switch len(names) {
	case 0:
		return "asked for"
	case 1:
		return names[0] + " saved"
	}
	return fmt.Sprintf("%s and %d more saved", names[0], len(names)-1)
}

func (e reloadEvent) names() []string {
	names := make([]string, 0, len(e.Files))
	for _, file := range e.Files {
		if rel, err := filepath.Rel(e.dir, file); err == nil && filepath.IsLocal(rel) {
			file = filepath.ToSlash(rel)
		}
		names = append(names, file)
	}
	return names
}

func (e reloadEvent) kept() string {
	var parts []string
	if n := e.Info.Sockets; n > 0 {
		parts = append(parts, count(n, "socket")+" kept")
	}
	if n := e.Info.Objects; n > 0 {
		parts = append(parts, count(n, "object")+" ready")
	}
	return strings.Join(parts, ", ")
}

// reloadJSON is a reloadEvent for programs.
type reloadJSON struct {
	Time     string           `json:"time"`
	Type     string           `json:"type"` // reload
	OK       bool             `json:"ok"`
	Files    []string         `json:"files"`
	Ms       float64          `json:"ms"`
	Objects  int              `json:"objects"`
	Sockets  int              `json:"sockets"`
	Error    string           `json:"error,omitempty"`
	Problems []diagnosticJSON `json:"problems,omitempty"`
}

func (e reloadEvent) json() any {
	out := reloadJSON{
		Time: isoTime(e.at), Type: "reload", OK: e.Err == nil, Files: e.names(), Ms: inMilliseconds(e.Took),
		Objects: e.Info.Objects, Sockets: e.Info.Sockets,
	}
	if e.Err != nil {
		out.Error = e.Err.Error()
		for _, d := range e.Build.Diagnostics {
			out.Problems = append(out.Problems, newDiagnosticJSON(d, e.dir))
		}
	}
	return out
}

// diagnosticEvent is something to know about the project.
type diagnosticEvent struct {
	config.Diagnostic
	at  time.Time
	dir string
}

func (e diagnosticEvent) severity() severity {
	if e.Severity == config.Error {
		return errorLevel
	}
	return warnLevel
}

func (diagnosticEvent) trouble() bool { return true }

func (e diagnosticEvent) text(p painter) string {
	return p.diagnostic(e.Severity, e.Format(e.dir)) + "\n"
}

// diagnosticJSON is a diagnosticEvent for programs.
type diagnosticJSON struct {
	Time     string   `json:"time,omitempty"`
	Type     string   `json:"type,omitempty"` // diagnostic
	Severity string   `json:"severity"`
	Code     string   `json:"code"`
	Message  string   `json:"message"`
	File     string   `json:"file,omitempty"`
	Line     int      `json:"line,omitempty"`
	Column   int      `json:"column,omitempty"`
	Detail   []string `json:"detail,omitempty"`
	Hint     string   `json:"hint,omitempty"`
}

func newDiagnosticJSON(d config.Diagnostic, dir string) diagnosticJSON {
	file := d.Pos.File
	if rel, err := filepath.Rel(dir, file); err == nil && filepath.IsLocal(rel) {
		file = filepath.ToSlash(rel)
	}
	return diagnosticJSON{
		Severity: d.Severity.String(), Code: d.Code, Message: d.Message, File: file,
		Line: d.Pos.Line, Column: d.Pos.Column, Detail: d.Detail, Hint: d.Hint,
	}
}

func (e diagnosticEvent) json() any {
	out := newDiagnosticJSON(e.Diagnostic, e.dir)
	out.Time, out.Type = isoTime(e.at), "diagnostic"
	return out
}

// noticeEvent is a word of dodev's own.
type noticeEvent struct {
	at    time.Time
	level severity
	words string
}

func (e noticeEvent) severity() severity { return e.level }

func (noticeEvent) trouble() bool { return true }

func (e noticeEvent) text(p painter) string {
	words := e.words
	switch e.level {
	case errorLevel:
		words = p.red(words)
	case warnLevel:
		words = p.amber(words)
	}
	return fmt.Sprintf("%s  %s\n", p.dim(e.at.Format(clock)), words)
}

func (e noticeEvent) json() any {
	return entryJSON{Time: isoTime(e.at), Type: "notice", Level: severityNames[e.level-silent], Text: e.words}
}

// writeFailure writes an error, its stack and the source around it under a line.
func writeFailure(b *strings.Builder, p painter, message, stack, excerpt string) {
	first, rest, _ := strings.Cut(message, "\n")
	writeIndented(b, gutter, p.red(first))
	writeIndented(b, gutter, rest)
	for line := range strings.Lines(stack) {
		writeIndented(b, gutter+2, p.dim(strings.TrimSpace(line)))
	}
	writeIndented(b, gutter+4, excerpt)
}

// writeIndented writes the lines of a text, each indented and ended.
func writeIndented(b *strings.Builder, by int, text string) {
	text = strings.TrimRight(text, "\n")
	if text == "" {
		return
	}
	for line := range strings.SplitSeq(text, "\n") {
		b.WriteString(strings.Repeat(" ", by) + line + "\n")
	}
}

func withoutColumn(frame string) string {
	if i := strings.LastIndexByte(frame, ':'); i > 0 && strings.Count(frame, ":") > 1 {
		return frame[:i]
	}
	return frame
}

func isoTime(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }
