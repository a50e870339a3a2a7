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

	"github.com/andybalholm/brotli"

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
	case errors.As(err, &corrupt):
		return zlibError("invalid block type", "Z_DATA_ERROR", -3)
	}
	return err
}

// zipOptions are how a format is written and read.
type zipOptions struct {
	level      int
	dictionary []byte // of deflate and deflate-raw; nil is none
	window     int    // the logarithm of the size, 0 for the format's own choice
	checksum   bool   // of zstd
}

// zipOptionsOf reads options from the argument at i and those after it.
func zipOptionsOf(c engine.Call, i int) zipOptions {
	return zipOptions{level: c.Int(i), dictionary: passphraseOf(c, i+1), window: c.Int(i + 2), checksum: c.Bool(i + 3)}
}

// compressor makes a writer of one of the modes of node:zlib.
func compressor(mode string, o zipOptions, out io.Writer) (flushWriter, error) {
	switch mode {
	case "gzip":
		w, err := gzip.NewWriterLevel(out, o.level)
		if err == nil {
			w.OS = unixSystem
		}
		return w, err
	case "deflate":
		return zlib.NewWriterLevelDict(out, o.level, o.dictionary)
	case "brotliCompress":
		return brotli.NewWriterOptions(out, brotli.WriterOptions{Quality: o.level, LGWin: o.window}), nil
	case "zstdCompress":
		return newZstdWriter(out, o)
	}
	return flate.NewWriterDict(out, o.level, o.dictionary)
}

// unixSystem is what the platform writes into the header of a gzip file.
const unixSystem = 3

type flushWriter interface {
	io.WriteCloser
	Flush() error
}

// An unpackedMode is how a mode that decompresses does.
type unpackedMode struct {
	// open makes a decoder; first is the first byte there is.
	open func(in pushable, first byte, o zipOptions) (io.Reader, error)
	// words puts an error of the decoder into those of the format.
	words func(error, zipOptions) error
}

// unpackedModes are the modes that decompress.
var unpackedModes = map[string]unpackedMode{
	"gunzip":           {openGzip, zlibWords},
	"inflate":          {openZlib, zlibWords},
	"inflateRaw":       {openFlate, zlibWords},
	"unzip":            {openEither, zlibWords},
	"brotliDecompress": {openBrotli, brotliWords},
	"zstdDecompress":   {openZstd, zstdWords},
}

// gzipMagic is the first byte of each member of a gzip file.
const gzipMagic = 0x1f

func openGzip(in pushable, _ byte, _ zipOptions) (io.Reader, error) {
	m := &gzipMembers{in: &unread{pushable: endedInput{in}}}
	if first, err := m.in.ReadByte(); err == nil {
		if first != gzipMagic {
			return nil, gzip.ErrHeader
		}
		m.in.back(first)
	}
	r, err := gzip.NewReader(m.in)
	if err != nil {
		return nil, err
	}
	m.r = r
	r.Multistream(false)
	return m, nil
}

// gzipMembers reads the members of a gzip file, which zeros may follow.
type gzipMembers struct {
	in *unread
	r  *gzip.Reader
}

// Read implements io.Reader.
func (m *gzipMembers) Read(p []byte) (int, error) {
	n, err := m.r.Read(p)
	if err != io.EOF {
		return n, err
	}
	next, err := m.in.ReadByte()
	if err != nil || next == 0 {
		return n, io.EOF
	}
	if next != gzipMagic {
		return n, gzip.ErrHeader
	}
	m.in.back(next)
	if err := m.r.Reset(m.in); err != nil {
		return n, err
	}
	m.r.Multistream(false)
	return n, nil
}

// unread is input of which a byte can be put back.
type unread struct {
	pushable
	byte byte
	held bool
}

func (u *unread) back(b byte) { u.byte, u.held = b, true }

// ReadByte implements io.ByteReader.
func (u *unread) ReadByte() (byte, error) {
	if u.held {
		u.held = false
		return u.byte, nil
	}
	return u.pushable.ReadByte()
}

// Read implements io.Reader.
func (u *unread) Read(p []byte) (int, error) {
	if u.held && len(p) > 0 {
		u.held = false
		p[0] = u.byte
		return 1, nil
	}
	return u.pushable.Read(p)
}

func openZlib(in pushable, _ byte, o zipOptions) (io.Reader, error) {
	return zlib.NewReaderDict(in, o.dictionary)
}

func openFlate(in pushable, _ byte, o zipOptions) (io.Reader, error) {
	return flate.NewReaderDict(in, o.dictionary), nil
}

// openEither looks at the first byte for what there is.
func openEither(in pushable, first byte, o zipOptions) (io.Reader, error) {
	if first == gzipMagic {
		return openGzip(in, first, o)
	}
	return openZlib(in, first, o)
}

func zlibWords(err error, o zipOptions) error {
	if !errors.Is(err, zlib.ErrDictionary) {
		return asZlibError(err)
	}
	if len(o.dictionary) > 0 {
		return zlibError("Bad dictionary", "Z_NEED_DICT", 2)
	}
	return zlibError("Missing dictionary", "Z_NEED_DICT", 2)
}

// nodeZip (mode, data, most, cut, options…) compresses or decompresses all at
// once.
func nodeZip(c engine.Call) error {
	mode, data, most, o := c.String(0), c.Bytes(1), c.Int(2), zipOptionsOf(c, 4)
	unpacks, ok := unpackedModes[mode]
	if !ok {
		out, err := packAll(mode, data, o)
		if err != nil {
			return err
		}
		if len(out) > most {
			return engine.RangeError("Memory limit exceeded")
		}
		c.Return(engine.Bytes(out))
		return nil
	}
	out, err := unpackAll(unpacks, data, most, c.Bool(3), o)
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

func packAll(mode string, data []byte, o zipOptions) ([]byte, error) {
	var out bytes.Buffer
	w, err := compressor(mode, o, &out)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(data); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// unpackAll decompresses all at once; with cut the input may lack its end. What
// comes after the end is let be, except by gzip.
func unpackAll(mode unpackedMode, data []byte, most int, cut bool, o zipOptions) ([]byte, error) {
	var first byte
	if len(data) > 0 {
		first = data[0]
	}
	r, err := mode.open(bytes.NewReader(data), first, o)
	if err != nil {
		return nil, mode.words(err, o)
	}
	defer closeDecoder(r)
	var out bytes.Buffer
	_, err = io.Copy(&out, io.LimitReader(r, int64(most)+1))
	switch {
	case out.Len() > most:
		return nil, engine.RangeError("Memory limit exceeded")
	case err == nil, cut && isCut(err):
		return out.Bytes(), nil
	}
	return nil, mode.words(err, o)
}

// A nodeZipper is a stream of node:zlib.
type nodeZipper struct {
	out      bytes.Buffer
	w        flushWriter // of one that compresses
	unpacked *unpacker
	mode     unpackedMode
	options  zipOptions
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
		z.unpack(data[0])
	}
	if z.unpacked.done {
		return nil, nil // what comes after the end is let be
	}
	z.unpacked.in = append(z.unpacked.in, data...)
	z.unpacked.resume()
	if z.unpacked.err != nil {
		return nil, z.mode.words(z.unpacked.err, z.options)
	}
	return z.unpacked.take(), nil
}

// unpack begins to decompress what begins with a byte.
func (z *nodeZipper) unpack(first byte) {
	z.unpacked = unpackerOf(func(in pushable) (io.Reader, error) { return z.mode.open(in, first, z.options) })
}

func (z *nodeZipper) take() []byte {
	out := bytes.Clone(z.out.Bytes())
	z.out.Reset()
	return out
}

// finish gives the rest; with cut the input may lack its end.
func (z *nodeZipper) finish(cut bool) ([]byte, error) {
	if z.w != nil {
		err := z.w.Close()
		return z.take(), err
	}
	if z.unpacked == nil {
		z.unpack(0)
	}
	u := z.unpacked
	u.closed = true
	if !u.done {
		u.resume()
	}
	u.stop()
	if u.err != nil && !(cut && isCut(u.err)) {
		return nil, z.mode.words(u.err, z.options)
	}
	return u.take(), nil
}

// isCut reports whether a decoder's error is that its input lacks its end.
func isCut(err error) bool { return errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, errMore) }

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
		mode, z := c.String(0), &nodeZipper{options: zipOptionsOf(c, 1)}
		unpacks, ok := unpackedModes[mode]
		if z.mode = unpacks; !ok {
			w, err := compressor(mode, z.options, &z.out)
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
		return z.finish(c.Bool(1))
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
