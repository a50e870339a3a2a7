package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/dodev/dodev/devserver/inspect"
)

func newStorageCmd(app *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "storage",
		Short: "Read and change what objects store under keys",
		Long: `Values are JSON. What JSON has no form for is an object with "$type":
  {"$type":"Date","value":"2026-11-23T12:04:31.884Z"}
  {"$type":"Map","entries":[["key","value"]]}
  {"$type":"Uint8Array","base64":"AQI="}
and so on; docs/reference/control-api.md lists all.

With a server, a change is an event in the object's own queue: nothing of the
object runs meanwhile. Without one it locks the files, and is refused while
another process has them.`,
		Example: "  dodev storage list ChatRoom/lobby\n  dodev storage put ChatRoom/lobby topic '\"welcome\"'",
	}
	cmd.AddCommand(newStorageListCmd(app), newStorageGetCmd(app), newStoragePutCmd(app), newStorageDeleteCmd(app), newStorageHistoryCmd(app), newStorageExportCmd(app), newStorageImportCmd(app))
	return cmd
}

func newStorageListCmd(app *app) *cobra.Command {
	var q inspect.KeyQuery
	cmd := &cobra.Command{
		Use:               "list OBJECT",
		Short:             "List keys with their values, in order",
		Example:           "  dodev storage list ChatRoom/lobby --prefix users: --json",
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: app.completes(anObject, nothing),
		RunE: onObject(app, func(ctx context.Context, out io.Writer, in *inspection, t inspect.Target, _ []string) error {
			if err := checkLimit(q.Limit); err != nil {
				return err
			}
			return listKeys(ctx, out, in, t.Ref, q)
		}),
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringVar(&q.Prefix, "prefix", "", "only keys that begin with this")
	flags.StringVar(&q.Start, "start", "", "first key")
	flags.StringVar(&q.End, "end", "", "key to end before")
	flags.IntVar(&q.Limit, "limit", 0, "how many at most (default: all)")
	flags.BoolVar(&q.Reverse, "reverse", false, "last first")
	flags.StringVar(&q.Search, "search", "", "only pairs whose key or value contains this, in any case")
	return cmd
}

// checkLimit refuses a --limit that is no number of things.
func checkLimit(limit int) error {
	if limit < 0 {
		return misuse{fmt.Errorf("--limit %d is less than none", limit)}
	}
	return nil
}

// pairJSON is a pair for programs.
type pairJSON struct {
	Key       string          `json:"key"`
	Value     json.RawMessage `json:"value"`
	Type      string          `json:"type"`
	SizeBytes int64           `json:"sizeBytes"`
}

// maxBytes is how many of a value's bytes a table shows.
const maxBytes = 24

func listKeys(ctx context.Context, out io.Writer, in *inspection, ref inspect.Ref, q inspect.KeyQuery) error {
	entries, sql, err := allKeys(ctx, in, ref, q)
	if err != nil {
		return err
	}
	if in.app.flags.json {
		list := []pairJSON{}
		for _, e := range entries {
			list = append(list, pairJSON{e.Key, e.Value, e.Type, e.SizeBytes})
		}
		return printJSON(out, list)
	}
	p := in.app.painter(in.app.stdout)
	t := table{heads: []string{"KEY", "TYPE", "SIZE", "VALUE"}, right: []bool{false, false, true}}
	for _, e := range entries {
		value := cell{text: oneLine(e.Preview, maxCell)}
		if digits, ok := e.Hex(maxBytes); ok {
			value.text = digits
		}
		if e.Damaged != "" {
			value = cell{e.Damaged, p.red}
		}
		t.addCells(cell{e.Key, p.accent}, cell{e.Type, p.dim}, cell{text: size(e.SizeBytes)}, value)
	}
	if sql {
		fmt.Fprintln(in.app.stderr, "it has tables, too: dodev sql OBJECT \"SELECT name FROM sqlite_schema\"")
	}
	if len(entries) == 0 {
		fmt.Fprintln(in.app.stderr, "no keys")
		return nil
	}
	return t.print(out, p)
}

// allKeys reads as many pages as there are, or as the limit of q says.
func allKeys(ctx context.Context, in *inspection, ref inspect.Ref, q inspect.KeyQuery) (entries []inspect.Entry, sql bool, err error) {
	limit := q.Limit
	for {
		page, err := in.Keys(ctx, ref, q)
		if err != nil {
			return nil, false, err
		}
		entries = append(entries, page.Entries...)
		if limit > 0 && len(entries) >= limit || !page.More || len(page.Entries) == 0 {
			return entries, page.SQL, nil
		}
		q.After = page.Entries[len(page.Entries)-1].Key
		if limit > 0 {
			q.Limit = limit - len(entries)
		}
	}
}

func newStorageGetCmd(app *app) *cobra.Command {
	return &cobra.Command{
		Use:               "get OBJECT KEY",
		Short:             "Print the value of a key",
		Long:              "Get prints the value under KEY for people, or with --json the value alone as JSON.",
		Example:           "  dodev storage get ChatRoom/lobby users:ann --json",
		Args:              cobra.ExactArgs(2),
		ValidArgsFunction: app.completes(anObject, aKey, nothing),
		RunE: onObject(app, func(ctx context.Context, out io.Writer, in *inspection, t inspect.Target, args []string) error {
			return getKey(ctx, out, in, t, args[0])
		}),
	}
}

func getKey(ctx context.Context, out io.Writer, in *inspection, t inspect.Target, key string) error {
	e, err := in.Entry(ctx, t.Ref, key)
	if err != nil {
		return err
	}
	if e.Damaged != "" {
		return fmt.Errorf("%s, key %q: %s", t.Label, key, e.Damaged)
	}
	if in.app.flags.json {
		return printJSON(out, e.Value)
	}
	node, err := e.Tree()
	if err != nil {
		return err
	}
	printNode(out, in.app.painter(in.app.stdout), node, 0)
	return nil
}

func newStoragePutCmd(app *app) *cobra.Command {
	var expect string
	var fresh bool
	cmd := &cobra.Command{
		Use:   "put OBJECT KEY JSON",
		Short: "Store a value under a key",
		Long: `Put stores JSON, or with - what stands on standard input, under KEY. Given what the
value is expected to be, it is refused when the value is another one by then. With
--json it prints what the value was and is.`,
		Example: `  dodev storage put ChatRoom/lobby topic '"welcome"'
  dodev storage put ChatRoom/lobby topic '"bye"' --expect '"welcome"'`,
		Args:              cobra.ExactArgs(3),
		ValidArgsFunction: app.completes(anObject, aKey, nothing),
		RunE: onObject(app, func(ctx context.Context, out io.Writer, in *inspection, t inspect.Target, args []string) error {
			value, err := app.readArgument(args[1])
			if err != nil {
				return err
			}
			if !json.Valid(value) {
				return misuse{fmt.Errorf("%s is not JSON; a text needs quotes: '\"…\"'", oneLine(string(value), 40))}
			}
			return putKey(ctx, out, in, t, inspect.Change{Key: args[0], Value: value}, expect, fresh)
		}),
	}
	cmd.Flags().StringVar(&expect, "expect", "", "`JSON` that must be stored there now")
	cmd.Flags().BoolVar(&fresh, "new", false, "refuse when the key is there already")
	return cmd
}

func putKey(ctx context.Context, out io.Writer, in *inspection, t inspect.Target, c inspect.Change, expect string, fresh bool) error {
	if fresh && expect != "" {
		return misuse{errors.New("--new and --expect exclude each other")}
	}
	if fresh {
		c.Expect = inspect.Absent
	}
	if expect != "" {
		now, err := in.expecting(ctx, t, c.Key, expect)
		if err != nil {
			return err
		}
		c.Expect = now
	}
	diffs, err := in.Edit(ctx, t.Ref, []inspect.Change{c})
	if err != nil {
		return err
	}
	return in.printEdit(out, diffs, "stored "+inspect.Printable(c.Key)+" in "+inspect.Printable(t.Label))
}

// diffJSON is what became of a key, for programs; null is a value that was, or
// is, not there.
type diffJSON struct {
	Key    string     `json:"key"`
	Before *valueJSON `json:"before"`
	After  *valueJSON `json:"after"`
}

type valueJSON struct {
	Value     json.RawMessage `json:"value"`
	Type      string          `json:"type"`
	SizeBytes int64           `json:"sizeBytes"`
}

// printEdit says what an edit did.
func (in *inspection) printEdit(out io.Writer, diffs []inspect.Diff, did string) error {
	if in.app.flags.json {
		list := make([]diffJSON, len(diffs))
		for i, d := range diffs {
			list[i] = diffJSON{d.Key, valueOf(d.Before), valueOf(d.After)}
		}
		return printJSON(out, list)
	}
	if in.app.flags.quiet {
		return nil
	}
	_, err := fmt.Fprintln(out, did)
	return err
}

func valueOf(e *inspect.Entry) *valueJSON {
	if e == nil {
		return nil
	}
	return &valueJSON{e.Value, e.Type, e.SizeBytes}
}

// expecting is the version of a value, which must be the one that is expected.
func (in *inspection) expecting(ctx context.Context, t inspect.Target, key, want string) (version string, err error) {
	e, err := in.Entry(ctx, t.Ref, key)
	if err != nil {
		return "", err
	}
	same, err := sameJSON(e.Value, []byte(want))
	if err != nil {
		return "", misuse{fmt.Errorf("--expect: %w", err)}
	}
	if !same {
		return "", &inspect.Error{Code: inspect.Conflict, Message: fmt.Sprintf("%q is not what was expected: it is %s", key, e.Preview), Now: &e}
	}
	return e.Version, nil
}

func newStorageDeleteCmd(app *app) *cobra.Command {
	return &cobra.Command{
		Use:               "delete OBJECT KEY…",
		Short:             "Delete keys, all or none",
		Example:           "  dodev storage delete ChatRoom/lobby users:ann users:bob",
		Args:              cobra.MinimumNArgs(2),
		ValidArgsFunction: app.completes(anObject, aKey),
		RunE: onObject(app, func(ctx context.Context, out io.Writer, in *inspection, t inspect.Target, keys []string) error {
			return deleteKeys(ctx, out, in, t, keys)
		}),
	}
}

func deleteKeys(ctx context.Context, out io.Writer, in *inspection, t inspect.Target, keys []string) error {
	var changes []inspect.Change
	for _, key := range keys {
		e, err := in.Entry(ctx, t.Ref, key)
		if err != nil {
			return err
		}
		changes = append(changes, inspect.Change{Key: key, Expect: e.Version})
	}
	diffs, err := in.Edit(ctx, t.Ref, changes)
	if err != nil {
		return err
	}
	return in.printEdit(out, diffs, "deleted "+count(len(keys), "key")+" from "+inspect.Printable(t.Label))
}
