package sqlite_test

import (
	"errors"
	"path/filepath"
	"testing"
	"time"

	"github.com/dodev/dodev/sqlite"
)

func TestWhatWasCommittedSurvivesAKilledProcess(t *testing.T) {
	o := newObject(t)
	must(t, o.Put("a", []byte("1")))
	_, err := o.Exec("CREATE TABLE t (x)")
	must(t, err)
	must(t, o.SetAlarm(in2100()))
	must(t, o.Commit())
	must(t, o.Put("a", []byte("2")))
	must(t, o.Commit())
	must(t, o.Put("a", []byte("3")))

	// What a killed process leaves is what lies on disk while it runs.
	copied := filepath.Join(t.TempDir(), "copy.sqlite")
	copyFile(t, o.Path(), copied)
	copyFile(t, o.Path()+"-wal", copied+"-wal")
	again := sqlite.OpenObject(copied, sqlite.Options{})
	defer again.Close()
	if value, ok, err := again.Get("a"); string(value) != "2" || !ok || err != nil {
		t.Errorf("a = %q, %v, %v, want what was committed last", value, ok, err)
	}
	if at, ok, err := again.Alarm(); !at.Equal(in2100()) || !ok || err != nil {
		t.Errorf("alarm %v, %v, %v", at, ok, err)
	}
	if _, err := query(again, "SELECT x FROM t"); err != nil {
		t.Error(err)
	}
}

func TestASecondOpenerIsRefusedByName(t *testing.T) {
	o := newObject(t)
	must(t, o.Put("a", nil))
	must(t, o.Commit())
	for _, opts := range []sqlite.Options{{}, {ReadOnly: true}} {
		second := sqlite.OpenObject(o.Path(), opts)
		_, _, err := second.Get("a")
		var locked *sqlite.LockedError
		if !errors.As(err, &locked) || locked.Path != o.Path() || !errors.Is(err, sqlite.ErrLocked) {
			t.Errorf("%+v: %v, want the file's name", opts, err)
		}
		must(t, second.Close())
	}
	must(t, o.Close())
	second := sqlite.OpenObject(o.Path(), sqlite.Options{ReadOnly: true})
	defer second.Close()
	if _, ok, err := second.Get("a"); !ok || err != nil {
		t.Errorf("after the first closed: %v, %v", ok, err)
	}
}

func TestAReadOnlyObjectSeesTheWALAndRefusesWrites(t *testing.T) {
	o := newObject(t)
	must(t, o.Put("a", nil))
	must(t, o.Commit())
	copied := filepath.Join(t.TempDir(), "copy.sqlite")
	copyFile(t, o.Path(), copied)
	copyFile(t, o.Path()+"-wal", copied+"-wal")
	r := sqlite.OpenObject(copied, sqlite.Options{ReadOnly: true})
	defer r.Close()
	if _, ok, err := r.Get("a"); !ok || err != nil {
		t.Errorf("Get = %v, %v", ok, err)
	}
	if err := r.Put("b", nil); err == nil {
		t.Error("Put succeeded")
	}
}

func TestASecondIndexIsRefusedByName(t *testing.T) {
	folder := t.TempDir()
	index, err := sqlite.OpenIndex(folder, sqlite.Options{})
	must(t, err)
	if _, err := sqlite.OpenIndex(folder, sqlite.Options{}); !errors.Is(err, sqlite.ErrLocked) {
		t.Errorf("second index: %v, want ErrLocked", err)
	}
	must(t, index.Close())
	must(t, index.Close())
	again, err := sqlite.OpenIndex(folder, sqlite.Options{})
	must(t, err)
	must(t, again.Close())
	if err := again.Set(sqlite.Alarm{ID: cafeID}); err == nil {
		t.Error("a closed index takes alarms")
	}
}

func TestSavepointsNestAcrossPairsTablesAndAlarm(t *testing.T) {
	o := newObject(t)
	outer, err := o.Savepoint()
	must(t, err)
	must(t, o.Put("outer", nil))
	inner, err := o.Savepoint()
	must(t, err)
	_, err = o.Exec("CREATE TABLE t (x)")
	must(t, err)
	must(t, o.SetAlarm(in2100()))
	must(t, o.Put("inner", nil))
	if err := o.Commit(); err == nil {
		t.Error("committed within a savepoint")
	}
	must(t, o.RollbackTo(inner))
	if _, ok, err := o.Alarm(); ok || err != nil {
		t.Errorf("alarm %v, %v", ok, err)
	}
	if _, err := query(o, "SELECT * FROM t"); err == nil {
		t.Error("the table is still there")
	}
	must(t, o.Release(outer))
	if got := keys(t, o.List(sqlite.ListOptions{})); len(got) != 1 || got[0] != "outer" {
		t.Errorf("keys %q", got)
	}
	must(t, o.Commit())
	must(t, o.Rollback())
	if _, ok, err := o.Get("outer"); !ok || err != nil {
		t.Errorf("outer: %v, %v", ok, err)
	}
}

func TestDeleteAllLeavesAnEmptyDatabase(t *testing.T) {
	for _, alsoAlarm := range []bool{true, false} {
		o := newObject(t)
		must(t, o.Put("a", nil))
		must(t, o.SetAlarm(in2100()))
		for _, sql := range []string{
			"CREATE TABLE parent (id INTEGER PRIMARY KEY AUTOINCREMENT)",
			`CREATE TABLE "odd ""name" (p REFERENCES parent(id))`,
			"INSERT INTO parent VALUES (1)", `INSERT INTO "odd ""name" VALUES (1)`,
			"CREATE VIEW v AS SELECT * FROM parent",
			"CREATE VIRTUAL TABLE f USING fts5(body)", "INSERT INTO f VALUES ('x')",
			"CREATE TRIGGER tr AFTER INSERT ON parent BEGIN DELETE FROM f; END",
		} {
			_, err := o.Exec(sql)
			must(t, err)
		}
		must(t, o.Commit())
		open, err := o.Exec("SELECT 1 UNION ALL SELECT 2")
		must(t, err)

		must(t, o.DeleteAll(alsoAlarm))
		must(t, o.Rollback())
		if _, ok, err := o.Get("a"); !ok || err != nil {
			t.Errorf("rolled back, but a: %v, %v", ok, err)
		}
		must(t, o.DeleteAll(alsoAlarm))
		must(t, o.Commit())
		if got := open.Advance(); got == nil || got.Error() != "SQLite query was canceled because the database was deleted." {
			t.Errorf("cursor goes on: %v", got)
		}
		if at, ok, err := o.Alarm(); ok == alsoAlarm || err != nil || ok && !at.Equal(in2100()) {
			t.Errorf("alarm %v, %v, %v", at, ok, err)
		}
		if exists(o.Path()) == alsoAlarm {
			t.Errorf("file exists: %v", !alsoAlarm)
		}
		rows, err := query(o, "SELECT name FROM sqlite_schema WHERE name NOT IN ('_cf_METADATA', 'sqlite_sequence')")
		must(t, err)
		if len(rows) != 0 {
			t.Errorf("left: %v", rows)
		}
	}
}

func TestDeleteAllIsRefusedWithinASavepoint(t *testing.T) {
	o := newObject(t)
	level, err := o.Savepoint()
	must(t, err)
	if err := o.DeleteAll(true); err == nil || err.Error() != "Cannot call deleteAll() within a transaction" {
		t.Errorf("DeleteAll: %v", err)
	}
	must(t, o.RollbackTo(level))
}

func TestAFailedStatementUndoesOnlyItself(t *testing.T) {
	o := newObject(t)
	_, err := o.Exec("CREATE TABLE t (x UNIQUE)")
	must(t, err)
	must(t, o.Put("a", nil))
	if _, err := o.Exec("INSERT INTO t VALUES (1), (1)"); err == nil {
		t.Error("no error")
	}
	must(t, o.Commit())
	rows, err := query(o, "SELECT count(*) FROM t")
	must(t, err)
	if rows[0][0] != 0.0 {
		t.Errorf("rows %v", rows)
	}
	if _, ok, err := o.Get("a"); !ok || err != nil {
		t.Errorf("a: %v, %v", ok, err)
	}
}

func TestAlarmsAreSetReplacedAndCleared(t *testing.T) {
	o := newObject(t)
	must(t, o.SetAlarm(time.UnixMilli(1)))
	must(t, o.SetAlarm(time.UnixMilli(2)))
	if at, ok, err := o.Alarm(); at.UnixMilli() != 2 || !ok || err != nil {
		t.Errorf("alarm %v, %v, %v", at, ok, err)
	}
	must(t, o.Commit())
	must(t, o.ClearAlarm())
	must(t, o.Commit())
	must(t, o.ClearAlarm())
	if o.Dirty() {
		t.Error("clearing no alarm writes")
	}
	if _, ok, err := o.Alarm(); ok || err != nil {
		t.Errorf("alarm %v, %v", ok, err)
	}
}

func TestBookmarksSortInTheOrderTheyWereMade(t *testing.T) {
	o := newObject(t)
	last := ""
	for range 3 {
		b, err := o.NextBookmark()
		must(t, err)
		if len(b) != 8+1+8+1+8+1+32 || b <= last {
			t.Errorf("bookmark %q after %q", b, last)
		}
		last = b
		must(t, o.Commit())
		must(t, o.Close())
	}
	if want := "00000000-00000002-00000000-00000000000000000000000000000000"; last != want {
		t.Errorf("bookmark %s, want %s", last, want)
	}
}

func TestInMemoryNothingReachesTheDisk(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x", "id.sqlite")
	o := sqlite.OpenObject(path, sqlite.Options{InMemory: true})
	must(t, o.Put("a", nil))
	must(t, o.Commit())
	if _, ok, err := o.Get("a"); !ok || err != nil || exists(path) || exists(filepath.Dir(path)) {
		t.Errorf("a: %v, %v; file: %v", ok, err, exists(path))
	}
	if o.Idle() {
		t.Error("a database that would be lost is idle")
	}
	must(t, o.Close())
}

func TestARunawayStatementIsInterruptedAndItsTransactionLost(t *testing.T) {
	o := newObject(t)
	must(t, o.Put("a", nil))
	must(t, o.Commit())
	must(t, o.Put("b", nil))
	polls := 0
	o.Interrupt(func() bool { polls++; return polls > 3 })
	const forever = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "
	if _, err := o.Exec(forever + "SELECT count(*) FROM n"); err == nil || err.Error() != "interrupted: SQLITE_INTERRUPT" {
		t.Errorf("a query: %v", err)
	}
	_, err := o.Exec("CREATE TABLE t (x)")
	must(t, err)
	if _, err := o.Exec(forever + "INSERT INTO t SELECT i FROM n"); err == nil {
		t.Error("an endless insert ended well")
	}
	o.Interrupt(nil)
	if err := o.Put("c", nil); err == nil {
		t.Error("written on after the engine undid the transaction")
	}
	if err := o.Commit(); !errors.Is(err, sqlite.ErrCommit) {
		t.Errorf("commit: %v, want ErrCommit", err)
	}
	if got := keys(t, o.List(sqlite.ListOptions{})); len(got) != 1 {
		t.Errorf("keys %q, want only a", got)
	}
	must(t, o.Put("c", nil))
	must(t, o.Commit())
}
