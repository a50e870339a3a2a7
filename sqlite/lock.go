package sqlite

import (
	"fmt"
	"os"
	"path/filepath"

	lib "modernc.org/sqlite/lib"
)

// A Lock keeps other processes out as long as it is held. It ends with its
// process, however that ends.
type Lock struct{ conn *conn }

// TakeLock takes the lock that is the file at path, which it creates if need be.
// The error is a [LockedError] when another process, or another Lock of this
// one, has it.
func TakeLock(path string) (*Lock, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return nil, fmt.Errorf("take a lock: %w", err)
	}
	c, err := openConn(path, lib.SQLITE_OPEN_READWRITE|lib.SQLITE_OPEN_CREATE)
	if err != nil {
		return nil, err
	}
	// A journal on disk would need space on a disk that may be full.
	if err := c.run("PRAGMA journal_mode=MEMORY;BEGIN EXCLUSIVE"); err != nil {
		c.close()
		return nil, describe(path, err)
	}
	return &Lock{c}, nil
}

// Release gives the lock back. Doing it twice is harmless.
func (l *Lock) Release() { l.conn.close() }
