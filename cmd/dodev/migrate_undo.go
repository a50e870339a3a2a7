package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/dodev/dodev/devserver/inspect"
)

func newMigrateUndoCmd(app *app) *cobra.Command {
	yes := false
	cmd := &cobra.Command{
		Use:   "undo",
		Short: "Return to what was there before the last migrations were applied",
		Long: `Undo puts back what was stored before migrations were applied last, and what the
ledger said. What was stored since in the classes that they touched is lost; it
is kept as a snapshot, like what apply found.

A server that runs goes on with the code that is saved or, while that asks for
the same migrations again, with the code it ran before they were applied.`,
		Example: "  dodev migrate undo",
		Args:    cobra.NoArgs,
		RunE: onMigrations(app, func(ctx context.Context, out io.Writer, in *inspection) error {
			return undoMigrations(ctx, out, in, yes)
		}),
	}
	cmd.Flags().BoolVarP(&yes, "yes", "y", false, "do not ask")
	return cmd
}

func undoMigrations(ctx context.Context, w io.Writer, in *inspection, yes bool) error {
	status, err := in.MigrationStatus(ctx)
	if err != nil {
		return err
	}
	if status.WhyNoUndo != "" {
		return hinted{errors.New(status.WhyNoUndo), undoHint(status)}
	}
	last := status.Applied[len(status.Applied)-1]
	what := fmt.Sprintf("return to what there was before %s, %s", describeSteps(last.Steps), relative(last.At, time.Now()))
	if err := in.app.confirm(yes, what); err != nil {
		return err
	}
	done, err := in.UndoMigrations(ctx)
	if err != nil {
		return err
	}
	if in.app.flags.json {
		return printLine(w, done)
	}
	fmt.Fprintf(w, "undone: %s as before\n", count(done.Objects, "object"))
	fmt.Fprintf(in.app.stderr, "what was there until now is the snapshot %s\n", done.Snapshot)
	if done.Held {
		fmt.Fprintln(in.app.stderr, "the server went back to the code before; what is saved waits until `dodev migrate apply`")
	}
	return nil
}

// undoHint says what to do where nothing can be undone: something when the
// snapshot is missing.
func undoHint(status inspect.MigrationStatus) string {
	n := len(status.Applied)
	if n == 0 || status.Applied[n-1].Snapshot == "" {
		return ""
	}
	return "it was deleted; `dodev snapshot list` shows what there is"
}
