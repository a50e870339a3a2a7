package emulator

import (
	"github.com/dodev/dodev/emulator/object"
	"github.com/dodev/dodev/sqlite/state"
)

// Rewind takes an object, facets and alarm included, back to a bookmark of its
// past while the project runs. Its instance and its sockets end as by ctx.abort;
// the next event finds the storage as it was. Undo is the bookmark that undoes it.
func (e *Emulator) Rewind(ref object.Ref, bookmark string) (undo string, err error) {
	of := func(other object.Ref) bool { return other.Key() == ref.Key() }
	err = e.still(of, of, func(_ state.Folder, h *state.Hold, _ []string) error {
		if undo, err = h.Rewind(ref.Namespace, ref.ID.String(), bookmark, e.history()); err != nil {
			return err
		}
		return e.scheduleAs(h, ref)
	})
	return undo, err
}

// Fork makes an object, of the same namespace, of what another one had stored
// at a bookmark, or has stored now for none. The error is [state.ErrExists] when
// it is there already.
func (e *Emulator) Fork(from object.Ref, bookmark string, to object.Ref) error {
	of := func(other object.Ref) bool { return other.Key() == to.Key() }
	both := func(other object.Ref) bool { return of(other) || other.Key() == from.Key() }
	err := e.still(of, both, func(_ state.Folder, h *state.Hold, _ []string) error {
		return h.Fork(from.Namespace, from.ID.String(), bookmark, to.ID.String(), to.Name, e.history())
	})
	if err != nil {
		return err
	}
	e.names.Note(to)
	return e.scheduleAgain()
}

// scheduleAs has an object's alarm fire as it is entered.
func (e *Emulator) scheduleAs(h *state.Hold, ref object.Ref) error {
	alarms, err := h.Alarms(ref.Namespace)
	if err != nil {
		return err
	}
	e.objects.Unschedule(ref)
	for _, a := range alarms {
		if a.ID == ref.ID.String() {
			e.objects.Schedule(ref, a.At)
		}
	}
	return nil
}
