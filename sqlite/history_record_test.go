package sqlite

import (
	"bytes"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"testing"
)

// FuzzHistory reads arbitrary files as history.
func FuzzHistory(f *testing.F) {
	l := &historyLog{id: historyID{1}, base: base{n: 5, at: 5, size: 1, complete: true}}
	empty := frameBlock(appendBlock(make([]byte, blockBefore), nil, state{n: 5, size: 1}))
	f.Add(l.header(), []byte{})
	f.Add(append(l.header(), empty...), []byte{})
	pages := appendPage(nil, 1, make([]byte, pageSize), emptyPage())
	r := record{n: 6, at: 7, kind: restored, undo: 3, size: 2, count: 1, pages: pages}
	block := appendBlock(nil, []record{r}, state{n: 6, at: 7, size: 2, sum: 9, pending: restoration{1, 2, true}})
	f.Add(append(append(l.header(), empty...), frameBlock(append(make([]byte, blockBefore), block...))...), block)
	f.Fuzz(func(t *testing.T, file, block []byte) {
		if records, s, err := decodeBlock(block); err == nil {
			again, s2, err := decodeBlock(appendBlock(nil, records, s))
			if err != nil || s != s2 || len(again) != len(records) || len(records) > 0 && !reflect.DeepEqual(again, records) {
				t.Errorf("%+v, %+v became %+v, %+v, %v", records, s, again, s2, err)
			}
			for _, r := range records {
				_ = changes{}.add(r)
			}
		}
		path := filepath.Join(t.TempDir(), "hist")
		if err := os.WriteFile(path, file, 0o666); err != nil {
			t.Fatal(err)
		}
		l, err := openLog(path)
		if err != nil {
			return
		}
		if err := l.each(func([]record, state, int64) bool { return true }); err != nil {
			return
		}
		h := &history{log: l}
		_, _, _ = h.backTo(l.base.n)
		if err := l.trim(0, 0); err != nil {
			t.Errorf("trim: %v", err)
		}
		if _, err := openLog(path); err != nil {
			t.Errorf("what was trimmed cannot be read: %v", err)
		}
	})
}

func TestTheDifferenceOfTwoPagesLeadsFromEitherToTheOther(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for range 2000 {
		before := make([]byte, pageSize)
		for range random.IntN(20) {
			before[random.IntN(pageSize)] = byte(random.Uint32())
		}
		after := bytes.Clone(before)
		for range random.IntN(10) {
			start := random.IntN(pageSize)
			for i := start; i < min(pageSize, start+random.IntN(40)); i++ {
				after[i] = byte(random.Uint32())
			}
		}
		r := record{count: 1, pages: appendPage(nil, 9, before, after)}
		c := changes{}
		if err := c.add(r); err != nil {
			t.Fatal(err)
		}
		got := bytes.Clone(before)
		if c[9] != nil {
			xor(got, c[9][:])
		}
		if !bytes.Equal(got, after) {
			t.Fatalf("after = %x, want %x", got, after)
		}
		if err := c.add(r); err != nil || c[9] != nil && !isZero(c[9][:]) {
			t.Fatalf("there and back is not nothing: %v", err)
		}
	}
}

// FuzzBookmark reads arbitrary text as a bookmark.
func FuzzBookmark(f *testing.F) {
	f.Add(mark{n: 1 << 50, undo: true, history: historyID{1, 2, 3}}.String())
	f.Add("00000000-00000000-00000000-00000000000000000000000000000000")
	f.Add("")
	f.Fuzz(func(t *testing.T, s string) {
		m, err := parseMark(s)
		if err != nil {
			return
		}
		if again, err := parseMark(m.String()); err != nil || again != m {
			t.Errorf("%q became %+v, then %+v, %v", s, m, again, err)
		}
	})
}
