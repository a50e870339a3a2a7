package state

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

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

// Incomplete is the error of a change that was begun and is not over.
type Incomplete = change.Incomplete

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
	if err := c.hold.folder.step(); err != nil {
		return err
	}
	return os.WriteFile(c.set.Put(path), content, 0o666)
}

// Unwrite removes a file of dodev's own, which need not be there.
func (c *Change) Unwrite(elements ...string) {
	path := c.hold.folder.Own(elements...)
	if exists(path) && !c.own[path] {
		c.own[path] = true
		c.set.Remove(path)
	}
}

// Commit does it all and releases the hold. After an error nothing has happened,
// or it is a [change.Incomplete] and [Folder.Recover] ends it.
//
// An index may have an alarm too early, or one that is none, which whoever fires
// it finds out from the object; but never too late. So alarms are entered before
// the objects change, and struck out afterwards.
func (c *Change) Commit() error {
	if err := c.enter(); err != nil {
		return errors.Join(err, c.Discard())
	}
	if err := c.set.Commit(); err != nil {
		return errors.Join(err, c.hold.Release())
	}
	_ = c.strike() // all is done; whoever fires an alarm too many finds out that it is none
	return c.hold.Release()
}

// Discard drops the change and releases the hold. After Commit it does nothing.
func (c *Change) Discard() error { return errors.Join(c.set.Discard(), c.hold.Release()) }

// enter enters the alarms that objects will have, where they come sooner than
// what is entered.
func (c *Change) enter() error {
	for key, alarms := range c.alarms {
		if c.count[key] == 0 {
			continue
		}
		index, err := c.hold.index(key)
		if err != nil {
			return err
		}
		entered, err := c.hold.Alarms(key)
		if err != nil {
			return err
		}
		byID := map[string]sqlite.Alarm{}
		for _, a := range entered {
			byID[a.ID] = a
		}
		for id, alarm := range alarms {
			if was, ok := byID[id]; ok && !was.At.After(alarm.At) {
				continue
			}
			err := c.hold.folder.step()
			if err == nil {
				err = index.Set(alarm)
			}
			if err != nil {
				return fmt.Errorf("enter the alarms of %s: %w", key, err)
			}
		}
	}
	return nil
}

// strike leaves the alarms of objects entered, and no others; of a namespace
// without objects nothing is left.
func (c *Change) strike() error {
	for key, alarms := range c.alarms {
		entered, err := c.hold.Alarms(key)
		if err != nil {
			return err
		}
		if c.count[key] == 0 && c.hold.lent[key] == nil {
			if err := c.hold.drop(key); err != nil {
				return err
			}
			continue
		}
		for _, a := range entered {
			alarm, ok := alarms[a.ID]
			if ok && alarm == a {
				continue
			}
			if err := c.hold.folder.step(); err != nil {
				return err
			}
			switch {
			case !ok:
				err = c.hold.indexes[key].Delete(a.ID)
			default:
				err = c.hold.indexes[key].Set(alarm)
			}
			if err != nil {
				return fmt.Errorf("strike out alarms of %s: %w", key, err)
			}
		}
	}
	return nil
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}
