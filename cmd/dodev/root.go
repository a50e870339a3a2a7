package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/dodev/dodev/devserver/inspect"
)

// newRootCmd makes the whole command line.
func newRootCmd(app *app) *cobra.Command {
	root := &cobra.Command{
		Use:   "dodev",
		Short: "Run Cloudflare Durable Objects on this machine",
		Long: `dodev runs a Workers project with Durable Objects on this machine: one binary,
no Node, no account, no network. What runs here deploys unchanged.`,
		Example:       "  dodev serve\n  dodev init my-project",
		SilenceErrors: true,
		SilenceUsage:  true,
		PersistentPreRunE: func(*cobra.Command, []string) error {
			return app.start()
		},
	}
	root.CompletionOptions.DisableDefaultCmd = true
	flags := root.PersistentFlags()
	flags.SortFlags = false
	flags.StringArrayVarP(&app.flags.config, "config", "c", nil, "configuration `file` (default: wrangler.json, .jsonc or .toml of the folder)")
	flags.StringVarP(&app.flags.env, "env", "e", "", "environment of the configuration")
	flags.StringVar(&app.flags.persistTo, "persist-to", "", "state `folder` (default: .wrangler/state beside the configuration)")
	flags.StringVar(&app.flags.cwd, "cwd", "", "`folder` to run in")
	flags.BoolVar(&app.flags.json, "json", false, "results, and log lines, as JSON")
	flags.BoolVar(&app.flags.noColor, "no-color", false, "never use colours")
	flags.BoolVarP(&app.flags.quiet, "quiet", "q", false, "say less")
	flags.BoolVarP(&app.flags.verbose, "verbose", "v", false, "say more")
	root.AddCommand(
		newServeCmd(app),
		newMigrateCmd(app),
		newInspectCmd(app),
		newSnapshotCmd(app),
		newRestoreCmd(app),
		newForkCmd(app),
		newInitCmd(app),
		newAddCmd(app),
		newObjectsCmd(app),
		newStorageCmd(app),
		newSQLCmd(app),
		newSocketsCmd(app),
		newAlarmsCmd(app),
		newLogsCmd(app),
		newTraceCmd(app),
		newCallCmd(app),
		newRequestCmd(app),
		newSeedCmd(app),
		newResetCmd(app),
		newTypesCmd(app),
		newDoctorCmd(app),
		newVersionCmd(app),
		newCompletionCmd(app),
	)
	for _, cmd := range root.Commands() {
		checkNames(cmd)
	}
	return root
}

// checkNames has a command that has others refuse names that are none of those,
// instead of showing its help as if all were well. Alone, one that does nothing
// itself shows it.
func checkNames(cmd *cobra.Command) {
	if !cmd.HasSubCommands() {
		return
	}
	cmd.SuggestionsMinimumDistance = 2
	cmd.DisableFlagsInUseLine = true
	cmd.Args = func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			return nil
		}
		e := &inspect.Error{Message: fmt.Sprintf("unknown command %q for %q", args[0], cmd.CommandPath()), Near: cmd.SuggestionsFor(args[0])}
		return fmt.Errorf("%w%s", e, suggestion(e))
	}
	if !cmd.Runnable() {
		cmd.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
	}
}
