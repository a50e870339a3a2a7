//go:build unix

package sqlite

import (
	"io"
	"os"

	"golang.org/x/sys/unix"
)

// heldByOther reports whether another process holds a lock on a byte of a file.
func heldByOther(f *os.File, at int64) bool {
	lock := unix.Flock_t{Type: unix.F_WRLCK, Whence: io.SeekStart, Start: at, Len: 1}
	return unix.FcntlFlock(f.Fd(), unix.F_GETLK, &lock) == nil && lock.Type != unix.F_UNLCK
}
