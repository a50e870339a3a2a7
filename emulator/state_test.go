package emulator_test

import (
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"
)

// Objects of the state folder that the real runtime wrote.
const (
	valuesFile   = "v3/do/state-Values/9ccc1b8178d9836158c691f3a26d06900b431f38afd66c71be55513d1f77716b.sqlite"
	tablesFile   = "v3/do/state-Tables/a37df5617f4bede19b2d4af9135c8ab576895e5bce2774da66b391c913c12826.sqlite"
	tablesAlarms = "v3/do/state-Tables/metadata.sqlite"
)

// realFiles are two files that the real runtime wrote.
var realFiles = filepath.Join("..", "sqlite", "testdata", "real")

func TestStoredBytesAreThoseOfTheRealRuntime(t *testing.T) {
	t.Parallel()
	p := serve(t, extract(t, read(t, "testdata/state.txtar")), localRuntime)
	p.want(request{path: "/write"}, 200, "[19,2]")
	closed(t, p)

	compareValues(t, storedValues(t, filepath.Join(p.state, valuesFile), ""), 19)
	compareDumps(t, dump(t, filepath.Join(p.state, tablesFile)), dump(t, filepath.Join(realFiles, "tables.sqlite")))
	got := dump(t, filepath.Join(p.state, tablesAlarms))
	want := slices.DeleteFunc(dump(t, filepath.Join(realFiles, "metadata.sqlite")), func(row string) bool {
		return strings.Contains(row, "café")
	})
	compareDumps(t, got, want)
}

func TestAFileOfTheRealRuntimeIsCarriedOn(t *testing.T) {
	t.Parallel()
	state := t.TempDir()
	install(t, filepath.Join(realFiles, "tables.sqlite"), filepath.Join(state, tablesFile))
	install(t, filepath.Join(realFiles, "metadata.sqlite"), filepath.Join(state, tablesAlarms))
	p := serve(t, extract(t, read(t, "testdata/state.txtar")), inFolder(state))
	p.want(request{path: "/read"}, 200, `{"name":"tables","also":{"kv":true},`+
		`"items":[{"id":1,"name":"one","weight":1.5,"data":"010203"},{"id":2,"name":"two","weight":null,"data":""}],`+
		`"alarm":4102444800000}`)
	if n := p.Namespaces()[1]; n.Objects != 1 || n.Alarms != 2 {
		t.Errorf("%d objects and %d alarms, want 1 and 2", n.Objects, n.Alarms)
	}
}

// sharedState is the project and the folder it left on the real runtime.
func sharedState(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(goldenDir, "state")
	if _, err := os.Stat(dir); err != nil {
		t.Skip("the state folder of the real runtime is not beside the repository")
	}
	return copyTree(t, dir)
}

func TestTheRecordedProjectLeavesTheSameFiles(t *testing.T) {
	t.Parallel()
	dir := sharedState(t)
	p := serve(t, dir, localRuntime)
	p.want(request{path: "/write"}, 200, "[56,2,2]")
	closed(t, p)

	got, want := databases(t, p.state), databases(t, dir)
	if !slices.Equal(got, want) {
		t.Fatalf("files %q\nwant %q", got, want)
	}
	for _, file := range want {
		t.Run(file, func(t *testing.T) {
			compareDumps(t, dump(t, filepath.Join(p.state, file)), dump(t, filepath.Join(dir, file)))
		})
	}
	compareValues(t, storedValues(t, filepath.Join(p.state, valuesFile), ""), 56)
}

func TestEveryRecordedValueIsReadAndStoredAgain(t *testing.T) {
	t.Parallel()
	dir := sharedState(t)
	p := serve(t, dir, localRuntime, inFolder(dir))
	if keys := decode[[]string](t, p.get("/")); len(keys) != 56 {
		t.Errorf("%d keys, want 56", len(keys))
	}
	if keys := decode[[]string](t, p.get("/recode")); len(keys) != 112 {
		t.Errorf("%d keys after copying, want 112", len(keys))
	}
	closed(t, p)
	compareValues(t, storedValues(t, filepath.Join(dir, valuesFile), "copy:"), 56)
}

func closed(t *testing.T, p *project) {
	t.Helper()
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
}

func read(t testing.TB, file string) string {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// install copies a file to where folders may be missing.
func install(t testing.TB, from, to string) {
	t.Helper()
	write(t, to, read(t, from))
}

// databases lists the files of a state folder. What belongs to an open database
// must be gone.
func databases(t *testing.T, state string) (names []string) {
	t.Helper()
	err := fs.WalkDir(os.DirFS(state), "v3", func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			names = append(names, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// compareValues compares stored values with those of the real runtime.
func compareValues(t *testing.T, got map[string]string, count int) {
	t.Helper()
	want := decode[map[string]string](t, read(t, "testdata/state-values.json"))
	if len(got) != count {
		t.Errorf("%d values, want %d", len(got), count)
	}
	for key, value := range got {
		if value != want[key] {
			t.Errorf("%s: %s\nwant %s", key, value, want[key])
		}
	}
}

// storedValues gives an object's values in hexadecimal, by their keys without
// the prefix that all of them must have.
func storedValues(t *testing.T, file, prefix string) map[string]string {
	t.Helper()
	out := map[string]string{}
	query(t, file, "SELECT key, value FROM _cf_KV", func(row []string) {
		key, ok := strings.CutPrefix(row[0], prefix)
		if ok {
			out[key] = strings.TrimPrefix(row[1], "x")
		}
	})
	return out
}

// dump shows everything in a database, sorted, but for the table that the
// incumbent's own tool adds.
func dump(t *testing.T, file string) (lines []string) {
	t.Helper()
	var tables []string
	query(t, file, "SELECT type, name, sql FROM sqlite_schema WHERE name <> '__miniflare_do_name'", func(row []string) {
		lines = append(lines, strings.Join(row, " "))
		if row[0] == "table" {
			tables = append(tables, row[1])
		}
	})
	for _, table := range tables {
		query(t, file, fmt.Sprintf("SELECT * FROM %q", table), func(row []string) {
			lines = append(lines, table+": "+strings.Join(row, ", "))
		})
	}
	slices.Sort(lines)
	return lines
}

func compareDumps(t *testing.T, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("stored %s\nwant %s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// query reads a database that nobody has open. Bytes come in hexadecimal after
// an x.
func query(t *testing.T, file, sql string, each func(row []string)) {
	t.Helper()
	conn, err := sqlite.OpenConn(file, sqlite.OpenReadWrite)
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	defer conn.Close()
	err = sqlitex.ExecuteTransient(conn, sql, &sqlitex.ExecOptions{ResultFunc: func(s *sqlite.Stmt) error {
		row := make([]string, s.ColumnCount())
		for i := range row {
			if s.ColumnType(i) != sqlite.TypeBlob {
				row[i] = s.ColumnText(i)
				continue
			}
			data := make([]byte, s.ColumnLen(i))
			s.ColumnBytes(i, data)
			row[i] = "x" + hex.EncodeToString(data)
		}
		each(row)
		return nil
	}})
	if err != nil {
		t.Fatalf("%s: %s: %v", file, sql, err)
	}
}
