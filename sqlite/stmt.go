package sqlite

import (
	"strings"

	lib "modernc.org/sqlite/lib"
)

// stmt is one prepared statement.
type stmt struct {
	conn     *conn
	handle   uintptr
	user     bool    // runs under the platform's rules
	readonly bool    // changes nothing in the database
	effects  effects // what user statements touch
	bound    arena   // bindings of a statement that outlives its call
	names    []string
	plan     *plan
	rows     int64 // returned since the counters were reset
	onRow    bool
}

// preparation says how to compile a statement.
type preparation struct {
	user    bool // apply the platform's rules, gather effects
	durable bool // will be executed many times
}

// space is what may stand between two statements.
const space = " \t\n\r\v\f"

// prepare compiles the first statement in sql and returns the text behind it.
// Text without a statement is an error.
func (c *conn) prepare(sql string, p preparation) (s *stmt, rest string, err error) {
	s = &stmt{conn: c, user: p.user}
	if !c.scratch.reserve(c.tls, len(sql)+1) {
		return nil, "", errNoMemory
	}
	code := add(&c.scratch, sql)
	add(&c.scratch, "\x00")
	var flags uint32
	if p.durable {
		flags = lib.SQLITE_PREPARE_PERSISTENT
	}
	if p.user {
		c.rules.begin(&s.effects)
		defer c.rules.end()
	}
	rc := lib.Xsqlite3_prepare_v3(c.tls, c.db, code, int32(len(sql)), flags, c.out, c.out+8)
	if rc != lib.SQLITE_OK {
		return nil, "", c.rules.explain(c.failure(rc))
	}
	if s.handle = word(c.out); s.handle == 0 {
		return nil, "", errNoStatement
	}
	s.readonly = lib.Xsqlite3_stmt_readonly(c.tls, s.handle) != 0
	tail := int(word(c.out+8) - code)
	c.scratch.trim(c.tls)
	if p.user && s.effects.alters && renamesToReserved(sql[:tail]) {
		s.finalize()
		return nil, "", errNotAuthorized
	}
	return s, strings.TrimLeft(sql[tail:], space), nil
}

func (s *stmt) finalize() {
	if s == nil || s.handle == 0 {
		return
	}
	lib.Xsqlite3_finalize(s.conn.tls, s.handle)
	s.bound.free(s.conn.tls)
	s.handle = 0
}

// step moves to the next row; false means there is none.
func (s *stmt) step() (bool, error) {
	c := s.conn
	if s.user {
		// The engine compiles again what an altered schema made stale.
		c.rules.begin(nil)
		defer c.rules.end()
	}
	s.onRow = false
	switch rc := lib.Xsqlite3_step(c.tls, s.handle); rc {
	case lib.SQLITE_ROW:
		s.onRow = true
		s.rows++
		return true, nil
	case lib.SQLITE_DONE:
		return false, nil
	default:
		return false, c.failure(rc)
	}
}

// once executes a statement that returns no rows, and readies it for reuse.
func (s *stmt) once() error {
	_, err := s.step()
	s.reset()
	return err
}

func (s *stmt) reset() { lib.Xsqlite3_reset(s.conn.tls, s.handle) }

func (s *stmt) params() int {
	return int(lib.Xsqlite3_bind_parameter_count(s.conn.tls, s.handle))
}

func (s *stmt) columns() int { return int(lib.Xsqlite3_column_count(s.conn.tls, s.handle)) }

func (s *stmt) column(i int) string {
	return text(lib.Xsqlite3_column_name(s.conn.tls, s.handle, int32(i)))
}

// bindText binds text that lies in the engine's memory until s is reset. The
// error is that it is too long.
func (s *stmt) bindText(i int, address uintptr, n int) error {
	return s.check(lib.Xsqlite3_bind_text(s.conn.tls, s.handle, int32(i), address, int32(n), 0))
}

// bindBlob is like [stmt.bindText]. An empty blob is not NULL.
func (s *stmt) bindBlob(i int, address uintptr, n int) error {
	if n == 0 {
		return s.check(lib.Xsqlite3_bind_zeroblob(s.conn.tls, s.handle, int32(i), 0))
	}
	return s.check(lib.Xsqlite3_bind_blob(s.conn.tls, s.handle, int32(i), address, int32(n), 0))
}

func (s *stmt) check(rc int32) error {
	if rc != lib.SQLITE_OK {
		return s.conn.failure(rc)
	}
	return nil
}

func (s *stmt) bindInteger(i int, v int64) {
	lib.Xsqlite3_bind_int64(s.conn.tls, s.handle, int32(i), lib.Tsqlite3_int64(v))
}

func (s *stmt) bindNull(i int) { lib.Xsqlite3_bind_null(s.conn.tls, s.handle, int32(i)) }

// bind sets all parameters, copying what they point to.
func (s *stmt) bind(values []Value) error {
	c, size := s.conn, 0
	for _, v := range values {
		size += len(v.Text) + len(v.Blob)
	}
	if !s.bound.reserve(c.tls, size) {
		return errNoMemory
	}
	for i, v := range values {
		if err := s.bindValue(i+1, v); err != nil {
			return err
		}
	}
	return nil
}

func (s *stmt) bindValue(i int, v Value) error {
	switch v.Kind {
	case Integer:
		s.bindInteger(i, v.Integer)
	case Float:
		lib.Xsqlite3_bind_double(s.conn.tls, s.handle, int32(i), v.Float)
	case Text:
		return s.bindText(i, add(&s.bound, v.Text), len(v.Text))
	case Blob:
		return s.bindBlob(i, add(&s.bound, v.Blob), len(v.Blob))
	default:
		s.bindNull(i)
	}
	return nil
}

func (s *stmt) kind(i int) Kind {
	switch lib.Xsqlite3_column_type(s.conn.tls, s.handle, int32(i)) {
	case lib.SQLITE_INTEGER:
		return Integer
	case lib.SQLITE_FLOAT:
		return Float
	case lib.SQLITE_TEXT:
		return Text
	case lib.SQLITE_BLOB:
		return Blob
	}
	return Null
}

func (s *stmt) integer(i int) int64 {
	return int64(lib.Xsqlite3_column_int64(s.conn.tls, s.handle, int32(i)))
}

func (s *stmt) float(i int) float64 {
	return lib.Xsqlite3_column_double(s.conn.tls, s.handle, int32(i))
}

// bytes returns a text or blob column in the engine's memory, valid until s
// moves on.
func (s *stmt) bytes(i int) []byte {
	address := lib.Xsqlite3_column_blob(s.conn.tls, s.handle, int32(i))
	return view(address, int(lib.Xsqlite3_column_bytes(s.conn.tls, s.handle, int32(i))))
}

func (s *stmt) value(i int) Value {
	switch kind := s.kind(i); kind {
	case Integer:
		return Value{Kind: kind, Integer: s.integer(i)}
	case Float:
		return Value{Kind: kind, Float: s.float(i)}
	case Text:
		return Value{Kind: kind, Text: string(s.bytes(i))}
	case Blob:
		return Value{Kind: kind, Blob: append([]byte{}, s.bytes(i)...)}
	}
	return Value{}
}
