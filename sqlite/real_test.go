package sqlite_test

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dodev/dodev/sqlite"
)

// testdata/real holds files that the real runtime wrote: an object of the name
// "tables" and the index of its namespace.

const (
	tablesID = "a37df5617f4bede19b2d4af9135c8ab576895e5bce2774da66b391c913c12826"
	cafeID   = "3a2da3d575ba4aff4371eafa0ea578e340bcdcd8f46b444802ae39e38c6b8b6b"
)

func in2100() time.Time { return time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC) }

// copyFile copies a file into a folder of the test's.
func copyFile(t *testing.T, from, to string) {
	t.Helper()
	data, err := os.ReadFile(from)
	must(t, err)
	must(t, os.MkdirAll(filepath.Dir(to), 0o777))
	must(t, os.WriteFile(to, data, 0o666))
}

func TestAFileOfTheRealRuntimesIsReadAndWritten(t *testing.T) {
	path := filepath.Join(t.TempDir(), tablesID+".sqlite")
	copyFile(t, "testdata/real/tables.sqlite", path)
	o := sqlite.OpenObject(path, sqlite.Options{})
	defer o.Close()

	name, ok, err := o.Name()
	if name != "tables" || !ok || err != nil {
		t.Errorf("name %q, %v, %v", name, ok, err)
	}
	at, ok, err := o.Alarm()
	if !at.Equal(in2100()) || !ok || err != nil {
		t.Errorf("alarm %v, %v, %v", at, ok, err)
	}
	if value, ok, err := o.Get("also"); hex.EncodeToString(value) != "ff0f6f22026b76547b01" || !ok || err != nil {
		t.Errorf("value %x, %v, %v", value, ok, err)
	}
	rows, err := query(o, "SELECT id, name, weight, data FROM items")
	must(t, err)
	if len(rows) != 2 || rows[0][1] != "one" || rows[0][2] != 1.5 {
		t.Errorf("items %v", rows)
	}
	must(t, o.Put("more", []byte{1}))
	must(t, o.Commit())
	must(t, o.Close())
	if _, ok, err := o.Get("more"); !ok || err != nil {
		t.Errorf("what was put is gone: %v", err)
	}
}

func TestTheOtherToolsNameTableIsHidden(t *testing.T) {
	path := filepath.Join(t.TempDir(), tablesID+".sqlite")
	copyFile(t, "testdata/real/tables.sqlite", path)
	o := sqlite.OpenObject(path, sqlite.Options{})
	defer o.Close()
	for _, sql := range []string{"SELECT name FROM sqlite_master", "SELECT * FROM sqlite_schema", "PRAGMA table_list"} {
		rows, err := query(o, sql)
		must(t, err)
		for _, row := range rows {
			if slices.Contains(row, any("__miniflare_do_name")) {
				t.Errorf("%s shows %v", sql, row)
			}
		}
		if len(rows) < 3 {
			t.Errorf("%s shows only %v", sql, rows)
		}
	}
	for _, sql := range []string{"SELECT name FROM __miniflare_do_name", "DROP TABLE __miniflare_do_name", "DELETE FROM __miniflare_do_name"} {
		if _, err := query(o, sql); err == nil {
			t.Errorf("%s is allowed", sql)
		}
	}
}

// header is what a file says of itself, but for counters and versions.
func header(t *testing.T, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	must(t, err)
	return slices.Concat(data[:24], data[40:92])
}

// schema returns the texts by which a file's tables were created.
func schema(t *testing.T, path string) []string {
	t.Helper()
	o := sqlite.OpenObject(path, sqlite.Options{})
	defer o.Close()
	rows, err := query(o, "SELECT sql FROM sqlite_schema ORDER BY sql")
	must(t, err)
	var texts []string
	for _, row := range rows {
		texts = append(texts, row[0].(string))
	}
	return texts
}

func TestAFileOfOursIsAsTheRealRuntimeWouldHaveWrittenIt(t *testing.T) {
	folder := t.TempDir()
	real, path := filepath.Join(folder, "real.sqlite"), filepath.Join(folder, "ours.sqlite")
	copyFile(t, "testdata/real/tables.sqlite", real)
	o := sqlite.OpenObject(path, sqlite.Options{})
	_, err := query(o, "CREATE TABLE items (id INTEGER PRIMARY KEY, name TEXT NOT NULL, weight REAL, data BLOB)")
	must(t, err)
	must(t, o.Put("also", []byte{1}))
	must(t, o.SetAlarm(in2100()))
	must(t, o.Commit())
	must(t, o.Close())

	got, want := header(t, path), header(t, real)
	binary.BigEndian.PutUint32(want[24:], 3) // the schema changed once less: there is no table for the name
	if !bytes.Equal(got, want) {
		t.Errorf("header %x\n want %x", got, want)
	}
	if got, want := schema(t, path), schema(t, real); !slices.Equal(got, want) {
		t.Errorf("schema %q\n want %q", got, want)
	}
	for _, suffix := range []string{"-wal", "-shm", "-journal"} {
		if exists(path + suffix) {
			t.Errorf("a closed file leaves %s", suffix)
		}
	}
}

func TestTheIndexOfTheRealRuntimesIsReadAndWritten(t *testing.T) {
	folder := t.TempDir()
	copyFile(t, "testdata/real/metadata.sqlite", filepath.Join(folder, "metadata.sqlite"))
	index, err := sqlite.OpenIndex(folder, sqlite.Options{})
	must(t, err)
	defer index.Close()
	got, err := index.All()
	must(t, err)
	want := []sqlite.Alarm{{cafeID, in2100(), "café 你"}, {tablesID, in2100(), "tables"}}
	if !slices.EqualFunc(got, want, sameAlarm) {
		t.Errorf("alarms %v, want %v", got, want)
	}

	other := t.TempDir()
	ours, err := sqlite.OpenIndex(other, sqlite.Options{})
	must(t, err)
	for _, a := range want {
		must(t, ours.Set(a))
	}
	must(t, ours.Close())
	must(t, index.Close())
	path := filepath.Join(folder, "metadata.sqlite")
	if got, want := header(t, filepath.Join(other, "metadata.sqlite")), header(t, path); !bytes.Equal(got, want) {
		t.Errorf("header %x\n want %x", got, want)
	}
	if got, want := schema(t, filepath.Join(other, "metadata.sqlite")), schema(t, path); !slices.Equal(got, want) {
		t.Errorf("schema %q\n want %q", got, want)
	}
}

func sameAlarm(a, b sqlite.Alarm) bool { return a.ID == b.ID && a.At.Equal(b.At) && a.Name == b.Name }

// TestTheSharedStateFolderIsRead reads every value of the state folder that lies
// beside the repository, where there is one.
func TestTheSharedStateFolderIsRead(t *testing.T) {
	state := filepath.Join("..", "..", "shared", "golden", "state")
	data, err := os.ReadFile(filepath.Join(state, "values.json"))
	if err != nil {
		t.Skip("no state folder of the real runtime's beside the repository")
	}
	var values map[string]json.RawMessage
	must(t, json.Unmarshal(data, &values))
	files, err := filepath.Glob(filepath.Join(state, "v3", "do", "state-Values", "9*.sqlite"))
	must(t, err)
	path := filepath.Join(t.TempDir(), "values.sqlite")
	copyFile(t, files[0], path)
	o := sqlite.OpenObject(path, sqlite.Options{})
	defer o.Close()
	for key, want := range values {
		got, ok, err := o.Get(key)
		if err != nil || !ok || !strings.Contains(string(want), hex.EncodeToString(got)) {
			t.Errorf("%s: %x, %v, %v, want %s", key, got, ok, err, want)
		}
	}
}
