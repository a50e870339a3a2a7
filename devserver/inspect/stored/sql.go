package stored

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"strings"
	"time"

	"github.com/dodev/dodev/devserver/inspect"
	"github.com/dodev/dodev/emulator/clone"
	"github.com/dodev/dodev/sqlite"
)

// rowLimit is how many rows a result has unless asked for otherwise.
const rowLimit = 10_000

// countLimit is how many rows of a table are counted.
const countLimit = 1_000_000

// SQL runs the user's SQL under the platform's rules.
func SQL(db *sqlite.Object, q inspect.SQLQuery) (inspect.SQLResult, error) {
	began := time.Now()
	values, err := bindings(q.Bindings)
	if err != nil {
		return inspect.SQLResult{}, err
	}
	cur, err := db.Exec(q.SQL, values...)
	if err != nil {
		return inspect.SQLResult{}, thrown(err)
	}
	defer cur.Close()
	r := inspect.SQLResult{Columns: cur.Columns(), Rows: [][]json.RawMessage{}}
	if r.Columns == nil {
		r.Columns = []string{}
	}
	limit := cmp.Or(q.Limit, rowLimit)
	for !cur.Done() {
		if len(r.Rows) == limit {
			r.More = true
			break
		}
		row := make([]json.RawMessage, len(r.Columns))
		for i := range row {
			if row[i], err = column(cur, i); err != nil {
				return r, err
			}
		}
		r.Rows = append(r.Rows, row)
		if err := cur.Advance(); err != nil {
			return r, thrown(err)
		}
	}
	r.RowsRead, r.RowsWritten, r.Took = cur.RowsRead(), cur.RowsWritten(), time.Since(began)
	return r, nil
}

// thrown is an error of SQLite's, with its words.
func thrown(err error) error {
	if e, ok := errors.AsType[*sqlite.Error](err); ok {
		return &inspect.Error{Code: inspect.Threw, Message: e.Message}
	}
	return err
}

// exact is the largest integer that a number of JavaScript's holds with all
// those below it.
const exact = 1 << 53

func column(cur *sqlite.Cursor, i int) (json.RawMessage, error) {
	switch v := cur.Value(i); v.Kind {
	case sqlite.Integer:
		if v.Integer > exact || v.Integer < -exact {
			return clone.JSON(big.NewInt(v.Integer))
		}
		return json.Marshal(v.Integer)
	case sqlite.Float:
		return clone.JSON(v.Float)
	case sqlite.Text:
		return json.Marshal(v.Text)
	case sqlite.Blob:
		return clone.JSON(&clone.Buffer{Data: v.Blob})
	}
	return json.RawMessage("null"), nil
}

func bindings(texts []json.RawMessage) ([]sqlite.Value, error) {
	var out []sqlite.Value
	for i, text := range texts {
		tree, err := clone.FromJSON(text)
		if err != nil {
			return nil, invalid("binding %d: %s", i+1, err)
		}
		v, ok := binding(tree)
		if !ok {
			return nil, invalid("binding %d: a %s cannot be bound", i+1, clone.TypeName(tree))
		}
		out = append(out, v)
	}
	return out, nil
}

func binding(v clone.Value) (sqlite.Value, bool) {
	switch v := v.(type) {
	case clone.Null:
		return sqlite.Value{}, true
	case float64:
		return sqlite.Value{Kind: sqlite.Float, Float: v}, true
	case string:
		return sqlite.Value{Kind: sqlite.Text, Text: v}, true
	case *big.Int:
		return sqlite.Value{Kind: sqlite.Integer, Integer: v.Int64()}, v.IsInt64()
	case *clone.Buffer:
		return sqlite.Value{Kind: sqlite.Blob, Blob: v.Data}, true
	case *clone.View:
		return sqlite.Value{Kind: sqlite.Blob, Blob: v.Bytes()}, true
	}
	return sqlite.Value{}, false
}

// Schema lists the user's tables and views, with their rows counted.
func Schema(db *sqlite.Object) (inspect.Schema, error) {
	s := inspect.Schema{Tables: []inspect.Table{}}
	tables, err := tableNames(db)
	if err != nil {
		return s, err
	}
	for _, t := range tables {
		if t.Columns, err = columns(db, t.Name); err != nil {
			return s, err
		}
		if t.Indexes, err = indexes(db, t.Name); err != nil {
			return s, err
		}
		t.Rows = countRows(db, t.Name)
		s.Tables = append(s.Tables, t)
	}
	list := db.List(sqlite.ListOptions{})
	defer list.Close()
	for list.Next() {
		s.Keys++
	}
	return s, list.Err()
}

// tableNames lists the user's tables and views. Looking makes no database.
func tableNames(db *sqlite.Object) ([]inspect.Table, error) {
	var out []inspect.Table
	err := each(db, `SELECT name, type, sql FROM sqlite_schema WHERE type IN ('table', 'view') ORDER BY name`, func(cur *sqlite.Cursor) {
		name := string(cur.Bytes(0))
		if ours(name) {
			return
		}
		t := inspect.Table{Name: name, Kind: string(cur.Bytes(1))}
		if cur.Kind(2) == sqlite.Text {
			t.SQL = string(cur.Bytes(2))
		}
		out = append(out, t)
	})
	return out, err
}

// ours says that a table is the platform's, or the other tool's.
func ours(name string) bool {
	return strings.HasPrefix(name, "_cf_") || strings.HasPrefix(name, "sqlite_") || name == "__miniflare_do_name"
}

func columns(db *sqlite.Object, table string) ([]inspect.Column, error) {
	var out []inspect.Column
	err := each(db, "SELECT name, type, \"notnull\", pk FROM pragma_table_info("+text(table)+")", func(cur *sqlite.Cursor) {
		out = append(out, inspect.Column{Name: string(cur.Bytes(0)), Type: string(cur.Bytes(1)), NotNull: cur.Integer(2) != 0, Key: cur.Integer(3) != 0})
	})
	return out, err
}

func indexes(db *sqlite.Object, table string) ([]string, error) {
	var out []string
	err := each(db, "SELECT sql FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL AND tbl_name = "+text(table), func(cur *sqlite.Cursor) {
		out = append(out, string(cur.Bytes(0)))
	})
	return out, err
}

// countRows is -1 where rows are not to be counted, or too many.
func countRows(db *sqlite.Object, table string) int64 {
	rows := int64(-1)
	query := fmt.Sprintf(`SELECT count(*) FROM (SELECT 1 FROM "%s" LIMIT %d)`, strings.ReplaceAll(table, `"`, `""`), countLimit+1)
	err := each(db, query, func(cur *sqlite.Cursor) { rows = cur.Integer(0) })
	if err != nil || rows > countLimit {
		return -1
	}
	return rows
}

func text(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// each runs a query of ours and visits its rows, none where there is no
// database.
func each(db *sqlite.Object, query string, visit func(*sqlite.Cursor)) error {
	if ok, err := db.Exists(); !ok || err != nil {
		return err
	}
	cur, err := db.Exec(query)
	if err != nil {
		return err
	}
	defer cur.Close()
	for !cur.Done() {
		visit(cur)
		if err := cur.Advance(); err != nil {
			return err
		}
	}
	return nil
}
