package main

import (
	"fmt"
	"strings"
)

// A severity says how much an event matters; smaller matters more. The order is
// that of wrangler's --log-level.
type severity int

const (
	silent severity = iota - 1
	errorLevel
	warnLevel
	infoLevel
	logLevel
	debugLevel
)

var severityNames = [...]string{"none", "error", "warn", "info", "log", "debug"}

// parseSeverity reads what a flag says.
func parseSeverity(flag, name string) (severity, error) {
	for i, known := range severityNames {
		if name == known {
			return severity(i) + silent, nil
		}
	}
	return silent, fmt.Errorf("%s %q is none of %s", flag, name, strings.Join(severityNames[:], ", "))
}

// severityOf is the severity of a console call; an unknown one is a log.
func severityOf(console string) severity {
	for i, known := range severityNames[1:] {
		if console == known {
			return severity(i)
		}
	}
	return logLevel
}
