package main

import (
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/dodev/dodev/emulator/bundle"
)

// patternsDir is where a project has the pattern classes, so that imports of
// "@/core/services/durable-objects/…" find them.
const patternsDir = "src/core/services/durable-objects"

func newAddCmd(app *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "add",
		Short:   "Add source files to a project",
		Example: "  dodev add patterns",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newAddPatternsCmd(app))
	return cmd
}

func newAddPatternsCmd(app *app) *cobra.Command {
	var force bool
	cmd := &cobra.Command{
		Use:   "patterns [DIR]",
		Short: "Write the pattern classes that dodev brings into the project",
		Long: `Patterns writes BaseDurableObject, WebSocketRoom, Counter, RateLimiter and what
they are made of into DIR (default: ` + patternsDir + ` of the project), where
they are yours to change. They use the public platform only, so they run
deployed. A file that was changed stays as it is.`,
		Example: "  dodev add patterns",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			dir, err := patternsTarget(app, args)
			if err != nil {
				return err
			}
			return addPatterns(cmd.OutOrStdout(), cmd.ErrOrStderr(), dir, force)
		},
	}
	cmd.Flags().BoolVar(&force, "force", false, "overwrite files that were changed")
	return cmd
}

// patternsTarget is the folder asked for, else the usual one of the project.
func patternsTarget(app *app, args []string) (string, error) {
	if len(args) > 0 {
		return args[0], nil
	}
	path, err := app.configPath(".")
	if err != nil {
		return "", err
	}
	return filepath.Join(filepath.Dir(path), filepath.FromSlash(patternsDir)), nil
}

// addPatterns writes the pattern classes into a folder and lists on w what it
// wrote. The error tells of changed files that it left alone.
func addPatterns(w, say io.Writer, dir string, force bool) error {
	patterns := bundle.Patterns()
	names, err := fs.Glob(patterns, "*.ts")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("add patterns: %w", err)
	}
	var changed []string
	for _, name := range names {
		text, err := fs.ReadFile(patterns, name)
		if err != nil {
			return fmt.Errorf("add patterns: %w", err)
		}
		path := filepath.Join(dir, name)
		before, err := os.ReadFile(path)
		switch {
		case err == nil && bytes.Equal(before, text):
			continue
		case err == nil && !force:
			changed = append(changed, name)
			continue
		}
		if err := os.WriteFile(path, text, 0o644); err != nil {
			return fmt.Errorf("add patterns: %w", err)
		}
		fmt.Fprintln(w, filepath.ToSlash(path))
	}
	if len(changed) > 0 {
		return hinted{fmt.Errorf("add patterns: changed and left alone: %s", list(changed, 10)), "--force overwrites them"}
	}
	fmt.Fprintln(say, `tsconfig.json needs, in "compilerOptions": "paths": {"@/*": ["./src/*"]}`)
	return nil
}
