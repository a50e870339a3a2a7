package loop

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dodev/dodev/emulator/engine"
)

// fakeVM is an isolate whose jobs are Go functions.
type fakeVM struct {
	engine.VM
	mu          sync.Mutex
	interrupted chan struct{} // closed by Interrupt, nil when that has not come
	jobs        []func() error
	closed      bool
}

func (v *fakeVM) Drain() error {
	var first error
	for len(v.jobs) > 0 {
		job := v.jobs[0]
		v.jobs = v.jobs[1:]
		if err := job(); first == nil {
			first = err
		}
	}
	return first
}

func (v *fakeVM) Rejections() []*engine.Exception { return nil }

func (v *fakeVM) Interrupt(string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.interrupted != nil {
		close(v.interrupted)
		v.interrupted = nil
	}
}

func (v *fakeVM) Close() { v.closed = true }

// fakeOwner lets everything in, unless closed, and notes what happens to it.
type fakeOwner struct {
	name    string
	notes   *notes
	ops     Ops
	waiting []func()
	closed  bool
	bad     error // of Commit
	ctx     context.Context
	cancel  context.CancelFunc
}

func (o *fakeOwner) note(s string) { o.notes.add(o.name + " " + s) }

// notes are what happened, in order.
type notes struct {
	mu  sync.Mutex
	all []string
}

func (n *notes) add(s string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.all = append(n.all, s)
}

func (o *fakeOwner) Admit(_ any, run func()) {
	if o.closed {
		o.waiting = append(o.waiting, run)
		return
	}
	run()
}

func (o *fakeOwner) Began(op *Op)             { o.ops.Add(op) }
func (o *fakeOwner) Ended(op *Op)             { o.ops.Remove(op) }
func (o *fakeOwner) Context() context.Context { return o.ctx }
func (o *fakeOwner) Fail(err error)           { o.note("failed: " + firstLine(err)) }

func (o *fakeOwner) Commit() error {
	o.note("commit")
	return o.bad
}

func (o *fakeOwner) Release(sent []func()) {
	for _, fn := range sent {
		fn()
	}
}

func firstLine(err error) string {
	line, _, _ := strings.Cut(err.Error(), "\n")
	return line
}

// bench is a loop in a bubble.
type bench struct {
	*Loop
	vm    *fakeVM
	notes notes
}

func newBench(t *testing.T, limit time.Duration) *bench {
	t.Helper()
	b := &bench{vm: &fakeVM{}}
	b.Loop = New(b.vm, Options{TurnLimit: limit, Uncaught: func(owner Owner, err error, _ bool) {
		who := "nobody"
		if o, ok := owner.(*fakeOwner); ok {
			who = o.name
		}
		b.notes.add(who + " uncaught: " + firstLine(err))
	}})
	t.Cleanup(b.Close)
	return b
}

func (b *bench) owner(name string) *fakeOwner {
	o := &fakeOwner{name: name, notes: &b.notes}
	o.ctx, o.cancel = context.WithCancel(context.Background())
	return o
}

func (b *bench) note(s string) func() { return func() { b.notes.add(s) } }

// do runs fn on the loop and waits until nothing moves.
func (b *bench) do(fn func()) {
	b.Post(fn)
	synctest.Wait()
}

func (b *bench) want(t *testing.T, want ...string) {
	t.Helper()
	b.notes.mu.Lock()
	defer b.notes.mu.Unlock()
	if !slices.Equal(b.notes.all, want) {
		t.Errorf("\n got %q\nwant %q", b.notes.all, want)
	}
	b.notes.all = nil
}

func TestTurnDrainsCommitsThenSends(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, 0)
		o := b.owner("o")
		b.do(func() {
			b.Turn(o, nil, func() {
				b.Send(b.note("sent"))
				b.Touch(o)
				b.Touch(o)
				b.vm.jobs = append(b.vm.jobs, func() error { o.note("job"); return nil })
				b.Turn(o, nil, b.note("next turn"))
				b.AfterTurn(b.note("after"))
				o.note("run")
			})
		})
		b.want(t, "o run", "o job", "o commit", "sent", "next turn", "after")
	})
}

func TestWhatWaitsForTheJobsRunsInTheirTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, 0)
		o := b.owner("o")
		job := func(s string) { b.vm.jobs = append(b.vm.jobs, func() error { o.note(s); return nil }) }
		b.do(func() {
			b.Turn(o, nil, func() {
				b.WhenDrained(func() {
					if b.Owner() != Owner(o) {
						t.Error("not in the turn")
					}
					o.note("drained")
					b.Send(b.note("sent"))
					job("late job")
				})
				job("job")
			})
			b.Turn(o, nil, b.note("next turn"))
		})
		b.want(t, "o job", "o drained", "o late job", "sent", "next turn")
	})
}

func TestWhatReleaseTouchesCommitsInTheSameTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, 0)
		o := b.owner("o")
		b.do(func() {
			b.Turn(o, nil, func() {
				b.Send(func() {
					o.note("sent")
					b.Touch(o)
					b.Send(b.note("sent again"))
				})
			})
			b.note("over")()
		})
		b.want(t, "o sent", "o commit", "sent again", "over")
	})
}

func TestFailedCommitDropsWhatItsOwnerSent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, 0)
		o, p := b.owner("o"), b.owner("p")
		o.bad = errors.New("disk full")
		b.do(func() {
			b.Turn(p, nil, func() {
				b.Touch(o)
				b.Touch(p)
				b.Send(b.note("p sent"))
				b.SendFor(o, b.note("o sent"))
				b.Send(b.note("p sent more"))
			})
			o.bad = nil
			b.Turn(o, nil, func() { b.Send(b.note("o sent")) })
		})
		b.want(t, "o commit", "p commit", "p sent", "p sent more", "o sent")
	})
}

func TestOutsideOfATurnNothingWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, 0)
		o := b.owner("o")
		b.do(func() {
			b.Touch(o)
			b.Send(b.note("sent"))
			b.SendFor(o, b.note("sent for"))
			b.AfterTurn(b.note("after"))
			b.Turn(o, nil, func() {})
		})
		b.want(t, "sent", "sent for", "after")
	})
}

func TestPanicBreaksOffOneTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, 0)
		o := b.owner("o")
		b.do(func() { panic("outside") })
		b.do(func() {
			b.Turn(o, nil, func() {
				b.vm.jobs = append(b.vm.jobs, func() error { o.note("job"); return nil })
				b.AfterTurn(func() { panic("after") })
				b.AfterTurn(b.note("after"))
				panic("inside")
			})
		})
		b.do(func() { b.Turn(o, nil, func() { b.Send(func() { panic("sending") }) }) })
		b.do(func() { b.Turn(o, nil, b.note("alive")) })
		b.want(t,
			"nobody uncaught: bug in dodev: outside",
			"o uncaught: bug in dodev: inside", "o failed: bug in dodev: inside", "o job",
			"nobody uncaught: bug in dodev: after", "after",
			"o uncaught: bug in dodev: sending", "o failed: bug in dodev: sending",
			"alive")
	})
}

func TestLongTurnIsInterruptedOnceAndOthersAreNot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, time.Second)
		o := b.owner("o")
		spin := func() {
			stop := make(chan struct{})
			b.vm.mu.Lock()
			b.vm.interrupted = stop
			b.vm.mu.Unlock()
			<-stop
		}
		for range 3 {
			b.do(func() { b.Turn(o, nil, func() { time.Sleep(900 * time.Millisecond) }) })
			time.Sleep(400 * time.Millisecond)
		}
		b.want(t)
		b.Post(func() { b.Turn(o, nil, spin) })
		time.Sleep(3 * time.Second)
		synctest.Wait()
		b.want(t, "o uncaught: Error: Worker exceeded CPU time limit.", "o failed: Error: Worker exceeded CPU time limit.")
		b.Post(func() {
			b.Turn(o, nil, func() {
				b.vm.jobs = append(b.vm.jobs, func() error { spin(); return overrun() })
			})
		})
		time.Sleep(3 * time.Second)
		synctest.Wait()
		b.want(t, "o uncaught: Error: Worker exceeded CPU time limit.", "o failed: Error: Worker exceeded CPU time limit.")
	})
}

func TestTimersFireInOrderOfTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, 0)
		o := b.owner("o")
		var cancelled *Op
		b.do(func() {
			b.Turn(o, nil, func() {
				b.After(2*time.Second, Timer, b.note("two"))
				b.After(time.Second, Timer, func() {
					o.note("one")
					cancelled.Cancel()
				})
				b.After(time.Second, Timer, b.note("one more"))
				cancelled = b.After(time.Second, Timer, b.note("cancelled"))
				b.After(-time.Second, Timer, b.note("at once"))
				b.After(0, Timer, b.note("at once, too"))
			})
		})
		b.want(t, "at once", "at once, too")
		time.Sleep(time.Hour)
		synctest.Wait()
		b.want(t, "o one", "one more", "two")
		if o.ops.first != nil || o.ops.Count(Timer) != 0 {
			t.Error("operations are left")
		}
	})
}

func TestOwnerTakesItsOperationsAlong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, 0)
		o := b.owner("o")
		var call *Op
		b.do(func() {
			b.Turn(o, nil, func() {
				for range 10 {
					b.After(time.Hour, Timer, b.note("timer"))
				}
				call = b.Begin(Call)
				call.OnEnd(b.note("ended"))
			})
			if len(b.timers.heap) != 10 {
				t.Errorf("%d timers are set, want 10", len(b.timers.heap))
			}
			ctx := call.Context()
			o.ops.Cancel()
			if ctx.Err() == nil {
				t.Error("context is not done")
			}
			if len(b.timers.heap) != 0 {
				t.Errorf("%d timers are left", len(b.timers.heap))
			}
			call.OnEnd(b.note("had ended"))
		})
		call.Done(b.note("done"))
		time.Sleep(2 * time.Hour)
		synctest.Wait()
		b.want(t, "ended", "had ended")
	})
}

func TestOperationCompletesOnceInATurnOfItsOwn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, 0)
		o := b.owner("o")
		var op *Op
		b.do(func() { b.Turn(o, "section", func() { op = b.Begin(Fetch) }) })
		for range 3 {
			go op.Done(func() {
				if b.Owner() != Owner(o) || b.Section() != "section" || op.Context().Err() != nil {
					t.Error("not in a turn of its own")
				}
				o.note("done")
			})
		}
		synctest.Wait()
		if op.Context().Err() == nil {
			t.Error("context is not done")
		}
		op.Again(b.note("again"))
		synctest.Wait()
		b.want(t, "o done")
	})
}

func TestCancelledOperationDoesNotComplete(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, 0)
		o := b.owner("o")
		var posted, gated, open *Op
		b.do(func() {
			b.Turn(o, nil, func() { posted, gated, open = b.Begin(Call), b.Begin(Call), b.Begin(Socket) })
		})
		o.closed = true
		gated.Done(b.note("gated"))
		open.Again(b.note("message"))
		synctest.Wait()
		b.do(func() {
			posted.Done(b.note("posted"))
			posted.Cancel()
			posted.Cancel()
			gated.Cancel()
			for _, run := range o.waiting {
				run()
			}
		})
		b.want(t, "message")
		if o.ops.Count(Call) != 0 || o.ops.Count(Socket) != 1 {
			t.Error("wrong operations are open")
		}
	})
}

func TestOperationWithoutOwnerEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, 0)
		var op *Op
		b.do(func() { op = b.Begin(Other) })
		op.Later(b.note("done"))
		synctest.Wait()
		if op.Context().Err() == nil || op.ID() == 0 || op.Kind() != Other {
			t.Error("operation has not ended")
		}
		b.want(t)
	})
}

func TestCloseRunsWhatWasPostedAndNoMore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, time.Second)
		for range 3 {
			b.Post(b.note("posted"))
		}
		go b.Close()
		b.Close()
		if b.Post(b.note("late")) {
			t.Error("a closed loop takes more")
		}
		b.want(t, "posted", "posted", "posted")
		if !b.vm.closed {
			t.Error("isolate is open")
		}
	})
}

func BenchmarkTurn(b *testing.B) {
	for _, limit := range []time.Duration{0, 30 * time.Second} {
		b.Run(limit.String(), func(b *testing.B) {
			l := New(&fakeVM{}, Options{TurnLimit: limit})
			defer l.Close()
			o := &fakeOwner{notes: &notes{}, ctx: context.Background()}
			done := make(chan struct{})
			nothing := func() {}
			turn := func() { l.Send(nothing) }
			b.ReportAllocs()
			b.ResetTimer()
			l.Post(func() {
				for range b.N {
					l.Turn(o, nil, turn)
				}
				close(done)
			})
			<-done
		})
	}
}

func BenchmarkOp(b *testing.B) {
	l := New(&fakeVM{}, Options{})
	defer l.Close()
	o := &fakeOwner{notes: &notes{}, ctx: context.Background()}
	done := make(chan struct{})
	n := 0
	var next func()
	next = func() {
		if n++; n > b.N {
			close(done)
			return
		}
		l.Begin(Call).Done(next)
	}
	b.ReportAllocs()
	b.ResetTimer()
	l.Post(func() { l.Turn(o, nil, next) })
	<-done
}
