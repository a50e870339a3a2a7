package sqlite

import (
	"bytes"

	lib "modernc.org/sqlite/lib"
)

// Cursor stands on a row of a query's result, or behind the last. It reads
// ahead no further: what the rows after it hold is decided when it gets there.
//
//	for !c.Done() {
//		use(c.Value(0))
//		err = c.Advance()
//	}
type Cursor struct {
	object  *Object
	program *program // nil once finished
	slot    int      // in object.cursors
	names   []string
	done    bool
	err     error

	kept   [][]Value // the rows of a statement that writes, read at once
	reads  int64     // by earlier reads of counters
	writes writes
}

// start binds and runs to the first row.
func (c *Cursor) start(bindings []Value) error {
	s := c.program.last
	c.program.busy = true
	if s.params() != len(bindings) {
		return errParameters
	}
	if err := s.bind(bindings); err != nil {
		return err
	}
	more, err := c.object.stepUser(s, &c.writes)
	if err == nil && more && c.object.hidden(s) {
		more, err = c.skip()
	}
	if err != nil {
		s.names = nil // perhaps compiled again
		return err
	}
	c.names = s.columnNames()
	c.writes.of(s)
	switch {
	case !more:
		c.finish()
	case !s.readonly:
		return c.keep()
	default:
		c.slot = len(c.object.cursors)
		c.object.cursors = append(c.object.cursors, c)
	}
	return nil
}

// keep reads all rows at once. A statement that writes must not be left
// unfinished, or nothing could be committed; it has done its writing anyway.
func (c *Cursor) keep() error {
	s := c.program.last
	for more := true; more; {
		row := make([]Value, len(c.names))
		for i := range row {
			row[i] = s.value(i)
		}
		c.kept = append(c.kept, row)
		var err error
		if more, err = c.object.stepUser(s, &c.writes); err != nil {
			return err
		}
	}
	c.finish()
	c.done = false
	return nil
}

// Columns returns the names of the result's columns. The caller must not change it.
func (c *Cursor) Columns() []string { return c.names }

// Done reports whether the cursor is behind the last row.
func (c *Cursor) Done() bool { return c.done && c.err == nil }

// Err returns why the cursor cannot go on although it was not done: the
// database was emptied under it.
func (c *Cursor) Err() error { return c.err }

// Advance moves to the next row. When it fails the cursor is closed.
func (c *Cursor) Advance() error {
	switch {
	case c.err != nil:
		return c.err
	case c.done:
		return nil
	case c.kept != nil:
		c.kept = c.kept[1:]
		if len(c.kept) == 0 {
			c.kept, c.done = nil, true
		}
		return nil
	}
	more, err := c.object.stepUser(c.program.last, &c.writes)
	if err == nil && more && c.object.hidden(c.program.last) {
		more, err = c.skip()
	}
	if !more || err != nil {
		c.finish()
	}
	return err
}

// skip moves past rows that tell of what is hidden from users.
func (c *Cursor) skip() (more bool, err error) {
	for more = true; more && err == nil && c.object.hidden(c.program.last); {
		more, err = c.object.stepUser(c.program.last, &c.writes)
	}
	return more, err
}

// Kind returns the storage class of a column of the current row.
func (c *Cursor) Kind(column int) Kind {
	if c.kept != nil {
		return c.kept[0][column].Kind
	}
	return c.program.last.kind(column)
}

// Integer returns a column whose kind is [Integer].
func (c *Cursor) Integer(column int) int64 {
	if c.kept != nil {
		return c.kept[0][column].Integer
	}
	return c.program.last.integer(column)
}

// Float returns a column whose kind is [Float].
func (c *Cursor) Float(column int) float64 {
	if c.kept != nil {
		return c.kept[0][column].Float
	}
	return c.program.last.float(column)
}

// Bytes returns a column whose kind is [Text] or [Blob], without copying: it is
// valid until the next call of any other method of the cursor or its object.
// Text need not be valid UTF-8.
func (c *Cursor) Bytes(column int) []byte {
	if c.kept == nil {
		return c.program.last.bytes(column)
	}
	if v := c.kept[0][column]; v.Kind == Text {
		return []byte(v.Text)
	}
	return c.kept[0][column].Blob
}

// Value returns a copy of a column of the current row.
func (c *Cursor) Value(column int) Value {
	if c.kept != nil {
		return c.kept[0][column]
	}
	return c.program.last.value(column)
}

// RowsRead returns how many rows the query has read so far, as nearly as an
// unpatched SQLite tells what the platform counts.
func (c *Cursor) RowsRead() int64 {
	if c.program == nil {
		return c.reads
	}
	return c.program.last.rowsRead()
}

// RowsWritten returns how many rows the query has written: one for each row of
// a table, and one for each index entry added.
func (c *Cursor) RowsWritten() int64 { return c.object.rowsWritten(&c.writes) }

// Close ends the cursor: it is then done. Calling it twice is harmless.
func (c *Cursor) Close() {
	c.kept = nil
	c.finish()
}

// finish gives the statement back, keeping what it counted.
func (c *Cursor) finish() {
	c.done = true
	p := c.program
	if p == nil {
		return
	}
	c.reads = p.last.rowsRead()
	c.program = nil
	p.last.resetCounters()
	p.last.reset()
	p.last.bound.trim(c.object.conn.tls)
	p.busy = false
	if p.place == nil {
		p.finalize()
	}
	if c.slot >= 0 {
		c.object.unlink(c)
	}
}

// unlink takes a cursor off the list of those with rows left.
func (o *Object) unlink(c *Cursor) {
	last := o.cursors[len(o.cursors)-1]
	o.cursors[c.slot], last.slot = last, c.slot
	o.cursors[len(o.cursors)-1] = nil
	o.cursors = o.cursors[:len(o.cursors)-1]
	c.slot = -1
}

// CloseCursors ends all cursors and the list, as when the instance they belong
// to is gone.
func (o *Object) CloseCursors() { o.closeCursors(nil) }

// closeCursors ends all cursors and the list; they fail with err from then on,
// or are merely done if it is nil.
func (o *Object) closeCursors(err error) {
	for len(o.cursors) > 0 {
		c := o.cursors[len(o.cursors)-1]
		c.finish()
		c.err = err
	}
	if o.list != nil {
		o.list.err = err
		o.list.Close()
	}
}

// columnNames returns the names of the columns, which change only when the
// engine compiles the statement again.
func (s *stmt) columnNames() []string {
	n := s.columns()
	again := lib.Xsqlite3_stmt_status(s.conn.tls, s.handle, lib.SQLITE_STMTSTATUS_REPREPARE, 1) != 0
	if s.names != nil && !again && len(s.names) == n {
		return s.names
	}
	s.names, s.plan = make([]string, n), nil
	for i := range s.names {
		s.names[i] = s.column(i)
	}
	return s.names
}

// hidden reports whether a row of the schema tells of the table in which the
// other tool keeps the object's name.
func (o *Object) hidden(s *stmt) bool {
	if !s.effects.readsSchema || o.tables[nameTableID] == absent {
		return false
	}
	for i := range s.columns() {
		if s.kind(i) == Text && bytes.Contains(s.bytes(i), []byte(nameTable)) {
			return true
		}
	}
	return false
}
