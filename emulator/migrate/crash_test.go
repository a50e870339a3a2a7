package migrate_test

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/dodev/dodev/emulator/migrate"
	"github.com/dodev/dodev/emulator/object"
	"github.com/dodev/dodev/sqlite"
	"github.com/dodev/dodev/sqlite/snapshot"
	"github.com/dodev/dodev/sqlite/state"
)

// errNoSpace is what a full disk answers.
var errNoSpace = errors.New("no space left")

// A life is a project over time: what is stored of it, what should be, and what
// can go wrong. A process is killed by keeping what lies on disk at that moment,
// and going on with that.
type life struct {
	*bed
	model
	store     snapshot.Store
	random    *rand.Rand
	when      string
	snapshots map[string]model
	killed    int // how often processes were
	full      int // and the disk was
	halfway   int // and the next one found it done
	serial    int
}

// do makes a change that may be killed, or find the disk full, at any step. It
// has happened wholly or not at all: then it is done again.
func (l *life) do(after model, change func() error) {
	l.t.Helper()
	fault, copied := l.fault()
	err := change()
	l.folder.Step, l.store.Step = nil, nil
	if *copied != "" {
		l.killed++
		l.move(*copied)
	}
	resumed, recovered := l.folder.Recover()
	if recovered != nil {
		l.t.Fatalf("%s: recover: %v", l.when, recovered)
	}
	l.begin()
	switch {
	case *copied == "" && err == nil:
		l.expect("done", after)
	case *copied == "" && !errors.Is(err, errNoSpace):
		l.t.Fatalf("%s: %v", l.when, err)
	case *copied == "" && !resumed:
		l.full++
		l.expect("refused by a full disk", l.model)
	case l.differs(after) == "":
		l.halfway++
	default:
		l.expect(fault, l.model)
		if err := change(); err != nil {
			l.t.Fatalf("%s, %s, again: %v", l.when, fault, err)
		}
		l.expect("done again after it was "+fault, after)
	}
	if *copied == "" && err != nil && !resumed {
		if err := change(); err != nil {
			l.t.Fatalf("%s, with space again: %v", l.when, err)
		}
		l.expect("done with space again", after)
	}
	l.model = after
}

// fault has something go wrong at one of the steps to come, or nothing if there
// are too few. Copied is where what a killed process leaves lies, once it is.
func (l *life) fault() (what string, copied *string) {
	left, copied := l.random.IntN(16), new(string)
	dies := l.random.IntN(3) > 0
	step := func() error {
		left--
		switch {
		case left > 0 || *copied != "":
			return nil
		case !dies:
			return errNoSpace // from here on
		}
		*copied = l.copy()
		return nil
	}
	l.folder.Step, l.store.Step = step, step
	if dies {
		return "killed", copied
	}
	return "refused", copied
}

// copy is the project's folder as it is now, times included.
func (l *life) copy() string {
	l.serial++
	to := filepath.Join(l.t.TempDir(), fmt.Sprint(l.serial))
	if err := os.CopyFS(to, os.DirFS(l.dir)); err != nil {
		l.t.Fatal(err)
	}
	err := filepath.WalkDir(to, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := os.Stat(filepath.Join(l.dir, path[len(to):]))
		if err != nil {
			return err
		}
		return os.Chtimes(path, info.ModTime(), info.ModTime())
	})
	if err != nil {
		l.t.Fatal(err)
	}
	return to
}

// move goes on in another folder.
func (l *life) move(dir string) {
	l.dir, l.folder.Dir, l.store.Dir = dir, filepath.Join(dir, "state"), filepath.Join(dir, "snapshots")
}

// begin begins the next session of all objects, which is when a restoration is
// carried out that a killed process had only noted.
func (l *life) begin() {
	l.t.Helper()
	keys, err := l.folder.Namespaces()
	if err != nil {
		l.t.Fatal(err)
	}
	for _, key := range keys {
		objects, err := l.folder.Objects(key)
		if err != nil {
			l.t.Fatal(err)
		}
		for _, o := range objects {
			db := sqlite.OpenObject(sqlite.ObjectPath(l.folder.Namespace(key), o.ID), l.remembering())
			_, err := db.BeginSession()
			if err := errors.Join(err, db.Close()); err != nil {
				l.t.Fatal(err)
			}
		}
	}
}

func (l *life) expect(what string, want model) {
	l.t.Helper()
	if difference := l.differs(want); difference != "" {
		l.t.Fatalf("%s, %s: %s", l.when, what, difference)
	}
}

// remembering opens objects with their past. It asks for the time between its
// writes, where a process may be killed as well.
func (l *life) remembering() sqlite.Options {
	return sqlite.Options{History: &sqlite.HistoryOptions{
		Path: func(database string) string {
			key, id := filepath.Base(filepath.Dir(database)), filepath.Base(database)
			return l.folder.Own("history", key, id[:len(id)-len(".sqlite")]+".hist")
		},
		Now: func() time.Time {
			if l.folder.Step != nil {
				_ = l.folder.Step()
			}
			return time.Now()
		},
	}}
}

func (l *life) hold() *state.Hold {
	l.t.Helper()
	keys, err := l.folder.Namespaces()
	if err != nil {
		l.t.Fatal(err)
	}
	h, err := l.folder.Hold(keys...)
	if err != nil {
		l.t.Fatal(err)
	}
	return h
}

// write stores a value and an alarm, as a server does.
func (l *life) write() {
	class := l.classes[l.random.IntN(len(l.classes))]
	key := class + "/" + fmt.Sprint("o", l.random.IntN(5))
	id := ns("app-" + class).FromName(filepath.Base(key))
	after := l.model.clone()
	o := after.objects[key]
	if o.born == nil {
		o.born = []object.ID{id}
	} else {
		id, _ = l.find(class, filepath.Base(key))
	}
	o.value, o.alarm = fmt.Sprintf("%s, write %d", l.when, l.random.IntN(1000)), time.Time{}
	if l.random.IntN(2) == 0 {
		o.alarm = now.AddDate(100, 0, 0).Add(time.Duration(l.random.IntN(1000)) * time.Minute) // whatever the clock says
	}
	o.past = append(slices.Clone(o.past), l.storeIn("app-"+class, id, o, filepath.Base(key)))
	after.objects[key] = o
	l.expect("written", after)
	l.model = after
}

// storeIn stores what an object has, and gives the moment it is in then.
func (l *life) storeIn(key string, id object.ID, o thing, name string) moment {
	l.t.Helper()
	index, err := sqlite.OpenIndex(l.folder.Namespace(key), sqlite.Options{})
	if err != nil {
		l.t.Fatal(err)
	}
	defer index.Close()
	db := sqlite.OpenObject(sqlite.ObjectPath(l.folder.Namespace(key), id.String()), l.remembering())
	if o.alarm.IsZero() {
		err = errors.Join(db.Put("value", []byte(o.value)), db.ClearAlarm(), db.Commit(), index.Delete(id.String()))
	} else {
		err = errors.Join(index.Set(sqlite.Alarm{ID: id.String(), At: o.alarm, Name: name}), db.Put("value", []byte(o.value)), db.SetAlarm(o.alarm), db.Commit())
	}
	if err != nil {
		l.t.Fatal(err)
	}
	bookmark, err := db.FreshBookmark()
	if err := errors.Join(err, db.Close()); err != nil {
		l.t.Fatal(err)
	}
	return moment{bookmark, o.value, o.alarm}
}

// travel takes an object back in time, or makes another one of what it had.
func (l *life) travel(fork bool) {
	var keys []string
	for key, o := range l.objects {
		if len(o.past) > 0 {
			keys = append(keys, key)
		}
	}
	if len(keys) == 0 {
		return
	}
	slices.Sort(keys)
	key := keys[l.random.IntN(len(keys))]
	class, name := filepath.Dir(key), filepath.Base(key)
	o := l.objects[key]
	to := o.past[l.random.IntN(len(o.past))]
	id, _ := l.find(class, name)
	after := l.model.clone()
	if !fork {
		o.value, o.alarm = to.value, to.alarm
		after.objects[key] = o
		l.do(after, func() error {
			h := l.hold()
			_, err := h.Rewind("app-"+class, id.String(), to.bookmark, l.remembering().History)
			return errors.Join(err, h.Release())
		})
		return
	}
	l.serial++
	name = fmt.Sprint("fork", l.serial)
	made := ns("app-" + class).FromName(name)
	after.objects[class+"/"+name] = thing{value: to.value, alarm: to.alarm, born: []object.ID{made}}
	l.do(after, func() error {
		return l.hold().Fork("app-"+class, id.String(), to.bookmark, made.String(), name, l.remembering().History)
	})
}

// migrate applies another migration, and sometimes undoes it.
func (l *life) migrate(line string, change func(*model)) {
	after := l.model.clone()
	after.tags++
	after.text += fmt.Sprintf("\n[[migrations]]\ntag = \"t%d\"\n%s\n", after.tags, line)
	change(&after)
	before := l.model
	l.do(after, func() error {
		plan := l.plan(l.config(after.text))
		_, err := plan.Apply(l.folder, migrate.Options{Now: now, Before: plan.KeepIn(l.store, l.folder, now, nil)})
		return err
	})
	if l.random.IntN(3) > 0 {
		return
	}
	undo, err := l.ledger().Undo(l.store)
	if errors.Is(err, migrate.ErrNothingTouched) {
		return
	}
	if err != nil {
		l.t.Fatal(err)
	}
	l.do(before.forgetting(), func() error {
		h := l.hold()
		_, err := undo.Apply(l.folder, h, now, nil)
		return errors.Join(err, h.Release())
	})
}

func (l *life) renameOne() {
	i := l.random.IntN(len(l.classes))
	from := l.classes[i]
	l.serial++
	to := fmt.Sprint("C", l.serial)
	l.migrate(fmt.Sprintf("renamed_classes = [{ from = %q, to = %q }]", from, to), func(m *model) {
		m.classes[i] = to
		m.rename(from, to)
	})
}

func (l *life) recreateOne() {
	i := l.random.IntN(len(l.classes))
	l.serial++
	class, next := l.classes[i], fmt.Sprint("N", l.serial)
	l.migrate(fmt.Sprintf("deleted_classes = [%q]\nnew_sqlite_classes = [%q]", class, next), func(m *model) {
		m.classes[i] = next
		m.drop(class)
	})
}

// save saves everything under a new name, or moves a snapshot to another one by
// way of a file.
func (l *life) save() {
	l.serial++
	name := fmt.Sprint("s", l.serial)
	l.do(l.model, func() error {
		h := l.hold()
		keys, err := l.folder.Namespaces()
		if err != nil {
			return err
		}
		ledger, err := migrate.LedgerText(l.folder)
		if err == nil {
			_, err = l.store.Save(l.folder, h, snapshot.Wish{Name: name, At: now, Namespaces: keys, Whole: true, Ledger: ledger})
		}
		if errors.Is(err, snapshot.ErrExists) {
			err = nil // it was killed right after
		}
		return errors.Join(err, h.Release())
	})
	l.kept(name)
	l.snapshots[name] = l.model.forgetting()
}

// kept finds a snapshot that was saved, though nobody may have been told: what
// was killed is done again.
func (l *life) kept(name string) {
	l.t.Helper()
	if _, err := l.store.Load(name); err == nil {
		return
	}
	h := l.hold()
	keys, err := l.folder.Namespaces()
	if err != nil {
		l.t.Fatal(err)
	}
	ledger, err := migrate.LedgerText(l.folder)
	if err == nil {
		_, err = l.store.Save(l.folder, h, snapshot.Wish{Name: name, At: now, Namespaces: keys, Whole: true, Ledger: ledger})
	}
	if err := errors.Join(err, h.Release()); err != nil {
		l.t.Fatalf("%s: %v", l.when, err)
	}
}

// carry moves a snapshot to another store, and name, by way of a file.
func (l *life) carry() {
	name := l.anySnapshot()
	if name == "" {
		return
	}
	var file bytes.Buffer
	if err := l.store.Export(name, &file); err != nil {
		l.t.Fatalf("%s: export: %v", l.when, err)
	}
	l.serial++
	next := fmt.Sprint("i", l.serial)
	take := func() error {
		_, err := l.store.Import(bytes.NewReader(file.Bytes()), next)
		if errors.Is(err, snapshot.ErrExists) {
			err = nil
		}
		return err
	}
	l.do(l.model, take)
	if err := take(); err != nil {
		l.t.Fatalf("%s: import again: %v", l.when, err)
	}
	l.snapshots[next] = l.snapshots[name]
	remove := func() error {
		if err := l.store.Delete(name); !errors.Is(err, snapshot.ErrNotFound) {
			return err
		}
		return nil
	}
	l.do(l.model, remove)
	if err := remove(); err != nil {
		l.t.Fatalf("%s: delete again: %v", l.when, err)
	}
	delete(l.snapshots, name)
}

func (l *life) anySnapshot() string {
	var names []string
	for name := range l.snapshots {
		names = append(names, name)
	}
	if len(names) == 0 {
		return ""
	}
	slices.Sort(names)
	return names[l.random.IntN(len(names))]
}

// restore goes back to a snapshot, with the configuration of then.
func (l *life) restore() {
	name := l.anySnapshot()
	if name == "" {
		return
	}
	l.do(l.snapshots[name].clone(), func() error {
		m, err := l.store.Load(name)
		if err != nil {
			return err
		}
		_, err = l.store.Restore(l.folder, l.hold(), m, snapshot.Scope{}, migrate.LedgerFile)
		return err
	})
}

func TestNothingIsLostInARandomLifeWithCrashes(t *testing.T) {
	lives, steps := 12, 40
	if text := os.Getenv("DODEV_TEST_LIVES"); text != "" {
		fmt.Sscan(text, &lives)
	}
	if testing.Short() {
		lives, steps = 3, 25
	}
	killed, full, halfway := 0, 0, 0
	for n := range lives {
		seed := rand.Uint64()
		if n == 0 {
			seed = 5 // much goes wrong in it; the others may be lucky
		}
		if text := os.Getenv("DODEV_TEST_SEED"); text != "" {
			fmt.Sscan(text, &seed)
		}
		l := newLife(t, seed)
		for step := range steps {
			l.when = fmt.Sprintf("DODEV_TEST_SEED=%d, step %d", seed, step)
			l.live()
		}
		killed, full, halfway = killed+l.killed, full+l.full, halfway+l.halfway
	}
	t.Logf("%d processes were killed, %d of them once it counted, and %d found the disk full", killed, halfway, full)
	if killed == 0 || full == 0 || halfway == 0 {
		t.Error("too little went wrong")
	}
}

func newLife(t *testing.T, seed uint64) *life {
	l := &life{bed: newBed(t), random: rand.New(rand.NewPCG(seed, 1)), snapshots: map[string]model{}, when: "at first"}
	l.move(l.dir)
	l.model = model{objects: map[string]thing{}, classes: []string{"A", "B"}}
	l.tags = 1
	l.text = "\n[[migrations]]\ntag = \"t1\"\nnew_sqlite_classes = [\"A\", \"B\"]\n"
	l.apply(migrate.Options{}, l.config(l.text))
	return l
}

// live does one thing.
func (l *life) live() {
	switch l.random.IntN(14) {
	default:
		l.write()
	case 0, 1:
		l.travel(false)
	case 2, 3:
		l.travel(true)
	case 4, 5:
		l.renameOne()
	case 6:
		l.recreateOne()
	case 7:
		l.save()
	case 8:
		l.carry()
	case 9:
		l.restore()
	}
}
