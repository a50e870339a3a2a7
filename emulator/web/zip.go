package web

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"errors"
	"io"
	"iter"

	"github.com/dodev/dodev/emulator/engine"
)

// A zip compresses or decompresses a stream whose pieces are pushed into it.
type zip interface {
	// Write takes input and gives the output there is so far.
	Write(p []byte) ([]byte, error)
	// Finish ends the input and gives the rest of the output.
	Finish() ([]byte, error)
	// Close frees what an unfinished stream holds. It may be called twice.
	Close()
}

// newZip makes a zip of a format that Compression Standard names.
func newZip(format string, decompress bool) zip {
	if decompress {
		return newUnpacker(format)
	}
	return newPacker(format)
}

type packer struct {
	out bytes.Buffer
	w   io.WriteCloser
}

func newPacker(format string) *packer {
	p := &packer{}
	switch format {
	case "gzip":
		p.w = gzip.NewWriter(&p.out)
	case "deflate":
		p.w = zlib.NewWriter(&p.out)
	default:
		// The level is a constant that NewWriter knows.
		p.w, _ = flate.NewWriter(&p.out, flate.DefaultCompression)
	}
	return p
}

func (p *packer) Write(b []byte) ([]byte, error) {
	if _, err := p.w.Write(b); err != nil {
		return nil, engine.TypeError("Compression failed.")
	}
	return p.take(), nil
}

func (p *packer) Finish() ([]byte, error) {
	if err := p.w.Close(); err != nil {
		return nil, engine.TypeError("Compression failed.")
	}
	return p.take(), nil
}

func (p *packer) Close() {}

func (p *packer) take() []byte {
	out := bytes.Clone(p.out.Bytes())
	p.out.Reset()
	return out
}

// gzipHead is what begins everything that is compressed with gzip.
const gzipHead = "\x1f\x8b"

// An unpacker runs a decoder, which wants to pull its input, as a coroutine
// that is resumed whenever input is pushed.
type unpacker struct {
	gzip    bool
	head    []byte // the first two bytes
	strange bool   // they are none of gzip: the decoder would wait for a whole header

	in     []byte
	closed bool // no more input will come
	out    []byte
	err    error
	done   bool
	resume func() (struct{}, bool)
	stop   func()
}

func newUnpacker(format string) *unpacker {
	u := unpackerOf(func(in pushable) (io.Reader, error) { return decoder(format, in) })
	u.gzip = format == "gzip"
	return u
}

// A pushable is what a decoder reads from.
type pushable interface {
	io.Reader
	io.ByteReader
}

// unpackerOf makes an unpacker of any decoder.
func unpackerOf(open func(in pushable) (io.Reader, error)) *unpacker {
	u := &unpacker{}
	u.resume, u.stop = iter.Pull(func(yield func(struct{}) bool) {
		u.err = u.decode(open, &pushed{u: u, yield: yield})
		u.done = true
	})
	return u
}

func (u *unpacker) decode(open func(in pushable) (io.Reader, error), in *pushed) error {
	r, err := open(in)
	if err != nil {
		return err
	}
	buf := make([]byte, 32<<10)
	for {
		n, err := r.Read(buf)
		u.out = append(u.out, buf[:n]...)
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func decoder(format string, in pushable) (io.Reader, error) {
	switch format {
	case "gzip":
		r, err := gzip.NewReader(in)
		if err != nil {
			return nil, err
		}
		r.Multistream(false)
		return r, nil
	case "deflate":
		return zlib.NewReader(in)
	}
	return flate.NewReader(in), nil
}

var (
	errMore     = errors.New("input is not complete")
	errStopped  = errors.New("decoder was stopped")
	errTrailing = engine.TypeError("Trailing bytes after end of compressed data")
)

func (u *unpacker) Write(b []byte) ([]byte, error) {
	if u.done {
		if len(b) > 0 {
			return nil, errTrailing
		}
		return nil, nil
	}
	if u.strange = u.strange || u.isStrange(b); u.strange {
		return nil, engine.TypeError("Decompression failed.")
	}
	u.in = append(u.in, b...)
	u.resume()
	if u.done {
		if u.err != nil {
			return nil, engine.TypeError("Decompression failed.")
		}
		if len(u.in) > 0 {
			return nil, errTrailing
		}
	}
	return u.take(), nil
}

// isStrange notes how the input begins, and reports whether it is no gzip.
func (u *unpacker) isStrange(b []byte) bool {
	if !u.gzip || len(u.head) == len(gzipHead) {
		return false
	}
	u.head = append(u.head, b[:min(len(b), len(gzipHead)-len(u.head))]...)
	return len(u.head) == len(gzipHead) && string(u.head) != gzipHead
}

func (u *unpacker) Finish() ([]byte, error) {
	u.closed = true
	if u.strange {
		u.stop()
		return nil, engine.TypeError("Decompression failed.")
	}
	if !u.done {
		u.resume()
	}
	u.stop()
	if u.err != nil {
		if errors.Is(u.err, errMore) {
			return nil, engine.TypeError("Called close() on a decompression stream with incomplete data")
		}
		return nil, engine.TypeError("Decompression failed.")
	}
	return u.take(), nil
}

func (u *unpacker) Close() { u.stop() }

func (u *unpacker) take() []byte {
	out := u.out
	u.out = nil
	return out
}

// pushed is the decoder's side of an unpacker. It is an io.ByteReader, so that
// the decoder reads no further than the end of the compressed data.
type pushed struct {
	u     *unpacker
	yield func(struct{}) bool
}

func (p *pushed) wait() error {
	for len(p.u.in) == 0 {
		if p.u.closed {
			return errMore
		}
		if !p.yield(struct{}{}) {
			return errStopped
		}
	}
	return nil
}

func (p *pushed) Read(b []byte) (int, error) {
	if err := p.wait(); err != nil {
		return 0, err
	}
	n := copy(b, p.u.in)
	p.u.in = p.u.in[n:]
	return n, nil
}

func (p *pushed) ReadByte() (byte, error) {
	if err := p.wait(); err != nil {
		return 0, err
	}
	b := p.u.in[0]
	p.u.in = p.u.in[1:]
	return b, nil
}

// registerZip adds the functions of host/zip.ts.
func (h *host) registerZip() {
	zips, last := map[int]zip{}, 0
	h.vm.Func("zipOpen", func(c engine.Call) error {
		last++
		zips[last] = newZip(c.String(0), c.Bool(1))
		c.Return(engine.Int(last))
		return nil
	})
	drop := func(id int) {
		if z := zips[id]; z != nil {
			z.Close()
			delete(zips, id)
		}
	}
	step := func(c engine.Call, ends bool, run func(zip) ([]byte, error)) error {
		z := zips[c.Int(0)]
		if z == nil {
			return engine.TypeError("This stream has ended.")
		}
		out, err := run(z)
		if err != nil || ends {
			drop(c.Int(0))
		}
		if err != nil {
			return err
		}
		c.Return(engine.Bytes(out))
		return nil
	}
	h.vm.Func("zipWrite", func(c engine.Call) error {
		return step(c, false, func(z zip) ([]byte, error) { return z.Write(c.Bytes(1)) })
	})
	h.vm.Func("zipFinish", func(c engine.Call) error {
		return step(c, true, zip.Finish)
	})
	h.vm.Func("zipClose", func(c engine.Call) error {
		drop(c.Int(0))
		return nil
	})
}
