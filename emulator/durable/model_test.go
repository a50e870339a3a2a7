package durable

import (
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dodev/dodev/emulator/engine"
	"github.com/dodev/dodev/emulator/loop"
	"github.com/dodev/dodev/emulator/object"
)

// A schedule is a world in which events, timers, sections, transactions, aborts,
// evictions, failed commits, reloads and alarms meet as bytes have it. Whatever
// they are, and besides what every world watches:
//
//   - each event has one answer, in the end,
//   - events of one sender to one object begin in their order,
//   - a value whose turn sent something that left is in the file, then and ever,
//   - a value that was rolled back is never in the file,
//   - no alarm is forgotten, and nothing is left in memory.
type schedule struct {
	*world
	data []byte
	refs []object.Ref

	mu       sync.Mutex
	sent     int
	begun    map[object.Key][]int
	answers  map[int]int
	released map[object.Key][]string
	undone   []string
	slow     time.Duration // that the alarm handler takes
	throws   int           // that it does before it ends well
}

// next takes a byte, 0 at the end.
func (s *schedule) next() byte {
	if len(s.data) == 0 {
		return 0
	}
	b := s.data[0]
	s.data = s.data[1:]
	return b
}

func (s *schedule) delay() time.Duration {
	return time.Duration(s.next()) * 17 * time.Millisecond
}

// event delivers one that runs fn, which sees to its end.
func (s *schedule) event(ref object.Ref, fn func(life *Life, n int, finish func())) {
	s.mu.Lock()
	s.sent++
	n := s.sent
	s.answers[n] = 0
	s.mu.Unlock()
	answer := func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.answers[n]++
	}
	e := &Event{Name: fmt.Sprint(n), Fail: func(error) { answer() }}
	e.Run = func(life *Life) {
		s.mu.Lock()
		s.begun[ref.Key()] = append(s.begun[ref.Key()], n)
		s.mu.Unlock()
		fn(life, n, func() {
			life.loop.Send(func() {
				if life.Finish(e) {
					answer()
				}
			})
		})
	}
	s.objects.Deliver(ref, e)
}

// write puts a value, and checks that it is in the file when what the turn sent
// leaves.
func (s *schedule) write(life *Life, v string) {
	ref := life.Ref()
	put(life, v)
	life.loop.SendFor(life, func() {
		if !slices.Contains(s.stored(ref).values, v) {
			s.t.Errorf("output of %s left before its commit", v)
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		s.released[ref.Key()] = append(s.released[ref.Key()], v)
	})
}

func (s *schedule) transaction(ref object.Ref, d time.Duration, commit bool) {
	s.event(ref, func(life *Life, n int, finish func()) {
		s.write(life, fmt.Sprint(n, " before"))
		section(life, func(end func()) {
			st := life.store.(*store)
			before := st.now.clone()
			done := life.Transaction()
			v := fmt.Sprint(n, " inside")
			put(life, v)
			life.loop.After(d, loop.Timer, func() {
				if !commit {
					st.now = before
					life.AlarmRolledBack()
					s.mu.Lock()
					s.undone = append(s.undone, v)
					s.mu.Unlock()
				}
				done()
				end()
				finish()
			})
		})
	})
}

// both has one turn touch two objects, if they share an isolate.
func (s *schedule) both(ref, other object.Ref) {
	s.event(ref, func(life *Life, n int, finish func()) {
		s.write(life, fmt.Sprint(n, " own"))
		s.world.mu.Lock()
		second := s.living[other.Key()]
		s.world.mu.Unlock()
		// What is written while a transaction is open is part of it.
		if second != nil && second.loop == life.loop && !second.ended && second.transactions == 0 {
			s.write(second, fmt.Sprint(n, " other"))
		}
		finish()
	})
}

// step does what the next bytes say.
func (s *schedule) step() {
	b := s.next()
	ref, other := s.refs[b&1], s.refs[1-b&1]
	if b&2 != 0 {
		synctest.Wait()
	}
	switch b >> 2 % 16 {
	case 0, 1:
		s.event(ref, func(life *Life, n int, finish func()) {
			s.write(life, fmt.Sprint(n))
			finish()
		})
	case 2:
		d := s.delay()
		s.event(ref, func(life *Life, n int, finish func()) {
			s.write(life, fmt.Sprint(n, " first"))
			life.loop.After(d, loop.Timer, func() {
				s.write(life, fmt.Sprint(n, " second"))
				finish()
			})
		})
	case 3:
		d := s.delay()
		s.event(ref, func(life *Life, n int, finish func()) {
			section(life, func(end func()) {
				s.write(life, fmt.Sprint(n, " inside"))
				life.loop.After(d, loop.Timer, func() {
					s.write(life, fmt.Sprint(n, " at the end"))
					end()
					finish()
				})
			})
		})
	case 4:
		s.transaction(ref, s.delay(), true)
	case 5:
		s.transaction(ref, s.delay(), false)
	case 6:
		s.both(ref, other)
	case 7:
		s.event(ref, func(life *Life, n int, _ func()) {
			s.write(life, fmt.Sprint(n))
			_ = life.Reset(errBoom)
		})
	case 8:
		s.failCommit(ref, errBoom)
	case 9:
		if err := s.objects.Evict(ref); err == nil && s.next()%2 == 0 {
			synctest.Wait()
		}
	case 10:
		s.objects.Abort(ref, engine.Error("from outside"))
	case 11:
		s.objects.SetHomes(s.homes(1))
	case 12:
		d := s.delay()
		s.event(ref, func(life *Life, n int, finish func()) {
			s.must(life.SetAlarm(time.Now().Add(d), d%4 != 0))
			s.write(life, fmt.Sprint(n))
			finish()
		})
	case 13:
		s.mu.Lock()
		s.slow, s.throws = s.delay()*time.Duration(b&1), int(b>>6)
		s.mu.Unlock()
		s.objects.FireAlarm(ref, func(bool, error) {})
	case 14:
		s.event(ref, func(life *Life, n int, _ func()) {
			s.write(life, fmt.Sprint(n))
			panic("a bug")
		})
	case 15:
		time.Sleep(s.delay())
	}
}

func (s *schedule) handleAlarm(life *Life, info AlarmInfo, done func(error)) {
	s.mu.Lock()
	d, throw := s.slow, s.throws > 0
	if throw {
		s.throws--
	}
	s.mu.Unlock()
	v := fmt.Sprint("alarm of ", info.Scheduled.UnixNano(), " at ", time.Now().UnixNano())
	end := func() {
		if throw {
			done(errBoom)
			return
		}
		s.write(life, v)
		life.loop.Send(func() { done(nil) })
	}
	if d == 0 {
		end()
		return
	}
	life.loop.After(d, loop.Timer, end)
}

// check looks at everything when nothing happens any more.
func (s *schedule) check() {
	for _, ref := range s.refs {
		s.failCommit(ref, nil)
	}
	time.Sleep(time.Hour)
	synctest.Wait()
	for n, answers := range s.answers {
		if answers != 1 {
			s.t.Errorf("event %d has %d answers", n, answers)
		}
	}
	for _, ref := range s.refs {
		if got := s.begun[ref.Key()]; !slices.IsSorted(got) {
			s.t.Errorf("%s began %v", ref.Name, got)
		}
		values := s.stored(ref).values
		for _, v := range s.released[ref.Key()] {
			if !slices.Contains(values, v) {
				s.t.Errorf("%s was answered and lost", v)
			}
		}
		for _, v := range values {
			if slices.Contains(s.undone, v) || slices.Contains(s.lost, v) {
				s.t.Errorf("%s was undone and kept", v)
			}
		}
		s.wantNoAlarm(ref)
	}
	if n := s.records(); n != 0 {
		s.t.Errorf("%d records are left", n)
	}
	for _, entry := range s.logged {
		if entry != errBoom.Error() && !strings.HasPrefix(entry, "bug in dodev: a bug") {
			s.t.Errorf("logged %q", entry)
		}
	}
}

func runSchedule(t *testing.T, data []byte) {
	synctest.Test(t, func(t *testing.T) {
		s := &schedule{
			world: start(t, 1), data: data, refs: []object.Ref{named("a"), named("b")},
			begun: map[object.Key][]int{}, answers: map[int]int{}, released: map[object.Key][]string{},
		}
		s.onAlarm = s.handleAlarm
		s.objects.StartAlarms()
		for len(s.data) > 0 {
			s.step()
		}
		s.check()
	})
}

func TestRandomSchedules(t *testing.T) {
	n := 400
	if testing.Short() {
		n = 50
	}
	for seed := range n {
		r := rand.New(rand.NewPCG(uint64(seed), 1))
		data := make([]byte, 20+r.IntN(100))
		for i := range data {
			data[i] = byte(r.Uint32())
		}
		runSchedule(t, data)
		if t.Failed() {
			t.Fatalf("seed %d: %x", seed, data)
		}
	}
}

func FuzzSchedule(f *testing.F) {
	f.Add([]byte{0, 4, 44, 8, 20, 48, 200})
	f.Add([]byte{12, 60, 44, 0, 0, 44, 60, 255, 1})
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) <= 400 {
			runSchedule(t, data)
		}
	})
}

// TestSchedulesOfTheBedHoldInTheModel runs those schedules that the real runtime
// follows as well: testdata/traces, a bed of package emulator.
func TestSchedulesOfTheBedHoldInTheModel(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "testdata", "traces", "src", "schedules.txt"))
	if err != nil {
		t.Fatal(err)
	}
	schedules := strings.Fields(string(text))
	if len(schedules) == 0 {
		t.Fatal("there are no schedules")
	}
	for _, schedule := range schedules {
		data, err := hex.DecodeString(schedule)
		if err != nil {
			t.Fatal(err)
		}
		t.Run(schedule, func(t *testing.T) { runSchedule(t, data) })
	}
}
