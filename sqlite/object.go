package sqlite

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	lib "modernc.org/sqlite/lib"
)

// Options say how databases are opened. The zero value is for serving.
type Options struct {
	InMemory bool // keep everything in memory and nothing on disk
	ReadOnly bool // for looking at files that no server has open
	// MaxSize is how many bytes a database may take; 0 is as many as there are.
	// Writing beyond them fails with SQLITE_FULL.
	MaxSize int64
	// MaxRow is how many bytes the values of a row, a string or a BLOB may have;
	// 0 is as many as in the local runtime.
	MaxRow int
	// History, unless nil, has the past of objects kept that live in files.
	History *HistoryOptions
	// Opening, unless nil, is called before anything is done to the files of a
	// database that is not open, or of its object's index of facets.
	Opening func(path string)
	// Trace, unless nil, is told of each value put and of each commit.
	Trace func(step string)
}

// Object is the database of one Durable Object. It opens its file when that is
// first needed, and creates it when something is first written. One goroutine
// at a time may use it.
//
// Errors of the file itself are [LockedError] or wrap the cause; errors that
// the user's code is to see are [*Error].
type Object struct {
	path string
	opts Options

	conn       *conn // nil while closed
	statements [statementCount]*stmt
	tables     [tableCount]presence
	cache      cache
	cursors    []*Cursor // that have rows left
	list       *List     // the one that is valid

	dirty   bool // the implicit transaction is open
	depth   int  // savepoints open
	emptied bool // DeleteAll ran in this transaction
	broken  *Error
	stop    func() bool // see Interrupt

	indexes map[string]tableIndexes // of tables whose writes were counted

	history *history // nil when none is kept
	folder  string   // that goes when the database is closed, "" for none
}

// OpenObject returns the database at path without touching the disk.
func OpenObject(path string, opts Options) *Object {
	o := &Object{path: path, opts: opts}
	if opts.History != nil && !opts.InMemory && !opts.ReadOnly {
		o.history = newHistory(path, opts.History)
	}
	return o
}

// Path returns where the database lies, or would.
func (o *Object) Path() string { return o.path }

// Dirty reports whether there is anything to commit or roll back.
func (o *Object) Dirty() bool { return o.dirty }

// Idle reports whether the database could be closed without anyone noticing:
// nothing to commit, and no cursor or list with rows left.
func (o *Object) Idle() bool {
	return !o.dirty && len(o.cursors) == 0 && o.list == nil && (!o.opts.InMemory || o.conn == nil)
}

// Close rolls back what was not committed and closes the file; a database in
// memory is gone. The next use opens it again. Calling it twice is harmless.
func (o *Object) Close() error {
	err := o.Rollback()
	o.closeCursors(nil)
	if o.conn == nil {
		return o.removeFolder(err)
	}
	if o.history != nil {
		o.history.closing(o.conn)
	}
	for _, s := range o.statements {
		s.finalize()
	}
	o.statements = [statementCount]*stmt{}
	o.cache.clear()
	o.forget()
	o.conn.close()
	o.conn = nil
	if o.history != nil {
		o.history.closed()
	}
	return o.removeFolder(err)
}

// removeFolder removes a copy that was made for looking at.
func (o *Object) removeFolder(err error) error {
	if o.folder != "" {
		err = errors.Join(err, os.RemoveAll(o.folder))
	}
	return err
}

// exists opens the database if there is one.
func (o *Object) exists() (bool, error) {
	if o.conn != nil {
		return true, nil
	}
	if o.opts.InMemory {
		return false, nil
	}
	if info, err := os.Stat(o.path); errors.Is(err, os.ErrNotExist) || err == nil && info.Size() == 0 {
		return false, nil
	}
	return true, o.open()
}

// open opens the database, creating it if need be.
func (o *Object) open() error {
	if o.conn != nil {
		return nil
	}
	path, flags := o.path, int32(lib.SQLITE_OPEN_READWRITE|lib.SQLITE_OPEN_CREATE)
	switch {
	case o.opts.InMemory:
		path = ":memory:"
	case o.opts.ReadOnly:
		flags = lib.SQLITE_OPEN_READONLY
	default:
		if o.opts.Opening != nil {
			o.opts.Opening(path)
		}
		if err := createWAL(path); err != nil {
			return fmt.Errorf("create database: %w", err)
		}
	}
	c, err := o.opts.connect(path, flags)
	if err != nil {
		return err
	}
	c.configure(lib.SQLITE_DBCONFIG_ENABLE_FKEY, 1)
	c.restrict(o.opts.MaxRow)
	c.poll(func() bool { return o.stop != nil && o.stop() })
	o.conn = c
	if o.history != nil {
		o.history.check(o.history.opened(c))
	}
	return nil
}

// Interrupt has statements ask stop, now and then while they run; when it says
// so they fail with SQLITE_INTERRUPT. Nil lets them run for ever, as at first.
func (o *Object) Interrupt(stop func() bool) { o.stop = stop }

func (opts Options) pragmas() string {
	if opts.ReadOnly {
		return "SELECT 1 FROM sqlite_schema"
	}
	pragmas := ""
	if !opts.InMemory {
		// Reading the journal mode is what takes the lock. A process that is killed
		// loses nothing without fsync; only a power cut could.
		pragmas = "PRAGMA locking_mode=EXCLUSIVE;PRAGMA synchronous=OFF;PRAGMA journal_mode=WAL"
	}
	if opts.MaxSize > 0 {
		pragmas += ";PRAGMA max_page_count=" + strconv.FormatInt(max(1, opts.MaxSize/pageSize), 10)
	}
	return pragmas
}

// connect opens a database and takes its lock, or sees that it can be read.
func (opts Options) connect(path string, flags int32) (*conn, error) {
	c, err := openConn(path, flags)
	if err != nil {
		return nil, err
	}
	if err = c.run(opts.pragmas()); err == nil {
		return c, nil
	}
	c.close()
	var e *Error
	if opts.ReadOnly && flags&lib.SQLITE_OPEN_URI == 0 && errors.As(err, &e) && e.cause != nil && logged(path) == 0 {
		// The engine wants files beside one that it only reads. Where it cannot make
		// them and there is no log, the file is all there is.
		return opts.connect(immutable(path), flags|lib.SQLITE_OPEN_URI)
	}
	return nil, describe(path, err)
}

// logged is how many bytes lie in the write-ahead log of a database.
func logged(path string) int64 {
	info, err := os.Stat(path + "-wal")
	if err != nil {
		return 0
	}
	return info.Size()
}

// immutable is the address of a database as of one that nobody changes.
func immutable(path string) string {
	if abs, err := filepath.Abs(path); err == nil {
		path = abs
	}
	path = "/" + strings.TrimPrefix(filepath.ToSlash(path), "/")
	return (&url.URL{Scheme: "file", Path: path, RawQuery: "immutable=1"}).String()
}

// describe says what went wrong with a file: that it is locked, or the cause.
func describe(path string, err error) error {
	var e *Error
	switch errors.As(err, &e); {
	case e == nil || e.Code != lib.SQLITE_BUSY && e.cause == nil:
		return fmt.Errorf("open %s: %w", path, err)
	case e.cause == nil:
		return &LockedError{Path: path}
	}
	return fmt.Errorf("open %s: %w", path, blame(e))
}

// blame puts what the system said before what the engine made of it.
func blame(e *Error) error { return fmt.Errorf("%w (%w)", e.cause, e) }

// statement returns one of the object's own statements, ready to be bound.
func (o *Object) statement(id statementID) (*stmt, error) {
	if s := o.statements[id]; s != nil {
		return s, nil
	}
	s, _, err := o.conn.prepare(id.sql(), preparation{durable: true})
	if err != nil {
		return nil, err
	}
	o.statements[id] = s
	return s, nil
}

// do executes one of the object's own statements that has no parameters.
func (o *Object) do(id statementID) error {
	s, err := o.statement(id)
	if err != nil {
		return err
	}
	return s.once()
}

// createWAL makes sure that there is a file at path, in the state in which the
// real runtime leaves a new one: one empty page, in WAL mode. Doing that through
// the engine costs ten times as much.
func createWAL(path string) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if errors.Is(err, os.ErrNotExist) {
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			return err
		}
		f, err = os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	}
	if errors.Is(err, os.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	_, err = f.Write(emptyPage())
	if err = errors.Join(err, f.Close()); err != nil {
		return errors.Join(err, os.Remove(path))
	}
	return nil
}
