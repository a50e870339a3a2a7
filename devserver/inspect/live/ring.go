package live

import (
	"context"
	"io"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/dodev/dodev/devserver/inspect"
)

// Events are kept for those who are late: so many, as long as the frames and
// values among them are no larger.
const (
	ringLength = 8192
	ringBytes  = 32 << 20
)

// A ring has the latest events. Who adds one never waits for those who read.
type ring struct {
	run string // tells the events of this run from those of another

	mu    sync.Mutex
	last  uint64 // number of the latest event, from 1
	gone  uint64 // that of the latest one which is not kept any more
	bytes int    // of frames and values in those that are
	slots [ringLength]inspect.Event
	more  chan struct{} // closed when there is more, nil when nobody waits
}

// add adds an event.
func (r *ring) add(e inspect.Event) {
	if e.At.IsZero() {
		e.At = time.Now()
	}
	r.mu.Lock()
	r.last++
	e.Cursor = r.cursor(r.last)
	r.bytes += weight(e)
	for r.gone+ringLength < r.last || r.bytes > ringBytes && r.gone+1 < r.last {
		r.forgetLocked()
	}
	r.slots[r.last%ringLength] = e
	r.wakeLocked()
	r.mu.Unlock()
}

// forgetLocked forgets the oldest event that is kept.
func (r *ring) forgetLocked() {
	r.gone++
	oldest := &r.slots[r.gone%ringLength]
	r.bytes -= weight(*oldest)
	*oldest = inspect.Event{}
}

// weight is how many bytes of frames and values an event has.
func weight(e inspect.Event) (sum int) {
	if f := e.Frame; f != nil {
		sum += len(f.Text) + len(f.Data)
	}
	if s := e.Storage; s != nil {
		for _, d := range s.Diffs {
			sum += valueBytes(d.Before) + valueBytes(d.After)
		}
	}
	return sum
}

func valueBytes(e *inspect.Entry) int {
	if e == nil {
		return 0
	}
	return len(e.Value)
}

// wake has those who wait look again.
func (r *ring) wake() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.wakeLocked()
}

func (r *ring) wakeLocked() {
	if r.more != nil {
		close(r.more)
		r.more = nil
	}
}

func (r *ring) cursor(n uint64) inspect.Cursor {
	return inspect.Cursor(r.run + "-" + strconv.FormatUint(n, 10))
}

// now is the cursor behind the latest event.
func (r *ring) now() inspect.Cursor {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.cursor(r.last)
}

// start is where a stream begins; missed says that it is not where it asked.
func (r *ring) start(c inspect.Cursor) (at uint64, missed bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if c == "" {
		return r.last, false
	}
	run, text, _ := strings.Cut(string(c), "-")
	n, err := strconv.ParseUint(text, 10, 64)
	if run != r.run || err != nil || n > r.last {
		return r.last, true
	}
	return n, false
}

// A stream reads the ring at its own pace.
type stream struct {
	l      *Live
	follow inspect.Follow
	over   chan struct{}
	once   sync.Once

	mu     sync.Mutex // held by the one who reads
	at     uint64     // of the last event that was read
	missed bool
}

func (s *stream) end() { s.once.Do(func() { close(s.over) }) }

// Close implements inspect.Stream.
func (s *stream) Close() error {
	s.end()
	s.l.forget(s)
	s.l.ring.wake()
	return nil
}

// Next implements inspect.Stream.
func (s *stream) Next(ctx context.Context) (inspect.Event, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for {
		e, ok, more := s.take()
		if ok {
			return e, nil
		}
		select {
		case <-more:
		case <-s.over:
			return inspect.Event{}, io.EOF
		case <-ctx.Done():
			return inspect.Event{}, ctx.Err()
		}
	}
}

// take gives the next event that is wanted, or what is closed when there is
// more.
func (s *stream) take() (e inspect.Event, ok bool, more <-chan struct{}) {
	r := &s.l.ring
	r.mu.Lock()
	defer r.mu.Unlock()
	if s.at < r.gone {
		s.missed = true
		s.at = r.last
	}
	if s.missed {
		s.missed = false
		return inspect.Event{Cursor: r.cursor(s.at), At: time.Now(), Kind: inspect.Missed}, true, nil
	}
	for s.at < r.last {
		s.at++
		if e := r.slots[s.at%ringLength]; s.follow.Wants(e) {
			return e, true, nil
		}
	}
	if r.more == nil {
		r.more = make(chan struct{})
	}
	return inspect.Event{}, false, r.more
}
