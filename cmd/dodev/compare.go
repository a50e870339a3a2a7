package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/dodev/dodev/devserver/inspect"
)

// An objectDiff is what differs between two states of an object.
type objectDiff struct {
	Object string         `json:"object"`
	Change string         `json:"change"` // added, removed or changed
	Keys   []inspect.Diff `json:"keys,omitempty"`
	Tables []tableDiff    `json:"tables,omitempty"`
}

// A tableDiff is what differs between two states of a table. Rows are shown up
// to some number.
type tableDiff struct {
	Table   string   `json:"table"`
	Added   []string `json:"added,omitempty"` // rows as JSON arrays
	Removed []string `json:"removed,omitempty"`
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
		if d.Change != "changed" || len(d.Keys)+len(d.Tables) > 0 {
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
	if d.Keys, err = c.keys(ctx, ref); err != nil {
		return d, err
	}
	d.Tables, err = c.tables(ctx, ref)
	return d, err
}

// keys compares the pairs, both sides in order.
func (c comparison) keys(ctx context.Context, ref inspect.Ref) ([]inspect.Diff, error) {
	before, err := allEntries(ctx, c.before, ref)
	if err != nil {
		return nil, err
	}
	after, err := allEntries(ctx, c.after, ref)
	if err != nil {
		return nil, err
	}
	var diffs []inspect.Diff
	for len(before) > 0 || len(after) > 0 {
		var d inspect.Diff
		switch {
		case len(after) == 0 || len(before) > 0 && before[0].Key < after[0].Key:
			d, before = inspect.Diff{Key: before[0].Key, Before: &before[0]}, before[1:]
		case len(before) == 0 || after[0].Key < before[0].Key:
			d, after = inspect.Diff{Key: after[0].Key, After: &after[0]}, after[1:]
		default:
			d = inspect.Diff{Key: after[0].Key, Before: &before[0], After: &after[0]}
			before, after = before[1:], after[1:]
			if d.Before.Version == d.After.Version {
				continue
			}
		}
		diffs = append(diffs, d)
	}
	return diffs, nil
}

func allEntries(ctx context.Context, in inspect.Inspector, ref inspect.Ref) ([]inspect.Entry, error) {
	var all []inspect.Entry
	q := inspect.KeyQuery{}
	for {
		page, err := in.Keys(ctx, ref, q)
		if inspect.CodeOf(err) == inspect.NotFound {
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

// tables compares the rows of all tables.
func (c comparison) tables(ctx context.Context, ref inspect.Ref) ([]tableDiff, error) {
	before, err := allRows(ctx, c.before, ref)
	if err != nil {
		return nil, err
	}
	after, err := allRows(ctx, c.after, ref)
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
	var diffs []tableDiff
	for name := range names {
		d := tableDiff{Table: name, Removed: missing(before[name], after[name]), Added: missing(after[name], before[name])}
		if len(d.Removed)+len(d.Added) > 0 {
			diffs = append(diffs, d)
		}
	}
	slices.SortFunc(diffs, func(a, b tableDiff) int { return cmp.Compare(a.Table, b.Table) })
	return diffs, nil
}

// allRows are the rows of an object's tables, each as JSON.
func allRows(ctx context.Context, in inspect.Inspector, ref inspect.Ref) (map[string][]string, error) {
	schema, err := in.Schema(ctx, ref)
	if inspect.CodeOf(err) == inspect.NotFound || inspect.CodeOf(err) == inspect.Unavailable {
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
		result, err := in.SQL(ctx, ref, inspect.SQLQuery{SQL: `SELECT * FROM "` + strings.ReplaceAll(t.Name, `"`, `""`) + `"`, Limit: 1 << 20})
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
			fmt.Fprintln(w, paint("    "+mark+" "+row))
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
