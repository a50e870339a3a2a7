package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/dodev/dodev/devserver/inspect"
	"github.com/dodev/dodev/devserver/inspect/seed"
)

// exportFormat tells what an export is.
const exportFormat = "dodev-object-1"

// An export is all that an object stores. It is a fixture of one object, for
// programs rather than people: tables have their rows as arrays, and it says
// where it comes from.
type export struct {
	Format     string        `json:"format"`
	Object     string        `json:"object"`
	ID         string        `json:"id"`
	Alarm      *time.Time    `json:"alarm"`
	Entries    []exportEntry `json:"entries"`
	Tables     []exportTable `json:"tables,omitempty"`
	Statements []string      `json:"statements,omitempty"` // indexes, views and triggers, which come after the rows
}

type exportEntry struct {
	Key   string          `json:"key"`
	Value json.RawMessage `json:"value"`
}

type exportTable struct {
	Name    string              `json:"name"`
	SQL     string              `json:"sql"`
	Columns []string            `json:"columns,omitempty"`
	Rows    [][]json.RawMessage `json:"rows,omitempty"`
}

func newStorageExportCmd(app *app) *cobra.Command {
	return &cobra.Command{
		Use:   "export OBJECT [FILE]",
		Short: "Write all that an object stores as JSON",
		Long: `Export writes the object's keys, tables and alarm as one JSON document to FILE, or to
standard output. dodev seed --export writes what people can edit, of many objects.`,
		Example:           "  dodev storage export ChatRoom/lobby lobby.json",
		Args:              cobra.RangeArgs(1, 2),
		ValidArgsFunction: app.completes(anObject, aFile),
		RunE: onObject(app, func(ctx context.Context, out io.Writer, in *inspection, t inspect.Target, args []string) error {
			x, err := exportObject(ctx, in, t)
			if err != nil {
				return err
			}
			if len(args) == 0 || args[0] == "-" {
				return printJSON(out, x)
			}
			return writeWhole(args[0], func(w io.Writer) error { return printJSON(w, x) })
		}),
	}
}

func exportObject(ctx context.Context, in *inspection, t inspect.Target) (export, error) {
	o, err := in.Object(ctx, t.Ref)
	if err != nil {
		return export{}, err
	}
	x := export{Format: exportFormat, Object: t.Label, ID: t.Ref.ID, Alarm: o.NextAlarm, Entries: []exportEntry{}}
	f, err := seed.Take(ctx, in, []inspect.Object{o})
	if err != nil || len(f.Objects) == 0 {
		return x, err
	}
	taken := f.Objects[0]
	for _, pair := range taken.Keys {
		x.Entries = append(x.Entries, exportEntry(pair))
	}
	for _, table := range taken.Tables {
		out := exportTable{Name: table.Name, SQL: table.SQL}
		for _, row := range table.Rows {
			out.Columns = row.Columns
			out.Rows = append(out.Rows, row.Values)
		}
		x.Tables = append(x.Tables, out)
	}
	for _, statement := range taken.SQL {
		x.Statements = append(x.Statements, statement.SQL)
	}
	return x, nil
}

// fixture is what an export says an object is to store.
func (x export) fixture() seed.Object {
	o := seed.Object{Name: x.Object}
	if x.Alarm != nil {
		o.Alarm = *x.Alarm
	}
	for _, e := range x.Entries {
		o.Keys = append(o.Keys, seed.Pair(e))
	}
	for _, table := range x.Tables {
		in := seed.Table{Name: table.Name, SQL: table.SQL}
		for _, row := range table.Rows {
			in.Rows = append(in.Rows, seed.Row{Columns: table.Columns, Values: row})
		}
		o.Tables = append(o.Tables, in)
	}
	for _, statement := range x.Statements {
		o.SQL = append(o.SQL, seed.Statement{SQL: statement})
	}
	return o
}

func newStorageImportCmd(app *app) *cobra.Command {
	return &cobra.Command{
		Use:   "import OBJECT [FILE]",
		Short: "Store what export has written",
		Long: `Import stores the keys, tables and alarm of FILE, or of standard input, in OBJECT,
which is made if it is not there. Keys are replaced, all or none; tables must not
be there yet.`,
		Example:           "  dodev storage import ChatRoom/copy lobby.json",
		Args:              cobra.RangeArgs(1, 2),
		ValidArgsFunction: app.completes(anObject, aFile),
		RunE: onAnyObject(app, func(ctx context.Context, out io.Writer, in *inspection, t inspect.Target, args []string) error {
			var text []byte
			var err error
			if len(args) > 0 && args[0] != "-" {
				text, err = os.ReadFile(args[0])
			} else {
				text, err = app.readArgument("-")
			}
			if err != nil {
				return err
			}
			return importObject(ctx, out, in, t, text)
		}),
	}
}

func importObject(ctx context.Context, out io.Writer, in *inspection, t inspect.Target, text []byte) error {
	var x export
	if err := json.Unmarshal(text, &x); err != nil {
		return fmt.Errorf("read the export: %w", err)
	}
	if x.Format != exportFormat {
		return fmt.Errorf("this is no export of an object: its format is %q, not %q", x.Format, exportFormat)
	}
	s, err := in.snapshot(ctx)
	if err != nil {
		return err
	}
	plan, err := seed.Into(s, t, x.fixture())
	if err != nil {
		return err
	}
	return plan.Load(ctx, in, false, func(l seed.Loaded) {
		did := seededOf(l)
		if in.app.flags.json {
			err = printJSON(out, did)
		} else if !in.app.flags.quiet {
			fmt.Fprintln(out, did.line("imported", time.Now()))
		}
	})
}
