package clone

import (
	"encoding/binary"
	"fmt"
	"math"

	"github.com/dodev/dodev/emulator/engine"
)

// Decode feeds the value in data to s. It reads versions 9 to 15 of the format
// and, as the platform does, takes data without a header for version 13 and
// ignores what follows the value.
//
// An error is a *[FormatError]; s may have received part of the value by then.
// The memory Decode asks for, and the lengths it gives to s, are bounded by
// what data could hold, except for the length of a sparse array.
func Decode(data []byte, s engine.Sink) error {
	d := decoder{data: data, sink: s, version: versionHeaderless}
	if err := d.header(); err != nil {
		return err
	}
	if d.version == versionHeaderless && !d.readable() {
		d.flagsIn13 = true
	}
	return d.value()
}

// A decoder reads one value.
type decoder struct {
	data    []byte
	pos     int
	sink    engine.Sink
	version uint32
	depth   int
	// Some data of version 13 has the view flags of version 14.
	flagsIn13 bool

	refs   []ref // objects by their number on the wire
	nextID int   // number the Sink gives the next object
}

// A ref is what must be known of an object to refer to it.
type ref struct {
	id     int // the Sink's number, or hidden
	buffer int // length of an ArrayBuffer, or notBuffer
}

const (
	hidden    = -1
	notBuffer = -1
)

func (d *decoder) fail(offset int, format string, args ...any) error {
	return &FormatError{Offset: offset, Reason: fmt.Sprintf(format, args...)}
}

func (d *decoder) truncated() error { return d.fail(len(d.data), "unexpected end of data") }

func (d *decoder) header() error {
	if len(d.data) == 0 || d.data[0] != headerTag {
		return nil
	}
	d.pos++
	version, err := d.varint()
	if err != nil {
		return err
	}
	if version < oldestVersion || version > latestVersion {
		return d.fail(1, "version %d of the format is not supported", version)
	}
	d.version = version
	return nil
}

// readable reports whether what follows the header can be decoded as it is.
func (d *decoder) readable() bool {
	try := decoder{data: d.data, pos: d.pos, version: d.version, sink: new(Encoder)}
	return try.value() == nil
}

// object gives the object that begins the next numbers.
func (d *decoder) object() { d.register(d.nextID, notBuffer); d.nextID++ }

func (d *decoder) register(id, buffer int) { d.refs = append(d.refs, ref{id, buffer}) }

// varint reads a number of 32 bits; like V8 it cuts off further bits.
func (d *decoder) varint() (uint32, error) {
	var n uint32
	for shift := uint(0); ; shift += 7 {
		if d.pos >= len(d.data) {
			return 0, d.truncated()
		}
		b := d.data[d.pos]
		d.pos++
		n |= uint32(b&0x7f) << shift
		if b < 0x80 || shift == 28 {
			return n, nil
		}
	}
}

func unzigzag(n uint32) int32 { return int32(n>>1) ^ -int32(n&1) }

// bytes reads a length and so many bytes, which stay part of data.
func (d *decoder) bytes() ([]byte, error) {
	n, err := d.varint()
	if err != nil {
		return nil, err
	}
	return d.raw(n)
}

func (d *decoder) raw(n uint32) ([]byte, error) {
	if uint64(n) > uint64(len(d.data)-d.pos) {
		return nil, d.fail(d.pos, "%d bytes announced, %d left", n, len(d.data)-d.pos)
	}
	p := d.data[d.pos : d.pos+int(n)]
	d.pos += int(n)
	return p, nil
}

func (d *decoder) double() (float64, error) {
	p, err := d.raw(8)
	if err != nil {
		return 0, err
	}
	return math.Float64frombits(binary.LittleEndian.Uint64(p)), nil
}

// peek is the next tag; padding before it is consumed.
func (d *decoder) peek() (byte, error) {
	for d.pos < len(d.data) {
		if tag := d.data[d.pos]; tag != tagPadding {
			return tag, nil
		}
		d.pos++
	}
	return 0, d.truncated()
}

// next reports whether the next tag is tag, and consumes it if so.
func (d *decoder) next(tag byte) bool {
	if t, err := d.peek(); err != nil || t != tag {
		return false
	}
	d.pos++
	return true
}

// value reads a value of any kind.
func (d *decoder) value() error {
	tag, err := d.peek()
	if err != nil {
		return err
	}
	at := d.pos
	d.pos++
	switch tag {
	case tagObjectCount:
		if _, err := d.varint(); err != nil {
			return err
		}
		return d.nested(at, d.value)
	case tagUndefined:
		d.sink.Undefined()
	case tagNull:
		d.sink.Null()
	case tagTrue:
		d.sink.Bool(true)
	case tagFalse:
		d.sink.Bool(false)
	case tagInt32, tagUint32, tagDouble:
		n, err := d.numberAfter(tag)
		if err != nil {
			return err
		}
		feedNumber(n, d.sink)
	case tagUTF8String, tagOneByteString, tagTwoByteString:
		s, err := d.stringAfter(tag)
		if err != nil {
			return err
		}
		d.sink.String(s)
	case tagBigInt:
		negative, magnitude, err := d.bigint()
		if err != nil {
			return err
		}
		d.sink.BigInt(negative, magnitude)
	default:
		return d.nested(at, func() error { return d.objectAfter(tag, at) })
	}
	return nil
}

// nested runs read one level deeper.
func (d *decoder) nested(at int, read func() error) error {
	if d.depth >= maxDepth {
		return d.fail(at, "nested more than %d deep", maxDepth)
	}
	d.depth++
	err := read()
	d.depth--
	return err
}

func (d *decoder) numberAfter(tag byte) (float64, error) {
	if tag == tagDouble {
		return d.double()
	}
	n, err := d.varint()
	if tag == tagUint32 {
		return float64(n), err
	}
	return float64(unzigzag(n)), err
}

func (d *decoder) stringAfter(tag byte) (string, error) {
	at := d.pos
	p, err := d.bytes()
	if err != nil {
		return "", err
	}
	switch tag {
	case tagUTF8String:
		return fromUTF8(p), nil
	case tagOneByteString:
		return fromLatin1(p), nil
	}
	if len(p)%2 != 0 {
		return "", d.fail(at, "string of %d bytes of UTF-16", len(p))
	}
	return fromUTF16(p), nil
}

// text reads a string that is part of another value.
func (d *decoder) text() (string, error) {
	if d.version < versionStrings {
		return d.stringAfter(tagUTF8String)
	}
	tag, err := d.peek()
	if err != nil {
		return "", err
	}
	if tag != tagUTF8String && tag != tagOneByteString && tag != tagTwoByteString {
		return "", d.fail(d.pos, "tag %s where a string is due", tagName(tag))
	}
	d.pos++
	return d.stringAfter(tag)
}

// tagName shows a tag in an error.
func tagName(tag byte) string {
	if tag > ' ' && tag < 0x7f {
		return fmt.Sprintf("%q", tag)
	}
	return fmt.Sprintf("0x%02x", tag)
}

func (d *decoder) bigint() (negative bool, magnitude []byte, err error) {
	bitfield, err := d.varint()
	if err != nil {
		return false, nil, err
	}
	// Sign, 30 bits of length, and one bit that V8 ignores.
	const maxBytes = 1<<30 - 1
	magnitude, err = d.raw(bitfield >> 1 & maxBytes)
	for len(magnitude) > 0 && magnitude[len(magnitude)-1] == 0 {
		magnitude = magnitude[:len(magnitude)-1]
	}
	return bitfield&1 != 0 && len(magnitude) > 0, magnitude, err
}
