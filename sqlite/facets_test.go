package sqlite

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// realFacets is an index the real runtime wrote: of an object whose facets a
// and b have a facet x each.
const realFacets = "\x57\xef\xb0\xc5\x5b\xce\xcd\xc4" +
	"\x00\x00\x01\x00a" + "\x01\x00\x01\x00x" + "\x00\x00\x01\x00b" + "\x03\x00\x01\x00x"

func TestFacetsAreNumberedAsTheRealRuntimeDoes(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ns", "o.sqlite")
	f, err := OpenFacets(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []struct {
		within int
		name   string
		number int
	}{{0, "a", 1}, {1, "x", 2}, {0, "b", 3}, {3, "x", 4}, {1, "x", 2}} {
		if n, err := f.Number(want.within, want.name); n != want.number || err != nil {
			t.Errorf("%q within %d is %d, %v; want %d", want.name, want.within, n, err, want.number)
		}
	}
	if data, err := os.ReadFile(facetsPath(path)); string(data) != realFacets || err != nil {
		t.Errorf("the file is %q, %v; want %q", data, err, realFacets)
	}
	if _, err := os.Stat(path); err != nil {
		t.Errorf("the object has no file: %v", err)
	}
}

func TestFacetsOfTheRealRuntimeAreRead(t *testing.T) {
	broken := func(entry string) string { return realFacets + entry }
	for name, data := range map[string]string{
		"whole":           realFacets,
		"cut":             broken("\x00\x00\x05\x00ab"),
		"of nothing":      broken("\x09\x00\x01\x00a"),
		"without a name":  broken("\x00\x00\x00\x00"),
		"given twice":     broken("\x00\x00\x01\x00a"),
		"half a header":   broken("\x00"),
		"entries go on":   broken("\x00\x00\x00\x00") + "\x00\x00\x01\x00c",
		"cut within name": realFacets + "\x00\x00\xff\xffc",
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "o.sqlite")
			if err := os.WriteFile(facetsPath(path), []byte(data), 0o666); err != nil {
				t.Fatal(err)
			}
			f, err := OpenFacets(path)
			if err != nil {
				t.Fatal(err)
			}
			if got, want := f.Within(0), []Facet{{1, "a"}, {3, "b"}}; !reflect.DeepEqual(got, want) {
				t.Errorf("its facets are %v, want %v", got, want)
			}
			if n, err := f.Number(0, "next"); n != 5 || err != nil {
				t.Errorf("the next one is %d, %v; want 5", n, err)
			}
			if data, _ := os.ReadFile(facetsPath(path)); string(data) != realFacets+"\x00\x00\x04\x00next" {
				t.Errorf("the file is %q afterwards", data)
			}
		})
	}
}

func TestFacetsRefuseWhatCannotBeNumbered(t *testing.T) {
	path := filepath.Join(t.TempDir(), "o.sqlite")
	f, err := OpenFacets(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"", strings.Repeat("x", 1<<16), "\xed\xa0\x80"} {
		if n, err := f.Number(0, name); err == nil {
			t.Errorf("%.10q is number %d", name, n)
		}
	}
	if _, err := os.Stat(facetsPath(path)); err == nil {
		t.Error("there is a file")
	}
	other := binary.LittleEndian.AppendUint64(nil, facetsMagic+1)
	if err := os.WriteFile(facetsPath(path), append(other, 0), 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenFacets(path); err == nil {
		t.Error("a file of something else was read")
	}
}

func FuzzFacets(f *testing.F) {
	f.Add([]byte(realFacets))
	f.Add([]byte(realFacets + "\x00"))
	f.Fuzz(func(t *testing.T, data []byte) {
		facets := &Facets{numbers: map[facetKey]int{}}
		if facets.read(data) != nil {
			return
		}
		for i, key := range facets.keys {
			if n, ok := facets.Find(key.within, key.name); n != i+1 || !ok || key.within > i {
				t.Errorf("entry %d is %v, found as %d", i+1, key, n)
			}
		}
	})
}
