package main

import (
	"fmt"
	"time"
)

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
