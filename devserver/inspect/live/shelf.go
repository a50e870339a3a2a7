package live

import (
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// Bounds of what is kept of what has happened.
const (
	maxTraces  = 500
	maxNotable = 200 // of those that went before
	maxWeight  = 16 << 20
	maxSpans   = 400 // of one trace
	maxPhases  = 200 // of one span

	// slow is how long what came from outside takes that is worth being kept for.
	slow = 500 * time.Millisecond
	// spanWeight is about what a span takes beside its texts, in bytes.
	spanWeight = 600
)

// A shelf has the latest traces, and of those before them the latest that failed
// or took long.
//
// Lock order: mu, then that of a trace.
type shelf struct {
	weight atomic.Int64 // of all, in bytes

	mu      sync.Mutex // guards what follows
	recent  []*trace   // oldest first
	notable []*trace   // older than those
	last    uint64     // number of the latest
}

// put adds a trace, and gives it its number.
func (s *shelf) put(t *trace) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last++
	t.number, t.id = s.last, fmt.Sprintf("%04x", s.last)
	s.recent = append(s.recent, t)
	s.weight.Add(int64(t.weight))
	for len(s.recent) > maxTraces || s.weight.Load() > maxWeight && len(s.recent) > 1 {
		s.retireLocked()
	}
}

// retireLocked makes room: of the oldest trace remains what is worth it.
func (s *shelf) retireLocked() {
	if s.weight.Load() > maxWeight && len(s.notable) > 0 {
		s.dropLocked(&s.notable)
		return
	}
	oldest := s.recent[0]
	if oldest.isNotable() && s.weight.Load() <= maxWeight {
		s.notable = append(s.notable, oldest)
		s.recent = slices.Delete(s.recent, 0, 1)
		if len(s.notable) > maxNotable {
			s.dropLocked(&s.notable)
		}
		return
	}
	s.dropLocked(&s.recent)
}

func (s *shelf) dropLocked(list *[]*trace) {
	s.weight.Add(-int64((*list)[0].drop()))
	*list = slices.Delete(*list, 0, 1)
}

// find is a trace by its id.
func (s *shelf) find(id string) *trace {
	for _, t := range s.list() {
		if t.id == id {
			return t
		}
	}
	return nil
}

// list are the traces, oldest first.
func (s *shelf) list() []*trace {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append(slices.Clone(s.notable), s.recent...)
}

// newest is the number of the latest trace.
func (s *shelf) newest() uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.last
}
