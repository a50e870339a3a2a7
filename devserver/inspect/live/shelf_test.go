package live

import (
	"testing"
	"time"
)

// shelved puts a trace of one span on a shelf.
func shelved(s *shelf, weight int, change func(*trace)) *trace {
	r := &recorder{}
	t := &trace{r: r, at: time.Now(), weight: weight}
	t.spans = []*span{{r: r, trace: t, id: 1}}
	if change != nil {
		change(t)
	}
	s.put(t)
	return t
}

func TestWhatFailedOrWasSlowIsKeptForLonger(t *testing.T) {
	var s shelf
	failed := shelved(&s, 1, func(t *trace) { t.errors = 1 })
	slow := shelved(&s, 1, func(t *trace) { t.slow = true })
	refused := shelved(&s, 1, func(t *trace) { t.spans[0].status = 503 })
	plain := shelved(&s, 1, nil)
	for range 2 * maxTraces {
		shelved(&s, 1, nil)
	}
	for name, kept := range map[string]*trace{"failed": failed, "slow": slow, "refused": refused} {
		if s.find(kept.id) == nil {
			t.Errorf("the %s one has gone", name)
		}
	}
	if s.find(plain.id) != nil {
		t.Error("the plain one is still there")
	}
	if n := len(s.list()); n != maxTraces+3 {
		t.Errorf("%d are kept, want %d", n, maxTraces+3)
	}
	for range 2 * (maxNotable + maxTraces) {
		shelved(&s, 1, func(t *trace) { t.errors = 1 })
	}
	if n := len(s.list()); n != maxTraces+maxNotable {
		t.Errorf("%d are kept, want %d", n, maxTraces+maxNotable)
	}
}

func TestTracesWeighNoMoreThanTheyMay(t *testing.T) {
	var s shelf
	for range 100 {
		shelved(&s, maxWeight/10, func(t *trace) { t.errors = 1 })
		if w := s.weight.Load(); w > maxWeight {
			t.Fatalf("they weigh %d, more than %d", w, maxWeight)
		}
	}
	if n := len(s.list()); n != 10 {
		t.Errorf("%d are kept, want 10", n)
	}
	large := shelved(&s, 2*maxWeight, nil)
	if all := s.list(); len(all) != 1 || all[0] != large {
		t.Errorf("%d are kept, want the large one alone", len(all))
	}
}

func TestSpansOfATraceThatIsNotKeptWeighNothing(t *testing.T) {
	r := &recorder{}
	gone := &trace{r: r, weight: 1}
	gone.spans = []*span{{r: r, trace: gone, id: 1}}
	r.put(gone)
	r.shelf.mu.Lock()
	r.dropLocked(&r.recent)
	r.shelf.mu.Unlock()
	late := &span{r: r}
	gone.join(late, gone.spans[0])
	if late.trace != nil || r.weight.Load() != 0 {
		t.Errorf("a span joined a trace that has gone; they weigh %d", r.weight.Load())
	}
}
