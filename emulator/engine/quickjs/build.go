package quickjs

import (
	"encoding/hex"
	"errors"

	lib "modernc.org/libquickjs"

	"github.com/dodev/dodev/emulator/engine"
)

// maxKeyAtoms bounds the property names a vm keeps interned.
const maxKeyAtoms = 1024

// A builder is the Sink that makes values. It owns what it has made until
// release; the first failure stops it and is reported by finished.
type builder struct {
	v     *vm
	roots []lib.TJSValue
	ids   []lib.TJSValue
	base  int // what a Ref counts from
	stack []frame
	err   error

	message bool // see newBuilder
}

// A frame is a container being filled.
type frame struct {
	kind  frameKind
	val   lib.TJSValue
	next  int // index of the next element
	key   lib.TJSAtom
	hasK  bool // key or item holds the first half of a pair
	item  lib.TJSValue
	named string // key of an error's property
	stack bool   // the error has its own
	hides bool   // the error's properties are not enumerable

	view           engine.ViewKind
	offset, length int
	tag            uint32
	id             int
}

type frameKind uint8

const (
	inObject frameKind = iota
	inDense
	inMap
	inSet
	inView
	inError
	inHost
)

// newBuilder makes the values of a message to an entry, in which an error has a
// stack as if it had been made there, or what is an exact copy.
func newBuilder(v *vm, message bool) *builder { return &builder{v: v, message: message} }

func (b *builder) finished() error {
	if b.err != nil {
		return b.err
	}
	if len(b.stack) > 0 {
		return errors.New("value ends inside a container")
	}
	return nil
}

func (b *builder) release() {
	for i := range b.stack {
		f := &b.stack[i]
		b.v.free(f.val)
		b.v.free(f.item)
		if f.key != 0 {
			lib.XJS_FreeAtom(b.v.tls, b.v.ctx, f.key)
		}
	}
	for _, val := range b.ids {
		b.v.free(val)
	}
	for _, val := range b.roots {
		b.v.free(val)
	}
	b.stack, b.ids, b.roots = nil, nil, nil
}

func (b *builder) fail(err error) {
	if b.err == nil {
		b.err = err
	}
}

// check takes a pending exception.
func (b *builder) check(val lib.TJSValue) lib.TJSValue {
	if isException(val) {
		b.fail(b.v.exception())
		return undefined
	}
	return val
}

func (b *builder) made(val lib.TJSValue, err error) lib.TJSValue {
	if err != nil {
		b.fail(err)
		return undefined
	}
	return val
}

func (b *builder) top() *frame { return &b.stack[len(b.stack)-1] }

// add puts a value, which it takes over, where it belongs.
func (b *builder) add(val lib.TJSValue) {
	if b.err != nil {
		b.v.free(val)
		return
	}
	if len(b.stack) == 0 {
		b.roots = append(b.roots, val)
		return
	}
	switch f := b.top(); f.kind {
	case inObject, inDense:
		b.addProperty(f, val)
	case inError:
		b.addErrorProperty(f, val)
	case inMap:
		if !f.hasK {
			f.item, f.hasK = val, true
			return
		}
		b.discard(b.v.helper("mapSet", f.val, f.item, val))
		b.v.free(f.item)
		b.v.free(val)
		f.item, f.hasK = undefined, false
	case inSet:
		b.discard(b.v.helper("setAdd", f.val, val))
		b.v.free(val)
	case inView, inHost:
		b.v.free(f.item)
		f.item = val
	}
}

func (b *builder) discard(val lib.TJSValue, err error) { b.v.free(b.made(val, err)) }

func (b *builder) addProperty(f *frame, val lib.TJSValue) {
	var r int32
	if f.hasK {
		r = lib.XJS_DefinePropertyValue(b.v.tls, b.v.ctx, f.val, f.key, val, lib.MJS_PROP_C_W_E)
		lib.XJS_FreeAtom(b.v.tls, b.v.ctx, f.key)
		f.key, f.hasK = 0, false
	} else {
		r = lib.XJS_DefinePropertyValueUint32(b.v.tls, b.v.ctx, f.val, lib.Tuint32_t(f.next), val, lib.MJS_PROP_C_W_E)
		f.next++
	}
	if r < 0 {
		b.fail(b.v.exception())
	}
}

func (b *builder) addErrorProperty(f *frame, val lib.TJSValue) {
	defer lib.XJS_FreeAtom(b.v.tls, b.v.ctx, f.key)
	flags := int32(lib.MJS_PROP_C_W_E)
	f.stack = f.stack || f.named == "stack"
	if f.hides || f.named == "stack" && b.message {
		flags = lib.MJS_PROP_CONFIGURABLE | lib.MJS_PROP_WRITABLE
	}
	if lib.XJS_DefinePropertyValue(b.v.tls, b.v.ctx, f.val, f.key, val, flags) < 0 {
		b.fail(b.v.exception())
	}
	f.key = 0
}

// object adds a value that has an identity.
func (b *builder) object(val lib.TJSValue) {
	b.ids = append(b.ids, b.v.dup(val))
	b.add(val)
}

func (b *builder) begin(kind frameKind, val lib.TJSValue) {
	b.ids = append(b.ids, b.v.dup(val))
	b.stack = append(b.stack, frame{kind: kind, val: val, item: undefined})
}

// end pops a container and adds it where it belongs.
func (b *builder) end() {
	if b.err != nil || len(b.stack) == 0 {
		return
	}
	f := *b.top()
	b.stack = b.stack[:len(b.stack)-1]
	b.add(f.val)
}

func (b *builder) Undefined()            { b.add(undefined) }
func (b *builder) Null()                 { b.add(null) }
func (b *builder) Bool(x bool)           { b.add(newBool(x)) }
func (b *builder) Int(x int32)           { b.add(newInt32(x)) }
func (b *builder) Double(x float64)      { b.add(newFloat64(x)) }
func (b *builder) String(s string)       { b.add(b.check(b.v.newString(s))) }
func (b *builder) Buffer(p []byte)       { b.object(b.check(b.v.newBuffer(p))) }
func (b *builder) Date(ms float64)       { b.object(b.check(lib.XJS_NewDate(b.v.tls, b.v.ctx, ms))) }
func (b *builder) BoxedBool(x bool)      { b.box(newBool(x)) }
func (b *builder) BoxedNumber(x float64) { b.box(newFloat64(x)) }
func (b *builder) BoxedString(s string)  { b.box(b.check(b.v.newString(s))) }

func (b *builder) BigInt(negative bool, magnitude []byte) { b.add(b.bigint(negative, magnitude)) }
func (b *builder) BoxedBigInt(negative bool, magnitude []byte) {
	b.box(b.bigint(negative, magnitude))
}

func (b *builder) box(val lib.TJSValue) {
	b.object(b.made(b.v.helper("box", val)))
	b.v.free(val)
}

func (b *builder) bigint(negative bool, magnitude []byte) lib.TJSValue {
	big := make([]byte, len(magnitude))
	for i, x := range magnitude {
		big[len(big)-1-i] = x
	}
	digits := hex.EncodeToString(big)
	if digits == "" {
		digits = "0"
	}
	s := b.v.newString(digits)
	defer b.v.free(s)
	return b.made(b.v.helper("newBigInt", newBool(negative), s))
}

func (b *builder) RegExp(source, flags string) {
	s, f := b.v.newString(source), b.v.newString(flags)
	defer b.v.free(s)
	defer b.v.free(f)
	b.object(b.made(b.v.helper("newRegExp", s, f)))
}

func (b *builder) BeginView(kind engine.ViewKind, offset, length int) {
	b.stack = append(b.stack, frame{kind: inView, val: undefined, item: undefined, view: kind, offset: offset, length: length})
}

func (b *builder) EndView() {
	if b.err != nil || len(b.stack) == 0 {
		return
	}
	f := *b.top()
	b.stack = b.stack[:len(b.stack)-1]
	defer b.v.free(f.item)
	b.object(b.made(b.v.helper("newView", newInt32(int32(f.view)), f.item,
		newFloat64(float64(f.offset)), newFloat64(float64(f.length/f.view.ElementSize())))))
}

func (b *builder) BeginObject()       { b.begin(inObject, b.check(lib.XJS_NewObject(b.v.tls, b.v.ctx))) }
func (b *builder) EndObject(int)      { b.end() }
func (b *builder) BeginDense(int)     { b.begin(inDense, b.check(lib.XJS_NewArray(b.v.tls, b.v.ctx))) }
func (b *builder) BeginSparse(int)    { b.begin(inDense, b.check(lib.XJS_NewArray(b.v.tls, b.v.ctx))) }
func (b *builder) EndDense(_, n int)  { b.endArray(n) }
func (b *builder) EndSparse(_, n int) { b.endArray(n) }
func (b *builder) BeginMap()          { b.begin(inMap, b.made(b.v.helper("newMap"))) }
func (b *builder) EndMap(int)         { b.end() }
func (b *builder) BeginSet()          { b.begin(inSet, b.made(b.v.helper("newSet"))) }
func (b *builder) EndSet(int)         { b.end() }

func (b *builder) Hole() {
	if len(b.stack) > 0 {
		b.top().next++
	}
}

func (b *builder) endArray(length int) {
	if b.err == nil && len(b.stack) > 0 {
		b.discard(b.v.helper("setLength", b.top().val, newFloat64(float64(length))))
	}
	b.end()
}

func (b *builder) Key(name string) {
	if b.err != nil || len(b.stack) == 0 {
		return
	}
	f := b.top()
	f.key, f.hasK = b.v.keyAtom(name), true
	if f.kind == inError {
		f.named = name
	}
}

func (b *builder) Index(i uint32) {
	if b.err != nil || len(b.stack) == 0 {
		return
	}
	f := b.top()
	f.key, f.hasK = lib.XJS_NewAtomUInt32(b.v.tls, b.v.ctx, lib.Tuint32_t(i)), true
}

func (b *builder) BeginError(class, message string, hasMessage bool) {
	c, m := b.v.newString(class), b.v.newString(message)
	defer b.v.free(c)
	defer b.v.free(m)
	b.begin(inError, b.made(b.v.helper("newError", c, m, newBool(hasMessage))))
}

// Hide implements engine.Hider.
func (b *builder) Hide() {
	if b.err == nil && len(b.stack) > 0 {
		b.top().hides = true
	}
}

// EndError leaves an error that came without a stack without one.
func (b *builder) EndError(int) {
	if b.err == nil && len(b.stack) > 0 && !b.top().stack {
		b.discard(b.v.helper("deleteStack", b.top().val))
	}
	b.end()
}

func (b *builder) BeginHost(tag uint32) {
	b.stack = append(b.stack, frame{kind: inHost, val: undefined, item: undefined, tag: tag, id: len(b.ids)})
	b.ids = append(b.ids, undefined)
}

func (b *builder) EndHost() {
	if b.err != nil || len(b.stack) == 0 {
		return
	}
	f := *b.top()
	b.stack = b.stack[:len(b.stack)-1]
	defer b.v.free(f.item)
	fn, ok := b.v.entries["revive"]
	if !ok {
		b.fail(errors.New("host record in an isolate that knows none"))
		return
	}
	val := b.made(b.v.call(fn, newFloat64(float64(f.tag)), f.item))
	b.ids[f.id] = b.v.dup(val)
	b.add(val)
}

// Rebase implements engine.Rebaser.
func (b *builder) Rebase() { b.base = len(b.ids) }

func (b *builder) Ref(id int) {
	id += b.base
	if id < 0 || id >= len(b.ids) {
		b.fail(errors.New("reference to an object that is not there"))
		return
	}
	b.add(b.v.dup(b.ids[id]))
}

// keyAtom interns a property name; the caller owns the atom.
func (v *vm) keyAtom(name string) lib.TJSAtom {
	if a, ok := v.keyAtoms[name]; ok {
		return lib.XJS_DupAtom(v.tls, v.ctx, a)
	}
	a := v.newAtom(name)
	if len(v.keyAtoms) < maxKeyAtoms {
		v.keyAtoms[name] = lib.XJS_DupAtom(v.tls, v.ctx, a)
	}
	return a
}
