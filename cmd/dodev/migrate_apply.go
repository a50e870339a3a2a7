package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/dodev/dodev/devserver/inspect"
)

// applyFlags are those of migrate apply.
type applyFlags struct {
	yes   bool
	adopt []string
}

func newMigrateApplyCmd(app *app) *cobra.Command {
	var f applyFlags
	cmd := &cobra.Command{
		Use:   "apply",
		Short: "Apply what is not applied",
		Long: `Apply carries the plan out, wholly or not at all, also when it is killed: the
next command ends what it had begun. Before that it keeps what it touches as a
snapshot, to which undo returns. Data that moves or goes is asked about first,
unless --yes says so.

A server that runs need not be stopped: it goes on with the code and configuration
that are saved, and what it serves finds its data. Objects of the classes
concerned end, and their sockets close.`,
		Example: "  dodev migrate apply\n  dodev migrate apply --yes\n  dodev migrate apply --adopt former-name",
		Args:    cobra.NoArgs,
		RunE: onMigrations(app, func(ctx context.Context, out io.Writer, in *inspection) error {
			return applyMigrations(ctx, out, in, f)
		}),
	}
	cmd.Flags().BoolVarP(&f.yes, "yes", "y", false, "do not ask")
	cmd.Flags().StringArrayVar(&f.adopt, "adopt", nil, "take up the objects of a `script` that has this Worker's data under another name; repeatable")
	return cmd
}

func applyMigrations(ctx context.Context, w io.Writer, in *inspection, f applyFlags) error {
	plan, err := in.MigrationPlan(ctx)
	if err != nil {
		return err
	}
	agreement := inspect.Agreement{Steps: plan.Agreed(), Adopt: f.adopt}
	if inspect.CodeOf(agreement.To(plan)) == inspect.NotFound {
		return misuse{adoption(f.adopt, plan)}
	}
	p := in.app.painter(in.app.stderr)
	if fatal := plan.Fatal(); len(fatal) > 0 {
		for _, problem := range plan.Problems {
			printProblem(in.app.stderr, p, problem)
		}
		return errReported
	}
	if !f.yes && (!plan.Safe() || len(f.adopt) > 0) {
		if err := in.printPlan(ctx, in.app.stderr, plan); err != nil {
			return err
		}
		if err := in.app.confirm(false, "move and delete stored objects"); err != nil {
			return err
		}
	}
	done, err := in.Migrate(ctx, agreement)
	if err != nil {
		return err
	}
	return printMigrated(w, in.app, done)
}

// adoption says that scripts are not among those that the plan offers.
func adoption(scripts []string, plan inspect.MigrationPlan) error {
	var offered []string
	for _, s := range plan.Offers {
		offered = append(offered, s.From)
	}
	for _, script := range scripts {
		err := fmt.Errorf("--adopt %s: the state folder has no objects of that script that are reached by no class", script)
		found := false
		for _, name := range offered {
			found = found || name == script
		}
		switch {
		case found:
		case len(offered) > 0:
			return hinted{err, "it has some of " + strings.Join(offered, ", ")}
		default:
			return err
		}
	}
	return nil
}

func printMigrated(w io.Writer, app *app, done inspect.Migrated) error {
	if app.flags.json {
		done.Steps = append([]inspect.MigrationStep{}, done.Steps...)
		return printLine(w, done)
	}
	if len(done.Steps) == 0 {
		fmt.Fprintln(w, "nothing to apply")
		return nil
	}
	for _, s := range done.Steps {
		text := s.String()
		if s.Kind != inspect.NewClass {
			text += ": " + count(s.Objects, "object")
		}
		fmt.Fprintf(w, "applied  %-8s %s\n", s.Title(), text)
	}
	if done.Nameless > 0 {
		fmt.Fprintf(app.stderr, "%s moved whose name is known nowhere: dodev finds them by their name or former id, another tool only by their new id\n", count(done.Nameless, "object"))
	}
	if done.Reloaded {
		fmt.Fprintln(app.stderr, "the server goes on with the code that is saved")
	}
	if done.Snapshot != "" {
		fmt.Fprintf(app.stderr, "hint: `dodev migrate undo` takes it back; what was there is the snapshot %s\n", done.Snapshot)
	}
	return nil
}
