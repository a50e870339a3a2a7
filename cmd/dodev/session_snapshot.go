package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/dodev/dodev/devserver/inspect"
	"github.com/dodev/dodev/emulator/names"
	"github.com/dodev/dodev/sqlite/snapshot"
	"github.com/dodev/dodev/sqlite/state"
)

// beginWithSnapshot has the session run on a copy of the snapshot it is to begin
// with, which forget removes.
func (s *session) beginWithSnapshot() (forget func(), err error) {
	if s.opts.snapshot == "" {
		return func() {}, nil
	}
	store := snapshot.Store{Dir: inspect.Project{Config: s.configs[0]}.SnapshotDir()}
	m, err := store.Load(s.opts.snapshot)
	if err != nil {
		return nil, hinted{err, "`dodev snapshot list` shows those there are"}
	}
	// Beside the state folder, so that files can share what the file system lets
	// them share.
	beside := filepath.Dir(s.stateDir)
	if err := os.MkdirAll(beside, 0o777); err != nil {
		return nil, fmt.Errorf("begin with a snapshot: %w", err)
	}
	dir, err := os.MkdirTemp(beside, "state-of-"+m.Name+"-")
	if err != nil {
		return nil, fmt.Errorf("begin with a snapshot: %w", err)
	}
	s.stateDir = dir
	forget = func() { _ = os.RemoveAll(dir) }
	if err := errors.Join(store.Extract(m, state.Folder{Dir: dir}), rememberNames(m, dir)); err != nil {
		forget()
		return nil, err
	}
	return forget, nil
}

// rememberNames has a state folder know what the objects of a snapshot are
// called.
func rememberNames(m *snapshot.Manifest, dir string) error {
	book := names.Open(names.Dir(dir))
	m.EachName(snapshot.Scope{}, book.NoteID)
	return book.Close()
}
