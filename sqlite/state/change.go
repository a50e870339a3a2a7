package state

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/dodev/dodev/sqlite"
	"github.com/dodev/dodev/sqlite/change"
)

// A Change is what is to happen to the objects of held namespaces.
type Change struct {
	hold   *Hold
	set    *change.Set
	alarms map[string]map[string]sqlite.Alarm // of the namespaces that change, by id
	count  map[string]int                     // objects they will have
	own    map[string]bool                    // files of dodev's that are replaced
}

// Change begins a change. Nothing happens before it is committed.
func (h *Hold) Change() (*Change, error) {
	set, err := change.Begin(h.folder.Dir, h.folder.Own("change"), h.folder.Step)
	if err != nil {
		return nil, err
	}
	return &Change{hold: h, set: set, alarms: map[string]map[string]sqlite.Alarm{}, count: map[string]int{}, own: map[string]bool{}}, nil
}

// touch notes that a namespace changes.
func (c *Change) touch(key string) error {
	if c.alarms[key] != nil {
		return nil
	}
	if err := c.hold.add(key); err != nil {
		return err
	}
	alarms, err := c.hold.Alarms(key)
	if err != nil {
		return err
	}
	objects, err := c.hold.folder.Objects(key)
	if err != nil {
		return err
	}
	byID := map[string]sqlite.Alarm{}
	for _, a := range alarms {
		byID[a.ID] = a
	}
	c.alarms[key], c.count[key] = byID, len(objects)
	return nil
}

// Move gives an object another id in another namespace, which nothing else has.
// Its alarm goes with it, under its name or, when that is not empty, another.
func (c *Change) Move(key string, o Object, toKey, toID, name string) error {
	if err := errors.Join(c.touch(key), c.touch(toKey), c.hold.Settle(key, o)); err != nil {
		return err
	}
	f := c.hold.folder
	for _, file := range o.Files {
		to := toID + file[len(o.ID):]
		c.set.Move(filepath.Join(f.Namespace(key), file), filepath.Join(f.Namespace(toKey), to))
		if past := f.history(key, file); exists(past) {
			c.set.Move(past, f.history(toKey, to))
		}
	}
	if next := f.next(key, o.ID); exists(next) {
		c.set.Move(next, f.next(toKey, toID))
	}
	if alarm, ok := c.alarms[key][o.ID]; ok {
		delete(c.alarms[key], o.ID)
		alarm.ID = toID
		if name != "" {
			alarm.Name = name
		}
		c.alarms[toKey][toID] = alarm
	}
	c.count[key]--
	c.count[toKey]++
	return nil
}

// Remove deletes an object with its past and its alarm.
func (c *Change) Remove(key string, o Object) error {
	if err := errors.Join(c.touch(key), c.hold.Settle(key, o)); err != nil {
		return err
	}
	f := c.hold.folder
	for _, file := range o.Files {
		c.set.Remove(filepath.Join(f.Namespace(key), file))
		if past := f.history(key, file); exists(past) {
			c.set.Remove(past)
		}
	}
	if next := f.next(key, o.ID); exists(next) {
		c.set.Remove(next)
	}
	delete(c.alarms[key], o.ID)
	c.count[key]--
	return nil
}

// Put returns where to write the files of an object that is to be there, by
// their names; the object must not be there, or be removed as well. An alarm of
// no time is none.
func (c *Change) Put(key string, o Object, alarm sqlite.Alarm) (paths []string, err error) {
	if err := c.touch(key); err != nil {
		return nil, err
	}
	for _, file := range o.Files {
		paths = append(paths, c.set.Put(filepath.Join(c.hold.folder.Namespace(key), file)))
	}
	if alarm.ID = o.ID; !alarm.At.IsZero() {
		c.alarms[key][o.ID] = alarm
	}
	c.count[key]++
	return paths, nil
}

// Write replaces a file of dodev's own, named as for [Folder.Own].
func (c *Change) Write(content []byte, elements ...string) error {
	path := c.hold.folder.Own(elements...)
	if exists(path) && !c.own[path] {
		c.set.Remove(path)
	}
	if c.own[path] {
		return fmt.Errorf("%s is written twice", path)
	}
	c.own[path] = true
	return os.WriteFile(c.set.Put(path), content, 0o666)
}

// Commit does it all and releases the hold. After an error nothing has happened,
// or it is a [change.Incomplete] and [Folder.Recover] ends it.
func (c *Change) Commit() error {
	for key := range c.alarms {
		if err := c.writeIndex(key); err != nil {
			return errors.Join(err, c.Discard())
		}
	}
	if err := c.hold.closeIndexes(); err != nil {
		return errors.Join(err, c.Discard())
	}
	err := c.set.Commit()
	return errors.Join(err, os.RemoveAll(c.hold.folder.Own("indexes")), c.hold.Release())
}

// Discard drops the change and releases the hold. After Commit it does nothing.
func (c *Change) Discard() error {
	return errors.Join(c.set.Discard(), os.RemoveAll(c.hold.folder.Own("indexes")), c.hold.Release())
}

// writeIndex has a namespace's index replaced, or removed with its last object.
func (c *Change) writeIndex(key string) error {
	f := c.hold.folder
	if now := filepath.Join(f.Namespace(key), indexFile); exists(now) {
		c.set.Remove(now)
	}
	if c.count[key] == 0 {
		return nil
	}
	draft := f.Own("indexes", key)
	index, err := sqlite.OpenIndex(draft, sqlite.Options{})
	if err != nil {
		return err
	}
	ids := make([]string, 0, len(c.alarms[key]))
	for id := range c.alarms[key] {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	for _, id := range ids {
		err = errors.Join(err, index.Set(c.alarms[key][id]))
	}
	if err = errors.Join(err, index.Close()); err != nil {
		return fmt.Errorf("write the alarms of %s: %w", key, err)
	}
	return os.Rename(filepath.Join(draft, indexFile), c.set.Put(filepath.Join(f.Namespace(key), indexFile)))
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}
