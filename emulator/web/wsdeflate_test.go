package web

import (
	"bufio"
	"bytes"
	"compress/flate"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/gobwas/ws"
)

// TestOffersToCompressAreAnsweredAsByTheRealRuntime has the answers of workerd.
func TestOffersToCompressAreAnsweredAsByTheRealRuntime(t *testing.T) {
	for _, c := range []struct{ offered, chosen, want string }{
		{"", "", ""},
		{"permessage-deflate", "", "permessage-deflate"},
		{"permessage-deflate; client_max_window_bits", "", "permessage-deflate; client_max_window_bits=15"},
		{"permessage-deflate; server_no_context_takeover; client_no_context_takeover", "", "permessage-deflate; client_no_context_takeover; server_no_context_takeover"},
		{"permessage-deflate; client_no_context_takeover", "", "permessage-deflate; client_no_context_takeover"},
		{"permessage-deflate; server_no_context_takeover", "", "permessage-deflate; server_no_context_takeover"},
		{"permessage-deflate; server_max_window_bits=10", "", "permessage-deflate; server_max_window_bits=10"},
		{"permessage-deflate; client_max_window_bits=9", "", "permessage-deflate; client_max_window_bits=9"},
		{"permessage-deflate; server_max_window_bits=8", "", "permessage-deflate; server_max_window_bits=8"},
		{"permessage-deflate; server_max_window_bits=16", "", ""},
		{"permessage-deflate; server_max_window_bits", "", ""},
		{"permessage-deflate; unknown", "", ""},
		{"permessage-deflate; client_max_window_bits; client_max_window_bits", "", ""},
		{"foo", "", ""},
		{"foo, permessage-deflate", "", "permessage-deflate"},
		{"permessage-deflate; unknown, permessage-deflate", "", "permessage-deflate"},
		{"permessage-deflate; server_max_window_bits=10, permessage-deflate", "", "permessage-deflate; server_max_window_bits=10"},
		{`permessage-deflate; client_max_window_bits="10"`, "", ""},
		{"PerMessage-Deflate", "", ""},
		{"permessage-deflate;client_max_window_bits=15;server_max_window_bits=15", "", "permessage-deflate; client_max_window_bits=15; server_max_window_bits=15"},
		{"permessage-deflate; server_max_window_bits=010", "", "permessage-deflate; server_max_window_bits=10"},
		// Chosen by a header of the Worker's response.
		{"", "permessage-deflate", ""},
		{"permessage-deflate; client_max_window_bits", "permessage-deflate", "permessage-deflate"},
		{"permessage-deflate; client_max_window_bits", "permessage-deflate; server_no_context_takeover", "permessage-deflate; server_no_context_takeover"},
		{"permessage-deflate; client_max_window_bits", "foo", ""},
		{"permessage-deflate; client_max_window_bits", "foo, permessage-deflate; server_no_context_takeover", "permessage-deflate; server_no_context_takeover"},
		{"permessage-deflate; server_max_window_bits=10", "permessage-deflate", ""},
		{"permessage-deflate; server_max_window_bits=10, permessage-deflate", "permessage-deflate", "permessage-deflate"},
		{"permessage-deflate; server_no_context_takeover; client_no_context_takeover", "permessage-deflate; client_no_context_takeover", ""},
		{"permessage-deflate; server_no_context_takeover; client_no_context_takeover", "permessage-deflate; server_no_context_takeover", "permessage-deflate; server_no_context_takeover"},
		{"permessage-deflate", "permessage-deflate; client_no_context_takeover", "permessage-deflate; client_no_context_takeover"},
		{"permessage-deflate; server_max_window_bits=10", "permessage-deflate; server_max_window_bits=12", "permessage-deflate; server_max_window_bits=10"},
		{"permessage-deflate; server_max_window_bits=14; client_max_window_bits=9", "permessage-deflate; server_max_window_bits=12", "permessage-deflate; server_max_window_bits=12"},
		{"permessage-deflate", "permessage-deflate; client_max_window_bits=12", "permessage-deflate"},
		{"permessage-deflate; client_max_window_bits", "permessage-deflate; client_max_window_bits=12", "permessage-deflate; client_max_window_bits=12"},
		{"permessage-deflate; client_max_window_bits", "permessage-deflate; client_max_window_bits", "permessage-deflate; client_max_window_bits=15"},
		{"permessage-deflate", "permessage-deflate; server_max_window_bits=99", ""},
	} {
		got := ""
		if d := AgreeDeflate(c.offered, c.chosen); d != nil {
			got = d.String()
		}
		if got != c.want {
			t.Errorf("%q, of which %q was chosen: got %q, want %q", c.offered, c.chosen, got, c.want)
		}
	}
}

func TestAClientRefusesExtensionsItHasNotOffered(t *testing.T) {
	for _, c := range []struct {
		answer  string
		offered bool
		want    string
	}{
		{"", false, "none"},
		{"", true, "none"},
		{"permessage-deflate", true, "permessage-deflate"},
		{"permessage-deflate; client_no_context_takeover; server_max_window_bits=10", true, "permessage-deflate; client_no_context_takeover; server_max_window_bits=10"},
		{"permessage-deflate", false, errExtensions.Error()},
		{"foo", true, errExtensions.Error()},
		{"permessage-deflate, foo", true, errExtensions.Error()},
		{"permessage-deflate; unknown", true, errExtensions.Error()},
	} {
		got := "none"
		d, err := agreedDeflate(c.answer, c.offered)
		if err != nil {
			got = err.Error()
		} else if d != nil {
			got = d.String()
		}
		if got != c.want {
			t.Errorf("%q: got %q, want %q", c.answer, got, c.want)
		}
	}
}

// ways are how an end may compress.
var ways = []Compression{{}, {Forgetful: true}, {Bits: 15}, {Bits: 8}, {Bits: 10, Forgetful: true}, {Bits: 14}}

// sentences are messages that repeat themselves and one another.
func sentences(n int) (all []string) {
	r := rand.New(rand.NewPCG(1, 2))
	words := strings.Fields("a room of objects that keep what each of them was told, and tell it again when asked")
	for range n {
		var b strings.Builder
		for range r.IntN(400) {
			b.WriteString(words[r.IntN(len(words))] + " ")
		}
		all = append(all, b.String())
	}
	return append(all, "", "x", strings.Repeat("long ", 50_000))
}

// TestCompressedMessagesAreRestored reads what is sent with the standard
// library's decoder, which remembers as much as the way says, and with our own.
func TestCompressedMessagesAreRestored(t *testing.T) {
	for _, how := range ways {
		t.Run(fmt.Sprintf("%+v", how), func(t *testing.T) {
			var codecs Codecs
			out, in := &deflater{Codecs: &codecs, how: how}, &inflater{Codecs: &codecs, how: how}
			var seen []byte
			for _, message := range sentences(50) {
				compressed := out.compress([]byte(message))
				if compressed == nil {
					continue // sent as it is, and not seen by either decoder
				}
				if got, err := in.restore(compressed, MaxMessage); err != nil || string(got) != message {
					t.Fatalf("got %d bytes and %v, want %d", len(got), err, len(message))
				}
				stream := io.MultiReader(bytes.NewReader(compressed), strings.NewReader(wholeStream))
				got, err := io.ReadAll(flate.NewReaderDict(stream, seen))
				if err != nil || string(got) != message {
					t.Fatalf("another decoder got %d bytes and %v, want %d", len(got), err, len(message))
				}
				if !how.Forgetful {
					seen = append(seen, message...)
				}
			}
			if len(out.sent) > maxKept || len(in.received) > 1<<maxBits {
				t.Errorf("%d and %d bytes are kept", len(out.sent), len(in.received))
			}
		})
	}
}

func TestLaterMessagesReferToEarlierOnes(t *testing.T) {
	noise := make([]byte, 4000)
	r := rand.New(rand.NewPCG(3, 4))
	for i := range noise {
		noise[i] = byte(r.Uint32())
	}
	out := &deflater{Codecs: &Codecs{}}
	text := []byte(strings.Join(sentences(4)[:4], "")[:4000])
	first := len(out.compress(text))
	if again := len(out.compress(text)); again == 0 || again > first*2/3 {
		t.Errorf("a message takes %d bytes, and when it is sent again %d", first, again)
	}
	out = &deflater{Codecs: &Codecs{}, how: Compression{Bits: 10}}
	repeated := append(append([]byte(nil), noise[:2000]...), noise[:2000]...)
	if n := len(out.compress(repeated)); n != 0 && n < 3900 {
		t.Errorf("with a window of 1 KiB, noise that repeats after 2,000 bytes takes %d bytes", n)
	}
}

func TestWhatIsNotCompressedIsRefused(t *testing.T) {
	deflated := func(text string) string {
		var b bytes.Buffer
		w, err := flate.NewWriter(&b, flate.DefaultCompression)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, text); err != nil {
			t.Fatal(err)
		}
		if err := w.Flush(); err != nil {
			t.Fatal(err)
		}
		return strings.TrimSuffix(b.String(), syncTail)
	}
	frame := func(first byte, payload string) string {
		var b bytes.Buffer
		if err := ws.WriteHeader(&b, ws.Header{Fin: first&0x80 != 0, Rsv: first >> 4 & 7, OpCode: ws.OpCode(first & 15), Length: int64(len(payload))}); err != nil {
			t.Fatal(err)
		}
		return b.String() + payload
	}
	const wrong = "WebSocket protocol error; protocolError.statusCode = "
	hello := deflated("hello fragmented")
	for _, c := range []struct{ name, data, want string }{
		{"compressed", frame(0xc1, hello), "hello fragmented"},
		{"as it is", frame(0x81, "plain"), "plain"},
		{"in fragments", frame(0x41, hello[:5]) + frame(0x80, hello[5:]), "hello fragmented"},
		{"in fragments that all say so", frame(0x41, hello[:5]) + frame(0xc0, hello[5:]), "hello fragmented"},
		{"nothing", frame(0xc1, ""), ""},
		{"one byte for nothing", frame(0xc1, "\x00"), ""},
		{"garbage", frame(0xc1, "\xff\xff\xff\xff"), wrong + "1002; protocolError.description = Invalid compressed data"},
		{"larger than a message may be", frame(0xc1, deflated(strings.Repeat("a", 1001))), wrong + "1009; protocolError.description = Message is too large"},
		{"as large as a message may be", frame(0xc1, deflated(strings.Repeat("a", 1000))), strings.Repeat("a", 1000)},
	} {
		r := &frameReader{
			r: bufio.NewReader(strings.NewReader(c.data)), max: func() int { return 1000 },
			inflate: &inflater{Codecs: &Codecs{}},
		}
		_, message, err := r.next()
		got := string(message)
		if err != nil {
			got = err.Error()
		}
		if got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

func FuzzInflate(f *testing.F) {
	f.Add([]byte("\x00"), []byte("before"))
	f.Add([]byte("\xcaH\xcd\xc9\xc9\x07\x00"), []byte(""))
	f.Fuzz(func(t *testing.T, payload, before []byte) {
		in := &inflater{Codecs: &Codecs{}, received: keepEnd(nil, before, 1<<maxBits)}
		for range 2 {
			if got, err := in.restore(payload, 1<<16); err == nil && len(got) > 1<<16 {
				t.Errorf("got %d bytes", len(got))
			}
		}
	})
}
