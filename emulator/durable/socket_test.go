package durable

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dodev/dodev/emulator/engine"
	"github.com/dodev/dodev/emulator/loop"
	"github.com/dodev/dodev/emulator/object"
)

// peer is the other side of a socket.
type peer struct {
	w    *world
	name string
}

func (p peer) Send(text bool, data []byte)   { p.w.note("%s got %s", p.name, data) }
func (p peer) Close(code int, reason string) { p.w.note("%s closed %d", p.name, code) }
func (p peer) Abort()                        { p.w.note("%s aborted", p.name) }
func (p peer) URL() string                   { return "/" + p.name }

// connect has an object accept a socket.
func (w *world) connect(ref object.Ref, name string, tags ...string) *Socket {
	w.t.Helper()
	var s *Socket
	if err := w.do(ref, func(life *Life) { s = life.Accept(peer{w, name}, tags) }); err != nil {
		w.t.Fatal(err)
	}
	return s
}

func text(s string) SocketEvent {
	return SocketEvent{Kind: SocketMessage, Text: true, Data: []byte(s)}
}

// echo notes events of sockets.
func (w *world) echo() {
	lives := map[*Life]int{}
	w.onSocket = func(life *Life, s *Socket, e SocketEvent, done func(error)) {
		if lives[life] == 0 {
			lives[life] = len(lives) + 1
		}
		w.note("life %d: socket %d %s %s%s", lives[life], s.ID, e.Kind.handler(), e.Data, e.Reason)
		done(nil)
	}
}

func TestSocketsOutliveEvictionAndNewCode(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		w.echo()
		ref := named("a")
		s := w.connect(ref, "peer")
		s.Receive(text("one"))
		s.Receive(text("two"))
		synctest.Wait()
		if got := w.objects.Tallies()[ref.Namespace]; got != (Tally{Alive: 1, Sockets: 1}) {
			t.Errorf("counted %+v", got)
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		if got := w.objects.Tallies()[ref.Namespace]; got != (Tally{Sockets: 1}) {
			t.Errorf("counted %+v", got)
		}
		w.onLoop(ref, func(o *Object) {
			if o.State() != Hibernated {
				t.Errorf("state is %s", o.State())
			}
		})
		s.Receive(text("three"))
		synctest.Wait()
		if moved := w.objects.SetHomes(w.homes(2)); !isDone(moved) {
			t.Error("not moved")
		}
		s.Receive(text("four"))
		s.Receive(SocketEvent{Kind: SocketClose, Code: 1000, Reason: "bye", Clean: true})
		s.Receive(text("late"))
		w.wantNotes(
			"life 1: socket 0 webSocketMessage one", "life 1: socket 0 webSocketMessage two",
			"life 2: socket 0 webSocketMessage three",
			"life 3: socket 0 webSocketMessage four", "life 3: socket 0 webSocketClose bye")
		time.Sleep(time.Minute)
		if n := w.records(); n != 0 {
			t.Errorf("%d records are left", n)
		}
		s.Receive(text("much later"))
		if got := s.Traffic(); got.Received != 4 || got.ReceivedBytes != 15 {
			t.Errorf("received %d messages of %d bytes", got.Received, got.ReceivedBytes)
		}
		w.wantNotes()
	})
}

func TestResetAbortsSocketsAndNewCodeDoesNot(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		w.echo()
		ref := named("a")
		s := w.connect(ref, "kept")
		w.busy(ref, "busy", time.Hour)
		w.wantNotes("busy begins")
		w.objects.SetHomes(w.homes(2))
		time.Sleep(2 * time.Second)
		s.Receive(text("hi"))
		w.wantNotes("busy: Error: Durable Object reset because its code was updated.", "life 1: socket 0 webSocketMessage hi")
		w.objects.Abort(ref, engine.Error("x"))
		s.Receive(text("gone"))
		w.wantNotes("kept aborted")
		if !s.Closed() {
			t.Error("the socket is open")
		}
	})
}

func TestAHandlerThatTakesLongerThanAllowedIsInterrupted(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		w.echo()
		ref := named("a")
		s := w.connect(ref, "peer")
		echo := w.onSocket
		w.onSocket = func(life *Life, s *Socket, e SocketEvent, done func(error)) {
			echo(life, s, e, func(error) {})
			life.loop.After(30*time.Second, loop.Timer, func() {
				w.note("%s handled", e.Data)
				done(nil)
			})
		}
		w.onLoop(ref, func(o *Object) { o.SetEventTimeout(time.Minute) })
		s.Receive(text("quick"))
		time.Sleep(40 * time.Second)
		w.wantNotes("life 1: socket 0 webSocketMessage quick", "quick handled")

		w.onLoop(ref, func(o *Object) { o.SetEventTimeout(10 * time.Second) })
		s.Receive(text("slow"))
		w.busy(ref, "busy", time.Hour)
		time.Sleep(11 * time.Second)
		const late = "Error: Actor exceeded event execution time and was disconnected."
		w.wantNotes("life 2: socket 0 webSocketMessage slow", "busy begins", "busy: "+late)
		if len(w.logged) != 1 || w.logged[0] != late {
			t.Errorf("logged %q", w.logged)
		}

		w.onLoop(ref, func(o *Object) { o.SetEventTimeout(0) })
		s.Receive(text("again"))
		time.Sleep(time.Minute)
		w.wantNotes("life 3: socket 0 webSocketMessage again", "again handled")
	})
}

func TestSocketsAreFoundByTheirNumbers(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		w.echo()
		ref := named("a")
		var all []*Socket
		for n := range 5 {
			all = append(all, w.connect(ref, fmt.Sprint("peer ", n)))
		}
		all[2].Receive(SocketEvent{Kind: SocketClose, Code: 1000, Clean: true})
		synctest.Wait()
		w.onLoop(ref, func(o *Object) {
			for n, s := range all {
				if got := o.Socket(n); (got == s) != (n != 2) {
					t.Errorf("socket %d is %v", n, got)
				}
			}
			if o.Socket(5) != nil || o.Socket(-1) != nil {
				t.Error("there are more sockets than were accepted")
			}
		})
	})
}

func TestAutoResponseDoesNotWakeTheObject(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		w.echo()
		ref := named("a")
		s := w.connect(ref, "peer")
		w.onLoop(ref, func(o *Object) {
			o.SetAutoResponse(&AutoResponse{"ping", "pong"})
			o.SetEventTimeout(time.Second)
			if o.AutoResponse().Response != "pong" || o.EventTimeout() != time.Second {
				t.Error("not kept")
			}
		})
		time.Sleep(time.Minute)
		s.Receive(text("ping"))
		synctest.Wait()
		if w.count() != 0 || !s.AutoAt.Equal(time.Now()) {
			t.Errorf("%d instances, answered at %v", w.count(), s.AutoAt)
		}
		s.MarkClosing()
		s.Receive(text("ping"))
		w.wantNotes("peer got pong", "life 1: socket 0 webSocketMessage ping")
	})
}

func TestSocketsAreFoundByTagAndNumber(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		ref := named("a")
		red, both := w.connect(ref, "1", "red"), w.connect(ref, "2", "red", "blue")
		w.onLoop(ref, func(o *Object) {
			blue, none := "blue", "none"
			if !slices.Equal(o.Sockets(nil), []*Socket{red, both}) || !slices.Equal(o.Sockets(&blue), []*Socket{both}) || len(o.Sockets(&none)) != 0 {
				t.Error("wrong sockets")
			}
			if o.Socket(1) != both || o.Socket(7) != nil {
				t.Error("wrong socket")
			}
		})
		red.Send(true, []byte("x"))
		red.Close(1000, "")
		w.wantNotes("1 got x", "1 closed 1000")
		var gone Socket
		gone.MarkGone()
		gone.Send(true, nil)
		gone.Close(1000, "")
		if !gone.Closed() || gone.Closing() {
			t.Error("a socket that is gone is open")
		}
	})
}

func TestSocketHandlersThatFail(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		ref := named("a")
		s := w.connect(ref, "peer")
		w.onSocket = func(_ *Life, _ *Socket, e SocketEvent, done func(error)) {
			done(fmt.Errorf("handler of %s", e.Data))
		}
		s.Receive(text("x"))
		s.Receive(SocketEvent{Kind: SocketError, Err: errBoom})
		synctest.Wait()
		if !slices.Equal(w.logged, []string{"handler of x", "handler of "}) {
			t.Errorf("logged %q", w.logged)
		}
		w.onLoop(ref, func(o *Object) {
			if len(o.Sockets(nil)) != 0 {
				t.Error("the socket is left")
			}
		})
	})
}

func TestConstructorFailureAbortsSockets(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		s := w.connect(named("a"), "peer")
		time.Sleep(time.Minute)
		w.onStart = func(*Life) error { return errors.New("no") }
		s.Receive(text("x"))
		w.wantNotes("peer aborted")
	})
}

func TestCloseClosesSockets(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		w.connect(named("a"), "peer")
		w.objects.Close()
		w.wantNotes("peer closed 1001")
	})
}
