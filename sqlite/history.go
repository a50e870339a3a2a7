package sqlite

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"modernc.org/libc"
	lib "modernc.org/sqlite/lib"
)

// HistoryOptions have the past of objects kept, so that their databases can be
// put back to any commit of it.
type HistoryOptions struct {
	// Path returns the file that keeps the history of the database at a path.
	Path func(database string) string
	// MaxBytes bounds each such file; 0 is 64 MiB. The oldest commits go first.
	MaxBytes int64
	// MaxAge is how long commits are kept; 0 is 30 days.
	MaxAge time.Duration
	// Now tells the time of commits; nil is time.Now.
	Now func() time.Time
	// Report, unless nil, is told when history was lost, and why. Losing it never
	// fails what was asked of the database.
	Report func(database string, err error)
}

const (
	defaultHistoryBytes = 64 << 20
	defaultHistoryAge   = 30 * 24 * time.Hour
)

// ErrNoHistory is what questions about the past get when none is kept.
var ErrNoHistory = errors.New("no history is kept of this object")

// errChanged is reported when the database is not as its history ends.
var errChanged = errors.New("its history was discarded: another program has changed the database since")

// Commits are copied from the write-ahead log into the history many at once: when
// so many frames have gathered, or so much time has passed; and always before the
// log is copied back into the database (a checkpoint), which the engine therefore
// must not do by itself.
const (
	archiveFrames    = 128
	archiveEvery     = time.Second
	checkpointFrames = 1000
)

// history keeps what an open database commits.
//
// The write-ahead log is the first place where commits are kept, and survives a
// killed process; what is missing there is only their time. So archiving is put
// off, and a commit costs next to nothing.
type history struct {
	opts     HistoryOptions
	database string
	log      *historyLog // nil until it is needed
	off      error       // why no more is kept until the database is opened again

	frames     uint32            // committed in the write-ahead log
	inherited  uint32            // of them before this session
	modified   int64             // when the log was, if it was inherited
	archived   uint32            // of them
	unarchived uint32            // roughly
	tried      uint32            // frames when a checkpoint was last tried
	stamps     []stamp           // of commits that are not archived
	index      map[uint32]uint32 // page to frame, of what is archived
	archivedAt time.Time

	floor    uint64 // numbers up to it are taken by bookmarks
	reserved uint64 // the number that the open transaction is to get, 0 for any
	undo     uint64 // of the restoration that the open transaction is, 0 for none
	removed  bool   // the file is being removed
	asked    *asked // nil when no restoration was asked for

	hook func(*libc.TLS, uintptr, uintptr, uintptr, int32) int32
}

// stamp is what the write-ahead log does not say of a commit.
type stamp struct {
	frame uint32 // its last
	at    int64
	n     uint64 // its number, 0 for the next one
	undo  uint64
}

func newHistory(database string, opts *HistoryOptions) *history {
	h := &history{opts: *opts, database: database}
	if h.opts.MaxBytes <= 0 {
		h.opts.MaxBytes = defaultHistoryBytes
	}
	if h.opts.MaxAge <= 0 {
		h.opts.MaxAge = defaultHistoryAge
	}
	if h.opts.Now == nil {
		h.opts.Now = time.Now
	}
	if h.opts.Report == nil {
		h.opts.Report = func(string, error) {}
	}
	return h
}

func (h *history) now() int64 { return h.opts.Now().UnixMicro() }

func (h *history) mark(n uint64) mark { return mark{n: n, history: h.log.id} }

// next returns the number of a commit made at a time.
func (h *history) next(at int64) uint64 {
	return max(uint64(max(at, 0)), h.log.state.n+1, h.floor+1)
}

// opened is called when a connection has the database open and locked.
func (h *history) opened(c *conn) error {
	*h = history{opts: h.opts, database: h.database, floor: h.floor, archivedAt: h.opts.Now(), index: map[uint32]uint32{}}
	h.hook = func(_ *libc.TLS, _, _, _ uintptr, frames int32) int32 {
		h.committed(uint32(frames))
		return lib.SQLITE_OK
	}
	lib.Xsqlite3_wal_hook(c.tls, c.db, callback(h.hook), 0) // in place of automatic checkpoints
	left, err := stampOf(h.database + "-wal")
	if err != nil || left.size == 0 {
		return err
	}
	p, err := openPages(c, nil)
	if err != nil {
		return err
	}
	defer p.close()
	h.modified = left.modified / int64(time.Microsecond)
	h.inherited, err = p.committed()
	h.frames = h.inherited
	return err
}

// committed notes a commit, after which the log holds so many frames.
func (h *history) committed(frames uint32) {
	if frames > h.frames {
		h.unarchived += frames - h.frames
	} else {
		h.unarchived += frames // the log began anew
		h.tried = 0
	}
	h.frames = frames
	h.stamps = append(h.stamps, stamp{frame: frames, at: h.now(), n: h.reserved, undo: h.undo})
}

// settle is called after a commit. Nothing it does can fail the commit.
func (h *history) settle(c *conn) {
	full := h.frames >= checkpointFrames && h.frames >= h.tried+archiveFrames
	if full || h.reserved != 0 || h.undo != 0 || h.unarchived >= archiveFrames || h.opts.Now().Sub(h.archivedAt) >= archiveEvery {
		h.check(h.archive(c))
	}
	h.reserved, h.undo = 0, 0
	if full {
		h.check(h.checkpoint(c))
	}
}

// rolledBack forgets what was meant for the open transaction.
func (h *history) rolledBack() { h.reserved, h.undo = 0, 0 }

// checkpoint copies the log, all of which is archived, into the database.
func (h *history) checkpoint(c *conn) error {
	h.tried = h.frames
	rc := lib.Xsqlite3_wal_checkpoint_v2(c.tls, c.db, 0, lib.SQLITE_CHECKPOINT_PASSIVE, c.out, c.out+4)
	if rc == lib.SQLITE_LOCKED || rc == lib.SQLITE_BUSY {
		return nil // a cursor is open; there will be other times
	}
	if rc != lib.SQLITE_OK {
		return c.failure(rc)
	}
	if *(*int32)(pointer(c.out)) == *(*int32)(pointer(c.out + 4)) {
		clear(h.index) // the database file has it all, and the log begins anew
	}
	if h.off != nil {
		return nil
	}
	return h.note(h.log.state)
}

// note adds a state without a commit, if it is another one. It fills in the
// database file's stamp.
func (h *history) note(s state) (err error) {
	if s.file, err = stampOf(h.database); err != nil || s == h.log.state {
		return err
	}
	return h.log.add(nil, s)
}

// closing archives what is left, before the connection closes.
func (h *history) closing(c *conn) {
	if len(h.stamps) > 0 || h.inherited > 0 {
		h.check(h.archive(c))
	}
}

// closed is called when the connection has, after a checkpoint, gone.
func (h *history) closed() {
	if h.log != nil && h.off == nil && !h.removed {
		s := h.log.state
		s.wal = walStamp{}
		h.check(h.note(s))
	}
	h.log, h.stamps, h.frames, h.inherited = nil, nil, 0, 0
}

// check gives up keeping history when that has failed. When the database is
// opened next, the history is found not to be its own.
func (h *history) check(err error) {
	if err != nil && h.off == nil {
		h.off = err
		h.opts.Report(h.database, fmt.Errorf("keep history: %w", err))
	}
}

// archived returns the history with all commits archived and its log loaded.
func (o *Object) archived() (*history, error) {
	h := o.history
	if h == nil {
		return nil, ErrNoHistory
	}
	if _, err := o.exists(); err != nil {
		return nil, err
	}
	if h.off == nil {
		h.check(h.archive(o.conn))
	}
	if h.off != nil {
		return nil, fmt.Errorf("%w: %w", ErrNoHistory, h.off)
	}
	return h, nil
}

// CommitInfo is one commit of an object's history.
type CommitInfo struct {
	Bookmark string // of the state it led to
	Before   string // of the one that it found
	At       time.Time
	Pages    int   // that it changed
	Size     int64 // of the database afterwards, in bytes
	Restored bool  // it put the database back to an earlier state
	Deleted  bool  // it removed what deleteAll had emptied
}

// Commits returns the commits that are kept, oldest first.
func (o *Object) Commits() ([]CommitInfo, error) {
	commits, _, err := o.LastCommits(0)
	slices.Reverse(commits)
	return commits, err
}

// LastCommits returns the latest commits that are kept, the last one first, and
// whether there are more; limit 0 is for all of them.
func (o *Object) LastCommits(limit int) (commits []CommitInfo, more bool, err error) {
	h, err := o.archived()
	if err != nil {
		return nil, false, err
	}
	err = h.log.backwards(func(r record) bool {
		mark := h.mark(r.n).String()
		if n := len(commits); n > 0 {
			commits[n-1].Before = mark
		}
		if more = limit > 0 && len(commits) == limit; more {
			return false
		}
		commits = append(commits, CommitInfo{
			Bookmark: mark, At: time.UnixMicro(r.at), Pages: r.count, Size: int64(r.size) * pageSize,
			Restored: r.kind == restored, Deleted: r.kind == deleted,
		})
		return true
	})
	if n := len(commits); n > 0 && !more {
		commits[n-1].Before = h.mark(h.log.base.n).String()
	}
	return commits, more, err
}
