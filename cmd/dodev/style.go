package main

import (
	"strings"

	"github.com/dodev/dodev/emulator/config"
)

// A painter colours text for a terminal, or leaves it as it is. There is one
// accent, greys, and three meanings: green runs, amber waits or warns, red has
// failed.
type painter bool

func (p painter) paint(code, text string) string {
	if !p || text == "" {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

func (p painter) bold(text string) string   { return p.paint("1", text) }
func (p painter) dim(text string) string    { return p.paint("2", text) }
func (p painter) accent(text string) string { return p.paint("36", text) }
func (p painter) green(text string) string  { return p.paint("32", text) }
func (p painter) amber(text string) string  { return p.paint("33", text) }
func (p painter) red(text string) string    { return p.paint("31", text) }

// status colours what belongs to an HTTP status.
func (p painter) status(code int, text string) string {
	switch {
	case code >= 500:
		return p.red(text)
	case code >= 400:
		return p.amber(text)
	case code >= 300:
		return p.dim(text)
	}
	return p.green(text)
}

// diagnostic colours a formatted diagnostic: its severity, and its hint.
func (p painter) diagnostic(s config.Severity, text string) string {
	if !p {
		return text
	}
	word, paint := s.String()+":", p.amber
	if s == config.Error {
		paint = p.red
	}
	lines := strings.Split(text, "\n")
	lines[0] = strings.Replace(lines[0], word, paint(word), 1)
	for i, line := range lines[1:] {
		if !strings.HasPrefix(line, "  hint: ") {
			line = p.dim(line)
		}
		lines[i+1] = line
	}
	return strings.Join(lines, "\n")
}
