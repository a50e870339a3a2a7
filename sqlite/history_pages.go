package sqlite

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"maps"
	"unsafe"

	"modernc.org/libc"
	lib "modernc.org/sqlite/lib"
)

// Layout of a write-ahead log (https://www.sqlite.org/fileformat.html#walformat).
const (
	walHeaderSize   = 32
	frameHeaderSize = 24
	frameSize       = frameHeaderSize + pageSize

	walMagic = 0x377f0682 // the last bit says how checksums read numbers
)

// chunkFrames is how many frames are read at once.
const chunkFrames = 32

// rawFile is a file the engine has open, read behind its back. Opening it once
// more would do harm: closing that drops the engine's locks.
type rawFile struct {
	tls    *libc.TLS
	handle uintptr
	read   func(tls *libc.TLS, file, buffer uintptr, n int32, offset int64) int32
	length func(tls *libc.TLS, file, size uintptr) int32
}

// raw returns a connection's database file (SQLITE_FCNTL_FILE_POINTER) or its
// write-ahead log (SQLITE_FCNTL_JOURNAL_POINTER).
func (c *conn) raw(which int32) (rawFile, error) {
	if rc := lib.Xsqlite3_file_control(c.tls, c.db, 0, which, c.out); rc != lib.SQLITE_OK {
		return rawFile{}, c.failure(rc)
	}
	f := rawFile{tls: c.tls, handle: word(c.out)}
	if f.handle == 0 || word(f.handle) == 0 {
		return rawFile{}, nil // not open
	}
	methods := (*lib.Tsqlite3_io_methods)(pointer(word(f.handle)))
	f.read = *(*func(*libc.TLS, uintptr, uintptr, int32, int64) int32)(unsafe.Pointer(&struct{ uintptr }{methods.FxRead}))
	f.length = *(*func(*libc.TLS, uintptr, uintptr) int32)(unsafe.Pointer(&struct{ uintptr }{methods.FxFileSize}))
	return f, nil
}

// at reads n bytes into the engine's memory; what lies behind the file's end is
// zeros.
func (f rawFile) at(offset int64, address uintptr, n int) error {
	if rc := f.read(f.tls, f.handle, address, int32(n), offset); rc != lib.SQLITE_OK && rc != lib.SQLITE_IOERR_SHORT_READ {
		return fmt.Errorf("read pages: %s", codeName(rc&0xff))
	}
	return nil
}

// size is the file's; buffer is room for it in the engine's memory.
func (f rawFile) size(buffer uintptr) (int64, error) {
	if f.handle == 0 {
		return 0, nil
	}
	if rc := f.length(f.tls, f.handle, buffer); rc != lib.SQLITE_OK {
		return 0, fmt.Errorf("read pages: %s", codeName(rc&0xff))
	}
	return *(*int64)(pointer(buffer)), nil
}

// pages reads a database as its files have it: a page is the last frame that the
// index lists for it, or else lies in the database file. Without a connection
// it is the empty database.
type pages struct {
	conn      *conn
	main, log rawFile
	index     map[uint32]uint32 // page to frame, of the frames that count

	buffer      uintptr // the engine's memory: a chunk of frames and two pages
	first, held uint32  // the frames that the chunk holds
}

// openPages must be closed before the connection is. c may be nil.
func openPages(c *conn, index map[uint32]uint32) (*pages, error) {
	p := &pages{conn: c, index: index}
	if c == nil {
		return p, nil
	}
	var err error
	if p.main, err = c.raw(lib.SQLITE_FCNTL_FILE_POINTER); err != nil {
		return nil, err
	}
	if p.log, err = c.raw(lib.SQLITE_FCNTL_JOURNAL_POINTER); err != nil {
		return nil, err
	}
	if p.buffer = lib.Xsqlite3_malloc(c.tls, chunkFrames*frameSize+2*pageSize); p.buffer == 0 {
		return nil, errNoMemory
	}
	return p, nil
}

func (p *pages) close() {
	if p.buffer != 0 {
		lib.Xsqlite3_free(p.conn.tls, p.buffer)
		p.buffer = 0
	}
}

// scratch is the place for one of two pages outside of the chunk.
func (p *pages) scratch(i int) uintptr {
	return p.buffer + chunkFrames*frameSize + uintptr(i)*pageSize
}

// header returns the first bytes of the write-ahead log, zeros if there is none.
// They are valid until the next read into scratch 0.
func (p *pages) header() ([]byte, error) {
	if p.log.handle == 0 {
		return make([]byte, walHeaderSize), nil
	}
	if err := p.log.at(0, p.scratch(0), walHeaderSize); err != nil {
		return nil, err
	}
	return view(p.scratch(0), walHeaderSize), nil
}

// salt tells one generation of the write-ahead log from the next.
func (p *pages) salt() (uint64, error) {
	header, err := p.header()
	if err != nil {
		return 0, err
	}
	return binary.BigEndian.Uint64(header[16:]), nil
}

// frame returns a frame of the log, with its header, reading it and those behind
// it, up to last, at once. It is valid until the next call.
func (p *pages) frame(n, last uint32) ([]byte, error) {
	if n < p.first || n >= p.first+p.held {
		count := min(last-n+1, chunkFrames)
		p.held = 0
		if err := p.log.at(frameOffset(n), p.buffer, int(count)*frameSize); err != nil {
			return nil, err
		}
		p.first, p.held = n, count
	}
	return view(p.buffer+uintptr(n-p.first)*frameSize, frameSize), nil
}

// frameOffset is where frame n lies; the first is 1.
func frameOffset(n uint32) int64 { return walHeaderSize + int64(n-1)*frameSize }

// image returns the page that a frame holds, from the chunk if that has it. It
// is valid until the next read into the same scratch, or of a chunk.
func (p *pages) image(n uint32, scratch int) ([]byte, error) {
	if n >= p.first && n < p.first+p.held {
		return view(p.buffer+uintptr(n-p.first)*frameSize+frameHeaderSize, pageSize), nil
	}
	if err := p.log.at(frameOffset(n)+frameHeaderSize, p.scratch(scratch), pageSize); err != nil {
		return nil, err
	}
	return view(p.scratch(scratch), pageSize), nil
}

// page returns a page as it is on disk; a page behind the end is zeros. It is
// valid like that of image.
func (p *pages) page(number uint32, scratch int) ([]byte, error) {
	if p.conn == nil {
		if number == 1 {
			return emptyPage(), nil
		}
		return make([]byte, pageSize), nil
	}
	if n := p.index[number]; n != 0 {
		return p.image(n, scratch)
	}
	if err := p.main.at(int64(number-1)*pageSize, p.scratch(scratch), pageSize); err != nil {
		return nil, err
	}
	return view(p.scratch(scratch), pageSize), nil
}

// list notes the pages of the frames up to last in the index, and returns how
// large the database was with them, 0 if there are none.
func (p *pages) list(last uint32) (size uint32, err error) {
	for n := uint32(1); n <= last; n++ {
		f, err := p.frame(n, last)
		if err != nil {
			return 0, err
		}
		p.index[binary.BigEndian.Uint32(f)] = n
		if pages := binary.BigEndian.Uint32(f[4:]); pages != 0 {
			if pages < size {
				maps.DeleteFunc(p.index, func(number, _ uint32) bool { return number > pages })
			}
			size = pages
		}
	}
	return size, nil
}

// storedSize is the size of the database in pages, by its own file.
func (p *pages) storedSize() (uint32, error) {
	if p.conn == nil {
		return 1, nil
	}
	first, err := p.page(1, 0)
	if err != nil {
		return 0, err
	}
	if binary.BigEndian.Uint16(first[16:]) != pageSize {
		return 0, fmt.Errorf("its pages are not of %d bytes", pageSize)
	}
	if binary.BigEndian.Uint32(first[24:]) == binary.BigEndian.Uint32(first[92:]) {
		return binary.BigEndian.Uint32(first[28:]), nil
	}
	size, err := p.main.size(p.scratch(0))
	return uint32(size / pageSize), err
}

// sum returns the checksum of a database of a size.
func (p *pages) sum(size uint32) (sum uint64, err error) {
	for number := uint32(1); number <= size; number++ {
		page, err := p.page(number, 0)
		if err != nil {
			return 0, err
		}
		sum ^= pageSum(number, page)
	}
	return sum, nil
}

// pageSum is what a page adds, by XOR, to the checksum of a database. A page of
// zeros adds nothing: whether it was ever written makes no difference.
func pageSum(number uint32, page []byte) uint64 {
	if isZero(page) {
		return 0
	}
	castagnoli := crc32.MakeTable(crc32.Castagnoli)
	var head [4]byte
	binary.BigEndian.PutUint32(head[:], number)
	a := crc32.Update(crc32.ChecksumIEEE(head[:]), crc32.IEEETable, page)
	b := crc32.Update(crc32.Checksum(head[:], castagnoli), castagnoli, page)
	return uint64(a)<<32 | uint64(b)
}

func isZero(page []byte) bool {
	for ; len(page) >= 8; page = page[8:] {
		if binary.LittleEndian.Uint64(page) != 0 {
			return false
		}
	}
	return true
}

// committed returns how many frames of the log are valid and committed, as the
// engine finds it out when it opens a log that was left behind.
func (p *pages) committed() (frames uint32, err error) {
	size, err := p.log.size(p.scratch(0))
	if err != nil || size < walHeaderSize+frameSize {
		return 0, err
	}
	header, err := p.header()
	if err != nil {
		return 0, err
	}
	magic := binary.BigEndian.Uint32(header)
	var sum walSum
	if magic&1 != 0 {
		sum.order = binary.BigEndian
	} else {
		sum.order = binary.LittleEndian
	}
	sum.add(header[:24])
	salt := binary.BigEndian.Uint64(header[16:])
	if magic&^1 != walMagic || sum.value() != binary.BigEndian.Uint64(header[24:]) {
		return 0, nil
	}
	last := uint32((size - walHeaderSize) / frameSize)
	for n := uint32(1); n <= last; n++ {
		f, err := p.frame(n, last)
		if err != nil {
			return 0, err
		}
		sum.add(f[:8])
		sum.add(f[frameHeaderSize:])
		if binary.BigEndian.Uint64(f[8:]) != salt || sum.value() != binary.BigEndian.Uint64(f[16:]) {
			break
		}
		if binary.BigEndian.Uint32(f[4:]) != 0 {
			frames = n
		}
	}
	return frames, nil
}

// walSum is the running checksum of a write-ahead log.
type walSum struct {
	order  binary.ByteOrder
	s0, s1 uint32
}

func (s *walSum) add(b []byte) {
	for ; len(b) >= 8; b = b[8:] {
		s.s0 += s.order.Uint32(b) + s.s1
		s.s1 += s.order.Uint32(b[4:]) + s.s0
	}
}

func (s *walSum) value() uint64 { return uint64(s.s0)<<32 | uint64(s.s1) }
