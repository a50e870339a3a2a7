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
