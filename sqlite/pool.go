package sqlite

import (
	"container/list"
	"errors"
	"sync"
)

// DefaultOpen is how many databases a [Pool] keeps open unless told otherwise.
const DefaultOpen = 1024

// Pool hands out objects' databases by path and bounds how many stay open. It
// may be used concurrently; what it hands out may not.
type Pool struct {
	opts Options
	max  int

	mu     sync.Mutex // guards all below; held while nothing is opened or closed
	byPath map[string]*pooled
	idle   list.List          // of *pooled that nobody holds, latest first
	facets map[string]*Facets // of databases in memory
	closed bool
}

// pooled is an object of a pool.
type pooled struct {
	object *Object
	users  int
	place  *list.Element // in idle
	gone   chan struct{} // closed when the object is, once it is being closed
}

// NewPool returns a pool that keeps max databases open that nobody holds; 0
// stands for [DefaultOpen].
func NewPool(max int, opts Options) *Pool {
	if max <= 0 {
		max = DefaultOpen
	}
	return &Pool{opts: opts, max: max, byPath: make(map[string]*pooled), facets: make(map[string]*Facets)}
}

// Get returns the database at path, the same one to all who hold it. Each must
// give it back with [Pool.Put], and they must not use it at the same time. A
// database is never closed while someone holds it, nor while it has a
// transaction or a cursor open.
func (p *Pool) Get(path string) *Object {
	p.mu.Lock()
	defer p.mu.Unlock()
	for {
		e := p.byPath[path]
		switch {
		case e == nil:
			e = &pooled{object: OpenObject(path, p.opts), users: 1}
			p.byPath[path] = e
			return e.object
		case e.gone == nil:
			e.users++
			if e.place != nil {
				p.idle.Remove(e.place)
				e.place = nil
			}
			return e.object
		}
		// Its file is being closed: opening it again has to wait.
		gone := e.gone
		p.mu.Unlock()
		<-gone
		p.mu.Lock()
	}
}

// Put gives back what Get returned, and closes what has been idle longest when
// too much is open. The error is that of closing, and concerns another object.
func (p *Pool) Put(o *Object) error {
	p.mu.Lock()
	e := p.byPath[o.path]
	if e == nil || e.object != o {
		p.mu.Unlock()
		return nil
	}
	e.users--
	if e.users > 0 {
		p.mu.Unlock()
		return nil
	}
	e.place = p.idle.PushFront(e)
	var surplus *pooled
	switch {
	case p.closed:
		surplus = p.takeLocked(e)
	case p.idle.Len() > p.max && !p.opts.InMemory:
		surplus = p.surplusLocked()
	}
	p.mu.Unlock()
	return p.close(surplus)
}

// surplusLocked takes the object that was used longest ago of those that may be
// closed, or returns nil.
func (p *Pool) surplusLocked() *pooled {
	for place := p.idle.Back(); place != nil; place = place.Prev() {
		if e := place.Value.(*pooled); e.object.Idle() {
			return p.takeLocked(e)
		}
	}
	return nil
}

// takeLocked takes an idle object, which its taker must close.
func (p *Pool) takeLocked(e *pooled) *pooled {
	p.idle.Remove(e.place)
	e.place, e.gone = nil, make(chan struct{})
	return e
}

// close closes an object that was taken.
func (p *Pool) close(e *pooled) error {
	if e == nil {
		return nil
	}
	err := e.object.Close()
	p.mu.Lock()
	delete(p.byPath, e.object.path)
	close(e.gone)
	p.mu.Unlock()
	return err
}

// Facets returns the index of the facets of the object with a database at path.
func (p *Pool) Facets(path string) (*Facets, error) {
	if !p.opts.InMemory {
		if p.opts.Opening != nil {
			p.opts.Opening(path)
		}
		return OpenFacets(path)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	f := p.facets[path]
	if f == nil {
		f = &Facets{numbers: map[facetKey]int{}}
		p.facets[path] = f
	}
	return f, nil
}

// Close closes all databases that nobody holds, rolling back what they did not
// commit; those still held are closed when they are given back. Calling it twice
// is harmless.
func (p *Pool) Close() error {
	p.mu.Lock()
	p.closed = true
	var all []*pooled
	for place := p.idle.Front(); place != nil; place = p.idle.Front() {
		all = append(all, p.takeLocked(place.Value.(*pooled)))
	}
	p.mu.Unlock()
	var errs []error
	for _, e := range all {
		errs = append(errs, p.close(e))
	}
	return errors.Join(errs...)
}
