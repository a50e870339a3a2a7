package engine

// Mode says what a value is walked for; describe decides by it which host
// types may cross.
type Mode int

const (
	ForStorage  Mode = iota // kept on disk
	ForClone                // structuredClone, postMessage
	ForRPC                  // an argument or result of a call
	ForTransfer             // ForClone, with buffers that are gone as empty ones
)

// A Sink receives one JavaScript value as a depth-first sequence of calls.
// Engines drive one to read a value and implement one to build a value; codecs
// do the same the other way round.
//
// Objects have identities: every call that makes an object (Date, RegExp,
// boxed values, Buffer, EndView, and each Begin except BeginView) takes the
// next number, from 0. A later occurrence is a Ref to that number.
type Sink interface {
	Undefined()
	Null()
	Bool(v bool)
	// Int is a number in the range of int32, never minus zero.
	Int(v int32)
	Double(v float64)
	// BigInt has its magnitude little-endian, without leading zero bytes at
	// the end.
	BigInt(negative bool, magnitude []byte)
	// String is WTF-8.
	String(s string)

	// Date is in milliseconds since 1970, NaN when invalid.
	Date(ms float64)
	RegExp(source, flags string)
	BoxedBool(v bool)
	BoxedNumber(v float64)
	BoxedString(s string)
	BoxedBigInt(negative bool, magnitude []byte)

	// Buffer is an ArrayBuffer; the callee copies data.
	Buffer(data []byte)
	// BeginView is followed by its buffer, as Buffer or Ref, and EndView.
	// Offset and length are in bytes.
	BeginView(kind ViewKind, offset, length int)
	EndView()

	// BeginObject is followed by properties, each a Key or Index and a value.
	BeginObject()
	EndObject(properties int)
	// BeginDense is followed by length elements, each a value or Hole, and
	// then by properties that are not elements.
	BeginDense(length int)
	Hole()
	EndDense(properties, length int)
	// BeginSparse is followed by properties, its elements among them.
	BeginSparse(length int)
	EndSparse(properties, length int)
	// BeginMap is followed by keys and values in turn; EndMap counts both.
	BeginMap()
	EndMap(length int)
	BeginSet()
	EndSet(length int)
	Key(name string)
	Index(i uint32)

	// BeginError is followed by the error's own properties other than message,
	// stack among them, each a Key and a value. Class is the name of its
	// native constructor: Error, TypeError, RangeError, EvalError, SyntaxError,
	// ReferenceError, URIError, AggregateError.
	BeginError(class, message string, hasMessage bool)
	EndError(properties int)

	// BeginHost is followed by one value, the payload of an object that only
	// the host knows. Reading, the entry describe answered [tag, payload] for
	// it; building, the entry revive turns it back. (Describe may also answer
	// undefined for an object to be taken as a plain one, or a string: the
	// message of the DataCloneError to throw. "Class|message" throws Class.)
	BeginHost(tag uint32)
	EndHost()

	Ref(id int)
}

// A Picker is a Sink that has no use for some properties of errors. They are not
// read, lest one that cannot be walked be refused.
type Picker interface{ KeepsOfError(name string) bool }

// A Hider is a Sink that can make errors whose properties are not enumerable, as
// V8 does of errors in its own form: Hide comes after BeginError, and concerns
// that error. The Sinks of engines are Hiders.
type Hider interface{ Hide() }

// A Rebaser is a Sink that can take several values, each with identities of its
// own, into a larger one: after Rebase a Ref counts from the objects made so
// far. The Sinks of engines are Rebasers.
type Rebaser interface{ Rebase() }

// ViewKind is the type of an ArrayBuffer view.
type ViewKind uint8

const (
	Int8Array ViewKind = iota
	Uint8Array
	Uint8ClampedArray
	Int16Array
	Uint16Array
	Int32Array
	Uint32Array
	Float16Array
	Float32Array
	Float64Array
	BigInt64Array
	BigUint64Array
	DataView
)

// ElementSize is the size of one element in bytes.
func (k ViewKind) ElementSize() int {
	switch k {
	case Int16Array, Uint16Array, Float16Array:
		return 2
	case Int32Array, Uint32Array, Float32Array:
		return 4
	case Float64Array, BigInt64Array, BigUint64Array:
		return 8
	}
	return 1
}
