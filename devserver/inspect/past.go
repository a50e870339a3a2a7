package inspect

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"strings"
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

// A Contrast is what differs between two states of an object's storage.
type Contrast struct {
	Keys   []Diff      `json:"keys,omitempty"`
	Tables []TableDiff `json:"tables,omitempty"`
}

// None reports that nothing differs.
func (c Contrast) None() bool { return len(c.Keys)+len(c.Tables) == 0 }

// A TableDiff is what differs between two states of a table.
type TableDiff struct {
	Table   string   `json:"table"`
	Added   []string `json:"added,omitempty"` // rows as JSON arrays
	Removed []string `json:"removed,omitempty"`
}

// A Sight is a look at what one object stores. What is not there is empty.
type Sight interface {
	Keys(q KeyQuery) (KeyPage, error)
	Schema() (Schema, error)
	SQL(q SQLQuery) (SQLResult, error)
}

// Compare tells what differs between two states of an object.
func Compare(before, after Sight) (c Contrast, err error) {
	if c.Keys, err = compareKeys(before, after); err != nil {
		return c, err
	}
	c.Tables, err = compareTables(before, after)
	return c, err
}

// compareKeys compares the pairs, both sides in order.
func compareKeys(was, is Sight) ([]Diff, error) {
	before, err := allEntries(was)
	if err != nil {
		return nil, err
	}
	after, err := allEntries(is)
	if err != nil {
		return nil, err
	}
	var diffs []Diff
	for len(before) > 0 || len(after) > 0 {
		var d Diff
		switch {
		case len(after) == 0 || len(before) > 0 && before[0].Key < after[0].Key:
			d, before = Diff{Key: before[0].Key, Before: &before[0]}, before[1:]
		case len(before) == 0 || after[0].Key < before[0].Key:
			d, after = Diff{Key: after[0].Key, After: &after[0]}, after[1:]
		default:
			d = Diff{Key: after[0].Key, Before: &before[0], After: &after[0]}
			before, after = before[1:], after[1:]
			if d.Before.Version == d.After.Version {
				continue
			}
		}
		diffs = append(diffs, d)
	}
	return diffs, nil
}

func allEntries(s Sight) ([]Entry, error) {
	var all []Entry
	q := KeyQuery{}
	for {
		page, err := s.Keys(q)
		if CodeOf(err) == NotFound {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		all = append(all, page.Entries...)
		if !page.More || len(page.Entries) == 0 {
			return all, nil
		}
		q.After = page.Entries[len(page.Entries)-1].Key
	}
}

// compareTables compares the rows of all tables.
func compareTables(was, is Sight) ([]TableDiff, error) {
	before, err := allRows(was)
	if err != nil {
		return nil, err
	}
	after, err := allRows(is)
	if err != nil {
		return nil, err
	}
	names := map[string]bool{}
	for name := range before {
		names[name] = true
	}
	for name := range after {
		names[name] = true
	}
	var diffs []TableDiff
	for name := range names {
		d := TableDiff{Table: name, Removed: missing(before[name], after[name]), Added: missing(after[name], before[name])}
		if len(d.Removed)+len(d.Added) > 0 {
			diffs = append(diffs, d)
		}
	}
	slices.SortFunc(diffs, func(a, b TableDiff) int { return cmp.Compare(a.Table, b.Table) })
	return diffs, nil
}

// allRows are the rows of an object's tables, each as JSON.
func allRows(s Sight) (map[string][]string, error) {
	schema, err := s.Schema()
	if CodeOf(err) == NotFound || CodeOf(err) == Unavailable {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	all := map[string][]string{}
	for _, t := range schema.Tables {
		if t.Kind != "table" {
			continue
		}
		result, err := s.SQL(SQLQuery{SQL: `SELECT * FROM "` + strings.ReplaceAll(t.Name, `"`, `""`) + `"`, Limit: 1 << 20})
		if err != nil {
			return nil, err
		}
		rows := []string{}
		for _, row := range result.Rows {
			text, err := json.Marshal(row)
			if err != nil {
				return nil, err
			}
			rows = append(rows, string(text))
		}
		all[t.Name] = rows
	}
	return all, nil
}

// missing are the rows of a that b lacks, counting equal ones.
func missing(a, b []string) []string {
	left := map[string]int{}
	for _, row := range b {
		left[row]++
	}
	var out []string
	for _, row := range a {
		if left[row]--; left[row] < 0 {
			out = append(out, row)
		}
	}
	return out
}
