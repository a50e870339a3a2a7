package stored

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/dodev/dodev/devserver/inspect"
	"github.com/dodev/dodev/sqlite"
)

// Compare tells what differs between two states of an object, limit keys and
// rows at most, 0 for all of them. Both are gone through in order, side by side:
// what is the same on both sides is compared as bytes, and nothing is made of
// it.
func Compare(ctx context.Context, before, after *sqlite.View, limit int) (inspect.Contrast, error) {
	c := comparison{ctx: ctx, left: limit, endless: limit <= 0}
	contrast, err := c.databases(before.Object, after.Object)
	if err != nil {
		return contrast, err
	}
	if contrast.Alarm, err = alarms(before.Object, after.Object); err != nil {
		return contrast, err
	}
	names := maps.Clone(before.Facets)
	maps.Copy(names, after.Facets)
	for _, name := range slices.Sorted(maps.Keys(names)) {
		f := inspect.FacetDiff{Facet: name}
		if f.Contrast, err = c.databases(facet(before, name), facet(after, name)); err != nil {
			return contrast, fmt.Errorf("facet %s: %w", name, err)
		}
		if !f.None() {
			contrast.Facets = append(contrast.Facets, f)
		}
	}
	contrast.More = c.more
	return contrast, nil
}

// facet is a facet's database, an empty one where it is not there.
func facet(v *sqlite.View, name string) *sqlite.Object {
	if db := v.Facets[name]; db != nil {
		return db
	}
	return nothing()
}

// nothing is the database of an object that is not there.
func nothing() *sqlite.Object { return sqlite.OpenObject("", sqlite.Options{InMemory: true}) }

// Nothing is an object that is not there.
func Nothing() *sqlite.View { return &sqlite.View{Object: nothing()} }

// A comparison is what Compare does, up to its limit.
type comparison struct {
	ctx     context.Context
	endless bool
	left    int // that may still be told of
	more    bool
	looked  int
}

// tell counts a difference, and reports whether there is room for it.
func (c *comparison) tell() bool {
	if c.endless {
		return true
	}
	if c.left == 0 {
		c.more = true
		return false
	}
	c.left--
	return true
}

// goOn reports, now and then, that nobody waits for the rest any more.
func (c *comparison) goOn() error {
	if c.looked++; c.looked%256 != 0 {
		return nil
	}
	return c.ctx.Err()
}

func (c *comparison) databases(before, after *sqlite.Object) (out inspect.Contrast, err error) {
	if out.Keys, err = c.keys(before, after); err != nil {
		return out, err
	}
	out.Tables, err = c.tables(before, after)
	return out, err
}

func (c *comparison) keys(before, after *sqlite.Object) (diffs []inspect.Diff, err error) {
	was, is := before.List(sqlite.ListOptions{}), after.List(sqlite.ListOptions{})
	defer was.Close()
	defer is.Close()
	for left, right := was.Next(), is.Next(); left || right; {
		if err := c.goOn(); err != nil {
			return nil, err
		}
		var d inspect.Diff
		gone := left && (!right || was.Key() < is.Key())
		came := right && (!left || is.Key() < was.Key())
		if gone || !came && string(was.Value()) != string(is.Value()) {
			e := entry(was.Key(), was.Value())
			d.Key, d.Before = e.Key, &e
		}
		if came || d.Before != nil && !gone {
			e := entry(is.Key(), is.Value())
			d.Key, d.After = e.Key, &e
		}
		if d.Before != nil || d.After != nil {
			if !c.tell() {
				return diffs, nil
			}
			diffs = append(diffs, d)
		}
		if !came {
			left = was.Next()
		}
		if !gone {
			right = is.Next()
		}
	}
	if err := was.Err(); err != nil {
		return diffs, fmt.Errorf("list keys: %w", err)
	}
	return diffs, is.Err()
}

// alarms tells what became of the alarm, nil for nothing.
func alarms(before, after *sqlite.Object) (*inspect.AlarmDiff, error) {
	was, err := alarm(before)
	if err != nil {
		return nil, err
	}
	is, err := alarm(after)
	if err != nil || was == nil && is == nil || was != nil && is != nil && was.Equal(*is) {
		return nil, err
	}
	return &inspect.AlarmDiff{Before: was, After: is}, nil
}

func alarm(db *sqlite.Object) (*time.Time, error) {
	at, ok, err := db.Alarm()
	if !ok || err != nil {
		return nil, err
	}
	at = at.UTC()
	return &at, nil
}
