package clone

import (
	"encoding/binary"
	"math"
	"strconv"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// A string has one of two forms on the wire: a byte for each character when
// all are below U+0100, else UTF-16. In Go it is WTF-8: UTF-8 in which a lone
// surrogate is three bytes.

// latin1Length is the number of characters of s when each fits in a byte.
func latin1Length(s string) (n int, ok bool) {
	for i := 0; i < len(s); n++ {
		switch c := s[i]; {
		case c < utf8.RuneSelf:
			i++
		case (c == 0xc2 || c == 0xc3) && i+1 < len(s) && s[i+1]&0xc0 == 0x80:
			i += 2
		default:
			return 0, false
		}
	}
	return n, true
}

// appendLatin1 appends the characters of s, for which latin1Length was ok.
func appendLatin1(dst []byte, s string) []byte {
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= utf8.RuneSelf {
			i++
			c = c<<6 | s[i]&0x3f
		}
		dst = append(dst, c)
	}
	return dst
}

// decodeWTF8 is utf8.DecodeRuneInString that knows surrogates.
func decodeWTF8(s string) (rune, int) {
	if len(s) >= 3 && s[0] == 0xed && s[1] >= 0xa0 && s[1] <= 0xbf && s[2]&0xc0 == 0x80 {
		return 0xd000 | rune(s[1]&0x3f)<<6 | rune(s[2]&0x3f), 3
	}
	return utf8.DecodeRuneInString(s)
}

// utf16Length is the number of UTF-16 units of s.
func utf16Length(s string) (n int) {
	for len(s) > 0 {
		r, size := decodeWTF8(s)
		s = s[size:]
		n++
		if r > 0xffff {
			n++
		}
	}
	return n
}

// appendUTF16 appends the UTF-16 units of s, little-endian. Bytes that are not
// WTF-8 become U+FFFD.
func appendUTF16(dst []byte, s string) []byte {
	for len(s) > 0 {
		r, size := decodeWTF8(s)
		s = s[size:]
		if r > 0xffff {
			high, low := utf16.EncodeRune(r)
			dst = binary.LittleEndian.AppendUint16(dst, uint16(high))
			r = low
		}
		dst = binary.LittleEndian.AppendUint16(dst, uint16(r))
	}
	return dst
}

// fromLatin1 makes a string of characters of one byte each.
func fromLatin1(p []byte) string {
	wide := 0
	for _, c := range p {
		wide += int(c >> 7)
	}
	if wide == 0 {
		return string(p)
	}
	dst := make([]byte, 0, len(p)+wide)
	for _, c := range p {
		dst = utf8.AppendRune(dst, rune(c))
	}
	return string(dst)
}

// fromUTF16 makes a string of little-endian UTF-16 units; len(p) is even.
func fromUTF16(p []byte) string {
	dst := make([]byte, 0, len(p))
	for len(p) > 0 {
		unit := rune(binary.LittleEndian.Uint16(p))
		p = p[2:]
		if len(p) > 0 {
			if r := utf16.DecodeRune(unit, rune(binary.LittleEndian.Uint16(p))); r != utf8.RuneError {
				dst = utf8.AppendRune(dst, r)
				p = p[2:]
				continue
			}
		}
		dst = appendWTF8(dst, unit)
	}
	return string(dst)
}

// appendWTF8 appends a code point that may be a surrogate. A low surrogate
// after a high one is to be joined by the caller.
func appendWTF8(dst []byte, r rune) []byte {
	if utf16.IsSurrogate(r) {
		return append(dst, 0xed, byte(r>>6)&0x3f|0x80, byte(r)&0x3f|0x80)
	}
	return utf8.AppendRune(dst, r)
}

// fromUTF8 makes a string of bytes that should be UTF-8; those that are not
// become U+FFFD.
func fromUTF8(p []byte) string {
	if utf8.Valid(p) {
		return string(p)
	}
	return string([]rune(string(p)))
}

// numberString is f as JavaScript prints it.
func numberString(f float64) string {
	switch {
	case math.IsNaN(f):
		return "NaN"
	case math.IsInf(f, 1):
		return "Infinity"
	case math.IsInf(f, -1):
		return "-Infinity"
	case f == 0:
		return "0"
	}
	if magnitude := math.Abs(f); magnitude >= 1e-6 && magnitude < 1e21 {
		return strconv.FormatFloat(f, 'f', -1, 64)
	}
	s := strconv.FormatFloat(f, 'e', -1, 64)
	// Go pads the exponent to two digits.
	if n := len(s); s[n-2] == '0' && (s[n-3] == '+' || s[n-3] == '-') {
		s = s[:n-2] + s[n-1:]
	}
	return s
}

// appendQuoted appends s as a JSON string that is safe to print: what is not
// printable, lone surrogates among it, is escaped.
func appendQuoted(dst []byte, s string) []byte {
	dst = append(dst, '"')
	for len(s) > 0 {
		r, size := decodeWTF8(s)
		switch {
		case r == '"' || r == '\\':
			dst = append(dst, '\\', byte(r))
		case r == '\n':
			dst = append(dst, `\n`...)
		case r == '\t':
			dst = append(dst, `\t`...)
		case r == '\r':
			dst = append(dst, `\r`...)
		case unicode.IsPrint(r) && !utf16.IsSurrogate(r):
			dst = utf8.AppendRune(dst, r)
		default:
			dst = appendEscaped(dst, r)
		}
		s = s[size:]
	}
	return append(dst, '"')
}

// appendEscaped appends r as \u escapes.
func appendEscaped(dst []byte, r rune) []byte {
	if r > 0xffff {
		high, low := utf16.EncodeRune(r)
		return appendEscaped(appendEscaped(dst, high), low)
	}
	const hex = "0123456789abcdef"
	return append(dst, '\\', 'u', hex[r>>12&15], hex[r>>8&15], hex[r>>4&15], hex[r&15])
}
