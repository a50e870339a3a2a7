package state

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/dodev/dodev/sqlite"
)

// ErrExists is what forking gets whose object is there already.
var ErrExists = errors.New("there is an object of that name already")

// Rewind takes an object of a held namespace, facets and alarm included, back to
// a bookmark of its past; undo is the bookmark that undoes it. What its next
// session was to begin with is forgotten.
func (h *Hold) Rewind(key, id, bookmark string, past *sqlite.HistoryOptions) (undo string, err error) {
	w, err := h.open(key, id, past)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, w.Close()) }()
	if !w.Object().Remembers() {
		return "", sqlite.ErrNoHistory
	}
	// An alarm may be entered too early, but never too late: whoever is killed in
	// the middle leaves one that finds out from the object.
	alarm, err := h.enterEarly(key, id)
	if err != nil {
		return "", err
	}
	if err = h.folder.step(); err == nil {
		undo, err = w.Restore(bookmark)
	}
	if err != nil {
		return "", errors.Join(err, h.enterAlarm(key, w.Object(), alarm))
	}
	// It is done. Removing needs no space, and an alarm that stays entered too early
	// is found out by whoever fires it.
	_ = h.folder.step()
	if err := os.RemoveAll(h.folder.next(key, id)); err != nil {
		return undo, err
	}
	_ = h.enterAlarm(key, w.Object(), alarm)
	return undo, nil
}

// open opens an object with its facets and its past.
func (h *Hold) open(key, id string, past *sqlite.HistoryOptions) (*sqlite.Whole, error) {
	return sqlite.OpenWhole(sqlite.ObjectPath(h.folder.Namespace(key), id), sqlite.Options{History: past})
}

// enterEarly has an object's alarm entered as due, and returns it with the name
// that it is entered under.
func (h *Hold) enterEarly(key, id string) (sqlite.Alarm, error) {
	early := sqlite.Alarm{ID: id, At: time.Now()}
	entered, err := h.Alarms(key)
	if err != nil {
		return early, err
	}
	for _, a := range entered {
		if a.ID == id {
			early.Name = a.Name
		}
	}
	index, err := h.index(key)
	if err != nil {
		return early, err
	}
	if err := h.folder.step(); err != nil {
		return early, err
	}
	return early, index.Set(early)
}

// enterAlarm enters the alarm that an object has.
func (h *Hold) enterAlarm(key string, db *sqlite.Object, alarm sqlite.Alarm) error {
	at, ok, err := db.Alarm()
	if err == nil {
		err = h.folder.step()
	}
	if err != nil {
		return err
	}
	if !ok {
		return h.indexes[key].Delete(alarm.ID)
	}
	alarm.At = at
	return h.indexes[key].Set(alarm)
}

// Fork makes a new object, of the same namespace, of what another one had
// stored at a bookmark, facets and alarm included. The present is copied when no
// bookmark is given. The hold ends.
func (h *Hold) Fork(key, id, bookmark, newID, newName string, past *sqlite.HistoryOptions) (err error) {
	defer func() { err = errors.Join(err, h.Release()) }()
	path := sqlite.ObjectPath(h.folder.Namespace(key), newID)
	if exists(path) {
		return ErrExists
	}
	dir, err := os.MkdirTemp("", "dodev-fork-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	if err := h.copyWhole(key, id, bookmark, filepath.Join(dir, filepath.Base(path)), past); err != nil {
		return err
	}
	return h.adopt(key, newID, newName, dir)
}

// copyWhole writes what an object had stored to another path.
func (h *Hold) copyWhole(key, id, bookmark, path string, past *sqlite.HistoryOptions) error {
	w, err := h.open(key, id, past)
	if err != nil {
		return err
	}
	switch {
	case bookmark == "":
		bookmark, err = w.Object().FreshBookmark()
	case !w.Object().Remembers():
		err = sqlite.ErrNoHistory
	}
	if err == nil {
		err = w.Fork(bookmark, path)
	}
	return errors.Join(err, w.Close())
}

// adopt makes an object of the files in a folder.
func (h *Hold) adopt(key, id, name, dir string) error {
	db := sqlite.OpenObject(filepath.Join(dir, id+".sqlite"), sqlite.Options{})
	at, _, err := db.Alarm()
	if err == nil {
		err = db.Rename(name)
	}
	if err == nil && db.Dirty() {
		err = db.Commit()
	}
	if err = errors.Join(err, db.Close()); err != nil {
		return fmt.Errorf("read the fork: %w", err)
	}
	o := Object{ID: id}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		o.Files = append(o.Files, e.Name())
	}
	c, err := h.Change()
	if err != nil {
		return err
	}
	if err := c.fill(key, o, sqlite.Alarm{At: at, Name: name}, dir); err != nil {
		return errors.Join(err, c.Discard())
	}
	return c.Commit()
}

// fill puts the files of an object that lie in a folder, in the place of what a
// deleted object of that id has left.
func (c *Change) fill(key string, o Object, alarm sqlite.Alarm, dir string) error {
	f := c.hold.folder
	for _, pattern := range []string{
		filepath.Join(f.Namespace(key), o.ID+".*"), f.history(key, o.ID+".sqlite"), f.history(key, o.ID+".*.sqlite"), f.next(key, o.ID),
	} {
		left, err := filepath.Glob(pattern)
		if err != nil {
			return err
		}
		for _, path := range left {
			c.set.Remove(path)
		}
	}
	paths, err := c.Put(key, o, alarm)
	if err != nil {
		return err
	}
	for i, file := range o.Files {
		err := c.hold.folder.step()
		if err == nil {
			err = copyFile(filepath.Join(dir, file), paths[i])
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func copyFile(from, to string) (err error) {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}
