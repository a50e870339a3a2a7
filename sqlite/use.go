package sqlite

import (
	"os"
	"path/filepath"
)

// InUse reports whether another process has the namespace in folder open, as a
// running server has. It takes no lock, so that it is in nobody's way, and may
// miss who is there: what locks is refused all the same. This process is not to
// have the namespace's index open meanwhile: closing a file gives up all locks
// that a process has on it.
func InUse(folder string) bool {
	// Whoever has a database open in WAL mode holds a byte of this file.
	f, err := os.Open(filepath.Join(folder, "metadata.sqlite-shm"))
	if err != nil {
		return false
	}
	defer f.Close()
	return heldByOther(f, deadManByte)
}

// deadManByte is the byte of a -shm file that each connection holds for as long
// as it is open: UNIX_SHM_DMS of SQLite's sources.
const deadManByte = 128
