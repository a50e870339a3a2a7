package inspect

import (
	"errors"
	"io/fs"
	"runtime"
	"syscall"
)

// A Code tells errors apart.
type Code string

const (
	NotFound    Code = "not_found"   // no such object, key, socket, trace
	Conflict    Code = "conflict"    // the value is not what was expected
	Refused     Code = "refused"     // it cannot be done now; the message says why
	Locked      Code = "locked"      // another process has the files open
	Invalid     Code = "invalid"     // what was asked makes no sense
	Threw       Code = "threw"       // the project's code, or SQLite, said no
	Unavailable Code = "unavailable" // it takes a running server, or another kind of object
	Gone        Code = "gone"        // the server cannot be reached
	Forbidden   Code = "forbidden"   // no token, or not from here
	Denied      Code = "denied"      // the system lets nobody write there, or not this user
	Full        Code = "full"        // the disk has no space for it
)

// An Error is why something was not done.
type Error struct {
	Code    Code   `json:"code"`
	Message string `json:"message"`
	// Near are names like the one that was not found.
	Near []string `json:"near,omitempty"`
	// Now is the present value of a conflict, nil when the key is not there.
	Now *Entry `json:"now,omitempty"`
	// Fault is what the project's code threw.
	Fault *Fault `json:"fault,omitempty"`
}

func (e *Error) Error() string { return e.Message }

// CodeOf is the code of an error, "" for one of another kind. What the system
// says of files has codes of its own.
func CodeOf(err error) Code {
	e, ok := errors.AsType[*Error](err)
	switch {
	case ok:
		return e.Code
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.EROFS):
		return Denied
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EFBIG), errors.Is(err, syscall.EDQUOT),
		runtime.GOOS == "windows" && errors.Is(err, syscall.Errno(112)): // ERROR_DISK_FULL
		return Full
	}
	return ""
}
