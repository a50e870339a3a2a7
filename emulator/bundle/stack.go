package bundle

import (
	"strconv"
	"strings"
)

// runtimePrefix begins the names of the scripts that make up our own runtime.
const runtimePrefix = "dodev:"

// MapStack rewrites a stack trace of the engine so that its places are those of
// the project's files: "(index.js:12:5)" becomes "(src/room.ts:3:7)". Frames of
// the runtime and of the bundler's helpers are dropped; lines that are no frames,
// and frames of unknown modules, stay as they are.
func (b *Bundle) MapStack(stack string) string {
	var out strings.Builder
	out.Grow(len(stack) + len(stack)/4)
	for stack != "" {
		line := stack
		if end := strings.IndexByte(stack, '\n'); end >= 0 {
			line = stack[:end+1]
		}
		stack = stack[len(line):]
		b.mapFrame(&out, line)
	}
	return out.String()
}

// mapFrame writes a line of a stack, mapped, or nothing when it is to be dropped.
func (b *Bundle) mapFrame(out *strings.Builder, text string) {
	start, end := placeOf(text)
	if start < 0 {
		out.WriteString(text)
		return
	}
	place := text[start:end]
	if strings.HasPrefix(place, runtimePrefix) {
		return
	}
	name, line, column, ok := splitPlace(place)
	module := b.Module(name)
	if !ok || module == nil || module.Map == nil {
		out.WriteString(text)
		return
	}
	file, line, column, _, ok := module.Map.Lookup(line, column)
	if !ok {
		return
	}
	out.WriteString(text[:start])
	out.WriteString(file)
	out.WriteByte(':')
	out.WriteString(strconv.Itoa(line))
	out.WriteByte(':')
	out.WriteString(strconv.Itoa(column))
	out.WriteString(text[end:])
}

// placeOf finds the place in a frame, "    at name (place)" or "    at place". A
// line that is no frame has none, and start is then negative.
func placeOf(text string) (start, end int) {
	trimmed := strings.TrimLeft(text, " \t")
	if !strings.HasPrefix(trimmed, "at ") {
		return -1, -1
	}
	line := strings.TrimRight(text, "\r\n")
	if strings.HasSuffix(line, ")") {
		if open := strings.LastIndexByte(line, '('); open >= 0 {
			return open + 1, len(line) - 1
		}
		return -1, -1
	}
	return len(text) - len(trimmed) + len("at "), len(line)
}

// splitPlace takes "name:line:column" apart.
func splitPlace(place string) (name string, line, column int, ok bool) {
	rest, col, found := cutLast(place)
	if !found {
		return "", 0, 0, false
	}
	name, row, found := cutLast(rest)
	if !found {
		return "", 0, 0, false
	}
	line, err := strconv.Atoi(row)
	if err != nil {
		return "", 0, 0, false
	}
	column, err = strconv.Atoi(col)
	return name, line, column, err == nil
}

func cutLast(s string) (before, after string, found bool) {
	i := strings.LastIndexByte(s, ':')
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+1:], true
}
