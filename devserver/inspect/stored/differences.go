package stored

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"

	"github.com/dodev/dodev/devserver/inspect"
	"github.com/dodev/dodev/sqlite"
	"github.com/dodev/dodev/sqlite/snapshot"
	"github.com/dodev/dodev/sqlite/state"
)

// A Present is what is stored now.
type Present struct {
	inspect.Snapshot
	// View runs fn with what an object stores.
	View func(ctx context.Context, ref inspect.Ref, fn func(*sqlite.View) error) error
}

// Differences compares a snapshot of a store with another one, or with what is
// stored now. Objects whose files are the snapshot's are not looked into.
func Differences(ctx context.Context, s snapshot.Store, q inspect.Differing, now Present) (inspect.Differences, error) {
	d := differing{store: s, now: now, question: q, left: q.Limit}
	if err := d.load(); err != nil {
		return inspect.Differences{}, err
	}
	out := inspect.Differences{Objects: []inspect.ObjectDiff{}}
	for _, ref := range d.refs() {
		if q.Limit > 0 && d.left == 0 {
			out.More = true
			break
		}
		o, err := d.object(ctx, ref)
		if err != nil {
			return out, fmt.Errorf("compare %s: %w", o.Object, err)
		}
		d.left = max(0, d.left-o.Changes())
		out.More = out.More || o.More
		if o.Change != "changed" || q.Touched || !o.None() {
			out.Objects = append(out.Objects, o)
		}
	}
	return out, nil
}

// differing is a comparison of whole folders. What one side has of an object is a
// snapshot's, or, where other is nil, what is there.
type differing struct {
	store         snapshot.Store
	now           Present
	question      inspect.Differing
	left          int
	first, other  *snapshot.Manifest
	before, after map[inspect.Ref]snapshot.Object // without files where it is there now
	labels        map[inspect.Ref]string
}

// load finds out which objects are to be compared.
func (d *differing) load() (err error) {
	if d.first, err = d.store.Load(d.question.Name); err != nil {
		return Coded(err)
	}
	scope, err := ScopeOf(d.question.Saving, d.first)
	if err != nil {
		return err
	}
	d.labels = map[inspect.Ref]string{}
	d.before = d.objects(d.first)
	if d.question.Other != "" {
		if d.other, err = d.store.Load(d.question.Other); err != nil {
			return Coded(err)
		}
		d.after = d.objects(d.other)
	} else {
		d.after = map[inspect.Ref]snapshot.Object{}
		for _, o := range d.now.Objects {
			if o.SizeBytes > 0 {
				d.after[o.Ref] = snapshot.Object{}
				d.labels[o.Ref] = o.Label
			}
		}
	}
	for _, side := range []map[inspect.Ref]snapshot.Object{d.before, d.after} {
		maps.DeleteFunc(side, func(ref inspect.Ref, _ snapshot.Object) bool {
			return !d.first.Covers(scope, ref.Namespace, ref.ID) || d.other != nil && !d.other.Covers(scope, ref.Namespace, ref.ID)
		})
	}
	return nil
}

func (d *differing) objects(m *snapshot.Manifest) map[inspect.Ref]snapshot.Object {
	all := make(map[inspect.Ref]snapshot.Object, len(m.Objects))
	for _, o := range m.Objects {
		ref := inspect.Ref{Namespace: o.Namespace, ID: o.ID}
		all[ref] = o
		d.labels[ref] = d.now.LabelOf(ref, o.Name)
	}
	return all
}

// refs are the objects that may differ, by their labels.
func (d *differing) refs() []inspect.Ref {
	all := maps.Clone(d.before)
	maps.Copy(all, d.after)
	maps.DeleteFunc(all, func(ref inspect.Ref, _ snapshot.Object) bool { return d.untouched(ref) })
	return slices.SortedFunc(maps.Keys(all), func(a, b inspect.Ref) int {
		return cmp.Or(cmp.Compare(d.labels[a], d.labels[b]), cmp.Compare(a.ID, b.ID))
	})
}

// untouched reports whether both sides have the very same files of an object.
func (d *differing) untouched(ref inspect.Ref) bool {
	before, was := d.before[ref]
	after, is := d.after[ref]
	switch {
	case !was || !is:
		return false
	case d.other != nil:
		return before.Same(after)
	}
	return before.Untouched(state.Folder{Dir: d.now.Project.State})
}

// object compares one object.
func (d *differing) object(ctx context.Context, ref inspect.Ref) (inspect.ObjectDiff, error) {
	o := inspect.ObjectDiff{Ref: ref, Object: d.labels[ref], Change: "changed"}
	before, was := d.before[ref]
	after, is := d.after[ref]
	switch {
	case !was:
		o.Change = "added"
	case !is:
		o.Change = "removed"
	}
	if d.question.Touched {
		return o, ctx.Err()
	}
	err := d.saved(before, was, func(left *sqlite.View) error {
		compare := func(right *sqlite.View) (err error) {
			o.Contrast, err = Compare(ctx, left, right, d.left)
			return err
		}
		if is && d.other == nil {
			return d.now.View(ctx, ref, compare)
		}
		return d.saved(after, is, compare)
	})
	return o, err
}

// saved runs fn with a copy of what a snapshot has of an object, if it has it.
func (d *differing) saved(o snapshot.Object, there bool, fn func(*sqlite.View) error) (err error) {
	if !there {
		return fn(Nothing())
	}
	dir, err := os.MkdirTemp("", "dodev-snapshot-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	if err := d.store.Unpack(o, dir); err != nil {
		return err
	}
	whole, err := sqlite.OpenWhole(sqlite.ObjectPath(dir, o.ID), sqlite.Options{ReadOnly: true})
	if err != nil {
		return err
	}
	v := whole.View()
	return errors.Join(fn(v), v.Close(), whole.Close())
}
