// Package object names Durable Objects: their ids, the namespaces ids belong
// to, and the pair of both that tells one object from every other.
//
// It holds values only. Nothing here does I/O, keeps state or knows that
// objects can be alive; every value may be copied and used concurrently.
package object

// Ref says which object is meant, everywhere in the emulator: the unique key of
// its namespace ("<script>-<Class>") and its id. Name is what the object was
// asked for by, if anyone did, and Location the hint that was given of where to
// keep it; two refs mean the same object whether or not they know these, so
// compare with [Ref.Same] and key maps with [Ref.Key].
type Ref struct {
	Namespace string
	ID        ID
	Name      string
	Facet     int // number of a facet of the object, 0 for the object itself
	Location  string
}

// Key is the part of a [Ref] that identifies the object; usable as a map key.
type Key struct {
	Namespace string
	ID        ID
	Facet     int
}

// Key returns the identity of r, without its name.
func (r Ref) Key() Key { return Key{r.Namespace, r.ID, r.Facet} }

// Same reports whether r and other mean one object.
func (r Ref) Same(other Ref) bool { return r.Key() == other.Key() }

// String returns what people call the object: its name, or failing that its id,
// behind its namespace.
func (r Ref) String() string {
	if r.Name != "" {
		return r.Namespace + "/" + r.Name
	}
	return r.Namespace + "/" + r.ID.String()
}
