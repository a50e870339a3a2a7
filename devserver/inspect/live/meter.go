package live

import (
	"slices"
	"sync"
	"time"

	"github.com/dodev/dodev/devserver/inspect"
	"github.com/dodev/dodev/emulator/object"
)

// Sizes of what a meter remembers.
const (
	samples      = 256
	historySpan  = 30 // seconds
	rateSeconds  = 3  // that a rate is the mean of
	quietSeconds = historySpan + 1
)

// A meter measures the events of one object.
type meter struct {
	mu      sync.Mutex
	queue   int
	total   uint64
	counted uint64 // of total, until the last second
	took    [samples]time.Duration
	taken   int // how often took was written to
	history []float64
	quiet   int // seconds without events
}

func (m *meter) queued() {
	m.mu.Lock()
	m.queue++
	m.mu.Unlock()
}

func (m *meter) admitted() {
	m.mu.Lock()
	m.queue--
	m.mu.Unlock()
}

func (m *meter) ended(took time.Duration, waiting bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if waiting {
		m.queue--
	}
	m.total++
	m.took[m.taken%samples] = took
	m.taken++
}

// load is what the meter shows.
func (m *meter) load() inspect.Load {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.loadLocked()
}

func (m *meter) loadLocked() inspect.Load {
	load := inspect.Load{Queue: m.queue, Total: m.total, History: slices.Clone(m.history)}
	recent := load.History[max(0, len(load.History)-rateSeconds):]
	for _, n := range recent {
		load.Rate += n / float64(len(recent))
	}
	took := slices.Clone(m.took[:min(m.taken, samples)])
	if len(took) > 0 {
		slices.Sort(took)
		load.P50Millis = millis(took[len(took)/2])
		load.P99Millis = millis(took[len(took)*99/100])
	}
	return load
}

func millis(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// second ends a second; changed says whether there is news.
func (m *meter) second() (load inspect.Load, changed bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	n := m.total - m.counted
	m.counted = m.total
	m.quiet++
	if n > 0 {
		m.quiet = 0
	}
	m.history = append(m.history, float64(n))
	if len(m.history) > historySpan {
		m.history = slices.Delete(m.history, 0, len(m.history)-historySpan)
	}
	if m.quiet > quietSeconds {
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
		m.all[k] = &meter{}
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
