package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/dodev/dodev/devserver/inspect"
	"github.com/dodev/dodev/emulator/migrate"
	"github.com/dodev/dodev/emulator/names"
	"github.com/dodev/dodev/sqlite/snapshot"
	"github.com/dodev/dodev/sqlite/state"
)

func newSnapshotExportCmd(app *app) *cobra.Command {
	return &cobra.Command{
		Use:               "export NAME [FILE]",
		ValidArgsFunction: app.completes(aSnapshot, aFile),
		Short:             "Write a snapshot to one file, for another machine",
		Long:              "Export writes a snapshot to one file, NAME.dodev unless a FILE is given; - is standard output.",
		Example:           "  dodev snapshot export before-the-demo\n  dodev snapshot export before-the-demo - | ssh host dodev snapshot import -",
		Args:              cobra.RangeArgs(1, 2),
		RunE: onSnapshots(app, func(_ context.Context, out io.Writer, s snapshot.Store, args []string) error {
			file := args[0] + ".dodev"
			if len(args) > 1 {
				file = args[1]
			}
			if file == "-" {
				return s.Export(args[0], out)
			}
			if _, err := s.Load(args[0]); err != nil {
				return err
			}
			if err := writeWhole(file, func(w io.Writer) error { return s.Export(args[0], w) }); err != nil {
				return err
			}
			fmt.Fprintln(out, "exported "+args[0]+" to "+file)
			return nil
		}),
	}
}

// writeWhole makes a file that is there wholly or not at all.
func writeWhole(path string, fill func(io.Writer) error) error {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return hinted{fmt.Errorf("write %s: it is a folder", path), "name a file"}
	}
	draft := path + ".new"
	f, err := os.Create(draft)
	if err != nil {
		return err
	}
	if err = errors.Join(fill(f), f.Close()); err == nil {
		err = os.Rename(draft, path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(draft))
	}
	return nil
}

func newSnapshotImportCmd(app *app) *cobra.Command {
	return &cobra.Command{
		Use:   "import FILE|FOLDER [NAME]",
		Short: "Take up a snapshot from a file, or from a state folder",
		Long: `Import reads what export wrote, and checks it; - is standard input. From a state
folder, such as another project's .wrangler/state, it makes a snapshot. Restore
then puts it in place.`,
		Example: "  dodev snapshot import before-the-demo.dodev\n  dodev snapshot import ../other/.wrangler/state other",
		Args:    cobra.RangeArgs(1, 2),
		RunE: onSnapshots(app, func(_ context.Context, out io.Writer, s snapshot.Store, args []string) error {
			name := ""
			if len(args) > 1 {
				name = args[1]
			}
			m, err := app.importSnapshot(s, args[0], name)
			if err != nil {
				return err
			}
			if app.flags.json {
				return printJSON(out, inspect.Kept{Name: m.Name, At: m.At, Objects: len(m.Objects), Bytes: m.Bytes(), Whole: m.Whole, Part: m.Part, Namespaces: m.Namespaces})
			}
			fmt.Fprintf(out, "imported %s: %s, %s\n", m.Name, count(len(m.Objects), "object"), size(m.Bytes()))
			return nil
		}),
	}
}

func (a *app) importSnapshot(s snapshot.Store, from, name string) (*snapshot.Manifest, error) {
	if from == "-" {
		return s.Import(a.stdin, name)
	}
	info, err := os.Stat(from)
	if err != nil {
		return nil, fmt.Errorf("import a snapshot: %w", err)
	}
	if info.IsDir() {
		return importFolder(s, from, name)
	}
	f, err := os.Open(from)
	if err != nil {
		return nil, fmt.Errorf("import a snapshot: %w", err)
	}
	defer f.Close()
	m, err := s.Import(f, name)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", from, err)
	}
	return m, nil
}

// importFolder makes a snapshot of a state folder of any project.
func importFolder(s snapshot.Store, dir, name string) (m *snapshot.Manifest, err error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	f := state.Folder{Dir: abs}
	keys, err := f.Namespaces()
	if err != nil {
		return nil, err
	}
	if len(keys) == 0 {
		return nil, hinted{fmt.Errorf("import a snapshot: %s is no state folder: it has no v3/do", dir), "name the folder that is .wrangler/state in its project"}
	}
	if name == "" {
		name = "imported-" + time.Now().UTC().Format("2006-01-02")
	}
	h, err := f.Hold(keys...)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, h.Release()) }()
	ledger, err := migrate.LedgerText(f)
	if err != nil {
		return nil, err
	}
	known := &migration{folder: f, book: names.Open(names.Dir(abs))}
	defer known.book.Close()
	return s.Save(f, h, snapshot.Wish{
		Name: strings.TrimSpace(name), At: time.Now(), Namespaces: keys, Whole: true, Ledger: ledger, ObjectName: known.nameOf,
	})
}
