package clone

import (
	"encoding/binary"
	"math"
	"strconv"

	"github.com/dodev/dodev/emulator/engine"
)

// Undefined implements [engine.Sink].
func (e *Encoder) Undefined() { e.simple(tagUndefined) }

// Null implements [engine.Sink].
func (e *Encoder) Null() { e.simple(tagNull) }

// Bool implements [engine.Sink].
func (e *Encoder) Bool(v bool) {
	if v {
		e.simple(tagTrue)
	} else {
		e.simple(tagFalse)
	}
}

func (e *Encoder) simple(tag byte) {
	if e.within(frameTexts) {
		e.rawText("") // a stack that is none
		return
	}
	e.value()
	e.buf = append(e.buf, tag)
}

// Int implements [engine.Sink].
func (e *Encoder) Int(v int32) {
	f := e.begin()
	small := e.integer(int64(v))
	if f != nil {
		f.dense.ints = f.dense.ints || small
		f.dense.doubles = f.dense.doubles || !small
	}
}

// Double implements [engine.Sink].
func (e *Encoder) Double(v float64) {
	if i := int32(v); float64(i) == v && (i != 0 || !math.Signbit(v)) {
		e.Int(i)
		return
	}
	if f := e.begin(); f != nil {
		f.dense.doubles = true
	}
	e.buf = append(e.buf, tagDouble)
	e.double(v)
}

// BigInt implements [engine.Sink].
func (e *Encoder) BigInt(negative bool, magnitude []byte) {
	e.simple(tagBigInt)
	e.bigint(negative, magnitude)
}

// String implements [engine.Sink].
func (e *Encoder) String(s string) {
	if f := e.top(); f != nil && f.kind == frameError && f.fault.capture(s) {
		return
	}
	if e.within(frameTexts) {
		e.rawText(s)
		return
	}
	e.value()
	e.text(s)
}

// Date implements [engine.Sink].
func (e *Encoder) Date(ms float64) {
	e.object(tagDate)
	e.double(ms)
}

// RegExp implements [engine.Sink].
func (e *Encoder) RegExp(source, flags string) {
	e.object(tagRegExp)
	e.text(source)
	e.varint(flagBits(flags))
}

// BoxedBool implements [engine.Sink].
func (e *Encoder) BoxedBool(v bool) {
	if v {
		e.object(tagBoxedTrue)
	} else {
		e.object(tagBoxedFalse)
	}
}

// BoxedNumber implements [engine.Sink].
func (e *Encoder) BoxedNumber(v float64) {
	e.object(tagBoxedNumber)
	e.double(v)
}

// BoxedString implements [engine.Sink].
func (e *Encoder) BoxedString(s string) {
	e.object(tagBoxedString)
	e.text(s)
}

// BoxedBigInt implements [engine.Sink].
func (e *Encoder) BoxedBigInt(negative bool, magnitude []byte) {
	e.object(tagBoxedBigInt)
	e.bigint(negative, magnitude)
}

// Buffer implements [engine.Sink].
func (e *Encoder) Buffer(data []byte) {
	e.object(tagBuffer)
	e.varint(uint32(len(data)))
	e.buf = append(e.buf, data...)
}

// BeginView implements [engine.Sink]. The view itself is written after its
// buffer, and numbered after it.
func (e *Encoder) BeginView(kind engine.ViewKind, offset, length int) {
	e.value()
	e.push(frame{kind: frameView, view: viewFrame{kind: kind, offset: offset, length: length}})
}

// EndView implements [engine.Sink].
func (e *Encoder) EndView() {
	v := e.pop().view
	if v.lost {
		e.hide()
		return
	}
	e.number()
	e.buf = append(e.buf, tagView, viewTags[v.kind])
	e.varint(uint32(v.offset))
	e.varint(uint32(v.length))
	e.varint(0)
}

// BeginObject implements [engine.Sink].
func (e *Encoder) BeginObject() {
	e.object(tagBeginObject)
	e.push(frame{})
}

// EndObject implements [engine.Sink].
func (e *Encoder) EndObject(properties int) { e.end(tagEndObject, properties) }

// BeginDense implements [engine.Sink].
func (e *Encoder) BeginDense(length int) {
	if e.within(frameException) {
		e.beginTexts()
		return
	}
	e.object(tagBeginDense)
	e.varint(uint32(length))
	e.push(frame{kind: frameDense, dense: denseFrame{start: len(e.buf)}})
}

// Hole implements [engine.Sink].
func (e *Encoder) Hole() { e.simple(tagHole) }

// EndDense implements [engine.Sink].
func (e *Encoder) EndDense(properties, length int) {
	if e.within(frameTexts) {
		e.pop()
		return
	}
	e.endElements()
	e.end(tagEndDense, properties)
	e.varint(uint32(length))
}

// endElements is called after the last element of an array. V8 keeps an array
// of numbers of which one is no integer as doubles, and writes it so.
func (e *Encoder) endElements() {
	f := e.top()
	if f == nil || f.kind != frameDense {
		return
	}
	if d := f.dense; d.ints && d.doubles && !d.notNumbers {
		e.widen(d.start)
	}
	f.dense.notNumbers = true
}

// widen rewrites the numbers from start on as doubles.
func (e *Encoder) widen(start int) {
	numbers := append([]byte(nil), e.buf[start:]...)
	e.buf = e.buf[:start]
	for len(numbers) > 0 {
		e.buf = append(e.buf, tagDouble)
		if numbers[0] == tagDouble {
			e.buf = append(e.buf, numbers[1:9]...)
			numbers = numbers[9:]
			continue
		}
		zigzag, size := binary.Uvarint(numbers[1:])
		e.double(float64(unzigzag(uint32(zigzag))))
		numbers = numbers[1+size:]
	}
}

// BeginSparse implements [engine.Sink].
func (e *Encoder) BeginSparse(length int) {
	e.object(tagBeginSparse)
	e.varint(uint32(length))
	e.push(frame{})
}

// EndSparse implements [engine.Sink].
func (e *Encoder) EndSparse(properties, length int) {
	e.end(tagEndSparse, properties)
	e.varint(uint32(length))
}

// BeginMap implements [engine.Sink].
func (e *Encoder) BeginMap() {
	e.object(tagBeginMap)
	e.push(frame{})
}

// EndMap implements [engine.Sink].
func (e *Encoder) EndMap(length int) { e.end(tagEndMap, length) }

// BeginSet implements [engine.Sink].
func (e *Encoder) BeginSet() {
	e.object(tagBeginSet)
	e.push(frame{})
}

// EndSet implements [engine.Sink].
func (e *Encoder) EndSet(length int) { e.end(tagEndSet, length) }

func (e *Encoder) end(tag byte, count int) {
	e.pop()
	e.buf = append(e.buf, tag)
	e.varint(uint32(count))
}

// Key implements [engine.Sink].
func (e *Encoder) Key(name string) {
	if f := e.top(); f != nil && f.kind == frameError {
		e.errorKey(f.fault, name)
		return
	}
	e.endElements()
	e.text(name)
}

// Index implements [engine.Sink].
func (e *Encoder) Index(i uint32) {
	if f := e.top(); f != nil && f.kind == frameError {
		e.errorKey(f.fault, strconv.FormatUint(uint64(i), 10))
		return
	}
	e.endElements()
	e.integer(int64(i))
}

// Ref implements [engine.Sink].
func (e *Encoder) Ref(id int) {
	e.value()
	wire := uint32(id)
	if e.wireIDs != nil {
		wire = dropped
		if id >= 0 && id < len(e.wireIDs) {
			wire = e.wireIDs[id]
		}
	}
	if wire == dropped {
		e.buf = append(e.buf, tagUndefined)
		if f := e.top(); f != nil {
			f.view.lost = true
		}
		return
	}
	e.buf = append(e.buf, tagRef)
	e.varint(wire)
}
