package web

import (
	"bufio"
	"context"
	"errors"
	"io"
	"sync"
	"time"

	"github.com/gobwas/ws"
)

// ConnOptions bound a socket that goes over the network. The zero value is what
// the platform allows.
type ConnOptions struct {
	// Client says that this side asked for the connection.
	Client bool
	// MaxMessage is the size of the largest message that is taken; zero is what
	// the other end of the wire takes.
	MaxMessage int
	// MaxQueue is how many bytes may wait for a peer that reads slowly, which
	// is dropped when there are more; zero is 64 MiB.
	MaxQueue int
	// Deflate is how messages are compressed; nil is not at all.
	Deflate *Deflate
	// Codecs are what compressing borrows; nil stands for the connection's own.
	Codecs *Codecs
	// CloseTimeout is how long the peer may take to answer a close frame, or to
	// leave after an error; zero is ten seconds.
	CloseTimeout time.Duration
}

func (o ConnOptions) withDefaults() ConnOptions {
	if o.MaxQueue == 0 {
		o.MaxQueue = 64 << 20
	}
	if o.Codecs == nil {
		o.Codecs = &Codecs{}
	}
	if o.CloseTimeout == 0 {
		o.CloseTimeout = 10 * time.Second
	}
	return o
}

// Couple carries messages between a network connection and an end, which it
// both owns, until both directions have closed, the connection is lost or ctx is
// done. A close frame of the network is answered by what the other end of the
// wire says, and not by itself. Buffered holds what was read from conn already.
func Couple(ctx context.Context, conn io.ReadWriteCloser, buffered *bufio.Reader, end *End, opts ConnOptions) {
	opts = opts.withDefaults()
	c := &coupling{conn: conn, end: end, opts: opts, wake: make(chan struct{}, 1), done: make(chan struct{})}
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	defer stop()
	var writing sync.WaitGroup
	writing.Go(c.write)
	end.Receive(c)
	c.read(&frameReader{r: buffered, max: opts.maxMessage(end), inflate: opts.inflater()})
	conn.Close()
	close(c.done)
	writing.Wait()
	end.Abort()
}

// maxMessage gives the size of the largest message that is taken.
func (o ConnOptions) maxMessage(end *End) func() int {
	if o.MaxMessage == 0 {
		return end.maxTaken
	}
	return func() int { return o.MaxMessage }
}

// deflater compresses what this side sends, nil when it does not.
func (o ConnOptions) deflater() *deflater {
	switch {
	case o.Deflate == nil:
		return nil
	case o.Client:
		return &deflater{Codecs: o.Codecs, how: o.Deflate.Client}
	}
	return &deflater{Codecs: o.Codecs, how: o.Deflate.Server}
}

// inflater restores what the other side has compressed, nil when it does not.
func (o ConnOptions) inflater() *inflater {
	switch {
	case o.Deflate == nil:
		return nil
	case o.Client:
		return &inflater{Codecs: o.Codecs, how: o.Deflate.Server}
	}
	return &inflater{Codecs: o.Codecs, how: o.Deflate.Client}
}

// A coupling is a connection joined with an end. One goroutine reads, another
// writes; the wire's events only fill the queue.
type coupling struct {
	conn io.ReadWriteCloser
	end  *End
	opts ConnOptions

	mu       sync.Mutex
	queue    []frame
	queued   int  // bytes in queue
	last     bool // a close frame or the end of the connection was queued
	received bool // the peer has sent a close frame
	sent     bool // the peer was sent one
	wake     chan struct{}
	done     chan struct{} // the reader has ended
}

// A frame waits to be written. One without an opcode ends the connection.
type frame struct {
	op      ws.OpCode
	payload []byte
	drop    bool
}

// Message, Closed and Failed are what comes from the wire.

func (c *coupling) Message(text bool, data []byte) {
	op := ws.OpBinary
	if text {
		op = ws.OpText
	}
	c.push(frame{op: op, payload: data})
}

func (c *coupling) Closed(code int, reason string, clean bool) {
	if !clean {
		c.push(frame{drop: true})
		return
	}
	c.push(frame{op: ws.OpClose, payload: closePayload(code, reason)})
}

func (c *coupling) Failed(error) { c.push(frame{drop: true}) }

// push queues a frame. After the last one nothing is.
func (c *coupling) push(f frame) {
	c.mu.Lock()
	if c.last {
		c.mu.Unlock()
		return
	}
	c.last = f.drop || f.op == ws.OpClose
	c.queue = append(c.queue, f)
	c.queued += len(f.payload)
	full := c.queued > c.opts.MaxQueue
	c.mu.Unlock()
	if full {
		c.conn.Close()
		return
	}
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// take empties the queue.
func (c *coupling) take() []frame {
	c.mu.Lock()
	defer c.mu.Unlock()
	frames := c.queue
	c.queue, c.queued = nil, 0
	return frames
}

// write writes what is queued until the last frame or the end of reading.
func (c *coupling) write() {
	w := &frameWriter{Writer: bufio.NewWriterSize(c.conn, 4<<10), client: c.opts.Client, deflate: c.opts.deflater()}
	for {
		select {
		case <-c.wake:
		case <-c.done:
			return
		}
		for _, f := range c.take() {
			if f.drop {
				_ = w.Flush()
				c.conn.Close()
				return
			}
			if err := w.write(f.op, f.payload); err != nil {
				c.conn.Close()
				return
			}
			if f.op == ws.OpClose {
				c.closeSent(w)
				return
			}
		}
		if err := w.Flush(); err != nil {
			c.conn.Close()
			return
		}
	}
}

// closeSent ends the connection when the peer has closed too, or gives it time
// to do so.
func (c *coupling) closeSent(w *frameWriter) {
	if w.Flush() != nil {
		c.conn.Close()
		return
	}
	c.mu.Lock()
	c.sent = true
	received := c.received
	c.mu.Unlock()
	if received {
		c.conn.Close()
		return
	}
	timeout := time.NewTimer(c.opts.CloseTimeout)
	defer timeout.Stop()
	select {
	case <-timeout.C:
		c.conn.Close()
	case <-c.done:
	}
}

// read passes on what the connection brings, until it ends.
func (c *coupling) read(frames *frameReader) {
	for {
		op, payload, err := frames.next()
		var wrong *frameError
		switch {
		case errors.As(err, &wrong):
			c.push(frame{op: ws.OpClose, payload: closePayload(wrong.code, wrong.description[:min(len(wrong.description), maxReason)])})
			c.end.Fail(wrong)
			// Closing with unread bytes would make the peer lose the close frame.
			_, _ = io.Copy(io.Discard, frames.r)
			return
		case err != nil:
			c.end.Abort()
			return
		}
		switch op {
		case ws.OpPing:
			c.push(frame{op: ws.OpPong, payload: payload})
		case ws.OpPong:
		case ws.OpClose:
			c.closeReceived(payload)
			_, _ = io.Copy(io.Discard, frames.r)
			return
		default:
			c.end.Send(op == ws.OpText, payload)
		}
	}
}

// closeReceived passes on a close frame, and ends the connection when the peer
// was sent one before. Else that is up to closeSent.
func (c *coupling) closeReceived(payload []byte) {
	c.mu.Lock()
	c.received = true
	sent := c.sent
	c.mu.Unlock()
	c.end.Close(parseClose(payload))
	if sent {
		c.conn.Close()
	}
}
