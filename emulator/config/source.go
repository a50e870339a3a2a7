package config

import (
	"bytes"
	"sort"
	"unicode/utf8"
)

// maxSource bounds the size of a file this package reads, so that a wrong path
// is refused instead of read into memory.
const maxSource = 1 << 20

// maxDepth bounds how deep values may nest.
const maxDepth = 100

// A source is a text file whose bytes can be named by line and column.
type source struct {
	path  string
	text  []byte
	lines []int // offset of each line's first byte
}

// newSource prepares text for parsing: a byte order mark is dropped.
func newSource(path string, text []byte) *source {
	text = bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))
	s := &source{path: path, text: text[:len(text):len(text)], lines: []int{0}}
	for i, c := range text {
		if c == '\n' {
			s.lines = append(s.lines, i+1)
		}
	}
	return s
}

// at returns the position of the byte at an offset. Columns count characters.
func (s *source) at(offset int) Position {
	offset = max(0, min(offset, len(s.text)))
	line := sort.SearchInts(s.lines, offset+1) - 1
	column := utf8.RuneCount(s.text[s.lines[line]:offset]) + 1
	return Position{File: s.path, Line: line + 1, Column: column}
}

// offset returns the offset of a line and a column counted in bytes.
func (s *source) offset(line, column int) int {
	line = max(1, min(line, len(s.lines)))
	return min(s.lines[line-1]+max(0, column-1), len(s.text))
}
