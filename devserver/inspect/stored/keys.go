package stored

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/dodev/dodev/devserver/inspect"
	"github.com/dodev/dodev/emulator/clone"
	"github.com/dodev/dodev/sqlite"
)

// pageLength is how many entries a page has unless asked for otherwise.
const pageLength = 1000

// Keys lists pairs.
func Keys(db *sqlite.Object, q inspect.KeyQuery) (inspect.KeyPage, error) {
	page := inspect.KeyPage{Entries: []inspect.Entry{}}
	limit := cmp.Or(q.Limit, pageLength)
	list := db.List(rangeOf(q))
	defer list.Close()
	for list.Next() {
		key := list.Key()
		if q.Group != "" && grouped(&page, q, key, len(list.Value())) {
			continue
		}
		if q.Search != "" && !found(q.Search, key, list.Value()) {
			continue
		}
		if len(page.Entries)+len(page.Groups) >= limit {
			page.More = true
			break
		}
		page.Entries = append(page.Entries, entry(key, list.Value()))
	}
	if err := list.Err(); err != nil {
		return page, fmt.Errorf("list keys: %w", err)
	}
	tables, err := tableNames(db)
	page.SQL = len(tables) > 0
	return page, err
}

// rangeOf is what the database lists for a query.
func rangeOf(q inspect.KeyQuery) sqlite.ListOptions {
	opts := sqlite.ListOptions{Prefix: q.Prefix, Reverse: q.Reverse}
	if q.Start != "" {
		opts.Start = &q.Start
	}
	if q.End != "" {
		opts.End = &q.End
	}
	switch {
	case q.After == "":
	case q.Reverse:
		opts.End = &q.After
	case q.Group != "" && strings.HasSuffix(q.After, q.Group):
		// The page before ended with a group: all of it is behind us.
		last := len(q.After) - 1
		next := q.After[:last] + string([]byte{q.After[last] + 1})
		opts.Start = &next
	default:
		opts.StartAfter = &q.After
	}
	return opts
}

// grouped counts a key among a group, unless it is in none.
func grouped(page *inspect.KeyPage, q inspect.KeyQuery, key string, size int) bool {
	rest := strings.TrimPrefix(key, q.Prefix)
	i := strings.Index(rest, q.Group)
	if i < 0 {
		return false
	}
	prefix := q.Prefix + rest[:i+len(q.Group)]
	if n := len(page.Groups); n == 0 || page.Groups[n-1].Prefix != prefix {
		page.Groups = append(page.Groups, inspect.Group{Prefix: prefix})
	}
	g := &page.Groups[len(page.Groups)-1]
	g.Count++
	g.SizeBytes += int64(len(key) + size)
	return true
}

// found reports whether a pair contains a text, in any case.
func found(text, key string, data []byte) bool {
	text = strings.ToLower(text)
	if strings.Contains(strings.ToLower(key), text) {
		return true
	}
	v, err := clone.ToTree(data)
	return err == nil && strings.Contains(strings.ToLower(clone.Format(v, 0)), text)
}

// Entry is one pair.
func Entry(db *sqlite.Object, key string) (inspect.Entry, error) {
	data, ok, err := db.Get(key)
	if err != nil {
		return inspect.Entry{}, fmt.Errorf("read %q: %w", key, err)
	}
	if !ok {
		return inspect.Entry{}, &inspect.Error{Code: inspect.NotFound, Message: fmt.Sprintf("no key %q", key), Near: near(db, key)}
	}
	return entry(key, data), nil
}

// maxGuesses is how many keys are looked at for one like another.
const maxGuesses = 2000

func near(db *sqlite.Object, key string) []string {
	list := db.List(sqlite.ListOptions{Limit: maxGuesses})
	defer list.Close()
	var keys []string
	for list.Next() {
		keys = append(keys, list.Key())
	}
	return inspect.Nearest(key, keys)
}

// Edit makes changes, all or, when a value is not what a change expects, none.
// The caller's transaction is undone when there is an error.
func Edit(db *sqlite.Object, changes []inspect.Change, limit func(key string, size int) error) ([]inspect.Diff, error) {
	diffs := make([]inspect.Diff, 0, len(changes))
	for _, c := range changes {
		d, err := edit(db, c, limit)
		if err != nil {
			return nil, err
		}
		diffs = append(diffs, d)
	}
	return diffs, nil
}

func edit(db *sqlite.Object, c inspect.Change, limit func(key string, size int) error) (inspect.Diff, error) {
	d := inspect.Diff{Key: c.Key}
	before, ok, err := db.Get(c.Key)
	if err != nil {
		return d, fmt.Errorf("read %q: %w", c.Key, err)
	}
	if ok {
		e := entry(c.Key, before)
		d.Before = &e
	}
	if !c.Fits(versionOf(before), ok) {
		return d, conflict(c, d.Before)
	}
	if len(c.Value) == 0 {
		if _, err := db.Delete(c.Key); err != nil {
			return d, fmt.Errorf("delete %q: %w", c.Key, err)
		}
		return d, nil
	}
	data, err := encode(c.Key, c.Value)
	if err != nil {
		return d, err
	}
	if limit != nil {
		if err := limit(c.Key, len(data)); err != nil {
			return d, err
		}
	}
	if err := db.Put(c.Key, data); err != nil {
		return d, fmt.Errorf("store %q: %w", c.Key, err)
	}
	after := entry(c.Key, data)
	d.After = &after
	return d, nil
}

// conflict says how a value differs from what was expected.
func conflict(c inspect.Change, now *inspect.Entry) error {
	why := "it has been deleted"
	switch {
	case now != nil && c.Expect == inspect.Absent:
		why = "it exists by now"
	case now != nil:
		why = "it has become " + now.Preview
	}
	return &inspect.Error{Code: inspect.Conflict, Message: fmt.Sprintf("%q is no longer what was shown: %s", c.Key, why), Now: now}
}

// Diff is what became of a key whose former bytes are known; ok tells whether
// it was there. It is nil when nothing did.
func Diff(db *sqlite.Object, key string, before []byte, ok bool) (*inspect.Diff, error) {
	after, still, err := db.Get(key)
	if err != nil || ok == still && string(before) == string(after) {
		return nil, err
	}
	d := &inspect.Diff{Key: key}
	if ok {
		e := entry(key, before)
		d.Before = &e
	}
	if still {
		e := entry(key, after)
		d.After = &e
	}
	return d, nil
}
