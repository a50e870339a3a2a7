package object

import (
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
	"io"
	"slices"
)

// jurisdictions are those that the platform has.
// https://developers.cloudflare.com/durable-objects/reference/data-location/
var jurisdictions = [...]string{"eu", "fedramp", "fedramp-high", "us"}

// Namespace mints and checks the ids of one class. Namespaces with the same
// unique key are interchangeable and equal: their ids are those that the real
// runtime gives for the same script, class and name.
//
// A jurisdiction's part of a namespace, see [Namespace.Jurisdiction], has ids of
// its own; their objects belong to the whole namespace all the same.
type Namespace struct {
	unique       string
	jurisdiction string // "" for the whole namespace
	secret       [sha256.Size]byte
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

// Parse reads an id of this namespace, or of a jurisdiction's part of it, from
// its 64 digits, in either case. The error is [ErrNotHex], [ErrOtherNamespace]
// or, from such a part, [ErrOtherJurisdiction].
func (n Namespace) Parse(s string) (ID, error) {
	id, err := Decode(s)
	if err != nil {
		return ID{}, err
	}
	if n.Owns(id) {
		return id, nil
	}
	in, ok := n.JurisdictionOf(id)
	switch {
	case !ok:
		return ID{}, ErrOtherNamespace
	case n.jurisdiction != "" && in != n.jurisdiction:
		return ID{}, ErrOtherJurisdiction
	}
	return id, nil
}

// Adopt returns the id of this namespace, or of this part of it, that has the
// first half of an id of another one.
func (n Namespace) Adopt(id ID) ID { return n.seal(id[:half]) }

// Owns reports whether id was minted by this namespace, or by this part of it.
func (n Namespace) Owns(id ID) bool { return n.seal(id[:half]) == id }

// Jurisdiction returns the part of the namespace whose objects are bound to a
// jurisdiction, "" for the whole namespace. It reports false for one that the
// platform does not have.
func (n Namespace) Jurisdiction(name string) (part Namespace, ok bool) {
	if name != "" && !slices.Contains(jurisdictions[:], name) {
		return Namespace{}, false
	}
	return n.part(name), true
}

// JurisdictionOf tells which jurisdiction an id of the namespace is bound to,
// "" for none. It reports false for an id of another namespace.
func (n Namespace) JurisdictionOf(id ID) (name string, ok bool) {
	if n.part("").Owns(id) {
		return "", true
	}
	for _, name := range jurisdictions {
		if n.part(name).Owns(id) {
			return name, true
		}
	}
	return "", false
}

// part is the namespace with the secret of a jurisdiction. Unique keys have no
// zero byte: no other namespace has that secret.
func (n Namespace) part(jurisdiction string) Namespace {
	if n.jurisdiction == jurisdiction {
		return n
	}
	key := n.unique
	if jurisdiction != "" {
		key += "\x00" + jurisdiction
	}
	return Namespace{unique: n.unique, jurisdiction: jurisdiction, secret: sha256.Sum256([]byte(key))}
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
