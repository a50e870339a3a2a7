package main

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/dodev/dodev/devserver/inspect"
)

func newSnapshotDiffCmd(app *app) *cobra.Command {
	return &cobra.Command{
		Use:               "diff NAME [OTHER]",
		ValidArgsFunction: app.completes(aSnapshot, aSnapshot, nothing),
		Short:             "Show what differs between a snapshot and another, or what is stored now",
		Long: `Diff shows the keys and rows that differ: those that only the snapshot has with -,
those that only the other one has, or what is stored now, with +.`,
		Example: "  dodev snapshot diff before-the-demo\n  dodev snapshot diff monday tuesday --json",
		Args:    cobra.RangeArgs(1, 2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return onProject(app, func(ctx context.Context, out io.Writer, in *inspection) error {
				q := inspect.Differing{Saving: inspect.Saving{Name: args[0]}}
				if len(args) > 1 {
					q.Other = args[1]
				}
				d, err := in.Differences(ctx, q)
				if err != nil {
					return err
				}
				if app.flags.json {
					return printJSON(out, d.Objects)
				}
				p := app.painter(app.stdout)
				for _, o := range d.Objects {
					printDiff(out, p, o)
				}
				if len(d.Objects) == 0 {
					fmt.Fprintln(app.stderr, "nothing differs")
				}
				return nil
			})(cmd, args)
		},
	}
}
