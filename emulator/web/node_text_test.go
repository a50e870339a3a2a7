package web

import (
	"bytes"
	"testing"
	"unicode/utf8"
)

func TestEncodeTextTakesWhatTheEncodingHolds(t *testing.T) {
	const lone = "\xed\xa0\xbd" // U+D83D alone, in WTF-8
	for _, c := range []struct{ encoding, text, want string }{
		{"utf8", "é€😀", "é€😀"},
		{"utf8", "a" + lone + "b", "a\ufffdb"},
		{"utf16le", "a😀", "a\x00\x3d\xd8\x00\xde"},
		{"utf16le", lone, "\x3d\xd8"},
		{"latin1", "aé€", "a\xe9\xac"},
		{"ascii", "aé", "a\xe9"},
		{"hex", "6869", "hi"},
		{"hex", "68696", "hi"},
		{"hex", "68zz69", "h"},
		{"hex", "é", ""},
		{"base64", "aGk=", "hi"},
		{"base64", "a\nG k", "hi"},
		{"base64", "-_+/", "\xfb\xff\xbf"},
		{"base64url", "aGk=aGk", "hi"},
		{"base64", "a", ""},
	} {
		got, err := encodeText(c.encoding, c.text)
		if err != nil {
			t.Fatal(err)
		}
		if string(got) != c.want {
			t.Errorf("encodeText(%s, %q): got %q, want %q", c.encoding, c.text, got, c.want)
		}
	}
}

func TestDecodeTextRepairsWhatItMust(t *testing.T) {
	for _, c := range []struct{ encoding, bytes, want string }{
		{"utf8", "h\xc3\xa9", "hé"},
		{"utf8", "\xe2\x82A\xff", "\ufffdA\ufffd"},
		{"utf8", "\xf0\x9f\x98", "\ufffd"},
		{"utf16le", "\x3d\xd8\x00\xde", "😀"},
		{"utf16le", "\x3d\xd8a\x00", "\xed\xa0\xbda"},
		{"utf16le", "a\x00b", "a"},
		{"latin1", "\xe9\xff", "éÿ"},
		{"ascii", "\xe9A", "iA"},
		{"hex", "hi", "6869"},
		{"base64", "\xfb\xff", "+/8="},
		{"base64url", "\xfb\xff", "-_8"},
	} {
		got, err := decodeText(c.encoding, []byte(c.bytes))
		if err != nil {
			t.Fatal(err)
		}
		if got != c.want {
			t.Errorf("decodeText(%s, %q): got %q, want %q", c.encoding, c.bytes, got, c.want)
		}
	}
}

func TestUnknownEncodingIsAnError(t *testing.T) {
	_, encode := encodeText("rot13", "")
	_, decode := decodeText("rot13", nil)
	_, measure := encodedLength("rot13", "")
	for _, err := range []error{encode, decode, measure} {
		if err == nil || err.Error() != `no encoding "rot13"` {
			t.Errorf("got %v, want an error that names the encoding", err)
		}
	}
}

func FuzzTextRoundTrips(f *testing.F) {
	f.Add([]byte("hé\xff\x00\xed\xa0\xbd"))
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, encoding := range []string{"latin1", "hex", "base64", "base64url", "utf16le"} {
			want := b
			if encoding == "utf16le" {
				want = b[:len(b)&^1]
			}
			text, err := decodeText(encoding, b)
			if err != nil {
				t.Fatal(err)
			}
			got, err := encodeText(encoding, text)
			if err != nil || !bytes.Equal(got, want) {
				t.Errorf("%s of %x: got %x and %v, want the same bytes", encoding, b, got, err)
			}
		}
		if text, err := decodeText("utf8", b); err != nil || !utf8.ValidString(text) {
			t.Errorf("utf8 of %x: got %q and %v, want valid text", b, text, err)
		}
	})
}

func FuzzEncodeTextTakesAnything(f *testing.F) {
	f.Add("aGk=\xed\xa0\x80")
	f.Fuzz(func(t *testing.T, text string) {
		for _, encoding := range []string{"utf8", "latin1", "ascii", "hex", "base64", "utf16le"} {
			if _, err := encodeText(encoding, text); err != nil {
				t.Errorf("%s of %q: %v", encoding, text, err)
			}
		}
		n, err := encodedLength("utf16le", text)
		if b, _ := encodeText("utf16le", text); err != nil || n != len(b) {
			t.Errorf("length of %q: got %d and %v, want %d", text, n, err, len(b))
		}
	})
}

func TestIndexOfKeepsToTheStep(t *testing.T) {
	for _, c := range []struct {
		hay, needle string
		last        bool
		step, want  int
	}{
		{"abcabc", "bc", false, 1, 1},
		{"abcabc", "bc", true, 1, 4},
		{"xaab\x00", "b", false, 1, 3},
		{"1ab2ab", "ab", false, 2, 4},
		{"ab1ab2", "ab", true, 2, 0},
		{"1ab", "ab", false, 2, -1},
		{"1ab", "ab", true, 2, -1},
		{"abc", "x", false, 1, -1},
	} {
		if got := indexOf([]byte(c.hay), []byte(c.needle), c.last, c.step); got != c.want {
			t.Errorf("indexOf(%q, %q, last %v, step %d): got %d, want %d", c.hay, c.needle, c.last, c.step, got, c.want)
		}
	}
}
