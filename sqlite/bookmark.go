package sqlite

import (
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"time"
)

// ErrBookmark is matched by the errors that concern a bookmark of the caller's:
// it is malformed, belongs to another object, or lies before what is kept.
var ErrBookmark = errors.New("the bookmark leads nowhere")

// mark is a bookmark of an object's history, taken apart.
type mark struct {
	n       uint64 // the state after the last commit that is not numbered higher
	undo    bool   // the state before the restoration that has this number
	history historyID
}

// historyID tells the history of one object from all others, and from the one
// the same object had before it was discarded.
type historyID [16]byte

// String writes the mark in the platform's shape. Marks of one history sort by
// their numbers.
func (m mark) String() string {
	var head [12]byte
	binary.BigEndian.PutUint64(head[:], m.n)
	if m.undo {
		head[11] = 1
	}
	return fmt.Sprintf("%x-%x-%x-%x", head[:4], head[4:8], head[8:], m.history[:])
}

// parseMark reads what String wrote.
func parseMark(s string) (mark, error) {
	var m mark
	if len(s) != 8+1+8+1+8+1+32 || s[8] != '-' || s[17] != '-' || s[26] != '-' {
		return m, fmt.Errorf("%w: %q is not written like one", ErrBookmark, s)
	}
	var data [28]byte
	digits := s[:8] + s[9:17] + s[18:26] + s[27:]
	if _, err := hex.Decode(data[:], []byte(digits)); err != nil {
		return m, fmt.Errorf("%w: %q is not written like one", ErrBookmark, s)
	}
	m.n = binary.BigEndian.Uint64(data[:])
	copy(m.history[:], data[12:])
	switch binary.BigEndian.Uint32(data[8:]) {
	case 0:
	case 1:
		m.undo = true
	default:
		return m, fmt.Errorf("%w: %q is not of this object", ErrBookmark, s)
	}
	return m, nil
}

// CurrentBookmark returns a bookmark of the state the database is in: with all
// that was written, if the open transaction is committed. Later bookmarks never
// sort before earlier ones. It writes nothing to the database.
func (o *Object) CurrentBookmark() (string, error) {
	h, err := o.archived()
	if err != nil {
		return "", err
	}
	if !o.dirty {
		return h.mark(max(h.log.state.n, h.floor)).String(), nil
	}
	if h.reserved == 0 {
		h.reserved = h.next(h.now())
		h.floor = h.reserved
	}
	return h.mark(h.reserved).String(), nil
}

// BookmarkForTime returns a bookmark of the state the database was in at a time,
// which must not lie before the history begins.
func (o *Object) BookmarkForTime(at time.Time) (string, error) {
	h, err := o.archived()
	if err != nil {
		return "", err
	}
	n, ok := uint64(0), false
	err = h.log.backwards(func(r record) bool {
		n, ok = r.n, r.at <= at.UnixMicro()
		return !ok
	})
	if ok || err != nil {
		return h.mark(n).String(), err
	}
	if base := h.log.base; base.at <= at.UnixMicro() || base.complete {
		return h.mark(base.n).String(), nil
	}
	return "", fmt.Errorf("%w: the history of this object begins at %s", ErrBookmark,
		time.UnixMicro(h.log.base.at).UTC().Format(time.RFC3339))
}
