package worker

import (
	"encoding/json"
	"math/big"
	"strconv"
	"strings"

	"github.com/dodev/dodev/emulator/clone"
	"github.com/dodev/dodev/emulator/durable"
	"github.com/dodev/dodev/sqlite"
)

// leaves are the numbers and texts that an object has stored, wherever they are:
// in values, in JSON within texts, in rows, in the attachments of sockets.
type leaves struct {
	known map[string]bool
	all   strings.Builder // the texts one after the other
	seen  map[any]bool    // objects that were walked
	// opaque says that something was stored whose meaning cannot be told.
	opaque bool
}

// maxLeafText is how much is read; an object with more cannot be judged.
const maxLeafText = 4 << 20

// storedLeaves reads all that an object has stored. It reports false when that
// is too much, or something that only the project's code understands.
func (i *Isolate) storedLeaves(life *durable.Life) (*leaves, bool) {
	l := &leaves{known: map[string]bool{}, seen: map[any]bool{}}
	for _, s := range life.Object().Sockets(nil) {
		for _, tag := range s.Tags {
			l.text(tag)
		}
		l.clone(s.Attachment)
	}
	db := database(life)
	if size, err := db.Size(); err != nil || size > maxLeafText {
		return nil, false
	} else if size <= emptyDatabase {
		return l, !l.opaque
	}
	if at, ok, err := db.Alarm(); err == nil && ok {
		l.number(float64(at.UnixMilli()))
	}
	ok := l.keys(db)
	if ok && i.storesSQL(life) {
		ok = l.tables(db)
	}
	return l, ok && !l.opaque
}

// emptyDatabase is the size of one without tables.
const emptyDatabase = 4096

// has reports whether a leaf is stored. A text may be part of a longer one.
func (l *leaves) has(leaf any) bool {
	switch leaf := leaf.(type) {
	case float64:
		return l.known[numberText(leaf)]
	case string:
		const telling = 3
		return l.known[leaf] || len(leaf) >= telling && strings.Contains(l.all.String(), leaf)
	}
	return true
}

func (l *leaves) keys(db *sqlite.Object) bool {
	list := db.List(sqlite.ListOptions{})
	defer list.Close()
	for list.Next() && !l.opaque {
		l.text(list.Key())
		l.clone(list.Value())
	}
	return list.Err() == nil
}

func (l *leaves) tables(db *sqlite.Object) bool {
	var names []string
	ok := l.rows(db, "SELECT name FROM sqlite_schema WHERE type = 'table'", func(cur *sqlite.Cursor) {
		names = append(names, string(cur.Bytes(0)))
	})
	for _, name := range names {
		if !ok || l.opaque {
			return false
		}
		ok = l.rows(db, `SELECT * FROM "`+strings.ReplaceAll(name, `"`, `""`)+`"`, func(cur *sqlite.Cursor) {
			for column := range cur.Columns() {
				l.cell(cur, column)
			}
		})
	}
	return ok
}

func (l *leaves) rows(db *sqlite.Object, query string, row func(*sqlite.Cursor)) bool {
	cur, err := db.Exec(query)
	if err != nil {
		return false
	}
	defer cur.Close()
	for !cur.Done() && !l.opaque {
		row(cur)
		if cur.Advance() != nil {
			return false
		}
	}
	return cur.Err() == nil
}

func (l *leaves) cell(cur *sqlite.Cursor, column int) {
	switch cur.Kind(column) {
	case sqlite.Integer:
		l.number(float64(cur.Integer(column)))
	case sqlite.Float:
		l.number(cur.Float(column))
	case sqlite.Text:
		l.text(string(cur.Bytes(column)))
	case sqlite.Blob:
		l.opaque = true
	}
}

// clone adds what is in a serialized value.
func (l *leaves) clone(data []byte) {
	if data == nil {
		return
	}
	v, err := clone.ToTree(data)
	if err != nil {
		l.opaque = true
		return
	}
	l.value(v)
}

func (l *leaves) number(n float64) { l.known[numberText(n)] = true }

func numberText(n float64) string { return strconv.FormatFloat(n, 'g', -1, 64) }

// text adds a text, and what is in it when it is JSON or a number.
func (l *leaves) text(s string) {
	l.known[s] = true
	l.all.WriteString(s)
	l.all.WriteByte(0)
	if l.all.Len() > maxLeafText {
		l.opaque = true
		return
	}
	if n, err := strconv.ParseFloat(s, 64); err == nil {
		l.number(n)
	}
	if s == "" || !strings.ContainsRune(`{["`, rune(s[0])) {
		return
	}
	var v any
	if json.Unmarshal([]byte(s), &v) == nil {
		l.json(v)
	}
}

func (l *leaves) json(v any) {
	switch v := v.(type) {
	case float64:
		l.number(v)
	case string:
		l.text(v)
	case []any:
		for _, item := range v {
			l.json(item)
		}
	case map[string]any:
		for key, item := range v {
			l.text(key)
			l.json(item)
		}
	}
}

func (l *leaves) value(v clone.Value) {
	switch v := v.(type) {
	case float64:
		l.number(v)
	case string:
		l.text(v)
	case *big.Int:
		l.text(v.String())
	case *clone.Date:
		l.number(v.Milliseconds)
	case *clone.Boxed:
		l.value(v.Value)
	case *clone.Buffer, *clone.View, *clone.Host:
		l.opaque = true
	case *clone.Error, *clone.RegExp:
		// What they say is no data of its own.
	default:
		l.members(v)
	}
}

// members adds what an object holds, once.
func (l *leaves) members(v clone.Value) {
	properties := func(list []clone.Property) {
		for _, p := range list {
			l.text(p.Key)
			l.value(p.Value)
		}
	}
	switch v := v.(type) {
	case *clone.Object:
		if l.enter(v) {
			properties(v.Properties)
		}
	case *clone.Array:
		if l.enter(v) {
			for _, item := range v.Items {
				l.value(item)
			}
			properties(v.Properties)
		}
	case *clone.Map:
		if l.enter(v) {
			for _, e := range v.Entries {
				l.value(e.Key)
				l.value(e.Value)
			}
		}
	case *clone.Set:
		if l.enter(v) {
			for _, item := range v.Items {
				l.value(item)
			}
		}
	}
}

// enter reports whether an object was not walked yet.
func (l *leaves) enter(v any) bool {
	if l.seen[v] {
		return false
	}
	l.seen[v] = true
	return true
}
