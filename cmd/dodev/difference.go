package main

import (
	"strings"
)

// difference shows how a text was changed, as lines that went and came with
// some around them. The lines that both texts begin and end with are the same,
// so it is meant for changes in few places.
func difference(p painter, file, before, after string) string {
	const around = 3
	old, new := splitLines(before), splitLines(after)
	head := 0
	for head < len(old) && head < len(new) && old[head] == new[head] {
		head++
	}
	tail := 0
	for tail < len(old)-head && tail < len(new)-head && old[len(old)-1-tail] == new[len(new)-1-tail] {
		tail++
	}
	var b strings.Builder
	b.WriteString(p.bold(file) + "\n")
	write := func(mark string, lines []string, paint func(string) string) {
		for _, line := range lines {
			b.WriteString(paint(strings.TrimRight(mark+line, " ")) + "\n")
		}
	}
	write("  ", old[max(0, head-around):head], p.dim)
	write("- ", old[head:len(old)-tail], p.red)
	write("+ ", new[head:len(new)-tail], p.green)
	write("  ", old[len(old)-tail:min(len(old), len(old)-tail+around)], p.dim)
	return b.String()
}

// splitLines are the lines of a text without their ends.
func splitLines(text string) []string {
	lines := strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n")
	if n := len(lines); lines[n-1] == "" {
		lines = lines[:n-1]
	}
	return lines
}
