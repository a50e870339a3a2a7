package bundle

import (
	"encoding/json"
	"errors"
	"fmt"
	"sort"
	"strings"
	"sync"
)

// A SourceMap leads places in a module back to the files it was made of. It is
// decoded on first use, so a bundle that never fails never pays for it.
type SourceMap struct {
	identity string // the one file of a module that was left as it is

	raw    []byte
	rename func(source string) string
	once   sync.Once
	lines  [][]segment
	files  []string
	names  []string
	texts  []string
}

// A segment maps what begins at a column of a generated line. Places count from 0.
type segment struct {
	column, file, line, fileColumn, name int32
}

// newSourceMap keeps a source map to be decoded when it is needed. rename gives
// the name users know a source by.
func newSourceMap(raw []byte, rename func(string) string) *SourceMap {
	return &SourceMap{raw: raw, rename: rename}
}

// identityMap is the source map of a module that is its source.
func identityMap(file, text string) *SourceMap {
	return &SourceMap{identity: file, files: []string{file}, texts: []string{text}}
}

// Lookup finds the place that a place in the module came from, lines and
// columns counted from 1. The file is named as users know it, such as
// "src/room.ts", and name is what the place was called there, if that differs.
// ok is false for code that no file holds, such as helpers of the bundler.
func (m *SourceMap) Lookup(line, column int) (file string, l, c int, name string, ok bool) {
	if m == nil || line < 1 {
		return "", 0, 0, "", false
	}
	if m.identity != "" {
		return m.identity, line, column, "", true
	}
	m.once.Do(m.load)
	if line > len(m.lines) {
		return "", 0, 0, "", false
	}
	segments := m.lines[line-1]
	at := sort.Search(len(segments), func(i int) bool { return int(segments[i].column) > column-1 }) - 1
	if at < 0 && len(segments) > 0 {
		at = 0 // a place before the first token means the first token
	}
	if at < 0 || segments[at].file < 0 {
		return "", 0, 0, "", false
	}
	s := segments[at]
	if s.name >= 0 {
		name = m.names[s.name]
	}
	return m.files[s.file], int(s.line) + 1, int(s.fileColumn) + 1, name, true
}

// Text gives a file as it was when the module was built.
func (m *SourceMap) Text(file string) (string, bool) {
	if m == nil {
		return "", false
	}
	if m.identity == "" {
		m.once.Do(m.load)
	}
	for i, f := range m.files {
		if f == file && i < len(m.texts) {
			return m.texts[i], true
		}
	}
	return "", false
}

// load decodes the map. A map that cannot be decoded maps nothing: places then
// stay those of the module.
func (m *SourceMap) load() {
	var v3 struct {
		Sources        []string `json:"sources"`
		SourcesContent []string `json:"sourcesContent"`
		Names          []string `json:"names"`
		Mappings       string   `json:"mappings"`
	}
	if json.Unmarshal(m.raw, &v3) != nil {
		return
	}
	lines, err := decodeMappings(v3.Mappings, len(v3.Sources), len(v3.Names))
	if err != nil {
		return
	}
	m.raw = nil
	m.lines, m.names, m.texts = lines, v3.Names, v3.SourcesContent
	m.files = v3.Sources
	for i, source := range m.files {
		m.files[i] = m.rename(source)
	}
}

// decodeMappings reads the mappings of a version 3 source map: lines parted by
// semicolons, segments by commas, each of one, four or five numbers, of which
// all but the first of a line are relative to the segment before.
func decodeMappings(text string, files, names int) ([][]segment, error) {
	lines := make([][]segment, 0, strings.Count(text, ";")+1)
	var last segment
	for line := range strings.SplitSeq(text, ";") {
		last.column = 0
		var segments []segment
		if line != "" {
			segments = make([]segment, 0, strings.Count(line, ",")+1)
		}
		for line != "" {
			var one string
			one, line, _ = strings.Cut(line, ",")
			s, err := decodeSegment(one, &last)
			if err != nil {
				return nil, err
			}
			if int(s.file) >= files || int(s.name) >= names {
				return nil, fmt.Errorf("segment %q points outside the map", one)
			}
			segments = append(segments, s)
		}
		lines = append(lines, segments)
	}
	return lines, nil
}

// decodeSegment reads a segment relative to last and moves last to it.
func decodeSegment(text string, last *segment) (segment, error) {
	var delta [5]int32
	n := 0
	for ; text != "" && n < len(delta); n++ {
		var err error
		if delta[n], text, err = decodeVLQ(text); err != nil {
			return segment{}, err
		}
	}
	if text != "" || (n != 1 && n != 4 && n != 5) {
		return segment{}, errors.New("a segment has one, four or five numbers")
	}
	last.column += delta[0]
	last.file += delta[1]
	last.line += delta[2]
	last.fileColumn += delta[3]
	last.name += delta[4]
	if last.column < 0 || last.file < 0 || last.line < 0 || last.fileColumn < 0 || last.name < 0 {
		return segment{}, errors.New("a segment points before the beginning")
	}
	s := *last
	if n < 4 {
		s.file = -1
	}
	if n < 5 {
		s.name = -1
	}
	return s, nil
}

const base64Digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

// decodeVLQ reads one number: base64 digits of five bits each, least first, the
// sixth bit saying that more follow, the lowest bit of all being the sign.
func decodeVLQ(text string) (n int32, rest string, err error) {
	var value uint64
	for i := 0; i < len(text); i++ {
		digit := strings.IndexByte(base64Digits, text[i])
		if digit < 0 || i > 6 {
			return 0, "", fmt.Errorf("%q is not a number of a source map", text)
		}
		value |= uint64(digit&31) << (5 * i)
		if digit&32 != 0 {
			continue
		}
		n = int32(value >> 1 & 0x7fffffff)
		if value&1 != 0 {
			n = -n
		}
		return n, text[i+1:], nil
	}
	return 0, "", fmt.Errorf("%q ends within a number", text)
}
