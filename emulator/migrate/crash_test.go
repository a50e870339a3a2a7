package migrate_test

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/dodev/dodev/emulator/config"
	"github.com/dodev/dodev/emulator/migrate"
	"github.com/dodev/dodev/emulator/object"
	"github.com/dodev/dodev/sqlite"
	"github.com/dodev/dodev/sqlite/snapshot"
	"github.com/dodev/dodev/sqlite/state"
)

// errKilled is where a test kills the process.
var errKilled = errors.New("killed")

// A life is a project over time: its migrations, and what each object should
// hold. Objects are told apart by what they were first called, class and name,
// whether or not anybody else knows the name.
type life struct {
	*bed
	random  *rand.Rand
	text    string            // of the configuration
	classes []string          // alive
	values  map[string]string // by class and name, as in "Room/lobby"
	born    map[string][]object.ID
	tags    int
}

func (l *life) migrate(line string) *config.Config {
	l.tags++
	l.text += fmt.Sprintf("\n[[migrations]]\ntag = \"t%d\"\n%s\n", l.tags, line)
	return l.config(l.text)
}

// find leads to an object as code does: by name, through former ids if need be.
func (l *life) find(class, name string) string {
	space := ns("app-" + class)
	alias := migrate.NewAlias("app", class, l.ledger().Class("app", class))
	for _, id := range append([]object.ID{space.FromName(name)}, alias.ByName(name)...) {
		if value := l.stored("app-"+class, id); value != "" {
			return value
		}
	}
	return ""
}

// check compares all that is stored with what should be.
func (l *life) check(when string) {
	l.t.Helper()
	for key, want := range l.values {
		class, name := filepath.Dir(key), filepath.Base(key)
		if got := l.find(class, name); got != want {
			l.t.Fatalf("%s: %s holds %q, want %q", when, key, got, want)
		}
		alias := migrate.NewAlias("app", class, l.ledger().Class("app", class))
		for _, id := range l.born[key] {
			if ns("app-" + class).Owns(id) {
				continue
			}
			now, ok := alias.ByID(id)
			if got := l.stored("app-"+class, now); !ok || got != want {
				l.t.Fatalf("%s: the former id %s of %s leads to %q, want %q", when, id, key, got, want)
			}
		}
	}
	stored := 0
	survey, err := migrate.TakeSurvey(l.folder)
	if err != nil {
		l.t.Fatal(err)
	}
	for _, a := range survey {
		stored += a.Objects
	}
	for key := range survey {
		l.checkAlarms(when, key)
	}
	if stored != len(l.values) {
		l.t.Fatalf("%s: %d objects are stored, want %d", when, stored, len(l.values))
	}
}

// checkAlarms finds alarms that nobody would fire: entries may be too early, but
// neither too late nor missing.
func (l *life) checkAlarms(when, key string) {
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
		db := sqlite.OpenObject(sqlite.ObjectPath(l.folder.Namespace(key), o.ID), sqlite.Options{ReadOnly: true})
		at, ok, err := db.Alarm()
		if err := errors.Join(err, db.Close()); err != nil {
			l.t.Fatal(err)
		}
		if entry, there := entered[o.ID]; ok && (!there || entry.After(at)) {
			l.t.Fatalf("%s: the alarm of %s at %v is entered as %v, %t", when, o.ID, at, entry, there)
		}
	}
}

// put stores a value in an object that code asks for by name.
func (l *life) put(class, name, value string) {
	key := class + "/" + name
	if _, there := l.values[key]; there {
		return
	}
	id := ns("app-" + class).FromName(name)
	var alarm time.Time
	if l.random.IntN(2) == 0 {
		alarm = now.Add(time.Hour) // whose index knows the name
	}
	l.store("app-"+class, id, value, alarm, name)
	l.values[key] = value
	l.born[key] = append(l.born[key], id)
}

// rename has the values of a class be those of another.
func (l *life) rename(from, to string) {
	for key, value := range maps.Clone(l.values) {
		if filepath.Dir(key) == from {
			next := to + "/" + filepath.Base(key)
			l.values[next], l.born[next] = value, l.born[key]
			delete(l.values, key)
			delete(l.born, key)
		}
	}
}

func (l *life) drop(class string) {
	for key := range maps.Clone(l.values) {
		if filepath.Dir(key) == class {
			delete(l.values, key)
			delete(l.born, key)
		}
	}
}

// crashing has the next change be killed at some step, and reports whether it
// was.
func (l *life) crashing(fn func() error) (killed bool) {
	left := l.random.IntN(25)
	l.folder.Step = func() error {
		if left--; left < 0 {
			return errKilled
		}
		return nil
	}
	err := fn()
	l.folder.Step = nil
	if err != nil && !errors.Is(err, errKilled) {
		l.t.Fatal(err)
	}
	return err != nil
}

// again recovers as the next process does, and reports whether the change that
// was killed had begun.
func (l *life) again() bool {
	resumed, err := l.folder.Recover()
	if err != nil {
		l.t.Fatal(err)
	}
	return resumed
}

func TestNothingIsLostInARandomLifeWithCrashes(t *testing.T) {
	seeds := uint64(20)
	if testing.Short() {
		seeds = 5
	}
	for seed := range seeds {
		l := &life{bed: newBed(t), random: rand.New(rand.NewPCG(seed, 1)), values: map[string]string{}, born: map[string][]object.ID{}}
		store := snapshot.Store{Dir: filepath.Join(l.dir, "snapshots")}
		l.classes = []string{"A", "B"}
		l.apply(migrate.Options{}, l.migrate(`new_sqlite_classes = ["A", "B"]`))
		for step := range 25 {
			when := fmt.Sprintf("seed %d, step %d", seed, step)
			switch l.random.IntN(6) {
			default:
				l.put(l.classes[l.random.IntN(len(l.classes))], fmt.Sprint("o", l.random.IntN(6)), when)
			case 0:
				l.renameOne(step)
			case 1:
				l.recreateOne()
			case 2:
				l.throughASnapshot(store, fmt.Sprint("s", step))
			}
			l.check(when)
		}
	}
}

// finish applies a configuration that may be killed, as often as it takes.
func (l *life) finish(c *config.Config) {
	plan := l.plan(c)
	if l.crashing(func() error { _, err := plan.Apply(l.folder, migrate.Options{Now: now}); return err }) && !l.again() {
		l.apply(migrate.Options{}, c) // nothing had happened
	}
	if plan := l.plan(c); !plan.Done() {
		l.t.Fatalf("steps %v are left", plan.Steps)
	}
}

func (l *life) renameOne(step int) {
	i := l.random.IntN(len(l.classes))
	from, to := l.classes[i], fmt.Sprint("C", step)
	l.finish(l.migrate(fmt.Sprintf("renamed_classes = [{ from = %q, to = %q }]", from, to)))
	l.classes[i] = to
	l.rename(from, to)
}

func (l *life) recreateOne() {
	i := l.random.IntN(len(l.classes))
	class, next := l.classes[i], fmt.Sprint("N", l.tags)
	l.finish(l.migrate(fmt.Sprintf("deleted_classes = [%q]\nnew_sqlite_classes = [%q]", class, next)))
	l.drop(class)
	l.classes[i] = next
}

// throughASnapshot saves everything, spoils it, and restores it; killed, that
// has happened wholly or not at all.
func (l *life) throughASnapshot(store snapshot.Store, name string) {
	keys, err := l.folder.Namespaces()
	if err != nil {
		l.t.Fatal(err)
	}
	hold := func() *state.Hold {
		h, err := l.folder.Hold(keys...)
		if err != nil {
			l.t.Fatal(err)
		}
		return h
	}
	h := hold()
	ledger, err := migrate.LedgerText(l.folder)
	if err != nil {
		l.t.Fatal(err)
	}
	m, err := store.Save(l.folder, h, snapshot.Wish{Name: name, At: now, Namespaces: keys, Whole: true, Ledger: ledger})
	if err := errors.Join(err, h.Release()); err != nil {
		l.t.Fatal(err)
	}
	values, born := maps.Clone(l.values), maps.Clone(l.born)
	l.put(l.classes[0], "passing", "for a moment")
	if keys, err = l.folder.Namespaces(); err != nil {
		l.t.Fatal(err)
	}
	slices.Sort(keys)
	restore := func() error {
		_, err := store.Restore(l.folder, hold(), m, snapshot.Scope{}, migrate.LedgerFile)
		return err
	}
	if l.crashing(restore) && !l.again() {
		l.check("a restoration that had not begun")
		if err := restore(); err != nil {
			l.t.Fatal(err)
		}
	}
	l.values, l.born = values, born
}
