package stored

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"encoding/json"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/dodev/dodev/devserver/inspect"
	"github.com/dodev/dodev/sqlite"
)

// tables compares the rows of the user's tables.
func (c *comparison) tables(before, after *sqlite.Object) ([]inspect.TableDiff, error) {
	was, err := definitions(before)
	if err != nil {
		return nil, err
	}
	is, err := definitions(after)
	if err != nil {
		return nil, err
	}
	names := maps.Clone(was)
	maps.Copy(names, is)
	var diffs []inspect.TableDiff
	for _, name := range slices.Sorted(maps.Keys(names)) {
		d := inspect.TableDiff{Table: name}
		left, there := was[name]
		right, still := is[name]
		switch {
		case !there:
			d.Change = "added"
		case !still:
			d.Change = "removed"
		case left != right:
			d.Change = "altered"
		}
		t := tableComparison{comparison: c, diff: &d}
		if there {
			t.before = before
		}
		if still {
			t.after = after
		}
		if err := t.run(); err != nil {
			return nil, err
		}
		if d.Change != "" || len(d.Removed)+len(d.Added) > 0 {
			diffs = append(diffs, d)
		}
	}
	return diffs, nil
}

// definitions are the statements that made the user's tables.
func definitions(db *sqlite.Object) (map[string]string, error) {
	tables, err := tableNames(db)
	out := map[string]string{}
	for _, t := range tables {
		if t.Kind == "table" {
			out[t.Name] = t.SQL
		}
	}
	return out, err
}

// A tableComparison compares the rows of a table, of which one side may be nil.
type tableComparison struct {
	*comparison
	before, after  *sqlite.Object
	diff           *inspect.TableDiff
	removed, added []loneRow
}

// A loneRow is one that the other side has not, or not so.
type loneRow struct {
	key  string // that tells it from all others, "" for none
	text string
}

func (t *tableComparison) run() error {
	query := `SELECT * FROM "` + strings.ReplaceAll(t.diff.Table, `"`, `""`) + `"`
	number, err := t.rowid()
	if err != nil {
		return err
	}
	if number == "" {
		err = t.unordered(query)
	} else {
		query = strings.Replace(query, "*", number+", *", 1) + " ORDER BY " + number
		err = t.ordered(query)
	}
	t.settle()
	return err
}

// rowid is what the number of the table's rows is called on both sides, "" when
// they have none.
func (t *tableComparison) rowid() (string, error) {
	names := []string{"_rowid_", "rowid", "oid"}
	for _, db := range []*sqlite.Object{t.before, t.after} {
		if db == nil {
			continue
		}
		all, err := columns(db, t.diff.Table)
		if err != nil {
			return "", err
		}
		var key []int
		for i, column := range all {
			names = slices.DeleteFunc(names, func(name string) bool { return strings.EqualFold(name, column.Name) })
			if column.Key {
				key = append(key, i)
			}
		}
		t.diff.Key = key
		names = slices.DeleteFunc(names, func(name string) bool {
			cur, err := db.Exec("SELECT " + name + ` FROM "` + strings.ReplaceAll(t.diff.Table, `"`, `""`) + `" LIMIT 0`)
			if err == nil {
				cur.Close()
			}
			return err != nil
		})
	}
	if len(names) == 0 {
		return "", nil
	}
	return names[0], nil
}

// open begins to read one side. A side without the table has no rows.
func (t *tableComparison) open(db *sqlite.Object, query string) (*sqlite.Cursor, error) {
	if db == nil {
		return nil, nil
	}
	return db.Exec(query)
}

// ordered compares rows that have a number, in its order.
func (t *tableComparison) ordered(query string) error {
	was, err := t.open(t.before, query)
	if err != nil {
		return err
	}
	is, err := t.open(t.after, query)
	if err != nil {
		return err
	}
	t.named(was, is, 1)
	defer closeBoth(was, is)
	for !over(was) || !over(is) {
		if err := t.goOn(); err != nil {
			return err
		}
		gone := over(is) || !over(was) && was.Integer(0) < is.Integer(0)
		came := over(was) || !over(is) && is.Integer(0) < was.Integer(0)
		same := !gone && !came && sameRow(was, is)
		if !same && !t.tell() {
			return nil
		}
		if !came {
			if !same {
				if err := t.lone(&t.removed, was, 1, strconv.FormatInt(was.Integer(0), 10)); err != nil {
					return err
				}
			}
			if err := was.Advance(); err != nil {
				return err
			}
		}
		if !gone {
			if !same {
				if err := t.lone(&t.added, is, 1, strconv.FormatInt(is.Integer(0), 10)); err != nil {
					return err
				}
			}
			if err := is.Advance(); err != nil {
				return err
			}
		}
	}
	return nil
}

func over(cur *sqlite.Cursor) bool { return cur == nil || cur.Done() }

func closeBoth(was, is *sqlite.Cursor) {
	for _, cur := range []*sqlite.Cursor{was, is} {
		if cur != nil {
			cur.Close()
		}
	}
}

// named notes what the columns are called, but for the first ones.
func (t *tableComparison) named(was, is *sqlite.Cursor, skip int) {
	switch {
	case is == nil:
		t.diff.Columns = slices.Clone(was.Columns()[skip:])
	case was == nil:
		t.diff.Columns = slices.Clone(is.Columns()[skip:])
	default:
		t.diff.Columns = slices.Clone(is.Columns()[skip:])
		if before := was.Columns()[skip:]; !slices.Equal(before, t.diff.Columns) {
			t.diff.Was = slices.Clone(before)
		}
	}
}

// lone notes a row that the other side has not.
func (t *tableComparison) lone(rows *[]loneRow, cur *sqlite.Cursor, skip int, key string) error {
	row := make([]json.RawMessage, len(cur.Columns())-skip)
	for i := range row {
		var err error
		if row[i], err = column(cur, i+skip); err != nil {
			return err
		}
	}
	text, err := json.Marshal(row)
	*rows = append(*rows, loneRow{key, string(text)})
	return err
}

// unordered compares rows that have no number: by how often each is there.
func (t *tableComparison) unordered(query string) error {
	there := map[string]int{}
	if err := t.visit(t.before, query, func(cur *sqlite.Cursor) error {
		there[string(appendRow(nil, cur, nil))]++
		return nil
	}); err != nil {
		return err
	}
	if err := t.visit(t.after, query, func(cur *sqlite.Cursor) error {
		row := string(appendRow(nil, cur, nil))
		if there[row] > 0 {
			there[row]--
			return nil
		}
		if !t.tell() {
			return nil
		}
		return t.lone(&t.added, cur, 0, string(appendRow(nil, cur, t.diff.Key)))
	}); err != nil {
		return err
	}
	return t.visit(t.before, query, func(cur *sqlite.Cursor) error {
		row := string(appendRow(nil, cur, nil))
		if there[row] == 0 {
			return nil
		}
		if there[row]--; !t.tell() {
			return nil
		}
		return t.lone(&t.removed, cur, 0, string(appendRow(nil, cur, t.diff.Key)))
	})
}

func (t *tableComparison) visit(db *sqlite.Object, query string, fn func(*sqlite.Cursor) error) error {
	cur, err := t.open(db, query)
	if cur == nil || err != nil {
		return err
	}
	defer cur.Close()
	t.diff.Columns = slices.Clone(cur.Columns())
	for !cur.Done() {
		if err := cmp.Or(t.goOn(), fn(cur), cur.Advance()); err != nil {
			return err
		}
	}
	return nil
}

// settle drops rows that only got another number, and finds those that changed.
func (t *tableComparison) settle() {
	came := map[string]int{}
	for _, row := range t.added {
		came[row.text]++
	}
	again := map[string]int{}
	t.removed = slices.DeleteFunc(t.removed, func(row loneRow) bool {
		if came[row.text] == 0 {
			return false
		}
		came[row.text]--
		again[row.text]++
		return true
	})
	t.added = slices.DeleteFunc(t.added, func(row loneRow) bool {
		again[row.text]--
		return again[row.text] >= 0
	})
	places := map[string]int{}
	for i, row := range t.removed {
		t.diff.Removed = append(t.diff.Removed, row.text)
		places[row.key] = i
	}
	for i, row := range t.added {
		t.diff.Added = append(t.diff.Added, row.text)
		if at, ok := places[row.key]; ok && row.key != "" {
			t.diff.Changed = append(t.diff.Changed, [2]int{at, i})
		}
	}
}

// sameRow reports whether two cursors stand on rows with the very same values.
func sameRow(a, b *sqlite.Cursor) bool {
	if len(a.Columns()) != len(b.Columns()) {
		return false
	}
	for i := range a.Columns() {
		kind := a.Kind(i)
		if kind != b.Kind(i) {
			return false
		}
		switch kind {
		case sqlite.Integer:
			if a.Integer(i) != b.Integer(i) {
				return false
			}
		case sqlite.Float:
			if math.Float64bits(a.Float(i)) != math.Float64bits(b.Float(i)) {
				return false
			}
		case sqlite.Text, sqlite.Blob:
			if !bytes.Equal(a.Bytes(i), b.Bytes(i)) {
				return false
			}
		}
	}
	return true
}

// appendRow writes some values of a row, nil for all, so that no two rows are
// written alike.
func appendRow(to []byte, cur *sqlite.Cursor, only []int) []byte {
	for i := range cur.Columns() {
		if only != nil && !slices.Contains(only, i) {
			continue
		}
		kind := cur.Kind(i)
		to = append(to, byte(kind))
		switch kind {
		case sqlite.Integer:
			to = binary.BigEndian.AppendUint64(to, uint64(cur.Integer(i)))
		case sqlite.Float:
			to = binary.BigEndian.AppendUint64(to, math.Float64bits(cur.Float(i)))
		case sqlite.Text, sqlite.Blob:
			data := cur.Bytes(i)
			to = append(binary.AppendUvarint(to, uint64(len(data))), data...)
		}
	}
	return to
}
