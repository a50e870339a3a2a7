package files

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/dodev/dodev/devserver/inspect"
	"github.com/dodev/dodev/devserver/inspect/stored"
	"github.com/dodev/dodev/emulator/object"
	"github.com/dodev/dodev/sqlite"
)

// read asks an object's file.
func read[A any](f *Folder, ref inspect.Ref, fn func(db *sqlite.Object) (A, error)) (A, error) {
	db := f.reading(ref)
	defer db.Close()
	a, err := fn(db)
	return a, locked(err)
}

// Keys implements inspect.Storage.
func (f *Folder) Keys(_ context.Context, ref inspect.Ref, q inspect.KeyQuery) (inspect.KeyPage, error) {
	return read(f, ref, func(db *sqlite.Object) (inspect.KeyPage, error) { return stored.Keys(db, q) })
}

// Entry implements inspect.Storage.
func (f *Folder) Entry(_ context.Context, ref inspect.Ref, key string) (inspect.Entry, error) {
	return read(f, ref, func(db *sqlite.Object) (inspect.Entry, error) { return stored.Entry(db, key) })
}

// Schema implements inspect.Storage.
func (f *Folder) Schema(_ context.Context, ref inspect.Ref) (inspect.Schema, error) {
	return read(f, ref, stored.Schema)
}

// SQL implements inspect.Storage. A statement that writes takes the lock.
func (f *Folder) SQL(ctx context.Context, ref inspect.Ref, q inspect.SQLQuery) (inspect.SQLResult, error) {
	none := false
	r, err := read(f, ref, func(db *sqlite.Object) (inspect.SQLResult, error) {
		if ok, err := db.Exists(); err != nil || !ok {
			none = !ok
			return inspect.SQLResult{Columns: []string{}}, err
		}
		db.Interrupt(func() bool { return ctx.Err() != nil })
		return stored.SQL(db, q)
	})
	none = none && err == nil && inspect.Writes(q.SQL) // it is made by what is written
	if !none && (err == nil || !strings.Contains(err.Error(), "SQLITE_READONLY")) {
		return r, err
	}
	err = f.write(ref, func(w writing) error {
		r, err = stored.SQL(w.db, q)
		return err
	})
	return r, err
}

// Edit implements inspect.Storage.
func (f *Folder) Edit(_ context.Context, ref inspect.Ref, changes []inspect.Change) (diffs []inspect.Diff, err error) {
	err = f.write(ref, func(w writing) error {
		diffs, err = stored.Edit(w.db, changes, nil)
		return err
	})
	if err != nil {
		return nil, err
	}
	return diffs, nil
}

// writing is what a change of an object needs.
type writing struct {
	db    *sqlite.Object
	index *sqlite.Index
}

// write runs fn with the namespace locked, as one transaction.
func (f *Folder) write(ref inspect.Ref, fn func(w writing) error) (err error) {
	folder := f.folder(ref.Namespace)
	index, err := sqlite.OpenIndex(folder, sqlite.Options{})
	if err != nil {
		return locked(err)
	}
	defer func() { err = errors.Join(err, index.Close()) }()
	db := sqlite.OpenObject(sqlite.ObjectPath(folder, ref.ID), sqlite.Options{History: f.history()})
	defer func() { err = errors.Join(err, db.Close()) }()
	_, missing := os.Stat(db.Path())
	if err = fn(writing{db, index}); err == nil && db.Dirty() {
		err = db.Commit()
	}
	if err != nil && missing != nil {
		err = errors.Join(err, db.Discard()) // of an object that is not to be, nothing is left
	}
	return locked(err) // closing rolls back
}

// history keeps the past of objects, as a server does.
func (f *Folder) history() *sqlite.HistoryOptions {
	return &sqlite.HistoryOptions{Path: func(database string) string {
		namespace, id := filepath.Base(filepath.Dir(database)), strings.TrimSuffix(filepath.Base(database), ".sqlite")
		return filepath.Join(f.dir, "dodev", "history", namespace, id+".hist")
	}}
}

// Act implements inspect.Actor.
func (f *Folder) Act(ctx context.Context, a inspect.Action) (inspect.Outcome, error) {
	if a.Kind == inspect.Remember {
		return f.remember(a)
	}
	o, err := f.Object(ctx, a.Object)
	if err != nil && (a.Kind != inspect.SetAlarm || inspect.CodeOf(err) != inspect.NotFound) {
		return inspect.Outcome{}, err // an alarm makes an object that is not there
	}
	if why := f.project.WhyNot(a.Kind, o); why != "" {
		return inspect.Outcome{}, &inspect.Error{Code: inspect.Unavailable, Message: o.Label + ": " + why}
	}
	if err := f.act(a); err != nil {
		return inspect.Outcome{}, err
	}
	now, err := f.Object(ctx, a.Object)
	if inspect.CodeOf(err) == inspect.NotFound {
		return inspect.Outcome{Object: o}, nil
	}
	return inspect.Outcome{Object: now}, err
}

func (f *Folder) remember(a inspect.Action) (inspect.Outcome, error) {
	id, err := object.Decode(a.Object.ID)
	if err != nil {
		return inspect.Outcome{}, &inspect.Error{Code: inspect.Invalid, Message: err.Error()}
	}
	f.book.Note(object.Ref{Namespace: a.Object.Namespace, ID: id, Name: a.Text})
	return inspect.Outcome{}, nil
}

func (f *Folder) act(a inspect.Action) error {
	return f.write(a.Object, func(w writing) error {
		switch a.Kind {
		case inspect.SetAlarm:
			return w.setAlarm(a.Object.ID, a.At)
		case inspect.DeleteAlarm:
			if err := w.db.ClearAlarm(); err != nil {
				return err
			}
		default:
			if err := w.db.DeleteAll(true); err != nil {
				return err
			}
			if err := f.removeFacets(a.Object); err != nil {
				return err
			}
		}
		if w.db.Dirty() {
			if err := w.db.Commit(); err != nil {
				return err
			}
		}
		return w.index.Delete(a.Object.ID)
	})
}

// setAlarm sets an object's alarm. The index may be too early, which firing finds
// out, but never too late: a time that is later is entered afterwards.
func (w writing) setAlarm(id string, at time.Time) error {
	was, entered, err := w.entered(id)
	if err != nil {
		return err
	}
	next := sqlite.Alarm{ID: id, At: at}
	early := !entered || at.Before(was.At)
	if early {
		if err := w.index.Set(next); err != nil {
			return err
		}
	}
	if err = w.db.SetAlarm(at); err == nil {
		err = w.db.Commit()
	}
	switch {
	case err == nil && early:
		return nil
	case err == nil:
		return w.index.Set(next)
	case early && entered:
		return errors.Join(err, w.index.Set(was))
	case early:
		return errors.Join(err, w.index.Delete(id))
	}
	return err
}

// entered is the entry of an object in the index.
func (w writing) entered(id string) (a sqlite.Alarm, ok bool, err error) {
	all, err := w.index.All()
	i := slices.IndexFunc(all, func(a sqlite.Alarm) bool { return a.ID == id })
	if err != nil || i < 0 {
		return a, false, err
	}
	return all[i], true, nil
}

// removeFacets removes the databases of what is within an object, and their
// index.
func (f *Folder) removeFacets(ref inspect.Ref) error {
	// Their histories are to know that they are gone.
	database := sqlite.ObjectPath(f.folder(ref.Namespace), ref.ID)
	if err := sqlite.RemoveFacets(database, sqlite.Options{History: f.history()}); err != nil {
		return err
	}
	names, err := filepath.Glob(filepath.Join(f.folder(ref.Namespace), ref.ID+".*"))
	if err != nil {
		return err
	}
	own := ref.ID + ".sqlite"
	for _, name := range names {
		if strings.HasPrefix(filepath.Base(name), own) {
			continue
		}
		if err := os.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// errOffline is the answer to what only a server can do.
var errOffline = &inspect.Error{Code: inspect.Unavailable, Message: "no server runs; start it with dodev serve"}

// Watch implements inspect.Viewer.
func (f *Folder) Watch(context.Context, inspect.Follow) (inspect.Stream, error) {
	return nil, errOffline
}

// Call implements inspect.Actor.
func (f *Folder) Call(context.Context, inspect.Call) (inspect.Value, error) {
	return inspect.Value{}, errOffline
}

// Request implements inspect.Actor.
func (f *Folder) Request(context.Context, inspect.Request) (inspect.Response, error) {
	return inspect.Response{}, errOffline
}

// Replay implements inspect.Actor.
func (f *Folder) Replay(context.Context, string) (string, error) { return "", errOffline }

// Logs implements inspect.Recorder.
func (f *Folder) Logs(context.Context, inspect.LogQuery) ([]inspect.LogLine, error) {
	return nil, errOffline
}

// Traces implements inspect.Recorder.
func (f *Folder) Traces(context.Context, inspect.TraceQuery) ([]inspect.Trace, error) {
	return nil, errOffline
}

// Trace implements inspect.Recorder.
func (f *Folder) Trace(context.Context, string) (inspect.Trace, error) {
	return inspect.Trace{}, errOffline
}
