package sqlite_test

import (
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/dodev/dodev/sqlite"
)

// answer is what the real runtime said to a piece of SQL. Rows hold strings,
// float64s, nil, and {"$": "ArrayBuffer", "hex": …}.
type answer struct {
	Name  string
	Setup []string
	SQL   *string // nil for one that is too long
	Bind  []any
	Rows  [][]any
	Error string
}

func TestSQLAnswersAsTheRealRuntimeDid(t *testing.T) {
	data, err := os.ReadFile("testdata/sql.json")
	if err != nil {
		t.Fatal(err)
	}
	var answers []answer
	if err := json.Unmarshal(data, &answers); err != nil {
		t.Fatal(err)
	}
	for _, a := range answers {
		t.Run(a.Name, func(t *testing.T) { a.check(t) })
	}
}

func (a answer) check(t *testing.T) {
	o := newObject(t)
	for _, sql := range a.Setup {
		setUp(t, o, sql)
	}
	sql := "SELECT '" + strings.Repeat("x", 110_000) + "' AS a"
	if a.SQL != nil {
		sql = *a.SQL
	}
	rows, err := query(o, sql, values(a.Bind)...)
	got := ""
	if err != nil {
		got = err.Error()
	}
	if got != a.Error {
		t.Fatalf("error %q, want %q", got, a.Error)
	}
	if a.Error == "" && !(len(rows) == 0 && len(a.Rows) == 0) && !reflect.DeepEqual(rows, a.Rows) {
		t.Errorf("rows %v, want %v", rows, a.Rows)
	}
}

// setUp executes a line of an answer's setup: "!kv" stores a pair, "!alarm" sets
// an alarm, "~" precedes SQL that fails, "@" SQL with the bindings 1 and 1.5.
func setUp(t *testing.T, o *sqlite.Object, line string) {
	t.Helper()
	var err error
	switch {
	case line == "!kv":
		err = o.Put("a", []byte{1})
	case line == "!alarm":
		err = o.SetAlarm(time.Unix(4102444800, 0))
	case line[0] == '~':
		if _, err := query(o, line[1:]); err == nil {
			t.Fatalf("%s: no error", line)
		}
	case line[0] == '@':
		_, err = query(o, line[1:], values([]any{1.0, 1.5})...)
	default:
		_, err = query(o, line)
	}
	if err != nil {
		t.Fatalf("%s: %v", line, err)
	}
}

// newObject returns an object with a file that is not there yet.
func newObject(t testing.TB) *sqlite.Object {
	t.Helper()
	o := sqlite.OpenObject(filepath.Join(t.TempDir(), "script-Class", "id.sqlite"), sqlite.Options{})
	t.Cleanup(func() {
		if err := o.Close(); err != nil {
			t.Error(err)
		}
	})
	return o
}

// values turns what a JavaScript caller would pass into bindings.
func values(in []any) []sqlite.Value {
	var out []sqlite.Value
	for _, v := range in {
		switch v := v.(type) {
		case string:
			out = append(out, sqlite.Value{Kind: sqlite.Text, Text: v})
		case float64:
			out = append(out, sqlite.Value{Kind: sqlite.Float, Float: v})
		default:
			out = append(out, sqlite.Value{})
		}
	}
	return out
}

// query returns all rows, described as in an answer.
func query(o *sqlite.Object, sql string, bind ...sqlite.Value) ([][]any, error) {
	c, err := o.Exec(sql, bind...)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	var rows [][]any
	for !c.Done() {
		row := []any{}
		for i := range c.Columns() {
			row = append(row, described(c.Value(i)))
		}
		rows = append(rows, row)
		if err := c.Advance(); err != nil {
			return nil, err
		}
	}
	return rows, nil
}

func described(v sqlite.Value) any {
	switch v.Kind {
	case sqlite.Integer:
		return float64(v.Integer)
	case sqlite.Float:
		return v.Float
	case sqlite.Text:
		return v.Text
	case sqlite.Blob:
		return map[string]any{"$": "ArrayBuffer", "hex": hex.EncodeToString(v.Blob)}
	}
	return nil
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
