package sqlite

import (
	"fmt"
	"os"
	"time"
)

// An object and its facets are a whole that goes back in time together, though
// each database has a history of its own. What joins them is that numbers of
// commits are times: a bookmark of the object's own history leads each of its
// facets to what that was at the same moment.

// FreshBookmark is [Object.CurrentBookmark] for a whole: a bookmark that sorts
// behind whatever other databases have committed before.
func (o *Object) FreshBookmark() (string, error) {
	h, err := o.archived()
	if err != nil {
		return "", err
	}
	if o.dirty {
		return o.CurrentBookmark()
	}
	h.floor = h.next(h.now())
	return h.mark(h.floor).String(), nil
}

// BookmarkForMoment is [Object.BookmarkForTime] for a whole: a bookmark that
// sorts behind what other databases had committed at that time.
func (o *Object) BookmarkForMoment(at time.Time) (string, error) {
	text, err := o.BookmarkForTime(at)
	if err != nil {
		return "", err
	}
	m, err := parseMark(text)
	if err != nil {
		return "", err
	}
	m.n = max(m.n, uint64(max(at.UnixMicro(), 0)))
	return m.String(), nil
}

// Pending returns the bookmark that undoes what the next session begins with;
// ok is false if that is nothing.
func (o *Object) Pending() (undo string, ok bool, err error) {
	if wanted, err := o.restores(); !wanted || err != nil {
		return "", false, err
	}
	m := o.history.mark(o.history.log.state.pending.undo)
	m.undo = true
	return m.String(), true, nil
}

// RestoreAlong is [Object.RestoreOnNextSession] for a facet, whose whole has
// been asked to go back to a bookmark of its own, which undo undoes. A facet
// whose past does not reach so far back goes back as far as it does.
func (o *Object) RestoreAlong(bookmark, undo string) error {
	h, u, err := o.along(undo)
	if h == nil || err != nil {
		return err
	}
	target, err := h.resolveAlong(bookmark)
	if err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	s := h.log.state
	s.pending = restoration{target: target, undo: u.n}
	h.floor = max(h.floor, u.n)
	return h.note(s)
}

// BeginAlong does what [Object.RestoreAlong] was asked for with that undo. A
// facet that is newer is emptied.
func (o *Object) BeginAlong(undo string) error {
	h, u, err := o.along(undo)
	if h == nil || err != nil {
		return err
	}
	if h.log.state.pending.undo != u.n {
		if err := o.RestoreAlong(h.mark(0).String(), undo); err != nil {
			return err
		}
	}
	return o.restore()
}

// along gives the history of a facet and the bookmark that is to undo something;
// no history if there never was anything in the facet.
func (o *Object) along(undo string) (*history, mark, error) {
	u, err := parseMark(undo)
	if err != nil || o.history == nil {
		return nil, u, err
	}
	exists, err := o.exists()
	if err != nil {
		return nil, u, err
	}
	if _, err := os.Stat(o.history.opts.Path(o.path)); !exists && err != nil {
		return nil, u, nil
	}
	h, err := o.archived()
	return h, u, err
}

// resolveAlong returns the number of the commit that a bookmark of another
// database means in this history.
func (h *history) resolveAlong(bookmark string) (uint64, error) {
	m, err := parseMark(bookmark)
	if err != nil {
		return 0, err
	}
	if m.undo && m.n == h.log.state.pending.undo {
		return h.log.state.n, nil // it has not happened yet
	}
	n, _, err := h.before(m)
	return n, err // the present, if it was not there to be restored
}

// ForkAlong is [Object.Fork] with a bookmark of the whole's. It writes nothing
// when there was nothing.
func (o *Object) ForkAlong(bookmark, path string) error {
	h, _, err := o.along(bookmark)
	if h == nil || err != nil {
		return err
	}
	target, err := h.resolveAlong(bookmark)
	if err != nil {
		return fmt.Errorf("fork: %w", err)
	}
	return o.Fork(h.mark(target).String(), path)
}

// CopyOnRestore is [Object.CopyFrom] as a restoration that undo undoes, a
// bookmark that [Object.ReserveUndo] gave.
func (o *Object) CopyOnRestore(from *Object, undo string) error {
	u, err := parseMark(undo)
	if err != nil {
		return err
	}
	h, err := o.archived()
	if err != nil {
		return err
	}
	h.floor = max(h.floor, u.n)
	return o.copyFrom(from, u.n)
}

// ReserveUndo returns the bookmark that is to undo a [Object.CopyOnRestore], and
// takes back what the next session was to begin with.
func (o *Object) ReserveUndo() (undo string, err error) {
	h, err := o.archived()
	if err != nil {
		return "", err
	}
	s := h.log.state
	s.pending = restoration{}
	h.floor = h.next(h.now())
	m := h.mark(h.floor)
	m.undo = true
	return m.String(), h.note(s)
}
