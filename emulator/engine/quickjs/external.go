package quickjs

import (
	"unsafe"

	"modernc.org/libc"
	lib "modernc.org/libquickjs"

	"github.com/dodev/dodev/emulator/engine"
)

// externals are what an isolate has of memory beside its heap.
type externals struct {
	alive  map[*external]struct{}
	blocks map[uintptr]*block
	size   int64 // of all blocks

	collectAt int64 // at which size there is to be a collection
}

// collectStep is how much may be allocated between two collections for it. The
// engine does not know what its objects hold here.
const collectStep = 32 << 20

// A block is memory of an external. The external holds it, and so does every
// ArrayBuffer made of it: a script may move a buffer's memory to another one,
// which then outlives the external.
//
// It is mapped, not allocated: what nobody touches costs nothing, and WebAssembly
// asks for much more than it touches.
type block struct {
	mem     []byte
	used    int // beyond it all is zero
	holders int
}

func (b *block) address() uintptr { return uintptr(unsafe.Pointer(&b.mem[0])) }

// An external is engine.External.
type external struct {
	v      *vm
	block  *block // nil while it is empty
	length int
	buffer lib.TJSValue // undefined until it is asked for
}

// NewExternal implements engine.VM.
func (v *vm) NewExternal() engine.External {
	x := &external{v: v, buffer: undefined}
	if v.externals.alive == nil {
		v.externals.alive, v.externals.blocks = map[*external]struct{}{}, map[uintptr]*block{}
	}
	v.externals.alive[x] = struct{}{}
	return x
}

func (x *external) Bytes() []byte {
	if x.block == nil {
		return nil
	}
	return x.block.mem[:x.length]
}

func (x *external) Resize(n int) bool {
	if x.block == nil || n > len(x.block.mem) {
		larger := x.v.newBlock(n, x.block)
		if larger == nil {
			return false
		}
		larger.used = copy(larger.mem, x.Bytes())
		x.detach()
		x.drop()
		x.block = larger
	}
	x.detach()
	if x.length < x.block.used {
		clear(x.block.mem[x.length:x.block.used])
	}
	x.length, x.block.used = n, n
	return true
}

func (x *external) Free() {
	x.v.free(x.buffer)
	x.buffer = undefined
	x.drop()
	x.length = 0
	delete(x.v.externals.alive, x)
}

// drop lets go of the block.
func (x *external) drop() {
	if x.block != nil {
		x.v.release(x.block)
	}
	x.block = nil
}

// detach empties the buffer that scripts hold.
func (x *external) detach() {
	if isUndefined(x.buffer) {
		return
	}
	lib.XJS_DetachArrayBuffer(x.v.tls, x.v.ctx, x.buffer)
	x.v.free(x.buffer)
	x.buffer = undefined
}

// ReturnExternal implements engine.Call.
func (c *call) ReturnExternal(e engine.External) {
	x, ok := e.(*external)
	if !ok {
		return
	}
	if isUndefined(x.buffer) {
		x.buffer = x.newBuffer()
	}
	c.set(c.v.dup(x.buffer))
}

func (x *external) newBuffer() lib.TJSValue {
	v := x.v
	if x.block == nil || x.length == 0 {
		return v.newBuffer(nil)
	}
	x.block.holders++
	return lib.XJS_NewArrayBuffer(v.tls, v.ctx, x.block.address(), lib.Tsize_t(x.length), fp(onBufferFreed), uintptr(v.handle), 0)
}

// onBufferFreed is called by the engine when an ArrayBuffer of a block dies or
// is detached.
func onBufferFreed(_ *libc.TLS, _, opaque, p uintptr) {
	v := isolates.get(opaque)
	if b := v.externals.blocks[p]; b != nil {
		v.release(b)
	}
}

// newBlock allocates at least n bytes, with room to grow for what has grown
// before. It answers nil where there is no room.
func (v *vm) newBlock(n int, old *block) *block {
	if v.externals.size+int64(n) > v.externals.collectAt {
		lib.XJS_RunGC(v.tls, v.rt)
		v.externals.collectAt = v.externals.size + collectStep
	}
	for _, size := range []int{roomy(n, old), n} {
		if !v.fits(size, old) {
			continue
		}
		if mem, err := mapMemory(max(size, 1)); err == nil {
			b := &block{mem: mem, holders: 1}
			v.externals.blocks[b.address()] = b
			v.account(len(mem))
			return b
		}
	}
	return nil
}

func roomy(n int, old *block) int {
	if old == nil {
		return n
	}
	return max(n, len(old.mem)+len(old.mem)/4)
}

// fits tells whether size bytes may take the place of a block.
func (v *vm) fits(size int, old *block) bool {
	if v.memLimit <= 0 {
		return true
	}
	used := v.Memory().Used
	if old != nil {
		used -= int64(len(old.mem))
	}
	return used+int64(size) <= v.memLimit
}

// account adds to what all blocks hold, and leaves the heap the rest of the
// limit.
func (v *vm) account(size int) {
	v.externals.size += int64(size)
	if v.memLimit > 0 {
		lib.XJS_SetMemoryLimit(v.tls, v.rt, lib.Tsize_t(max(v.memLimit-v.externals.size, 1)))
	}
}

func (v *vm) release(b *block) {
	if b.holders--; b.holders > 0 {
		return
	}
	delete(v.externals.blocks, b.address())
	v.account(-len(b.mem))
	v.externals.collectAt = min(v.externals.collectAt, v.externals.size+collectStep)
	unmapMemory(b.mem)
}

// dropExternals frees what nobody has freed. Blocks that buffers still hold go
// with them.
func (v *vm) dropExternals() {
	for x := range v.externals.alive {
		x.Free()
	}
}
