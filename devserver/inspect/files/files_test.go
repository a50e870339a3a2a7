package files_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	zombie "zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"github.com/dodev/dodev/devserver/inspect"
	"github.com/dodev/dodev/devserver/inspect/files"
	"github.com/dodev/dodev/emulator/names"
	"github.com/dodev/dodev/emulator/object"
	"github.com/dodev/dodev/sqlite"
)

// tables is an object of the real runtime's, in state-Tables.
const tables = "a37df5617f4bede19b2d4af9135c8ab576895e5bce2774da66b391c913c12826"

// realFolder is a state folder with files that the real runtime wrote.
func realFolder(t *testing.T) (dir, namespace string) {
	t.Helper()
	dir = t.TempDir()
	namespace = filepath.Join(dir, "v3", "do", "state-Tables")
	if err := os.MkdirAll(namespace, 0o777); err != nil {
		t.Fatal(err)
	}
	for from, to := range map[string]string{"tables.sqlite": tables + ".sqlite", "metadata.sqlite": "metadata.sqlite"} {
		text, err := os.ReadFile(filepath.Join("..", "..", "..", "sqlite", "testdata", "real", from))
		if err == nil {
			err = os.WriteFile(filepath.Join(namespace, to), text, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return dir, namespace
}

func folder(t *testing.T, dir string) *files.Folder {
	t.Helper()
	f := files.Open(inspect.Project{State: dir}, dir)
	t.Cleanup(func() { _ = f.Close() })
	return f
}

// use opens a database as the real runtime has it open, and writes to it without
// moving that from the WAL into the file.
func use(t *testing.T, path, statement string) {
	t.Helper()
	c, err := zombie.OpenConn(path, zombie.OpenReadWrite)
	if err == nil {
		err = sqlitex.ExecuteScript(c, "PRAGMA journal_mode=WAL; PRAGMA wal_autocheckpoint=0;"+statement, nil)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
}

func TestAFolderOfTheRealRuntimeIsShown(t *testing.T) {
	dir, _ := realFolder(t)
	f := folder(t, dir)
	s, err := f.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	// The second one has an alarm and no file.
	if len(s.Objects) != 2 || s.Objects[1].ID != tables || s.Objects[1].Name != "tables" || s.Objects[1].Label != "Tables/tables" || s.Objects[1].NextAlarm == nil {
		t.Errorf("objects %+v", s.Objects)
	}
	ref := inspect.Ref{Namespace: "state-Tables", ID: tables}
	if page, err := f.Keys(t.Context(), ref, inspect.KeyQuery{}); err != nil || len(page.Entries) != 1 || string(page.Entries[0].Value) != `{"kv":true}` || !page.SQL {
		t.Errorf("keys %+v, %v", page, err)
	}
	schema, err := f.Schema(t.Context(), ref)
	if err != nil || schema.Keys != 1 || len(schema.Tables) == 0 || schema.Tables[0].Name != "items" || schema.Tables[0].Rows != 2 {
		t.Errorf("schema %+v, %v", schema, err)
	}
	for _, table := range schema.Tables {
		if table.Name[0] == '_' {
			t.Errorf("%s is shown, which is not the user's", table.Name)
		}
	}
}

func TestWhatAnotherProcessHasInItsWALIsRead(t *testing.T) {
	dir, namespace := realFolder(t)
	use(t, filepath.Join(namespace, tables+".sqlite"), "INSERT INTO items (id, name) VALUES (3, 'three')")
	f := folder(t, dir)
	r, err := f.SQL(t.Context(), inspect.Ref{Namespace: "state-Tables", ID: tables}, inspect.SQLQuery{SQL: "SELECT name FROM items WHERE id = 3"})
	if err != nil || len(r.Rows) != 1 || string(r.Rows[0][0]) != `"three"` {
		t.Errorf("got %s, %v; want the row that is in the WAL", r.Rows, err)
	}
}

func TestAChangeIsRefusedWhileAnotherProcessHasTheNamespace(t *testing.T) {
	dir, namespace := realFolder(t)
	use(t, filepath.Join(namespace, "metadata.sqlite"), "UPDATE _cf_ALARM SET scheduled_time = scheduled_time")
	f := folder(t, dir)
	ref := inspect.Ref{Namespace: "state-Tables", ID: tables}
	for what, change := range map[string]func() error{
		"edit": func() error {
			_, err := f.Edit(t.Context(), ref, []inspect.Change{{Key: "k", Value: json.RawMessage("1")}})
			return err
		},
		"sql": func() error {
			_, err := f.SQL(t.Context(), ref, inspect.SQLQuery{SQL: "DELETE FROM items"})
			return err
		},
		"delete": func() error {
			_, err := f.Act(t.Context(), inspect.Action{Kind: inspect.Delete, Object: ref})
			return err
		},
		"alarm": func() error {
			_, err := f.Act(t.Context(), inspect.Action{Kind: inspect.SetAlarm, Object: ref, At: time.Now()})
			return err
		},
	} {
		if err := change(); inspect.CodeOf(err) != inspect.Locked {
			t.Errorf("%s gives %v, want it refused as locked", what, err)
		}
	}
	if _, err := f.Entry(t.Context(), ref, "k"); inspect.CodeOf(err) != inspect.NotFound {
		t.Errorf("of what was refused something is there: %v", err)
	}
}

func TestChangesWithoutAServerAreWholeAndFindTheAlarmsIndex(t *testing.T) {
	dir, namespace := realFolder(t)
	f := folder(t, dir)
	ref := inspect.Ref{Namespace: "state-Tables", ID: tables}
	_, err := f.Edit(t.Context(), ref, []inspect.Change{
		{Key: "a", Value: json.RawMessage("1")}, {Key: "also", Value: json.RawMessage("2"), Expect: inspect.Absent},
	})
	if inspect.CodeOf(err) != inspect.Conflict {
		t.Errorf("got %v, want a conflict", err)
	}
	if _, err := f.Entry(t.Context(), ref, "a"); inspect.CodeOf(err) != inspect.NotFound {
		t.Errorf("of the failed edit the first half is there: %v", err)
	}
	at := time.Date(2033, 1, 2, 3, 4, 5, 0, time.UTC)
	if _, err := f.Act(t.Context(), inspect.Action{Kind: inspect.SetAlarm, Object: ref, At: at}); err != nil {
		t.Fatal(err)
	}
	db := sqlite.OpenObject(sqlite.ObjectPath(namespace, tables), sqlite.Options{ReadOnly: true})
	defer db.Close()
	if got, ok, err := db.Alarm(); err != nil || !ok || !got.Equal(at) {
		t.Errorf("the object's alarm is %v, %v, %v; want %v", got, ok, err, at)
	}
	if o, err := f.Object(t.Context(), ref); err != nil || o.NextAlarm == nil || !o.NextAlarm.Equal(at) || o.Name != "tables" {
		t.Errorf("the index has %+v, %v; want %v, and the name kept", o.NextAlarm, err, at)
	}
}

func TestDeletingLeavesNothingOfAnObject(t *testing.T) {
	dir, namespace := realFolder(t)
	for _, name := range []string{tables + ".1.sqlite", tables + ".facets"} { // of what is within it
		if err := os.WriteFile(filepath.Join(namespace, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	f := folder(t, dir)
	if _, err := f.Act(t.Context(), inspect.Action{Kind: inspect.Delete, Object: inspect.Ref{Namespace: "state-Tables", ID: tables}}); err != nil {
		t.Fatal(err)
	}
	left, err := filepath.Glob(filepath.Join(namespace, tables+"*"))
	if err != nil || len(left) > 0 {
		t.Errorf("left: %q, %v", left, err)
	}
	if s, err := f.Snapshot(t.Context()); err != nil || len(s.Objects) != 1 {
		t.Errorf("objects %+v, %v; want the other one alone", s.Objects, err)
	}
}

func TestTheNameThatTheOtherToolLeftInAFileIsShown(t *testing.T) {
	dir, namespace := realFolder(t)
	if err := os.Remove(filepath.Join(namespace, "metadata.sqlite")); err != nil { // which has it, too
		t.Fatal(err)
	}
	s, err := folder(t, dir).Snapshot(t.Context())
	if err != nil || len(s.Objects) != 1 || s.Objects[0].Name != "tables" {
		t.Errorf("objects %+v, %v; want tables", s.Objects, err)
	}
}

func TestRememberedNamesAreShown(t *testing.T) {
	dir := t.TempDir()
	space := object.NewNamespace("chat", "Room")
	ref := space.Ref(space.FromName("lobby"), "lobby")
	folderOf := filepath.Join(dir, "v3", "do", "chat-Room")
	db := sqlite.OpenObject(sqlite.ObjectPath(folderOf, ref.ID.String()), sqlite.Options{})
	if err := db.Put("k", []byte{0xff, 0x0f, '0'}); err != nil {
		t.Fatal(err)
	}
	if err := db.Commit(); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	book := names.Open(names.Dir(dir))
	book.Note(ref)
	if err := book.Close(); err != nil {
		t.Fatal(err)
	}
	s, err := folder(t, dir).Snapshot(t.Context())
	if err != nil || len(s.Objects) != 1 || s.Objects[0].Label != "Room/lobby" {
		t.Errorf("objects %+v, %v; want Room/lobby", s.Objects, err)
	}
}
