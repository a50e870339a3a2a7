package worker

import (
	"slices"
	"sync"
)

// A Realm is what the Workers of one server share: they find one another's
// isolates by number, each other by name, and namespaces by a number that means
// the same to all of them. The zero Realm is empty. It is safe for concurrent
// use.
type Realm struct {
	// Elsewhere has the Workers that are not in this server; nil for none. It
	// must be set before the first Worker is made.
	Elsewhere Elsewhere
	// Snapshots are those that objects have taken.
	Snapshots Snapshots

	mu         sync.RWMutex
	last       int
	isolates   map[int]*Isolate
	workers    map[string]*Worker
	namespaces []Namespace    // by number
	numbers    map[string]int // by unique key
}

func (r *Realm) add(i *Isolate) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.isolates == nil {
		r.isolates = map[int]*Isolate{}
	}
	r.last++
	r.isolates[r.last] = i
	return r.last
}

func (r *Realm) get(n int) *Isolate {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.isolates[n]
}

func (r *Realm) remove(n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.isolates, n)
}

// Number is the number of a namespace in this realm, given out when it is first
// asked for.
func (r *Realm) Number(ns Namespace) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	key := ns.Namespace.UniqueKey()
	if n, ok := r.numbers[key]; ok {
		return n
	}
	if r.numbers == nil {
		r.numbers = map[string]int{}
	}
	n := len(r.namespaces)
	r.numbers[key] = n
	r.namespaces = append(r.namespaces, ns)
	return n
}

func (r *Realm) namespace(n int) Namespace {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.namespaces[n]
}

// named finds the number of the namespace of a Worker's class, -1 when none was
// given out.
func (r *Realm) named(script, class string) int {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return slices.IndexFunc(r.namespaces, func(ns Namespace) bool { return ns.Script == script && ns.Class == class })
}

// Install makes w the Worker that others reach by its name.
func (r *Realm) Install(w *Worker) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.workers == nil {
		r.workers = map[string]*Worker{}
	}
	r.workers[w.setup.Script] = w
}

// Remove forgets a Worker, unless another one has taken its name.
func (r *Realm) Remove(w *Worker) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.workers[w.setup.Script] == w {
		delete(r.workers, w.setup.Script)
	}
}

// enter finds a Worker by name and keeps it at work until its end is called. It
// gives nil when there is none.
func (r *Realm) enter(script string) *Worker {
	r.mu.RLock()
	defer r.mu.RUnlock()
	w := r.workers[script]
	if w != nil {
		w.begin()
	}
	return w
}

// owner finds the Worker that defines the class of a namespace, nil when it is
// not here.
func (r *Realm) owner(ns Namespace) *Worker {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.workers[ns.Script]
}
