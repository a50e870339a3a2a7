package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/dodev/dodev/devserver/inspect"
)

// exportFormat tells what an export is.
const exportFormat = "dodev-object-1"

// An export is all that an object stores, to be read and written by people.
type export struct {
	Format  string        `json:"format"`
	Object  string        `json:"object"`
	ID      string        `json:"id"`
	Alarm   *time.Time    `json:"alarm"`
	Entries []exportEntry `json:"entries"`
	Tables  []exportTable `json:"tables,omitempty"`
}

type exportEntry struct {
	Key   string          `json:"key"`
	Value json.RawMessage `json:"value"`
}

type exportTable struct {
	Name    string              `json:"name"`
	SQL     string              `json:"sql"`
	Indexes []string            `json:"indexes,omitempty"`
	Columns []string            `json:"columns,omitempty"`
	Rows    [][]json.RawMessage `json:"rows,omitempty"`
}

func newStorageExportCmd(app *app) *cobra.Command {
	return &cobra.Command{
		Use:   "export OBJECT [FILE]",
		Short: "Write all that an object stores as JSON",
		Long: `Export writes the object's keys, tables and alarm as one JSON document to FILE, or to
standard output.`,
		Example:           "  dodev storage export ChatRoom/lobby lobby.json",
		Args:              cobra.RangeArgs(1, 2),
		ValidArgsFunction: app.completeObjects,
		RunE: onObject(app, func(ctx context.Context, out io.Writer, in *inspection, t inspect.Target, args []string) error {
			name := ""
			if len(args) > 0 {
				name = args[0]
			}
			w, done, err := openFile(out, name)
			if err != nil {
				return err
			}
			return errors.Join(exportObject(ctx, w, in, t), done())
		}),
	}
}

func exportObject(ctx context.Context, w io.Writer, in *inspection, t inspect.Target) error {
	o, err := in.Object(ctx, t.Ref)
	if err != nil {
		return err
	}
	x := export{Format: exportFormat, Object: t.Label, ID: t.Ref.ID, Alarm: o.NextAlarm, Entries: []exportEntry{}}
	entries, _, err := allKeys(ctx, in, t.Ref, inspect.KeyQuery{})
	if err != nil {
		return err
	}
	for _, e := range entries {
		if e.Damaged != "" {
			return fmt.Errorf("key %q: %s", e.Key, e.Damaged)
		}
		x.Entries = append(x.Entries, exportEntry{e.Key, e.Value})
	}
	schema, err := in.Schema(ctx, t.Ref)
	if err != nil {
		return err
	}
	for _, table := range schema.Tables {
		out := exportTable{Name: table.Name, SQL: table.SQL, Indexes: table.Indexes}
		if table.Kind == "table" {
			r, err := in.SQL(ctx, t.Ref, inspect.SQLQuery{SQL: "SELECT * FROM " + inspect.QuoteName(table.Name), Limit: 1 << 30})
			if err != nil {
				return err
			}
			out.Columns, out.Rows = r.Columns, r.Rows
		}
		x.Tables = append(x.Tables, out)
	}
	return printJSON(w, x)
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
		ValidArgsFunction: app.completeObjects,
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
	if t.Name != "" && !t.Found {
		if _, err := in.Act(ctx, inspect.Action{Kind: inspect.Remember, Object: t.Ref, Text: t.Name}); err != nil {
			return err
		}
	}
	changes := make([]inspect.Change, 0, len(x.Entries))
	for _, e := range x.Entries {
		changes = append(changes, inspect.Change{Key: e.Key, Value: e.Value})
	}
	if len(changes) > 0 {
		if _, err := in.Edit(ctx, t.Ref, changes); err != nil {
			return err
		}
	}
	rows := 0
	for _, table := range x.Tables {
		rows += len(table.Rows)
		if err := importTable(ctx, in, t.Ref, table); err != nil {
			return fmt.Errorf("table %s: %w", table.Name, err)
		}
	}
	if x.Alarm != nil {
		if _, err := in.Act(ctx, inspect.Action{Kind: inspect.SetAlarm, Object: t.Ref, At: *x.Alarm}); err != nil {
			return fmt.Errorf("set the alarm: %w", err)
		}
	}
	fmt.Fprintf(out, "stored %s and %s in %s\n", count(len(changes), "key"), count(rows, "row"), t.Label)
	return nil
}

// importBatch is how much SQL is sent at a time: less than the platform takes
// in one statement.
const importBatch = 50_000

func importTable(ctx context.Context, in *inspection, ref inspect.Ref, table exportTable) error {
	run := func(sql string) error {
		_, err := in.SQL(ctx, ref, inspect.SQLQuery{SQL: sql})
		return err
	}
	if err := run(table.SQL); err != nil {
		return err
	}
	var batch strings.Builder
	for _, row := range table.Rows {
		values := make([]string, len(row))
		for i, text := range row {
			literal, err := inspect.Literal(text)
			if err != nil {
				return err
			}
			values[i] = literal
		}
		fmt.Fprintf(&batch, "INSERT INTO %s VALUES (%s);\n", inspect.QuoteName(table.Name), strings.Join(values, ", "))
		if batch.Len() > importBatch {
			if err := run(batch.String()); err != nil {
				return err
			}
			batch.Reset()
		}
	}
	if batch.Len() > 0 {
		if err := run(batch.String()); err != nil {
			return err
		}
	}
	for _, index := range table.Indexes {
		if err := run(index); err != nil {
			return err
		}
	}
	return nil
}
