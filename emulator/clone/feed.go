package clone

import (
	"errors"
	"fmt"
	"math"
	"math/big"
	"slices"

	"github.com/dodev/dodev/emulator/engine"
)

// Encode writes a tree as the platform would store it. It fails when the tree
// holds anything that is not a [Value].
func Encode(v Value) ([]byte, error) {
	var e Encoder
	if err := Feed(v, &e); err != nil {
		return nil, err
	}
	return e.Bytes(), nil
}

// Feed walks a tree into a Sink, for instance an engine that builds the value.
// When it fails, s has received part of the value.
func Feed(v Value, s engine.Sink) error {
	f := feeder{sink: s}
	return f.value(v)
}

type feeder struct {
	sink  engine.Sink
	depth int
	ids   map[Value]int
}

// object gives v the next number.
func (f *feeder) object(v Value) {
	if f.ids == nil {
		f.ids = map[Value]int{}
	}
	f.ids[v] = len(f.ids)
}

func (f *feeder) value(v Value) error {
	switch v := v.(type) {
	case Undefined:
		f.sink.Undefined()
	case Null:
		f.sink.Null()
	case bool:
		f.sink.Bool(v)
	case float64:
		feedNumber(v, f.sink)
	case *big.Int:
		f.sink.BigInt(v.Sign() < 0, reversed(v.Bytes()))
	case string:
		f.sink.String(v)
	case *Date, *RegExp, *Boxed, *Buffer, *View, *Object, *Array, *Map, *Set, *Error, *Host:
		return f.reference(v)
	default:
		return fmt.Errorf("a %T is not a value", v)
	}
	return nil
}

// feedNumber feeds a number as Int when it is one.
func feedNumber(n float64, s engine.Sink) {
	if i := int32(n); float64(i) == n && (i != 0 || !math.Signbit(n)) {
		s.Int(i)
		return
	}
	s.Double(n)
}

// reference feeds an object, or its number when it was fed before.
func (f *feeder) reference(v Value) error {
	if id, ok := f.ids[v]; ok {
		f.sink.Ref(id)
		return nil
	}
	if f.depth >= maxDepth {
		return fmt.Errorf("nested more than %d deep", maxDepth)
	}
	f.depth++
	defer func() { f.depth-- }()
	if view, ok := v.(*View); ok {
		return f.view(view)
	}
	f.object(v)
	return f.parts(v)
}

// view feeds a view, which is numbered after its buffer.
func (f *feeder) view(v *View) error {
	if v.Buffer == nil || v.Offset < 0 || v.Length < 0 || v.Offset+v.Length > len(v.Buffer.Data) {
		return fmt.Errorf("view of bytes %d to %d outside its buffer", v.Offset, v.Offset+v.Length)
	}
	f.sink.BeginView(v.Kind, v.Offset, v.Length)
	if err := f.value(v.Buffer); err != nil {
		return err
	}
	f.object(v)
	f.sink.EndView()
	return nil
}

func (f *feeder) parts(v Value) error {
	switch v := v.(type) {
	case *Date:
		f.sink.Date(v.Milliseconds)
	case *RegExp:
		f.sink.RegExp(v.Source, v.Flags)
	case *Boxed:
		return f.boxed(v)
	case *Buffer:
		f.sink.Buffer(v.Data)
	case *Object:
		f.sink.BeginObject()
		err := f.properties(v.Properties)
		f.sink.EndObject(len(v.Properties))
		return err
	case *Array:
		return f.array(v)
	case *Map:
		f.sink.BeginMap()
		err := f.entries(v.Entries)
		f.sink.EndMap(len(v.Entries) * 2)
		return err
	case *Set:
		f.sink.BeginSet()
		err := f.items(v.Items)
		f.sink.EndSet(len(v.Items))
		return err
	case *Error:
		f.sink.BeginError(v.Class, v.Message, v.HasMessage)
		err := f.properties(v.Properties)
		f.sink.EndError(len(v.Properties))
		return err
	case *Host:
		return f.host(v)
	}
	return nil
}

func (f *feeder) host(h *Host) error {
	if err := h.check(); err != nil {
		return err
	}
	if h.Tag == HostDOMException {
		if _, again := f.ids[h.Payload]; again {
			return errors.New("the payload of a DOMException occurs elsewhere too")
		}
	}
	f.sink.BeginHost(h.Tag)
	err := f.value(h.Payload)
	f.sink.EndHost()
	return err
}

func (f *feeder) boxed(b *Boxed) error {
	switch v := b.Value.(type) {
	case bool:
		f.sink.BoxedBool(v)
	case float64:
		f.sink.BoxedNumber(v)
	case string:
		f.sink.BoxedString(v)
	case *big.Int:
		f.sink.BoxedBigInt(v.Sign() < 0, reversed(v.Bytes()))
	default:
		return fmt.Errorf("a %T cannot be boxed", v)
	}
	return nil
}

func (f *feeder) array(a *Array) error {
	if a.Sparse {
		f.sink.BeginSparse(int(a.Length))
		err := f.properties(a.Properties)
		f.sink.EndSparse(len(a.Properties), int(a.Length))
		return err
	}
	f.sink.BeginDense(len(a.Items))
	if err := f.items(a.Items); err != nil {
		return err
	}
	err := f.properties(a.Properties)
	f.sink.EndDense(len(a.Properties), len(a.Items))
	return err
}

func (f *feeder) items(items []Value) error {
	for _, v := range items {
		if v == (Hole{}) {
			f.sink.Hole()
			continue
		}
		if err := f.value(v); err != nil {
			return err
		}
	}
	return nil
}

func (f *feeder) entries(entries []Entry) error {
	for _, e := range entries {
		if err := f.value(e.Key); err != nil {
			return err
		}
		if err := f.value(e.Value); err != nil {
			return err
		}
	}
	return nil
}

// properties feeds properties in the order JavaScript keeps them in: array
// indices first, ascending.
func (f *feeder) properties(properties []Property) error {
	for _, p := range inOrder(properties) {
		if i, ok := arrayIndex(p.Key); ok {
			f.sink.Index(i)
		} else {
			f.sink.Key(p.Key)
		}
		if err := f.value(p.Value); err != nil {
			return err
		}
	}
	return nil
}

// inOrder returns properties sorted as JavaScript does, which mostly they are.
func inOrder(properties []Property) []Property {
	compare := func(a, b Property) int {
		i, isIndex := arrayIndex(a.Key)
		j, isOther := arrayIndex(b.Key)
		switch {
		case isIndex && isOther:
			return int(int64(i) - int64(j))
		case isIndex:
			return -1
		case isOther:
			return 1
		}
		return 0
	}
	if slices.IsSortedFunc(properties, compare) {
		return properties
	}
	sorted := slices.Clone(properties)
	slices.SortStableFunc(sorted, compare)
	return sorted
}
