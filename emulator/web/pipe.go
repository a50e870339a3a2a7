package web

import (
	"context"
	"io"
	"sync"

	"github.com/dodev/dodev/emulator/engine"
)

// pipeCredit is how many bytes a writer may be ahead of its reader.
const pipeCredit = 64 << 10

// Pipes numbers the bodies that are on their way through one process, so that
// any isolate can be told of one by its number. The zero value is ready, and
// it is safe for concurrent use.
type Pipes struct {
	mu   sync.Mutex
	last int
	open map[int]*Pipe
}

// New makes a pipe. It is forgotten when both its ends are done.
func (r *Pipes) New() *Pipe {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.last++
	p := &Pipe{registry: r, id: r.last, length: -1}
	if r.open == nil {
		r.open = map[int]*Pipe{}
	}
	r.open[p.id] = p
	return p
}

// Get finds a pipe by its number, nil when it is done or never was.
func (r *Pipes) Get(id int) *Pipe {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.open[id]
}

// Len is how many pipes are open.
func (r *Pipes) Len() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.open)
}

func (r *Pipes) forget(id int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.open, id)
}

// A Pipe carries a body from one writer to one reader. Each end is JavaScript,
// which is told by callbacks, or Go, which blocks. The writer gets ahead of the
// reader by a bounded number of bytes; an error of the writer reaches the
// reader after the bytes before it, and a reader that gives up tells the writer
// why. Every method is safe for concurrent use, and every way to end an end is
// harmless the second time.
type Pipe struct {
	registry *Pipes
	id       int

	mu       sync.Mutex
	chunks   [][]byte
	size     int           // bytes in chunks
	reserved int           // bytes announced and not yet here
	length   int           // of everything, as announced; -1 when it is not
	ended    bool          // the writer is done
	failure  *engine.Throw // what the writer failed with
	left     bool          // the reader is done
	reason   *engine.Throw // why the reader gave up, nil when it read to the end

	readable func()
	writable func()
	gaveUp   func(*engine.Throw)
	unhold   func() bool // ends the hold of a context on the reader
}

// ID is the number by which the registry knows the pipe.
func (p *Pipe) ID() int { return p.id }

// Announce tells how many bytes there will be in all.
func (p *Pipe) Announce(n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.length = n
}

// Reserve announces n bytes that Push will bring.
func (p *Pipe) Reserve(n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.reserved += n
}

// Push takes n bytes announced before; the pipe keeps data. After an end is
// done it does nothing.
func (p *Pipe) Push(data []byte) {
	p.mu.Lock()
	p.reserved = max(0, p.reserved-len(data))
	if p.ended || p.left || len(data) == 0 {
		p.mu.Unlock()
		return
	}
	p.chunks = append(p.chunks, data)
	p.size += len(data)
	wake := p.takeReadableLocked()
	p.mu.Unlock()
	wake()
}

// HasRoom reports whether the writer may write on at once. When the reader has
// gone it may not: it is to wait, and is then told.
func (p *Pipe) HasRoom() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return !p.left && p.hasRoomLocked()
}

func (p *Pipe) hasRoomLocked() bool {
	return p.left || p.size+p.reserved < pipeCredit
}

// WhenWritable calls fn, once, when the writer need not wait or the reader is
// gone; at once when that is so now. A later call replaces fn.
func (p *Pipe) WhenWritable(fn func()) {
	p.mu.Lock()
	if !p.hasRoomLocked() {
		p.writable = fn
		p.mu.Unlock()
		return
	}
	p.mu.Unlock()
	fn()
}

// WhenCancelled calls fn, once, when the reader gives up before the end.
func (p *Pipe) WhenCancelled(fn func(reason *engine.Throw)) {
	p.mu.Lock()
	if !p.left || p.reason == nil {
		p.gaveUp = fn
		p.mu.Unlock()
		return
	}
	reason := p.reason
	p.mu.Unlock()
	fn(reason)
}

// Close ends the body.
func (p *Pipe) Close() { p.end(nil) }

// Fail ends the body with an error, which the reader is given after the bytes
// that it has not read yet.
func (p *Pipe) Fail(reason *engine.Throw) { p.end(reason) }

// Break is Fail with the bytes that have not been read lost.
func (p *Pipe) Break(reason *engine.Throw) {
	p.mu.Lock()
	p.chunks, p.size = nil, 0
	p.mu.Unlock()
	p.end(reason)
}

func (p *Pipe) end(failure *engine.Throw) {
	p.mu.Lock()
	if p.ended {
		p.mu.Unlock()
		return
	}
	p.ended, p.failure, p.gaveUp, p.writable = true, failure, nil, nil
	wake, done := p.takeReadableLocked(), p.left
	p.mu.Unlock()
	if done {
		p.registry.forget(p.id)
	}
	wake()
}

// WhenReadable calls fn, once, when Take has something to tell; at once when
// that is so now. A later call replaces fn.
func (p *Pipe) WhenReadable(fn func()) {
	p.mu.Lock()
	if !p.isReadableLocked() {
		p.readable = fn
		p.mu.Unlock()
		return
	}
	p.mu.Unlock()
	fn()
}

func (p *Pipe) isReadableLocked() bool { return len(p.chunks) > 0 || p.ended || p.left }

// Take gives the bytes that are here, which the caller then owns. It gives
// io.EOF at the end, the writer's error, or nothing at all when it would have
// to wait.
func (p *Pipe) Take() ([]byte, error) {
	p.mu.Lock()
	if len(p.chunks) == 0 {
		defer p.mu.Unlock()
		return nil, p.endLocked()
	}
	data := joined(p.chunks, p.size)
	p.chunks, p.size = nil, 0
	wake := p.takeWritableLocked()
	p.mu.Unlock()
	wake()
	return data, nil
}

// endLocked tells of the end, after which the reader is done.
func (p *Pipe) endLocked() error {
	switch {
	case p.left && p.reason != nil:
		return p.reason
	case !p.ended && !p.left:
		return nil
	}
	if !p.left {
		p.left = true
		p.unholdLocked()
		p.registry.forget(p.id)
	}
	if p.failure != nil {
		return p.failure
	}
	return io.EOF
}

// Hold gives up reading when ctx is done, in place of a context that held the
// reader before. A nil ctx leaves the reader to itself.
func (p *Pipe) Hold(ctx context.Context) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.unholdLocked()
	if ctx != nil && !p.left {
		p.unhold = context.AfterFunc(ctx, func() { p.Cancel(lostWith(ctx)) })
	}
}

func (p *Pipe) unholdLocked() {
	if p.unhold != nil {
		p.unhold()
		p.unhold = nil
	}
}

// Cancel gives up reading. The writer is told the reason, which must not be nil.
func (p *Pipe) Cancel(reason *engine.Throw) {
	p.mu.Lock()
	if p.left {
		p.mu.Unlock()
		return
	}
	p.left, p.reason = true, reason
	p.unholdLocked()
	p.chunks, p.size = nil, 0
	readable, writable := p.takeReadableLocked(), p.takeWritableLocked()
	gaveUp, ended := p.gaveUp, p.ended
	p.gaveUp = nil
	p.mu.Unlock()
	if ended {
		p.registry.forget(p.id)
	}
	readable()
	writable()
	if gaveUp != nil {
		gaveUp(reason)
	}
}

// Next waits for bytes and gives them, io.EOF at the end, or the error of the
// writer or of ctx.
func (p *Pipe) Next(ctx context.Context) ([]byte, error) {
	for {
		if data, err := p.Take(); data != nil || err != nil {
			return data, err
		}
		if err := await(ctx, p.WhenReadable); err != nil {
			return nil, err
		}
	}
}

// WriteContext waits for room and writes a copy of data. It gives the reader's
// reason when that has given up.
func (p *Pipe) WriteContext(ctx context.Context, data []byte) error {
	if err := await(ctx, p.WhenWritable); err != nil {
		return err
	}
	p.mu.Lock()
	reason := p.reason
	p.mu.Unlock()
	if reason != nil {
		return reason
	}
	p.Push(append([]byte(nil), data...))
	return nil
}

// Reader reads the pipe as Go's own body; closing it cancels the pipe.
func (p *Pipe) Reader(ctx context.Context) io.ReadCloser { return &pipeReader{pipe: p, ctx: ctx} }

type pipeReader struct {
	pipe *Pipe
	ctx  context.Context
	rest []byte
}

func (r *pipeReader) Read(into []byte) (int, error) {
	if len(r.rest) == 0 {
		data, err := r.pipe.Next(r.ctx)
		if err != nil {
			return 0, err
		}
		r.rest = data
	}
	n := copy(into, r.rest)
	r.rest = r.rest[n:]
	return n, nil
}

// Announced is how many bytes there will be in all, if that was told.
func (r *pipeReader) Announced() (n int, ok bool) {
	r.pipe.mu.Lock()
	defer r.pipe.mu.Unlock()
	return r.pipe.length, r.pipe.length >= 0
}

func (r *pipeReader) Close() error {
	r.pipe.Cancel(connectionLost())
	return nil
}

func await(ctx context.Context, when func(func())) error {
	ready := make(chan struct{})
	var once sync.Once
	when(func() { once.Do(func() { close(ready) }) })
	select {
	case <-ready:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (p *Pipe) takeReadableLocked() func() {
	fn := p.readable
	p.readable = nil
	return orNothing(fn)
}

func (p *Pipe) takeWritableLocked() func() {
	if !p.hasRoomLocked() {
		return func() {}
	}
	fn := p.writable
	p.writable = nil
	return orNothing(fn)
}

func orNothing(fn func()) func() {
	if fn == nil {
		return func() {}
	}
	return fn
}

func joined(chunks [][]byte, size int) []byte {
	if len(chunks) == 1 {
		return chunks[0]
	}
	all := make([]byte, 0, size)
	for _, c := range chunks {
		all = append(all, c...)
	}
	return all
}
