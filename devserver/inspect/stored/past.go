package stored

import (
	"context"
	"errors"

	"github.com/dodev/dodev/devserver/inspect"
	"github.com/dodev/dodev/sqlite"
	"github.com/dodev/dodev/sqlite/state"
)

// pageBytes is the size of the databases' pages.
const pageBytes = 4096

// History lists an object's commits, the newest first; limit 0 is for all.
func History(db *sqlite.Object, limit int) (inspect.History, error) {
	h := inspect.History{Commits: []inspect.Commit{}}
	if !db.Remembers() {
		return h, PastError(sqlite.ErrNoHistory)
	}
	begins, complete, err := db.HistoryBegins()
	if err != nil {
		return h, PastError(err)
	}
	commits, more, err := db.LastCommits(limit)
	if err != nil {
		return h, PastError(err)
	}
	h.Begins, h.Complete, h.More = begins.UTC(), complete, more
	for _, c := range commits {
		h.Commits = append(h.Commits, inspect.Commit{
			Bookmark: c.Bookmark, Before: c.Before, At: c.At.UTC(), Kind: kindOf(c), Pages: c.Pages, BytesChanged: int64(c.Pages) * pageBytes, SizeBytes: c.Size,
		})
	}
	return h, nil
}

func kindOf(c sqlite.CommitInfo) inspect.CommitKind {
	switch {
	case c.Restored:
		return inspect.Rewinds
	case c.Deleted:
		return inspect.Emptied
	}
	return inspect.Written
}

// Past compares what an object stores with what it had at a moment.
func Past(ctx context.Context, now *sqlite.View, m inspect.Moment) (past inspect.Past, err error) {
	if past.Bookmark, err = Bookmark(now.Object, m); err != nil {
		return past, err
	}
	past.Contrast, err = Between(ctx, now, inspect.Stretch{To: inspect.Moment{Bookmark: past.Bookmark}})
	return past, err
}

// A Pair is two states of an object, to be compared.
type Pair struct {
	Before, After *sqlite.View
	// Apart says that neither is what is stored now, so that comparing them takes
	// nothing from the object.
	Apart bool
}

// Close removes what was made to look at the past. Closing twice is harmless.
func (p *Pair) Close() error {
	if p == nil {
		return nil
	}
	return errors.Join(p.Before.Close(), p.After.Close())
}

// Pick looks at what an object had stored at two moments.
func Pick(now *sqlite.View, s inspect.Stretch) (*Pair, error) {
	if !now.Object.Remembers() {
		return nil, PastError(sqlite.ErrNoHistory)
	}
	var bookmarks [2]string
	for i, m := range []inspect.Moment{s.From, s.To} {
		if bookmarks[i] = m.Bookmark; bookmarks[i] != "" || m.At.IsZero() {
			continue
		}
		var err error
		if bookmarks[i], err = Bookmark(now.Object, m); err != nil {
			return nil, err
		}
	}
	before, after, err := now.Between(bookmarks[0], bookmarks[1])
	if err != nil {
		return nil, PastError(err)
	}
	return &Pair{Before: before, After: after, Apart: bookmarks[0] != "" && bookmarks[1] != ""}, nil
}

// Between compares what an object had stored at two moments.
func Between(ctx context.Context, now *sqlite.View, s inspect.Stretch) (c inspect.Contrast, err error) {
	pair, err := Pick(now, s)
	if err != nil {
		return c, err
	}
	defer func() { err = errors.Join(err, pair.Close()) }()
	return Compare(ctx, pair.Before, pair.After, s.Limit)
}

// Bookmark is that of a moment.
func Bookmark(db *sqlite.Object, m inspect.Moment) (string, error) {
	if !db.Remembers() {
		return "", PastError(sqlite.ErrNoHistory)
	}
	b, err := db.BookmarkOf(m.Bookmark, m.At)
	return b, PastError(err)
}

// PastError gives an error about the past its code.
func PastError(err error) error {
	switch {
	case errors.Is(err, sqlite.ErrNoHistory), errors.Is(err, sqlite.ErrBookmark):
		return &inspect.Error{Code: inspect.Unavailable, Message: err.Error()}
	case errors.Is(err, state.ErrExists):
		return &inspect.Error{Code: inspect.Conflict, Message: err.Error()}
	}
	return err
}
