package sqlite

import (
	"unsafe"

	"modernc.org/libc"
	lib "modernc.org/sqlite/lib"
)

// The engine is C translated to Go: its pointers are numbers, and it may be
// handed only memory of its own allocator. This file is where both meet.

// pointer turns an address of the engine's into a pointer. The engine's memory
// lies outside Go's heap, so the collector neither moves nor frees it.
func pointer(address uintptr) unsafe.Pointer {
	return *(*unsafe.Pointer)(unsafe.Pointer(&address))
}

// view returns n bytes of the engine's memory, valid as long as the engine says.
func view(address uintptr, n int) []byte {
	if n == 0 {
		return nil
	}
	return unsafe.Slice((*byte)(pointer(address)), n)
}

// word reads the pointer-sized value at address.
func word(address uintptr) uintptr { return *(*uintptr)(pointer(address)) }

// text copies the zero-terminated string at address; 0 is the empty string.
func text(address uintptr) string { return libc.GoString(address) }

// callback returns what the engine takes for a function pointer. The engine
// does not keep f alive: the caller must, for as long as it can be called.
func callback[F any](f F) uintptr { return *(*uintptr)(unsafe.Pointer(&f)) }

// arena is a growing block of the engine's memory, refilled for every use.
type arena struct {
	start, size uintptr
	used        uintptr
}

// reserve empties the arena and makes room for n bytes, at an address that is
// never 0: the engine would take that for NULL. It reports whether
// there was memory.
func (a *arena) reserve(tls *libc.TLS, n int) bool {
	a.used = 0
	if a.start != 0 && uintptr(n) <= a.size {
		return true
	}
	a.free(tls)
	size := max(256, uintptr(n))
	if a.start = lib.Xsqlite3_malloc64(tls, lib.Tsqlite3_uint64(size)); a.start == 0 {
		return false
	}
	a.size = size
	return true
}

// add copies s into room that was reserved, and returns its address there.
func add[T string | []byte](a *arena, s T) uintptr {
	address := a.start + a.used
	copy(view(address, len(s)), s)
	a.used += uintptr(len(s))
	return address
}

// roomy is what an arena may keep between uses. More goes back, so that one large
// value does not make every open database large.
const roomy = 64 << 10

// trim frees the arena if it has grown large. Nothing may refer to it any more.
func (a *arena) trim(tls *libc.TLS) {
	if a.size > roomy {
		a.free(tls)
	}
}

func (a *arena) free(tls *libc.TLS) {
	if a.start != 0 {
		lib.Xsqlite3_free(tls, a.start)
	}
	*a = arena{}
}
