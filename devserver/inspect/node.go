package inspect

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"
)

// A Node is a value, or a part of one, for showing it as a tree.
type Node struct {
	// Label is the property or index it is found under, "" for the root, an item
	// of a Set or a Map's entry whose key is a Node.
	Label string
	// Key is the key of a Map's entry, else nil.
	Key *Node
	// Type is "string", "number", "boolean", "null", "undefined", "bigint",
	// "hole", "reference", or the class of an object.
	Type string
	// Text is what a value without parts is: a string without quotes, a number,
	// a date, bytes in hexadecimal; and the message of an error.
	Text string
	// Mark is what references to the node have as their Text, "" when there are
	// none.
	Mark string
	// Size is how many members there are, or bytes.
	Size  int
	Parts []Node
}

// Whole reports whether the node has no parts to open.
func (n Node) Whole() bool { return len(n.Parts) == 0 }

// ParseNode reads the form of Entry.Value.
func ParseNode(value json.RawMessage) (Node, error) {
	d := json.NewDecoder(bytes.NewReader(value))
	d.UseNumber()
	n, err := readNode(d)
	if err != nil {
		return Node{}, fmt.Errorf("read a value: %w", err)
	}
	return n, nil
}

// readNode reads the next JSON value, keeping the order of properties.
func readNode(d *json.Decoder) (Node, error) {
	token, err := d.Token()
	if err != nil {
		return Node{}, err
	}
	switch t := token.(type) {
	case json.Delim:
		if t == '[' {
			return readArray(d)
		}
		return readObject(d)
	case string:
		return Node{Type: "string", Text: t, Size: len(t)}, nil
	case json.Number:
		return Node{Type: "number", Text: t.String()}, nil
	case bool:
		return Node{Type: "boolean", Text: strconv.FormatBool(t)}, nil
	}
	return Node{Type: "null", Text: "null"}, nil
}

func readArray(d *json.Decoder) (Node, error) {
	n := Node{Type: "Array"}
	for d.More() {
		part, err := readNode(d)
		if err != nil {
			return n, err
		}
		part.Label = strconv.Itoa(len(n.Parts))
		n.Parts = append(n.Parts, part)
	}
	n.Size = len(n.Parts)
	_, err := d.Token()
	return n, err
}

func readObject(d *json.Decoder) (Node, error) {
	n, err := readMembers(d)
	if err != nil {
		return n, err
	}
	return n.typed(), nil
}

// readMembers reads an object as it is written. What stands under the
// properties of one with "$type" are names of the user's, "$type" among them.
func readMembers(d *json.Decoder) (Node, error) {
	n := Node{Type: "object"}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return n, err
		}
		label, _ := key.(string)
		var part Node
		if label == "properties" && len(n.Parts) > 0 && n.Parts[0].Label == "$type" {
			part, err = readProperties(d)
		} else {
			part, err = readNode(d)
		}
		if err != nil {
			return n, err
		}
		part.Label = label
		n.Parts = append(n.Parts, part)
	}
	n.Size = len(n.Parts)
	_, err := d.Token()
	return n, err
}

func readProperties(d *json.Decoder) (Node, error) {
	token, err := d.Token()
	if err != nil {
		return Node{}, err
	}
	if token != json.Delim('{') {
		return Node{}, fmt.Errorf("properties are no object but %v", token)
	}
	return readMembers(d)
}

// member is the part with a label.
func (n Node) member(label string) (Node, bool) {
	for _, p := range n.Parts {
		if p.Label == label {
			return p, true
		}
	}
	return Node{}, false
}

func (n Node) text(label string) string {
	m, _ := n.member(label)
	return m.Text
}

// typed turns an object with "$type" into what that stands for.
func (n Node) typed() Node {
	if id, ok := n.member("$ref"); ok && len(n.Parts) == 1 {
		return Node{Type: "reference", Text: "#" + id.Text}
	}
	kind, ok := n.member("$type")
	if !ok {
		return n
	}
	out := Node{Type: kind.Text}
	if id, ok := n.member("$id"); ok {
		out.Mark = "#" + id.Text
	}
	switch kind.Text {
	case "undefined", "hole":
		out.Text = kind.Text
	case "number", "bigint":
		out.Text = n.text("value")
	case "Date":
		if out.Text = n.text("value"); out.Text == "null" {
			out.Text = "Invalid Date"
		}
	case "RegExp":
		out.Text = "/" + n.text("source") + "/" + n.text("flags")
	case "Boxed":
		out.Text = n.text("value")
	case "Map":
		out.Parts = n.entries()
		out.Size = len(out.Parts)
	case "Set":
		values, _ := n.member("values")
		out.Parts, out.Size = values.Parts, values.Size
		for i := range out.Parts {
			out.Parts[i].Label = ""
		}
	case "Array", "Object", "Error":
		return n.composed(out)
	default:
		return n.bytes(out)
	}
	return out
}

// entries are those of a Map.
func (n Node) entries() []Node {
	list, _ := n.member("entries")
	parts := make([]Node, 0, len(list.Parts))
	for _, entry := range list.Parts {
		if len(entry.Parts) != 2 {
			continue
		}
		key, value := entry.Parts[0], entry.Parts[1]
		key.Label, value.Label = "", ""
		value.Key = &key
		parts = append(parts, value)
	}
	return parts
}

// composed is an array, object or error with properties of its own.
func (n Node) composed(out Node) Node {
	if out.Type == "Object" {
		out.Type = "object"
	}
	if items, ok := n.member("items"); ok {
		out.Parts = append(out.Parts, items.Parts...)
	}
	if properties, ok := n.member("properties"); ok {
		out.Parts = append(out.Parts, properties.Parts...)
	}
	out.Size = len(out.Parts)
	if length, err := strconv.Atoi(n.text("length")); err == nil {
		out.Parts, out.Size = withHoles(out.Parts, length), length
	}
	if out.Type == "Error" {
		out.Type = n.text("class")
		out.Text = n.text("message")
	}
	return out
}

// withHoles are the items of an array with a part for each run of those that are
// missing.
func withHoles(parts []Node, length int) []Node {
	var out []Node
	next := 0 // the index that is due
	hole := func(before int) {
		if n := before - next; n > 0 {
			out = append(out, Node{Type: "hole", Text: fmt.Sprintf("%d empty", n)})
		}
	}
	for i, part := range parts {
		index, err := strconv.Atoi(part.Label)
		if err != nil || index < next || index >= length { // the items are over
			hole(length)
			return append(out, parts[i:]...)
		}
		hole(index)
		out = append(out, part)
		next = index + 1
	}
	hole(length)
	return out
}

// bytes is a buffer or a view.
func (n Node) bytes(out Node) Node {
	if data, err := base64.StdEncoding.DecodeString(n.text("base64")); err == nil && n.text("base64") != "" {
		out.Text, out.Size = hex.EncodeToString(data), len(data)
		return out
	}
	if buffer, ok := n.member("buffer"); ok {
		out.Parts, out.Size = []Node{buffer}, buffer.Size
	}
	if payload, ok := n.member("payload"); ok {
		out.Parts = []Node{payload}
	}
	return out
}
