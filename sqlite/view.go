package sqlite

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// A View is an object with its facets, as they are or were, for looking at. What
// is not there is an empty database.
type View struct {
	Object *Object
	// Facets are by the names that lead to them, such as "part" or "part/inner"; a
	// slash in a name is written %2F.
	Facets map[string]*Object

	release []func() error
}

// View shows what is stored now. Nobody may use it meanwhile.
func (w *Whole) View() *View {
	return NewView(w.object, w.facets, func(number int) (*Object, func() error) {
		facet := OpenObject(FacetPath(w.path, number), w.opts)
		return facet, facet.Close
	})
}

// NewView shows an object and its facets, whose databases get opens and release
// lets go of.
func NewView(object *Object, facets *Facets, get func(number int) (facet *Object, release func() error)) *View {
	v := &View{Object: object, Facets: map[string]*Object{}}
	for number := 1; number <= facets.Len(); number++ {
		facet, release := get(number)
		v.Facets[facets.name(number)] = facet
		v.release = append(v.release, release)
	}
	return v
}

// name is how a facet is found: its name after those of the facets that it is
// within.
func (f *Facets) name(number int) string {
	key := f.keys[number-1]
	name := strings.ReplaceAll(key.name, "/", "%2F")
	if key.within == 0 {
		return name
	}
	return f.name(key.within) + "/" + name
}

// Close lets go of the facets' databases, and of all that was made to look at the
// past. Closing twice is harmless.
func (v *View) Close() error {
	var errs []error
	for _, release := range v.release {
		errs = append(errs, release())
	}
	v.release = nil
	return errors.Join(errs...)
}

// Between shows the states at two bookmarks of the object's past, "" for the
// present; facets that did not change between them are left out. Both views are
// to be closed before v is.
func (v *View) Between(from, to string) (before, after *View, err error) {
	before, after = &View{Facets: map[string]*Object{}}, &View{Facets: map[string]*Object{}}
	if err = errors.Join(before.own(v.Object, from), after.own(v.Object, to)); err == nil {
		err = v.facetsBetween(from, to, before, after)
	}
	if err != nil {
		return nil, nil, errors.Join(err, before.Close(), after.Close())
	}
	return before, after, nil
}

// own shows the object's own database at a bookmark.
func (v *View) own(o *Object, bookmark string) (err error) {
	if v.Object = o; bookmark == "" {
		return nil
	}
	if v.Object, err = o.ReadAt(bookmark); err == nil {
		v.release = append(v.release, v.Object.Close)
	}
	return err
}

func (v *View) facetsBetween(from, to string, before, after *View) error {
	for name, facet := range v.Facets {
		same, err := facet.sameAlong(from, to)
		if same || err != nil {
			if err != nil {
				return err
			}
			continue
		}
		if err := errors.Join(before.facet(name, facet, from), after.facet(name, facet, to)); err != nil {
			return err
		}
	}
	return nil
}

func (v *View) facet(name string, facet *Object, bookmark string) error {
	if bookmark == "" {
		v.Facets[name] = facet
		return nil
	}
	past, err := facet.readAlong(bookmark)
	if err == nil {
		v.Facets[name] = past
		v.release = append(v.release, past.Close)
	}
	return err
}

// sameAlong reports whether a facet had no commit between two bookmarks of its
// object, "" for the present. One that writes nothing is the same at all times.
func (o *Object) sameAlong(from, to string) (bool, error) {
	var at [2]uint64
	for i, bookmark := range []string{from, to} {
		if bookmark == "" {
			if o.dirty {
				return false, nil
			}
			continue
		}
		h, _, err := o.along(bookmark)
		if h == nil || err != nil {
			return h == nil, err
		}
		if at[i], err = h.resolveAlong(bookmark); err != nil {
			return false, err
		}
	}
	for i, bookmark := range []string{from, to} {
		if bookmark == "" && o.history != nil && o.history.log != nil {
			at[i] = o.history.log.state.n
		}
	}
	return at[0] == at[1], nil
}

// readAlong is [Object.ReadAt] with a bookmark of the whole's. What was not there
// then is empty.
func (o *Object) readAlong(bookmark string) (*Object, error) {
	return o.look(func(path string) error { return o.ForkAlong(bookmark, path) })
}

// look has a copy of the database written to a folder that goes when the copy is
// closed.
func (o *Object) look(write func(path string) error) (*Object, error) {
	folder, err := os.MkdirTemp("", "past-")
	if err != nil {
		return nil, fmt.Errorf("read the past: %w", err)
	}
	path := filepath.Join(folder, filepath.Base(o.path))
	if err := write(path); err != nil {
		return nil, errors.Join(err, os.RemoveAll(folder))
	}
	past := OpenObject(path, Options{ReadOnly: true})
	past.folder = folder
	return past, nil
}
