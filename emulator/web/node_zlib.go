package web

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"errors"
	"fmt"
	"hash/crc32"
	"io"

	"github.com/dodev/dodev/emulator/engine"
)

// zlibError is an error with the words, code and number of zlib.
func zlibError(message, code string, number int) *engine.Throw {
	return &engine.Throw{Class: "Error", Message: message, Props: fmt.Sprintf(`{"errno":%d,"code":%q}`, number, code)}
}

// asZlibError puts an error of Go's decoders into zlib's words.
func asZlibError(err error) error {
	var corrupt flate.CorruptInputError
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF), errors.Is(err, errMore):
		return zlibError("unexpected end of file", "Z_BUF_ERROR", -5)
	case errors.Is(err, gzip.ErrHeader), errors.Is(err, zlib.ErrHeader):
		return zlibError("incorrect header check", "Z_DATA_ERROR", -3)
	case errors.Is(err, gzip.ErrChecksum), errors.Is(err, zlib.ErrChecksum):
		return zlibError("incorrect data check", "Z_DATA_ERROR", -3)
	case errors.Is(err, zlib.ErrDictionary):
		return zlibError("Missing dictionary", "Z_NEED_DICT", 2)
	case errors.As(err, &corrupt):
		return zlibError("invalid block type", "Z_DATA_ERROR", -3)
	}
	return err
}

// compressor makes a writer of one of the modes of node:zlib.
func compressor(mode string, level int, out io.Writer) (flushWriter, error) {
	switch mode {
	case "gzip":
		w, err := gzip.NewWriterLevel(out, level)
		if err == nil {
			w.OS = unixSystem
		}
		return w, err
	case "deflate":
		return zlib.NewWriterLevel(out, level)
	}
	return flate.NewWriter(out, level)
}

// unixSystem is what the platform writes into the header of a gzip file.
const unixSystem = 3

type flushWriter interface {
	io.WriteCloser
	Flush() error
}

// unpackedFormat is the format that a decompressing mode reads, "" for the
// modes that compress. Unzip looks at the first byte.
func unpackedFormat(mode string, first byte) string {
	switch mode {
	case "gunzip":
		return "gzip"
	case "inflate":
		return "deflate"
	case "inflateRaw":
		return "deflate-raw"
	case "unzip":
		if first == 0x1f {
			return "gzip"
		}
		return "deflate"
	}
	return ""
}

// nodeZip compresses or decompresses all at once.
func nodeZip(c engine.Call) error {
	mode, data, most := c.String(0), c.Bytes(2), c.Int(3)
	var first byte
	if len(data) > 0 {
		first = data[0]
	}
	format := unpackedFormat(mode, first)
	if format == "" {
		var out bytes.Buffer
		w, err := compressor(mode, c.Int(1), &out)
		if err != nil {
			return err
		}
		if _, err := w.Write(data); err != nil {
			return err
		}
		if err := w.Close(); err != nil {
			return err
		}
		c.Return(engine.Bytes(out.Bytes()))
		return nil
	}
	out, err := unpackAll(format, data, most, c.Bool(4))
	var throw *engine.Throw
	if errors.As(err, &throw) {
		// What works all at once throws errors without codes on the platform.
		return &engine.Throw{Class: throw.Class, Message: throw.Message}
	}
	if err != nil {
		return err
	}
	c.Return(engine.Bytes(out))
	return nil
}

// unpackAll decompresses all at once; with cut the input may lack its end. What
// comes after the end is let be, except that a gzip file may have members.
func unpackAll(format string, data []byte, most int, cut bool) ([]byte, error) {
	in := bytes.NewReader(data)
	var r io.Reader
	var err error
	switch format {
	case "gzip":
		r, err = gzip.NewReader(in)
	case "deflate":
		r, err = zlib.NewReader(in)
	default:
		r = flate.NewReader(in)
	}
	if err != nil {
		return nil, asZlibError(err)
	}
	var out bytes.Buffer
	_, err = io.Copy(&out, io.LimitReader(r, int64(most)+1))
	switch {
	case out.Len() > most:
		return nil, engine.RangeError("Memory limit exceeded")
	case err == nil, cut && errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, gzip.ErrHeader):
		return out.Bytes(), nil
	}
	return nil, asZlibError(err)
}

// A nodeZipper is a stream of node:zlib.
type nodeZipper struct {
	out      bytes.Buffer
	w        flushWriter // of one that compresses
	unpacked *unpacker
	mode     string
}

func (z *nodeZipper) write(data []byte) ([]byte, error) {
	if z.w != nil {
		_, err := z.w.Write(data)
		return z.take(), err
	}
	if len(data) == 0 {
		return nil, nil
	}
	if z.unpacked == nil {
		z.unpacked = newUnpacker(unpackedFormat(z.mode, data[0]))
	}
	if z.unpacked.done {
		return nil, nil // what comes after the end is let be
	}
	z.unpacked.in = append(z.unpacked.in, data...)
	z.unpacked.resume()
	if z.unpacked.err != nil {
		return nil, asZlibError(z.unpacked.err)
	}
	return z.unpacked.take(), nil
}

func (z *nodeZipper) take() []byte {
	out := bytes.Clone(z.out.Bytes())
	z.out.Reset()
	return out
}

func (z *nodeZipper) finish() ([]byte, error) {
	if z.w != nil {
		err := z.w.Close()
		return z.take(), err
	}
	if z.unpacked == nil {
		return nil, nil
	}
	u := z.unpacked
	u.closed = true
	if !u.done {
		u.resume()
	}
	u.stop()
	if u.err != nil {
		return nil, asZlibError(u.err)
	}
	return u.take(), nil
}

func (z *nodeZipper) flush() ([]byte, error) {
	if z.w == nil {
		return nil, nil
	}
	err := z.w.Flush()
	return z.take(), err
}

func (z *nodeZipper) close() {
	if z.unpacked != nil {
		z.unpacked.stop()
	}
}

// registerNodeZips adds the functions for streams of node:zlib.
func (h *host) registerNodeZips() {
	open, last := map[int]*nodeZipper{}, 0
	h.vm.Func("nodeZipOpen", func(c engine.Call) error {
		z := &nodeZipper{mode: c.String(0)}
		if unpackedFormat(z.mode, 0) == "" {
			w, err := compressor(z.mode, c.Int(1), &z.out)
			if err != nil {
				return err
			}
			z.w = w
		}
		last++
		open[last] = z
		c.Return(engine.Int(last))
		return nil
	})
	with := func(name string, run func(*nodeZipper, engine.Call) ([]byte, error)) {
		h.vm.Func(name, func(c engine.Call) error {
			z := open[c.Int(0)]
			if z == nil {
				return zlibError("zlib binding closed", "Z_STREAM_ERROR", -2)
			}
			out, err := run(z, c)
			if err != nil {
				return err
			}
			c.Return(engine.Bytes(out))
			return nil
		})
	}
	with("nodeZipWrite", func(z *nodeZipper, c engine.Call) ([]byte, error) { return z.write(c.Bytes(1)) })
	with("nodeZipFlush", func(z *nodeZipper, _ engine.Call) ([]byte, error) { return z.flush() })
	with("nodeZipFinish", func(z *nodeZipper, c engine.Call) ([]byte, error) {
		delete(open, c.Int(0))
		return z.finish()
	})
	h.vm.Func("nodeZipClose", func(c engine.Call) error {
		if z := open[c.Int(0)]; z != nil {
			delete(open, c.Int(0))
			z.close()
		}
		return nil
	})
}

func nodeCRC32(c engine.Call) error {
	c.Return(engine.Number(float64(crc32.Update(uint32(c.Number(1)), crc32.IEEETable, c.Bytes(0)))))
	return nil
}
