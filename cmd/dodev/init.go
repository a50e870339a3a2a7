package main

import (
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/spf13/cobra"

	"github.com/dodev/dodev/emulator/config"
)

//go:embed all:template
var templateFiles embed.FS

func newInitCmd(app *app) *cobra.Command {
	return &cobra.Command{
		Use:     "init [DIR]",
		Short:   "Make a small project to begin with",
		Example: "  dodev init my-project\n  dodev serve my-project",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			dir := "."
			if len(args) > 0 {
				dir = args[0]
			}
			return initProject(cmd.ErrOrStderr(), dir)
		},
	}
}

// initProject writes the template into a folder that holds no project yet. It
// overwrites nothing.
func initProject(w io.Writer, dir string) error {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return err
	}
	if path, err := config.Find(abs); err == nil && filepath.Dir(path) == abs {
		return fmt.Errorf("%s is a project already", path)
	}
	name := projectName(filepath.Base(abs))
	err = fs.WalkDir(templateFiles, "template", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := templateFiles.ReadFile(path)
		if err != nil {
			return err
		}
		target := filepath.Join(abs, filepath.FromSlash(strings.TrimPrefix(path, "template/")))
		written, err := writeNew(target, strings.ReplaceAll(string(text), "PROJECT", name))
		if err == nil && !written {
			fmt.Fprintf(w, "%s is there already and stays\n", shorter(abs, target))
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("write the project: %w", err)
	}
	fmt.Fprintf(w, "%s is ready: dodev serve %s\n", name, dir)
	return nil
}

// writeNew writes a file unless there is one.
func writeNew(path, text string) (written bool, err error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return false, err
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	if errors.Is(err, fs.ErrExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if _, err = f.WriteString(text); err != nil {
		f.Close()
		return false, err
	}
	return true, f.Close()
}

// projectName makes a Worker's name of a folder's.
func projectName(folder string) string {
	name := regexp.MustCompile(`[^a-z0-9]+`).ReplaceAllString(strings.ToLower(folder), "-")
	name = strings.Trim(name, "-")
	if name == "" {
		return "my-project"
	}
	return name
}
