package stored

import (
	"slices"

	"github.com/dodev/dodev/devserver/inspect"
	"github.com/dodev/dodev/sqlite/snapshot"
)

// Snapshots lists those of a store, the latest first. One that cannot be read
// says so.
func Snapshots(s snapshot.Store) ([]inspect.Kept, error) {
	names, err := s.Names()
	all := []inspect.Kept{}
	for _, name := range names {
		m, err := s.Load(name)
		if err != nil {
			all = append(all, inspect.Kept{Name: name, Problem: err.Error()})
			continue
		}
		all = append(all, KeptOf(m))
	}
	slices.SortStableFunc(all, func(a, b inspect.Kept) int { return b.At.Compare(a.At) })
	return all, err
}

// Contents lists the objects of a snapshot; now is what there is.
func Contents(s snapshot.Store, name string, now inspect.Snapshot) (inspect.Contents, error) {
	m, err := s.Load(name)
	if err != nil {
		return inspect.Contents{}, Coded(err)
	}
	c := inspect.Contents{Kept: KeptOf(m), State: m.State, Has: []inspect.KeptObject{}}
	for _, o := range m.Objects {
		kept := inspect.KeptObject{Ref: inspect.Ref{Namespace: o.Namespace, ID: o.ID}, Name: o.Name, Bytes: o.Bytes()}
		kept.Object = now.LabelOf(kept.Ref, o.Name)
		if !o.Alarm.IsZero() {
			kept.Alarm = &o.Alarm
		}
		c.Has = append(c.Has, kept)
	}
	return c, nil
}

// Discard deletes a snapshot.
func Discard(s snapshot.Store, name string) error { return Coded(s.Delete(name)) }
