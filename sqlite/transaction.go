package sqlite

import (
	"errors"
	"fmt"
	"strconv"

	lib "modernc.org/sqlite/lib"
)

// begin opens the implicit transaction, and the database, unless they are open.
func (o *Object) begin() error {
	if o.broken != nil {
		return o.broken // writing on would commit each statement by itself
	}
	if o.dirty {
		return nil
	}
	if err := o.open(); err != nil {
		return err
	}
	if err := o.do(beginTransaction); err != nil {
		return err
	}
	o.dirty = true
	return nil
}

// Commit ends the implicit transaction: afterwards everything written since the
// last commit survives the process, and without it nothing does. It must not be
// called within a savepoint. If it fails, the transaction is rolled back.
func (o *Object) Commit() error {
	if !o.dirty {
		return nil
	}
	if o.opts.Trace != nil {
		o.opts.Trace("sqlite.(*Object).Commit")
	}
	if o.depth > 0 {
		return errors.New("commit within a savepoint")
	}
	if o.broken != nil {
		cause := o.broken
		return errors.Join(fmt.Errorf("%w: %w", ErrCommit, cause), o.Rollback())
	}
	if err := o.do(commitTransaction); err != nil {
		return errors.Join(o.commitError(err), o.Rollback())
	}
	o.dirty = false
	if o.history != nil {
		o.history.settle(o.conn)
	}
	if o.emptied {
		o.emptied = false
		return o.shrink()
	}
	return nil
}

// commitError tells a violated constraint from other failures of a commit.
func (o *Object) commitError(err error) error {
	var e *Error
	switch errors.As(err, &e); {
	case e != nil && e.Code == lib.SQLITE_CONSTRAINT:
		return fmt.Errorf("%w: %w", ErrViolated, err)
	case e != nil && e.cause != nil:
		return fmt.Errorf("write %s: %w", o.path, blame(e))
	}
	return fmt.Errorf("commit: %w", err)
}

// Rollback undoes everything written since the last commit and closes all
// savepoints.
func (o *Object) Rollback() error {
	if !o.dirty {
		return nil
	}
	o.dirty, o.emptied, o.depth, o.broken = false, false, 0, nil
	o.forget()
	if o.history != nil {
		o.history.rolledBack()
	}
	if o.conn.autocommit() {
		return nil
	}
	if err := o.do(rollbackTransaction); err != nil {
		return fmt.Errorf("roll back: %w", err)
	}
	return nil
}

// Savepoint starts a transaction within the transaction and returns its level,
// which [Object.Release] or [Object.RollbackTo] must end. Levels nest.
func (o *Object) Savepoint() (level int, err error) {
	if err := o.begin(); err != nil {
		return 0, err
	}
	if err := o.conn.run("SAVEPOINT _cf_savepoint_" + strconv.Itoa(o.depth)); err != nil {
		return 0, err
	}
	o.depth++
	return o.depth - 1, nil
}

// Release keeps what was written since the savepoint, as part of what surrounds
// it. Levels above it are released too.
func (o *Object) Release(level int) error {
	if level >= o.depth {
		return nil
	}
	if o.broken != nil {
		return &Error{Code: o.broken.Code, Message: ErrCommit.Error()}
	}
	if err := o.conn.run("RELEASE _cf_savepoint_" + strconv.Itoa(level)); err != nil {
		return err
	}
	o.depth = level
	return nil
}

// RollbackTo undoes what was written since the savepoint and ends it. Levels
// above it are undone with it.
func (o *Object) RollbackTo(level int) error {
	if level >= o.depth {
		return nil
	}
	o.depth = level
	if o.broken != nil {
		return nil // the engine has undone all of it already
	}
	o.forget()
	name := "_cf_savepoint_" + strconv.Itoa(level)
	return o.conn.run("ROLLBACK TO " + name + ";RELEASE " + name)
}

// Depth returns how many savepoints are open.
func (o *Object) Depth() int { return o.depth }

// inspect notices errors at which the engine undoes the transaction by itself:
// it must then not be committed.
func (o *Object) inspect(err error) {
	var e *Error
	if o.dirty && o.broken == nil && errors.As(err, &e) && o.conn.autocommit() {
		o.broken = e
	}
}
