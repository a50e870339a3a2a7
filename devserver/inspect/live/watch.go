package live

import (
	"context"
	"reflect"
	"time"

	"github.com/dodev/dodev/devserver/inspect"
	"github.com/dodev/dodev/emulator"
	"github.com/dodev/dodev/emulator/durable"
	"github.com/dodev/dodev/emulator/object"
)

// Followers are told of objects as often as people can see; what happens
// between two ticks is told once.
const (
	tick       = 100 * time.Millisecond
	slowTick   = 10 // of those are a second
	socketTick = 5
)

// Watch implements inspect.Viewer.
func (l *Live) Watch(_ context.Context, f inspect.Follow) (inspect.Stream, error) {
	if _, err := l.emulator(); err != nil {
		return nil, err
	}
	if needsObject(f) && f.Object.IsZero() {
		return nil, &inspect.Error{Code: inspect.Invalid, Message: "frames and storage are followed of one object"}
	}
	s := &stream{l: l, follow: f, over: make(chan struct{})}
	s.at, s.missed = l.ring.start(f.From)
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return nil, &inspect.Error{Code: inspect.Gone, Message: "the server is shutting down"}
	}
	l.streams[s] = true
	l.followedLocked()
	return s, nil
}

func needsObject(f inspect.Follow) bool {
	for _, t := range f.Topics {
		if t == inspect.Frames || t == inspect.Stores {
			return true
		}
	}
	return false
}

func (l *Live) forget(s *stream) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.streams, s)
	l.followedLocked()
}

// followedLocked has the emulator tell what somebody follows, and nothing else.
func (l *Live) followedLocked() {
	wanted := map[inspect.Topic]bool{}
	stores, taps := map[inspect.Ref]bool{}, map[inspect.Ref]bool{}
	for s := range l.streams {
		for _, t := range s.follow.Topics {
			wanted[t] = true
			switch t {
			case inspect.Stores:
				stores[s.follow.Object] = true
			case inspect.Frames:
				taps[s.follow.Object] = true
			}
		}
	}
	l.record.want(wanted[inspect.Traces], stores, taps)
	e := l.emu.Load()
	watching := len(wanted) > 0 && !(len(wanted) == 1 && wanted[inspect.Logs])
	switch {
	case watching && l.ticking == nil && e != nil:
		e.Objects().Watch(&l.record)
		ctx, cancel := context.WithCancel(context.Background())
		l.ticking = cancel
		l.shown, l.sockets = map[inspect.Ref]inspect.Object{}, map[socketKey]inspect.Socket{}
		l.ticked.Go(func() { l.tick(ctx, e) })
	case !watching && l.ticking != nil:
		l.ticking()
		l.ticking = nil
		e.Objects().Watch(nil)
	}
}

// tick tells followers what has changed, until ctx ends.
func (l *Live) tick(ctx context.Context, e *emulator.Emulator) {
	ticker := time.NewTicker(tick)
	defer ticker.Stop()
	l.learn(e)
	for n := 1; ; n++ {
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
		l.record.refill()
		if n%slowTick == 0 {
			l.files.scan(e)
			l.tellLoads(l.record.second())
		}
		l.tellObjects(e, n%slowTick == 0)
		if n%socketTick == 0 {
			l.tellSockets(ctx, e)
		}
	}
}

// learn takes what there is as known to followers.
func (l *Live) learn(e *emulator.Emulator) {
	l.files.scan(e)
	v := l.view(e)
	all := l.all(v)
	shown := make(map[inspect.Ref]inspect.Object, len(all))
	for k, size := range all {
		g, _ := e.Objects().Glance(k)
		o := v.object(k, g, size)
		o.Load = inspect.Load{}
		shown[o.Ref] = o
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.shown = shown
}

// tellObjects tells which objects are not what followers know them as. Those of
// which nothing is in memory are looked at once a second.
func (l *Live) tellObjects(e *emulator.Emulator, whole bool) {
	v := l.view(e)
	seen := map[inspect.Ref]bool{}
	look := func(k object.Key, g durable.Glance) {
		ref := refOf(k)
		seen[ref] = true
		known, had := l.known1(ref)
		size := known.SizeBytes
		if whole || !had || known.State != inspect.State(g.State) {
			size, _ = l.files.size(e, ref)
		}
		o := v.object(k, g, size)
		o.Load = inspect.Load{}
		l.show(o, known, had)
	}
	for _, g := range e.Objects().Glances() {
		if alive(e, g) || g.State == durable.Failed {
			look(g.Ref.Key(), g)
		}
	}
	var rest []inspect.Object
	l.mu.Lock()
	for ref, o := range l.shown {
		if !seen[ref] && (whole || o.State != inspect.Stored) {
			rest = append(rest, o)
		}
	}
	l.mu.Unlock()
	var there map[object.Key]int64
	if whole {
		there = l.all(v)
		for k, size := range there {
			if ref := refOf(k); !seen[ref] {
				known, had := l.known1(ref)
				o := v.object(k, durable.Glance{}, size)
				o.Load = inspect.Load{}
				l.show(o, known, had)
			}
		}
	}
	for _, o := range rest {
		l.leave(e, v, o, there)
	}
}

// known1 is an object as followers know it.
func (l *Live) known1(ref inspect.Ref) (inspect.Object, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	o, ok := l.shown[ref]
	return o, ok
}

// show tells of an object, if it is not known as it is.
func (l *Live) show(o, known inspect.Object, had bool) {
	if had && known.State == o.State {
		o.Since = known.Since
	}
	if had && reflect.DeepEqual(o, known) {
		return
	}
	l.mu.Lock()
	l.shown[o.Ref] = o
	l.mu.Unlock()
	if k, err := keyOf(o.Ref); err == nil {
		o.Load = l.record.load(k)
	}
	l.ring.add(inspect.Event{Kind: inspect.ObjectChanged, Object: &o})
}

// leave tells of an object of which nothing is in memory any more.
func (l *Live) leave(e *emulator.Emulator, v *view, known inspect.Object, there map[object.Key]int64) {
	k, err := keyOf(known.Ref)
	if err != nil {
		return
	}
	size, stored := l.files.size(e, known.Ref)
	if _, pending := v.alarms[k]; !stored && !pending {
		l.mu.Lock()
		delete(l.shown, known.Ref)
		l.mu.Unlock()
		ref := known.Ref
		l.ring.add(inspect.Event{Kind: inspect.ObjectGone, Gone: &ref})
		return
	}
	if there == nil {
		o := v.object(k, durable.Glance{}, size)
		o.Load = inspect.Load{}
		l.show(o, known, true)
	}
}

func keyOf(ref inspect.Ref) (object.Key, error) {
	id, err := object.Decode(ref.ID)
	return object.Key{Namespace: ref.Namespace, ID: id}, err
}

// tellLoads tells how busy objects were in the last second.
func (l *Live) tellLoads(loads map[object.Key]inspect.Load) {
	e := inspect.Event{Kind: inspect.Loads, Loads: map[inspect.Ref]inspect.Load{}}
	for k, load := range loads {
		if k == (object.Key{}) {
			e.Load = &load
			continue
		}
		e.Loads[refOf(k)] = load
	}
	if e.Load != nil || len(e.Loads) > 0 {
		l.ring.add(e)
	}
}

// Reloaded tells followers of a save.
func (l *Live) Reloaded(r inspect.Reload) {
	l.ring.add(inspect.Event{Kind: inspect.Reloaded, Reload: &r})
}
