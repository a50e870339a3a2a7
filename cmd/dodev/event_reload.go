package main

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/dodev/dodev/devserver"
)

// reloadEvent is an attempt to bring new code to the Worker.
type reloadEvent struct {
	devserver.Reload
	at  time.Time
	dir string // files are shown relative to it
	why string // there was one without a save, "" when somebody asked for it
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
	var held *heldError
	if errors.As(e.Err, &held) {
		fmt.Fprintf(&b, "%s  the old code keeps serving\n", p.amber("held back"))
		writeIndented(&b, gutter, e.waits(p, held))
		return b.String()
	}
	if e.Err != nil {
		fmt.Fprintf(&b, "%s  the old code keeps serving\n", p.red("not reloaded"))
		var told strings.Builder
		printError(&told, p, e.dir, e.Err)
		writeIndented(&b, gutter, told.String())
		return b.String()
	}
	b.WriteString(p.green("reloaded"))
	if e.Took > 0 {
		b.WriteString("  " + milliseconds(e.Took))
	}
	if kept := e.kept(); kept != "" {
		b.WriteString("   " + p.dim(kept))
	}
	b.WriteByte('\n')
	return b.String()
}

// waits says what a save waits for.
func (e reloadEvent) waits(p painter, held *heldError) string {
	var b strings.Builder
	if len(held.plan.Fatal()) > 0 {
		b.WriteString("it would not find what is stored\n")
	} else {
		b.WriteString(held.Error() + "\n")
	}
	for _, problem := range held.plan.Fatal() {
		printProblem(&b, p, problem)
	}
	if hint := held.hint(); hint != "" {
		b.WriteString(p.dim("hint: "+hint) + "\n")
	}
	return b.String()
}

// cause says why there was a reload.
func (e reloadEvent) cause() string {
	names := e.names()
	switch len(names) {
	case 0:
		if e.why != "" {
			return e.why
		}
		return "asked for"
	case 1:
		return names[0] + " saved"
	}
	return fmt.Sprintf("%s and %d more saved", names[0], len(names)-1)
}

func (e reloadEvent) names() []string {
	names := make([]string, 0, len(e.Files))
	for _, file := range e.Files {
		names = append(names, inside(e.dir, file))
	}
	return names
}

func (e reloadEvent) kept() string {
	var parts []string
	if n := e.Info.Sockets; n > 0 {
		parts = append(parts, count(n, "socket")+" kept")
	}
	if n := e.Info.Closed; n > 0 {
		parts = append(parts, count(n, "socket")+" closed")
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
	Closed   int              `json:"socketsClosed"`
	Error    string           `json:"error,omitempty"`
	Held     []string         `json:"held,omitempty"` // migrations it waits for
	Problems []diagnosticJSON `json:"problems,omitempty"`
}

func (e reloadEvent) json() any {
	out := reloadJSON{
		Time: isoTime(e.at), Type: "reload", OK: e.Err == nil, Files: e.names(), Ms: inMilliseconds(e.Took),
		Objects: e.Info.Objects, Sockets: e.Info.Sockets, Closed: e.Info.Closed,
	}
	if e.Err != nil {
		out.Error = e.Err.Error()
		var held *heldError
		if errors.As(e.Err, &held) {
			out.Held = held.plan.Pending
		}
		for _, d := range e.Build.Diagnostics {
			out.Problems = append(out.Problems, newDiagnosticJSON(d, e.dir))
		}
	}
	return out
}
