//go:build unix

package quickjs

import "syscall"

// mapMemory gives n bytes of zeros that are not Go's.
func mapMemory(n int) ([]byte, error) {
	return syscall.Mmap(-1, 0, n, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
}

// unmapMemory gives back what mapMemory gave, which is all that can go wrong.
func unmapMemory(b []byte) { _ = syscall.Munmap(b) }
