package quickjs

import (
	"math"
	"unsafe"

	"modernc.org/libc"
	lib "modernc.org/libquickjs"

	"github.com/dodev/dodev/emulator/engine"
)

const (
	valueSize       = int(unsafe.Sizeof(lib.TJSValue{}))
	memoryUsageSize = unsafe.Sizeof(lib.TJSMemoryUsage{})
	bufMin          = 16 << 10
	bufKeep         = 1 << 20 // a larger entry buffer is given back
)

var (
	undefined = lib.TJSValue{Ftag: lib.EJS_TAG_UNDEFINED}
	null      = lib.TJSValue{Ftag: lib.EJS_TAG_NULL}
	exception = lib.TJSValue{Ftag: lib.EJS_TAG_EXCEPTION}
)

// fp is the address of a Go function as the transpiled code stores it.
func fp(f any) uintptr {
	type iface [2]uintptr
	return (*iface)(unsafe.Pointer(&f))[1]
}

func tag(v lib.TJSValue) int32 { return int32(v.Ftag) }

func isException(v lib.TJSValue) bool { return tag(v) == lib.EJS_TAG_EXCEPTION }
func isObject(v lib.TJSValue) bool    { return tag(v) == lib.EJS_TAG_OBJECT }
func isUndefined(v lib.TJSValue) bool { return tag(v) == lib.EJS_TAG_UNDEFINED }
func isString(v lib.TJSValue) bool {
	return tag(v) == lib.EJS_TAG_STRING || tag(v) == lib.EJS_TAG_STRING_ROPE
}

// payload is the union of a value, as its widest member.
func payload(v *lib.TJSValue) *uint64 { return (*uint64)(unsafe.Pointer(v)) }

func pointer(v lib.TJSValue) uintptr    { return uintptr(*payload(&v)) }
func toFloat64(v lib.TJSValue) float64  { return math.Float64frombits(*payload(&v)) }
func toInt32(v lib.TJSValue) int32      { return int32(*payload(&v)) }
func newInt32(n int32) (r lib.TJSValue) { *payload(&r) = uint64(uint32(n)); return r }

func newFloat64(n float64) lib.TJSValue {
	if i := int32(n); float64(i) == n && (i != 0 || !math.Signbit(n)) {
		return newInt32(i)
	}
	r := lib.TJSValue{Ftag: lib.EJS_TAG_FLOAT64}
	*payload(&r) = math.Float64bits(n)
	return r
}

func newBool(b bool) lib.TJSValue {
	r := lib.TJSValue{Ftag: lib.EJS_TAG_BOOL}
	if b {
		*payload(&r) = 1
	}
	return r
}

// arg and setArg read and write an array of values in C memory.
func arg(argv uintptr, i int) lib.TJSValue {
	return *(*lib.TJSValue)(at(argv + uintptr(i*valueSize)))
}

func setArg(argv uintptr, i int, v lib.TJSValue) {
	*(*lib.TJSValue)(at(argv + uintptr(i*valueSize))) = v
}

// at is an address in C memory as a pointer. It never points into Go's heap,
// so the collector's rules for pointers do not concern it.
func at(p uintptr) unsafe.Pointer { return *(*unsafe.Pointer)(unsafe.Pointer(&p)) }

func memoryUsage(p uintptr) *lib.TJSMemoryUsage {
	return (*lib.TJSMemoryUsage)(at(p))
}

// memory is n bytes of C memory as a slice; it must not outlive them.
func memory(p uintptr, n int) []byte {
	if n == 0 {
		return nil
	}
	return unsafe.Slice((*byte)(at(p)), n)
}

func copyOut(p uintptr, n int) []byte {
	return append(make([]byte, 0, n), memory(p, n)...)
}

func (v *vm) free(val lib.TJSValue) { lib.XFreeValue(v.tls, v.ctx, val) }

func (v *vm) dup(val lib.TJSValue) lib.TJSValue { return lib.XDupValue(v.tls, v.ctx, val) }

// word reads the i-th word of the scratch memory.
func (v *vm) word(i int) uint64 {
	return *(*uint64)(at(v.scratch + uintptr(i*8)))
}

func (v *vm) scratchSize() uint64 { return v.word(0) }

// scratchAt is the address of the i-th word of the scratch memory.
func (v *vm) scratchAt(i int) uintptr { return v.scratch + uintptr(i*8) }

// cString copies s to C memory with a NUL at its end; the caller frees it.
func (v *vm) cString(s string) uintptr {
	p := libc.Xmalloc(v.tls, lib.Tsize_t(len(s)+1))
	b := memory(p, len(s)+1)
	copy(b, s)
	b[len(s)] = 0
	return p
}

// reserve makes the entry buffer hold n bytes. What it returns is valid until
// the next call.
func (v *vm) reserve(n int) uintptr {
	if n > v.bufCap || (v.bufCap > bufKeep && n < bufMin) {
		if v.buf != 0 {
			libc.Xfree(v.tls, v.buf)
		}
		v.bufCap = max(n, bufMin)
		v.buf = libc.Xmalloc(v.tls, lib.Tsize_t(v.bufCap))
	}
	return v.buf
}

func (v *vm) enterBytes(b []byte) uintptr {
	p := v.reserve(len(b) + 1)
	copy(memory(p, len(b)), b)
	memory(p, len(b)+1)[len(b)] = 0
	return p
}

func (v *vm) newString(s string) lib.TJSValue {
	p := v.reserve(len(s) + 1)
	copy(memory(p, len(s)), s)
	memory(p, len(s)+1)[len(s)] = 0
	return lib.XJS_NewStringLen(v.tls, v.ctx, p, lib.Tsize_t(len(s)))
}

func (v *vm) newAtom(s string) lib.TJSAtom {
	p := v.reserve(len(s) + 1)
	copy(memory(p, len(s)), s)
	memory(p, len(s)+1)[len(s)] = 0
	return lib.XJS_NewAtomLen(v.tls, v.ctx, p, lib.Tsize_t(len(s)))
}

// newBuffer makes an ArrayBuffer holding a copy of b.
func (v *vm) newBuffer(b []byte) lib.TJSValue {
	if len(b) == 0 {
		return lib.XJS_NewArrayBufferCopy(v.tls, v.ctx, v.scratch, 0)
	}
	p := lib.Xjs_malloc_rt(v.tls, v.rt, lib.Tsize_t(len(b)))
	if p == 0 {
		return lib.XJS_ThrowOutOfMemory(v.tls, v.ctx)
	}
	copy(memory(p, len(b)), b)
	return lib.XJS_NewArrayBuffer(v.tls, v.ctx, p, lib.Tsize_t(len(b)), fp(freeBuffer), 0, 0)
}

// freeBuffer is called by the engine when a buffer made by newBuffer dies.
func freeBuffer(tls *libc.TLS, rt, _, p uintptr) { lib.Xjs_free_rt(tls, rt, p) }

// text copies a string value out as WTF-8.
func (v *vm) text(val lib.TJSValue) string {
	p := lib.XJS_ToCStringLen2(v.tls, v.ctx, v.scratch, val, 0)
	if p == 0 {
		v.free(lib.XJS_GetException(v.tls, v.ctx))
		return ""
	}
	s := string(memory(p, int(v.scratchSize())))
	lib.XJS_FreeCString(v.tls, v.ctx, p)
	return s
}

func (v *vm) atomText(a lib.TJSAtom) string {
	p := lib.XJS_AtomToCStringLen(v.tls, v.ctx, v.scratch, a)
	if p == 0 {
		v.free(lib.XJS_GetException(v.tls, v.ctx))
		return ""
	}
	s := string(memory(p, int(v.scratchSize())))
	lib.XJS_FreeCString(v.tls, v.ctx, p)
	return s
}

// fromGo makes a value the caller owns.
func (v *vm) fromGo(x engine.Value) lib.TJSValue {
	switch x.Kind() {
	case engine.KindNull:
		return null
	case engine.KindBool:
		return newBool(x.Bool())
	case engine.KindNumber:
		return newFloat64(x.Number())
	case engine.KindString:
		return v.newString(x.Text())
	case engine.KindBytes:
		return v.newBuffer(x.Bytes())
	}
	return undefined
}

// toGo copies plain data out; ok is false for anything else.
func (v *vm) toGo(val lib.TJSValue) (out engine.Value, ok bool) {
	switch v.kind(val) {
	case engine.KindUndefined:
		return engine.Undefined, true
	case engine.KindNull:
		return engine.Null, true
	case engine.KindBool:
		return engine.Bool(toInt32(val) != 0), true
	case engine.KindNumber:
		return engine.Number(v.number(val)), true
	case engine.KindString:
		return engine.String(v.text(val)), true
	case engine.KindBytes:
		return engine.Bytes(v.bytes(val)), true
	}
	return engine.Undefined, false
}

func (v *vm) kind(val lib.TJSValue) engine.Kind {
	switch tag(val) {
	case lib.EJS_TAG_UNDEFINED:
		return engine.KindUndefined
	case lib.EJS_TAG_NULL:
		return engine.KindNull
	case lib.EJS_TAG_BOOL:
		return engine.KindBool
	case lib.EJS_TAG_INT, lib.EJS_TAG_FLOAT64:
		return engine.KindNumber
	case lib.EJS_TAG_STRING, lib.EJS_TAG_STRING_ROPE:
		return engine.KindString
	case lib.EJS_TAG_OBJECT:
		switch class := int32(lib.XJS_GetClassID(v.tls, val)); {
		case class == lib.EJS_CLASS_ARRAY:
			return engine.KindArray
		case isBufferClass(class):
			return engine.KindBytes
		case isFunctionClass(class):
			return engine.KindOther
		}
		return engine.KindObject
	}
	return engine.KindOther
}

func (v *vm) number(val lib.TJSValue) float64 {
	switch tag(val) {
	case lib.EJS_TAG_INT, lib.EJS_TAG_BOOL:
		return float64(toInt32(val))
	case lib.EJS_TAG_FLOAT64:
		return toFloat64(val)
	}
	return 0
}

// bytes copies an ArrayBuffer or view out.
func (v *vm) bytes(val lib.TJSValue) []byte {
	p, n, release := v.view(val)
	defer release()
	return copyOut(p, n)
}

// view is the memory of an ArrayBuffer or view, valid until release.
func (v *vm) view(val lib.TJSValue) (p uintptr, n int, release func()) {
	release = func() {}
	buffer, offset, length, ok := val, 0, -1, true
	switch class := int32(lib.XJS_GetClassID(v.tls, val)); {
	case class == lib.EJS_CLASS_ARRAY_BUFFER || class == lib.EJS_CLASS_SHARED_ARRAY_BUFFER:
	case isBufferClass(class):
		buffer, offset, length, ok = v.viewParts(val, class)
		release = func() { v.free(buffer) }
	default:
		ok = false
	}
	if !ok {
		return 0, 0, release
	}
	p = lib.XJS_GetArrayBuffer(v.tls, v.ctx, v.scratch, buffer)
	size := int(v.scratchSize())
	if p == 0 { // detached, or of length 0
		v.free(lib.XJS_GetException(v.tls, v.ctx))
		return 0, 0, release
	}
	if length < 0 {
		length = size
	}
	if offset+length > size {
		return 0, 0, release
	}
	return p + uintptr(offset), length, release
}

// viewParts gives the buffer, offset and length of a view, in bytes. The
// caller frees the buffer.
func (v *vm) viewParts(val lib.TJSValue, class int32) (buffer lib.TJSValue, offset, length int, ok bool) {
	if class != lib.EJS_CLASS_DATAVIEW {
		buffer = lib.XJS_GetTypedArrayBuffer(v.tls, v.ctx, val, v.scratchAt(1), v.scratchAt(2), v.scratchAt(3))
		if isException(buffer) {
			v.free(lib.XJS_GetException(v.tls, v.ctx))
			return undefined, 0, 0, false
		}
		return buffer, int(v.word(1)), int(v.word(2)), true
	}
	parts, err := v.helper("dataView", val)
	if err != nil {
		return undefined, 0, 0, false
	}
	defer v.free(parts)
	buffer = lib.XJS_GetPropertyUint32(v.tls, v.ctx, parts, 0)
	off := lib.XJS_GetPropertyUint32(v.tls, v.ctx, parts, 1)
	n := lib.XJS_GetPropertyUint32(v.tls, v.ctx, parts, 2)
	return buffer, int(v.number(off)), int(v.number(n)), true
}

func isBufferClass(class int32) bool {
	return class >= lib.EJS_CLASS_ARRAY_BUFFER && class <= lib.EJS_CLASS_DATAVIEW
}

func isFunctionClass(class int32) bool {
	switch class {
	case lib.EJS_CLASS_C_FUNCTION, lib.EJS_CLASS_BYTECODE_FUNCTION, lib.EJS_CLASS_BOUND_FUNCTION,
		lib.EJS_CLASS_C_FUNCTION_DATA, lib.EJS_CLASS_GENERATOR_FUNCTION, lib.EJS_CLASS_ASYNC_FUNCTION,
		lib.EJS_CLASS_ASYNC_GENERATOR_FUNCTION, lib.EJS_CLASS_PROMISE_RESOLVE_FUNCTION,
		lib.EJS_CLASS_PROMISE_REJECT_FUNCTION, lib.EJS_CLASS_ASYNC_FUNCTION_RESOLVE, lib.EJS_CLASS_ASYNC_FUNCTION_REJECT:
		return true
	}
	return false
}

// eachProperty visits own properties in their order. The value is freed after
// visit returns.
func (v *vm) eachProperty(obj lib.TJSValue, flags int32, visit func(name string, atom lib.TJSAtom, val lib.TJSValue) error) error {
	names, n, err := v.ownNames(obj, flags)
	if err != nil {
		return err
	}
	defer lib.XJS_FreePropertyEnum(v.tls, v.ctx, names, lib.Tuint32_t(n))
	for i := range n {
		atom := nameAt(names, i)
		val := lib.XJS_GetPropertyInternal(v.tls, v.ctx, obj, atom, obj, 0)
		if isException(val) {
			return v.exception()
		}
		err := visit(v.atomText(atom), atom, val)
		v.free(val)
		if err != nil {
			return err
		}
	}
	return nil
}

// ownNames is the property list of obj as the engine gives it.
func (v *vm) ownNames(obj lib.TJSValue, flags int32) (names uintptr, n int, err error) {
	if lib.XJS_GetOwnPropertyNames(v.tls, v.ctx, v.scratchAt(1), v.scratchAt(2), obj, flags) < 0 {
		return 0, 0, v.exception()
	}
	return uintptr(v.word(1)), int(uint32(v.word(2))), nil
}

func nameAt(names uintptr, i int) lib.TJSAtom {
	return (*lib.TJSPropertyEnum)(at(names + uintptr(i)*unsafe.Sizeof(lib.TJSPropertyEnum{}))).Fatom
}
