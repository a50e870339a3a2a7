package tui

import (
	"fmt"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/dodev/dodev/devserver/inspect"
	"github.com/dodev/dodev/devserver/inspect/inspecttest"
)

// crowded is a model with so many objects, on a large screen.
func crowded(b *testing.B, objects int) (*model, inspect.Snapshot) {
	b.Helper()
	fake := inspecttest.Lively(time.Now, objects)
	s, err := fake.Snapshot(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	m := newModel(b.Context(), Options{})
	m.width, m.height = 200, 60
	m.link = link{up: true, ever: true}
	m.api = fake
	m.take(s)
	m.objects.opened["example-RateLimiter"] = true
	return m, s
}

// BenchmarkKey is from a key to the text of the next frame.
func BenchmarkKey(b *testing.B) {
	for _, objects := range []int{50, 5000} {
		b.Run(fmt.Sprint(objects), func(b *testing.B) {
			m, _ := crowded(b, objects)
			for i := range b.N {
				m.Update(tea.KeyPressMsg{Code: tea.KeyDown})
				if m.View().Content == "" {
					b.Fatal("nothing is shown")
				}
				if i%1000 == 0 {
					m.objects.cursor = 0
				}
			}
		})
	}
}

// BenchmarkKeyWhileBusy is the same when every object's load changed since.
func BenchmarkKeyWhileBusy(b *testing.B) {
	m, s := crowded(b, 5000)
	loads := map[inspect.Ref]inspect.Load{}
	for _, o := range s.Objects {
		loads[o.Ref] = inspect.Load{Rate: 12, P50Millis: 0.5, P99Millis: 3, History: []float64{1, 2, 3, 4, 5, 6, 7, 8}}
	}
	f := &feed{}
	m.base = f
	for range b.N {
		m.fed(feedMsg{feed: f, events: []inspect.Event{{Kind: inspect.Loads, Loads: loads}}})
		m.Update(tea.KeyPressMsg{Code: tea.KeyDown})
		m.View()
	}
}

// BenchmarkFilter types a letter into the filter.
func BenchmarkFilter(b *testing.B) {
	m, _ := crowded(b, 5000)
	for i := range b.N {
		m.objects.Filter([]string{"user:4", "user:42"}[i%2])
		m.View()
	}
}
