package clone

import (
	"encoding/base64"
	"fmt"
	"math"
	"math/big"
	"time"
)

// A JSONError says where and why text is not JSON that stands for a value.
type JSONError struct {
	Offset int // in bytes
	Reason string
}

func (e *JSONError) Error() string { return fmt.Sprintf("JSON, offset %d: %s", e.Offset, e.Reason) }

// FromJSON reads what [JSON] writes, and any other JSON as the value it stands
// for. An error is a *[JSONError].
func FromJSON(text []byte) (Value, error) {
	r := jsonReader{text: text}
	n, err := r.parse()
	if err != nil {
		return nil, err
	}
	j := interpreter{objects: map[float64]Value{}}
	return j.value(n)
}

// An interpreter turns nodes into values.
type interpreter struct{ objects map[float64]Value } // by $id

func (n node) fail(format string, args ...any) error {
	return &JSONError{Offset: n.offset, Reason: fmt.Sprintf(format, args...)}
}

// member is a member of an object by its key.
func (n node) member(key string) (node, bool) {
	for _, m := range n.members {
		if m.key == key {
			return m.value, true
		}
	}
	return node{offset: n.offset}, false
}

// part is a member that must be there and of a kind.
func (n node) part(key string, kind nodeKind) (node, error) {
	m, ok := n.member(key)
	if !ok {
		return m, n.fail("property %q is missing", key)
	}
	if m.kind != kind {
		return m, m.fail("property %q is not %s", key, kind)
	}
	return m, nil
}

func (k nodeKind) String() string {
	return [...]string{"null", "true or false", "a number", "a string", "an array", "an object"}[k]
}

func (j *interpreter) value(n node) (Value, error) {
	switch n.kind {
	case jsonBool:
		return n.truth, nil
	case jsonNumber:
		return n.number, nil
	case jsonString:
		return n.text, nil
	case jsonArray:
		items, err := j.list(n)
		return &Array{Items: items}, err
	case jsonObject:
		return j.object(n)
	}
	return Null{}, nil
}

func (j *interpreter) list(n node) ([]Value, error) {
	items := make([]Value, len(n.items))
	for i, item := range n.items {
		v, err := j.value(item)
		if err != nil {
			return nil, err
		}
		items[i] = v
	}
	return items, nil
}

func (j *interpreter) properties(n node) ([]Property, error) {
	properties := make([]Property, len(n.members))
	for i, m := range n.members {
		v, err := j.value(m.value)
		if err != nil {
			return nil, err
		}
		properties[i] = Property{m.key, v}
	}
	return properties, nil
}

func (j *interpreter) object(n node) (Value, error) {
	if ref, ok := n.member("$ref"); ok {
		v, known := j.objects[ref.number]
		if ref.kind != jsonNumber || !known {
			return nil, ref.fail("no object before this one has that $id")
		}
		return v, nil
	}
	if _, ok := n.member("$type"); !ok {
		properties, err := j.properties(n)
		return &Object{properties}, err
	}
	name, err := n.part("$type", jsonString)
	if err != nil {
		return nil, err
	}
	if v, ok, err := primitive(n, name.text); ok || err != nil {
		return v, err
	}
	v := newTyped(name.text)
	if v == nil {
		return nil, name.fail("there is no $type %q", name.text)
	}
	if id, ok := n.member("$id"); ok {
		if _, taken := j.objects[id.number]; id.kind != jsonNumber || taken {
			return nil, id.fail("$id is to be a number of its own")
		}
		j.objects[id.number] = v
	}
	return v, j.fill(v, n)
}

// primitive reads the types that have no identity.
func primitive(n node, name string) (v Value, ok bool, err error) {
	switch name {
	case "undefined":
		return Undefined{}, true, nil
	case "number":
		text, err := n.part("value", jsonString)
		if err != nil {
			return nil, false, err
		}
		number, ok := map[string]float64{
			"NaN": math.NaN(), "Infinity": math.Inf(1), "-Infinity": math.Inf(-1), "-0": math.Copysign(0, -1),
		}[text.text]
		if !ok {
			err = text.fail("number is to be NaN, Infinity, -Infinity or -0")
		}
		return number, ok, err
	case "bigint":
		text, err := n.part("value", jsonString)
		if err != nil {
			return nil, false, err
		}
		number, ok := new(big.Int).SetString(text.text, 10)
		if !ok {
			err = text.fail("bigint is to be decimal digits")
		}
		return number, ok, err
	}
	return nil, false, nil
}

// newTyped makes an empty object of a type, nil when there is none.
func newTyped(name string) Value {
	switch name {
	case "Date":
		return &Date{}
	case "RegExp":
		return &RegExp{}
	case "Boxed":
		return &Boxed{}
	case "ArrayBuffer":
		return &Buffer{}
	case "Object":
		return &Object{}
	case "Array":
		return &Array{}
	case "Map":
		return &Map{}
	case "Set":
		return &Set{}
	case "Error":
		return &Error{}
	case "Host":
		return &Host{}
	}
	if kind, ok := viewNamed(name); ok {
		return &View{Kind: kind}
	}
	return nil
}

// fill reads the parts of an object of a type.
func (j *interpreter) fill(v Value, n node) error {
	switch v := v.(type) {
	case *Date:
		return v.fromJSON(n)
	case *RegExp:
		return v.fromJSON(n)
	case *Boxed:
		return j.boxed(v, n)
	case *Buffer:
		return v.fromJSON(n)
	case *View:
		return j.view(v, n)
	case *Object:
		return j.propertiesOf(&v.Properties, n)
	case *Array:
		return j.array(v, n)
	case *Map:
		return j.entries(v, n)
	case *Set:
		values, err := n.part("values", jsonArray)
		if err != nil {
			return err
		}
		v.Items, err = j.list(values)
		return err
	case *Error:
		return j.fault(v, n)
	case *Host:
		return j.host(v, n)
	}
	return nil
}

// propertiesOf reads the member "properties", which may be missing.
func (j *interpreter) propertiesOf(p *[]Property, n node) error {
	if _, ok := n.member("properties"); !ok {
		return nil
	}
	properties, err := n.part("properties", jsonObject)
	if err != nil {
		return err
	}
	*p, err = j.properties(properties)
	return err
}

func (d *Date) fromJSON(n node) error {
	value, ok := n.member("value")
	if !ok {
		return n.fail("property %q is missing", "value")
	}
	switch value.kind {
	case jsonNull:
		d.Milliseconds = math.NaN()
	case jsonNumber:
		d.Milliseconds = timeClip(value.number)
	default:
		t, err := time.Parse(time.RFC3339, value.text)
		if err != nil {
			return value.fail("date is to be like 2026-11-23T12:04:31.884Z, milliseconds since 1970, or null")
		}
		d.Milliseconds = float64(t.UnixMilli())
	}
	return nil
}

func (r *RegExp) fromJSON(n node) error {
	source, err := n.part("source", jsonString)
	if err != nil {
		return err
	}
	flags, err := n.part("flags", jsonString)
	if err != nil {
		return err
	}
	letters, ok := flagLetters(flagBits(flags.text))
	if !ok || len(letters) != len(flags.text) {
		return flags.fail("flags are to be among dgimsuvy, each once, u or v")
	}
	r.Source, r.Flags = source.text, letters
	return nil
}

func (b *Buffer) fromJSON(n node) error {
	text, err := n.part("base64", jsonString)
	if err != nil {
		return err
	}
	if b.Data, err = base64.StdEncoding.DecodeString(text.text); err != nil {
		return text.fail("not base64")
	}
	return nil
}

func (j *interpreter) boxed(b *Boxed, n node) error {
	value, ok := n.member("value")
	if !ok {
		return n.fail("property %q is missing", "value")
	}
	v, err := j.value(value)
	if err != nil {
		return err
	}
	switch v.(type) {
	case bool, float64, string, *big.Int:
		b.Value = v
		return nil
	}
	return value.fail("only a boolean, number, string or bigint can be boxed")
}

func (j *interpreter) view(v *View, n node) error {
	if _, ok := n.member("base64"); ok {
		v.Buffer = &Buffer{}
		if err := v.Buffer.fromJSON(n); err != nil {
			return err
		}
		v.Length = len(v.Buffer.Data)
		return v.check(n)
	}
	part, err := n.part("buffer", jsonObject)
	if err != nil {
		return err
	}
	buffer, err := j.value(part)
	if err != nil {
		return err
	}
	var ok bool
	if v.Buffer, ok = buffer.(*Buffer); !ok {
		return part.fail("buffer is to be an ArrayBuffer")
	}
	if v.Offset, err = n.integer("offset", len(v.Buffer.Data)); err != nil {
		return err
	}
	if v.Length, err = n.integer("length", len(v.Buffer.Data)-v.Offset); err != nil {
		return err
	}
	return v.check(n)
}

// check refuses a view that is not aligned to its elements.
func (v *View) check(n node) error {
	if size := v.Kind.ElementSize(); v.Offset%size != 0 || v.Length%size != 0 {
		return n.fail("elements of a %s have %d bytes", viewNames[v.Kind], size)
	}
	return nil
}

// integer is a member that must be an integer from 0 to most.
func (n node) integer(key string, most int) (int, error) {
	m, err := n.part(key, jsonNumber)
	if err != nil {
		return 0, err
	}
	if m.number < 0 || m.number > float64(most) || m.number != math.Trunc(m.number) {
		return 0, m.fail("%s is to be an integer from 0 to %d", key, most)
	}
	return int(m.number), nil
}

func (j *interpreter) array(a *Array, n node) error {
	if _, ok := n.member("items"); !ok {
		length, err := n.integer("length", math.MaxUint32)
		if err != nil {
			return err
		}
		a.Sparse, a.Length = true, uint32(length)
		return j.propertiesOf(&a.Properties, n)
	}
	items, err := n.part("items", jsonArray)
	if err != nil {
		return err
	}
	for _, item := range items.items {
		if kind, _ := item.member("$type"); kind.text == "hole" {
			a.Items = append(a.Items, Hole{})
			continue
		}
		v, err := j.value(item)
		if err != nil {
			return err
		}
		a.Items = append(a.Items, v)
	}
	return j.propertiesOf(&a.Properties, n)
}

func (j *interpreter) entries(m *Map, n node) error {
	entries, err := n.part("entries", jsonArray)
	if err != nil {
		return err
	}
	for _, entry := range entries.items {
		pair, err := j.list(entry)
		if err != nil {
			return err
		}
		if len(pair) != 2 {
			return entry.fail("an entry is [key, value]")
		}
		m.Entries = append(m.Entries, Entry{pair[0], pair[1]})
	}
	return nil
}

func (j *interpreter) fault(e *Error, n node) error {
	class, err := n.part("class", jsonString)
	if err != nil {
		return err
	}
	e.Class = class.text
	if _, ok := n.member("message"); ok {
		message, err := n.part("message", jsonString)
		if err != nil {
			return err
		}
		e.Message, e.HasMessage = message.text, true
	}
	return j.propertiesOf(&e.Properties, n)
}

func (j *interpreter) host(h *Host, n node) error {
	tag, err := n.integer("tag", math.MaxUint32)
	if err != nil {
		return err
	}
	h.Tag = uint32(tag)
	payload, ok := n.member("payload")
	if !ok {
		return n.fail("property %q is missing", "payload")
	}
	h.Payload, err = j.value(payload)
	return err
}
