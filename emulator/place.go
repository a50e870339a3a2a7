package emulator

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/dodev/dodev/emulator/bundle"
)

// excerptWidth is how much of a line an excerpt shows.
const excerptWidth = 110

// showExcerpt draws source lines with a mark under the place. Of lines longer
// than the screen it shows what is around the place.
func showExcerpt(x bundle.Excerpt) string {
	from := 0
	if x.Column > excerptWidth-20 {
		from = x.Column - excerptWidth/2
	}
	var b strings.Builder
	width := len(strconv.Itoa(x.First + len(x.Lines) - 1))
	for i, line := range x.Lines {
		number, mark := x.First+i, " "
		if number == x.Line {
			mark = ">"
		}
		fmt.Fprintf(&b, "%s %*d | %s\n", mark, width, number, window(line, from))
		if number == x.Line {
			fmt.Fprintf(&b, "  %*s | %s^\n", width, "", indent(line, from, x.Column-1))
		}
	}
	return strings.TrimRight(b.String(), "\n")
}

// window is the part of a line that an excerpt shows.
func window(line string, from int) string {
	runes := []rune(line)
	if from >= len(runes) {
		return ""
	}
	shown := runes[from:min(from+excerptWidth, len(runes))]
	out := string(shown)
	if from > 0 {
		out = "…" + string(shown[1:])
	}
	if from+excerptWidth < len(runes) {
		out += "…"
	}
	return out
}

// indent is as wide as the part of line shown before column, counted from 0.
func indent(line string, from, column int) string {
	var b strings.Builder
	for i, r := range []rune(line) {
		if i >= column {
			break
		}
		switch {
		case i < from:
		case r == '\t':
			b.WriteRune(r)
		default:
			b.WriteByte(' ')
		}
	}
	return b.String()
}

// trimHeader leaves out the "Name: message" that begins a stack.
func trimHeader(stack string) string {
	if i := strings.Index(stack, "    at "); i >= 0 {
		return stack[i:]
	}
	return ""
}

var framePlace = regexp.MustCompile(`\(?([^\s()]+):(\d+):(\d+)\)?`)

// place is where the first frame of a stack is.
func place(stack string) (file string, line, column int, ok bool) {
	m := framePlace.FindStringSubmatch(stack)
	if m == nil {
		return "", 0, 0, false
	}
	line, _ = strconv.Atoi(m[2])
	column, _ = strconv.Atoi(m[3])
	return m[1], line, column, true
}

func frameOf(stack string) string {
	file, line, column, ok := place(stack)
	if !ok {
		return ""
	}
	return file + ":" + strconv.Itoa(line) + ":" + strconv.Itoa(column)
}
