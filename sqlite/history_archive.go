package sqlite

import (
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"slices"
)

// archive copies into the history what was committed since it was last called.
// Without a connection, it only loads the history of a database without a file.
func (h *history) archive(c *conn) error {
	if h.off != nil || h.log != nil && len(h.stamps) == 0 {
		return nil
	}
	p, err := openPages(c, h.index)
	if err != nil {
		return err
	}
	defer p.close()
	if h.log == nil {
		if err := h.load(p); err != nil {
			return err
		}
	}
	if h.archived == h.frames && len(h.stamps) == 0 {
		return nil
	}
	salt, err := p.salt()
	if err != nil {
		return err
	}
	if h.log.state.wal.salt != salt {
		clear(h.index)
		h.archived = 0
	}
	a := archival{
		h: h, p: p, state: h.log.state, stamps: h.stamps, touched: map[uint32]struct{}{},
		records: make([]record, 0, len(h.stamps)), ends: make([]int, 0, len(h.stamps)), changes: make([]byte, 0, 64*len(h.stamps)),
	}
	a.state.wal.salt = salt
	if err := a.run(); err != nil {
		return err
	}
	h.archived, h.unarchived, h.stamps = h.frames, 0, h.stamps[:0]
	h.archivedAt = h.opts.Now()
	return h.bound()
}

// bound keeps the log within its size, with room for more.
func (h *history) bound() error {
	if h.log.end <= h.opts.MaxBytes {
		return nil
	}
	return h.log.trim(h.opts.MaxBytes/2, h.oldest())
}

// expire drops commits that are too old.
func (h *history) expire() error {
	if h.log.base.at >= h.oldest() {
		return nil
	}
	if first, err := h.log.first(); err != nil || first.at >= h.oldest() {
		return err
	}
	return h.log.trim(h.opts.MaxBytes, h.oldest())
}

func (h *history) oldest() int64 { return h.opts.Now().Add(-h.opts.MaxAge).UnixMicro() }

// archival is one pass over frames of the write-ahead log.
type archival struct {
	h       *history
	p       *pages
	state   state   // as it will be
	stamps  []stamp // of the commits to come
	records []record
	changes []byte // the records' pages
	ends    []int  // of each record's part of changes
	commit  []frameRef
	touched map[uint32]struct{}
}

// frameRef is a page that a commit wrote.
type frameRef struct{ page, frame uint32 }

// errTooLarge says that one commit alone is more than may be kept.
var errTooLarge = errors.New("its history was discarded: a commit changed more than may be kept")

func (a *archival) run() error {
	h := a.h
	for n := h.archived + 1; n <= h.frames; n++ {
		f, err := a.p.frame(n, h.frames)
		if err != nil {
			return err
		}
		a.commit = append(a.commit, frameRef{page: binary.BigEndian.Uint32(f), frame: n})
		if size := binary.BigEndian.Uint32(f[4:]); size != 0 {
			a.state.wal.frames, a.state.wal.check = n, binary.BigEndian.Uint64(f[16:])
			if err := a.end(n, size); err != nil {
				return err
			}
		}
		if int64(len(a.changes)) > h.opts.MaxBytes {
			return a.giveUp()
		}
	}
	return a.write()
}

// end is the end of a commit: its last frame, and the size it left.
func (a *archival) end(frame, size uint32) error {
	r := record{size: size}
	slices.SortFunc(a.commit, func(x, y frameRef) int {
		if x.page != y.page {
			return int(int64(x.page) - int64(y.page))
		}
		return int(int64(x.frame) - int64(y.frame))
	})
	last := uint32(0)
	for i, ref := range a.commit {
		if i+1 < len(a.commit) && a.commit[i+1].page == ref.page || ref.page > size {
			continue // written again, or cut off
		}
		after, err := a.p.image(ref.frame, 1)
		if err != nil {
			return err
		}
		if err := a.change(ref.page, ref.page-last, after); err != nil {
			return err
		}
		a.p.index[ref.page] = ref.frame
		last, r.count = ref.page, r.count+1
	}
	for number := size + 1; number <= a.state.size; number++ {
		if err := a.change(number, number-last, make([]byte, pageSize)); err != nil {
			return err
		}
		delete(a.p.index, number)
		last, r.count = number, r.count+1
	}
	a.commit = a.commit[:0]
	a.state.size = size
	a.add(r, frame)
	return nil
}

// change notes how a page changed, and takes what it was out of the checksum the
// first time. What it is goes into it at the end.
func (a *archival) change(number, step uint32, after []byte) error {
	before, err := a.before(number)
	if err != nil {
		return err
	}
	if _, ok := a.touched[number]; !ok {
		a.touched[number] = struct{}{}
		a.state.sum ^= pageSum(number, before)
	}
	a.changes = appendPage(a.changes, step, before, after)
	return nil
}

// before returns a page as the previous commit left it.
func (a *archival) before(number uint32) ([]byte, error) {
	if number > a.state.size {
		return make([]byte, pageSize), nil
	}
	return a.p.page(number, 0)
}

// add completes a record with what is known of its commit.
func (a *archival) add(r record, frame uint32) {
	h := a.h
	known := stamp{at: max(h.modified, a.state.at)} // of a commit before this session
	if len(a.stamps) > 0 && a.stamps[0].frame == frame {
		known, a.stamps = a.stamps[0], a.stamps[1:]
	} else if a.state.pending.begun {
		known.undo = a.state.pending.undo
	}
	r.at = known.at
	r.n = max(uint64(max(r.at, 0)), a.state.n+1, h.log.state.n+1)
	switch {
	case known.n > a.state.n:
		r.n = known.n
	case r.n <= h.floor:
		r.n = h.floor + 1
	}
	if known.undo != 0 {
		r.kind, r.undo = restored, known.undo
		a.state.pending = restoration{}
	}
	a.state.n, a.state.at = r.n, r.at
	a.records = append(a.records, r)
	a.ends = append(a.ends, len(a.changes))
}

func (a *archival) write() error {
	for number := range a.touched {
		if number > a.state.size {
			continue
		}
		page, err := a.p.page(number, 0)
		if err != nil {
			return err
		}
		a.state.sum ^= pageSum(number, page)
	}
	start := 0
	for i, end := range a.ends {
		a.records[i].pages = a.changes[start:end]
		start = end
	}
	var err error
	if a.state.file, err = stampOf(a.h.database); err != nil {
		return err
	}
	return a.h.log.add(a.records, a.state)
}

// giveUp begins a new history behind a commit that is too large.
func (a *archival) giveUp() error {
	clear(a.p.index)
	h := a.h
	h.floor = max(h.floor, a.state.n)
	if err := h.begin(a.p, h.frames); err != nil {
		return err
	}
	h.opts.Report(h.database, errTooLarge)
	return nil
}

// load reads the history and makes sure that it ends with the database as it is;
// otherwise a new one begins.
func (h *history) load(p *pages) error {
	log, err := openLog(h.opts.Path(h.database))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return h.begin(p, h.inherited)
	case errors.Is(err, errDamaged):
		log = nil
	case err != nil:
		return err
	default:
		h.log = log
		if err = h.resume(p); err == nil {
			h.floor = max(h.floor, log.state.n, log.state.pending.undo)
			return h.expire()
		}
	}
	if !errors.Is(err, errDamaged) && !errors.Is(err, errChanged) {
		h.log = nil
		return err
	}
	if log != nil {
		h.floor = max(h.floor, log.state.n)
	}
	clear(h.index)
	if beginErr := h.begin(p, h.inherited); beginErr != nil {
		h.log = nil
		return beginErr
	}
	if log == nil || log.state.n > log.base.n {
		h.opts.Report(h.database, err)
	}
	return nil
}

// resume finds out whether the database, without what is not archived, is as the
// log says. If so the index lists what is archived.
func (h *history) resume(p *pages) error {
	s := h.log.state
	mine, err := h.knowsWAL(p, s.wal)
	if err != nil {
		return err
	}
	h.archived = 0
	if mine {
		h.archived = s.wal.frames
		if _, err := p.list(s.wal.frames); err != nil {
			return err
		}
	}
	file, err := stampOf(h.database)
	if err != nil || file == s.file && file.size > 0 && mine == (s.wal.frames > 0) {
		return err
	}
	// The file was copied, or the process killed before it could say more.
	if same, err := h.matches(p, s); same || err != nil {
		return err
	}
	if undone, err := h.log.undoLast(); !undone || err != nil {
		return errors.Join(errChanged, err)
	}
	if same, err := h.matches(p, h.log.state); same || err != nil {
		return err
	}
	return errChanged
}

// knowsWAL reports whether the write-ahead log has what a stamp says.
func (h *history) knowsWAL(p *pages, s walStamp) (bool, error) {
	if s.frames == 0 || s.frames > h.frames || p.conn == nil {
		return false, nil
	}
	salt, err := p.salt()
	if err != nil || salt != s.salt {
		return false, err
	}
	f, err := p.frame(s.frames, s.frames)
	if err != nil {
		return false, err
	}
	return binary.BigEndian.Uint64(f[16:]) == s.check, nil
}

func (h *history) matches(p *pages, s state) (bool, error) {
	if h.archived == 0 {
		if size, err := p.storedSize(); size != s.size || err != nil {
			return false, err
		}
	}
	sum, err := p.sum(s.size)
	return sum == s.sum, err
}

// begin starts a new history with the database as it was after so many frames of
// the write-ahead log.
func (h *history) begin(p *pages, frames uint32) (err error) {
	s := state{at: h.now()}
	switch {
	case len(h.stamps) > 0 && frames < h.frames:
		s.at = h.stamps[0].at - 1
	case frames > 0 && h.inherited == frames:
		s.at = h.modified
	}
	if s.size, err = p.list(frames); err == nil && frames == 0 {
		s.size, err = p.storedSize()
	}
	if err != nil {
		return fmt.Errorf("begin a history: %w", err)
	}
	if frames > 0 {
		if err := h.stampWAL(p, frames, &s.wal); err != nil {
			return err
		}
	}
	if s.sum, err = p.sum(s.size); err != nil {
		return err
	}
	if s.file, err = stampOf(h.database); err != nil {
		return err
	}
	s.n = max(uint64(max(s.at, 0)), h.floor+1)
	log := &historyLog{path: h.opts.Path(h.database), state: s}
	log.base = base{n: s.n, at: s.at, size: s.size, complete: s.size == 1 && s.sum == pageSum(1, emptyPage())}
	_, _ = rand.Read(log.id[:]) // never fails
	h.log, h.archived = log, frames
	return log.create()
}

func (h *history) stampWAL(p *pages, frames uint32, s *walStamp) (err error) {
	if s.salt, err = p.salt(); err != nil {
		return err
	}
	f, err := p.frame(frames, frames)
	if err != nil {
		return err
	}
	s.frames, s.check = frames, binary.BigEndian.Uint64(f[16:])
	return nil
}

// removing notes, with the connection still open, that the database's file is
// about to be removed.
func (h *history) removing(c *conn) {
	err := h.archive(c)
	if err == nil && h.off == nil {
		err = h.archiveRemoval(c)
	}
	h.check(err)
	h.removed = true
}

func (h *history) archiveRemoval(c *conn) error {
	p, err := openPages(c, h.index)
	if err != nil {
		return err
	}
	defer p.close()
	s := h.log.state
	r := record{kind: deleted, at: h.now(), size: 1}
	r.n = h.next(r.at)
	for number, last := uint32(1), uint32(0); number <= s.size; number++ {
		before, err := p.page(number, 0)
		if err != nil {
			return err
		}
		after := make([]byte, pageSize)
		if number == 1 {
			after = emptyPage()
		} else if isZero(before) {
			continue
		}
		r.pages = appendPage(r.pages, number-last, before, after)
		r.count, last = r.count+1, number
		if int64(len(r.pages)) > h.opts.MaxBytes {
			return errTooLarge
		}
	}
	gone := state{n: r.n, at: r.at, size: 1, sum: pageSum(1, emptyPage()), pending: s.pending}
	if err := h.log.add([]record{r}, gone); err != nil {
		return err
	}
	return h.bound()
}
