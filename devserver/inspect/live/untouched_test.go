package live_test

import (
	"encoding/json"
	"errors"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"github.com/dodev/dodev/devserver/inspect"
)

func TestNothingOfOursIsInADatabaseOfTheUsers(t *testing.T) {
	dir := t.TempDir()
	p := open(t, dir)
	lobby := p.ref(t, "lobby")
	p.follow(t, inspect.Follow{Topics: []inspect.Topic{inspect.AllObjects, inspect.Stores, inspect.Traces}, Object: lobby})
	p.call(t, "lobby", "count")
	ctx := t.Context()
	_, edited := p.Edit(ctx, lobby, []inspect.Change{{Key: "k", Value: json.RawMessage("1")}})
	_, queried := p.SQL(ctx, lobby, inspect.SQLQuery{SQL: "CREATE TABLE messages (id INTEGER PRIMARY KEY, body TEXT)"})
	_, armed := p.Act(ctx, inspect.Action{Kind: inspect.SetAlarm, Object: lobby, At: time.Now().Add(time.Hour)})
	_, named := p.Act(ctx, inspect.Action{Kind: inspect.Remember, Object: lobby, Text: "lobby"})
	_, kept := p.Keep(ctx, inspect.Saving{Name: "first"})
	p.call(t, "lobby", "count")
	h, listed := p.History(ctx, lobby, 1)
	if err := errors.Join(edited, queried, armed, named, kept, listed); err != nil || len(h.Commits) == 0 {
		t.Fatalf("%d commits, %v", len(h.Commits), err)
	}
	if _, err := p.Rewind(ctx, lobby, h.Commits[0].Bookmark); err != nil {
		t.Fatal(err)
	}
	p.Live.Close()
	if err := p.emu.Close(); err != nil {
		t.Fatal(err)
	}
	database := filepath.Join(dir, "state", "v3", "do", lobby.Namespace, lobby.ID+".sqlite")
	conn, err := sqlite.OpenConn(database, sqlite.OpenReadOnly)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	var tables []string
	err = sqlitex.Execute(conn, "SELECT name FROM sqlite_schema ORDER BY name", &sqlitex.ExecOptions{ResultFunc: func(row *sqlite.Stmt) error {
		tables = append(tables, row.ColumnText(0))
		return nil
	}})
	if want := []string{"_cf_KV", "_cf_METADATA", "messages"}; err != nil || !slices.Equal(tables, want) {
		t.Errorf("the database has %q, %v; want %q", tables, err, want)
	}
}
