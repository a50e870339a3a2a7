package migrate

import (
	"github.com/dodev/dodev/emulator/object"
)

// namespaceOf is the namespace of a key.
func namespaceOf(key string) object.Namespace {
	script, class, _ := SplitKey(key)
	return object.NewNamespace(script, class)
}

// moved is the id that an object gets in another namespace: that of its name
// where the name is known, else the one with the same first half. It stays in its
// jurisdiction.
func moved(id object.ID, name string, from, to object.Namespace) object.ID {
	if in, ok := from.JurisdictionOf(id); ok {
		from, _ = from.Jurisdiction(in)
		to, _ = to.Jurisdiction(in)
	}
	if name != "" && from.FromName(name) == id {
		return to.FromName(name)
	}
	return to.Adopt(id)
}

// Alias leads ids that a namespace had under former names to its present ones.
// The zero Alias leads nowhere.
type Alias struct {
	now    object.Namespace
	former []object.Namespace
	moved  map[string]string
}

// NewAlias makes the alias of a class of a script by what the ledger remembers.
func NewAlias(script, class string, c *Class) Alias {
	if c == nil || len(c.Former) == 0 {
		return Alias{}
	}
	a := Alias{now: object.NewNamespace(script, class), moved: c.Moved}
	for _, key := range c.Former {
		a.former = append(a.former, namespaceOf(key))
	}
	return a
}

// Any reports whether there are former ids at all.
func (a Alias) Any() bool { return len(a.former) > 0 }

// ByID leads from an id of a former namespace to the object's present one.
func (a Alias) ByID(id object.ID) (object.ID, bool) {
	if to, ok := a.moved[id.String()]; ok {
		now, err := object.Decode(to)
		return now, err == nil
	}
	for _, ns := range a.former {
		if _, ok := ns.JurisdictionOf(id); ok {
			return moved(id, "", ns, a.now), true
		}
	}
	return object.ID{}, false
}

// ByName lists the ids under which an object with a name may lie that was made
// in a former namespace, while its name was not known: the latest first.
func (a Alias) ByName(name string) []object.ID {
	var ids []object.ID
	for _, ns := range a.former {
		ids = append(ids, a.now.Adopt(ns.FromName(name)))
	}
	return ids
}
