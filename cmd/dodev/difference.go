package main

import (
	"strings"
)

// difference shows how a text was changed, as lines that went and came with
// some around them.
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
	for _, c := range changedLines(old[head:len(old)-tail], new[head:len(new)-tail]) {
		write("  ", c.same, p.dim)
		write("- ", c.went, p.red)
		write("+ ", c.came, p.green)
	}
	write("  ", old[len(old)-tail:min(len(old), len(old)-tail+around)], p.dim)
	return b.String()
}

// A lineChange is some lines that stay, and what went and came behind them.
type lineChange struct{ same, went, came []string }

// changedLines leads from old lines to new ones by the fewest that go and come.
func changedLines(old, new []string) []lineChange {
	common := make([][]int, len(old)+1) // how many lines two rests have in common
	for i := range common {
		common[i] = make([]int, len(new)+1)
	}
	for i := len(old) - 1; i >= 0; i-- {
		for j := len(new) - 1; j >= 0; j-- {
			if old[i] == new[j] {
				common[i][j] = common[i+1][j+1] + 1
			} else {
				common[i][j] = max(common[i+1][j], common[i][j+1])
			}
		}
	}
	changes := []lineChange{{}}
	for i, j := 0, 0; i < len(old) || j < len(new); {
		c := &changes[len(changes)-1]
		switch {
		case i < len(old) && j < len(new) && old[i] == new[j]:
			if len(c.went)+len(c.came) > 0 {
				changes = append(changes, lineChange{})
				c = &changes[len(changes)-1]
			}
			c.same = append(c.same, old[i])
			i, j = i+1, j+1
		case j == len(new) || i < len(old) && common[i+1][j] >= common[i][j+1]:
			c.went = append(c.went, old[i])
			i++
		default:
			c.came = append(c.came, new[j])
			j++
		}
	}
	return changes
}

// splitLines are the lines of a text without their ends.
func splitLines(text string) []string {
	lines := strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n")
	if n := len(lines); lines[n-1] == "" {
		lines = lines[:n-1]
	}
	return lines
}
