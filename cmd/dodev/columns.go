package main

import (
	"path/filepath"
	"strings"
	"time"
)

// Columns of the log. Whatever belongs to a line stands under it, indented by
// the width of the time.
const (
	gutter      = 10
	targetWidth = 26
	clock       = "15:04:05"
)

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

// inside is a path relative to a folder that it is in, with slashes; any other
// as it is.
func inside(dir, path string) string {
	rel, err := filepath.Rel(dir, path)
	if err != nil || !filepath.IsLocal(rel) {
		return path
	}
	return filepath.ToSlash(rel)
}
