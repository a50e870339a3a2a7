package sqlite

import (
	"fmt"
	"io/fs"

	"modernc.org/libc"
	lib "modernc.org/sqlite/lib"
)

// conn is one connection of the engine, used by one goroutine at a time.
type conn struct {
	tls     *libc.TLS
	db      uintptr
	out     uintptr // room for two pointers the engine fills in, and two variable arguments
	scratch arena   // bindings of statements that finish before they return

	rules  rules
	writes *writes // counts the rows that the statement being run changes

	// Functions the engine calls; kept alive here.
	authorize func(*libc.TLS, uintptr, int32, uintptr, uintptr, uintptr, uintptr) int32
	preupdate func(*libc.TLS, uintptr, uintptr, int32, uintptr, uintptr, int64, int64)
	progress  func(*libc.TLS, uintptr) int32
}

// openConn opens path with the engine's SQLITE_OPEN_* flags.
func openConn(path string, flags int32) (*conn, error) {
	c := &conn{tls: libc.NewTLS()}
	if c.out = lib.Xsqlite3_malloc(c.tls, 48); c.out == 0 || !c.scratch.reserve(c.tls, len(path)+1) {
		c.close()
		return nil, errNoMemory
	}
	name := add(&c.scratch, path+"\x00")
	rc := lib.Xsqlite3_open_v2(c.tls, name, c.out, flags|lib.SQLITE_OPEN_NOMUTEX, 0)
	c.db = word(c.out)
	if rc != lib.SQLITE_OK {
		err := c.failure(rc)
		c.close()
		return nil, describe(path, err)
	}
	if flags&lib.SQLITE_OPEN_READWRITE != 0 && c.readOnly() {
		c.close()
		return nil, fmt.Errorf("open %s: %w", path, fs.ErrPermission)
	}
	return c, nil
}

// readOnly reports whether the database can only be read: the engine opens a file
// so that it may not write, and tells nobody until somebody does.
func (c *conn) readOnly() bool {
	c.scratch.reserve(c.tls, len("main\x00"))
	return lib.Xsqlite3_db_readonly(c.tls, c.db, add(&c.scratch, "main\x00")) == 1
}

// close is safe to call twice. All statements must have been finalized.
func (c *conn) close() {
	if c.tls == nil {
		return
	}
	if c.db != 0 {
		lib.Xsqlite3_close_v2(c.tls, c.db)
	}
	c.scratch.free(c.tls)
	if c.out != 0 {
		lib.Xsqlite3_free(c.tls, c.out)
	}
	c.tls.Close()
	c.tls, c.db, c.out = nil, 0, 0
}

// run executes statements of ours and drops what they return.
func (c *conn) run(sql string) error {
	for sql != "" {
		s, rest, err := c.prepare(sql, preparation{})
		if err != nil {
			return err
		}
		for more := true; more && err == nil; {
			more, err = s.step()
		}
		s.finalize()
		if err != nil {
			return err
		}
		sql = rest
	}
	return nil
}

// row executes one statement of ours and returns its first row's first value
// as an integer; ok is false when there is no row or the value is NULL.
func (c *conn) row(sql string) (value int64, ok bool, err error) {
	s, _, err := c.prepare(sql, preparation{})
	if err != nil {
		return 0, false, err
	}
	defer s.finalize()
	more, err := s.step()
	if err != nil || !more || s.kind(0) == Null {
		return 0, false, err
	}
	return s.integer(0), true, nil
}

// configure sets one of the engine's SQLITE_DBCONFIG_* switches and returns
// how it stands. A negative value only asks.
func (c *conn) configure(option, value int32) (now int32) {
	args := libc.VaList(c.out+16, value, c.out)
	lib.Xsqlite3_db_config(c.tls, c.db, option, args)
	return *(*int32)(pointer(c.out))
}

// autocommit reports whether the engine has no transaction open.
func (c *conn) autocommit() bool { return lib.Xsqlite3_get_autocommit(c.tls, c.db) != 0 }

// restrict applies the platform's limits and rules to the connection's user
// statements.
func (c *conn) restrict(row int) {
	c.configure(lib.SQLITE_DBCONFIG_DEFENSIVE, 1)
	for _, l := range limits(row) {
		lib.Xsqlite3_limit(c.tls, c.db, l.id, l.value)
	}
	c.authorize = func(_ *libc.TLS, _ uintptr, action int32, p1, p2, database, trigger uintptr) int32 {
		if c.rules.allow(action, p1, p2, database, trigger) {
			return lib.SQLITE_OK
		}
		return lib.SQLITE_DENY
	}
	lib.Xsqlite3_set_authorizer(c.tls, c.db, callback(c.authorize), 0)
	c.preupdate = func(_ *libc.TLS, _, _ uintptr, op int32, _, table uintptr, before, after int64) {
		c.writes.add(op, table, before != after)
	}
}

// pollEvery is how many of the engine's operations pass between two polls:
// about a millisecond.
const pollEvery = 20_000

// poll has statements fail once stop says so.
func (c *conn) poll(stop func() bool) {
	c.progress = func(*libc.TLS, uintptr) int32 {
		if stop() {
			return 1
		}
		return 0
	}
	lib.Xsqlite3_progress_handler(c.tls, c.db, pollEvery, callback(c.progress), 0)
}

// watch has w count every row that statements insert, update or delete, until
// watch is called with nil.
func (c *conn) watch(w *writes) {
	c.writes = w
	if w == nil {
		lib.Xsqlite3_preupdate_hook(c.tls, c.db, 0, 0)
		return
	}
	lib.Xsqlite3_preupdate_hook(c.tls, c.db, callback(c.preupdate), 0)
}
