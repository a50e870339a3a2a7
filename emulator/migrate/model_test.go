package migrate_test

import (
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"time"

	"github.com/dodev/dodev/emulator/migrate"
	"github.com/dodev/dodev/emulator/object"
	"github.com/dodev/dodev/sqlite"
)

// A model is what should be stored, and the configuration that goes with it.
// Objects are told apart by what they are called, class and name, whether or
// not anybody else knows the name.
type model struct {
	text    string   // of the configuration
	classes []string // alive
	tags    int
	objects map[string]thing // by class and name, as in "Room/lobby"
}

// A thing is what an object has stored.
type thing struct {
	value string
	alarm time.Time
	born  []object.ID // ids that it has had
	past  []moment    // that it can go back to
}

type moment struct {
	bookmark string
	value    string
	alarm    time.Time
}

func (m model) clone() model {
	m.classes, m.objects = slices.Clone(m.classes), maps.Clone(m.objects)
	return m
}

// forgetting is the same without a past, which what was restored has not.
func (m model) forgetting() model {
	m = m.clone()
	for key, o := range m.objects {
		o.past = nil
		m.objects[key] = o
	}
	return m
}

// rename has the objects of a class be those of another.
func (m model) rename(from, to string) {
	for key, o := range maps.Clone(m.objects) {
		if filepath.Dir(key) == from {
			delete(m.objects, key)
			m.objects[to+"/"+filepath.Base(key)] = o
		}
	}
}

func (m model) drop(class string) {
	maps.DeleteFunc(m.objects, func(key string, _ thing) bool { return filepath.Dir(key) == class })
}

// find leads to an object as code does: by name, through former ids if need be.
func (l *life) find(class, name string) (id object.ID, found bool) {
	space := ns("app-" + class)
	alias := migrate.NewAlias("app", class, l.ledger().Class("app", class))
	for _, id := range append([]object.ID{space.FromName(name)}, alias.ByName(name)...) {
		if l.stored("app-"+class, id) != "" {
			return id, true
		}
	}
	return space.FromName(name), false
}

// differs compares all that is stored with what should be, and says what is
// otherwise.
func (l *life) differs(want model) string {
	l.t.Helper()
	for _, key := range slices.Sorted(maps.Keys(want.objects)) {
		if text := l.misses(key, want.objects[key]); text != "" {
			return text
		}
	}
	if applied := l.ledger().Scripts["app"].Applied; applied[len(applied)-1].Tag != fmt.Sprint("t", want.tags) {
		return fmt.Sprintf("applied last is %s, want t%d", applied[len(applied)-1].Tag, want.tags)
	}
	survey, err := migrate.TakeSurvey(l.folder)
	if err != nil {
		l.t.Fatal(err)
	}
	stored := 0
	for key, a := range survey {
		stored += a.Objects
		if text := l.unreachable(key); text != "" {
			return text
		}
	}
	if stored != len(want.objects) {
		return fmt.Sprintf("%d objects are stored, want %d", stored, len(want.objects))
	}
	return ""
}

// misses says what an object lacks.
func (l *life) misses(key string, want thing) string {
	class, name := filepath.Dir(key), filepath.Base(key)
	id, found := l.find(class, name)
	if got := l.stored("app-"+class, id); !found || got != want.value {
		return fmt.Sprintf("%s holds %q, want %q", key, got, want.value)
	}
	if at := l.alarm("app-"+class, id.String()); !at.Equal(want.alarm) {
		return fmt.Sprintf("the alarm of %s is at %v, want %v", key, at, want.alarm)
	}
	alias := migrate.NewAlias("app", class, l.ledger().Class("app", class))
	for _, born := range want.born {
		if ns("app-" + class).Owns(born) {
			continue
		}
		now, ok := alias.ByID(born)
		if !ok || now != id {
			return fmt.Sprintf("the former id %s of %s leads to %s, want %s", born, key, now, id)
		}
	}
	return ""
}

// alarm is when an object wants to be woken, zero for never.
func (l *life) alarm(key, id string) time.Time {
	l.t.Helper()
	db := sqlite.OpenObject(sqlite.ObjectPath(l.folder.Namespace(key), id), sqlite.Options{ReadOnly: true})
	at, ok, err := db.Alarm()
	if err := errors.Join(err, db.Close()); err != nil {
		l.t.Fatal(err)
	}
	if !ok {
		return time.Time{}
	}
	return at
}

// unreachable finds an alarm that nobody would fire: entries may be too early,
// but neither too late nor missing.
func (l *life) unreachable(key string) string {
	l.t.Helper()
	objects, err := l.folder.Objects(key)
	if err != nil {
		l.t.Fatal(err)
	}
	alarms, err := l.folder.Alarms(key)
	if err != nil {
		l.t.Fatal(err)
	}
	entered := map[string]time.Time{}
	for _, a := range alarms {
		entered[a.ID] = a.At
	}
	for _, o := range objects {
		at := l.alarm(key, o.ID)
		if entry, there := entered[o.ID]; !at.IsZero() && (!there || entry.After(at)) {
			return fmt.Sprintf("the alarm of %s at %v is entered as %v, %t", o.ID, at, entry, there)
		}
	}
	return ""
}
