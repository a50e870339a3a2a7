package sqlite_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/dodev/dodev/sqlite"
)

func TestTheLatestCommitsAreReadFirst(t *testing.T) {
	w := newWhole(t)
	for n := range 12 {
		w.put(w.object, fmt.Sprint(n))
		if n%5 == 0 { // a restoration is a commit like others
			w.restore(w.bookmark())
		}
	}
	all, err := w.object.Commits()
	must(t, err)
	slices.Reverse(all)
	for limit := range len(all) + 2 {
		got, more, err := w.object.LastCommits(limit)
		want := all
		if limit > 0 {
			want = all[:min(limit, len(all))]
		}
		if err != nil || !slices.Equal(got, want) || more != (len(want) < len(all)) {
			t.Errorf("the last %d: got %+v, more %v, %v; want %+v", limit, got, more, err, want)
		}
	}
	for i, c := range all {
		before, err := w.object.ReadAt(c.Before)
		must(t, err)
		value, _, err := before.Get("value")
		must(t, err)
		must(t, before.Close())
		if i+1 < len(all) && c.Before != all[i+1].Bookmark {
			t.Errorf("before commit %d lies %s, want %s", i, c.Before, all[i+1].Bookmark)
		}
		if i == len(all)-1 && value != nil {
			t.Errorf("before the first commit there was %q", value)
		}
	}
	var none []sqlite.CommitInfo
	if got, more, err := newWhole(t).object.LastCommits(3); !slices.Equal(got, none) || more || err != nil {
		t.Errorf("of nothing: %v, %v, %v", got, more, err)
	}
}
