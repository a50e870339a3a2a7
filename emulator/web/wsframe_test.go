package web

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/gobwas/ws"
)

// readFrames reads all of data and tells what it held.
func readFrames(data []byte, max int) string {
	f := &frameReader{r: bufio.NewReader(bytes.NewReader(data)), max: func() int { return max }}
	var out []string
	for {
		op, payload, err := f.next()
		if err != nil {
			return strings.Join(append(out, err.Error()), "; ")
		}
		out = append(out, fmt.Sprintf("%d:%s", op, payload))
	}
}

func TestFramesBecomeMessages(t *testing.T) {
	const wrong = "WebSocket protocol error; protocolError.statusCode = "
	for _, c := range []struct{ name, frames, want string }{
		{"text", "\x81\x02hi", "1:hi; EOF"},
		{"masked", "\x81\x82\x01\x02\x03\x04ik", "1:hi; EOF"},
		{"empty", "\x82\x00", "2:; EOF"},
		{"16 bits of length", "\x81\x7e\x00\x02hi", "1:hi; EOF"},
		{"fragments, with a ping between", "\x01\x01a\x89\x01p\x00\x01b\x80\x01c", "9:p; 1:abc; EOF"},
		{"an empty first fragment", "\x01\x00\x80\x01c", "1:c; EOF"},
		{"cut off", "\x81\x05hi", "unexpected EOF"},
		{"an unknown opcode", "\x83\x00", wrong + "1002; protocolError.description = Unknown opcode 3"},
		{"a reserved bit", "\xc1\x00", wrong + "1002; protocolError.description = Received a WebSocket frame whose compression bit was set, but the compression extension was not negotiated for this connection."},
		{"another reserved bit", "\xa1\x00", wrong + "1002; protocolError.description = Received frame had RSV bits 2 or 3 set"},
		{"a continuation of nothing", "\x80\x00", wrong + "1002; protocolError.description = Unexpected continuation frame"},
		{"two beginnings", "\x01\x00\x81\x00", wrong + "1002; protocolError.description = Missing continuation frame"},
		{"a fragmented ping", "\x09\x00", wrong + "1002; protocolError.description = Control frame is fragmented or too large"},
		{"a large ping", "\x89\x7e\x00\x7e", wrong + "1002; protocolError.description = Control frame is fragmented or too large"},
		{"too much at once", "\x81\x09123456789", wrong + "1009; protocolError.description = Message is too large: 9 > 8"},
		{"too much in fragments", "\x01\x0512345\x80\x0412345", wrong + "1009; protocolError.description = Message is too large: 9 > 8"},
		{"a length beyond all bounds", "\x81\x7f\x80\x00\x00\x00\x00\x00\x00\x00", wrong + "1002; protocolError.description = Invalid length"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := readFrames([]byte(c.frames), 8); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

func TestClosePayloads(t *testing.T) {
	for _, c := range []struct {
		payload string
		code    int
		reason  string
	}{
		{"", 1005, ""}, {"\x03", 1005, ""}, {"\x03\xe8", 1000, ""}, {"\x0f\xa1bye", 4001, "bye"}, {"\x0f\xa1\xff", 4001, "\ufffd"},
	} {
		if code, reason := parseClose([]byte(c.payload)); code != c.code || reason != c.reason {
			t.Errorf("%q: got %d %q, want %d %q", c.payload, code, reason, c.code, c.reason)
		}
	}
	if got := closePayload(1005, ""); len(got) != 0 {
		t.Errorf("no status: got %q, want nothing", got)
	}
}

func FuzzFrames(f *testing.F) {
	for _, s := range []string{"\x81\x02hi", "\x01\x01a\x89\x01p\x80\x01b", "\x88\x02\x03\xe8", "\x81\x82\x01\x02\x03\x04ik", "\x83\x00"} {
		f.Add([]byte(s))
	}
	const limit = 1 << 10
	f.Fuzz(func(t *testing.T, data []byte) {
		r := &frameReader{r: bufio.NewReader(bytes.NewReader(data)), max: func() int { return limit }}
		for {
			op, payload, err := r.next()
			var wrong *frameError
			if err != nil {
				if !errors.As(err, &wrong) && err != io.EOF && err != io.ErrUnexpectedEOF {
					t.Fatalf("unforeseen error %v", err)
				}
				return
			}
			if len(payload) > limit || op.IsReserved() || op == ws.OpContinuation {
				t.Fatalf("got %d bytes of opcode %d", len(payload), op)
			}
			for _, client := range []bool{false, true} {
				var b bytes.Buffer
				w := bufio.NewWriter(&b)
				if err := (&frameWriter{Writer: w, client: client}).write(op, payload); err != nil {
					t.Fatal(err)
				}
				w.Flush()
				if got, want := readFrames(b.Bytes(), limit), fmt.Sprintf("%d:%s; EOF", op, payload); got != want {
					t.Fatalf("written and read: got %q, want %q", got, want)
				}
			}
		}
	})
}
