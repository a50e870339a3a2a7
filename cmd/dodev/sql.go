package main

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/dodev/dodev/devserver/inspect"
)

func newSQLCmd(app *app) *cobra.Command {
	asCSV, limit := false, 0
	cmd := &cobra.Command{
		Use:   "sql OBJECT QUERY",
		Short: "Run SQL in an object's database",
		Long: `Sql runs QUERY, or with - what stands on standard input, under the platform's rules, as
one transaction, and prints the rows as a table, as a JSON array of objects, or as
CSV.`,
		Example: `  dodev sql ChatRoom/lobby "SELECT * FROM messages ORDER BY id DESC LIMIT 10"
  dodev sql ROOMS/lobby "SELECT author, count(*) AS n FROM messages GROUP BY 1" --csv`,
		Args:              cobra.ExactArgs(2),
		ValidArgsFunction: app.completes(anObject, nothing),
		RunE: onObject(app, func(ctx context.Context, out io.Writer, in *inspection, t inspect.Target, args []string) error {
			if asCSV && app.flags.json {
				return misuse{errors.New("--csv and --json exclude each other")}
			}
			if err := checkLimit(limit); err != nil {
				return err
			}
			query, err := app.readArgument(args[0])
			if err != nil {
				return err
			}
			r, err := in.SQL(ctx, t.Ref, inspect.SQLQuery{SQL: string(query), Limit: limit})
			if err != nil {
				return err
			}
			return printRows(out, in, r, asCSV)
		}),
	}
	cmd.Flags().BoolVar(&asCSV, "csv", false, "print CSV")
	cmd.Flags().IntVar(&limit, "limit", 0, "how many rows at most (default: 10,000)")
	return cmd
}

func printRows(out io.Writer, in *inspection, r inspect.SQLResult, asCSV bool) error {
	if r.More {
		fmt.Fprintf(in.app.stderr, "there are more rows: these are the first %d, --limit asks for more\n", len(r.Rows))
	}
	switch {
	case in.app.flags.json:
		return printJSON(out, rowObjects(r))
	case asCSV:
		return printCSV(out, r)
	case len(r.Columns) == 0:
		fmt.Fprintln(in.app.stderr, "done, "+count(int(r.RowsWritten), "row")+" written")
		return nil
	}
	t := table{heads: r.Columns, right: numeric(r)}
	for _, row := range r.Rows {
		texts := make([]string, len(row))
		for i, v := range row {
			texts[i] = oneLine(sqlText(v), maxCell)
		}
		t.add(texts...)
	}
	if err := t.print(out, in.app.painter(in.app.stdout)); err != nil {
		return err
	}
	if !in.app.flags.quiet {
		fmt.Fprintf(in.app.stderr, "%s, %s\n", count(len(r.Rows), "row"), milliseconds(r.Took))
	}
	return nil
}

// A rowObject is a row with its columns' names, in their order.
type rowObject struct {
	names  []string
	values []json.RawMessage
}

// MarshalJSON implements json.Marshaler.
func (r rowObject) MarshalJSON() ([]byte, error) {
	out := []byte{'{'}
	for i, name := range r.names {
		key, err := json.Marshal(name)
		if err != nil {
			return nil, err
		}
		if i > 0 {
			out = append(out, ',')
		}
		out = append(append(append(out, key...), ':'), r.values[i]...)
	}
	return append(out, '}'), nil
}

func rowObjects(r inspect.SQLResult) []rowObject {
	out := make([]rowObject, len(r.Rows))
	for i, row := range r.Rows {
		out[i] = rowObject{r.Columns, row}
	}
	return out
}

func printCSV(out io.Writer, r inspect.SQLResult) error {
	w := csv.NewWriter(out)
	_ = w.Write(r.Columns) // Error tells
	for _, row := range r.Rows {
		texts := make([]string, len(row))
		for i, v := range row {
			if string(v) != "null" {
				texts[i] = sqlText(v)
			}
		}
		_ = w.Write(texts)
	}
	w.Flush()
	return w.Error()
}

// sqlText is a value for people.
func sqlText(v json.RawMessage) string {
	n, err := inspect.ParseNode(v)
	switch {
	case err != nil:
		return string(v)
	case n.Type == "null":
		return "NULL"
	case n.Type == "ArrayBuffer":
		return "x'" + n.Text + "'"
	}
	return n.Text
}

// numeric tells which columns hold nothing but numbers.
func numeric(r inspect.SQLResult) []bool {
	out := make([]bool, len(r.Columns))
	for i := range out {
		out[i] = len(r.Rows) > 0
		for _, row := range r.Rows {
			first := row[i][0]
			out[i] = out[i] && (first == '-' || first >= '0' && first <= '9' || string(row[i]) == "null")
		}
	}
	return out
}
