package durable

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dodev/dodev/emulator/engine"
	"github.com/dodev/dodev/emulator/gate"
	"github.com/dodev/dodev/emulator/loop"
	"github.com/dodev/dodev/emulator/object"
)

// fakeVM is an isolate without jobs.
type fakeVM struct{ engine.VM }

func (fakeVM) Drain() error                    { return nil }
func (fakeVM) Rejections() []*engine.Exception { return nil }
func (fakeVM) Interrupt(string)                {}
func (fakeVM) Close()                          {}

// A world is a set of objects in a bubble, with files that outlive them. It
// fails the test when an object has two instances, or when the index has an
// alarm later than its file.
type world struct {
	t       testing.TB
	objects *Objects

	mu     sync.Mutex
	files  map[object.Key]*file
	index  map[object.Key]time.Time
	living map[object.Key]*Life
	logged []string
	states []State
	lost   []string // values that were rolled back
	notes  []string

	// What instances do; nil is nothing.
	onStart  func(*Life) error
	onAlarm  func(life *Life, info AlarmInfo, done func(error))
	keeps    func(loop.Kind) bool
	onSocket func(life *Life, s *Socket, e SocketEvent, done func(error))
	badIndex error
}

// start makes a world with n homes, which the end of the test closes.
func start(t testing.TB, n int) *world {
	t.Helper()
	w := &world{t: t, files: map[object.Key]*file{}, index: map[object.Key]time.Time{}, living: map[object.Key]*Life{}}
	w.objects = New(Options{
		OpenStore:  w.open,
		Index:      w,
		CloseCause: func(code int, reason string) error { return closeCode{code, reason} },
		Changed: func(_ object.Ref, s State) {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.states = append(w.states, s)
		},
		Log: func(_ object.Ref, err error, _ loop.Span) { w.log(err) },
	})
	w.objects.SetHomes(w.homes(n))
	t.Cleanup(w.objects.Close)
	return w
}

type closeCode struct {
	code   int
	reason string
}

func (c closeCode) Error() string { return fmt.Sprintf("close %d %s", c.code, c.reason) }

func (w *world) log(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.logged = append(w.logged, err.Error())
}

func (w *world) note(format string, args ...any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.notes = append(w.notes, fmt.Sprintf(format, args...))
}

// wantNotes compares, and forgets, what was noted.
func (w *world) wantNotes(want ...string) {
	w.t.Helper()
	synctest.Wait()
	w.mu.Lock()
	defer w.mu.Unlock()
	if !slices.Equal(w.notes, want) {
		w.t.Errorf("\n got %q\nwant %q", w.notes, want)
	}
	w.notes = nil
}

// homes makes isolates, which the end of the test closes after the objects.
func (w *world) homes(n int) []Home {
	out := make([]Home, n)
	for i := range out {
		l := loop.New(fakeVM{}, loop.Options{Uncaught: func(_ loop.Owner, err error, _ bool) { w.log(err) }})
		out[i] = &home{w: w, loop: l}
	}
	w.t.Cleanup(func() {
		w.objects.Close()
		for _, h := range out {
			h.Loop().Close()
		}
	})
	return out
}

type home struct {
	w    *world
	loop *loop.Loop
}

func (h *home) KeepsAlive(kind loop.Kind) bool { return h.w.keeps == nil || h.w.keeps(kind) }

func (h *home) Loop() *loop.Loop { return h.loop }

func (h *home) Start(life *Life) error {
	w, key := h.w, life.Ref().Key()
	w.mu.Lock()
	if w.living[key] != nil {
		w.t.Errorf("%s has two instances", life.Ref().Name)
	}
	w.living[key] = life
	w.mu.Unlock()
	if w.onStart != nil {
		return w.onStart(life)
	}
	return nil
}

func (h *home) Drop(life *Life) {
	h.w.mu.Lock()
	defer h.w.mu.Unlock()
	if key := life.Ref().Key(); h.w.living[key] == life {
		delete(h.w.living, key)
	} else {
		h.w.t.Errorf("%s was dropped and is not the instance", life.Ref().Name)
	}
}

func (h *home) Alarm(life *Life, info AlarmInfo, done func(error)) {
	if h.w.onAlarm == nil {
		done(nil)
		return
	}
	h.w.onAlarm(life, info, done)
}

func (h *home) SocketEvent(life *Life, s *Socket, e SocketEvent, done func(error)) {
	if h.w.onSocket == nil {
		done(nil)
		return
	}
	h.w.onSocket(life, s, e, done)
}

// count is how many instances there are.
func (w *world) count() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.living)
}

// records is how many objects are remembered.
func (w *world) records() int {
	synctest.Wait()
	w.objects.mu.RLock()
	defer w.objects.mu.RUnlock()
	return len(w.objects.objects)
}

// ---- files ----

// content is what a file holds: values in the order of writing, and an alarm.
type content struct {
	values []string
	alarm  time.Time // zero for none
}

func (c content) clone() content { return content{slices.Clone(c.values), c.alarm} }

// file is an object's database.
type file struct {
	committed content
	bad       error // what the next commit fails with
}

// store is a file in use.
type store struct {
	w     *world
	key   object.Key
	file  *file
	now   content
	dirty bool
}

func (w *world) open(ref object.Ref) Store {
	w.mu.Lock()
	defer w.mu.Unlock()
	return &store{w: w, key: ref.Key(), file: w.fileLocked(ref.Key()), now: w.fileLocked(ref.Key()).committed.clone()}
}

func (w *world) fileLocked(key object.Key) *file {
	f := w.files[key]
	if f == nil {
		f = &file{}
		w.files[key] = f
	}
	return f
}

// stored is what the file of an object holds.
func (w *world) stored(ref object.Ref) content {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.fileLocked(ref.Key()).committed.clone()
}

// failCommit has the next commit of an object fail.
func (w *world) failCommit(ref object.Ref, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.fileLocked(ref.Key()).bad = err
}

func (s *store) put(v string) {
	s.now.values = append(s.now.values, v)
	s.dirty = true
}

func (s *store) Dirty() bool { return s.dirty }

func (s *store) Commit() error {
	s.w.mu.Lock()
	defer s.w.mu.Unlock()
	if err := s.file.bad; err != nil {
		s.file.bad = nil
		s.loseLocked()
		return err
	}
	s.file.committed, s.dirty = s.now.clone(), false
	s.w.checkLocked(s.key)
	return nil
}

func (s *store) Rollback() error {
	s.w.mu.Lock()
	defer s.w.mu.Unlock()
	s.loseLocked()
	s.now, s.dirty = s.file.committed.clone(), false
	return nil
}

// loseLocked notes the values that a rollback undoes.
func (s *store) loseLocked() {
	for _, v := range s.now.values {
		if !slices.Contains(s.file.committed.values, v) {
			s.w.lost = append(s.w.lost, v)
		}
	}
}

func (s *store) Alarm() (time.Time, bool, error) { return s.now.alarm, !s.now.alarm.IsZero(), nil }

func (s *store) SetAlarm(at time.Time, ok bool) error {
	if !ok {
		at = time.Time{}
	}
	s.now.alarm, s.dirty = at, true
	return nil
}

func (s *store) Release() {
	if s.dirty {
		s.w.t.Error("a store is released with writes in it")
	}
}

// checkLocked holds the index against a file: an alarm must be found in time.
func (w *world) checkLocked(key object.Key) {
	at := w.files[key].committed.alarm
	if at.IsZero() {
		return
	}
	if indexed, ok := w.index[key]; !ok || indexed.After(at) {
		w.t.Errorf("the file has an alarm at %v, the index %v %v", at, indexed, ok)
	}
}

// Set implements Index.
func (w *world) Set(ref object.Ref, at time.Time) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.badIndex != nil {
		return w.badIndex
	}
	w.index[ref.Key()] = at
	w.fileLocked(ref.Key())
	w.checkLocked(ref.Key())
	return nil
}

// Delete implements Index.
func (w *world) Delete(ref object.Ref) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.badIndex != nil {
		return w.badIndex
	}
	delete(w.index, ref.Key())
	w.fileLocked(ref.Key())
	w.checkLocked(ref.Key())
	return nil
}

// indexed is what the index has for an object.
func (w *world) indexed(ref object.Ref) (time.Time, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	at, ok := w.index[ref.Key()]
	return at, ok
}

// ---- events ----

func named(name string) object.Ref {
	return object.Ref{Namespace: "test-Thing", ID: object.NewNamespace("test", "Thing").FromName(name), Name: name}
}

// do delivers an event that runs fn and ends, and gives its answer, or the
// error it failed with.
func (w *world) do(ref object.Ref, fn func(life *Life)) error {
	w.t.Helper()
	answer := w.send(ref, func(life *Life, finish func()) {
		fn(life)
		finish()
	})
	return <-answer
}

// send delivers an event that goes on until finish is called. Finishing sends
// the answer through the output gate.
func (w *world) send(ref object.Ref, fn func(life *Life, finish func())) <-chan error {
	w.t.Helper()
	answer := make(chan error, 2)
	e := &Event{Name: "test"}
	e.Run = func(life *Life) {
		fn(life, func() {
			life.loop.Send(func() {
				if life.Finish(e) {
					answer <- nil
				}
			})
		})
	}
	e.Fail = func(err error) { answer <- err }
	w.objects.Deliver(ref, e)
	return answer
}

// busy delivers an event that notes its name, takes d on a timer, notes its end
// and answers with a note.
func (w *world) busy(ref object.Ref, name string, d time.Duration) {
	answer := w.send(ref, func(life *Life, finish func()) {
		w.note("%s begins", name)
		if d == 0 {
			finish()
			return
		}
		life.loop.After(d, loop.Timer, func() {
			w.note("%s ends", name)
			finish()
		})
	})
	go func() {
		if err := <-answer; err != nil {
			w.note("%s: %v", name, err)
		}
	}()
}

// onLoop runs fn on an object's loop, outside of any turn.
func (w *world) onLoop(ref object.Ref, fn func(*Object)) {
	w.t.Helper()
	found := false
	w.objects.with(ref, func(o *Object) { found = true; fn(o) })
	if !found {
		w.t.Fatalf("%s is not in memory", ref.Name)
	}
}

func put(life *Life, v string) {
	life.store.(*store).put(v)
	life.loop.Touch(life)
}

var errBoom = errors.New("boom")

// section runs fn in a critical section, which ends when fn calls end.
func section(life *Life, fn func(end func())) {
	life.Section("blockConcurrencyWhile", func(s *gate.Section) {
		fn(func() {
			life.loop.SetSection(s.Parent())
			s.End()
		})
	})
}

// bubble runs a test in one, with a world of two homes.
func bubble(t *testing.T, fn func(t *testing.T, w *world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) { fn(t, start(t, 2)) })
}
