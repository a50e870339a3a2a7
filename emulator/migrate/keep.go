package migrate

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/dodev/dodev/sqlite/snapshot"
	"github.com/dodev/dodev/sqlite/state"
)

// KeepIn has what a plan touches kept in a store of snapshots before it is
// applied: it is for [Options.Before]. Name tells what objects are called.
func (p *Plan) KeepIn(store snapshot.Store, f state.Folder, now time.Time, name func(key, id string) string) func(*state.Hold, []string, []byte) (string, error) {
	return func(h *state.Hold, keys []string, ledger []byte) (string, error) {
		return saveAs(store, f, h, snapshot.Wish{Name: p.snapshotName(), At: now, Namespaces: keys, ObjectName: name, Ledger: string(ledger)})
	}
}

// snapshotName names what is kept after the first migration that is not safe.
func (p *Plan) snapshotName() string {
	for _, s := range p.Steps {
		if s.Tag != "" && !s.Safe() {
			return "before-" + strings.Map(plainRune, s.Tag)
		}
	}
	return "before-migration"
}

// plainRune keeps what can be in a snapshot's name.
func plainRune(r rune) rune {
	if snapshot.CheckName("a"+string(r)) != nil {
		return '-'
	}
	return r
}

// saveAs saves a snapshot under the name it is wished, or that and a number when
// it is taken.
func saveAs(store snapshot.Store, f state.Folder, h *state.Hold, w snapshot.Wish) (string, error) {
	base := w.Name
	for n := 2; ; n++ {
		_, err := store.Save(f, h, w)
		if !errors.Is(err, snapshot.ErrExists) {
			return w.Name, err
		}
		w.Name = fmt.Sprintf("%s-%d", base, n)
	}
}

// An Undo returns a state folder to before the migrations that were applied
// last.
type Undo struct {
	// Applied is the last of them.
	Applied Applied
	// Before is what they touched, as it was.
	Before *snapshot.Manifest

	store snapshot.Store
	seen  *Ledger // that it was found in
}

// Errors of [Ledger.Undo].
var (
	ErrNothingApplied = errors.New("nothing was applied to this state")
	ErrNothingTouched = errors.New("touched nothing that was stored, so there is nothing to undo")
)

// Undo finds what was applied last, and what was kept of before.
func (l *Ledger) Undo(store snapshot.Store) (*Undo, error) {
	_, last, ok := l.Latest()
	if !ok {
		return nil, ErrNothingApplied
	}
	if last.Snapshot == "" {
		return nil, fmt.Errorf("%s %w", last.Title(), ErrNothingTouched)
	}
	before, err := store.Load(last.Snapshot)
	if err != nil {
		return nil, err
	}
	return &Undo{Applied: last, Before: before, store: store, seen: l}, nil
}

// Title is the tag, or what stands for it.
func (a Applied) Title() string {
	switch {
	case a.Tag != "":
		return a.Tag
	case len(a.Steps) > 0 && a.Steps[0].Kind == Adopt:
		return "taken up"
	}
	return "exports"
}

// Ledger is what was applied once it is undone.
func (u *Undo) Ledger() (*Ledger, error) {
	if u.Before.Ledger == "" {
		return &Ledger{}, nil
	}
	l, err := decodeLedger([]byte(u.Before.Ledger))
	if err != nil {
		return nil, fmt.Errorf("read the ledger of snapshot %s: %w", u.Before.Name, err)
	}
	return l, nil
}

// An Undone is what undoing did.
type Undone struct {
	snapshot.Restored
	// Snapshot is the name under which what was there until then is kept.
	Snapshot string
}

// Apply does it. The namespaces of what is to come back must be held, and the
// hold ends. What is there is kept first. The error is [ErrStale] when the ledger
// is another one by now.
func (u *Undo) Apply(f state.Folder, h *state.Hold, now time.Time, name func(key, id string) string) (done Undone, err error) {
	if err := u.seen.Current(f); err != nil {
		return done, fmt.Errorf("undo migrations: %w", err)
	}
	wish := snapshot.Wish{Name: "before-undo", At: now, Namespaces: u.Before.Namespaces, ObjectName: name}
	if wish.Ledger, err = LedgerText(f); err != nil {
		return done, fmt.Errorf("undo migrations: %w", err)
	}
	if done.Snapshot, err = saveAs(u.store, f, h, wish); err != nil {
		return done, fmt.Errorf("undo migrations: %w", err)
	}
	if done.Restored, err = u.store.Restore(f, h, u.Before, snapshot.Scope{}, LedgerFile); err != nil {
		return done, fmt.Errorf("undo migrations: %w", err)
	}
	return done, nil
}
