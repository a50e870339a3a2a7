package worker

import (
	"errors"

	"github.com/dodev/dodev/emulator/object"
)

// A Former knows the ids that a namespace's objects had before their class, or
// script, was renamed.
type Former interface {
	// ByID leads from such an id to the present one.
	ByID(id object.ID) (now object.ID, ok bool)
	// ByName gives the id of the object that has a name, which is id unless it
	// was stored when nobody knew the name.
	ByName(name string, id object.ID) object.ID
}

// fromName is the id of the object that has a name.
func (n Namespace) fromName(name string) object.ID {
	id := n.Namespace.FromName(name)
	if n.Former == nil {
		return id
	}
	return n.Former.ByName(name, id)
}

// parse reads an id, one of a former name of the class too.
func (n Namespace) parse(text string) (object.ID, error) {
	id, err := n.Namespace.Parse(text)
	if n.Former == nil || !errors.Is(err, object.ErrOtherNamespace) {
		return id, err
	}
	was, decodeErr := object.Decode(text)
	if decodeErr != nil {
		return id, err
	}
	if now, ok := n.Former.ByID(was); ok {
		return now, nil
	}
	return id, err
}
