package inspect

import (
	"context"
	"path/filepath"
	"time"
)

// A Keeper keeps what is stored as snapshots, and puts it back. While a server
// runs, a snapshot is of one instant, and restoring needs no restart.
type Keeper interface {
	// Keep saves what a scope stores under a name that is free.
	Keep(ctx context.Context, s Saving) (Kept, error)
	// Restore puts back what a snapshot has of a scope. Objects that it is about
	// end, and begin anew with the next event.
	Restore(ctx context.Context, s Saving) (Restored, error)
	// Snapshots lists what was kept, the latest first.
	Snapshots(ctx context.Context) ([]Kept, error)
	// Contents lists the objects of a snapshot.
	Contents(ctx context.Context, name string) (Contents, error)
	// Differences compares what a snapshot has with what another one has, or with
	// what is stored now.
	Differences(ctx context.Context, d Differing) (Differences, error)
	// Discard deletes a snapshot.
	Discard(ctx context.Context, name string) error
}

// A Saving names a snapshot, and what of it, or of what is stored, is meant.
type Saving struct {
	Name string `json:"name"`
	// Namespace and ID narrow it to a class, or to an object of it.
	Namespace string `json:"namespace,omitempty"`
	ID        string `json:"id,omitempty"`
}

// A Kept is a snapshot.
type Kept struct {
	Name    string    `json:"name"`
	At      time.Time `json:"at"`
	Objects int       `json:"objects"`
	Bytes   int64     `json:"sizeBytes"`
	// Whole says that it is of everything; else it is of Namespaces, and with
	// Part of some of their objects.
	Whole      bool     `json:"whole"`
	Part       bool     `json:"part,omitempty"`
	Namespaces []string `json:"namespaces,omitempty"`
	// Problem says why it cannot be read, "" when it can.
	Problem string `json:"problem,omitempty"`
}

// Contents are what a snapshot has.
type Contents struct {
	Kept
	State string       `json:"stateDir"` // that it was taken of
	Has   []KeptObject `json:"has"`
}

// A KeptObject is an object in a snapshot.
type KeptObject struct {
	Ref    Ref        `json:"ref"`
	Object string     `json:"object"` // its label
	Name   string     `json:"name"`   // "" when it is not known
	Bytes  int64      `json:"sizeBytes"`
	Alarm  *time.Time `json:"alarm"`
}

// A Differing says what of a snapshot to compare, and with what.
type Differing struct {
	Saving
	Other string `json:"other,omitempty"` // another snapshot; "" is what is stored now
	// Touched asks for the objects alone whose files are not those of the
	// snapshot: those that restoring it would write or remove. They may store the
	// same all the same.
	Touched bool `json:"touched,omitempty"`
	// Limit is how many keys and rows are told of at most, 0 for all.
	Limit int `json:"limit,omitempty"`
}

// Differences are what differs, by object: what the snapshot has is before.
type Differences struct {
	Objects []ObjectDiff `json:"objects"`
	// More says that the limit was reached, and that more may differ.
	More bool `json:"more,omitempty"`
}

// A Restored is what restoring did.
type Restored struct {
	Objects int `json:"objects"` // that are as they were
	Written int `json:"written"` // of them, that had changed or were gone
	Removed int `json:"removed"` // that were not there when the snapshot was taken
}

// SnapshotDir is where a project keeps its snapshots: beside its configuration,
// or, without one, beside the state folder.
func (p Project) SnapshotDir() string {
	beside := filepath.Dir(p.Config)
	if p.Config == "" {
		beside = filepath.Dir(p.State)
	}
	return filepath.Join(beside, ".dodev", "snapshots")
}
