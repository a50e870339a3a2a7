package clone

import (
	"encoding/binary"
	"math"

	"github.com/dodev/dodev/emulator/engine"
)

// EncodeOptions choose among forms the platform has used.
type EncodeOptions struct {
	// LegacyErrors writes errors in V8's own form, which keeps class, message,
	// stack and cause and drops other properties. It is what the platform does
	// without the compatibility flag enhanced_error_serialization.
	LegacyErrors bool
}

// An Encoder is a Sink that writes the value it receives. The zero value is
// ready for use.
//
// It relies on the order of calls that [engine.Sink] promises; calls in
// another order give bytes that do not decode.
type Encoder struct {
	opts   EncodeOptions
	buf    []byte
	frames []frame
	errors int    // frames that are errors
	marks  []mark // strings of two bytes inside them

	nextID   uint32   // number the Sink's caller gives the next object
	nextWire uint32   // number it gets on the wire
	wireIDs  []uint32 // by the caller's number; nil while both are the same
}

var _ engine.Sink = (*Encoder)(nil)

// NewEncoder makes an Encoder that is not the default one.
func NewEncoder(opts EncodeOptions) *Encoder { return &Encoder{opts: opts} }

// Bytes is what was written since the last Reset. It is valid until the next
// call of another method.
func (e *Encoder) Bytes() []byte { return e.buf }

// Reset makes the Encoder ready for another value. It keeps its memory, so
// Bytes must have been copied or used.
func (e *Encoder) Reset() {
	e.buf = e.buf[:0]
	e.frames = e.frames[:0]
	e.marks = e.marks[:0]
	e.errors, e.nextID, e.nextWire, e.wireIDs = 0, 0, 0, nil
}

// A frame is an object that has begun and not ended, with what must be known
// of it until it ends.
type frame struct {
	kind  frameKind
	dense denseFrame
	view  viewFrame
	fault *errorFrame
}

type frameKind uint8

const (
	framePlain frameKind = iota
	frameDense
	frameView
	frameError
	frameException // a DOMException
	frameTexts     // its payload
)

type denseFrame struct {
	start      int  // of the first element
	ints       bool // some element was written as an integer
	doubles    bool // some element was written as a double
	notNumbers bool // some element is not a number, or the elements are over
}

type viewFrame struct {
	kind           engine.ViewKind
	offset, length int
	lost           bool // the buffer was left out
}

func (e *Encoder) push(f frame) { e.frames = append(e.frames, f) }

func (e *Encoder) top() *frame {
	if len(e.frames) == 0 {
		return nil
	}
	return &e.frames[len(e.frames)-1]
}

func (e *Encoder) pop() frame {
	n := len(e.frames) - 1
	if n < 0 {
		return frame{}
	}
	f := e.frames[n]
	e.frames = e.frames[:n]
	return f
}

// value comes before every value that is not a number.
func (e *Encoder) value() {
	if f := e.begin(); f != nil {
		f.dense.notNumbers = true
	}
}

// begin comes before every value and returns the frame it belongs to.
func (e *Encoder) begin() *frame {
	if len(e.buf) == 0 {
		e.buf = append(e.buf, headerTag, latestVersion)
	}
	f := e.top()
	if f != nil && f.kind == frameError {
		e.propertyValue(f.fault)
	}
	return f
}

// object comes before every value that has an identity, except views.
func (e *Encoder) object(tag byte) {
	e.value()
	e.number()
	e.buf = append(e.buf, tag)
}

// number gives an object the next number on both sides.
func (e *Encoder) number() {
	if e.wireIDs != nil {
		e.wireIDs = append(e.wireIDs, e.nextWire)
	}
	e.nextID++
	e.nextWire++
}

// hide gives an object a number for the caller and none on the wire.
func (e *Encoder) hide() {
	e.diverge()
	e.wireIDs = append(e.wireIDs, dropped)
	e.nextID++
}

// diverge is called before the two numberings begin to differ.
func (e *Encoder) diverge() {
	if e.wireIDs != nil {
		return
	}
	e.wireIDs = make([]uint32, e.nextID, e.nextID+8)
	for i := range e.wireIDs {
		e.wireIDs[i] = uint32(i)
	}
}

func (e *Encoder) varint(n uint32) { e.buf = binary.AppendUvarint(e.buf, uint64(n)) }

func (e *Encoder) double(v float64) {
	e.buf = binary.LittleEndian.AppendUint64(e.buf, doubleBits(v))
}

// doubleBits are the bits of v; there is one NaN only.
func doubleBits(v float64) uint64 {
	if math.IsNaN(v) {
		return 0x7ff8 << 48
	}
	return math.Float64bits(v)
}

func (e *Encoder) zigzag(v int32) { e.varint(uint32(v<<1) ^ uint32(v>>31)) }

// text writes a string with its tag.
func (e *Encoder) text(s string) {
	if n, ok := latin1Length(s); ok {
		e.buf = append(e.buf, tagOneByteString)
		e.varint(uint32(n))
		if n == len(s) {
			e.buf = append(e.buf, s...)
		} else {
			e.buf = appendLatin1(e.buf, s)
		}
		return
	}
	size := uint32(utf16Length(s) * 2)
	e.twoByteTag(size)
	e.varint(size)
	e.buf = appendUTF16(e.buf, s)
}

// twoByteTag writes the tag of a string of size bytes so that the characters
// lie at an even offset, as V8's reader expects.
func (e *Encoder) twoByteTag(size uint32) {
	padded := (len(e.buf)+1+varintLength(size))&1 != 0
	if padded {
		e.buf = append(e.buf, tagPadding)
	}
	if e.errors > 0 {
		e.marks = append(e.marks, mark{len(e.buf), padded})
	}
	e.buf = append(e.buf, tagTwoByteString)
}

func varintLength(n uint32) int {
	size := 1
	for ; n >= 0x80; n >>= 7 {
		size++
	}
	return size
}

// integer writes a number as V8 does: as an integer when it fits in a Smi.
// It reports whether it did.
func (e *Encoder) integer(v int64) bool {
	if v < minSmi || v > maxSmi {
		e.buf = append(e.buf, tagDouble)
		e.double(float64(v))
		return false
	}
	e.buf = append(e.buf, tagInt32)
	e.zigzag(int32(v))
	return true
}

// bigint writes what follows a BigInt's tag: sign and length, then digits of
// 64 bits.
func (e *Encoder) bigint(negative bool, magnitude []byte) {
	length := (len(magnitude) + 7) &^ 7
	bitfield := uint32(length) << 1
	if negative {
		bitfield |= 1
	}
	e.varint(bitfield)
	e.buf = append(e.buf, magnitude...)
	e.buf = append(e.buf, make([]byte, length-len(magnitude))...)
}
