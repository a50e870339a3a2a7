package object

import (
	"encoding/hex"
	"errors"
)

// half is where an id's payload ends and its check begins.
const half = 16

// ID identifies an object within its namespace. Its second half authenticates
// the first, so that an id of another namespace is told from a valid one
// without a register of ids. The zero value is no object's id.
type ID [2 * half]byte

// Errors of [Namespace.Parse]. Their texts are the platform's, which throws
// them as TypeErrors.
var (
	ErrNotHex         = errors.New("Invalid Durable Object ID: must be 64 hex digits")
	ErrOtherNamespace = errors.New("Durable Object ID is not valid for this namespace.")
	// The platform says this of get; of Parse only that it is refused.
	ErrOtherJurisdiction = errors.New("idFromString called on jurisdictional subnamespace with an ID from a different jurisdiction")
)

// String returns the 64 lower-case hexadecimal digits by which the platform
// shows the id, and which name the object's file.
func (id ID) String() string { return hex.EncodeToString(id[:]) }

// IsZero reports whether id is the zero value.
func (id ID) IsZero() bool { return id == ID{} }

// Decode reads 64 hexadecimal digits of either case, without asking which
// namespace they belong to. The error is [ErrNotHex].
func Decode(s string) (ID, error) {
	var id ID
	if len(s) != hex.EncodedLen(len(id)) {
		return ID{}, ErrNotHex
	}
	if _, err := hex.Decode(id[:], []byte(s)); err != nil {
		return ID{}, ErrNotHex
	}
	return id, nil
}
