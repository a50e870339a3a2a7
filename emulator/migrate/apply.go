package migrate

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/dodev/dodev/emulator/object"
	"github.com/dodev/dodev/sqlite/state"
)

// Options of [Plan.Apply].
type Options struct {
	Now time.Time
	// Name tells an object's name where someone knows it, "" otherwise.
	Name func(key, id string) string
	// Named is told, once it is done, what an object is called that was moved.
	Named func(object.Ref)
	// Before is called once all that the plan touches is held, to keep what
	// these namespaces store, and the ledger's text, under a name. It is not
	// called when nothing stored is touched.
	Before func(h *state.Hold, keys []string, ledger []byte) (name string, err error)
	// Adopt are the scripts whose objects, which the plan offers, are to be
	// taken up.
	Adopt []string
}

// A Result is what applying a plan did.
type Result struct {
	Steps []Step
	// Nameless are objects that were moved and whose name is known nowhere: a
	// tool that does not read the ledger reaches them by their new id alone.
	Nameless int
	// Snapshot is the name under which what was touched is kept, "" when that was
	// nothing.
	Snapshot string
}

// Apply carries the plan out, wholly or not at all. The folder must be in
// nobody's use; the error is a [sqlite.LockedError] when it is, and [ErrStale]
// when somebody applied or undid migrations since the plan was made.
func (p *Plan) Apply(f state.Folder, opts Options) (Result, error) {
	if err := p.Problems.Err(); err != nil {
		return Result{}, err
	}
	hold, err := f.Hold(p.touched(opts.Adopt)...)
	if err != nil {
		return Result{}, fmt.Errorf("apply migrations: %w", err)
	}
	defer hold.Release()
	return p.ApplyHeld(f, hold, opts)
}

// ApplyHeld is Apply for whoever has hold of all that the plan touches, such as
// the server that uses the folder. The hold ends.
func (p *Plan) ApplyHeld(f state.Folder, hold *state.Hold, opts Options) (Result, error) {
	if err := p.Problems.Err(); err != nil {
		return Result{}, err
	}
	w := &work{plan: p, opts: opts, ledger: p.ledger.clone(), hold: hold, folders: map[string][]*tenant{}}
	err := p.ledger.Current(f)
	if err == nil {
		err = w.run(f)
	}
	if err != nil {
		return Result{}, fmt.Errorf("apply migrations: %w", err)
	}
	for _, t := range w.all {
		if opts.Named != nil && t.name != "" && t.to != t.key && t.to != "" {
			opts.Named(object.Ref{Namespace: t.to, ID: t.id, Name: t.name})
		}
	}
	return w.result, nil
}

// Beginning is the part of the plan before the first migration that is not safe.
func (p *Plan) Beginning() *Plan {
	part := &Plan{ledger: p.ledger}
	for _, next := range p.pending {
		if slices.ContainsFunc(next.steps, func(s Step) bool { return !s.Safe() }) {
			break
		}
		part.pending = append(part.pending, next)
		part.Steps = append(part.Steps, next.steps...)
	}
	return part
}

// touched are the namespaces whose objects steps take or get.
func (p *Plan) touched(adopt []string) []string {
	keys := map[string]bool{}
	for _, s := range append(p.adopted(adopt), p.Steps...) {
		if s.Safe() {
			continue
		}
		keys[s.source()] = true
		if to := s.target(); to != "" {
			keys[to] = true
		}
	}
	return slices.Sorted(maps.Keys(keys))
}

// Leaves tells of the namespaces that lose their objects what becomes of these,
// whether or not there are any now: true for those that go for good.
func (p *Plan) Leaves(adopt []string) map[string]bool {
	leave := map[string]bool{}
	for _, s := range append(p.adopted(adopt), p.Steps...) {
		if s.Kind != New {
			leave[s.source()] = leave[s.source()] || s.Kind == Delete
		}
	}
	return leave
}

func (p *Plan) adopted(scripts []string) []Step {
	var steps []Step
	for _, s := range p.Offers {
		if slices.Contains(scripts, s.From) {
			steps = append(steps, s)
		}
	}
	return steps
}

// A work is a plan being carried out. Steps are gone through on paper first, so
// that each object moves once, however many steps concern it.
type work struct {
	plan    *Plan
	opts    Options
	hold    *state.Hold
	ledger  *Ledger
	folders map[string][]*tenant // by namespace
	all     []*tenant
	result  Result

	snapshot string // of what was there before
}

// A tenant is an object on its way.
type tenant struct {
	stored state.Object
	key    string // where it lies
	name   string
	id     object.ID // that it will have
	to     string    // where it will lie, "" for nowhere
}

func (w *work) run(f state.Folder) error {
	touched := w.plan.touched(w.opts.Adopt)
	for _, key := range touched {
		if err := w.open(f, key); err != nil {
			return err
		}
	}
	before, err := w.plan.ledger.encode()
	if err != nil {
		return err
	}
	if w.opts.Before != nil && len(w.all) > 0 {
		if w.snapshot, err = w.opts.Before(w.hold, touched, before); err != nil {
			return err
		}
		w.result.Snapshot = w.snapshot
	}
	w.adopt()
	for _, p := range w.plan.pending {
		for _, s := range p.steps {
			w.step(s)
		}
		w.note(p)
	}
	return w.write()
}

// open takes stock of a namespace.
func (w *work) open(f state.Folder, key string) error {
	objects, err := f.Objects(key)
	if err != nil {
		return err
	}
	alarms, err := w.hold.Alarms(key)
	if err != nil {
		return err
	}
	names := map[string]string{}
	for _, a := range alarms {
		names[a.ID] = a.Name
	}
	for _, o := range objects {
		id, err := object.Decode(o.ID)
		if err != nil {
			continue
		}
		t := &tenant{stored: o, key: key, to: key, id: id, name: names[o.ID]}
		if t.name == "" && w.opts.Name != nil {
			t.name = w.opts.Name(key, o.ID)
		}
		w.folders[key] = append(w.folders[key], t)
		w.all = append(w.all, t)
	}
	return nil
}

// step goes through a step on paper.
func (w *work) step(s Step) {
	s.Amount = Amount{}
	switch s.Kind {
	case New:
		w.create(s)
	case Delete:
		s.Objects = w.clear(s.source())
		delete(w.ledger.script(s.Script).Classes, s.Class)
	default:
		s.Objects = w.rename(s)
	}
	w.result.Steps = append(w.result.Steps, s)
}

func (w *work) create(s Step) {
	classes := w.ledger.script(s.Script).Classes
	if classes[s.Class] == nil {
		classes[s.Class] = &Class{SQLite: s.SQLite}
	}
}

// clear has all objects of a namespace go.
func (w *work) clear(key string) int {
	for _, t := range w.folders[key] {
		t.to = ""
	}
	n := len(w.folders[key])
	delete(w.folders, key)
	return n
}

// rename has all objects of one namespace get into another.
func (w *work) rename(s Step) int {
	fromKey, toKey := s.source(), s.target()
	from, to := namespaceOf(fromKey), namespaceOf(toKey)
	ids := map[string]string{}
	for _, t := range w.folders[fromKey] {
		id := moved(t.id, t.name, from, to)
		ids[t.id.String()] = id.String()
		t.id, t.to = id, toKey
	}
	w.handOver(s, to, ids)
	n := len(w.folders[fromKey])
	w.folders[toKey] = append(w.folders[toKey], w.folders[fromKey]...)
	delete(w.folders, fromKey)
	return n
}

// handOver moves what the ledger knows of a class to its new name. ids leads
// from the ids that its objects had right before to those they get.
func (w *work) handOver(s Step, to object.Namespace, ids map[string]string) {
	source := w.ledger.script(s.Script)
	if s.From != "" {
		source = w.ledger.script(s.From)
	}
	class := source.Classes[s.Class]
	if class == nil {
		class = &Class{SQLite: s.SQLite}
	}
	delete(source.Classes, s.Class)
	w.ledger.script(s.Script).Classes[s.To] = class
	fromKey := s.source()
	class.Former = append([]string{fromKey}, slices.DeleteFunc(class.Former, func(key string) bool { return key == fromKey || key == s.target() })...)

	adopted := func(id string) string {
		was, err := object.Decode(id)
		if err != nil {
			return id // it was checked when the ledger was read
		}
		return moved(was, "", namespaceOf(fromKey), to).String()
	}
	led := map[string]string{}
	for former, now := range class.Moved {
		if next, ok := ids[now]; ok {
			led[former] = next
		} else {
			led[former] = adopted(now)
		}
	}
	for was, now := range ids {
		if now != adopted(was) {
			led[was] = now
		}
	}
	class.Moved = led
}

// adopt takes up objects of scripts that are named so no more.
func (w *work) adopt() {
	for _, s := range w.plan.adopted(w.opts.Adopt) {
		w.step(s)
		script := w.ledger.script(s.Script)
		done := w.result.Steps[len(w.result.Steps)-1]
		script.Applied = append(script.Applied, Applied{At: w.opts.Now.UTC(), Steps: []Step{done}, Snapshot: w.snapshot})
	}
}

// note enters a migration into the ledger.
func (w *work) note(p pending) {
	script := w.ledger.script(p.config.Name)
	n := len(p.steps)
	script.Applied = append(script.Applied, Applied{
		Tag: p.tag, Digest: p.digest, At: w.opts.Now.UTC(), Config: p.config.Path,
		Steps: slices.Clone(w.result.Steps[len(w.result.Steps)-n:]), Snapshot: w.snapshot,
	})
}

// write does it.
func (w *work) write() error {
	c, err := w.hold.Change()
	if err != nil {
		return err
	}
	if err := w.fill(c); err != nil {
		return errors.Join(err, c.Discard())
	}
	return c.Commit()
}

func (w *work) fill(c *state.Change) error {
	for _, t := range w.all {
		switch {
		case t.to == "":
			if err := c.Remove(t.key, t.stored); err != nil {
				return err
			}
		case t.to != t.key || t.id.String() != t.stored.ID:
			if err := c.Move(t.key, t.stored, t.to, t.id.String(), t.name); err != nil {
				return err
			}
			if t.name == "" {
				w.result.Nameless++
			}
		}
	}
	text, err := w.ledger.encode()
	if err != nil {
		return err
	}
	return c.Write(text, LedgerFile)
}
