package web

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// Strings of JavaScript arrive here as WTF-8: UTF-8 in which a lone surrogate
// is three bytes. Encodings are Node.js's, by their normalised names.

// encodeText gives the bytes of text. Input that an encoding cannot hold is
// cut or skipped as Node.js does, never refused.
func encodeText(encoding, text string) ([]byte, error) {
	switch encoding {
	case "utf8":
		return []byte(usv(text)), nil
	case "utf16le":
		units := utf16Units(text)
		b := make([]byte, 0, 2*len(units))
		for _, u := range units {
			b = append(b, byte(u), byte(u>>8))
		}
		return b, nil
	case "latin1", "ascii":
		b := make([]byte, 0, len(text))
		for _, u := range utf16Units(text) {
			b = append(b, byte(u))
		}
		return b, nil
	case "hex":
		return decodeHex(text), nil
	case "base64", "base64url":
		return decodeBase64(text), nil
	}
	return nil, fmt.Errorf("no encoding %q", encoding)
}

// decodeText gives the text of bytes; malformed UTF-8 becomes U+FFFD, once for
// each maximal part of a character.
func decodeText(encoding string, b []byte) (string, error) {
	switch encoding {
	case "utf8":
		if utf8.Valid(b) {
			return string(b), nil
		}
		return string(repairUTF8(b)), nil
	case "utf16le":
		return decodeUTF16(b), nil
	case "latin1":
		return widen(b, 0xff), nil
	case "ascii":
		return widen(b, 0x7f), nil
	case "hex":
		return hex.EncodeToString(b), nil
	case "base64":
		return base64.StdEncoding.EncodeToString(b), nil
	case "base64url":
		return base64.RawURLEncoding.EncodeToString(b), nil
	}
	return "", fmt.Errorf("no encoding %q", encoding)
}

// encodedLength is what Buffer.byteLength answers: for base64 and hex the size
// that well-formed text has.
func encodedLength(encoding, text string) (int, error) {
	switch encoding {
	case "utf8":
		return len(text), nil // a lone surrogate and U+FFFD both have three bytes
	case "utf16le":
		return 2 * len(utf16Units(text)), nil
	case "latin1", "ascii":
		return len(utf16Units(text)), nil
	case "hex":
		return len(utf16Units(text)) / 2, nil
	case "base64", "base64url":
		return len(strings.TrimSuffix(strings.TrimSuffix(text, "="), "=")) * 3 / 4, nil
	}
	return 0, fmt.Errorf("no encoding %q", encoding)
}

// nextWTF8 decodes the first code point of s, a lone surrogate included.
func nextWTF8(s string) (r rune, size int) {
	r, size = utf8.DecodeRuneInString(s)
	if r == utf8.RuneError && size == 1 && len(s) >= 3 && s[0] == 0xed && s[1]&0xe0 == 0xa0 && s[2]&0xc0 == 0x80 {
		return 0xd000 | rune(s[1]&0x3f)<<6 | rune(s[2]&0x3f), 3
	}
	return r, size
}

func utf16Units(s string) []uint16 {
	units := make([]uint16, 0, len(s))
	for len(s) > 0 {
		r, size := nextWTF8(s)
		if utf16.IsSurrogate(r) {
			units = append(units, uint16(r))
		} else {
			units = utf16.AppendRune(units, r)
		}
		s = s[size:]
	}
	return units
}

func widen(b []byte, mask byte) string {
	var s strings.Builder
	s.Grow(len(b))
	for _, c := range b {
		s.WriteRune(rune(c & mask))
	}
	return s.String()
}

// decodeUTF16 gives WTF-8, so that lone surrogates survive; an odd last byte
// is dropped.
func decodeUTF16(b []byte) string {
	out := make([]byte, 0, len(b))
	for i := 0; i+1 < len(b); i += 2 {
		r := rune(b[i]) | rune(b[i+1])<<8
		if utf16.IsSurrogate(r) && i+3 < len(b) {
			if pair := utf16.DecodeRune(r, rune(b[i+2])|rune(b[i+3])<<8); pair != utf8.RuneError {
				out = utf8.AppendRune(out, pair)
				i += 2
				continue
			}
		}
		if utf16.IsSurrogate(r) {
			out = append(out, 0xed, 0x80|byte(r>>6)&0x3f, 0x80|byte(r)&0x3f)
			continue
		}
		out = utf8.AppendRune(out, r)
	}
	return string(out)
}

// decodeHex stops at the first pair that is not hexadecimal.
func decodeHex(text string) []byte {
	b := make([]byte, len(text)/2)
	n, err := hex.Decode(b, []byte(text[:len(text)&^1]))
	if err != nil {
		return b[:n]
	}
	return b
}

// decodeBase64 takes both alphabets, skips what belongs to neither, and stops
// at the first "=".
func decodeBase64(text string) []byte {
	b := make([]byte, 0, len(text)*3/4)
	var bits, count uint
	for i := 0; i < len(text) && text[i] != '='; i++ {
		v, ok := sextet(text[i])
		if !ok {
			continue
		}
		bits, count = bits<<6|v, count+6
		if count >= 8 {
			count -= 8
			b = append(b, byte(bits>>count))
		}
	}
	return b
}

func sextet(c byte) (uint, bool) {
	switch {
	case c >= 'A' && c <= 'Z':
		return uint(c - 'A'), true
	case c >= 'a' && c <= 'z':
		return uint(c-'a') + 26, true
	case c >= '0' && c <= '9':
		return uint(c-'0') + 52, true
	case c == '+' || c == '-':
		return 62, true
	case c == '/' || c == '_':
		return 63, true
	}
	return 0, false
}
