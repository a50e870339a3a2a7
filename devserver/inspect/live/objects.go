package live

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/dodev/dodev/devserver/inspect"
	"github.com/dodev/dodev/emulator"
	"github.com/dodev/dodev/emulator/durable"
	"github.com/dodev/dodev/emulator/object"
	"github.com/dodev/dodev/emulator/worker"
)

// A view is what is needed to show objects.
type view struct {
	l      *Live
	e      *emulator.Emulator
	spaces map[string]inspect.Namespace
	order  []inspect.Namespace
	first  string // script of the Worker that gets the requests
	alarms map[object.Key]durable.Pending
}

func (l *Live) view(e *emulator.Emulator) *view {
	v := &view{l: l, e: e, spaces: map[string]inspect.Namespace{}, alarms: map[object.Key]durable.Pending{}}
	for _, c := range e.Classes() {
		v.add(inspect.Namespace{Key: c.Key, Script: c.Script, Class: c.Name, Bindings: c.Bindings, SQLite: c.SQLite, Known: true})
	}
	if len(v.order) > 0 {
		v.first = v.order[0].Script
	}
	for _, a := range e.Objects().Alarms() {
		v.alarms[a.Ref.Key()] = a
	}
	return v
}

func (v *view) add(ns inspect.Namespace) {
	if _, ok := v.spaces[ns.Key]; ok {
		return
	}
	if ns.Bindings == nil {
		ns.Bindings = []string{}
	}
	v.spaces[ns.Key] = ns
	v.order = append(v.order, ns)
}

// object shows one object, and how busy it is; g is what is in memory of it.
func (v *view) object(k object.Key, g durable.Glance, size int64) inspect.Object {
	o := v.bare(k, g, size)
	o.Load = v.l.record.load(k)
	o.Load.Queue += g.Queue
	return o
}

// bare is object without its load.
func (v *view) bare(k object.Key, g durable.Glance, size int64) inspect.Object {
	ns, ok := v.spaces[k.Namespace]
	if !ok {
		ns = inspect.Unknown(k.Namespace)
	}
	ref := refOf(k)
	o := inspect.Object{
		Ref: ref, Script: ns.Script, Class: ns.Class, ID: ref.ID, Name: v.e.Names().Name(k),
		State: inspect.Stored, SizeBytes: size, Sockets: g.Sockets, Holding: g.Holding,
		Jurisdiction: inspect.JurisdictionOf(ns.Script, ns.Class, ref.ID), Location: g.Ref.Location,
	}
	if len(ns.Bindings) > 0 {
		o.Binding = ns.Bindings[0]
	}
	o.Label = o.LabelIn(v.first)
	if g.State != "" {
		o.State = inspect.State(g.State)
	}
	if a, ok := v.alarms[k]; ok {
		at := a.At.UTC()
		o.NextAlarm, o.Retries = &at, a.Retries
	}
	o.LastError, o.Place = v.l.logs.last(k)
	o.Since = v.l.since(o)
	return o
}

// Snapshot implements inspect.Viewer.
func (l *Live) Snapshot(ctx context.Context) (inspect.Snapshot, error) {
	e, err := l.emulator()
	if err != nil {
		return inspect.Snapshot{}, err
	}
	next := l.mark()
	s := l.there(e, (*view).object, true)
	s.Next, s.Load = next, l.record.load(object.Key{})
	l.remember(s)
	l.learnNames(e, s.Objects)
	return s, ctx.Err()
}

// Find implements inspect.Viewer.
func (l *Live) Find(ctx context.Context, f inspect.Finding) (inspect.Target, error) {
	e, err := l.emulator()
	if err != nil {
		return inspect.Target{}, err
	}
	t, err := l.there(e, (*view).bare, false).Find(f)
	return t, cmp.Or(err, ctx.Err())
}

// there are all objects, in order. Without sizes it does not ask how long files are that
// are known to be there.
func (l *Live) there(e *emulator.Emulator, show func(*view, object.Key, durable.Glance, int64) inspect.Object, sizes bool) inspect.Snapshot {
	v := l.view(e)
	for _, name := range l.files.scan(e, sizes) {
		v.add(inspect.Unknown(name))
	}
	s := inspect.Snapshot{Project: l.project, Namespaces: v.order, Objects: []inspect.Object{}}
	for k, size := range l.all(v) {
		g, _ := e.Objects().Glance(k)
		s.Objects = append(s.Objects, show(v, k, g, size))
	}
	slices.SortFunc(s.Objects, func(a, b inspect.Object) int {
		return cmp.Or(strings.Compare(a.Class, b.Class), strings.Compare(cmp.Or(a.Name, a.ID), cmp.Or(b.Name, b.ID)))
	})
	return s
}

// all are the objects that have a file or something in memory.
func (l *Live) all(v *view) map[object.Key]int64 {
	out := map[object.Key]int64{}
	for _, ns := range v.order {
		for text, size := range l.files.ids(ns.Key) {
			if id, err := object.Decode(text); err == nil {
				out[object.Key{Namespace: ns.Key, ID: id}] = size
			}
		}
	}
	for _, g := range v.e.Objects().Glances() {
		k := g.Ref.Key()
		if _, ok := out[k]; !ok && alive(v.e, g) {
			out[k] = 0
		}
	}
	for k := range v.alarms {
		if _, ok := out[k]; !ok {
			out[k] = 0
		}
	}
	return out
}

// alive reports whether an object without a file is one all the same.
func alive(e *emulator.Emulator, g durable.Glance) bool {
	if g.State == durable.Failed && e.Folder(g.Ref.Namespace) != "" {
		return false // it was deleted
	}
	return g.State != "" && g.State != durable.Stored || g.Queue > 0
}

// Object implements inspect.Viewer.
func (l *Live) Object(ctx context.Context, ref inspect.Ref) (inspect.Object, error) {
	e, known, err := l.known(ref)
	if err != nil {
		return inspect.Object{}, err
	}
	return l.object(e, known.Key())
}

func (l *Live) object(e *emulator.Emulator, k object.Key) (inspect.Object, error) {
	v := l.view(e)
	size, stored := l.files.size(e, refOf(k))
	g, _ := e.Objects().Glance(k)
	if _, pending := v.alarms[k]; !stored && !alive(e, g) && !pending {
		return v.object(k, g, 0), &inspect.Error{Code: inspect.NotFound, Message: "no object " + v.object(k, g, 0).Label}
	}
	return v.object(k, g, size), nil
}

// Alarms implements inspect.Viewer.
func (l *Live) Alarms(context.Context) ([]inspect.Alarm, error) {
	e, err := l.emulator()
	if err != nil {
		return nil, err
	}
	v := l.view(e)
	out := []inspect.Alarm{}
	for k, a := range v.alarms {
		out = append(out, inspect.Alarm{Ref: refOf(k), Object: v.object(k, durable.Glance{}, 0).Label, At: a.At.UTC(), Retries: a.Retries})
	}
	slices.SortFunc(out, func(a, b inspect.Alarm) int {
		return cmp.Or(a.At.Compare(b.At), strings.Compare(a.Object, b.Object))
	})
	return out, nil
}

// since is for how long followers know the object in its state.
func (l *Live) since(o inspect.Object) time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	if known, ok := l.shown[o.Ref]; ok && known.State == o.State {
		return known.Since
	}
	return time.Now().UTC()
}

// learnNames has names found out that nobody has told, if any.
func (l *Live) learnNames(e *emulator.Emulator, objects []inspect.Object) {
	var nameless []inspect.Object
	for _, o := range objects {
		if o.Name == "" && o.SizeBytes > 0 && l.logs.firstAsked(o.Ref) {
			nameless = append(nameless, o)
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(nameless) > 0 && !l.closed {
		l.tasks.Go(func() { l.askNames(e, nameless) })
	}
}

// askNames reads names that the other tool left in the objects' files: each
// file is asked once.
func (l *Live) askNames(e *emulator.Emulator, objects []inspect.Object) {
	ctx, cancel := context.WithTimeout(l.ctx, time.Minute)
	defer cancel()
	for _, o := range objects {
		_, ref, err := l.known(o.Ref)
		if err != nil {
			continue
		}
		_ = e.Visit(ctx, ref, "name", func(life *durable.Life) error {
			name, ok, err := worker.Database(life).Name()
			if ok {
				named := ref
				named.Name = name
				e.Names().Note(named)
			}
			return err
		})
		if ctx.Err() != nil {
			return
		}
	}
}
