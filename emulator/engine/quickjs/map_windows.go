package quickjs

import (
	"unsafe"

	"golang.org/x/sys/windows"
)

// mapMemory gives n bytes of zeros that are not Go's.
func mapMemory(n int) ([]byte, error) {
	p, err := windows.VirtualAlloc(0, uintptr(n), windows.MEM_RESERVE|windows.MEM_COMMIT, windows.PAGE_READWRITE)
	if err != nil {
		return nil, err
	}
	return unsafe.Slice((*byte)(at(p)), n), nil
}

// unmapMemory gives back what mapMemory gave, which is all that can go wrong.
func unmapMemory(b []byte) {
	_ = windows.VirtualFree(uintptr(unsafe.Pointer(&b[0])), 0, windows.MEM_RELEASE)
}
