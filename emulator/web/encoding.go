package web

import (
	"encoding/base64"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/unicode"

	"github.com/dodev/dodev/emulator/engine"
)

func (h *host) registerEncoding() {
	for name, fn := range map[string]engine.Func{
		"utf8Encode":   utf8Encode,
		"utf8Decode":   utf8Decode,
		"encodingName": encodingName,
		"decode":       decodeLegacy,
		"unfinished":   unfinished,
		"atob":         atob,
		"btoa":         btoa,
	} {
		h.vm.Func(name, fn)
	}
}

func utf8Encode(c engine.Call) error {
	c.Return(engine.Bytes([]byte(usv(c.String(0)))))
	return nil
}

func utf8Decode(c engine.Call) error {
	b := c.Bytes(0)
	if utf8.Valid(b) {
		c.Return(engine.String(string(b)))
		return nil
	}
	if !c.Bool(1) {
		c.Return(engine.String(string(repairUTF8(b))))
	}
	return nil
}

// repairUTF8 replaces what is malformed by U+FFFD, one for each maximal part
// of a character, Encoding Standard section 8.1.1.
func repairUTF8(b []byte) []byte {
	out := make([]byte, 0, len(b)+8)
	for len(b) > 0 {
		r, size := utf8.DecodeRune(b)
		if r == utf8.RuneError && size == 1 {
			size = brokenLength(b)
			out = append(out, "\uFFFD"...)
		} else {
			out = append(out, b[:size]...)
		}
		b = b[size:]
	}
	return out
}

// brokenLength is the number of bytes at the beginning of b that could have
// begun a character.
func brokenLength(b []byte) int {
	need, low, high := continuation(b[0])
	n := 1
	for ; n <= need && n < len(b); n++ {
		if b[n] < low || b[n] > high {
			break
		}
		low, high = 0x80, 0xbf
	}
	return min(n, max(need, 1))
}

// continuation tells how many bytes follow the first one of a character, and
// the range of the next one.
func continuation(first byte) (need int, low, high byte) {
	switch {
	case first >= 0xc2 && first <= 0xdf:
		return 1, 0x80, 0xbf
	case first == 0xe0:
		return 2, 0xa0, 0xbf
	case first == 0xed:
		return 2, 0x80, 0x9f
	case first >= 0xe1 && first <= 0xef:
		return 2, 0x80, 0xbf
	case first == 0xf0:
		return 3, 0x90, 0xbf
	case first == 0xf4:
		return 3, 0x80, 0x8f
	case first >= 0xf1 && first <= 0xf3:
		return 3, 0x80, 0xbf
	}
	return 0, 0, 0
}

func encodingName(c engine.Call) error {
	label := strings.ToLower(strings.Trim(c.String(0), "\t\n\f\r "))
	if label == "utf-16" || label == "utf-16le" {
		c.Return(engine.String("utf-16le"))
		return nil
	}
	e, err := htmlindex.Get(label)
	if err != nil || e == encoding.Replacement {
		return nil
	}
	if name, err := htmlindex.Name(e); err == nil {
		c.Return(engine.String(name))
	}
	return nil
}

// lookup finds an encoding by the name encodingName gave.
func lookup(name string) encoding.Encoding {
	switch name {
	case "utf-16le":
		return unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)
	case "utf-16be":
		return unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM)
	}
	e, err := htmlindex.Get(name)
	if err != nil {
		return encoding.Nop
	}
	return e
}

func decodeLegacy(c engine.Call) error {
	in := c.Bytes(1)
	out, err := lookup(c.String(0)).NewDecoder().Bytes(in)
	if err != nil {
		return engine.TypeError("Failed to decode input.")
	}
	// A decoder writes U+FFFD for what is malformed, and no encoding but the
	// Unicode ones can spell it.
	if c.Bool(2) && strings.Contains(string(out), "\uFFFD") {
		return nil
	}
	c.Return(engine.String(string(out)))
	return nil
}

func unfinished(c engine.Call) error {
	c.Return(engine.Int(unfinishedBytes(c.String(0), c.Bytes(1))))
	return nil
}

// unfinishedBytes is the number of bytes at the end of b that begin a character
// which more bytes could finish.
func unfinishedBytes(encoding string, b []byte) int {
	switch encoding {
	case "utf-8":
		return unfinishedUTF8(b)
	case "utf-16le", "utf-16be":
		return unfinishedUTF16(encoding == "utf-16le", b)
	case "shift_jis", "euc-jp", "euc-kr", "big5", "gbk", "gb18030":
		return unfinishedPair(b)
	}
	return 0
}

func unfinishedUTF8(b []byte) int {
	for n := 1; n <= 3 && n <= len(b); n++ {
		tail := b[len(b)-n:]
		if tail[0]&0xc0 == 0x80 {
			continue
		}
		if need, _, _ := continuation(tail[0]); need >= n && brokenLength(tail) == n {
			return n
		}
		return 0
	}
	return 0
}

func unfinishedUTF16(little bool, b []byte) int {
	odd := len(b) % 2
	even := b[:len(b)-odd]
	if len(even) < 2 {
		return odd
	}
	high := even[len(even)-2]
	if little {
		high = even[len(even)-1]
	}
	if high >= 0xd8 && high <= 0xdb {
		return odd + 2
	}
	return odd
}

// unfinishedPair counts for encodings whose characters are one byte below 0x80
// or a lead byte and a trail byte: an odd run of bytes from 0x81 on ends in a
// lead.
func unfinishedPair(b []byte) int {
	run := 0
	for run < len(b) && b[len(b)-1-run] >= 0x81 {
		run++
	}
	return run % 2
}

// atob is forgiving base64 decoding, Infra Standard section 7.
func atob(c engine.Call) error {
	text := strings.Map(func(r rune) rune {
		if strings.ContainsRune("\t\n\f\r ", r) {
			return -1
		}
		return r
	}, c.String(0))
	if len(text)%4 == 0 {
		text = strings.TrimSuffix(strings.TrimSuffix(text, "="), "=")
	}
	raw, err := base64.RawStdEncoding.DecodeString(text)
	if err != nil || strings.ContainsAny(text, "\r\n") {
		return nil
	}
	latin1 := make([]rune, len(raw))
	for i, b := range raw {
		latin1[i] = rune(b)
	}
	c.Return(engine.String(string(latin1)))
	return nil
}

func btoa(c engine.Call) error {
	text := c.String(0)
	raw := make([]byte, 0, len(text))
	for _, r := range text {
		if r > 0xff {
			return nil
		}
		raw = append(raw, byte(r))
	}
	c.Return(engine.String(base64.StdEncoding.EncodeToString(raw)))
	return nil
}
