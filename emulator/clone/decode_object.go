package clone

import "math"

// objectAfter reads what follows the tag of a value with an identity; at is
// the tag's offset.
func (d *decoder) objectAfter(tag byte, at int) error {
	switch tag {
	case tagRef:
		return d.reference(at)
	case tagBeginObject:
		return d.plainObject()
	case tagBeginDense:
		return d.denseArray(at)
	case tagBeginSparse:
		return d.sparseArray()
	case tagBeginMap:
		return d.collection(tagEndMap, d.sink.BeginMap, d.sink.EndMap)
	case tagBeginSet:
		return d.collection(tagEndSet, d.sink.BeginSet, d.sink.EndSet)
	case tagBuffer, tagResizableBuffer:
		return d.buffer(tag, at)
	case tagDate, tagRegExp:
		return d.dateOrRegExp(tag, at)
	case tagBoxedTrue, tagBoxedFalse, tagBoxedNumber, tagBoxedBigInt, tagBoxedString:
		return d.boxed(tag)
	case tagError:
		return d.v8Error(at)
	case tagHost:
		if d.version >= versionHostTag {
			return d.host(at)
		}
	case tagTransferredBuffer, tagSharedBuffer:
		return d.fail(at, "buffer that was transferred or shared, not copied")
	}
	return d.fail(at, "unknown tag %s", tagName(tag))
}

// reference reads the number of an object, and a view when that is a buffer
// and one follows.
func (d *decoder) reference(at int) error {
	n, err := d.varint()
	if err != nil {
		return err
	}
	if uint64(n) >= uint64(len(d.refs)) || d.refs[n].id == hidden {
		return d.fail(at, "reference to object %d, which is not known here", n)
	}
	r := d.refs[n]
	ref := func() { d.sink.Ref(r.id) }
	if r.buffer == notBuffer || !d.next(tagView) {
		ref()
		return nil
	}
	return d.view(r.buffer, ref)
}

// buffer reads an ArrayBuffer, and a view of it when one follows.
func (d *decoder) buffer(tag byte, at int) error {
	n, err := d.varint()
	if err != nil {
		return err
	}
	if tag == tagResizableBuffer {
		most, err := d.varint()
		if err != nil {
			return err
		}
		if n > most {
			return d.fail(at, "buffer of %d bytes that may have %d", n, most)
		}
	}
	data, err := d.raw(n)
	if err != nil {
		return err
	}
	d.register(d.nextID, len(data))
	d.nextID++
	emit := func() { d.sink.Buffer(data) }
	if !d.next(tagView) {
		emit()
		return nil
	}
	return d.view(len(data), emit)
}

// view reads what follows a view's tag; buffer feeds the buffer of size bytes
// that came before.
func (d *decoder) view(size int, buffer func()) error {
	at := d.pos - 1
	if d.pos >= len(d.data) {
		return d.truncated()
	}
	kind, ok := viewKind(d.data[d.pos])
	if !ok {
		return d.fail(d.pos, "unknown kind of view %s", tagName(d.data[d.pos]))
	}
	d.pos++
	offset, err := d.varint()
	if err != nil {
		return err
	}
	length, err := d.varint()
	if err != nil {
		return err
	}
	if d.version >= versionViewFlags || d.flagsIn13 {
		if _, err := d.varint(); err != nil {
			return err
		}
	}
	if uint64(offset)+uint64(length) > uint64(size) {
		return d.fail(at, "view of bytes %d to %d of a buffer of %d", offset, uint64(offset)+uint64(length), size)
	}
	if element := uint32(kind.ElementSize()); offset%element != 0 || length%element != 0 {
		return d.fail(at, "view that is not aligned to its elements of %d bytes", element)
	}
	d.object()
	d.sink.BeginView(kind, int(offset), int(length))
	buffer()
	d.sink.EndView()
	return nil
}

func (d *decoder) plainObject() error {
	d.object()
	d.sink.BeginObject()
	n, err := d.properties(tagEndObject)
	if err != nil {
		return err
	}
	d.sink.EndObject(n)
	return nil
}

// properties reads keys and values up to an end tag and the count after it.
func (d *decoder) properties(end byte) (int, error) {
	n := 0
	for !d.next(end) {
		if err := d.key(); err != nil {
			return 0, err
		}
		if err := d.value(); err != nil {
			return 0, err
		}
		n++
	}
	return n, d.count(n)
}

// count reads a number that repeats what was seen.
func (d *decoder) count(seen int) error {
	at := d.pos
	n, err := d.varint()
	if err != nil {
		return err
	}
	if uint64(n) != uint64(seen) {
		return d.fail(at, "count of %d where %d were read", n, seen)
	}
	return nil
}

// key reads a property's key: a string, or a number, which V8 writes for array
// indices.
func (d *decoder) key() error {
	tag, err := d.peek()
	if err != nil {
		return err
	}
	at := d.pos
	d.pos++
	var name string
	switch tag {
	case tagInt32, tagUint32, tagDouble:
		n, err := d.numberAfter(tag)
		if err != nil {
			return err
		}
		if n >= 0 && n <= maxIndex && n == math.Trunc(n) {
			d.sink.Index(uint32(n))
			return nil
		}
		name = numberString(n)
	case tagUTF8String, tagOneByteString, tagTwoByteString:
		if name, err = d.stringAfter(tag); err != nil {
			return err
		}
	default:
		return d.fail(at, "tag %s where a key is due", tagName(tag))
	}
	if i, ok := arrayIndex(name); ok {
		d.sink.Index(i)
	} else {
		d.sink.Key(name)
	}
	return nil
}

func (d *decoder) denseArray(at int) error {
	length, err := d.varint()
	if err != nil {
		return err
	}
	if left := len(d.data) - d.pos; uint64(length) > uint64(left) {
		return d.fail(at, "array of %d elements in %d bytes", length, left)
	}
	d.object()
	d.sink.BeginDense(int(length))
	for range length {
		if err := d.element(); err != nil {
			return err
		}
	}
	n, err := d.properties(tagEndDense)
	if err != nil {
		return err
	}
	if err := d.count(int(length)); err != nil {
		return err
	}
	d.sink.EndDense(n, int(length))
	return nil
}

func (d *decoder) element() error {
	if d.next(tagHole) || d.version < versionHoles && d.next(tagUndefined) {
		d.sink.Hole()
		return nil
	}
	return d.value()
}

func (d *decoder) sparseArray() error {
	length, err := d.varint()
	if err != nil {
		return err
	}
	d.object()
	d.sink.BeginSparse(int(length))
	n, err := d.properties(tagEndSparse)
	if err != nil {
		return err
	}
	if err := d.count(int(length)); err != nil {
		return err
	}
	d.sink.EndSparse(n, int(length))
	return nil
}

// collection reads a Map or Set.
func (d *decoder) collection(end byte, begin func(), finish func(int)) error {
	d.object()
	begin()
	n := 0
	for end == tagEndMap && n%2 != 0 || !d.next(end) {
		if err := d.value(); err != nil {
			return err
		}
		n++
	}
	if err := d.count(n); err != nil {
		return err
	}
	finish(n)
	return nil
}

func (d *decoder) dateOrRegExp(tag byte, at int) error {
	d.object()
	if tag == tagDate {
		ms, err := d.double()
		if err != nil {
			return err
		}
		d.sink.Date(timeClip(ms))
		return nil
	}
	source, err := d.text()
	if err != nil {
		return err
	}
	bits, err := d.varint()
	if err != nil {
		return err
	}
	flags, ok := flagLetters(bits)
	if !ok {
		return d.fail(at, "regular expression with flags %#x", bits)
	}
	d.sink.RegExp(source, flags)
	return nil
}

// timeClip is the value a Date takes when given ms.
func timeClip(ms float64) float64 {
	const most = 8.64e15
	if !(math.Abs(ms) <= most) {
		return math.NaN()
	}
	return math.Trunc(ms) + 0
}

func (d *decoder) boxed(tag byte) error {
	d.object()
	switch tag {
	case tagBoxedNumber:
		n, err := d.double()
		if err != nil {
			return err
		}
		d.sink.BoxedNumber(n)
	case tagBoxedBigInt:
		negative, magnitude, err := d.bigint()
		if err != nil {
			return err
		}
		d.sink.BoxedBigInt(negative, magnitude)
	case tagBoxedString:
		s, err := d.text()
		if err != nil {
			return err
		}
		d.sink.BoxedString(s)
	default:
		d.sink.BoxedBool(tag == tagBoxedTrue)
	}
	return nil
}
