package durable

import (
	"errors"

	"github.com/dodev/dodev/emulator/engine"
)

// errGone is what calls of something get whose instance is no more, unless
// Options.Gone words it.
var errGone = engine.Error("The destination object for this session no longer exists.")

// A LocalError is what somebody gets of its own object, before anything that it
// called could answer.
type LocalError struct{ Err error }

func (e *LocalError) Error() string { return e.Err.Error() }

func (e *LocalError) Unwrap() error { return e.Err }

// errEventTimeout resets an instance whose handler of a socket's event took
// longer than the object allowed.
var errEventTimeout = &engine.Throw{
	Class: "Error", Message: "Actor exceeded event execution time and was disconnected.", Props: `{"retryable":true}`,
}

// A ResetError is what the callers of an object see that was reset while it
// handled their event.
type ResetError struct {
	Throw     engine.Throw
	Exception *engine.Exception // what the object's code threw, nil when it did not
	Thrown    []byte            // the same as a structured clone, nil when there is none
	Update    bool              // new code has come
	Undone    bool              // the database has refused what was written
}

func (e *ResetError) Error() string { return e.Throw.Error() }

func (e *ResetError) Unwrap() error { return &e.Throw }

// asReset is the error callers of a reset object see.
func asReset(err error) *ResetError {
	var r *ResetError
	if errors.As(err, &r) {
		c := *r
		return &c
	}
	var t *engine.Throw
	if errors.As(err, &t) {
		return &ResetError{Throw: *t}
	}
	var e *engine.Exception
	if errors.As(err, &e) {
		return &ResetError{Throw: engine.Throw{Class: e.Name, Message: e.Message}, Exception: e}
	}
	return &ResetError{Throw: *engine.Error("%s", err)}
}
