package inspect

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// A KeyQuery chooses pairs: those with Start <= key < End whose key begins with
// Prefix, in the order of storage.list().
type KeyQuery struct {
	Prefix  string `json:"prefix,omitempty"`
	Start   string `json:"start,omitempty"`
	After   string `json:"after,omitempty"` // exclusive, instead of Start: the page before ended here
	End     string `json:"end,omitempty"`
	Reverse bool   `json:"reverse,omitempty"`
	Limit   int    `json:"limit,omitempty"` // 0 is 1,000
	// Search keeps pairs whose key or value contains a text, in any case.
	Search string `json:"search,omitempty"`
	// Group, unless "", lists prefixes instead of the keys that have Group after
	// Prefix: ":" makes "users:ann" and "users:bob" one, "users:".
	Group string `json:"group,omitempty"`
}

// A KeyPage is an answer to a KeyQuery.
type KeyPage struct {
	Entries []Entry `json:"entries"`
	Groups  []Group `json:"groups,omitempty"` // for KeyQuery.Group, in order
	// More says that the limit was reached; After of the next query is the key
	// of the last entry, or the last group.
	More bool `json:"more"`
	// SQL says that the object has tables, too.
	SQL bool `json:"sql"`
}

// A Group stands for all keys with a prefix.
type Group struct {
	Prefix    string `json:"prefix"`
	Count     int    `json:"count"`
	SizeBytes int64  `json:"sizeBytes"`
}

// An Entry is a key with its value.
type Entry struct {
	Key string `json:"key"`
	// Value is the lossless form: JSON, in which what JSON has no form for is an
	// object with "$type". It is what Edit takes back; see Value.
	Value     json.RawMessage `json:"value"`
	Type      string          `json:"type"`    // "string", "object", "Map", "Uint8Array", …
	Preview   string          `json:"preview"` // on one line, shortened
	SizeBytes int64           `json:"sizeBytes"`
	// Version stands for the stored bytes: an edit that expects it is refused
	// when they have changed.
	Version string `json:"version"`
	// Damaged says why the value cannot be shown, "" when it can.
	Damaged string `json:"damaged,omitempty"`
}

// Tree is the entry's value for showing it.
func (e Entry) Tree() (Node, error) { return ParseNode(e.Value) }

// Hex is the beginning of a value that is nothing but bytes, in pairs of digits,
// so many at most.
func (e Entry) Hex(most int) (digits string, ok bool) {
	switch e.Type {
	case "ArrayBuffer", "Uint8Array", "Uint8ClampedArray", "DataView":
	default:
		return "", false
	}
	_, text, found := bytes.Cut(e.Value, []byte(`"base64":"`))
	end := bytes.IndexByte(text, '"')
	if !found || end < 0 {
		return "", false // a part of a larger buffer
	}
	quads := min(end, (most+3)/3*4) // four letters are three bytes
	data, err := base64.StdEncoding.DecodeString(string(text[:quads]))
	if err != nil {
		return "", false
	}
	digits = fmt.Sprintf("% x", data[:min(len(data), most)])
	if len(data) > most || quads < end {
		digits += " …"
	}
	return digits, true
}

// A Change is one part of an edit.
type Change struct {
	Key string `json:"key"`
	// Value is put, in the form of Entry.Value; none deletes the key.
	Value json.RawMessage `json:"value,omitempty"`
	// Expect is the Version that was shown; Absent says that the key was not
	// there, and "" takes whatever there is.
	Expect string `json:"expect,omitempty"`
}

// Fits reports whether what is stored is what the change expects.
func (c Change) Fits(version string, present bool) bool {
	switch {
	case c.Expect == "":
		return true
	case !present:
		return c.Expect == Absent
	}
	return c.Expect == version
}

// Absent is the version of a key that is not there.
const Absent = "absent"

// A Diff is what happened to a key: Before or After is nil when it was not
// there. It is what an edit did, or a turn.
type Diff struct {
	Key    string `json:"key"`
	Before *Entry `json:"before"`
	After  *Entry `json:"after"`
}

// Undo is the change that takes the diff back, as long as nobody wrote the key
// since.
func (d Diff) Undo() Change {
	c := Change{Key: d.Key, Expect: Absent}
	if d.After != nil {
		c.Expect = d.After.Version
	}
	if d.Before != nil {
		c.Value = d.Before.Value
	}
	return c
}

// A StorageEvent is what a turn did to the storage of a watched object.
type StorageEvent struct {
	Object Ref    `json:"object"`
	By     string `json:"by"` // "webSocketMessage", "GET /x", "edit"
	Trace  string `json:"trace,omitempty"`
	Diffs  []Diff `json:"diffs,omitempty"`
	SQL    bool   `json:"sql,omitempty"` // tables were written to
	All    bool   `json:"all,omitempty"` // everything was deleted
	// Replaced says that all of it may be different: that it is to be read anew.
	Replaced bool `json:"replaced,omitempty"`
}

// A Schema is what an object's database holds.
type Schema struct {
	Tables []Table `json:"tables"`
	Keys   int64   `json:"keys"` // pairs of the key-value storage
}

// A Table is a table or view of the user's.
type Table struct {
	Name    string   `json:"name"`
	Kind    string   `json:"kind"` // "table" or "view"
	SQL     string   `json:"sql"`  // that made it
	Rows    int64    `json:"rows"` // -1 when not counted
	Columns []Column `json:"columns"`
	Indexes []string `json:"indexes,omitempty"`
}

// A Column is a column of a table.
type Column struct {
	Name    string `json:"name"`
	Type    string `json:"type"`
	NotNull bool   `json:"notNull,omitempty"`
	Key     bool   `json:"key,omitempty"` // part of the primary key
}

// A SQLQuery is the user's SQL, run under the platform's rules as one
// transaction.
type SQLQuery struct {
	SQL      string            `json:"sql"`
	Bindings []json.RawMessage `json:"bindings,omitempty"` // null, number, string or {"$type":"ArrayBuffer","base64":…}
	Limit    int               `json:"limit,omitempty"`    // rows; 0 is 10,000
}

// Writes reports whether a statement may write, by its first word.
func Writes(sql string) bool {
	word, _, _ := strings.Cut(strings.TrimSpace(sql), " ")
	return !strings.EqualFold(word, "select") && !strings.EqualFold(word, "explain")
}

// A SQLResult is what a query gave. A value is null, a number, a string, or
// {"$type":"ArrayBuffer","base64":…}; an integer beyond 2^53 is a
// {"$type":"bigint","value":…}.
type SQLResult struct {
	Columns     []string            `json:"columns"`
	Rows        [][]json.RawMessage `json:"rows"`
	More        bool                `json:"more"` // there are more rows than the limit
	RowsRead    int64               `json:"rowsRead"`
	RowsWritten int64               `json:"rowsWritten"`
	Took        time.Duration       `json:"tookNanos"`
}
