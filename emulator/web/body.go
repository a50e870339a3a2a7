package web

import (
	"context"
	"errors"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/dodev/dodev/emulator/engine"
	"github.com/dodev/dodev/emulator/loop"
)

// connectionLost is the platform's error for a peer that is gone.
func connectionLost() *engine.Throw {
	return &engine.Throw{Class: "Error", Message: "Network connection lost.", Props: `{"remote":true,"retryable":true}`}
}

// lostWith is the error for what depended on a context that is done: its cause,
// where that is an error of the platform.
func lostWith(ctx context.Context) *engine.Throw {
	var throw *engine.Throw
	if errors.As(context.Cause(ctx), &throw) {
		return throw
	}
	return connectionLost()
}

// bodies is an isolate's share in the pipes of the process.
type bodies struct {
	*host
	writers map[int]*writer // pipes whose writer is a script of this isolate
}

// A writer keeps whoever writes a pipe alive until the pipe has ended.
type writer struct {
	op   *loop.Op
	stop func() bool
}

// registerBodies adds the functions of host/body.ts.
func (h *host) registerBodies() {
	b := &bodies{host: h, writers: map[int]*writer{}}
	for name, fn := range map[string]engine.Func{
		"bodyTurn":    b.turn,
		"pipeOpen":    b.open,
		"pipeWrite":   b.write,
		"pipeDrained": b.drained,
		"pipeWatch":   b.watch,
		"pipeClose":   b.close,
		"pipeFail":    b.fail,
		"pipeRead":    b.read,
		"pipeReadAll": b.readAll,
		"pipeCancel":  b.cancel,
		"pipeHold":    b.hold,
		"pipePass":    b.pass,
		"multipart":   multipart,
	} {
		h.vm.Func(name, fn)
	}
}

func (b *bodies) turn(c engine.Call) error {
	op := b.loop.Begin(loop.Body)
	c.Return(engine.Int(op.ID()))
	op.Done(func() { b.settle(op) })
	return nil
}

func (b *bodies) open(c engine.Call) error {
	p := b.opts.Pipes.New()
	if c.Kind(0) == engine.KindNumber {
		p.Announce(c.Int(0))
	}
	c.Return(engine.Int(p.ID()))
	return nil
}

func (b *bodies) write(c engine.Call) error {
	p := b.opts.Pipes.Get(c.Int(0))
	if p == nil { // both ends are done: the writer is told when it waits
		c.Return(engine.Bool(false))
		return nil
	}
	data := chunk(c, 1)
	p.Reserve(len(data))
	b.loop.Send(func() { p.Push(data) })
	c.Return(engine.Bool(p.HasRoom()))
	return nil
}

// chunk reads an argument that is bytes, or a string to be UTF-8.
func chunk(c engine.Call, i int) []byte {
	if c.Kind(i) == engine.KindString {
		return []byte(usv(c.String(i)))
	}
	return c.Bytes(i)
}

func (b *bodies) drained(c engine.Call) error {
	op := b.begin(c)
	p := b.opts.Pipes.Get(c.Int(0))
	if p == nil {
		op.Done(func() { b.settle(op) })
		return nil
	}
	p.WhenWritable(func() { op.Done(func() { b.settle(op) }) })
	return nil
}

func (b *bodies) watch(c engine.Call) error {
	op := b.begin(c)
	p := b.opts.Pipes.Get(c.Int(0))
	if p == nil {
		return nil
	}
	ctx, lose := op.Context(), func() { p.Fail(lostWith(op.Context())) }
	if c.Kind(1) == engine.KindString {
		gone := engine.Error("%s", c.String(1))
		lose = func() { p.Break(gone) }
	}
	w := &writer{op: op, stop: context.AfterFunc(ctx, lose)}
	b.writers[p.ID()] = w
	p.WhenCancelled(func(reason *engine.Throw) {
		op.Done(func() {
			w.stop()
			delete(b.writers, p.ID())
			p.Close()
			b.reject(op, reason)
		})
	})
	return nil
}

func (b *bodies) close(c engine.Call) error {
	b.end(c.Int(0), (*Pipe).Close)
	return nil
}

func (b *bodies) fail(c engine.Call) error {
	reason, how := thrown(c, 1), (*Pipe).Fail
	if c.Bool(4) {
		how = (*Pipe).Break
	}
	b.end(c.Int(0), func(p *Pipe) { how(p, reason) })
	return nil
}

// thrown reads an error from three arguments: class, message and properties.
func thrown(c engine.Call, i int) *engine.Throw {
	return &engine.Throw{Class: c.String(i), Message: c.String(i + 1), Props: c.String(i + 2)}
}

// end ends a pipe after what was written before has left.
func (b *bodies) end(id int, how func(*Pipe)) {
	p := b.opts.Pipes.Get(id)
	w := b.writers[id]
	delete(b.writers, id)
	if w != nil {
		w.stop()
	}
	if p != nil {
		b.loop.Send(func() { how(p) })
	}
	if w != nil {
		w.op.Cancel()
	}
}

func (b *bodies) read(c engine.Call) error {
	b.whenReadable(c, func(op *loop.Op, p *Pipe) {
		data, err := p.Take()
		switch {
		case err == io.EOF:
			b.settle(op, engine.Undefined)
		case err != nil:
			b.reject(op, err)
		default:
			b.settle(op, engine.Bytes(data))
		}
	})
	return nil
}

// whenReadable begins an operation that completes with then when the pipe has
// something to tell.
func (b *bodies) whenReadable(c engine.Call, then func(*loop.Op, *Pipe)) {
	op := b.begin(c)
	p := b.opts.Pipes.Get(c.Int(0))
	if p == nil {
		op.Done(func() { b.settle(op, engine.Undefined) })
		return
	}
	p.WhenReadable(func() { op.Done(func() { then(op, p) }) })
}

func (b *bodies) readAll(c engine.Call) error {
	op := b.begin(c)
	asText := c.Bool(1)
	p := b.opts.Pipes.Get(c.Int(0))
	if p == nil {
		op.Done(func() { b.settle(op, all(nil, asText)) })
		return nil
	}
	collect(p, nil, func(data []byte, err error) {
		op.Done(func() {
			if err != nil {
				b.reject(op, err)
				return
			}
			b.settle(op, all(data, asText))
		})
	})
	return nil
}

// collect reads a pipe to its end without blocking, then calls done.
func collect(p *Pipe, data []byte, done func([]byte, error)) {
	for {
		more, err := p.Take()
		switch {
		case err == io.EOF:
			done(data, nil)
			return
		case err != nil:
			done(nil, err)
			return
		case more == nil:
			p.WhenReadable(func() { collect(p, data, done) })
			return
		}
		data = append(data, more...)
	}
}

// all is a whole body as the script wants it.
func all(data []byte, asText bool) engine.Value {
	if !asText {
		return engine.Bytes(data)
	}
	if !utf8.Valid(data) {
		data = repairUTF8(data)
	}
	return engine.String(strings.TrimPrefix(string(data), "\ufeff"))
}

func (b *bodies) cancel(c engine.Call) error {
	if p := b.opts.Pipes.Get(c.Int(0)); p != nil {
		reason := thrown(c, 1)
		b.loop.Send(func() { p.Cancel(reason) })
	}
	return nil
}

func (b *bodies) hold(c engine.Call) error {
	if p := b.opts.Pipes.Get(c.Int(0)); p != nil && b.loop.Owner() != nil {
		p.Hold(b.loop.Owner().Context())
	}
	return nil
}

func (b *bodies) pass(c engine.Call) error {
	if p := b.opts.Pipes.Get(c.Int(0)); p != nil {
		p.Hold(nil)
	}
	return nil
}

// begin begins an operation whose number the host function answers.
func (b *bodies) begin(c engine.Call) *loop.Op {
	op := b.loop.Begin(loop.Body)
	c.Return(engine.Int(op.ID()))
	return op
}

func (h *host) settle(op *loop.Op, values ...engine.Value) {
	if err := Settle(h.vm, op.ID(), values...); err != nil && h.opts.Uncaught != nil {
		h.opts.Uncaught(err)
	}
}

func (h *host) reject(op *loop.Op, reason error) {
	var throw *engine.Throw
	if !errors.As(reason, &throw) {
		throw = connectionLost()
	}
	if err := Fail(h.vm, op.ID(), throw); err != nil && h.opts.Uncaught != nil {
		h.opts.Uncaught(err)
	}
}
