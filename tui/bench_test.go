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

// BenchmarkKeyInThePast is a key among the commits of an object that has written
// often, each of which changed much.
func BenchmarkKeyInThePast(b *testing.B) {
	m, s := crowded(b, 5)
	m.objects.Select(scope{ref: s.Objects[2].Ref})
	m.inTab, m.tab, m.past = true, timelineTab, true
	m.enter(m.objects.at)
	var h inspect.History
	var changes inspect.Contrast
	for n := range changesShown {
		e := inspect.Entry{Key: fmt.Sprint("key", n), Value: []byte(`{"name":"Ann","roles":["admin","writer"]}`)}
		changes.Keys = append(changes.Keys, inspect.Diff{Key: e.Key, After: &e})
	}
	for n := range 5000 {
		h.Commits = append(h.Commits, inspect.Commit{Bookmark: fmt.Sprint(5000 - n), Before: fmt.Sprint(4999 - n), Kind: inspect.Written})
	}
	m.commits.Set(h)
	for b.Loop() {
		c, _ := m.commits.Selected()
		m.commits.Changed(c.Bookmark, changes, nil)
		m.Update(tea.KeyPressMsg{Code: tea.KeyDown})
		if m.View().Content == "" {
			b.Fatal("nothing is shown")
		}
	}
}

// BenchmarkKeyAmongSnapshots scrolls what a snapshot of many objects has.
func BenchmarkKeyAmongSnapshots(b *testing.B) {
	m, s := crowded(b, 5000)
	m.page = snapshotsPage
	c := inspect.Contents{Kept: inspect.Kept{Name: "all", Whole: true}}
	for _, o := range s.Objects {
		c.Has = append(c.Has, inspect.KeptObject{Ref: o.Ref, Object: o.Label, Bytes: o.SizeBytes})
	}
	m.snaps.Set([]inspect.Kept{c.Kept})
	m.snaps.Show()
	m.snaps.has = &c
	for b.Loop() {
		m.Update(tea.KeyPressMsg{Code: ']', Text: "]"})
		if m.View().Content == "" {
			b.Fatal("nothing is shown")
		}
	}
}
