package sqlite_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/dodev/dodev/sqlite"
)

func TestListChoosesAndOrdersByUTF8Bytes(t *testing.T) {
	o := newObject(t)
	for _, key := range []string{"b", "a", "é", "\U0001f600", "ab", "\uffff", "", "B", "a\x00"} {
		must(t, o.Put(key, []byte(key)))
	}
	str := func(s string) *string { return &s }
	tests := []struct {
		name string
		opts sqlite.ListOptions
		want []string
	}{
		{"all", sqlite.ListOptions{}, []string{"", "B", "a", "a\x00", "ab", "b", "é", "\uffff", "\U0001f600"}},
		{"start is included", sqlite.ListOptions{Start: str("b")}, []string{"b", "é", "\uffff", "\U0001f600"}},
		{"startAfter is not", sqlite.ListOptions{StartAfter: str("a")}, []string{"a\x00", "ab", "b", "é", "\uffff", "\U0001f600"}},
		{"end is not", sqlite.ListOptions{End: str("ab")}, []string{"", "B", "a", "a\x00"}},
		{"prefix", sqlite.ListOptions{Prefix: "a"}, []string{"a", "a\x00", "ab"}},
		{"prefix of bytes that overflow", sqlite.ListOptions{Prefix: "\xff"}, nil},
		{"prefix and start", sqlite.ListOptions{Prefix: "a", Start: str("aa")}, []string{"ab"}},
		{"prefix and end", sqlite.ListOptions{Prefix: "a", End: str("aa")}, []string{"a", "a\x00"}},
		{"limit", sqlite.ListOptions{Limit: 2}, []string{"", "B"}},
		{"reverse", sqlite.ListOptions{Reverse: true, Limit: 2}, []string{"\U0001f600", "\uffff"}},
		{"reverse with end", sqlite.ListOptions{Reverse: true, End: str("b"), Limit: 1}, []string{"ab"}},
		{"end before start", sqlite.ListOptions{Start: str("b"), End: str("a")}, nil},
		{"empty end", sqlite.ListOptions{End: str("")}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := keys(t, o.List(tt.opts)); !slices.Equal(got, tt.want) {
				t.Errorf("keys %q, want %q", got, tt.want)
			}
		})
	}
}

func TestListSeesWhatHappensAheadOfIt(t *testing.T) {
	o := newObject(t)
	for _, key := range []string{"a", "b", "c"} {
		must(t, o.Put(key, nil))
	}
	var got []string
	for list := o.List(sqlite.ListOptions{}); list.Next(); {
		key := list.Key()
		got = append(got, key)
		_, err := o.Delete(key)
		must(t, err)
		if key == "b" {
			must(t, o.Put("z", nil))
		}
	}
	if want := []string{"a", "b", "c", "z"}; !slices.Equal(got, want) {
		t.Errorf("keys %q, want %q", got, want)
	}
}

func TestAnotherListSupersedesTheOneBefore(t *testing.T) {
	o := newObject(t)
	must(t, o.Put("a", nil))
	must(t, o.Put("b", nil))
	first := o.List(sqlite.ListOptions{})
	first.Next()
	second := o.List(sqlite.ListOptions{Reverse: true})
	if first.Next() || !first.Superseded() {
		t.Error("the first list went on")
	}
	if got := keys(t, second); !slices.Equal(got, []string{"b", "a"}) || second.Superseded() {
		t.Errorf("the second list gave %q", got)
	}
}

func TestReadingWhatWasNeverWrittenTouchesNoDisk(t *testing.T) {
	o := newObject(t)
	if _, ok, err := o.Get("a"); ok || err != nil {
		t.Errorf("Get = %v, %v", ok, err)
	}
	if deleted, err := o.Delete("a"); deleted || err != nil {
		t.Errorf("Delete = %v, %v", deleted, err)
	}
	if got := keys(t, o.List(sqlite.ListOptions{})); got != nil {
		t.Errorf("List = %q", got)
	}
	if _, ok, err := o.Alarm(); ok || err != nil {
		t.Errorf("Alarm = %v, %v", ok, err)
	}
	must(t, o.ClearAlarm())
	must(t, o.DeleteAll(true))
	must(t, o.Commit())
	if exists(o.Path()) {
		t.Error("there is a file")
	}
}

// model is what an object should hold.
type model map[string]string

// TestPairsBehaveAsAMap does the same random things to an object and to Go
// maps, of which a transaction and each savepoint has its own.
func TestPairsBehaveAsAMap(t *testing.T) {
	for seed := range uint64(20) {
		r := rand.New(rand.NewPCG(seed, 1))
		o := newObject(t)
		committed, now, saved := model{}, model{}, []model(nil)
		for step := range 400 {
			key := fmt.Sprint("k", r.IntN(12))
			switch n := r.IntN(100); {
			case n < 40:
				value := strings.Repeat(key, r.IntN(600))
				must(t, o.Put(key, []byte(value)))
				now[key] = value
			case n < 60:
				deleted, err := o.Delete(key)
				must(t, err)
				if _, ok := now[key]; ok != deleted {
					t.Fatalf("seed %d step %d: Delete(%s) = %v", seed, step, key, deleted)
				}
				delete(now, key)
			case n < 68:
				_, err := o.Savepoint()
				must(t, err)
				saved = append(saved, maps.Clone(now))
			case n < 74 && len(saved) > 0:
				level := r.IntN(len(saved))
				must(t, o.Release(level))
				saved = saved[:level]
			case n < 80 && len(saved) > 0:
				level := r.IntN(len(saved))
				must(t, o.RollbackTo(level))
				now, saved = saved[level], saved[:level]
			case n < 88 && len(saved) == 0:
				must(t, o.Commit())
				committed = maps.Clone(now)
			case n < 91:
				must(t, o.Rollback())
				now, saved = maps.Clone(committed), nil
			case n < 94:
				must(t, o.Close())
				now, saved = maps.Clone(committed), nil
			case n < 95 && len(saved) == 0:
				must(t, o.DeleteAll(true))
				now = model{}
			}
			if got := contents(t, o); !maps.Equal(got, now) {
				t.Fatalf("seed %d step %d: holds %v, want %v", seed, step, got, now)
			}
			if value, ok, err := o.Get(key); err != nil || ok != has(now, key) || string(value) != now[key] {
				t.Fatalf("seed %d step %d: Get(%s) = %v, %v", seed, step, key, ok, err)
			}
		}
	}
}

func has(m model, key string) bool { _, ok := m[key]; return ok }

func contents(t *testing.T, o *sqlite.Object) model {
	t.Helper()
	m := model{}
	list := o.List(sqlite.ListOptions{})
	for list.Next() {
		m[list.Key()] = string(list.Value())
	}
	must(t, list.Err())
	return m
}

func keys(t *testing.T, list *sqlite.List) (keys []string) {
	t.Helper()
	for list.Next() {
		keys = append(keys, list.Key())
	}
	must(t, list.Err())
	return keys
}
