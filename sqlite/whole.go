package sqlite

import (
	"errors"
	"fmt"
	"os"
	"time"
)

// A Whole is an object with its facets, none of which anybody else has open.
type Whole struct {
	path   string
	opts   Options
	object *Object
	facets *Facets
}

// OpenWhole returns what belongs to the database at a path. Nothing is made.
func OpenWhole(path string, opts Options) (*Whole, error) {
	facets, err := OpenFacets(path)
	if err != nil {
		return nil, err
	}
	return &Whole{path: path, opts: opts, object: OpenObject(path, opts), facets: facets}, nil
}

// Object is the object's own database.
func (w *Whole) Object() *Object { return w.object }

// Close closes it.
func (w *Whole) Close() error { return w.object.Close() }

// Restore takes all databases back to a bookmark, at once; undo undoes that. A
// process that is killed leaves it undone, done, or to be done when the object
// begins next. After an error nothing has happened, or the error says that it is
// still to be done.
func (w *Whole) Restore(bookmark string) (undo string, err error) {
	if undo, err = w.object.RestoreOnNextSession(bookmark); err != nil {
		return "", err
	}
	begun := false
	err = w.each(func(_ int, facet *Object) error { return facet.RestoreAlong(bookmark, undo) })
	if err == nil {
		begun = w.facets.Len() > 0
		err = w.each(func(_ int, facet *Object) error { return facet.BeginAlong(undo) })
	}
	if err == nil {
		_, err = w.object.BeginSession() // the last: until then it is all to be done
	}
	switch {
	case err == nil:
		return undo, nil
	case begun:
		return "", fmt.Errorf("%w; the rest is done when the object begins next", err)
	}
	return "", errors.Join(err, w.object.takeBack())
}

// Fork writes all databases as they were at a bookmark to those of an object at
// another path.
func (w *Whole) Fork(bookmark, path string) error {
	if err := w.object.Fork(bookmark, path); err != nil {
		return err
	}
	if w.facets.Len() == 0 {
		return nil
	}
	if err := w.facets.CopyTo(path); err != nil {
		return err
	}
	return w.each(func(number int, facet *Object) error { return facet.ForkAlong(bookmark, FacetPath(path, number)) })
}

// each runs fn with the database of each facet.
func (w *Whole) each(fn func(number int, facet *Object) error) error {
	for number := 1; number <= w.facets.Len(); number++ {
		facet := OpenObject(FacetPath(w.path, number), w.opts)
		if err := errors.Join(fn(number, facet), facet.Close()); err != nil {
			return err
		}
	}
	return nil
}

// Remembers reports whether a past of the object is kept, or about to be. Asking
// about the past of an object without one begins a history.
func (o *Object) Remembers() bool {
	if o.history == nil {
		return false
	}
	if o.history.log != nil || len(o.history.stamps) > 0 {
		return true
	}
	if _, err := os.Stat(o.history.opts.Path(o.path)); err == nil {
		return true
	}
	log, err := os.Stat(o.path + "-wal")
	return err == nil && log.Size() > 0
}

// HistoryBegins tells how far back the history goes. From the first means that
// nothing of the object's past is missing.
func (o *Object) HistoryBegins() (at time.Time, fromTheFirst bool, err error) {
	h, err := o.archived()
	if err != nil {
		return time.Time{}, false, err
	}
	return time.UnixMicro(h.log.base.at), h.log.base.complete, nil
}

// BookmarkOf returns the bookmark that a text is, or that of the moment at, when
// it is empty; the present one for neither.
func (o *Object) BookmarkOf(text string, at time.Time) (string, error) {
	switch {
	case text != "":
		h, err := o.archived()
		if err != nil {
			return "", err
		}
		if _, err := h.resolve(text); err != nil {
			return "", err
		}
		return text, nil
	case at.IsZero():
		return o.FreshBookmark()
	}
	b, err := o.BookmarkForMoment(at)
	if err != nil {
		return "", fmt.Errorf("go back to %s: %w", at.UTC().Format(time.RFC3339), err)
	}
	return b, nil
}
