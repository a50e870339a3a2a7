package web

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/klauspost/compress/flate"
)

// A Deflate is what the ends of a connection have agreed on for compressing
// messages, RFC 7692 section 7. The zero value agrees on nothing but that.
type Deflate struct {
	// Server and Client say how each of them compresses.
	Server, Client Compression
}

// A Compression is how one end compresses.
type Compression struct {
	// Forgetful is an end that starts each message anew.
	Forgetful bool
	// Bits is the size of the window, as the power of two; 0 was not said and
	// stands for 15.
	Bits int
}

// small reports whether the window is smaller than the largest.
func (c Compression) small() bool { return c.Bits != 0 && c.Bits < maxBits }

const deflateName = "permessage-deflate"

// maxBits is the largest window there is.
const maxBits = 15

// AgreeDeflate answers what a client offers in its Sec-WebSocket-Extensions. The
// Worker may have chosen what to agree on at most, in the header of its
// response. Nil says that messages cross as they are.
func AgreeDeflate(offered, chosen string) *Deflate {
	offers := parseDeflates(offered)
	if len(offers) == 0 {
		return nil
	}
	if chosen == "" {
		return &offers[0]
	}
	choices := parseDeflates(chosen)
	if len(choices) == 0 {
		return nil
	}
	for _, offer := range offers {
		if agreed, ok := offer.within(choices[0]); ok {
			return &agreed
		}
	}
	return nil
}

// within is what a client's offer and a Worker's choice come to. What a client
// asks of the server must be in the choice; of itself it may be asked to forget,
// and to use a smaller window only where it offers that.
func (d Deflate) within(choice Deflate) (Deflate, bool) {
	asked := d.Server
	if asked.Forgetful && !choice.Server.Forgetful || asked.Bits != 0 && choice.Server.Bits == 0 {
		return Deflate{}, false
	}
	agreed := choice
	if asked.Bits != 0 {
		agreed.Server.Bits = min(asked.Bits, choice.Server.Bits)
	}
	agreed.Client.Bits = min(d.Client.Bits, choice.Client.Bits)
	return agreed, true
}

var errExtensions = errors.New("the server agreed on extensions that were not offered")

// agreedDeflate reads what a server agrees on with a client that offered it to
// compress, and nothing more.
func agreedDeflate(answer string, offered bool) (*Deflate, error) {
	if strings.TrimSpace(answer) == "" {
		return nil, nil
	}
	agreed := parseDeflates(answer)
	if !offered || len(agreed) != 1 || strings.Contains(answer, ",") {
		return nil, errExtensions
	}
	return &agreed[0], nil
}

// parseDeflates reads the valid ones of what a header lists.
func parseDeflates(header string) (all []Deflate) {
	for item := range strings.SplitSeq(header, ",") {
		name, parameters, _ := strings.Cut(item, ";")
		if strings.TrimSpace(name) != deflateName {
			continue
		}
		if d, ok := parseDeflate(parameters); ok {
			all = append(all, d)
		}
	}
	return all
}

func parseDeflate(parameters string) (d Deflate, ok bool) {
	var seen []string
	for parameter := range strings.SplitSeq(parameters, ";") {
		name, value, valued := strings.Cut(strings.TrimSpace(parameter), "=")
		if name == "" && parameters == "" {
			return d, true
		}
		if slices.Contains(seen, name) || !d.set(name, value, valued) {
			return d, false
		}
		seen = append(seen, name)
	}
	return d, true
}

// set takes one parameter, if it is one that there is.
func (d *Deflate) set(name, value string, valued bool) bool {
	switch name {
	case "client_no_context_takeover":
		d.Client.Forgetful = true
		return !valued
	case "server_no_context_takeover":
		d.Server.Forgetful = true
		return !valued
	case "client_max_window_bits":
		if !valued {
			d.Client.Bits = maxBits
			return true
		}
		return d.Client.setBits(value)
	case "server_max_window_bits":
		return valued && d.Server.setBits(value)
	}
	return false
}

func (c *Compression) setBits(value string) bool {
	bits, err := strconv.ParseUint(value, 10, 8)
	c.Bits = int(bits)
	return err == nil && bits >= 8 && bits <= maxBits
}

// String is d as a header has it.
func (d *Deflate) String() string {
	out := deflateName
	for _, p := range []struct {
		name string
		c    Compression
	}{{"client", d.Client}, {"server", d.Server}} {
		if p.c.Forgetful {
			out += fmt.Sprintf("; %s_no_context_takeover", p.name)
		}
	}
	for _, p := range []struct {
		name string
		c    Compression
	}{{"client", d.Client}, {"server", d.Server}} {
		if p.c.Bits != 0 {
			out += fmt.Sprintf("; %s_max_window_bits=%d", p.name, p.c.Bits)
		}
	}
	return out
}

// Codecs are what compressing and restoring messages borrows, so that a
// connection at rest costs little. The zero value is ready, and it is safe for
// concurrent use.
type Codecs struct {
	writers [maxBits]sync.Pool // of *flate.Writer, for each window below the largest
	readers sync.Pool          // of io.ReadCloser, made by package flate
}

// syncTail ends what is flushed. It is not sent with a message.
const syncTail = "\x00\x00\xff\xff"

// A deflater compresses the messages of one direction. What it keeps between
// them is the end of what it has sent.
type deflater struct {
	*Codecs
	how  Compression
	sent []byte // the last bytes, at most maxKept
}

// maxKept is how much of what was sent later messages refer to.
const maxKept = 4 << 10

// compress gives a message as it is sent, or nil when it is better sent as it
// is.
func (d *deflater) compress(message []byte) []byte {
	var out bytes.Buffer
	if d.how.small() {
		if d.within(&out, message) != nil {
			return nil
		}
	} else if flate.StatelessDeflate(&out, message, false, d.sent) != nil {
		return nil
	}
	compressed := bytes.TrimSuffix(out.Bytes(), []byte(syncTail))
	switch {
	case !d.how.Forgetful && !d.how.small():
		d.sent = keepEnd(d.sent, message, maxKept) // whatever it gained: later ones will
	case len(compressed) >= len(message):
		return nil
	}
	return compressed
}

// within compresses for a small window, referring to nothing before the message.
func (d *deflater) within(out *bytes.Buffer, message []byte) error {
	pool := &d.writers[d.how.Bits]
	w, _ := pool.Get().(*flate.Writer)
	if w == nil {
		var err error
		if w, err = flate.NewWriterWindow(out, 1<<d.how.Bits); err != nil {
			return err
		}
	}
	w.Reset(out)
	defer pool.Put(w)
	if _, err := w.Write(message); err != nil {
		return err
	}
	return w.Flush()
}

// keepEnd gives the last bytes of what was before and what came, at most max.
func keepEnd(before, came []byte, max int) []byte {
	if len(came) >= max {
		return append(before[:0], came[len(came)-max:]...)
	}
	if surplus := len(before) + len(came) - max; surplus > 0 {
		before = append(before[:0], before[surplus:]...)
	}
	return append(before, came...)
}

// An inflater restores the messages of one direction. The end of what it
// received is kept, since the peer may refer to it.
type inflater struct {
	*Codecs
	how      Compression
	received []byte // the last bytes, at most 1<<maxBits
}

// wholeStream makes what a message leaves open a stream that ends.
const wholeStream = syncTail + "\x01\x00\x00\xff\xff"

// restore gives a message as it was before it was compressed.
func (d *inflater) restore(payload []byte, max int) ([]byte, error) {
	if len(payload) == 0 {
		return nil, nil
	}
	in := io.MultiReader(bytes.NewReader(payload), strings.NewReader(wholeStream))
	r, _ := d.readers.Get().(io.ReadCloser)
	if r == nil {
		r = flate.NewReaderDict(in, d.received)
	} else if err := r.(flate.Resetter).Reset(in, d.received); err != nil {
		return nil, err
	}
	defer d.readers.Put(r)
	message, err := io.ReadAll(io.LimitReader(r, int64(max)+1))
	switch {
	case len(message) > max:
		return nil, &frameError{1009, "Message is too large"}
	case err != nil:
		return nil, protocolError("Invalid compressed data")
	}
	if !d.how.Forgetful {
		d.received = keepEnd(d.received, message, 1<<maxBits)
	}
	return message, nil
}
