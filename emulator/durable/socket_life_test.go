package durable

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dodev/dodev/emulator/engine"
	"github.com/dodev/dodev/emulator/gate"
	"github.com/dodev/dodev/emulator/loop"
	"github.com/dodev/dodev/emulator/object"
)

// ears are the listeners of a socket that an instance keeps itself.
type ears struct {
	w    *world
	life *Life
}

func (e ears) Hear(ev SocketEvent, around func(turn func() error)) {
	turn := func() error {
		e.w.note("heard %s %s%s", ev.Kind.listener(), ev.Data, ev.Reason)
		return nil
	}
	if around == nil {
		_ = turn()
		return
	}
	e.life.loop.Post(func() { e.life.loop.Turn(e.life, (*gate.Section)(nil), func() { around(turn) }) })
}

func (e ears) HangUp(code int, _ string) { e.w.note("hung up %d", code) }

// adopt has the instance keep a socket, and itself alive by it.
func adopt(w *world, life *Life, name string) *Socket {
	op := life.loop.Begin(loop.Socket)
	s := life.Adopt(peer{w, name}, ears{w, life}, false)
	op.OnEnd(s.Over)
	return s
}

func (w *world) adopted(ref object.Ref, name string) (s *Socket) {
	w.t.Helper()
	if err := w.do(ref, func(life *Life) { s = adopt(w, life, name) }); err != nil {
		w.t.Fatal(err)
	}
	return s
}

func (w *world) glance(ref object.Ref) Glance {
	synctest.Wait()
	g, _ := w.objects.Glance(ref.Key())
	return g
}

func TestSocketsOfBothKindsAreListedByOneNumbering(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		ref := named("a")
		kept, hibernating := w.adopted(ref, "kept"), w.connect(ref, "hibernating")
		var inFacet, keptInFacet *Socket
		<-w.ask(ref, "p", func(life *Life, finish func()) {
			inFacet, keptInFacet = life.Accept(peer{w, "part"}, nil), adopt(w, life, "kept part")
			finish()
		})
		if g := w.glance(ref); g.Sockets != 4 || g.Holding != 1 {
			t.Errorf("glanced at %d sockets, of which %d hold, want 4 and 1", g.Sockets, g.Holding)
		}
		w.onLoop(ref, func(o *Object) {
			if got := o.AllSockets(); !slices.Equal(got, []*Socket{kept, hibernating, inFacet, keptInFacet}) {
				t.Errorf("listed %v", got)
			}
			if got := o.Sockets(nil); !slices.Equal(got, []*Socket{hibernating}) {
				t.Errorf("code has %v, want the one that can hibernate", got)
			}
			for id, s := range []*Socket{kept, hibernating, inFacet, keptInFacet, nil} {
				if got := o.AnySocket(id); got != s {
					t.Errorf("socket %d is %v, want %v", id, got, s)
				}
			}
		})
		if kept.Hibernatable() || !hibernating.Hibernatable() || keptInFacet.Facet() != "p" || kept.Facet() != "" || kept.URL() != "/kept" {
			t.Error("they do not know what they are")
		}
	})
}

func TestAKeptSocketEndsWithItsLife(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		ref := named("a")
		first, second := w.adopted(ref, "first"), w.adopted(ref, "second")
		if err := w.objects.Evict(ref); err == nil || !strings.Contains(err.Error(), "a socket that cannot hibernate is open") {
			t.Errorf("evicting gave %v", err)
		}
		w.onLoop(ref, func(*Object) { first.Over() })
		if g := w.glance(ref); g.Sockets != 1 || g.Holding != 1 {
			t.Errorf("%d sockets, of which %d hold, want one", g.Sockets, g.Holding)
		}
		w.objects.Abort(ref, engine.Error("x"))
		if g := w.glance(ref); g.Sockets != 0 || g.Holding != 0 {
			t.Errorf("%d sockets are left, of which %d hold", g.Sockets, g.Holding)
		}
		second.Over()
		if g := w.glance(ref); g.Sockets != 0 {
			t.Errorf("%d sockets are left", g.Sockets)
		}
	})
}

func TestWhatPassesASocketIsCountedAndTheLastIsKept(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		ref := named("a")
		for _, s := range []*Socket{w.adopted(ref, "kept"), w.connect(ref, "hibernating")} {
			if got := s.Traffic(); !got.Last.At.IsZero() {
				t.Errorf("the last of a new socket is %+v", got.Last)
			}
			s.Receive(text("hello"))
			synctest.Wait()
			time.Sleep(time.Second)
			long := strings.Repeat("x", 3*lastKept)
			s.Say(false, []byte(long))
			synctest.Wait()
			got := s.Traffic()
			if got.Received != 1 || got.ReceivedBytes != 5 || got.Sent != 1 || got.SentBytes != int64(len(long)) {
				t.Errorf("counted %+v", got)
			}
			if last := got.Last; last.FromClient || last.Text || last.Size != len(long) || string(last.Data) != long[:lastKept] || !last.At.Equal(time.Now()) {
				t.Errorf("the last is %+v", last)
			}
			s.Receive(text("more"))
			s.Receive(SocketEvent{Kind: SocketClose, Code: 1000, Reason: "bye"})
			s.Receive(text("late"))
			synctest.Wait()
			if string(got.Last.Data) != long[:lastKept] {
				t.Error("what was given has changed")
			}
			if got := s.Traffic(); got.Received != 2 || got.Last.Reason != "bye" {
				t.Errorf("counted %+v", got)
			}
		}
	})
}

func TestWhatAnInspectorDoesToAKeptSocketItsCodeDoes(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		ref := named("a")
		s := w.adopted(ref, "kept")
		var end func()
		w.send(ref, func(life *Life, finish func()) {
			end = life.Transaction()
			finish()
		})
		synctest.Wait()
		w.onLoop(ref, func(*Object) { s.Say(true, []byte("held")) })
		w.wantNotes()
		if err := w.do(ref, func(*Life) { end() }); err != nil {
			t.Fatal(err)
		}
		w.wantNotes("kept got held")
		s.HangUp(4000, "")
		w.wantNotes("hung up 4000")
		hibernating := w.connect(ref, "hibernating")
		hibernating.HangUp(4001, "")
		w.wantNotes("hibernating closed 4001")
		if !hibernating.Closing() {
			t.Error("its code does not know that it is closed")
		}
		s.Leave(4002, "bye")
		w.wantNotes("heard close bye")
		w.echo()
		left := w.connect(ref, "left")
		left.Leave(4003, "so long")
		w.wantNotes("life 1: socket 2 webSocketClose so long", "left closed 4003")
		if again := s.again(SocketEvent{Data: make([]byte, againMost+1)}); again != nil {
			t.Error("a long message is kept to be sent once more")
		}
	})
}

// spy follows everything.
type spy struct{ w *world }

func (s spy) Wants(loop.Span, bool) bool { return true }

func (s spy) Event(ref object.Ref, e *Event) Span {
	if e.Kind != "socket" {
		return nil
	}
	s.w.note("%s sent to %s", e.Name, ref.Name)
	return tail{s.w, e}
}

func (s spy) Frame(f Frame) {
	s.w.note("socket %d, from the client %t, %d bytes, code %d", f.Socket, f.FromClient, f.Size, f.Code)
}

type tail struct {
	w *world
	e *Event
}

func (t tail) Resume()                            { t.w.note("resumed") }
func (t tail) Pause()                             { t.w.note("paused") }
func (t tail) Began(*loop.Op)                     {}
func (t tail) Ended(*loop.Op)                     {}
func (t tail) Posted(*loop.Loop)                  {}
func (t tail) Held(Holder)                        {}
func (t tail) Starting() (loop.Span, func(error)) { return nil, func(error) {} }
func (t tail) Admitted()                          { t.w.note("admitted") }
func (t tail) Committing(object.Ref) func(error)  { return func(error) {} }
func (t tail) End(err error)                      { t.w.note("%s ended: %v", t.e.Name, err) }

func TestWhoWatchesFollowsTheMessagesOfAKeptSocket(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		ref := named("a")
		s := w.adopted(ref, "kept")
		w.objects.Watch(spy{w})
		s.Receive(text("hi"))
		w.wantNotes("socket 0, from the client true, 2 bytes, code 0", "message sent to a", "admitted", "resumed", "heard message hi", "paused", "message ended: <nil>")
		s.Close(1000, "")
		w.wantNotes("socket 0, from the client false, 0 bytes, code 1000", "kept closed 1000")
		s.Abort()
		w.wantNotes("kept aborted")

		deaf := w.adopted(ref, "deaf")
		deaf.listener = noEars{}
		deaf.Receive(text("hi"))
		w.objects.Abort(ref, engine.Error("gone"))
		w.wantNotes("socket 1, from the client true, 2 bytes, code 0", "message sent to a", "message ended: Error: gone")
		deaf.Receive(text("late"))
		w.wantNotes("socket 1, from the client true, 4 bytes, code 0", "message sent to a", "message ended: "+errGone.Error())
	})
}

func TestAKeptSocketHearsWhileItsObjectLearnsItsName(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		ref := named("a")
		nameless := ref
		nameless.Name = ""
		s := w.adopted(nameless, "kept")
		w.objects.Watch(spy{w})
		go s.Receive(text("hi")) // as the race detector sees
		wake(w, ref)
		synctest.Wait()
		if got := s.Traffic().Received; got != 1 {
			t.Errorf("received %d messages, want 1", got)
		}
	})
}

// noEars hear nothing.
type noEars struct{}

func (noEars) Hear(SocketEvent, func(func() error)) {}
func (noEars) HangUp(int, string)                   {}
