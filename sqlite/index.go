package sqlite

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	lib "modernc.org/sqlite/lib"
)

// Alarm is an entry of an [Index]: when an object wants to be woken, as far as
// the index knows; the object's own file is the truth. Name is empty if the
// object was not asked for by name.
type Alarm struct {
	ID   string // 64 hexadecimal digits
	At   time.Time
	Name string
}

// Index is the list of a namespace's alarms, kept in metadata.sqlite beside the
// objects' files. While it is open no other process can open it, nor can the
// real runtime start on the same state folder. It may be used concurrently.
type Index struct {
	path string

	mu   sync.Mutex
	conn *conn
	set  *stmt
	del  *stmt
}

// OpenIndex opens the index of the namespace whose files lie in folder, and
// creates both if need be. The error is a [LockedError] if another process has
// it open.
func OpenIndex(folder string, opts Options) (*Index, error) {
	i := &Index{path: filepath.Join(folder, "metadata.sqlite")}
	path, flags := i.path, int32(lib.SQLITE_OPEN_READWRITE|lib.SQLITE_OPEN_CREATE)
	switch {
	case opts.InMemory:
		path = ":memory:"
	case opts.ReadOnly:
		flags = lib.SQLITE_OPEN_READONLY
	default:
		if err := os.MkdirAll(folder, 0o777); err != nil {
			return nil, fmt.Errorf("create namespace: %w", err)
		}
	}
	c, err := opts.connect(path, flags)
	if err != nil {
		return nil, err
	}
	i.conn = c
	if err := i.prepare(opts); err != nil {
		return nil, errors.Join(err, i.Close())
	}
	return i, nil
}

// prepare sees to the table.
func (i *Index) prepare(opts Options) error {
	if opts.ReadOnly {
		return nil
	}
	// The blanks are the real runtime's: a file remembers them.
	const table = "CREATE TABLE IF NOT EXISTS _cf_ALARM (\n      actor_id TEXT PRIMARY KEY,\n      scheduled_time INTEGER,\n      actor_name TEXT\n    ) WITHOUT ROWID"
	if err := i.conn.run(table); err != nil {
		return describe(i.path, err)
	}
	_, named, err := i.conn.row("SELECT 1 FROM pragma_table_info('_cf_ALARM') WHERE name = 'actor_name'")
	if err == nil && !named {
		err = i.conn.run("ALTER TABLE _cf_ALARM ADD COLUMN actor_name TEXT") // a file of an older runtime
	}
	if err != nil {
		return describe(i.path, err)
	}
	i.set, _, err = i.conn.prepare("INSERT INTO _cf_ALARM VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET scheduled_time = excluded.scheduled_time, actor_name = coalesce(excluded.actor_name, actor_name)", preparation{durable: true})
	if err != nil {
		return err
	}
	i.del, _, err = i.conn.prepare("DELETE FROM _cf_ALARM WHERE actor_id = ?1", preparation{durable: true})
	return err
}

// errClosed is what a closed index answers, and to writes one opened to read.
var errClosed = errors.New("alarm index is closed or read-only")

// Set enters an alarm, replacing the one the object had. It is on disk when Set
// returns. An empty name keeps the one that was known.
func (i *Index) Set(a Alarm) error {
	name := Value{}
	if a.Name != "" {
		name = Value{Kind: Text, Text: a.Name}
	}
	return i.write(func() *stmt { return i.set }, Value{Kind: Text, Text: a.ID}, Value{Kind: Integer, Integer: a.At.UnixNano()}, name)
}

// Delete removes an object's alarm, if it has one.
func (i *Index) Delete(id string) error {
	return i.write(func() *stmt { return i.del }, Value{Kind: Text, Text: id})
}

func (i *Index) write(which func() *stmt, values ...Value) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	s := which()
	if s == nil {
		return errClosed
	}
	if err := s.bind(values); err != nil {
		return err
	}
	if err := s.once(); err != nil {
		var e *Error
		if errors.As(err, &e) && e.cause != nil {
			err = blame(e)
		}
		return fmt.Errorf("write %s: %w", i.path, err)
	}
	return nil
}

// All returns every alarm, soonest first.
func (i *Index) All() ([]Alarm, error) { return i.query("") }

// Next returns the soonest alarm; ok is false if there is none.
func (i *Index) Next() (a Alarm, ok bool, err error) {
	alarms, err := i.query(" LIMIT 1")
	if err != nil || len(alarms) == 0 {
		return Alarm{}, false, err
	}
	return alarms[0], true, nil
}

func (i *Index) query(suffix string) ([]Alarm, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.conn == nil {
		return nil, errClosed
	}
	s, _, err := i.conn.prepare("SELECT actor_id, scheduled_time, actor_name FROM _cf_ALARM ORDER BY scheduled_time, actor_id"+suffix, preparation{})
	if err != nil && i.set == nil && strings.Contains(err.Error(), "no such table") {
		return nil, nil // whoever made the file was killed before there were any
	}
	if err != nil {
		return nil, fmt.Errorf("read alarms: %w", err)
	}
	defer s.finalize()
	var alarms []Alarm
	for {
		more, err := s.step()
		if err != nil {
			return nil, fmt.Errorf("read alarms: %w", err)
		}
		if !more {
			return alarms, nil
		}
		alarms = append(alarms, Alarm{ID: string(s.bytes(0)), At: time.Unix(0, s.integer(1)), Name: string(s.bytes(2))})
	}
}

// Close releases the file. Calling it twice is harmless.
func (i *Index) Close() error {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.conn == nil {
		return nil
	}
	i.set.finalize()
	i.del.finalize()
	i.conn.close()
	i.conn, i.set, i.del = nil, nil, nil
	return nil
}
