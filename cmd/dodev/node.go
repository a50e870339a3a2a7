package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/dodev/dodev/devserver/inspect"
)

// printNode prints a value as a tree.
func printNode(w io.Writer, p painter, n inspect.Node, depth int) {
	label := ""
	switch {
	case n.Key != nil:
		label = nodeText(p, *n.Key) + p.dim(" → ")
	case n.Label != "":
		label = p.accent(inspect.Printable(n.Label)) + p.dim(": ")
	}
	fmt.Fprintf(w, "%s%s%s\n", strings.Repeat("  ", depth), label, nodeText(p, n))
	for _, part := range n.Parts {
		printNode(w, p, part, depth+1)
	}
}

// nodeText is a value in one line, without its parts.
func nodeText(p painter, n inspect.Node) string {
	switch n.Type {
	case "string":
		text, err := json.Marshal(n.Text)
		if err != nil {
			return n.Text
		}
		return p.green(inspect.Printable(string(text)))
	case "number", "boolean", "null", "undefined":
		return n.Text
	case "hole":
		return p.dim(n.Text)
	case "bigint":
		return n.Text + "n"
	case "object", "Array", "Map", "Set":
		return p.dim(strings.TrimSpace(fmt.Sprintf("%s %d  %s", n.Type, n.Size, n.Mark)))
	case "Date", "RegExp", "reference":
		return n.Text + p.dim("  "+n.Type)
	}
	if n.Text == "" {
		return p.dim(n.Type)
	}
	return p.dim(n.Type+"  ") + oneLine(n.Text, maxCell)
}

// sameJSON reports whether two texts are the same JSON, whatever their blanks.
func sameJSON(a, b []byte) (bool, error) {
	var x, y bytes.Buffer
	if err := json.Compact(&x, a); err != nil {
		return false, err
	}
	if err := json.Compact(&y, b); err != nil {
		return false, err
	}
	return bytes.Equal(x.Bytes(), y.Bytes()), nil
}
