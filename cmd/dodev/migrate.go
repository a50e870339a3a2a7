package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/dodev/dodev/devserver"
	"github.com/dodev/dodev/devserver/inspect"
	"github.com/dodev/dodev/devserver/inspect/files"
	"github.com/dodev/dodev/emulator/bundle"
	"github.com/dodev/dodev/emulator/config"
)

func newMigrateCmd(app *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "migrate",
		Short: "Carry class migrations out on local data",
		Long: `Migrate compares the migrations of the configuration, or its exports map, with
what was applied to the state folder. A deployed class that is renamed keeps its
objects; migrate does that for local ones, whose ids derive from the names of
script and class: stored objects move, and ids that they had before still lead
to them.

Without a subcommand it says what was applied, and what is not.`,
		Example: "  dodev migrate\n  dodev migrate plan\n  dodev migrate apply",
		Args:    cobra.NoArgs,
		RunE:    onMigrations(app, migrationStatus),
	}
	cmd.AddCommand(newMigrateStatusCmd(app), newMigratePlanCmd(app), newMigrateApplyCmd(app), newMigrateUndoCmd(app), newMigrateNewCmd(app))
	return cmd
}

// onMigrations makes a command's RunE of what it does with the migrations of the
// project.
func onMigrations(app *app, do func(ctx context.Context, out io.Writer, in *inspection) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, _ []string) error {
		in, err := app.migrations(cmd.Context())
		if err != nil {
			return err
		}
		defer in.close()
		return do(cmd.Context(), cmd.OutOrStdout(), in)
	}
}

// migrations is the project of the current folder for what concerns its
// migrations: by way of the server that runs it. One that runs another
// environment of it, or other Workers, on the same state is passed over.
func (a *app) migrations(ctx context.Context) (*inspection, error) {
	paths, err := a.configPaths(".", a.flags.env)
	if err != nil {
		return nil, err
	}
	in, err := a.quietInspection(ctx)
	if err != nil {
		return nil, err
	}
	client, ok := in.Inspector.(*inspect.Client)
	if !ok {
		a.say(in.way())
		return in, nil
	}
	s, err := in.Snapshot(ctx)
	if err != nil {
		in.close()
		return nil, err
	}
	runs := inside(workDir(), s.Project.Config) + environment(s.Project.Env)
	switch {
	case s.Project.State == "memory":
		runs += " and keeps nothing"
	case s.Project.Config == paths[0] && s.Project.Env == a.flags.env:
		a.say(in.way())
		return in, nil
	}
	in.close()
	in, err = a.filesInspection()
	if err == nil {
		a.say(fmt.Sprintf("the server at %s runs %s, so the files in %s are used", cmp.Or(client.Address().Serves, client.Address().URL), runs, in.stateDir))
	}
	return in, err
}

// environment names one behind a configuration.
func environment(env string) string {
	if env == "" {
		return ""
	}
	return " with --env " + env
}

// say tells people how something is done.
func (a *app) say(how string) {
	if !a.flags.quiet {
		fmt.Fprintln(a.stderr, a.painter(a.stderr).dim(how))
	}
}

// reading reads configurations, and says what is wrong with them and the code.
func (a *app) reading(paths []string) files.Reading {
	return func() (configs []*config.Config, problems config.Diagnostics, err error) {
		for _, path := range paths {
			c, ds, err := a.checked(path, movedTo(paths, a.flags.env))
			if err != nil {
				return nil, nil, err
			}
			configs = append(configs, c)
			problems = append(problems, ds...)
		}
		return configs, problems, nil
	}
}

// checked reads a configuration and says what is wrong with it and the code.
func (a *app) checked(path string, moved func(script string) []string) (*config.Config, config.Diagnostics, error) {
	project := devserver.NewProject(devserver.ProjectOptions{
		ConfigPath: path, Config: config.Options{Env: a.flags.env, Environ: a.environ}, Library: bundle.Patterns(), Moved: moved,
	})
	defer project.Close()
	build, err := project.Build()
	var ds config.Diagnostics
	if err != nil && !errors.As(err, &ds) {
		return nil, nil, err
	}
	if build.Config == nil {
		return nil, nil, err
	}
	return build.Config, build.Diagnostics, nil
}

func newMigrateStatusCmd(app *app) *cobra.Command {
	return &cobra.Command{
		Use:     "status",
		Short:   "Say what was applied to the state folder, and when",
		Example: "  dodev migrate status\n  dodev migrate status --json",
		Args:    cobra.NoArgs,
		RunE:    onMigrations(app, migrationStatus),
	}
}

func migrationStatus(ctx context.Context, w io.Writer, in *inspection) error {
	s, err := in.MigrationStatus(ctx)
	if err != nil {
		return err
	}
	if in.app.flags.json {
		s.Applied, s.Pending = append([]inspect.AppliedMigration{}, s.Applied...), append([]string{}, s.Pending...)
		return printLine(w, s)
	}
	p := in.app.painter(in.app.stdout)
	several := slices.ContainsFunc(s.Applied, func(a inspect.AppliedMigration) bool { return a.Script != s.Applied[0].Script })
	for _, a := range s.Applied {
		title := a.Title()
		if several {
			title = a.Script + ":" + title
		}
		fmt.Fprintf(w, "%s  %-8s %s  %s\n", p.green("applied"), title, describeSteps(a.Steps), p.dim(relative(a.At, time.Now())))
	}
	for _, tag := range s.Pending {
		fmt.Fprintf(w, "%s  %s\n", p.amber("pending"), tag)
	}
	if len(s.Applied)+len(s.Pending) == 0 {
		fmt.Fprintln(w, "the configuration has no migrations")
	}
	if len(s.Pending) > 0 {
		fmt.Fprintln(in.app.stderr, "hint: `dodev migrate plan` shows what they would do")
	}
	return nil
}

func describeSteps(steps []inspect.MigrationStep) string {
	var parts []string
	for _, s := range steps {
		parts = append(parts, s.String())
	}
	return strings.Join(parts, ", ")
}
