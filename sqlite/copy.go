package sqlite

import (
	"errors"
	"fmt"
	"os"

	lib "modernc.org/sqlite/lib"
)

// Remove removes the database: what was not committed, what was, and its file.
// The past that is kept of it stays, so that it can be put back. Cursors with
// rows left fail afterwards.
func (o *Object) Remove() error {
	if err := o.Rollback(); err != nil {
		return err
	}
	if ok, err := o.exists(); !ok || err != nil {
		return err
	}
	o.closeCursors(errDeleted)
	return o.removeFile()
}

// Discard removes a database to which nothing was ever committed. Nothing is
// noted of it in its past.
func (o *Object) Discard() error {
	o.history = nil
	if err := o.Close(); err != nil || o.opts.InMemory {
		return err
	}
	return o.removeFiles()
}

// CopyFrom makes the database equal to what another one has committed, in one
// commit. No transaction may be open in it; in the other one there may be.
func (o *Object) CopyFrom(from *Object) error { return o.copyFrom(from, 0) }

// copyFrom copies in a commit that is a restoration if undo is not 0.
func (o *Object) copyFrom(from *Object, undo uint64) error {
	if o.dirty {
		return fmt.Errorf("copy database: %w", errUncommitted)
	}
	if ok, err := from.exists(); err != nil || !ok && undo == 0 {
		return errors.Join(err, o.Remove())
	}
	copy := func(from *Object) error { return o.replace(from, undo) }
	if o.opts.InMemory {
		copy = o.backup
	}
	if err := copy(from); err != nil {
		return fmt.Errorf("copy database: %w", errors.Join(err, o.Rollback()))
	}
	if o.opts.InMemory {
		return nil
	}
	return o.Close() // what the engine knows of the schema is out of date
}

// backup copies a database in memory, with what is not committed in it.
func (o *Object) backup(from *Object) error {
	if err := errors.Join(o.Remove(), o.open()); err != nil {
		return err
	}
	c := o.conn
	if !c.scratch.reserve(c.tls, len("main\x00")) {
		return errNoMemory
	}
	main := add(&c.scratch, "main\x00")
	b := lib.Xsqlite3_backup_init(c.tls, c.db, main, from.conn.db, main)
	if b == 0 {
		return c.failure(lib.Xsqlite3_errcode(c.tls, c.db))
	}
	lib.Xsqlite3_backup_step(c.tls, b, -1)
	if rc := lib.Xsqlite3_backup_finish(c.tls, b); rc != lib.SQLITE_OK {
		return c.failure(rc)
	}
	return nil
}

// replace writes the pages of another database over all pages.
func (o *Object) replace(from *Object, undo uint64) error {
	theirs, size, err := from.stored()
	if err != nil {
		return err
	}
	defer theirs.close()
	o.closeCursors(errDeleted)
	if err := o.open(); err != nil {
		return err
	}
	mine, before, err := o.stored()
	if err != nil {
		return err
	}
	defer mine.close()
	different := changes{}
	for number := uint32(1); number <= size; number++ {
		page := new([pageSize]byte)
		now, err := theirs.page(number, 0)
		if err != nil {
			return err
		}
		copy(page[:], now)
		if number <= before {
			old, err := mine.page(number, 0)
			if err != nil {
				return err
			}
			xor(page[:], old)
		}
		different[number] = page
	}
	if o.history != nil {
		o.history.undo = undo
	}
	return o.rewriteWith(mine, different, before, size)
}

// stored opens the pages that are committed, and tells how many there are. The
// caller closes them.
func (o *Object) stored() (*pages, uint32, error) {
	p, err := openPages(o.conn, map[uint32]uint32{})
	if err != nil {
		return nil, 0, err
	}
	size, err := p.find()
	if err != nil {
		p.close()
		return nil, 0, err
	}
	return p, size, nil
}

// find lists the committed frames of the log, and returns the size of the
// database with them.
func (p *pages) find() (size uint32, err error) {
	frames, err := p.committed()
	if err != nil {
		return 0, err
	}
	if size, err = p.list(frames); err != nil || size > 0 {
		return size, err
	}
	return p.storedSize()
}

// removeFile closes the database and removes its file.
func (o *Object) removeFile() error {
	if o.history != nil {
		o.history.removing(o.conn)
	}
	if err := o.Close(); err != nil || o.opts.InMemory {
		return err
	}
	return o.removeFiles()
}

func (o *Object) removeFiles() error {
	for _, suffix := range []string{"", "-wal", "-shm"} {
		if err := os.Remove(o.path + suffix); err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("remove database: %w", err)
		}
	}
	return nil
}
