package stored

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/dodev/dodev/devserver/inspect"
	"github.com/dodev/dodev/sqlite/snapshot"
)

// Wish is what a Saving asks a store of snapshots to save.
func Wish(s inspect.Saving, now time.Time) snapshot.Wish {
	w := snapshot.Wish{Name: s.Name, At: now}
	if s.Namespace != "" {
		w.Namespaces = []string{s.Namespace}
	}
	if s.ID != "" {
		w.Only = func(_, id string) bool { return id == s.ID }
	}
	return w
}

// ScopeOf is what a Saving asks to restore of a snapshot. The error's code is
// NotFound when the snapshot is not about it.
func ScopeOf(s inspect.Saving, m *snapshot.Manifest) (snapshot.Scope, error) {
	scope := snapshot.Scope{Namespace: s.Namespace, ID: s.ID}
	about := s.Namespace == "" || slices.Contains(m.Namespaces, s.Namespace)
	if s.ID != "" {
		_, about = m.Find(s.Namespace, s.ID)
	}
	if !about {
		return scope, &inspect.Error{Code: inspect.NotFound, Message: fmt.Sprintf("snapshot %s has nothing of it", s.Name)}
	}
	return scope, nil
}

// KeptOf is a snapshot as package inspect has it.
func KeptOf(m *snapshot.Manifest) inspect.Kept {
	return inspect.Kept{Name: m.Name, At: m.At, Objects: len(m.Objects), Bytes: m.Bytes(), Whole: m.Whole, Part: m.Part, Namespaces: m.Namespaces}
}

// RestoredOf is what restoring did as package inspect has it.
func RestoredOf(r snapshot.Restored) inspect.Restored {
	return inspect.Restored{Objects: r.Objects, Written: r.Written, Removed: r.Removed}
}

// Coded gives errors of snapshots their codes.
func Coded(err error) error {
	code := inspect.Code("")
	switch {
	case err == nil:
		return nil
	case errors.Is(err, snapshot.ErrNotFound):
		code = inspect.NotFound
	case errors.Is(err, snapshot.ErrExists):
		code = inspect.Conflict
	case errors.Is(err, snapshot.ErrName):
		code = inspect.Invalid
	default:
		return err
	}
	return &inspect.Error{Code: code, Message: err.Error()}
}
