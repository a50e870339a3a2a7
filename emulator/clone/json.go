package clone

import (
	"encoding/base64"
	"fmt"
	"math"
	"math/big"
	"strconv"
)

// JSON writes v as JSON that [FromJSON] reads back into an equal tree. What
// JSON has no form for is an object with a property "$type":
//
//	{"$type":"undefined"}                      an item may also be "hole"
//	{"$type":"number","value":"NaN"}           NaN, Infinity, -Infinity, -0
//	{"$type":"bigint","value":"123"}
//	{"$type":"Date","value":"2026-11-23T12:04:31.884Z"}   null when invalid
//	{"$type":"RegExp","source":"a+","flags":"gi"}
//	{"$type":"Boxed","value":5}                new Number(5), new String(…), …
//	{"$type":"Map","entries":[["key","value"]]}
//	{"$type":"Set","values":[1,2]}
//	{"$type":"ArrayBuffer","base64":"AQI="}
//	{"$type":"Uint8Array","base64":"AQI="}     every view of a whole buffer
//	{"$type":"Uint8Array","buffer":{…},"offset":1,"length":2}
//	{"$type":"Error","class":"TypeError","message":"no","properties":{"stack":"…"}}
//	{"$type":"Array","items":[1],"properties":{"extra":true}}
//	{"$type":"Array","length":6,"properties":{"5":"x"}}   with items missing
//	{"$type":"Object","properties":{"$type":1}}
//	{"$type":"Host","tag":1,"payload":null}
//
// An object that occurs again has a property "$id", and later occurrences are
// {"$ref":id}. An array without missing items is plain even if it is stored as
// sparse; that is the one difference a round trip makes.
func JSON(v Value) ([]byte, error) {
	w := jsonWriter{seen: map[Value]int{}}
	if err := w.survey(v, 0); err != nil {
		return nil, err
	}
	w.value(v)
	return w.text, nil
}

type jsonWriter struct {
	text []byte
	// seen has an entry for each object: 0 when it occurs once, else its $id,
	// or before that is given, unnamed.
	seen map[Value]int
	ids  int
}

const (
	once    = 0
	unnamed = -1
)

// survey counts the occurrences of objects and checks that v is a Value.
func (w *jsonWriter) survey(v Value, depth int) error {
	switch v := v.(type) {
	case Undefined, Null, Hole, bool, float64, *big.Int, string:
		return nil
	case *Date, *RegExp, *Boxed, *Buffer, *View, *Object, *Array, *Map, *Set, *Error, *Host:
		if _, again := w.seen[v]; again {
			w.seen[v] = unnamed
			return nil
		}
		w.seen[v] = once
	default:
		return fmt.Errorf("a %T is not a value", v)
	}
	if depth >= maxDepth {
		return fmt.Errorf("nested more than %d deep", maxDepth)
	}
	for _, member := range members(v) {
		if err := w.survey(member, depth+1); err != nil {
			return err
		}
	}
	return nil
}

// members are the values directly inside v.
func members(v Value) []Value {
	switch v := v.(type) {
	case *Boxed:
		return []Value{v.Value}
	case *View:
		return []Value{v.Buffer}
	case *Object:
		return values(v.Properties)
	case *Error:
		return values(v.Properties)
	case *Array:
		return append(values(v.Properties), v.Items...)
	case *Map:
		all := make([]Value, 0, 2*len(v.Entries))
		for _, e := range v.Entries {
			all = append(all, e.Key, e.Value)
		}
		return all
	case *Set:
		return v.Items
	case *Host:
		return []Value{v.Payload}
	}
	return nil
}

func values(properties []Property) []Value {
	all := make([]Value, len(properties))
	for i, p := range properties {
		all[i] = p.Value
	}
	return all
}

func (w *jsonWriter) raw(s string)    { w.text = append(w.text, s...) }
func (w *jsonWriter) quoted(s string) { w.text = appendQuoted(w.text, s) }

func (w *jsonWriter) value(v Value) {
	switch v := v.(type) {
	case Undefined:
		w.raw(`{"$type":"undefined"}`)
	case Hole:
		w.raw(`{"$type":"hole"}`)
	case Null:
		w.raw("null")
	case bool:
		w.text = strconv.AppendBool(w.text, v)
	case float64:
		w.number(v)
	case *big.Int:
		w.raw(`{"$type":"bigint","value":"` + v.String() + `"}`)
	case string:
		w.quoted(v)
	default:
		w.object(v)
	}
}

func (w *jsonWriter) number(n float64) {
	switch {
	case n == 0 && math.Signbit(n):
		w.raw(`{"$type":"number","value":"-0"}`)
	case math.IsNaN(n) || math.IsInf(n, 0):
		w.raw(`{"$type":"number","value":"` + numberString(n) + `"}`)
	default:
		w.raw(numberString(n))
	}
}

// object writes an object, or a reference to one written before.
func (w *jsonWriter) object(v Value) {
	id := w.seen[v]
	if id > 0 {
		w.raw(`{"$ref":` + strconv.Itoa(id) + `}`)
		return
	}
	if id == unnamed {
		w.ids++
		w.seen[v] = w.ids
	} else if w.plain(v) {
		return
	}
	w.raw(`{"$type":`)
	w.quoted(typeName(v))
	if id == unnamed {
		w.raw(`,"$id":` + strconv.Itoa(w.ids))
	}
	w.typed(v)
	w.raw("}")
}

// plain writes v as an ordinary JSON object or array, if it is one.
func (w *jsonWriter) plain(v Value) bool {
	switch v := v.(type) {
	case *Object:
		for _, p := range v.Properties {
			if p.Key == "$type" || p.Key == "$ref" {
				return false
			}
		}
		w.properties(v.Properties)
		return true
	case *Array:
		items, ok := v.all()
		if ok {
			w.list(items)
		}
		return ok
	}
	return false
}

// all are the elements of an array that lacks none and has no other
// properties.
func (a *Array) all() ([]Value, bool) {
	if !a.Sparse {
		return a.Items, len(a.Properties) == 0
	}
	if len(a.Properties) != a.Len() {
		return nil, false
	}
	var items []Value
	for i, v := range a.Elements() {
		if int(i) != len(items) {
			return nil, false
		}
		items = append(items, v)
	}
	return items, len(items) == a.Len()
}

// typeName is what "$type" says of v.
func typeName(v Value) string {
	switch v := v.(type) {
	case *Date:
		return "Date"
	case *RegExp:
		return "RegExp"
	case *Boxed:
		return "Boxed"
	case *Buffer:
		return "ArrayBuffer"
	case *View:
		return viewNames[v.Kind]
	case *Array:
		return "Array"
	case *Map:
		return "Map"
	case *Set:
		return "Set"
	case *Error:
		return "Error"
	case *Host:
		return "Host"
	}
	return "Object"
}

// typed writes the properties after "$type".
func (w *jsonWriter) typed(v Value) {
	switch v := v.(type) {
	case *Date:
		w.date(v)
	case *RegExp:
		w.raw(`,"source":`)
		w.quoted(v.Source)
		w.raw(`,"flags":`)
		w.quoted(v.Flags)
	case *Boxed:
		w.raw(`,"value":`)
		w.value(v.Value)
	case *Buffer:
		w.base64(v.Data)
	case *View:
		w.view(v)
	case *Object:
		w.raw(`,"properties":`)
		w.properties(v.Properties)
	case *Array:
		w.array(v)
	case *Map:
		w.entries(v.Entries)
	case *Set:
		w.raw(`,"values":`)
		w.list(v.Items)
	case *Error:
		w.fault(v)
	case *Host:
		w.raw(`,"tag":` + strconv.FormatUint(uint64(v.Tag), 10) + `,"payload":`)
		w.value(v.Payload)
	}
}

func (w *jsonWriter) list(items []Value) {
	w.raw("[")
	for i, v := range items {
		if i > 0 {
			w.raw(",")
		}
		w.value(v)
	}
	w.raw("]")
}

func (w *jsonWriter) properties(properties []Property) {
	w.raw("{")
	for i, p := range properties {
		if i > 0 {
			w.raw(",")
		}
		w.quoted(p.Key)
		w.raw(":")
		w.value(p.Value)
	}
	w.raw("}")
}

func (w *jsonWriter) entries(entries []Entry) {
	w.raw(`,"entries":[`)
	for i, e := range entries {
		if i > 0 {
			w.raw(",")
		}
		w.list([]Value{e.Key, e.Value})
	}
	w.raw("]")
}

func (w *jsonWriter) array(a *Array) {
	if a.Sparse {
		w.raw(`,"length":` + strconv.Itoa(a.Len()))
	} else {
		w.raw(`,"items":`)
		w.list(a.Items)
	}
	w.raw(`,"properties":`)
	w.properties(a.Properties)
}

func (w *jsonWriter) base64(data []byte) {
	w.raw(`,"base64":"` + base64.StdEncoding.EncodeToString(data) + `"`)
}

func (w *jsonWriter) view(v *View) {
	if w.seen[v.Buffer] == once && v.Offset == 0 && v.Length == len(v.Buffer.Data) {
		w.base64(v.Buffer.Data)
		return
	}
	w.raw(`,"buffer":`)
	w.value(v.Buffer)
	w.raw(`,"offset":` + strconv.Itoa(v.Offset) + `,"length":` + strconv.Itoa(v.Length))
}

func (w *jsonWriter) fault(e *Error) {
	w.raw(`,"class":`)
	w.quoted(e.Class)
	if e.HasMessage {
		w.raw(`,"message":`)
		w.quoted(e.Message)
	}
	w.raw(`,"properties":`)
	w.properties(e.Properties)
}

func (w *jsonWriter) date(d *Date) {
	w.raw(`,"value":`)
	switch ms := timeClip(d.Milliseconds); {
	case math.IsNaN(ms):
		w.raw("null")
	case ms < minDateText || ms > maxDateText:
		w.raw(numberString(ms))
	default:
		w.raw(`"` + dateString(ms) + `"`)
	}
}

// Dates from the years 0 to 9999 are written as text, others as milliseconds.
const (
	minDateText = -62167219200000
	maxDateText = 253402300799999
)
