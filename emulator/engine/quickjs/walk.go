package quickjs

import (
	"encoding/hex"
	"strings"

	lib "modernc.org/libquickjs"

	"github.com/dodev/dodev/emulator/engine"
)

// maxDepth is how deep a value may nest before it is refused the way the
// platform refuses it, with the error of an exhausted stack.
const maxDepth = 5000

// A walker feeds one value to a Sink.
type walker struct {
	v     *vm
	mode  engine.Mode
	sink  engine.Sink
	ids   map[uintptr]int
	kept  []lib.TJSValue // those with numbers: another object must not take the place of one
	next  int
	depth int
}

// done lets go of the objects that were walked.
func (w *walker) done() {
	for _, val := range w.kept {
		w.v.free(val)
	}
}

func (w *walker) walk(val lib.TJSValue) error {
	switch tag(val) {
	case lib.EJS_TAG_UNDEFINED:
		w.sink.Undefined()
	case lib.EJS_TAG_NULL:
		w.sink.Null()
	case lib.EJS_TAG_BOOL:
		w.sink.Bool(toInt32(val) != 0)
	case lib.EJS_TAG_INT:
		w.sink.Int(toInt32(val))
	case lib.EJS_TAG_FLOAT64:
		w.number(toFloat64(val))
	case lib.EJS_TAG_STRING, lib.EJS_TAG_STRING_ROPE:
		w.sink.String(w.v.text(val))
	case lib.EJS_TAG_BIG_INT, lib.EJS_TAG_SHORT_BIG_INT:
		neg, mag, err := w.bigint(val)
		if err != nil {
			return err
		}
		w.sink.BigInt(neg, mag)
	case lib.EJS_TAG_OBJECT:
		return w.object(val)
	default:
		return w.refuse(val)
	}
	return nil
}

func (w *walker) number(f float64) {
	if v := newFloat64(f); tag(v) == lib.EJS_TAG_INT {
		w.sink.Int(toInt32(v))
		return
	}
	w.sink.Double(f)
}

// remember gives an object its number.
func (w *walker) remember(val lib.TJSValue) {
	if w.ids == nil {
		w.ids = map[uintptr]int{}
	}
	w.ids[pointer(val)] = w.next
	w.kept = append(w.kept, w.v.dup(val))
	w.next++
}

func (w *walker) object(val lib.TJSValue) error {
	if id, ok := w.ids[pointer(val)]; ok {
		w.sink.Ref(id)
		return nil
	}
	if w.depth++; w.depth > maxDepth {
		return engine.RangeError("Maximum call stack size exceeded")
	}
	defer func() { w.depth-- }()

	class := int32(lib.XJS_GetClassID(w.v.tls, val))
	switch class {
	case lib.EJS_CLASS_OBJECT:
		if w.v.isPlain(val, w.mode != engine.ForRPC) {
			return w.plain(val)
		}
		return w.described(val, w.plain)
	case lib.EJS_CLASS_ARRAY:
		return w.array(val)
	case lib.EJS_CLASS_ERROR:
		return w.described(val, w.error)
	case lib.EJS_CLASS_MAP:
		return w.collection(val, "mapEntries", w.sink.BeginMap, w.sink.EndMap)
	case lib.EJS_CLASS_SET:
		return w.collection(val, "setValues", w.sink.BeginSet, w.sink.EndSet)
	case lib.EJS_CLASS_ARRAY_BUFFER, lib.EJS_CLASS_SHARED_ARRAY_BUFFER:
		return w.buffer(val)
	case lib.EJS_CLASS_DATE, lib.EJS_CLASS_REGEXP, lib.EJS_CLASS_NUMBER, lib.EJS_CLASS_STRING, lib.EJS_CLASS_BOOLEAN, lib.EJS_CLASS_BIG_INT:
		return w.boxed(val, class)
	}
	if kind, ok := viewKind(class); ok {
		return w.bufferView(val, class, kind)
	}
	return w.described(val, w.refuse)
}

// isPlain reports whether an object inherits from Object.prototype or, if that
// will do, from nothing.
func (v *vm) isPlain(val lib.TJSValue, orNothing bool) bool {
	if v.objectProto == 0 {
		obj := lib.XJS_NewObject(v.tls, v.ctx)
		p := lib.XJS_GetPrototype(v.tls, v.ctx, obj)
		v.objectProto = pointer(p)
		v.free(p)
		v.free(obj)
	}
	p := lib.XJS_GetPrototype(v.tls, v.ctx, val)
	defer v.free(p)
	if !isObject(p) {
		return orNothing
	}
	return pointer(p) == v.objectProto
}

// described asks the entry describe what to make of an object that is not
// plainly data; without an answer it is walked by otherwise.
func (w *walker) described(val lib.TJSValue, otherwise func(lib.TJSValue) error) error {
	fn, ok := w.v.entries["describe"]
	if !ok {
		return otherwise(val)
	}
	proxy := int32(lib.XJS_GetClassID(w.v.tls, val)) == lib.EJS_CLASS_PROXY
	answer, err := w.v.call(fn, val, newInt32(int32(w.mode)), newBool(proxy))
	if err != nil {
		return err
	}
	defer w.v.free(answer)
	switch {
	case isUndefined(answer):
		return otherwise(val)
	case isString(answer):
		return cloneError(w.v.text(answer))
	}
	host := lib.XJS_GetPropertyUint32(w.v.tls, w.v.ctx, answer, 0)
	payload := lib.XJS_GetPropertyUint32(w.v.tls, w.v.ctx, answer, 1)
	defer w.v.free(payload)
	w.remember(val)
	w.sink.BeginHost(uint32(w.v.number(host)))
	if err := w.walk(payload); err != nil {
		return err
	}
	w.sink.EndHost()
	return nil
}

func cloneError(message string) error {
	if class, rest, ok := strings.Cut(message, "|"); ok && !strings.Contains(class, " ") {
		return &engine.Throw{Class: class, Message: rest}
	}
	return engine.DOMException("DataCloneError", "%s", message)
}

// refuse is the error for a value that has no clone.
func (w *walker) refuse(val lib.TJSValue) error {
	name, err := w.v.helper("uncloneable", val)
	if err != nil {
		return err
	}
	defer w.v.free(name)
	return engine.DOMException("DataCloneError", "%s could not be cloned.", w.v.text(name))
}

func (w *walker) plain(val lib.TJSValue) error {
	w.remember(val)
	w.sink.BeginObject()
	names, n, err := w.v.ownNames(val, lib.MJS_GPN_STRING_MASK|lib.MJS_GPN_ENUM_ONLY)
	if err != nil {
		return err
	}
	defer lib.XJS_FreePropertyEnum(w.v.tls, w.v.ctx, names, lib.Tuint32_t(n))
	if err := w.properties(val, names, 0, n); err != nil {
		return err
	}
	w.sink.EndObject(n)
	return nil
}

// properties writes the properties from i to n of a list.
func (w *walker) properties(val lib.TJSValue, names uintptr, i, n int) error {
	for ; i < n; i++ {
		atom := nameAt(names, i)
		if index, ok := atomIndex(atom); ok {
			w.sink.Index(index)
		} else {
			w.sink.Key(w.v.atomText(atom))
		}
		if err := w.propertyValue(val, atom); err != nil {
			return err
		}
	}
	return nil
}

func (w *walker) propertyValue(obj lib.TJSValue, atom lib.TJSAtom) error {
	p := lib.XJS_GetPropertyInternal(w.v.tls, w.v.ctx, obj, atom, obj, 0)
	if isException(p) {
		return w.v.exception()
	}
	defer w.v.free(p)
	return w.walk(p)
}

// atomIndex is the integer an atom stands for: those below 2^31 are kept in it.
func atomIndex(a lib.TJSAtom) (uint32, bool) {
	return uint32(a) &^ (1 << 31), uint32(a)&(1<<31) != 0
}

func (w *walker) array(val lib.TJSValue) error {
	w.remember(val)
	lv := w.v.get(val, "length")
	length := int(w.v.number(lv))
	names, n, err := w.v.ownNames(val, lib.MJS_GPN_STRING_MASK|lib.MJS_GPN_ENUM_ONLY)
	if err != nil {
		return err
	}
	defer lib.XJS_FreePropertyEnum(w.v.tls, w.v.ctx, names, lib.Tuint32_t(n))
	if !dense(names, n, length) {
		w.sink.BeginSparse(length)
		if err := w.properties(val, names, 0, n); err != nil {
			return err
		}
		w.sink.EndSparse(n, length)
		return nil
	}
	w.sink.BeginDense(length)
	for i := range length {
		if err := w.propertyValue(val, nameAt(names, i)); err != nil {
			return err
		}
	}
	if err := w.properties(val, names, length, n); err != nil {
		return err
	}
	w.sink.EndDense(n-length, length)
	return nil
}

// dense reports whether the names begin with every index below length.
func dense(names uintptr, n, length int) bool {
	if n < length {
		return false
	}
	if length == 0 {
		return true
	}
	last, ok := atomIndex(nameAt(names, length-1))
	return ok && int(last) == length-1
}

func (w *walker) collection(val lib.TJSValue, list string, begin func(), end func(int)) error {
	w.remember(val)
	begin()
	items, err := w.v.helper(list, val)
	if err != nil {
		return err
	}
	defer w.v.free(items)
	lv := w.v.get(items, "length")
	n := int(w.v.number(lv))
	for i := range n {
		item := lib.XJS_GetPropertyUint32(w.v.tls, w.v.ctx, items, lib.Tuint32_t(i))
		err := w.walk(item)
		w.v.free(item)
		if err != nil {
			return err
		}
	}
	end(n)
	return nil
}

func (w *walker) buffer(val lib.TJSValue) error {
	p, n, release := w.v.view(val)
	defer release()
	if p == 0 && w.mode != engine.ForTransfer {
		return engine.DOMException("DataCloneError", "An ArrayBuffer is detached and could not be cloned.")
	}
	w.remember(val)
	w.sink.Buffer(memory(p, n))
	return nil
}

func (w *walker) bufferView(val lib.TJSValue, class int32, kind engine.ViewKind) error {
	buffer, offset, length, ok := w.v.viewParts(val, class)
	if !ok {
		return w.refuse(val)
	}
	defer w.v.free(buffer)
	w.sink.BeginView(kind, offset, length)
	if id, seen := w.ids[pointer(buffer)]; seen {
		w.sink.Ref(id)
	} else if err := w.buffer(buffer); err != nil {
		return err
	}
	w.remember(val)
	w.sink.EndView()
	return nil
}

func (w *walker) boxed(val lib.TJSValue, class int32) error {
	helper := map[int32]string{
		lib.EJS_CLASS_DATE: "time", lib.EJS_CLASS_REGEXP: "regexp", lib.EJS_CLASS_NUMBER: "unboxNumber",
		lib.EJS_CLASS_STRING: "unboxString", lib.EJS_CLASS_BOOLEAN: "unboxBoolean", lib.EJS_CLASS_BIG_INT: "unboxBigInt",
	}[class]
	inner, err := w.v.helper(helper, val)
	if err != nil {
		return err
	}
	defer w.v.free(inner)
	w.remember(val)
	switch class {
	case lib.EJS_CLASS_DATE:
		w.sink.Date(w.v.number(inner))
	case lib.EJS_CLASS_NUMBER:
		w.sink.BoxedNumber(w.v.number(inner))
	case lib.EJS_CLASS_STRING:
		w.sink.BoxedString(w.v.text(inner))
	case lib.EJS_CLASS_BOOLEAN:
		w.sink.BoxedBool(toInt32(inner) != 0)
	case lib.EJS_CLASS_BIG_INT:
		neg, mag, err := w.bigint(inner)
		if err != nil {
			return err
		}
		w.sink.BoxedBigInt(neg, mag)
	case lib.EJS_CLASS_REGEXP:
		source := lib.XJS_GetPropertyUint32(w.v.tls, w.v.ctx, inner, 0)
		flags := lib.XJS_GetPropertyUint32(w.v.tls, w.v.ctx, inner, 1)
		w.sink.RegExp(w.v.text(source), w.v.text(flags))
		w.v.free(source)
		w.v.free(flags)
	}
	return nil
}

// bigint gives the magnitude little-endian.
func (w *walker) bigint(val lib.TJSValue) (negative bool, magnitude []byte, err error) {
	s, err := w.v.helper("bigintHex", val)
	if err != nil {
		return false, nil, err
	}
	defer w.v.free(s)
	digits, negative := strings.CutPrefix(w.v.text(s), "-")
	if digits == "0" {
		return false, nil, nil
	}
	if len(digits)%2 == 1 {
		digits = "0" + digits
	}
	magnitude, err = hex.DecodeString(digits)
	for i, j := 0, len(magnitude)-1; i < j; i, j = i+1, j-1 {
		magnitude[i], magnitude[j] = magnitude[j], magnitude[i]
	}
	return negative, magnitude, err
}

func (w *walker) error(val lib.TJSValue) error {
	w.remember(val)
	w.sink.BeginError(w.v.property(val, "name"), w.v.property(val, "message"), true)
	names, n, err := w.v.ownNames(val, lib.MJS_GPN_STRING_MASK)
	if err != nil {
		return err
	}
	defer lib.XJS_FreePropertyEnum(w.v.tls, w.v.ctx, names, lib.Tuint32_t(n))
	count := 0
	write := func(name string, atom lib.TJSAtom) error {
		w.sink.Key(name)
		count++
		return w.propertyValue(val, atom)
	}
	// The stack comes first, as where an error gets it when it is made.
	for _, first := range []bool{true, false} {
		for i := range n {
			atom := nameAt(names, i)
			if _, index := atomIndex(atom); index {
				continue
			}
			name := w.v.atomText(atom)
			if name == "name" || name == "message" || (name == "stack") != first || !w.keeps(name) {
				continue
			}
			if err := write(name, atom); err != nil {
				return err
			}
		}
	}
	w.sink.EndError(count)
	return nil
}

// keeps reports whether the sink has a use for a property of an error.
func (w *walker) keeps(name string) bool {
	picker, ok := w.sink.(engine.Picker)
	return !ok || picker.KeepsOfError(name)
}

// viewKind is the kind of a typed array or DataView class.
func viewKind(class int32) (engine.ViewKind, bool) {
	switch class {
	case lib.EJS_CLASS_INT8_ARRAY:
		return engine.Int8Array, true
	case lib.EJS_CLASS_UINT8_ARRAY:
		return engine.Uint8Array, true
	case lib.EJS_CLASS_UINT8C_ARRAY:
		return engine.Uint8ClampedArray, true
	case lib.EJS_CLASS_INT16_ARRAY:
		return engine.Int16Array, true
	case lib.EJS_CLASS_UINT16_ARRAY:
		return engine.Uint16Array, true
	case lib.EJS_CLASS_INT32_ARRAY:
		return engine.Int32Array, true
	case lib.EJS_CLASS_UINT32_ARRAY:
		return engine.Uint32Array, true
	case lib.EJS_CLASS_FLOAT16_ARRAY:
		return engine.Float16Array, true
	case lib.EJS_CLASS_FLOAT32_ARRAY:
		return engine.Float32Array, true
	case lib.EJS_CLASS_FLOAT64_ARRAY:
		return engine.Float64Array, true
	case lib.EJS_CLASS_BIG_INT64_ARRAY:
		return engine.BigInt64Array, true
	case lib.EJS_CLASS_BIG_UINT64_ARRAY:
		return engine.BigUint64Array, true
	case lib.EJS_CLASS_DATAVIEW:
		return engine.DataView, true
	}
	return 0, false
}
