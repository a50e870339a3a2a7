package main

import (
	"time"

	"github.com/dodev/dodev/emulator/config"
)

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
	return diagnosticJSON{
		Severity: d.Severity.String(), Code: d.Code, Message: d.Message, File: inside(dir, d.Pos.File),
		Line: d.Pos.Line, Column: d.Pos.Column, Detail: d.Detail, Hint: d.Hint,
	}
}

func (e diagnosticEvent) json() any {
	out := newDiagnosticJSON(e.Diagnostic, e.dir)
	out.Time, out.Type = isoTime(e.at), "diagnostic"
	return out
}
