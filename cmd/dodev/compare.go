package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"

	"github.com/dodev/dodev/devserver/inspect"
)

// An objectDiff is what differs between two states of an object.
type objectDiff struct {
	Object string `json:"object"`
	Change string `json:"change"` // added, removed or changed
	inspect.Contrast
}

// A comparison compares what two inspectors see.
type comparison struct {
	before, after inspect.Inspector
	of            func(inspect.Ref) bool
}

func (c comparison) run(ctx context.Context) ([]objectDiff, error) {
	before, err := c.objects(ctx, c.before)
	if err != nil {
		return nil, err
	}
	after, err := c.objects(ctx, c.after)
	if err != nil {
		return nil, err
	}
	all := map[inspect.Ref]string{}
	for ref, label := range before {
		all[ref] = label
	}
	for ref, label := range after {
		all[ref] = label
	}
	refs := make([]inspect.Ref, 0, len(all))
	for ref := range all {
		refs = append(refs, ref)
	}
	slices.SortFunc(refs, func(a, b inspect.Ref) int { return cmp.Or(cmp.Compare(all[a], all[b]), cmp.Compare(a.ID, b.ID)) })
	var diffs []objectDiff
	for _, ref := range refs {
		d, err := c.object(ctx, ref)
		if err != nil {
			return nil, fmt.Errorf("compare %s: %w", all[ref], err)
		}
		d.Object, d.Change = all[ref], "changed"
		if _, was := before[ref]; !was {
			d.Change = "added"
		} else if _, is := after[ref]; !is {
			d.Change = "removed"
		}
		if d.Change != "changed" || !d.None() {
			diffs = append(diffs, d)
		}
	}
	return diffs, nil
}

// objects are those to compare that an inspector sees, with their labels.
func (c comparison) objects(ctx context.Context, in inspect.Inspector) (map[inspect.Ref]string, error) {
	s, err := in.Snapshot(ctx)
	if err != nil {
		return nil, err
	}
	labels := map[inspect.Ref]string{}
	for _, o := range s.Objects {
		if c.of(o.Ref) && o.SizeBytes > 0 {
			labels[o.Ref] = o.Label
		}
	}
	return labels, nil
}

func (c comparison) object(ctx context.Context, ref inspect.Ref) (d objectDiff, err error) {
	d.Contrast, err = inspect.Compare(sight{ctx, c.before, ref}, sight{ctx, c.after, ref})
	return d, err
}

// A sight is what an inspector sees of an object.
type sight struct {
	ctx context.Context
	in  inspect.Inspector
	ref inspect.Ref
}

// Keys implements inspect.Sight.
func (s sight) Keys(q inspect.KeyQuery) (inspect.KeyPage, error) { return s.in.Keys(s.ctx, s.ref, q) }

// Schema implements inspect.Sight.
func (s sight) Schema() (inspect.Schema, error) { return s.in.Schema(s.ctx, s.ref) }

// SQL implements inspect.Sight.
func (s sight) SQL(q inspect.SQLQuery) (inspect.SQLResult, error) { return s.in.SQL(s.ctx, s.ref, q) }

// shownRows is how many rows of a table people are shown.
const shownRows = 20

// print shows the difference to people.
func (d objectDiff) print(w io.Writer, p painter) {
	head := d.Object
	if d.Change != "changed" {
		head += "  " + d.Change
	}
	fmt.Fprintln(w, p.bold(head))
	line := func(mark, key string, e *inspect.Entry, paint func(string) string) {
		if e != nil {
			fmt.Fprintln(w, paint(fmt.Sprintf("  %s %s: %s", mark, key, e.Preview)))
		}
	}
	for _, k := range d.Keys {
		line("-", k.Key, k.Before, p.red)
		line("+", k.Key, k.After, p.green)
	}
	rows := func(mark string, list []string, paint func(string) string) {
		for _, row := range list[:min(len(list), shownRows)] {
			fmt.Fprintln(w, paint("    "+mark+" "+oneLine(row, maxCell)))
		}
		if more := len(list) - shownRows; more > 0 {
			fmt.Fprintln(w, paint(fmt.Sprintf("    %s and %s more", mark, count(more, "row"))))
		}
	}
	for _, t := range d.Tables {
		fmt.Fprintln(w, "  "+t.Table)
		rows("-", t.Removed, p.red)
		rows("+", t.Added, p.green)
	}
}
