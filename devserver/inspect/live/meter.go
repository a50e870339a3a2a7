package live

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/dodev/dodev/devserver/inspect"
	"github.com/dodev/dodev/emulator/object"
)

// Sizes of what a meter remembers.
const (
	samples     = 64
	historySpan = 30 // seconds
	rateSeconds = 3  // that a rate is the mean of
)

// A meter measures the events of one object. Who measures takes no lock.
type meter struct {
	queue atomic.Int32
	total atomic.Uint64
	took  [samples]atomic.Int64 // nanoseconds, of the latest events

	mu       sync.Mutex // guards what follows, which is renewed once a second
	counted  uint64     // of total, until then
	history  []float64
	quiet    int // seconds without events
	p50, p99 float64
}

func (m *meter) queued() { m.queue.Add(1) }

func (m *meter) admitted() { m.queue.Add(-1) }

func (m *meter) ended(took time.Duration, waiting bool) {
	if waiting {
		m.queue.Add(-1)
	}
	n := m.total.Add(1)
	m.took[n%samples].Store(max(int64(took), 1))
}

// load is what the meter shows.
func (m *meter) load() inspect.Load {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.history) == 0 {
		m.percentilesLocked()
	}
	return m.loadLocked()
}

func (m *meter) loadLocked() inspect.Load {
	load := inspect.Load{
		Queue: int(m.queue.Load()), Total: m.total.Load(), History: slices.Clone(m.history), P50Millis: m.p50, P99Millis: m.p99,
	}
	recent := load.History[max(0, len(load.History)-rateSeconds):]
	for _, n := range recent {
		load.Rate += n / float64(len(recent))
	}
	return load
}

func (m *meter) percentilesLocked() {
	took := make([]int64, 0, samples)
	for i := range m.took {
		if t := m.took[i].Load(); t > 0 {
			took = append(took, t)
		}
	}
	if len(took) == 0 {
		return
	}
	slices.Sort(took)
	m.p50 = millis(time.Duration(took[len(took)/2]))
	m.p99 = millis(time.Duration(took[len(took)*99/100]))
}

func millis(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// second ends a second; changed says whether there is news: events, a rate that
// falls after the last one, or a history that has become empty.
func (m *meter) second() (load inspect.Load, changed bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	total := m.total.Load()
	n := total - m.counted
	m.counted = total
	m.quiet++
	if n > 0 {
		m.quiet = 0
		m.percentilesLocked()
	}
	if m.quiet > historySpan {
		return inspect.Load{}, false
	}
	m.history = append(m.history, float64(n))
	if len(m.history) > historySpan {
		m.history = slices.Delete(m.history, 0, len(m.history)-historySpan)
	}
	if m.quiet > rateSeconds && m.quiet < historySpan {
		return inspect.Load{}, false
	}
	return m.loadLocked(), true
}

// meters are those of all objects; the zero Key is the Workers'.
type meters struct {
	mu  sync.RWMutex
	all map[object.Key]*meter
}

func (m *meters) of(k object.Key) *meter {
	m.mu.RLock()
	found := m.all[k]
	m.mu.RUnlock()
	if found != nil {
		return found
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.all == nil {
		m.all = map[object.Key]*meter{}
	}
	if m.all[k] == nil {
		m.all[k] = &meter{quiet: historySpan}
	}
	return m.all[k]
}

// load is that of one object.
func (m *meters) load(k object.Key) inspect.Load {
	m.mu.RLock()
	found := m.all[k]
	m.mu.RUnlock()
	if found == nil {
		return inspect.Load{}
	}
	return found.load()
}

// second ends a second for all, and gives the loads of those with news.
func (m *meters) second() map[object.Key]inspect.Load {
	m.mu.RLock()
	defer m.mu.RUnlock()
	out := map[object.Key]inspect.Load{}
	for k, one := range m.all {
		if load, changed := one.second(); changed {
			out[k] = load
		}
	}
	return out
}
