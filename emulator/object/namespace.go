package object

import (
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
)

// ErrJurisdiction is what the local platform answers to any jurisdiction.
var ErrJurisdiction = errors.New("Jurisdiction restrictions are not implemented in workerd.")

// Namespace mints and checks the ids of one class. Namespaces with the same
// unique key are interchangeable and equal: their ids are those that the real
// runtime gives for the same script, class and name.
type Namespace struct {
	unique string
	secret [sha256.Size]byte
}

// NewNamespace returns the namespace of a class of a script.
func NewNamespace(script, class string) Namespace {
	unique := script + "-" + class
	return Namespace{unique: unique, secret: sha256.Sum256([]byte(unique))}
}

// UniqueKey returns "<script>-<Class>", which also names the namespace's folder.
func (n Namespace) UniqueKey() string { return n.unique }

// FromName returns the id of the object called name: the same one every time.
func (n Namespace) FromName(name string) ID {
	sum := n.mac([]byte(name))
	return n.seal(sum[:half])
}

// Unique returns an id made of 16 bytes from random. The error is random's.
func (n Namespace) Unique(random io.Reader) (ID, error) {
	var payload [half]byte
	if _, err := io.ReadFull(random, payload[:]); err != nil {
		return ID{}, fmt.Errorf("make unique id: %w", err)
	}
	return n.seal(payload[:]), nil
}

// Parse reads an id of this namespace from its 64 digits, in either case. The
// error is [ErrNotHex] or [ErrOtherNamespace].
func (n Namespace) Parse(s string) (ID, error) {
	id, err := Decode(s)
	if err != nil {
		return ID{}, err
	}
	if !n.Owns(id) {
		return ID{}, ErrOtherNamespace
	}
	return id, nil
}

// Adopt returns the id of this namespace that has the first half of an id of
// another one.
func (n Namespace) Adopt(id ID) ID { return n.seal(id[:half]) }

// Owns reports whether id was minted by this namespace.
func (n Namespace) Owns(id ID) bool { return n.seal(id[:half]) == id }

// Jurisdiction returns the part of the namespace bound to a jurisdiction. The
// empty one is the whole namespace; any other is [ErrJurisdiction], since the
// local runtime implements none.
func (n Namespace) Jurisdiction(name string) (Namespace, error) {
	if name != "" {
		return Namespace{}, ErrJurisdiction
	}
	return n, nil
}

// Ref returns the ref of one of the namespace's objects; name may be empty.
func (n Namespace) Ref(id ID, name string) Ref {
	return Ref{Namespace: n.unique, ID: id, Name: name}
}

// seal completes a payload of half an id with its check.
func (n Namespace) seal(payload []byte) ID {
	var id ID
	copy(id[:half], payload)
	sum := n.mac(id[:half])
	copy(id[half:], sum[:half])
	return id
}

func (n Namespace) mac(data []byte) []byte {
	h := hmac.New(sha256.New, n.secret[:])
	h.Write(data)
	return h.Sum(nil)
}
