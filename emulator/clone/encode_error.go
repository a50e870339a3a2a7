package clone

import "encoding/binary"

// Errors have their name and message before everything else on the wire, but
// a Sink may learn the name from any of the error's properties. What the
// properties hold is therefore written first, and moved when the error ends.

// dropped is the number on the wire of an object that was left out.
const dropped = ^uint32(0)

// A mark is a string of two bytes that may have to be aligned anew.
type mark struct {
	tag    int // offset of its tag
	padded bool
}

type errorFrame struct {
	legacy         bool
	class, message string
	hasMessage     bool
	name, stack    *string // once known, instead of a property

	start int // where the error begins
	marks int // how many marks there were

	key      string // of the property whose value comes or came last
	deferred bool   // key is not written yet
	dropping bool   // the value of key is to be left out
	restart  restart
}

// A restart is a state of the Encoder to return to.
type restart struct {
	length, marks int
	id, wire      uint32
}

// BeginError implements [engine.Sink]. A property name that is a string
// decides which class the error has when it is read again, as on the platform.
func (e *Encoder) BeginError(class, message string, hasMessage bool) {
	e.value()
	e.diverge()
	e.number()
	if !e.opts.LegacyErrors {
		e.nextWire++ // the object that holds the properties
	}
	e.errors++
	e.push(frame{kind: frameError, fault: &errorFrame{
		legacy: e.opts.LegacyErrors,
		class:  class, message: message, hasMessage: hasMessage,
		start: len(e.buf), marks: len(e.marks),
	}})
}

// KeepsOfError implements [engine.Picker]: V8's own form has room for little.
func (e *Encoder) KeepsOfError(name string) bool {
	return !e.opts.LegacyErrors || name == "stack" || name == "cause"
}

// errorKey begins a property of an error.
func (e *Encoder) errorKey(f *errorFrame, name string) {
	e.endProperty(f)
	f.key = name
	switch {
	case !f.legacy && name != "name":
		e.text(name)
	case f.legacy && name != "cause" && name != "stack" && name != "name":
		f.dropping = true
		f.restart = restart{len(e.buf), len(e.marks), e.nextID, e.nextWire}
	default:
		f.deferred = true
	}
}

// capture takes a string that the error's header will hold.
func (f *errorFrame) capture(s string) bool {
	switch {
	case !f.deferred:
		return false
	case f.key == "name":
		f.name = &s
	case f.key == "stack":
		f.stack = &s
	default:
		return false
	}
	f.deferred = false
	return true
}

// propertyValue comes before the value of a property that was not captured.
func (e *Encoder) propertyValue(f *errorFrame) {
	if !f.deferred {
		return
	}
	f.deferred = false
	switch {
	case !f.legacy:
		e.text(f.key)
	case f.key == "cause":
		e.buf = append(e.buf, errorCause)
	default:
		f.dropping = true
		f.restart = restart{len(e.buf), len(e.marks), e.nextID, e.nextWire}
	}
}

// endProperty leaves out the property before, if it is not to be kept.
func (e *Encoder) endProperty(f *errorFrame) {
	if !f.dropping {
		return
	}
	f.dropping = false
	e.buf = e.buf[:f.restart.length]
	e.marks = e.marks[:f.restart.marks]
	e.nextWire = f.restart.wire
	for id := f.restart.id; id < e.nextID; id++ {
		e.wireIDs[id] = dropped
	}
}

// EndError implements [engine.Sink].
func (e *Encoder) EndError(properties int) {
	f := e.pop().fault
	if f == nil {
		return
	}
	e.endProperty(f)
	tail := append([]byte(nil), e.buf[f.start:]...)
	marks := append([]mark(nil), e.marks[f.marks:]...)
	e.buf, e.marks = e.buf[:f.start], e.marks[:f.marks]
	if f.legacy {
		e.legacyHeader(f)
		e.move(tail, f.start, marks)
		e.buf = append(e.buf, errorEnd)
	} else {
		e.hostHeader(f)
		e.move(tail, f.start, marks)
		if f.name != nil {
			properties--
		}
		e.buf = append(e.buf, tagEndObject)
		e.varint(uint32(properties))
	}
	if e.errors--; e.errors == 0 {
		e.marks = e.marks[:0]
	}
}

// effectiveName is what the property name of the error answers.
func (f *errorFrame) effectiveName() string {
	if f.name != nil {
		return *f.name
	}
	return f.class
}

func (e *Encoder) hostHeader(f *errorFrame) {
	e.buf = append(e.buf, tagHost, hostError)
	number := errorType(f.effectiveName())
	e.varint(number)
	if number == errorName {
		e.text(f.effectiveName())
	}
	e.text(f.message)
	e.buf = append(e.buf, tagBeginObject)
}

func (e *Encoder) legacyHeader(f *errorFrame) {
	e.buf = append(e.buf, tagError)
	if tag := v8ErrorTag(f.effectiveName()); tag != 0 {
		e.buf = append(e.buf, tag)
	}
	if f.hasMessage {
		e.buf = append(e.buf, errorMessage)
		e.text(f.message)
	}
	if f.stack != nil {
		e.buf = append(e.buf, errorStack)
		e.text(*f.stack)
	}
}

// move appends what was written at offset from, aligning its strings.
func (e *Encoder) move(tail []byte, from int, marks []mark) {
	for _, m := range marks {
		tag := m.tag - from
		before := tag
		if m.padded {
			before--
		}
		e.buf = append(e.buf, tail[:before]...)
		size, _ := binary.Uvarint(tail[tag+1:])
		e.twoByteTag(uint32(size))
		tail = tail[tag+1:]
		from = m.tag + 1
	}
	e.buf = append(e.buf, tail...)
}
