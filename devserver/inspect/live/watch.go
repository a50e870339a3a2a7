package live

import (
	"context"
	"reflect"
	"slices"
	"time"

	"github.com/dodev/dodev/devserver/inspect"
	"github.com/dodev/dodev/emulator"
	"github.com/dodev/dodev/emulator/durable"
	"github.com/dodev/dodev/emulator/object"
)

// Followers are told of objects as often as people can see; what happens
// between two ticks is told once.
const (
	tick        = 100 * time.Millisecond
	slowTick    = 10 // of those are a second
	wholeTick   = 20
	socketTick  = 5
	manySockets = 200 // of which it takes longer to tell
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
	ticking, started := l.ticking != nil, l.base
	l.mu.Unlock()
	if !ticking && watches(f) && (f.From == "" || started.at != f.From) {
		// Nobody has seen what changed since a snapshot other than the last.
		s.missed = s.missed || f.From != "" && f.Wants(inspect.Event{Kind: inspect.ObjectChanged})
		started.objects = l.learn()
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return nil, &inspect.Error{Code: inspect.Gone, Message: "the server is shutting down"}
	}
	if l.ticking == nil && watches(f) {
		l.shown, l.base = started.objects, base{}
	}
	l.streams[s] = true
	l.followedLocked()
	return s, nil
}

// watches reports whether the emulator has to be watched for what is followed.
func watches(f inspect.Follow) bool {
	return slices.ContainsFunc(f.Topics, func(t inspect.Topic) bool { return t != inspect.Logs })
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
	topics := map[inspect.Topic]bool{}
	stores, taps := map[inspect.Ref]bool{}, map[inspect.Ref]bool{}
	for s := range l.streams {
		for _, t := range s.follow.Topics {
			topics[t] = true
			switch t {
			case inspect.Stores:
				stores[s.follow.Object] = true
			case inspect.Frames:
				taps[s.follow.Object] = true
			}
		}
	}
	e := l.emu.Load()
	watching := len(topics) > 0 && !(len(topics) == 1 && topics[inspect.Logs])
	l.record.want(watching, topics[inspect.Traces], wanted{stores, taps})
	switch {
	case watching && l.ticking == nil && e != nil:
		ctx, cancel := context.WithCancel(l.ctx)
		l.ticking = cancel
		if l.shown == nil {
			l.shown = map[inspect.Ref]inspect.Object{}
		}
		l.sockets, l.glimpses = map[socketKey]inspect.Socket{}, nil
		l.tasks.Go(func() { l.tick(ctx, e) })
	case !watching && l.ticking != nil:
		l.ticking()
		l.ticking = nil
	}
}

// tick tells followers what has changed, until ctx ends.
func (l *Live) tick(ctx context.Context, e *emulator.Emulator) {
	ticker := time.NewTicker(tick)
	defer ticker.Stop()
	for n := 1; ; n++ {
		select {
		case <-ticker.C:
		case <-l.hurry:
			l.tellObjects(e, nil, true)
			continue
		case <-ctx.Done():
			return
		}
		l.record.tellTraces()
		var busy map[object.Key]inspect.Load
		if n%slowTick == 0 {
			busy = l.record.second()
			l.tellLoads(busy)
		}
		l.tellObjects(e, busy, n%wholeTick == 0)
		if n%l.socketPace() == 0 {
			l.tellSockets(ctx, e)
		}
	}
}

// replaced tells followers that what is stored of some objects was replaced, and
// which objects there are now.
func (l *Live) replaced(by string, of func(inspect.Ref) bool) {
	for _, ref := range l.record.stores() {
		if of(ref) {
			l.ring.add(inspect.Event{Kind: inspect.StorageChanged, Storage: &inspect.StorageEvent{Object: ref, By: by, Replaced: true}})
		}
	}
	l.files.forget()
	select {
	case l.hurry <- struct{}{}:
	default: // it is about to look anyway
	}
}

// A base is what the last snapshot showed, while nobody follows: what a stream
// that begins there must tell is the difference to it.
type base struct {
	at      inspect.Cursor
	objects map[inspect.Ref]inspect.Object
}

// mark gives a snapshot a cursor that no other has.
func (l *Live) mark() inspect.Cursor {
	l.mu.Lock()
	ticking := l.ticking != nil
	l.mu.Unlock()
	if !ticking {
		l.ring.add(inspect.Event{Kind: inspect.Ping})
	}
	return l.ring.now()
}

// remember keeps what a snapshot showed.
func (l *Live) remember(s inspect.Snapshot) {
	b := base{at: s.Next, objects: make(map[inspect.Ref]inspect.Object, len(s.Objects))}
	for _, o := range s.Objects {
		o.Load = inspect.Load{}
		b.objects[o.Ref] = o
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ticking == nil {
		l.base = b
	}
}

// learn is what there is now.
func (l *Live) learn() map[inspect.Ref]inspect.Object {
	shown := map[inspect.Ref]inspect.Object{}
	e := l.emu.Load()
	if e == nil {
		return shown
	}
	l.files.scan(e, true)
	v := l.view(e)
	for k, size := range l.all(v) {
		g, _ := e.Objects().Glance(k)
		o := v.bare(k, g, size)
		shown[o.Ref] = o
	}
	return shown
}

// tellObjects tells which objects are not what followers know them as: those of
// which something is in memory, or when it looks at the whole, all. How much is
// stored it looks at for those that have been busy.
func (l *Live) tellObjects(e *emulator.Emulator, busy map[object.Key]inspect.Load, whole bool) {
	v := l.view(e)
	glances := e.Objects().Glances()
	glimpses := make(map[object.Key]glimpse, len(glances))
	for _, g := range glances {
		if !alive(e, g) && g.State != durable.Failed {
			continue
		}
		k := g.Ref.Key()
		now := l.glimpse(v, k, g)
		glimpses[k] = now
		_, worked := busy[k]
		if last, ok := l.glimpses[k]; !ok || last != now || worked {
			l.look(v, k, g)
		}
	}
	before := l.glimpses
	l.glimpses = glimpses
	for k := range before {
		if _, still := glimpses[k]; !still {
			l.left(v, k)
		}
	}
	if whole {
		l.files.scan(e, false)
		l.tellStored(v)
		l.tellGone(v)
	}
}

// look looks closer at an object of which something is in memory.
func (l *Live) look(v *view, k object.Key, g durable.Glance) {
	ref := refOf(k)
	known, had := l.shownAs(ref)
	size, _ := l.files.size(v.e, ref)
	l.show(v.bare(k, g, size), known, had)
}

// tellStored tells of objects that have nothing but a file, or an alarm.
func (l *Live) tellStored(v *view) {
	for k, size := range l.all(v) {
		if _, live := l.glimpses[k]; !live {
			known, had := l.shownAs(refOf(k))
			l.show(v.bare(k, durable.Glance{}, size), known, had)
		}
	}
}

// tellGone tells of objects that have neither a file nor anything in memory any
// more.
func (l *Live) tellGone(v *view) {
	var rest []object.Key
	l.mu.Lock()
	for ref := range l.shown {
		k, err := keyOf(ref)
		if _, live := l.glimpses[k]; err == nil && !live && !l.files.has(ref) {
			rest = append(rest, k)
		}
	}
	l.mu.Unlock()
	for _, k := range rest {
		l.left(v, k)
	}
}

// left tells what has become of an object of which nothing is in memory.
func (l *Live) left(v *view, k object.Key) {
	ref := refOf(k)
	known, had := l.shownAs(ref)
	size, stored := l.files.size(v.e, ref)
	if _, pending := v.alarms[k]; stored || pending {
		l.show(v.bare(k, durable.Glance{}, size), known, had)
		return
	}
	if !had {
		return
	}
	l.mu.Lock()
	delete(l.shown, ref)
	l.mu.Unlock()
	l.ring.add(inspect.Event{Kind: inspect.ObjectGone, Gone: &ref})
}

// A glimpse is what is cheap to know of an object: while it stays the same there
// is no need to look closer.
type glimpse struct {
	state   durable.State
	sockets int
	holding int
	alarm   time.Time
	trouble *failure
	place   string
}

func (l *Live) glimpse(v *view, k object.Key, g durable.Glance) glimpse {
	out := glimpse{state: g.State, sockets: g.Sockets, holding: g.Holding, alarm: v.alarms[k].At}
	out.trouble, out.place = l.logs.raw(k)
	return out
}

// shownAs is an object as followers know it.
func (l *Live) shownAs(ref inspect.Ref) (inspect.Object, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	o, ok := l.shown[ref]
	return o, ok
}

// socketPace is in how many ticks sockets are looked at once.
func (l *Live) socketPace() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.sockets) > manySockets {
		return 4 * socketTick
	}
	return socketTick
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
