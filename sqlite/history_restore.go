package sqlite

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	lib "modernc.org/sqlite/lib"
)

// errUncommitted is what needs a database without an open transaction.
var errUncommitted = errors.New("the object is in the middle of a transaction")

// errRestored ends the cursors of a database that goes back in time.
var errRestored = &Error{Message: "SQLite query was canceled because the database was restored."}

// RestoreOnNextSession has [Object.BeginSession] put the database back to the
// state of a bookmark, also when the process has ended meanwhile. A later call
// takes the place of an earlier one. The bookmark that it returns leads to the
// state right before that happens, which is yet to come.
func (o *Object) RestoreOnNextSession(bookmark string) (undo string, err error) {
	h, err := o.archived()
	if err != nil {
		return "", err
	}
	target, err := h.resolve(bookmark)
	if err != nil {
		return "", fmt.Errorf("restore: %w", err)
	}
	s := h.log.state
	h.asked = &asked{log: h.log, end: h.log.end, state: s}
	s.pending = restoration{target: target, undo: h.next(h.now())}
	if err := h.note(s); err != nil {
		return "", fmt.Errorf("restore: %w", err)
	}
	h.floor = s.pending.undo
	m := h.mark(s.pending.undo)
	m.undo = true
	return m.String(), nil
}

// asked is how a history ended before a restoration was asked for.
type asked struct {
	log   *historyLog
	end   int64
	state state
}

// takeBack forgets what [Object.RestoreOnNextSession] was asked for, which has
// failed. That needs no space, which the disk may not have.
func (o *Object) takeBack() error {
	h := o.history
	if h.asked == nil || h.asked.log != h.log {
		_, err := o.ReserveUndo()
		return err
	}
	h.log.end, h.log.state = h.asked.end, h.asked.state
	return os.Truncate(h.log.path, h.log.end)
}

// BeginSession does what [Object.RestoreOnNextSession] was asked for, if
// anything, and reports whether it was. Nobody may be using the database.
func (o *Object) BeginSession() (restored bool, err error) {
	if wanted, err := o.restores(); !wanted || err != nil {
		return false, err
	}
	return true, o.restore()
}

// restores reports whether the next session is to begin with a restoration.
func (o *Object) restores() (bool, error) {
	if o.history == nil || o.dirty {
		return false, nil
	}
	if o.history.log == nil {
		log, err := openLog(o.history.opts.Path(o.path))
		if err != nil || log.state.pending.undo == 0 {
			return false, nil // a history that cannot be read is reported when it is used
		}
	}
	h, err := o.archived()
	return err == nil && h.log.state.pending.undo != 0, nil
}

// RestoreTo puts the database back to the state of a bookmark, at once and
// wholly or not at all. No transaction may be open; cursors are closed. The
// bookmark that it returns undoes it.
func (o *Object) RestoreTo(bookmark string) (undo string, err error) {
	if o.dirty {
		return "", fmt.Errorf("restore: %w", errUncommitted)
	}
	if undo, err = o.RestoreOnNextSession(bookmark); err != nil {
		return "", err
	}
	return undo, o.restore()
}

// restore carries out the pending restoration. It is a commit like others: a
// process that is killed leaves it done or not, and history goes on behind it.
func (o *Object) restore() error {
	o.closeCursors(errRestored)
	if err := o.open(); err != nil {
		return err
	}
	h, err := o.archived()
	if err != nil {
		return err
	}
	s := h.log.state
	back, size, err := h.backTo(s.pending.target)
	if err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	if len(back) == 0 && size == s.size {
		return h.noteRestored(s)
	}
	s.pending.begun = true
	if err := h.note(s); err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	h.undo = s.pending.undo
	if err := o.rewrite(back, s.size, size); err != nil {
		return fmt.Errorf("restore: %w", errors.Join(err, o.Rollback()))
	}
	return o.Close() // what the engine knows of the schema is out of date
}

// noteRestored is a restoration that changes nothing.
func (h *history) noteRestored(s state) error {
	r := record{kind: restored, at: h.now(), undo: s.pending.undo, size: s.size}
	r.n = h.next(r.at)
	s.n, s.at, s.pending = r.n, r.at, restoration{}
	return h.log.add([]record{r}, s)
}

// rewrite changes pages, and the size of the database, in one transaction.
func (o *Object) rewrite(back changes, from, to uint32) error {
	p, err := openPages(o.conn, o.history.index)
	if err != nil {
		return err
	}
	defer p.close()
	return o.rewriteWith(p, back, from, to)
}

// rewriteWith is rewrite with the pages as they are now.
func (o *Object) rewriteWith(p *pages, back changes, from, to uint32) error {
	o.conn.configure(lib.SQLITE_DBCONFIG_DEFENSIVE, 0)
	defer o.conn.configure(lib.SQLITE_DBCONFIG_DEFENSIVE, 1)
	if err := o.begin(); err != nil {
		return err
	}
	for number := from + 1; number <= to; number++ {
		if back[number] == nil {
			back[number] = new([pageSize]byte) // what lies there in the file may be anything
		}
	}
	if err := o.writePages(p, back, from, to); err != nil {
		return err
	}
	if to < from {
		if err := o.conn.run(fmt.Sprintf("INSERT INTO sqlite_dbpage (pgno, data) VALUES (%d, NULL)", to+1)); err != nil {
			return err
		}
	}
	return o.Commit()
}

func (o *Object) writePages(p *pages, back changes, from, to uint32) error {
	write, _, err := o.conn.prepare("INSERT INTO sqlite_dbpage (pgno, data) VALUES (?1, ?2)", preparation{})
	if err != nil {
		return err
	}
	defer write.finalize()
	for _, number := range back.numbers() {
		if number > to {
			break
		}
		page := make([]byte, pageSize)
		if number <= from {
			if page, err = p.page(number, 0); err != nil {
				return err
			}
		}
		if number == 1 {
			clear(back[1][40:44]) // with its schema's version the engine would read it too early
		}
		xor(page, back[number][:])
		if err := write.bind([]Value{{Kind: Integer, Integer: int64(number)}, {Kind: Blob, Blob: page}}); err != nil {
			return err
		}
		if err := write.once(); err != nil {
			return err
		}
	}
	return nil
}

// numbers returns the pages that changed, in ascending order.
func (c changes) numbers() []uint32 {
	numbers := make([]uint32, 0, len(c))
	for number := range c {
		numbers = append(numbers, number)
	}
	slices.Sort(numbers)
	return numbers
}

// resolve returns the number of the commit whose state a bookmark means.
func (h *history) resolve(bookmark string) (uint64, error) {
	m, err := parseMark(bookmark)
	switch {
	case err != nil:
		return 0, err
	case m.history != h.log.id:
		return 0, fmt.Errorf("%w: %s is of another object, or of a history that was discarded", ErrBookmark, bookmark)
	case m.undo && m.n == h.log.state.pending.undo:
		return h.log.state.n, nil // it has not happened yet
	}
	before, found, err := h.before(m)
	switch {
	case err != nil:
		return 0, err
	case m.undo && !found, m.n < h.log.base.n:
		return 0, fmt.Errorf("%w: %s is older than what is kept, which begins at %s", ErrBookmark, bookmark,
			time.UnixMicro(h.log.base.at).UTC().Format(time.RFC3339))
	}
	return before, nil
}

// before returns the number of the last commit before the one that a bookmark
// excludes, the base's if there is none, and whether there is such a one.
func (h *history) before(m mark) (n uint64, found bool, err error) {
	n, err = h.log.base.n, nil
	last, behind := h.log.base.n, false
	err = h.log.backwards(func(r record) bool {
		if last == h.log.base.n {
			last = r.n
		}
		switch {
		case behind: // the one right before it
			n = r.n
			return false
		case m.undo:
			behind = r.undo == m.n
			found = behind
		case r.n <= m.n:
			n = r.n
			return false
		default:
			found = true
		}
		return true
	})
	if m.undo && !found {
		n = last
	}
	return n, found, err
}

// backTo returns how pages differ between now and the state after a commit, and
// how large the database was then.
func (h *history) backTo(target uint64) (back changes, size uint32, err error) {
	back, size = changes{}, h.log.base.size
	var broken error
	err = h.log.backwards(func(r record) bool {
		if r.n <= target {
			size = r.size
			return false
		}
		broken = back.add(r) // in whatever order
		return broken == nil
	})
	for number, page := range back {
		if isZero(page[:]) {
			delete(back, number)
		}
	}
	return back, size, errors.Join(err, broken)
}

// Fork writes the database as it was at a bookmark to a new file.
func (o *Object) Fork(bookmark, path string) error {
	if _, err := os.Stat(path); err == nil {
		return fmt.Errorf("fork: %s: %w", path, os.ErrExist)
	}
	h, err := o.archived()
	if err != nil {
		return err
	}
	target, err := h.resolve(bookmark)
	if err != nil {
		return fmt.Errorf("fork: %w", err)
	}
	back, size, err := h.backTo(target)
	if err != nil {
		return fmt.Errorf("fork: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return fmt.Errorf("fork: %w", err)
	}
	next := path + ".new"
	err = o.writeCopy(next, back, size)
	if err == nil {
		err = os.Rename(next, path)
	}
	if err != nil {
		_ = os.Remove(next)
		return fmt.Errorf("fork: %w", err)
	}
	return nil
}

// writeCopy writes the pages on disk, changed, to a file.
func (o *Object) writeCopy(path string, back changes, size uint32) (err error) {
	p, err := openPages(o.conn, o.history.index)
	if err != nil {
		return err
	}
	defer p.close()
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	w := bufio.NewWriterSize(f, 64*pageSize)
	page := make([]byte, pageSize)
	for number := uint32(1); number <= size; number++ {
		clear(page)
		if number <= o.history.log.state.size {
			now, err := p.page(number, 0)
			if err != nil {
				return err
			}
			copy(page, now)
		}
		if change := back[number]; change != nil {
			xor(page, change[:])
		}
		if _, err := w.Write(page); err != nil {
			return err
		}
	}
	return w.Flush()
}

// ReadAt returns the database as it was at a bookmark, for looking at. Closing it
// removes it.
func (o *Object) ReadAt(bookmark string) (*Object, error) {
	if o.history == nil {
		return nil, ErrNoHistory
	}
	return o.look(func(path string) error { return o.Fork(bookmark, path) })
}
