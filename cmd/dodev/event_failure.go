package main

import (
	"strings"
	"time"
)

// failureEvent is an error that the session survives.
type failureEvent struct {
	err error
	at  time.Time
	dir string
}

func (failureEvent) severity() severity { return errorLevel }

func (failureEvent) trouble() bool { return true }

func (e failureEvent) text(p painter) string {
	var b strings.Builder
	printError(&b, p, e.dir, e.err)
	return b.String()
}

func (e failureEvent) json() any {
	return entryJSON{Time: isoTime(e.at), Type: "notice", Level: severityNames[errorLevel-silent], Text: e.err.Error()}
}
