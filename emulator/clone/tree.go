package clone

import (
	"iter"
	"math/big"
	"strconv"

	"github.com/dodev/dodev/emulator/engine"
)

// A Value is a JavaScript value without an engine, one of:
//
//	Undefined, Null, bool, float64, *big.Int, string (WTF-8)
//	*Date, *RegExp, *Boxed, *Buffer, *View
//	*Object, *Array, *Map, *Set, *Error, *Host
//
// An object that occurs more than once, or inside itself, is the same pointer
// each time.
type Value any

// Undefined is the value undefined.
type Undefined struct{}

// Null is the value null.
type Null struct{}

// Hole is a missing element, found only in the Items of an Array.
type Hole struct{}

// A Date is a point in time, in milliseconds since 1970, NaN when invalid.
type Date struct{ Milliseconds float64 }

// A RegExp is a regular expression.
type RegExp struct{ Source, Flags string }

// Boxed is an object around a bool, float64, *big.Int or string.
type Boxed struct{ Value Value }

// A Buffer is an ArrayBuffer.
type Buffer struct{ Data []byte }

// A View is a typed array or DataView; Offset and Length are in bytes.
type View struct {
	Kind           engine.ViewKind
	Buffer         *Buffer
	Offset, Length int
}

// A Property is an own property of an object. The key of an array index is
// decimal.
type Property struct {
	Key   string
	Value Value
}

// An Object is a plain object.
type Object struct{ Properties []Property }

// An Array has its elements in Items, or when Sparse among its Properties. The
// platform stores an array that ever had a hole as sparse.
type Array struct {
	Sparse     bool
	Length     uint32 // of a sparse array
	Items      []Value
	Properties []Property
}

// A Map has its entries in order of insertion.
type Map struct{ Entries []Entry }

// An Entry is a key of a Map with its value.
type Entry struct{ Key, Value Value }

// A Set has its items in order of insertion.
type Set struct{ Items []Value }

// An Error is a native error. Class is the name of its constructor; Properties
// are its own ones other than message, stack among them.
type Error struct {
	Class      string
	Message    string
	HasMessage bool
	Properties []Property
}

// A Host is an object that only the host knows, with what it is made from.
type Host struct {
	Tag     uint32
	Payload Value
}

// Len is the array's length.
func (a *Array) Len() int {
	if a.Sparse {
		return int(a.Length)
	}
	return len(a.Items)
}

// Elements yields the elements that are present, with their indices.
func (a *Array) Elements() iter.Seq2[uint32, Value] {
	return func(yield func(uint32, Value) bool) {
		for i, v := range a.Items {
			if v != (Hole{}) && !yield(uint32(i), v) {
				return
			}
		}
		for _, p := range a.Properties {
			if i, ok := a.element(p.Key); ok && !yield(i, p.Value) {
				return
			}
		}
	}
}

// Extras yields the properties that are not elements.
func (a *Array) Extras() iter.Seq[Property] {
	return func(yield func(Property) bool) {
		for _, p := range a.Properties {
			if _, ok := a.element(p.Key); !ok && !yield(p) {
				return
			}
		}
	}
}

// element reports whether key is an element kept among the properties.
func (a *Array) element(key string) (uint32, bool) {
	i, ok := arrayIndex(key)
	return i, ok && a.Sparse
}

// Bytes are the bytes the view shows, part of its buffer.
func (v *View) Bytes() []byte { return v.Buffer.Data[v.Offset : v.Offset+v.Length] }

// Get is the value of a property, and whether there is one.
func (o *Object) Get(key string) (Value, bool) {
	for _, p := range o.Properties {
		if p.Key == key {
			return p.Value, true
		}
	}
	return nil, false
}

// ToTree decodes data as [Decode] does.
func ToTree(data []byte) (Value, error) {
	var b builder
	if err := Decode(data, &b); err != nil {
		return nil, err
	}
	return b.root, nil
}

// builder is a Sink that builds a tree.
type builder struct {
	root    Value
	open    []part
	objects []Value
}

// A part is an object that has begun, with what is known of its next member.
type part struct {
	object Value
	key    string // of the property whose value is next
	keyed  bool   // key is set
	first  Value  // key of the Map entry whose value is next
	paired bool   // first is set
}

var _ engine.Sink = (*builder)(nil)

// put adds a value to the object that is open.
func (b *builder) put(v Value) {
	if len(b.open) == 0 {
		b.root = v
		return
	}
	p := &b.open[len(b.open)-1]
	switch o := p.object.(type) {
	case *Object:
		o.Properties = append(o.Properties, Property{p.key, v})
	case *Error:
		o.Properties = append(o.Properties, Property{p.key, v})
	case *Array:
		if p.keyed {
			o.Properties = append(o.Properties, Property{p.key, v})
		} else {
			o.Items = append(o.Items, v)
		}
	case *Map:
		if p.paired {
			o.Entries = append(o.Entries, Entry{p.first, v})
		}
		p.first, p.paired = v, !p.paired
	case *Set:
		o.Items = append(o.Items, v)
	case *Host:
		o.Payload = v
	case *View:
		o.Buffer, _ = v.(*Buffer)
	}
}

// object adds a value with an identity.
func (b *builder) object(v Value) {
	b.objects = append(b.objects, v)
	b.put(v)
}

func (b *builder) begin(v Value) {
	b.object(v)
	b.open = append(b.open, part{object: v})
}

func (b *builder) end() { b.open = b.open[:len(b.open)-1] }

func (b *builder) Undefined()       { b.put(Undefined{}) }
func (b *builder) Null()            { b.put(Null{}) }
func (b *builder) Bool(v bool)      { b.put(v) }
func (b *builder) Int(v int32)      { b.put(float64(v)) }
func (b *builder) Double(v float64) { b.put(v) }
func (b *builder) String(s string)  { b.put(s) }
func (b *builder) Hole()            { b.put(Hole{}) }

func (b *builder) BigInt(negative bool, magnitude []byte) { b.put(bigInt(negative, magnitude)) }

func (b *builder) Date(ms float64)             { b.object(&Date{ms}) }
func (b *builder) RegExp(source, flags string) { b.object(&RegExp{source, flags}) }
func (b *builder) BoxedBool(v bool)            { b.object(&Boxed{v}) }
func (b *builder) BoxedNumber(v float64)       { b.object(&Boxed{v}) }
func (b *builder) BoxedString(s string)        { b.object(&Boxed{s}) }

func (b *builder) BoxedBigInt(negative bool, magnitude []byte) {
	b.object(&Boxed{bigInt(negative, magnitude)})
}

func (b *builder) Buffer(data []byte) { b.object(&Buffer{append([]byte(nil), data...)}) }

func (b *builder) BeginView(kind engine.ViewKind, offset, length int) {
	b.open = append(b.open, part{object: &View{Kind: kind, Offset: offset, Length: length}})
}

func (b *builder) EndView() {
	view := b.open[len(b.open)-1].object
	b.end()
	b.object(view)
}

func (b *builder) BeginObject()           { b.begin(&Object{}) }
func (b *builder) BeginDense(length int)  { b.begin(&Array{}) }
func (b *builder) BeginSparse(length int) { b.begin(&Array{Sparse: true, Length: uint32(length)}) }
func (b *builder) BeginMap()              { b.begin(&Map{}) }
func (b *builder) BeginSet()              { b.begin(&Set{}) }
func (b *builder) BeginHost(tag uint32)   { b.begin(&Host{Tag: tag}) }

func (b *builder) BeginError(class, message string, hasMessage bool) {
	b.begin(&Error{Class: class, Message: message, HasMessage: hasMessage})
}

func (b *builder) EndObject(int)      { b.end() }
func (b *builder) EndDense(int, int)  { b.end() }
func (b *builder) EndSparse(int, int) { b.end() }
func (b *builder) EndMap(int)         { b.end() }
func (b *builder) EndSet(int)         { b.end() }
func (b *builder) EndError(int)       { b.end() }
func (b *builder) EndHost()           { b.end() }

func (b *builder) Key(name string) {
	p := &b.open[len(b.open)-1]
	p.key, p.keyed = name, true
}

func (b *builder) Index(i uint32) { b.Key(strconv.FormatUint(uint64(i), 10)) }

func (b *builder) Ref(id int) { b.put(b.objects[id]) }

// bigInt makes a BigInt of a little-endian magnitude.
func bigInt(negative bool, magnitude []byte) *big.Int {
	n := new(big.Int).SetBytes(reversed(magnitude))
	if negative {
		n.Neg(n)
	}
	return n
}

func reversed(p []byte) []byte {
	r := make([]byte, len(p))
	for i, c := range p {
		r[len(p)-1-i] = c
	}
	return r
}
