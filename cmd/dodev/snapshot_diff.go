package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/dodev/dodev/devserver/inspect"
	"github.com/dodev/dodev/devserver/inspect/files"
	"github.com/dodev/dodev/emulator/names"
	"github.com/dodev/dodev/emulator/object"
	"github.com/dodev/dodev/sqlite/snapshot"
	"github.com/dodev/dodev/sqlite/state"
)

func newSnapshotDiffCmd(app *app) *cobra.Command {
	return &cobra.Command{
		Use:   "diff NAME [OTHER]",
		Short: "Show what differs between a snapshot and another, or what is stored now",
		Long: `Diff shows the keys and rows that differ: those that only the snapshot has with -,
those that only the other one has, or what is stored now, with +.`,
		Example: "  dodev snapshot diff before-the-demo\n  dodev snapshot diff monday tuesday --json",
		Args:    cobra.RangeArgs(1, 2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return onProject(app, func(ctx context.Context, out io.Writer, in *inspection) error {
				diffs, err := in.diffSnapshots(ctx, args)
				if err != nil {
					return err
				}
				if app.flags.json {
					return printJSON(out, append([]objectDiff{}, diffs...))
				}
				p := app.painter(app.stdout)
				for _, d := range diffs {
					d.print(out, p)
				}
				if len(diffs) == 0 {
					fmt.Fprintln(app.stderr, "nothing differs")
				}
				return nil
			})(cmd, args)
		},
	}
}

// diffSnapshots compares a snapshot with another one, or with what is stored.
func (in *inspection) diffSnapshots(ctx context.Context, args []string) (diffs []objectDiff, err error) {
	all, err := in.Snapshot(ctx)
	if err != nil {
		return nil, err
	}
	store := snapshot.Store{Dir: all.Project.SnapshotDir()}
	m, err := store.Load(args[0])
	if err != nil {
		return nil, err
	}
	folder := state.Folder{Dir: all.Project.State}
	after, differs, done := inspect.Inspector(in.Inspector), func(o snapshot.Object) bool { return !o.Untouched(folder) }, func() error { return nil }
	covered := func(inspect.Ref) bool { return true }
	if len(args) > 1 {
		other, err := store.Load(args[1])
		if err != nil {
			return nil, err
		}
		differs = func(o snapshot.Object) bool { return !sameFiles(o, other) }
		covered = func(ref inspect.Ref) bool { return other.Covers(snapshot.Scope{}, ref.Namespace, ref.ID) }
		if after, done, err = unpacked(store, other, func(o snapshot.Object) bool { return !sameFiles(o, m) }); err != nil {
			return nil, err
		}
	}
	defer func() { err = errors.Join(err, done()) }()
	before, release, err := unpacked(store, m, differs)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, release()) }()
	c := comparison{before: before, after: after, of: func(ref inspect.Ref) bool {
		o, ok := m.Find(ref.Namespace, ref.ID)
		return covered(ref) && m.Covers(snapshot.Scope{}, ref.Namespace, ref.ID) && (!ok || differs(o))
	}}
	return c.run(ctx)
}

// sameFiles reports whether another snapshot has the very same files of an
// object.
func sameFiles(o snapshot.Object, other *snapshot.Manifest) bool {
	there, ok := other.Find(o.Namespace, o.ID)
	if !ok || len(there.Files) != len(o.Files) {
		return false
	}
	for i, f := range o.Files {
		if there.Files[i].Name != f.Name || there.Files[i].Sum != f.Sum {
			return false
		}
	}
	return true
}

// unpacked is a look into a snapshot's files, which are removed by done.
func unpacked(s snapshot.Store, m *snapshot.Manifest, only func(snapshot.Object) bool) (in inspect.Inspector, done func() error, err error) {
	dir, err := os.MkdirTemp("", "dodev-snapshot-")
	if err != nil {
		return nil, nil, err
	}
	if err := s.Extract(m, state.Folder{Dir: dir}, only); err != nil {
		return nil, nil, errors.Join(err, os.RemoveAll(dir))
	}
	if err := rememberNames(m, dir); err != nil {
		return nil, nil, errors.Join(err, os.RemoveAll(dir))
	}
	folder := files.Open(inspect.Project{State: dir}, dir)
	return folder, func() error { return errors.Join(folder.Close(), os.RemoveAll(dir)) }, nil
}

// rememberNames has a state folder know what the objects of a snapshot are
// called.
func rememberNames(m *snapshot.Manifest, dir string) error {
	book := names.Open(names.Dir(dir))
	for _, o := range m.Objects {
		if id, err := object.Decode(o.ID); err == nil {
			book.Note(object.Ref{Namespace: o.Namespace, ID: id, Name: o.Name})
		}
	}
	return book.Close()
}
