package sqlite

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"syscall"

	lib "modernc.org/sqlite/lib"
)

// Error is a failure that the platform throws as an Error with exactly this
// Message. Code is SQLite's primary result code, 0 for the platform's own rules.
type Error struct {
	Code    int
	Message string

	cause error // what the system said of the file, nil for nothing
}

func (e *Error) Error() string { return e.Message }

// Unwrap is what the system said of the file, such as [fs.ErrPermission] or
// [syscall.ENOSPC]; nil when it is not about a file.
func (e *Error) Unwrap() error { return e.cause }

// LockedError says that another process has a file of the state folder open.
type LockedError struct {
	Path string
}

func (e *LockedError) Error() string {
	return e.Path + " is in use by another process, such as `wrangler dev` or another dodev: stop it, or use another state folder (--persist-to)"
}

// Is makes every LockedError match [ErrLocked].
func (e *LockedError) Is(target error) bool { return target == ErrLocked }

// ErrLocked is matched by every [LockedError].
var ErrLocked = errors.New("database file is in use by another process")

// ErrCommit is what [Object.Commit] answers when a statement failed so badly
// that the engine has undone the whole transaction already.
var ErrCommit = errors.New("Cannot commit transaction due to an earlier SQL critical error")

// ErrViolated is what [Object.Commit] answers when a constraint does not hold
// that waited for the commit.
var ErrViolated = errors.New("Durable Object was reset and rolled back to its last known good state because the application left the database in a state where constraints were violated")

// The platform's words for what its own rules refuse.
var (
	errNoMemory      = &Error{Code: lib.SQLITE_NOMEM, Message: "out of memory: SQLITE_NOMEM"}
	errNotAuthorized = &Error{Code: lib.SQLITE_AUTH, Message: "not authorized: SQLITE_AUTH"}
	errNoStatement   = &Error{Message: "SQL code did not contain a statement."}
	errParameters    = &Error{Message: "Wrong number of parameter bindings for SQL query."}
	errOnlyLast      = &Error{Message: "When executing multiple SQL statements in a single call, only the last statement can have parameters."}
	errDeleted       = &Error{Message: "SQLite query was canceled because the database was deleted."}
	errDeleteAll     = &Error{Message: "Cannot call deleteAll() within a transaction"}

	errTransactionSQL = &Error{Code: lib.SQLITE_AUTH, Message: "To execute a transaction, please use the state.storage.transaction() or state.storage.transactionSync() APIs instead of the SQL BEGIN TRANSACTION or SAVEPOINT statements. The JavaScript API is safer because it will automatically roll back on exceptions, and because it interacts correctly with Durable Objects' automatic atomic write coalescing."}
)

// failure describes the connection's latest error, which was answered with rc.
func (c *conn) failure(rc int32) *Error {
	if c.db == 0 {
		return &Error{Code: int(rc), Message: codeName(rc)}
	}
	message := unbuilt(text(lib.Xsqlite3_errmsg(c.tls, c.db)))
	if offset := lib.Xsqlite3_error_offset(c.tls, c.db); offset >= 0 {
		message = fmt.Sprintf("%s at offset %d", message, offset)
	}
	message += ": " + codeName(rc)
	if extended := lib.Xsqlite3_extended_errcode(c.tls, c.db); extended != rc {
		if name := extendedName(extended); name != "" {
			message += " (extended: " + name + ")"
		}
	}
	return &Error{Code: int(rc), Message: message, cause: c.cause(rc)}
}

// cause is what the system said when the engine answered with rc.
func (c *conn) cause(rc int32) error {
	switch rc & 0xff {
	case lib.SQLITE_FULL: // the disk, or what an object may store
		return syscall.ENOSPC
	case lib.SQLITE_READONLY, lib.SQLITE_PERM:
		return fs.ErrPermission
	case lib.SQLITE_IOERR, lib.SQLITE_CANTOPEN:
		if number := lib.Xsqlite3_system_errno(c.tls, c.db); number != 0 {
			return syscall.Errno(number)
		}
	}
	return nil
}

// unbuilt rewords the refusal of a function that our engine has and the
// platform's lacks: there it does not exist.
func unbuilt(message string) string {
	name, refused := strings.CutPrefix(message, "not authorized to use function: ")
	if refused && unbuiltFunction(name) {
		return "no such function: " + name
	}
	return message
}

// codeName returns the symbol of a primary result code.
func codeName(rc int32) string {
	switch rc {
	case lib.SQLITE_ERROR:
		return "SQLITE_ERROR"
	case lib.SQLITE_INTERNAL:
		return "SQLITE_INTERNAL"
	case lib.SQLITE_PERM:
		return "SQLITE_PERM"
	case lib.SQLITE_ABORT:
		return "SQLITE_ABORT"
	case lib.SQLITE_BUSY:
		return "SQLITE_BUSY"
	case lib.SQLITE_LOCKED:
		return "SQLITE_LOCKED"
	case lib.SQLITE_NOMEM:
		return "SQLITE_NOMEM"
	case lib.SQLITE_READONLY:
		return "SQLITE_READONLY"
	case lib.SQLITE_INTERRUPT:
		return "SQLITE_INTERRUPT"
	case lib.SQLITE_IOERR:
		return "SQLITE_IOERR"
	case lib.SQLITE_CORRUPT:
		return "SQLITE_CORRUPT"
	case lib.SQLITE_NOTFOUND:
		return "SQLITE_NOTFOUND"
	case lib.SQLITE_FULL:
		return "SQLITE_FULL"
	case lib.SQLITE_CANTOPEN:
		return "SQLITE_CANTOPEN"
	case lib.SQLITE_PROTOCOL:
		return "SQLITE_PROTOCOL"
	case lib.SQLITE_SCHEMA:
		return "SQLITE_SCHEMA"
	case lib.SQLITE_TOOBIG:
		return "SQLITE_TOOBIG"
	case lib.SQLITE_CONSTRAINT:
		return "SQLITE_CONSTRAINT"
	case lib.SQLITE_MISMATCH:
		return "SQLITE_MISMATCH"
	case lib.SQLITE_MISUSE:
		return "SQLITE_MISUSE"
	case lib.SQLITE_AUTH:
		return "SQLITE_AUTH"
	case lib.SQLITE_RANGE:
		return "SQLITE_RANGE"
	case lib.SQLITE_NOTADB:
		return "SQLITE_NOTADB"
	}
	return fmt.Sprintf("SQLITE_UNKNOWN_ERROR_CODE(%d)", rc)
}

// extendedName returns the symbol of an extended result code that user SQL can
// meet, or the empty string.
func extendedName(rc int32) string {
	switch rc {
	case lib.SQLITE_ABORT_ROLLBACK:
		return "SQLITE_ABORT_ROLLBACK"
	case lib.SQLITE_CONSTRAINT_CHECK:
		return "SQLITE_CONSTRAINT_CHECK"
	case lib.SQLITE_CONSTRAINT_DATATYPE:
		return "SQLITE_CONSTRAINT_DATATYPE"
	case lib.SQLITE_CONSTRAINT_FOREIGNKEY:
		return "SQLITE_CONSTRAINT_FOREIGNKEY"
	case lib.SQLITE_CONSTRAINT_FUNCTION:
		return "SQLITE_CONSTRAINT_FUNCTION"
	case lib.SQLITE_CONSTRAINT_NOTNULL:
		return "SQLITE_CONSTRAINT_NOTNULL"
	case lib.SQLITE_CONSTRAINT_PINNED:
		return "SQLITE_CONSTRAINT_PINNED"
	case lib.SQLITE_CONSTRAINT_PRIMARYKEY:
		return "SQLITE_CONSTRAINT_PRIMARYKEY"
	case lib.SQLITE_CONSTRAINT_ROWID:
		return "SQLITE_CONSTRAINT_ROWID"
	case lib.SQLITE_CONSTRAINT_TRIGGER:
		return "SQLITE_CONSTRAINT_TRIGGER"
	case lib.SQLITE_CONSTRAINT_UNIQUE:
		return "SQLITE_CONSTRAINT_UNIQUE"
	case lib.SQLITE_CONSTRAINT_VTAB:
		return "SQLITE_CONSTRAINT_VTAB"
	case lib.SQLITE_CORRUPT_INDEX:
		return "SQLITE_CORRUPT_INDEX"
	case lib.SQLITE_CORRUPT_VTAB:
		return "SQLITE_CORRUPT_VTAB"
	case lib.SQLITE_ERROR_MISSING_COLLSEQ:
		return "SQLITE_ERROR_MISSING_COLLSEQ"
	case lib.SQLITE_IOERR_READ:
		return "SQLITE_IOERR_READ"
	case lib.SQLITE_IOERR_WRITE:
		return "SQLITE_IOERR_WRITE"
	case lib.SQLITE_LOCKED_VTAB:
		return "SQLITE_LOCKED_VTAB"
	}
	return ""
}
