package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/dodev/dodev/devserver/inspect"
)

func newResetCmd(app *app) *cobra.Command {
	yes := false
	cmd := &cobra.Command{
		Use:   "reset [CLASS[/OBJECT]]",
		Short: "Delete local data: all of it, a class's or an object's",
		Long: `Reset deletes the data and alarms of all objects of the project, of those of a class,
or of one object. Snapshots stay.`,
		Example:           "  dodev reset\n  dodev reset ChatRoom --yes\n  dodev reset ChatRoom/lobby",
		Args:              cobra.MaximumNArgs(1),
		ValidArgsFunction: app.completes(anObject, nothing),
		RunE: func(cmd *cobra.Command, args []string) error {
			what := ""
			if len(args) > 0 {
				what = args[0]
			}
			return onProject(app, func(ctx context.Context, out io.Writer, in *inspection) error {
				return reset(ctx, out, in, what, yes)
			})(cmd, args)
		},
	}
	cmd.Flags().BoolVar(&yes, "yes", false, "do not ask")
	return cmd
}

// reset deletes the objects that a text names: all for none.
func reset(ctx context.Context, out io.Writer, in *inspection, what string, yes bool) error {
	s, err := in.snapshot(ctx)
	if err != nil {
		return err
	}
	doomed := s.Objects
	switch {
	case strings.Contains(what, "/"):
		t, err := s.Resolve(what, false)
		if err != nil {
			return err
		}
		doomed = []inspect.Object{{Ref: t.Ref, Label: t.Label}}
	case what != "":
		if doomed, err = ofClass(s, what); err != nil {
			return err
		}
	}
	if len(doomed) == 0 && !in.app.flags.json {
		fmt.Fprintln(in.app.stderr, "nothing to delete in "+in.stateDir)
		return nil
	}
	name := count(len(doomed), "object") + " of " + in.stateDir
	if len(doomed) == 1 {
		name = doomed[0].Label
	}
	if err := in.app.confirm(yes || len(doomed) == 0, "delete "+inspect.Printable(name)); err != nil {
		return err
	}
	gone := []goneJSON{}
	for _, o := range doomed {
		if _, err := in.Act(ctx, inspect.Action{Kind: inspect.Delete, Object: o.Ref}); err != nil && inspect.CodeOf(err) != inspect.NotFound {
			if len(gone) > 0 {
				fmt.Fprintln(in.app.stderr, "deleted "+count(len(gone), "object"))
			}
			return fmt.Errorf("delete %s: %w", o.Label, err)
		}
		gone = append(gone, goneJSON{o.Label, o.Ref.ID})
	}
	if in.app.flags.json {
		return printJSON(out, gone)
	}
	_, err = fmt.Fprintln(out, "deleted "+inspect.Printable(name))
	return err
}

// goneJSON is an object that was deleted, for programs.
type goneJSON struct {
	Object string `json:"object"`
	ID     string `json:"id"`
}
