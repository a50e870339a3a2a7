package emulator

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/dodev/dodev/emulator/config"
	"github.com/dodev/dodev/emulator/durable"
	"github.com/dodev/dodev/emulator/engine"
	"github.com/dodev/dodev/emulator/migrate"
	"github.com/dodev/dodev/emulator/object"
	"github.com/dodev/dodev/sqlite"
	"github.com/dodev/dodev/sqlite/snapshot"
	"github.com/dodev/dodev/sqlite/state"
)

// A Migration is what the project is to become: Workers whose configurations ask
// for migrations, with the code that goes with these.
type Migration struct {
	Workers []Worker
	// Adopt are the scripts whose objects, which the plan offers, are to be taken
	// up.
	Adopt []string
	// Agreed may refuse the plan once nothing changes any more; its error is that
	// of Migrate.
	Agreed func(*migrate.Plan) error
	// Snapshots is where what is touched is kept before.
	Snapshots snapshot.Store
}

// PlanMigrations plans what the configurations of the Workers leave to apply to
// what is stored now.
func (e *Emulator) PlanMigrations(configs []*config.Config) (*migrate.Plan, error) {
	l, err := e.Ledger()
	if err != nil {
		return nil, err
	}
	return e.plan(configs, l)
}

// Ledger is what was applied to the state folder.
func (e *Emulator) Ledger() (*migrate.Ledger, error) {
	if e.opts.InMemory {
		return nil, ErrInMemory
	}
	return migrate.ReadLedger(e.folder())
}

func (e *Emulator) plan(configs []*config.Config, l *migrate.Ledger) (*migrate.Plan, error) {
	f := e.folder()
	survey, err := migrate.SurveyWith(f, func(key string) ([]sqlite.Alarm, error) {
		if index, ok := e.indexes.opened(key); ok {
			return index.All()
		}
		return f.Alarms(key)
	})
	if err != nil {
		return nil, err
	}
	return migrate.Make(configs, l, survey), nil
}

// Migrate applies what Workers ask for while the project runs, and has it go on
// with their code: what comes in between finds neither old data with new code nor
// new data with old code. Objects of classes that are renamed, transferred or
// deleted end before, with their sockets. After an error nothing has changed, or
// the folder's journal ends it at the next start.
func (e *Emulator) Migrate(m Migration) (r migrate.Result, info ReloadInfo, err error) {
	configs := configsOf(m.Workers)
	first, err := e.PlanMigrations(configs)
	if err != nil {
		return r, info, err
	}
	info, err = e.supersede(m.Workers, first.Leaves(m.Adopt), func(f state.Folder, h *state.Hold) error {
		l, err := migrate.ReadLedger(f)
		if err != nil {
			return err
		}
		plan, err := e.plan(configs, l)
		if err != nil {
			return err
		}
		if err := m.Agreed(plan); err != nil {
			return err
		}
		now := time.Now()
		r, err = plan.ApplyHeld(f, h, migrate.Options{
			Now: now, Adopt: m.Adopt, Name: e.nameOf, Named: e.names.Note, Before: plan.KeepIn(m.Snapshots, f, now, e.nameOf),
		})
		return err
	})
	return r, info, err
}

// UndoMigrations returns to before the migrations applied last while the project
// runs, and has it go on with the code of Workers.
func (e *Emulator) UndoMigrations(u *migrate.Undo, workers []Worker) (done migrate.Undone, info ReloadInfo, err error) {
	if e.opts.InMemory {
		return done, info, ErrInMemory
	}
	leave := map[string]bool{}
	for _, key := range u.Before.Namespaces {
		leave[key] = false
	}
	info, err = e.supersede(workers, leave, func(f state.Folder, h *state.Hold) error {
		done, err = u.Apply(f, h, time.Now(), e.nameOf)
		return err
	})
	return done, info, err
}

// Running are the Workers as they run now.
func (e *Emulator) Running() []Worker {
	e.mu.RLock()
	defer e.mu.RUnlock()
	var all []Worker
	for _, v := range e.workers {
		all = append(all, Worker{v.config, v.bundle})
	}
	return all
}

// supersede changes what is stored, and the code of Workers with it, while
// nothing runs. Leave are the namespaces that lose their objects, which end
// before; true for those whose objects go for good.
func (e *Emulator) supersede(workers []Worker, leave map[string]bool, change func(state.Folder, *state.Hold) error) (info ReloadInfo, err error) {
	next, err := e.loadAll(workers)
	if err != nil {
		return info, err
	}
	ending := func(key object.Key) durable.Ending {
		gone, concerned := leave[key.Namespace]
		switch {
		case !concerned:
			return durable.Stays
		case gone || e.opts.Strict:
			return durable.Dropped
		}
		return durable.Updated
	}
	before := e.objects.Tallies()
	freeze := func(held func() error) error {
		return e.objects.Supersede(ending, func() error {
			if err := held(); err != nil {
				return err
			}
			info, err = e.goOn(next, leave)
			return err
		})
	}
	err = e.stillIn(freeze, nil, func(f state.Folder, h *state.Hold, _ []string) error { return change(f, h) })
	if info.Moved == nil { // nothing runs in the new code
		for _, n := range next {
			n.worker.Close()
		}
	}
	for key := range leave {
		info.Closed += before[key].Sockets
	}
	return info, err
}

// A successor is a version that is loaded, and not in its place yet.
type successor struct {
	*version
	place int
}

// loadAll loads new code for Workers, all or none.
func (e *Emulator) loadAll(workers []Worker) (next []successor, err error) {
	for _, w := range workers {
		var n successor
		if n.place, err = e.place(w.Config); err == nil {
			n.version, err = e.load(n.place, w.Config, w.Bundle)
		}
		if err != nil {
			for _, n := range next {
				n.worker.Close()
			}
			return nil, err
		}
		next = append(next, n)
	}
	return next, nil
}

// goOn has the project go on with what was changed in a freeze: with what the
// ledger says now, the alarms that are entered now, and other code.
func (e *Emulator) goOn(next []successor, left map[string]bool) (info ReloadInfo, err error) {
	errs := []error{e.readLedger()}
	e.held.Store(new(map[string]string))
	for key := range left {
		e.objects.UnscheduleAll(key)
	}
	var moved []<-chan struct{}
	for _, n := range next {
		tally := e.count(n.place)
		info.Objects += tally.Objects
		info.Sockets += tally.Sockets
		info.Closed += tally.Closed
		errs = append(errs, e.openIndexes(n.version))
		moved = append(moved, e.takeOn(n.place, n.version))
	}
	info.Moved = all(moved)
	for key := range left {
		errs = append(errs, e.leaveNamespace(key))
	}
	errs = append(errs, e.scheduleAgain())
	return info, errors.Join(errs...)
}

// all is closed when all others are.
func all(channels []<-chan struct{}) <-chan struct{} {
	done := make(chan struct{})
	go func() {
		for _, c := range channels {
			<-c
		}
		close(done)
	}()
	return done
}

// leaveNamespace lets go of a namespace that has no objects any more and no
// class, so that nothing is left of it on disk.
func (e *Emulator) leaveNamespace(key string) error {
	if objects, _ := e.stored(key); objects > 0 || slices.ContainsFunc(e.Classes(), func(c Class) bool { return c.Key == key }) {
		return nil
	}
	return e.indexes.drop(key)
}

// drop closes the index of a namespace, and removes it from disk.
func (x *indexes) drop(key string) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	index := x.open[key]
	if index == nil {
		return nil
	}
	delete(x.open, key)
	path := filepath.Join(x.dir, key, "metadata.sqlite")
	err := index.Close()
	for _, suffix := range []string{"", "-wal", "-shm"} {
		_ = os.Remove(path + suffix)
	}
	_ = os.Remove(filepath.Dir(path)) // which is kept when it holds more
	return err
}

// nameOf is what an object is called: as it was remembered, or as the other tool
// has left it in its file. It is for while nothing runs.
func (e *Emulator) nameOf(key, id string) string {
	if name := e.storedName(key, id); name != "" {
		return name
	}
	return migrate.NameInFile(e.folder(), key, id)
}

// withhold keeps objects from coming to life that the code which runs would not
// find, after the folder went back to before a migration of its classes.
func (e *Emulator) withhold() error {
	plan, err := e.PlanMigrations(configsOf(e.Running()))
	if err != nil {
		return err
	}
	awaiting := plan.Awaiting()
	e.held.Store(&awaiting)
	return nil
}

// refuse says why an object must not come to life, nil when it may.
func (e *Emulator) refuse(ref object.Ref) error {
	if why, ok := (*e.held.Load())[ref.Namespace]; ok {
		return engine.Error("%s", why)
	}
	return nil
}

func configsOf(workers []Worker) []*config.Config {
	var configs []*config.Config
	for _, w := range workers {
		configs = append(configs, w.Config)
	}
	return configs
}
