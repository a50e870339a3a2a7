// Package stored shows what an object's database holds in the terms of package
// inspect, and edits it.
//
// It is handed a database that nobody else uses meanwhile: in a turn of the
// object's, or of a folder that no server has. It neither begins nor commits
// the transaction that its writes are part of.
package stored

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"github.com/dodev/dodev/devserver/inspect"
	"github.com/dodev/dodev/emulator/clone"
)

// previewWidth is how long a preview may be.
const previewWidth = 200

// Value shows a structured clone; nil is undefined.
func Value(data []byte) (inspect.Value, error) {
	if data == nil {
		return inspect.Value{JSON: json.RawMessage(`{"$type":"undefined"}`), Type: "undefined", Preview: "undefined"}, nil
	}
	v, err := clone.ToTree(data)
	if err != nil {
		return inspect.Value{}, err
	}
	text, err := clone.JSON(v)
	if err != nil {
		return inspect.Value{}, err
	}
	return inspect.Value{JSON: text, Type: clone.TypeName(v), Preview: clone.Format(v, previewWidth)}, nil
}

// Arguments are the structured clone of an array of values in the form of
// inspect.Entry.Value.
func Arguments(values []json.RawMessage) ([]byte, error) {
	list := &clone.Array{Items: make([]clone.Value, len(values))}
	for i, text := range values {
		v, err := clone.FromJSON(text)
		if err != nil {
			return nil, invalid("argument %d: %s", i+1, err)
		}
		list.Items[i] = v
	}
	return clone.Encode(list)
}

// encode makes the bytes to store of a value.
func encode(key string, text json.RawMessage) ([]byte, error) {
	v, err := clone.FromJSON(text)
	if err != nil {
		return nil, invalid("the value of %q: %s", key, err)
	}
	return clone.Encode(v)
}

// entry shows a pair.
func entry(key string, data []byte) inspect.Entry {
	e := inspect.Entry{Key: key, Value: json.RawMessage("null"), SizeBytes: int64(len(data)), Version: versionOf(data)}
	v, err := Value(data)
	if err != nil {
		e.Type, e.Damaged = "unreadable", err.Error()
		return e
	}
	e.Value, e.Type, e.Preview = v.JSON, v.Type, v.Preview
	return e
}

// versionOf stands for stored bytes.
func versionOf(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:8])
}

func invalid(format string, args ...any) error {
	return &inspect.Error{Code: inspect.Invalid, Message: fmt.Sprintf(format, args...)}
}
