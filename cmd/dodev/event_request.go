package main

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/dodev/dodev/devserver"
	"github.com/dodev/dodev/devserver/inspect"
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
	took := milliseconds(e.Took)
	for _, part := range []string{
		p.dim(e.Start.Format(clock)), "  ", e.Method, spaces(4 - len(e.Method)), " ",
		e.Target, spaces(targetWidth - 1 - utf8.RuneCountInString(e.Target)), " ",
		p.status(e.Status, strconv.Itoa(e.Status)), "  ", p.accent(socket), "  ", spaces(8 - len(took)), took,
	} {
		b.WriteString(part)
	}
	if len(e.Objects) > 0 {
		b.WriteString("   " + p.accent(inspect.Printable(list(e.Objects, 3))))
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

// spaces are so many, none if that is less than one.
func spaces(n int) string { return strings.Repeat(" ", max(n, 0)) }

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
