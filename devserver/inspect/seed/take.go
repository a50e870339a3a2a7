package seed

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/dodev/dodev/devserver/inspect"
)

// Take makes a fixture of what objects store, those that store nothing left
// out. What is within an object, its facets, is not part of it.
func Take(ctx context.Context, in Store, objects []inspect.Object) (*File, error) {
	var f File
	for _, o := range objects {
		taken, err := take(ctx, in, o)
		if err != nil {
			return nil, fmt.Errorf("export %s: %w", o.Label, err)
		}
		if !taken.empty() {
			f.Objects = append(f.Objects, taken)
		}
	}
	return &f, nil
}

func take(ctx context.Context, in Store, o inspect.Object) (Object, error) {
	out := Object{Name: nameOf(o)}
	now, err := in.Object(ctx, o.Ref)
	if err != nil {
		return out, err
	}
	if now.NextAlarm != nil {
		out.Alarm = now.NextAlarm.UTC()
	}
	if out.Keys, err = takeKeys(ctx, in, o.Ref); err != nil {
		return out, err
	}
	schema, err := in.Schema(ctx, o.Ref)
	if err != nil || len(schema.Tables) == 0 {
		return out, err
	}
	return out, takeTables(ctx, in, o.Ref, schema.Tables, &out)
}

// nameOf names an object so that it is found again. A name that looks like an id
// would be taken for one.
func nameOf(o inspect.Object) string {
	if len(o.Name) == 64 && strings.HasSuffix(o.Label, "/"+o.Name) {
		return strings.TrimSuffix(o.Label, o.Name) + o.ID
	}
	return o.Label
}

func takeKeys(ctx context.Context, in Store, ref inspect.Ref) ([]Pair, error) {
	var out []Pair
	var q inspect.KeyQuery
	for {
		page, err := in.Keys(ctx, ref, q)
		if err != nil {
			return nil, err
		}
		for _, e := range page.Entries {
			if e.Damaged != "" {
				return nil, fmt.Errorf("key %q: %s", e.Key, e.Damaged)
			}
			out = append(out, Pair{e.Key, e.Value})
		}
		if !page.More || len(page.Entries) == 0 {
			return out, nil
		}
		q.After = page.Entries[len(page.Entries)-1].Key
	}
}

// takeTables takes the tables with their rows, and all else that the schema
// has as statements.
func takeTables(ctx context.Context, in Store, ref inspect.Ref, tables []inspect.Table, out *Object) error {
	var indexes, views []Statement
	for _, t := range tables {
		switch {
		case t.Kind != "table":
			views = append(views, Statement{SQL: strings.TrimSpace(t.SQL)})
			continue
		case shadow(t.Name, tables):
			continue
		}
		rows, err := takeRows(ctx, in, ref, t)
		if err != nil {
			return fmt.Errorf("table %s: %w", t.Name, err)
		}
		out.Tables = append(out.Tables, Table{Name: t.Name, SQL: t.SQL, Rows: rows})
		for _, index := range t.Indexes {
			indexes = append(indexes, Statement{SQL: strings.TrimSpace(index)})
		}
	}
	if err := order(ctx, in, ref, out.Tables); err != nil {
		return err
	}
	counters, err := takeCounters(ctx, in, ref, out.Tables)
	if err != nil {
		return err
	}
	out.SQL = slices.Concat(counters, indexes, views)
	// Last, so that they do not act on the rows.
	r, err := in.SQL(ctx, ref, inspect.SQLQuery{SQL: "SELECT sql FROM sqlite_schema WHERE type = 'trigger' AND name NOT LIKE '\\_cf\\_%' ESCAPE '\\' ORDER BY name"})
	if err != nil {
		return err
	}
	for _, row := range r.Rows {
		var sql string
		if err := json.Unmarshal(row[0], &sql); err != nil {
			return err
		}
		out.SQL = append(out.SQL, Statement{SQL: strings.TrimSpace(sql)})
	}
	return nil
}

// takeCounters takes what AUTOINCREMENT has counted up to, where that is not told
// by the rows.
func takeCounters(ctx context.Context, in Store, ref inspect.Ref, tables []Table) ([]Statement, error) {
	counts := func(t Table) bool { return strings.Contains(strings.ToUpper(t.SQL), "AUTOINCREMENT") }
	if !slices.ContainsFunc(tables, counts) {
		return nil, nil
	}
	r, err := in.SQL(ctx, ref, inspect.SQLQuery{SQL: "SELECT name, seq FROM sqlite_sequence ORDER BY name", Limit: allRows})
	if err != nil {
		return nil, err
	}
	var out []Statement
	for _, row := range r.Rows {
		var name string
		if json.Unmarshal(row[0], &name) != nil {
			continue // whoever wrote it there, it is no table's
		}
		i := slices.IndexFunc(tables, func(t Table) bool { return t.Name == name && counts(t) })
		if i < 0 {
			continue
		}
		counter, err := counterOf(ctx, in, ref, tables[i], string(row[1]))
		if err != nil {
			return nil, err
		}
		out = append(out, counter...)
	}
	return out, nil
}

// counterOf is the statement, if it takes one, after which a table with its rows
// has counted up to seq.
func counterOf(ctx context.Context, in Store, ref inspect.Ref, t Table, seq string) ([]Statement, error) {
	last, err := in.SQL(ctx, ref, inspect.SQLQuery{SQL: "SELECT max(rowid) FROM " + inspect.QuoteName(t.Name)})
	if err != nil || string(last.Rows[0][0]) == seq {
		return nil, err
	}
	name := "'" + strings.ReplaceAll(t.Name, "'", "''") + "'"
	if len(t.Rows) == 0 {
		return []Statement{{SQL: "INSERT INTO sqlite_sequence (name, seq) VALUES (" + name + ", " + seq + ")"}}, nil
	}
	return []Statement{{SQL: "UPDATE sqlite_sequence SET seq = " + seq + " WHERE name = " + name}}, nil
}

// order puts tables behind those that their rows refer to, so that large ones
// can be stored in several transactions.
func order(ctx context.Context, in Store, ref inspect.Ref, tables []Table) error {
	refers := map[string][]string{}
	for _, t := range tables {
		r, err := in.SQL(ctx, ref, inspect.SQLQuery{SQL: "PRAGMA foreign_key_list(" + inspect.QuoteName(t.Name) + ")"})
		if err != nil {
			return err
		}
		for _, row := range r.Rows {
			var to string
			if i := slices.Index(r.Columns, "table"); i >= 0 && json.Unmarshal(row[i], &to) == nil {
				refers[t.Name] = append(refers[t.Name], strings.ToLower(to))
			}
		}
	}
	placed, ordered := map[string]bool{}, make([]Table, 0, len(tables))
	var place func(t Table)
	place = func(t Table) {
		if placed[strings.ToLower(t.Name)] {
			return // or it refers to itself by way of others
		}
		placed[strings.ToLower(t.Name)] = true
		for _, other := range tables {
			if slices.Contains(refers[t.Name], strings.ToLower(other.Name)) {
				place(other)
			}
		}
		ordered = append(ordered, t)
	}
	for _, t := range tables {
		place(t)
	}
	copy(tables, ordered)
	return nil
}

// shadow reports whether a table is made by a virtual one, as its own store.
func shadow(name string, tables []inspect.Table) bool {
	return slices.ContainsFunc(tables, func(t inspect.Table) bool {
		virtual := len(t.SQL) > 14 && strings.EqualFold(t.SQL[:14], "CREATE VIRTUAL")
		return virtual && strings.HasPrefix(name, t.Name+"_")
	})
}

// allRows is more than a table has.
const allRows = 1 << 30

// maxColumns is how many the platform lets a result have.
const maxColumns = 100

// takeRows reads the rows of a table, without what is computed of them.
func takeRows(ctx context.Context, in Store, ref inspect.Ref, t inspect.Table) ([]Row, error) {
	var names, terms []string
	var loose []int // columns in which a whole real number is not an integer
	for i, c := range t.Columns {
		names = append(names, c.Name)
		terms = append(terms, inspect.QuoteName(c.Name))
		kind := strings.ToUpper(c.Type)
		if kind == "" || kind == "ANY" || strings.Contains(kind, "BLOB") {
			loose = append(loose, i)
		}
	}
	if len(terms) == 0 {
		return nil, nil
	}
	if len(terms)+len(loose) > maxColumns {
		loose = nil
	}
	for _, i := range loose {
		terms = append(terms, "typeof("+inspect.QuoteName(names[i])+")")
	}
	r, err := in.SQL(ctx, ref, inspect.SQLQuery{SQL: "SELECT " + strings.Join(terms, ", ") + " FROM " + inspect.QuoteName(t.Name), Limit: allRows})
	if err != nil {
		return nil, err
	}
	rows := make([]Row, 0, len(r.Rows))
	for _, values := range r.Rows {
		for k, i := range loose {
			if string(values[len(names)+k]) == `"real"` && !strings.ContainsAny(string(values[i]), ".eE{") {
				values[i] = append(slices.Clone(values[i]), ".0"...)
			}
		}
		rows = append(rows, Row{Columns: names, Values: values[:len(names)]})
	}
	return rows, nil
}
