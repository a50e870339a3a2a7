package worker

import (
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/dodev/dodev/emulator/durable"
	"github.com/dodev/dodev/emulator/engine"
	"github.com/dodev/dodev/sqlite"
)

func sorted(keys []string) []string {
	slices.Sort(keys)
	return slices.Compact(keys)
}

func (i *Isolate) sqlFuncs() map[string]engine.Func {
	forCursor := func(fn func(c engine.Call, cur *cursor) error) engine.Func {
		return func(c engine.Call) error {
			cur := i.cursors[c.Int(0)]
			if cur == nil {
				return i.gone()
			}
			i.loop.Touch(cur.life)
			return fn(c, cur)
		}
	}
	return map[string]engine.Func{
		"sqlExec": i.forLife(i.sqlExec),
		"sqlNearLimit": func(c engine.Call) error {
			i.returnNear(c, i.near("a bound value has %d bytes", c.Int(0), i.w.setup.Deployed.Pair))
			return nil
		},
		"sqlColumns": forCursor(func(c engine.Call, cur *cursor) error {
			c.ReturnStrings(cur.Columns())
			return nil
		}),
		"sqlNext": forCursor(sqlNext),
		"sqlRowsRead": forCursor(func(c engine.Call, cur *cursor) error {
			c.Return(engine.Int(cur.RowsRead()))
			return nil
		}),
		"sqlRowsWritten": forCursor(func(c engine.Call, cur *cursor) error {
			c.Return(engine.Int(cur.RowsWritten()))
			return nil
		}),
		"sqlClose": func(c engine.Call) error {
			if cur := i.cursors[c.Int(0)]; cur != nil {
				delete(i.cursors, c.Int(0))
				cur.tell()
				cur.Close()
			}
			return nil
		},
		"sqlSize": i.forStore(func(c engine.Call, db *sqlite.Object) error {
			size, err := db.Size()
			c.Return(engine.Int(size))
			return storageError(err)
		}),
	}
}

func (i *Isolate) sqlExec(c engine.Call, life *durable.Life) error {
	i.loop.Touch(life)
	var b bindings
	if err := c.Encode(2, engine.ForStorage, &b); err != nil {
		return err
	}
	cur, err := database(life).Exec(c.String(1), b.values...)
	if err := i.wrote(life, err); err != nil {
		return err
	}
	n := i.next()
	made := &cursor{life: life, Cursor: cur}
	i.cursors[n] = made
	if i.outcome != nil {
		*i.outcome = made.outcome()
	}
	c.Return(engine.Int(n))
	return nil
}

// sqlNext answers the row a cursor is at and moves it on.
func sqlNext(c engine.Call, cur *cursor) error {
	if err := cur.Err(); err != nil {
		return storageError(err)
	}
	if cur.Done() {
		return nil
	}
	err := c.ReturnBuilt(func(s engine.Sink) error {
		n := len(cur.Columns())
		s.BeginDense(n)
		for column := range n {
			feedColumn(s, cur.Cursor, column)
		}
		s.EndDense(0, n)
		return nil
	})
	if err != nil {
		return err
	}
	err = cur.Advance()
	if cur.Done() {
		cur.tell()
	}
	return storageError(err)
}

func feedColumn(s engine.Sink, cur *sqlite.Cursor, column int) {
	switch cur.Kind(column) {
	case sqlite.Integer:
		if n := cur.Integer(column); n >= math.MinInt32 && n <= math.MaxInt32 {
			s.Int(int32(n))
		} else {
			s.Double(float64(n))
		}
	case sqlite.Float:
		s.Double(cur.Float(column))
	case sqlite.Text:
		s.String(decodeText(cur.Bytes(column)))
	case sqlite.Blob:
		s.Buffer(cur.Bytes(column))
	default:
		s.Null()
	}
}

// bindings collects an array of plain values, which src/sql.ts has checked.
type bindings struct {
	engine.Sink // other values do not occur
	values      []sqlite.Value
	buffers     [][]byte
	view        *[2]int
}

func (b *bindings) add(v sqlite.Value) { b.values = append(b.values, v) }

func (b *bindings) Null()             { b.add(sqlite.Value{Kind: sqlite.Null}) }
func (b *bindings) Int(v int32)       { b.Double(float64(v)) } // numbers are bound as REAL
func (b *bindings) Double(v float64)  { b.add(sqlite.Value{Kind: sqlite.Float, Float: v}) }
func (b *bindings) String(s string)   { b.add(sqlite.Value{Kind: sqlite.Text, Text: s}) }
func (b *bindings) BeginDense(int)    { b.buffers = append(b.buffers, nil) }
func (b *bindings) EndDense(_, _ int) {}

func (b *bindings) BeginView(_ engine.ViewKind, offset, length int) { b.view = &[2]int{offset, length} }
func (b *bindings) EndView()                                        { b.buffers = append(b.buffers, nil) }
func (b *bindings) Ref(id int)                                      { b.bytes(b.buffers[id]) }

func (b *bindings) Buffer(p []byte) {
	p = slices.Clone(p)
	b.buffers = append(b.buffers, p)
	b.bytes(p)
}

func (b *bindings) bytes(p []byte) {
	if b.view != nil {
		p = p[b.view[0] : b.view[0]+b.view[1]]
		b.view = nil
	}
	b.add(sqlite.Value{Kind: sqlite.Blob, Blob: p})
}

// decodeText is text as code sees it: like V8, every byte that is not UTF-8
// becomes a replacement character of its own.
func decodeText(b []byte) string {
	if utf8.Valid(b) {
		return string(b)
	}
	var out strings.Builder
	for len(b) > 0 {
		r, n := utf8.DecodeRune(b)
		out.WriteRune(r)
		b = b[n:]
	}
	return out.String()
}
