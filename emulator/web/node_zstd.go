package web

import (
	"errors"
	"io"
	"strings"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/zstd"
)

// ---- Brotli, RFC 7932 ----

func openBrotli(in pushable, _ byte, _ zipOptions) (io.Reader, error) {
	return &brotliStream{r: brotli.NewReader(endedInput{in})}, nil
}

// An endedInput says in Go's way that there is no more.
type endedInput struct {
	in pushable
}

// Read implements io.Reader.
func (e endedInput) Read(p []byte) (int, error) {
	n, err := e.in.Read(p)
	return n, asEnd(err)
}

// ReadByte implements io.ByteReader.
func (e endedInput) ReadByte() (byte, error) {
	b, err := e.in.ReadByte()
	return b, asEnd(err)
}

func asEnd(err error) error {
	if errors.Is(err, errMore) {
		return io.EOF
	}
	return err
}

// A brotliStream lets be what comes after its end.
type brotliStream struct{ r *brotli.Reader }

// brotliExcess is what the library says of more input than there should be.
const brotliExcess = "brotli: excessive input"

// Read implements io.Reader.
func (b *brotliStream) Read(p []byte) (int, error) {
	n, err := b.r.Read(p)
	if err != nil && err.Error() == brotliExcess {
		err = io.EOF
	}
	return n, err
}

func brotliWords(err error, _ zipOptions) error {
	if isCut(err) {
		return zlibError("Unexpected end of file", "Z_BUF_ERROR", -5)
	}
	kind := strings.TrimPrefix(err.Error(), "brotli: ")
	return zlibError("Compression failed", "ERR__ERROR_FORMAT_"+kind, -1)
}

// ---- Zstandard, RFC 8878 ----

func newZstdWriter(out io.Writer, o zipOptions) (flushWriter, error) {
	options := []zstd.EOption{
		zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(zstd.EncoderLevelFromZstd(o.level)), zstd.WithEncoderCRC(o.checksum),
		zstd.WithLowerEncoderMem(true), zstd.WithZeroFrames(true),
	}
	if o.window > 0 {
		window := min(max(1<<o.window, zstd.MinWindowSize), zstd.MaxWindowSize)
		options = append(options, zstd.WithWindowSize(window))
	}
	return zstd.NewWriter(out, options...)
}

func openZstd(in pushable, _ byte, o zipOptions) (io.Reader, error) {
	window := o.window
	if window == 0 {
		window = zstdWindow
	}
	return zstd.NewReader(&zstdFrame{in: endedInput{in}}, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true),
		zstd.WithDecoderMaxWindow(1<<window))
}

// zstdWindow is the logarithm of the largest window that is read unless another
// is asked for.
const zstdWindow = 27

// closeDecoder frees what a decoder holds.
func closeDecoder(r io.Reader) {
	if d, ok := r.(*zstd.Decoder); ok {
		d.Close()
	}
}

func zstdWords(err error, _ zipOptions) error {
	const code = "ERR_ZSTD_DECOMPRESSION_FAILED"
	if isCut(err) {
		return zlibError("unexpected end of file", code, -1)
	}
	reason := "Data corruption detected"
	switch {
	case errors.Is(err, zstd.ErrMagicMismatch):
		reason = "Unknown frame descriptor"
	case errors.Is(err, zstd.ErrCRCMismatch):
		reason = "Restored data doesn't match checksum"
	case errors.Is(err, zstd.ErrWindowSizeExceeded):
		reason = "Frame requires too much memory for decoding"
	case errors.Is(err, zstd.ErrUnknownDictionary):
		reason = "Dictionary mismatch"
	}
	return zlibError("Zstd decompression failed: "+reason, code, -1)
}

// A zstdFrame gives a decoder one frame, since the platform reads no more, where
// the library reads all there are. It knows as much of the format as it takes to
// find the end.
type zstdFrame struct {
	in      pushable
	out     []byte // what is there for the decoder
	left    int    // of a block's content, which is passed on as it comes
	blocks  bool   // the header is read
	last    bool   // the last block's header is read
	summed  bool   // a checksum follows the blocks
	err     error
	started bool
}

// Read implements io.Reader.
func (f *zstdFrame) Read(p []byte) (int, error) {
	for len(f.out) == 0 && f.left == 0 {
		if f.err != nil {
			return 0, f.err
		}
		f.err = f.advance()
	}
	if len(f.out) > 0 {
		n := copy(p, f.out)
		f.out = f.out[n:]
		return n, nil
	}
	n, err := f.in.Read(p[:min(len(p), f.left)])
	f.left -= n
	if n == 0 && err != nil {
		f.err = cutShort(err)
		return 0, f.err
	}
	return n, nil
}

// advance reads the next header there is.
func (f *zstdFrame) advance() error {
	switch {
	case !f.blocks:
		return f.header()
	case !f.last:
		return f.block()
	case f.summed:
		f.summed = false
		const checksumSize = 4
		f.left = checksumSize
		return nil
	}
	return io.EOF
}

// take reads n bytes and passes them on.
func (f *zstdFrame) take(n int) ([]byte, error) {
	start := len(f.out)
	for range n {
		b, err := f.in.ReadByte()
		if err != nil {
			if !f.started && errors.Is(err, io.EOF) {
				return nil, io.EOF
			}
			return nil, cutShort(err)
		}
		f.started = true
		f.out = append(f.out, b)
	}
	return f.out[start:], nil
}

func cutShort(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// The magic numbers of a frame and of one that is to be skipped, but for its low
// four bits.
var (
	zstdMagic    = []byte{0x28, 0xb5, 0x2f, 0xfd}
	zstdSkipping = []byte{0x50, 0x2a, 0x4d, 0x18}
)

func (f *zstdFrame) header() error {
	f.blocks = true
	skipped := true
	for i := range zstdMagic {
		b, err := f.take(1)
		if err != nil {
			return err
		}
		switch got := b[0]; {
		case i == 0 && got == zstdMagic[0]:
			skipped = false
		case i == 0 && got&0xf0 == zstdSkipping[0], !skipped && got == zstdMagic[i], i > 0 && skipped && got == zstdSkipping[i]:
		default:
			f.out = nil
			return zstd.ErrMagicMismatch
		}
	}
	if skipped {
		size, err := f.take(4)
		if err != nil {
			return err
		}
		f.left = int(size[0]) | int(size[1])<<8 | int(size[2])<<16 | int(size[3])<<24
		f.last = true
		return nil
	}
	b, err := f.take(1)
	if err != nil {
		return err
	}
	descriptor := b[0]
	single := descriptor>>5&1 == 1
	f.summed = descriptor>>2&1 == 1
	size := []int{0, 1, 2, 4}[descriptor&3] + []int{0, 2, 4, 8}[descriptor>>6]
	if !single || descriptor>>6 == 0 {
		size++ // the window, or a size of one byte
	}
	_, err = f.take(size)
	return err
}

func (f *zstdFrame) block() error {
	b, err := f.take(3)
	if err != nil {
		return err
	}
	header := int(b[0]) | int(b[1])<<8 | int(b[2])<<16
	f.last = header&1 == 1
	const repeated = 1
	if f.left = header >> 3; header>>1&3 == repeated {
		f.left = 1
	}
	return nil
}
