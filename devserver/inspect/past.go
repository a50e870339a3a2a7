package inspect

import (
	"context"
	"time"
)

// A Traveller leads through what objects had stored before. Of an object without
// a past, or whose past does not reach so far back, the error's code is
// Unavailable.
type Traveller interface {
	// History lists the commits of an object that are kept, newest first.
	History(ctx context.Context, ref Ref, limit int) (History, error)
	// Past compares what is stored now with what was at a moment: what going
	// back there would change.
	Past(ctx context.Context, ref Ref, m Moment) (Past, error)
	// Between compares what was stored at two moments: what was written between
	// them.
	Between(ctx context.Context, s Stretch) (Contrast, error)
	// Rewind takes an object back to a bookmark. Its instance ends, and the next
	// event finds the storage as it was. The answer's bookmark undoes it.
	Rewind(ctx context.Context, ref Ref, bookmark string) (Rewound, error)
	// Fork makes a new object of what another one has stored, or had.
	Fork(ctx context.Context, f Forking) (Forked, error)
}

// A Moment is a bookmark, or a time; neither is the present.
type Moment struct {
	Bookmark string    `json:"bookmark,omitempty"`
	At       time.Time `json:"at,omitzero"`
}

// A Stretch is a part of an object's past: from one moment to another.
type Stretch struct {
	Object Ref    `json:"object"`
	From   Moment `json:"from,omitzero"`
	To     Moment `json:"to,omitzero"`
	// Limit is how many keys and rows are told of at most, 0 for all.
	Limit int `json:"limit,omitempty"`
}

// A History is what is kept of an object's past.
type History struct {
	// Begins is how far back it goes, and Complete that there was nothing before.
	Begins   time.Time `json:"begins"`
	Complete bool      `json:"complete"`
	Commits  []Commit  `json:"commits"`
	More     bool      `json:"more"` // the limit was reached
}

// A CommitKind says what a commit is.
type CommitKind string

const (
	Written CommitKind = "write"
	Rewinds CommitKind = "restore" // it took the object back in time
	Emptied CommitKind = "delete"  // it removed what deleteAll had emptied
)

// A Commit is a change of what an object stores.
type Commit struct {
	Bookmark     string     `json:"bookmark"` // of what was stored then
	Before       string     `json:"before"`   // of what was stored before
	At           time.Time  `json:"at"`
	Kind         CommitKind `json:"kind"`
	Pages        int        `json:"pages"` // that it changed
	BytesChanged int64      `json:"bytesChanged"`
	SizeBytes    int64      `json:"sizeBytes"` // of the database afterwards
}

// A Past is what an object had stored at a moment, seen from now.
type Past struct {
	Bookmark string `json:"bookmark"` // of the moment
	Contrast
}

// A Rewound is what Rewind did.
type Rewound struct {
	Undo string `json:"undo"` // the bookmark that undoes it
}

// A Forking names the object to fork and the one that is to be.
type Forking struct {
	Object Ref    `json:"object"`
	New    Ref    `json:"new"`
	Name   string `json:"name,omitempty"` // of the new one
	Moment Moment `json:"moment,omitzero"`
}

// A Forked is the object that was made.
type Forked struct {
	Object Object `json:"object"`
}
