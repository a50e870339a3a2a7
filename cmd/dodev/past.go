package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"time"

	"github.com/spf13/cobra"

	"github.com/dodev/dodev/devserver/inspect"
	"github.com/dodev/dodev/emulator/object"
)

func newStorageHistoryCmd(app *app) *cobra.Command {
	limit, changes := 0, false
	cmd := &cobra.Command{
		Use:   "history OBJECT",
		Short: "List what was written, newest first",
		Long: `History lists the commits of an object that are kept: those of 30 days, or the
latest 64 MiB of changes. A bookmark is of what was stored then; dodev restore
goes back to it. With --changes each is followed by the keys and rows it changed.`,
		Example:           "  dodev storage history ChatRoom/lobby --limit 20\n  dodev storage history ChatRoom/lobby --limit 5 --changes",
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: app.completes(anObject, nothing),
		RunE: onAnyObject(app, func(ctx context.Context, out io.Writer, in *inspection, t inspect.Target, _ []string) error {
			if err := checkLimit(limit); err != nil {
				return err
			}
			if changes {
				return listChanges(ctx, out, in, t, limit)
			}
			return listHistory(ctx, out, in, t, limit)
		}),
	}
	cmd.Flags().IntVar(&limit, "limit", 0, "how many at most (default: all)")
	cmd.Flags().BoolVar(&changes, "changes", false, "show what each one changed")
	return cmd
}

// history is what is kept of an object's past. That something is missing of it
// is said.
func (in *inspection) history(ctx context.Context, t inspect.Target, limit int) (inspect.History, error) {
	h, err := in.History(ctx, t.Ref, limit)
	if err != nil {
		return h, ofObject(t, err)
	}
	if !h.More && !h.Complete {
		fmt.Fprintf(in.app.stderr, "its history begins at %s; what was before is not kept\n", h.Begins.Format(time.RFC3339))
	}
	if len(h.Commits) == 0 && !in.app.flags.json {
		fmt.Fprintln(in.app.stderr, "nothing was written since")
	}
	return h, nil
}

// commitJSON is a commit with what it changed for programs.
type commitJSON struct {
	inspect.Commit
	Changes inspect.Contrast `json:"changes"`
}

// listChanges shows what each commit changed.
func listChanges(ctx context.Context, out io.Writer, in *inspection, t inspect.Target, limit int) error {
	h, err := in.history(ctx, t, limit)
	if err != nil {
		return err
	}
	list, p := []commitJSON{}, in.app.painter(in.app.stdout)
	for _, c := range h.Commits {
		from, to := inspect.Moment{Bookmark: c.Before}, inspect.Moment{Bookmark: c.Bookmark}
		changes, err := in.Between(ctx, inspect.Stretch{Object: t.Ref, From: from, To: to})
		if err != nil {
			return ofObject(t, err)
		}
		if in.app.flags.json {
			list = append(list, commitJSON{c, changes})
			continue
		}
		head := c.At.Format("2006-01-02T15:04:05.000Z") + "  " + string(c.Kind) + "  " + c.Bookmark
		printDiff(out, p, inspect.ObjectDiff{Object: head, Change: "changed", Contrast: changes})
	}
	if in.app.flags.json {
		return printJSON(out, list)
	}
	return nil
}

func listHistory(ctx context.Context, out io.Writer, in *inspection, t inspect.Target, limit int) error {
	h, err := in.history(ctx, t, limit)
	if err != nil {
		return err
	}
	if in.app.flags.json {
		return printJSON(out, h.Commits)
	}
	if len(h.Commits) == 0 {
		return nil
	}
	p := in.app.painter(in.app.stdout)
	rows := table{heads: []string{"TIME", "KIND", "CHANGED", "STORED", "BOOKMARK"}, right: []bool{false, false, true, true}}
	for _, c := range h.Commits {
		rows.addCells(
			cell{text: c.At.Format("2006-01-02T15:04:05.000Z")}, cell{string(c.Kind), p.dim},
			cell{text: size(c.BytesChanged)}, cell{text: size(c.SizeBytes)}, cell{c.Bookmark, p.accent},
		)
	}
	return rows.print(out, p)
}

// ofObject says of which object an error is.
func ofObject(t inspect.Target, err error) error {
	if e, ok := errors.AsType[*inspect.Error](err); ok && e.Code == inspect.Unavailable && !t.Found {
		return &inspect.Error{Code: inspect.NotFound, Message: "no object " + t.Label + ", and nothing is known of its past"}
	}
	return fmt.Errorf("%s: %w", t.Label, err)
}

// bookmarkForm is how bookmarks are written.
var bookmarkForm = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{32}$`)

// moment reads --at: a bookmark, a time, or how long ago.
func moment(text string, now time.Time) (inspect.Moment, error) {
	if bookmarkForm.MatchString(text) {
		return inspect.Moment{Bookmark: text}, nil
	}
	at, err := ago(text, now)
	if err != nil {
		return inspect.Moment{}, misuse{fmt.Errorf("--at: %q is no bookmark, and no time such as 2026-11-23T12:00:00Z or -5m", text)}
	}
	if at.After(now) {
		return inspect.Moment{}, misuse{fmt.Errorf("--at: %s is yet to come", at.UTC().Format(time.RFC3339))}
	}
	return inspect.Moment{At: at}, nil
}

func newRestoreCmd(app *app) *cobra.Command {
	var r rewinding
	cmd := &cobra.Command{
		Use:   "restore OBJECT --at TIME|BOOKMARK|-5m",
		Short: "Take an object back in time",
		Long: `Restore shows what would change, asks, and takes an object back to what it had
stored at a time or a bookmark, its facets and its alarm included. It prints the
bookmark that undoes it.

A server need not be stopped: the object's instance and its sockets end, and the
next event finds the storage as it was. dodev storage history lists the bookmarks
there are; dodev snapshot restore is for more than one object.`,
		Example: `  dodev restore ChatRoom/lobby --at -5m
  dodev restore ChatRoom/lobby --at 2026-11-23T12:04:31Z --dry-run`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: app.completes(anObject, nothing),
		RunE: func(cmd *cobra.Command, args []string) error {
			if r.at == "" {
				return misuse{errors.New("say with --at what to go back to: a time, a bookmark, or how long ago, such as -5m")}
			}
			m, err := moment(r.at, time.Now())
			if err != nil {
				return err
			}
			return onAnyObject(app, func(ctx context.Context, out io.Writer, in *inspection, t inspect.Target, _ []string) error {
				return r.run(ctx, out, in, t, m)
			})(cmd, args)
		},
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringVar(&r.at, "at", "", "`moment` to go back to: a time, a bookmark, or how long ago")
	flags.BoolVar(&r.dryRun, "dry-run", false, "only show what would change")
	flags.BoolVarP(&r.yes, "yes", "y", false, "do not ask")
	return cmd
}

// A rewinding is how an object is to go back in time.
type rewinding struct {
	at          string
	dryRun, yes bool
}

// rewoundJSON is for programs what going back in time did, or would do.
type rewoundJSON struct {
	Object   string `json:"object"`
	Bookmark string `json:"bookmark"`       // that it went back to
	Undo     string `json:"undo,omitempty"` // the bookmark that undoes it
	inspect.Contrast
}

func (r rewinding) run(ctx context.Context, out io.Writer, in *inspection, t inspect.Target, m inspect.Moment) error {
	past, err := in.Past(ctx, t.Ref, m)
	if err != nil {
		return ofObject(t, err)
	}
	if !in.app.flags.json {
		in.showPast(out, t, past)
	}
	did := rewoundJSON{Object: t.Label, Bookmark: past.Bookmark, Contrast: past.Contrast}
	if !r.dryRun {
		if err := in.app.confirm(r.yes, "take "+t.Label+" back"); err != nil {
			return err
		}
		rewound, err := in.Rewind(ctx, t.Ref, past.Bookmark)
		if err != nil {
			return ofObject(t, err)
		}
		did.Undo = rewound.Undo
	}
	switch {
	case in.app.flags.json:
		return printJSON(out, did)
	case !r.dryRun:
		fmt.Fprintf(out, "restored %s\nundo with: dodev restore %s --at %s\n", t.Label, t.Label, did.Undo)
	}
	return nil
}

// showPast shows what going back would change.
func (in *inspection) showPast(out io.Writer, t inspect.Target, past inspect.Past) {
	if past.None() {
		fmt.Fprintln(in.app.stderr, "nothing of "+t.Label+" was otherwise then")
		return
	}
	printDiff(out, in.app.painter(in.app.stdout), inspect.ObjectDiff{Object: t.Label, Change: "changed", Contrast: past.Contrast})
}

func newForkCmd(app *app) *cobra.Command {
	at := ""
	cmd := &cobra.Command{
		Use:   "fork OBJECT NEW-NAME",
		Short: "Make a new object of what another one has stored",
		Long: `Fork makes an object of the same class under another name, with what the object
has stored now, or had at a time or a bookmark: its facets and its alarm included.
It is refused when there is an object of that name.`,
		Example:           "  dodev fork ChatRoom/lobby lobby-copy\n  dodev fork ChatRoom/lobby lobby-before --at -5m",
		Args:              cobra.ExactArgs(2),
		ValidArgsFunction: app.completes(anObject, nothing),
		RunE: func(cmd *cobra.Command, args []string) error {
			m := inspect.Moment{}
			if at != "" {
				var err error
				if m, err = moment(at, time.Now()); err != nil {
					return err
				}
			}
			if args[1] == "" {
				return misuse{errors.New("the new object needs a name")}
			}
			return onObject(app, func(ctx context.Context, out io.Writer, in *inspection, t inspect.Target, args []string) error {
				return fork(ctx, out, in, t, args[0], m)
			})(cmd, args)
		},
	}
	cmd.Flags().StringVar(&at, "at", "", "`moment` to copy from: a time, a bookmark, or how long ago (default: now)")
	return cmd
}

func fork(ctx context.Context, out io.Writer, in *inspection, t inspect.Target, name string, m inspect.Moment) error {
	s, err := in.snapshot(ctx)
	if err != nil {
		return err
	}
	f := inspect.Forking{Object: t.Ref, Name: name, Moment: m, New: inspect.Ref{Namespace: t.Ref.Namespace}}
	for _, ns := range s.Namespaces {
		if ns.Key == t.Ref.Namespace {
			f.New.ID = object.NewNamespace(ns.Script, ns.Class).FromName(name).String()
		}
	}
	for _, o := range s.Objects {
		if o.State == inspect.Stored && o.SizeBytes == 0 {
			continue // its alarm was entered by a process that was killed before it made the object
		}
		if o.Ref == f.New || o.Ref.Namespace == t.Ref.Namespace && o.Name == name {
			return &inspect.Error{Code: inspect.Conflict, Message: o.Label + ": there is an object of that name already"}
		}
	}
	forked, err := in.Fork(ctx, f)
	if err != nil {
		return ofObject(t, err)
	}
	o := forked.Object
	if in.app.flags.json {
		return printJSON(out, objectJSON{o.Class, o.Binding, o.ID, o.Name, string(o.State), o.SizeBytes, o.Sockets, o.NextAlarm})
	}
	fmt.Fprintf(out, "forked %s as %s: %s\n", t.Label, o.Label, size(o.SizeBytes))
	return nil
}
