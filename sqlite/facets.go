package sqlite

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"unicode/utf8"
)

// FacetPath returns where facet number n of the object with a database at path
// has its own. Facet 0 is the object itself.
func FacetPath(path string, n int) string {
	if n == 0 {
		return path
	}
	return strings.TrimSuffix(path, ".sqlite") + "." + strconv.Itoa(n) + ".sqlite"
}

// facetsPath returns where the index of an object's facets lies.
func facetsPath(path string) string { return strings.TrimSuffix(path, ".sqlite") + ".facets" }

// facetsMagic begins every index of facets.
const facetsMagic = 0xc4cdce5bc5b0ef57

// maxFacets is how many facets an object can have over time: their numbers have
// two bytes.
const maxFacets = 1<<16 - 1

var (
	errFacetName  = errors.New("a facet's name must not be empty, and be text of at most 65535 bytes")
	errFacetLimit = errors.New("an object can have no more than 65535 facets")
	errFacetIndex = errors.New("it is no index of facets")
)

// Facets numbers the facets of one object: the parts, and the parts of those,
// that have databases of their own. A number, once given, stays with the name,
// whatever becomes of the facet. The file is the real runtime's: entries by
// number, each the number of the facet it is within and its name.
//
// One goroutine at a time may use it.
type Facets struct {
	path    string // "" keeps it in memory
	numbers map[facetKey]int
	keys    []facetKey // of number i+1
}

type facetKey struct {
	within int
	name   string
}

// A Facet is an entry of the index.
type Facet struct {
	Number int
	Name   string
}

// OpenFacets reads the index of the object with a database at path. What is not
// there is empty.
func OpenFacets(path string) (*Facets, error) {
	f := &Facets{path: facetsPath(path), numbers: map[facetKey]int{}}
	data, err := os.ReadFile(f.path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("read facets: %w", err)
	}
	if err := f.read(data); err != nil {
		return nil, fmt.Errorf("read facets: %s: %w", f.path, err)
	}
	return f, nil
}

// read takes entries up to the first that cannot be one: a killed process was
// writing it, and nobody has used it yet.
func (f *Facets) read(data []byte) error {
	if len(data) <= 8 {
		return nil
	}
	if binary.LittleEndian.Uint64(data) != facetsMagic {
		return errFacetIndex
	}
	for data = data[8:]; len(data) >= 4; {
		within, length := int(binary.LittleEndian.Uint16(data)), int(binary.LittleEndian.Uint16(data[2:]))
		if length == 0 || within > len(f.keys) || len(data) < 4+length || len(f.keys) == maxFacets {
			break
		}
		key := facetKey{within, string(data[4 : 4+length])}
		if _, twice := f.numbers[key]; twice {
			break
		}
		f.note(key)
		data = data[4+length:]
	}
	return nil
}

func (f *Facets) note(key facetKey) int {
	f.keys = append(f.keys, key)
	f.numbers[key] = len(f.keys)
	return len(f.keys)
}

// Find returns the number of a facet that was numbered.
func (f *Facets) Find(within int, name string) (number int, ok bool) {
	number, ok = f.numbers[facetKey{within, name}]
	return number, ok
}

// Number returns the number of a facet that is to be, and gives it the next one
// if it has none. The object then has a file by which it is found, though there
// may be nothing in it.
func (f *Facets) Number(within int, name string) (int, error) {
	if name == "" || len(name) > 1<<16-1 || !utf8.ValidString(name) {
		return 0, errFacetName
	}
	if f.path != "" {
		if err := createWAL(strings.TrimSuffix(f.path, ".facets") + ".sqlite"); err != nil {
			return 0, fmt.Errorf("number facet: %w", err)
		}
	}
	if n, ok := f.Find(within, name); ok {
		return n, nil
	}
	if len(f.keys) == maxFacets {
		return 0, errFacetLimit
	}
	key := facetKey{within, name}
	if err := f.append(key); err != nil {
		return 0, fmt.Errorf("number facet: %w", err)
	}
	return f.note(key), nil
}

// Len returns how many facets were numbered.
func (f *Facets) Len() int { return len(f.keys) }

// RemoveFacets removes what all facets of the object with a database at path have
// stored. Nobody may be using it.
func RemoveFacets(path string, opts Options) error {
	f, err := OpenFacets(path)
	if err != nil {
		return err
	}
	for number := 1; number <= f.Len(); number++ {
		o := OpenObject(FacetPath(path, number), opts)
		err = errors.Join(err, o.Remove(), o.Close())
	}
	return err
}

// CopyTo writes the index for an object with a database at another path.
func (f *Facets) CopyTo(path string) error {
	copied := &Facets{path: facetsPath(path), numbers: map[facetKey]int{}}
	for _, key := range f.keys {
		if _, err := copied.Number(key.within, key.name); err != nil {
			return err
		}
	}
	return nil
}

// Within returns the facets of a facet, in the order of their numbers.
func (f *Facets) Within(number int) (facets []Facet) {
	for i, key := range f.keys {
		if key.within == number {
			facets = append(facets, Facet{i + 1, key.name})
		}
	}
	return facets
}

// append adds an entry behind the last that counts.
func (f *Facets) append(key facetKey) (err error) {
	if f.path == "" {
		return nil
	}
	file, err := os.OpenFile(f.path, os.O_WRONLY|os.O_CREATE, 0o666)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	end := int64(8)
	for _, k := range f.keys {
		end += 4 + int64(len(k.name))
	}
	if err := file.Truncate(end); err != nil {
		return err
	}
	entry := binary.LittleEndian.AppendUint16(nil, uint16(key.within))
	entry = binary.LittleEndian.AppendUint16(entry, uint16(len(key.name)))
	entry = append(entry, key.name...)
	_, err = file.WriteAt(binary.LittleEndian.AppendUint64(nil, facetsMagic), 0)
	if err != nil {
		return err
	}
	_, err = file.WriteAt(entry, end)
	return err
}
