package clone

import (
	"reflect"
	"testing"
)

func TestDOMExceptionsHaveThePlatformsForm(t *testing.T) {
	// A DOMException between two objects, of which the second occurs again.
	data := fromHex(t, "ff0f"+"4104"+"6f7b00"+
		"5c08"+"0a41626f72744572726f72"+"0473746f70"+"024061"+
		"6f7b00"+"5e03"+"240004")
	v, err := ToTree(data)
	if err != nil {
		t.Fatal(err)
	}
	items := v.(*Array).Items
	want := &Host{HostDOMException, &Array{Items: []Value{"AbortError", "stop", "@a"}}}
	if !reflect.DeepEqual(items[1], Value(want)) {
		t.Errorf("got %s, want %s", Format(items[1], 0), Format(want, 0))
	}
	if items[2] != items[3] || items[0] == items[3] {
		t.Errorf("got %s, want the third item twice", Format(v, 0))
	}
	got, err := Encode(v)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != string(data) {
		t.Errorf("encoded again\n got %x\nwant %x", got, data)
	}
}

func TestDOMExceptionWithoutStackHasAnEmptyOne(t *testing.T) {
	var e Encoder
	e.BeginHost(HostDOMException)
	e.BeginDense(3)
	e.String("é")
	e.String("")
	e.Undefined()
	e.EndDense(0, 3)
	e.EndHost()
	if got, want := e.Bytes(), fromHex(t, "ff0f5c08"+"02c3a9"+"00"+"00"); string(got) != string(want) {
		t.Errorf("got %x, want %x", got, want)
	}
}

func TestDecodeNamesForeignHostObjects(t *testing.T) {
	for data, want := range map[string]string{
		"ff0f5c04": "structured clone, offset 2: object of class Headers, which cannot be read here",
		"ff0f5c3f": "structured clone, offset 2: object of an unknown class of the platform, 63",
	} {
		if err := Decode(fromHex(t, data), new(Encoder)); err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

func TestEncodeRefusesHostObjectsItCannotWrite(t *testing.T) {
	texts := &Array{Items: []Value{"a", "b", "c"}}
	for name, v := range map[string]Value{
		"a tag of the platform":    &Host{Tag: 4, Payload: Null{}},
		"an exception of nothing":  &Host{Tag: HostDOMException, Payload: Null{}},
		"an exception of numbers":  &Host{Tag: HostDOMException, Payload: &Array{Items: []Value{1.0, 2.0, 3.0}}},
		"an exception seen before": &Array{Items: []Value{texts, &Host{HostDOMException, texts}}},
	} {
		t.Run(name, func(t *testing.T) {
			if data, err := Encode(v); err == nil {
				t.Errorf("got %x, want an error", data)
			}
		})
	}
}
