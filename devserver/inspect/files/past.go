package files

import (
	"context"
	"errors"

	"github.com/dodev/dodev/devserver/inspect"
	"github.com/dodev/dodev/devserver/inspect/stored"
	"github.com/dodev/dodev/emulator/object"
	"github.com/dodev/dodev/sqlite"
	"github.com/dodev/dodev/sqlite/state"
)

// holding runs fn with everybody else kept away from a namespace.
func (f *Folder) holding(namespace string, fn func(h *state.Hold) error) error {
	h, err := state.Folder{Dir: f.dir}.Hold(namespace)
	if err != nil {
		return locked(err)
	}
	return stored.PastError(errors.Join(fn(h), h.Release()))
}

// past is an object's file with its history.
func (f *Folder) past(ref inspect.Ref) *sqlite.Object {
	return sqlite.OpenObject(sqlite.ObjectPath(f.folder(ref.Namespace), ref.ID), sqlite.Options{History: f.history()})
}

// remembering asks an object's file and its history, with everybody else kept
// away. Of an object without a past nothing is touched.
func remembering[A any](f *Folder, ref inspect.Ref, fn func(db *sqlite.Object) (A, error)) (a A, err error) {
	if !f.past(ref).Remembers() {
		return a, stored.PastError(sqlite.ErrNoHistory)
	}
	err = f.holding(ref.Namespace, func(*state.Hold) error {
		db := f.past(ref)
		var asked error
		a, asked = fn(db)
		return errors.Join(asked, db.Close())
	})
	return a, err
}

// History implements inspect.Traveller.
func (f *Folder) History(_ context.Context, ref inspect.Ref, limit int) (inspect.History, error) {
	return remembering(f, ref, func(db *sqlite.Object) (inspect.History, error) { return stored.History(db, limit) })
}

// viewing is remembering with all that an object stores.
func viewing[A any](f *Folder, ref inspect.Ref, fn func(v *sqlite.View) (A, error)) (a A, err error) {
	if !f.past(ref).Remembers() {
		return a, stored.PastError(sqlite.ErrNoHistory)
	}
	err = f.holding(ref.Namespace, func(*state.Hold) error {
		whole, err := sqlite.OpenWhole(sqlite.ObjectPath(f.folder(ref.Namespace), ref.ID), sqlite.Options{History: f.history()})
		if err != nil {
			return err
		}
		v := whole.View()
		var asked error
		a, asked = fn(v)
		return errors.Join(asked, v.Close(), whole.Close())
	})
	return a, err
}

// Past implements inspect.Traveller.
func (f *Folder) Past(ctx context.Context, ref inspect.Ref, m inspect.Moment) (inspect.Past, error) {
	return viewing(f, ref, func(v *sqlite.View) (inspect.Past, error) { return stored.Past(ctx, v, m) })
}

// Between implements inspect.Traveller.
func (f *Folder) Between(ctx context.Context, s inspect.Stretch) (inspect.Contrast, error) {
	return viewing(f, s.Object, func(v *sqlite.View) (inspect.Contrast, error) { return stored.Between(ctx, v, s) })
}

// Rewind implements inspect.Traveller.
func (f *Folder) Rewind(_ context.Context, ref inspect.Ref, bookmark string) (r inspect.Rewound, err error) {
	err = f.holding(ref.Namespace, func(h *state.Hold) error {
		r.Undo, err = h.Rewind(ref.Namespace, ref.ID, bookmark, f.history())
		return err
	})
	return r, err
}

// Fork implements inspect.Traveller.
func (f *Folder) Fork(ctx context.Context, fork inspect.Forking) (inspect.Forked, error) {
	if _, err := f.Object(ctx, fork.Object); err != nil {
		return inspect.Forked{}, err
	}
	id, err := object.Decode(fork.New.ID)
	if err != nil {
		return inspect.Forked{}, &inspect.Error{Code: inspect.Invalid, Message: err.Error()}
	}
	bookmark := ""
	if fork.Moment != (inspect.Moment{}) {
		bookmark, err = remembering(f, fork.Object, func(db *sqlite.Object) (string, error) { return stored.Bookmark(db, fork.Moment) })
		if err != nil {
			return inspect.Forked{}, err
		}
	}
	err = f.holding(fork.Object.Namespace, func(h *state.Hold) error {
		return h.Fork(fork.Object.Namespace, fork.Object.ID, bookmark, fork.New.ID, fork.Name, f.history())
	})
	if err != nil {
		return inspect.Forked{}, err
	}
	f.book.Note(object.Ref{Namespace: fork.New.Namespace, ID: id, Name: fork.Name})
	made, err := f.Object(ctx, fork.New)
	return inspect.Forked{Object: made}, err
}
