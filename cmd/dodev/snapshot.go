package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/dodev/dodev/devserver/inspect"
	"github.com/dodev/dodev/sqlite/snapshot"
)

func newSnapshotCmd(app *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "snapshot",
		Short: "Keep copies of what is stored, and go back to them",
		Long: `A snapshot is a copy of everything that is stored, of a class or of one object, as
it was at one instant, also while a server runs. Snapshots share what has not
changed between them. They lie in .dodev/snapshots beside the configuration, so
that they outlive a reset.

Without a subcommand it lists them.`,
		Example: "  dodev snapshot save before-the-demo\n  dodev snapshot restore before-the-demo ChatRoom/lobby",
		RunE:    onKept(app, listSnapshots(app)),
	}
	cmd.AddCommand(
		newSnapshotSaveCmd(app), newSnapshotListCmd(app), newSnapshotShowCmd(app), newSnapshotDiffCmd(app), newSnapshotRestoreCmd(app),
		newSnapshotDeleteCmd(app), newSnapshotExportCmd(app), newSnapshotImportCmd(app),
	)
	return cmd
}

// snapshots is the project's store of snapshots.
func (in *inspection) snapshots(ctx context.Context) (snapshot.Store, error) {
	s, err := in.Snapshot(ctx)
	return snapshot.Store{Dir: s.Project.SnapshotDir()}, err
}

// onSnapshots makes a command's RunE of what it does with the project's
// snapshots, which takes no server.
func onSnapshots(app *app, do func(ctx context.Context, out io.Writer, s snapshot.Store, args []string) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		in, err := app.quietInspection(cmd.Context())
		if err != nil {
			return err
		}
		defer in.close()
		s, err := in.snapshots(cmd.Context())
		if err != nil {
			return err
		}
		return do(cmd.Context(), cmd.OutOrStdout(), s, args)
	}
}

// onKept makes a command's RunE of what it does with snapshots, which are the
// same with a server and without one.
func onKept(app *app, do func(ctx context.Context, out io.Writer, in *inspection) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, _ []string) error {
		in, err := app.quietInspection(cmd.Context())
		if err != nil {
			return err
		}
		defer in.close()
		return do(cmd.Context(), cmd.OutOrStdout(), in)
	}
}

// saving is the snapshot, and the scope, that arguments name. To be restored an
// object need not be there any more.
func (in *inspection) saving(ctx context.Context, args []string, mayBeGone bool) (inspect.Saving, error) {
	s := inspect.Saving{Name: args[0]}
	if err := snapshot.CheckName(s.Name); err != nil {
		return s, misuse{err}
	}
	if len(args) < 2 {
		return s, nil
	}
	if strings.Contains(args[1], "/") {
		t, err := in.find(ctx, args[1], mayBeGone)
		s.Namespace, s.ID = t.Ref.Namespace, t.Ref.ID
		return s, err
	}
	all, err := in.snapshot(ctx)
	if err != nil {
		return s, err
	}
	spaces, err := all.Spaces(args[1])
	if err != nil {
		return s, err
	}
	s.Namespace = spaces[0].Key
	return s, nil
}

func newSnapshotSaveCmd(app *app) *cobra.Command {
	return &cobra.Command{
		Use:               "save NAME [CLASS[/OBJECT]]",
		ValidArgsFunction: app.completes(nothing, anObject, nothing),
		Short:             "Keep a copy of everything, of a class or of an object",
		Example:           "  dodev snapshot save before-the-demo\n  dodev snapshot save lobby-full ChatRoom/lobby",
		Args:              cobra.RangeArgs(1, 2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return onProject(app, func(ctx context.Context, out io.Writer, in *inspection) error {
				s, err := in.saving(ctx, args, false)
				if err != nil {
					return err
				}
				kept, err := in.Keep(ctx, s)
				if err != nil {
					return err
				}
				if app.flags.json {
					return printJSON(out, kept)
				}
				fmt.Fprintf(out, "saved %s: %s, %s\n", kept.Name, count(kept.Objects, "object"), size(kept.Bytes))
				return nil
			})(cmd, args)
		},
	}
}

func newSnapshotRestoreCmd(app *app) *cobra.Command {
	yes := false
	cmd := &cobra.Command{
		Use:               "restore NAME [CLASS[/OBJECT]]",
		ValidArgsFunction: app.completes(aSnapshot, anObject, nothing),
		Short:             "Go back to a snapshot, or to what it has of a class or object",
		Long: `Restore puts back what a snapshot has, and removes what came since, wholly or not
at all. A server need not be stopped: objects that it is about end, and begin
anew with the next event that reaches them.`,
		Example: "  dodev snapshot restore before-the-demo\n  dodev snapshot restore before-the-demo ChatRoom/lobby --yes",
		Args:    cobra.RangeArgs(1, 2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return onProject(app, func(ctx context.Context, out io.Writer, in *inspection) error {
				s, err := in.saving(ctx, args, true)
				if err != nil {
					return err
				}
				what := "everything that is stored"
				if len(args) > 1 {
					what = "what is stored of " + args[1]
				}
				if err := app.confirm(yes, "replace "+what); err != nil {
					return err
				}
				return in.restore(ctx, out, s)
			})(cmd, args)
		},
	}
	cmd.Flags().BoolVarP(&yes, "yes", "y", false, "do not ask")
	return cmd
}

func (in *inspection) restore(ctx context.Context, out io.Writer, s inspect.Saving) error {
	r, err := in.Restore(ctx, s)
	if err != nil {
		return err
	}
	if in.app.flags.json {
		return printJSON(out, r)
	}
	fmt.Fprintf(out, "restored %s: %s, of which %d had changed", s.Name, count(r.Objects, "object"), r.Written)
	if r.Removed > 0 {
		fmt.Fprintf(out, "; %s removed that came since", count(r.Removed, "object"))
	}
	fmt.Fprintln(out)
	return nil
}

func newSnapshotDeleteCmd(app *app) *cobra.Command {
	yes := false
	cmd := &cobra.Command{
		Use:               "delete NAME",
		ValidArgsFunction: app.completes(aSnapshot, nothing),
		Short:             "Delete a snapshot",
		Example:           "  dodev snapshot delete before-the-demo --yes",
		Args:              cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return onKept(app, func(ctx context.Context, out io.Writer, in *inspection) error {
				_, err := in.Contents(ctx, args[0])
				if code := inspect.CodeOf(err); code == inspect.NotFound || code == inspect.Invalid {
					return err
				}
				if err := app.confirm(yes, "delete the snapshot "+args[0]); err != nil {
					return err
				}
				if err := in.Discard(ctx, args[0]); err != nil {
					return err
				}
				fmt.Fprintln(out, "deleted "+args[0])
				return nil
			})(cmd, args)
		},
	}
	cmd.Flags().BoolVarP(&yes, "yes", "y", false, "do not ask")
	return cmd
}

func newSnapshotListCmd(app *app) *cobra.Command {
	return &cobra.Command{
		Use:     "list",
		Short:   "List snapshots, the latest first",
		Example: "  dodev snapshot list\n  dodev snapshot list --json",
		Args:    cobra.NoArgs,
		RunE:    onKept(app, listSnapshots(app)),
	}
}

func listSnapshots(app *app) func(ctx context.Context, out io.Writer, in *inspection) error {
	return func(ctx context.Context, out io.Writer, in *inspection) error {
		all, err := in.Snapshots(ctx)
		if err != nil {
			return err
		}
		sound, err := readable(all)
		if app.flags.json {
			return errors.Join(printJSON(out, sound), err)
		}
		t := table{heads: []string{"NAME", "OBJECTS", "SIZE", "TAKEN"}, right: []bool{false, true, true}}
		for _, k := range sound {
			t.add(k.Name, fmt.Sprint(k.Objects), size(k.Bytes), relative(k.At, time.Now()))
		}
		if len(all) == 0 {
			fmt.Fprintln(app.stderr, "there are no snapshots")
			return nil
		}
		return errors.Join(t.print(out, app.painter(app.stdout)), err)
	}
}

// readable are the snapshots that can be read; the error tells of the others.
func readable(all []inspect.Kept) (sound []inspect.Kept, err error) {
	sound = []inspect.Kept{}
	for _, k := range all {
		if k.Problem != "" {
			err = errors.Join(err, errors.New(k.Problem))
			continue
		}
		sound = append(sound, k)
	}
	return sound, err
}

// savedObjectJSON is an object of a snapshot for programs.
type savedObjectJSON struct {
	Namespace string     `json:"namespace"`
	ID        string     `json:"id"`
	Name      string     `json:"name"`
	SizeBytes int64      `json:"sizeBytes"`
	Alarm     *time.Time `json:"alarm"`
}

func newSnapshotShowCmd(app *app) *cobra.Command {
	return &cobra.Command{
		Use:               "show NAME",
		ValidArgsFunction: app.completes(aSnapshot, nothing),
		Short:             "List the objects of a snapshot",
		Example:           "  dodev snapshot show before-the-demo",
		Args:              cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return onKept(app, func(ctx context.Context, out io.Writer, in *inspection) error {
				c, err := in.Contents(ctx, args[0])
				if err != nil {
					return err
				}
				return showSnapshot(out, app, c)
			})(cmd, args)
		},
	}
}

func showSnapshot(out io.Writer, app *app, c inspect.Contents) error {
	list := []savedObjectJSON{}
	t := table{heads: []string{"OBJECT", "SIZE", "ALARM"}, right: []bool{false, true}}
	for _, o := range c.Has {
		list = append(list, savedObjectJSON{o.Ref.Namespace, o.Ref.ID, o.Name, o.Bytes, o.Alarm})
		label, alarm := o.Object, "–"
		if o.Name == "" {
			label = strings.TrimSuffix(label, o.Ref.ID) + o.Ref.ID[:shortID]
		}
		if o.Alarm != nil {
			alarm = isoTime(*o.Alarm)
		}
		t.add(label, size(o.Bytes), alarm)
	}
	if app.flags.json {
		return printJSON(out, list)
	}
	fmt.Fprintf(app.stderr, "%s, taken %s of %s\n", c.Kept.Name, isoTime(c.At), inside(workDir(), c.State))
	return t.print(out, app.painter(app.stdout))
}
