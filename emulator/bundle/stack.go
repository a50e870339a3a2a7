package bundle

import (
	"strconv"
	"strings"
)

// runtimePrefix begins the names of the scripts that make up our own runtime.
const runtimePrefix = "dodev:"

// MapStack rewrites a stack trace of the engine so that its places are those of
// the project's files: "(index.js:12:5)" becomes "(src/room.ts:3:7)". Frames of
// the runtime and of the bundler's helpers are dropped, with the native functions
// they called; lines that are no frames, and frames of unknown modules, stay as
// they are.
func (b *Bundle) MapStack(stack string) string {
	out := make([]byte, 0, len(stack)+len(stack)/4)
	keep := 0 // what of out remains if the next frame is dropped
	for line := range strings.Lines(stack) {
		start, end := placeOf(line)
		switch {
		case start >= 0 && line[start:end] == "native":
			out = append(out, line...)
			continue
		case start < 0:
			out = append(out, line...)
		default:
			if place, ok := b.mapPlace(line[start:end]); ok {
				out = append(append(append(out, line[:start]...), place...), line[end:]...)
			} else {
				out = out[:keep]
			}
		}
		keep = len(out)
	}
	return string(out)
}

// mapPlace gives the place in the project's files for one in a module; ok is
// false when it is not code of the project.
func (b *Bundle) mapPlace(place string) (mapped string, ok bool) {
	if strings.HasPrefix(place, runtimePrefix) {
		return "", false
	}
	name, line, column, ok := splitPlace(place)
	module := b.Module(name)
	if !ok || module == nil || module.Map == nil {
		return place, true
	}
	file, line, column, _, ok := module.Map.Lookup(line, column)
	return file + ":" + strconv.Itoa(line) + ":" + strconv.Itoa(column), ok
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
