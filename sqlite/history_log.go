package sqlite

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// historyLog is the file that keeps one object's history: a header, then blocks
// of commits, oldest first. docs/formats.md lays it down. The file is open only
// while it is read or written.
type historyLog struct {
	path  string
	id    historyID
	base  base
	end   int64 // of the last good block
	state state // after it
}

// base is the state before the first commit that is kept.
type base struct {
	n        uint64
	at       int64 // microseconds since 1970
	size     uint32
	complete bool // it is the empty database: the object had no past
}

const (
	historyMagic   = "dodevhis"
	historyVersion = 1
	// historyHeader is the size of the header: magic, version, id, number, time,
	// size, flags, checksum.
	historyHeader = 8 + 4 + 16 + 8 + 8 + 4 + 4 + 4
	// A block is framed by its length and checksum before, and its length behind.
	blockBefore, blockAfter = 8, 4
)

// errNewerHistory says that a later version of this program wrote the file.
var errNewerHistory = errors.New("the history was written by a newer version")

func (l *historyLog) header() []byte {
	b := make([]byte, 0, historyHeader)
	b = append(b, historyMagic...)
	b = binary.LittleEndian.AppendUint32(b, historyVersion)
	b = append(b, l.id[:]...)
	b = binary.LittleEndian.AppendUint64(b, l.base.n)
	b = binary.LittleEndian.AppendUint64(b, uint64(l.base.at))
	b = binary.LittleEndian.AppendUint32(b, l.base.size)
	flags := uint32(0)
	if l.base.complete {
		flags = 1
	}
	b = binary.LittleEndian.AppendUint32(b, flags)
	return binary.LittleEndian.AppendUint32(b, checksum(b))
}

func (l *historyLog) parseHeader(b []byte) error {
	if len(b) < historyHeader || !bytes.HasPrefix(b, []byte(historyMagic)) {
		return errDamaged
	}
	if binary.LittleEndian.Uint32(b[8:]) > historyVersion {
		return errNewerHistory
	}
	if checksum(b[:historyHeader-4]) != binary.LittleEndian.Uint32(b[historyHeader-4:]) {
		return errDamaged
	}
	copy(l.id[:], b[12:])
	l.base = base{
		n:        binary.LittleEndian.Uint64(b[28:]),
		at:       int64(binary.LittleEndian.Uint64(b[36:])),
		size:     binary.LittleEndian.Uint32(b[44:]),
		complete: binary.LittleEndian.Uint32(b[48:])&1 != 0,
	}
	return nil
}

func checksum(b []byte) uint32 { return crc32.Checksum(b, crc32.MakeTable(crc32.Castagnoli)) }

// frameBlock returns a block with its frame. block begins with blockBefore bytes
// of room.
func frameBlock(block []byte) []byte {
	payload := block[blockBefore:]
	binary.LittleEndian.PutUint32(block, uint32(len(payload)))
	binary.LittleEndian.PutUint32(block[4:], checksum(payload))
	return binary.LittleEndian.AppendUint32(block, uint32(len(payload)))
}

// unframe takes the first block off data.
func unframe(data []byte) (payload, rest []byte, err error) {
	if len(data) < blockBefore+blockAfter {
		return nil, nil, errDamaged
	}
	n := uint64(binary.LittleEndian.Uint32(data))
	if n > uint64(len(data)-blockBefore-blockAfter) {
		return nil, nil, errDamaged
	}
	payload, rest = data[blockBefore:blockBefore+n], data[blockBefore+n+blockAfter:]
	if checksum(payload) != binary.LittleEndian.Uint32(data[4:]) {
		return nil, nil, errDamaged
	}
	return payload, rest, nil
}

// openLog reads the header and the last state of a log. The error is
// fs.ErrNotExist when there is none.
func openLog(path string) (*historyLog, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	l := &historyLog{path: path}
	head := make([]byte, historyHeader)
	if _, err := io.ReadFull(f, head); err != nil {
		return nil, errDamaged
	}
	if err := l.parseHeader(head); err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if _, _, l.state, err = lastBlock(f, info.Size()); err == nil {
		l.end = info.Size()
		return l, nil
	}
	return l, l.recover(f)
}

// lastBlock reads the block that ends at an offset, and returns where it begins.
func lastBlock(f io.ReaderAt, end int64) (start int64, records []record, s state, err error) {
	var tail [blockAfter]byte
	if end < historyHeader+blockBefore+blockAfter {
		return 0, nil, s, errDamaged
	}
	if _, err := f.ReadAt(tail[:], end-blockAfter); err != nil {
		return 0, nil, s, err
	}
	start = end - blockBefore - blockAfter - int64(binary.LittleEndian.Uint32(tail[:]))
	if start < historyHeader {
		return 0, nil, s, errDamaged
	}
	block := make([]byte, end-start)
	if _, err := f.ReadAt(block, start); err != nil {
		return 0, nil, s, err
	}
	payload, rest, err := unframe(block)
	if err != nil || len(rest) > 0 {
		return 0, nil, s, errDamaged
	}
	records, s, err = decodeBlock(payload)
	return start, records, s, err
}

// recover finds the last good block of a log whose end was cut off.
func (l *historyLog) recover(f *os.File) error {
	data, err := os.ReadFile(f.Name())
	if err != nil {
		return err
	}
	rest := data[historyHeader:]
	for {
		payload, behind, err := unframe(rest)
		if err != nil {
			break
		}
		_, s, err := decodeBlock(payload)
		if err != nil {
			break
		}
		l.state, rest = s, behind
		l.end = int64(len(data) - len(rest))
	}
	if l.end == 0 {
		return errDamaged
	}
	return os.Truncate(l.path, l.end)
}

// create writes a log that has only its base, and l's state.
func (l *historyLog) create() error {
	if err := os.MkdirAll(filepath.Dir(l.path), 0o777); err != nil {
		return err
	}
	data := append(l.header(), frameBlock(appendBlock(make([]byte, blockBefore), nil, l.state))...)
	l.end = int64(len(data))
	return replaceFile(l.path, data)
}

// add appends commits and the state after them.
func (l *historyLog) add(records []record, s state) error {
	block := frameBlock(appendBlock(make([]byte, blockBefore, 256), records, s))
	f, err := os.OpenFile(l.path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = f.WriteAt(block, l.end)
	if err := errors.Join(err, f.Close()); err != nil {
		return err
	}
	l.end += int64(len(block))
	l.state = s
	return nil
}

// undoLast forgets the last block if it has only what the removal of a file did,
// which then did not happen, and returns whether it was so.
func (l *historyLog) undoLast() (bool, error) {
	f, err := os.OpenFile(l.path, os.O_RDWR, 0)
	if err != nil {
		return false, err
	}
	defer f.Close()
	start, records, _, err := lastBlock(f, l.end)
	if err != nil || len(records) != 1 || records[0].kind != deleted {
		return false, err
	}
	_, _, s, err := lastBlock(f, start)
	if err != nil {
		return false, err
	}
	l.end, l.state = start, s
	return true, f.Truncate(start)
}

// each calls fn for every block that is kept, oldest first, until it returns
// false. end is where the block ends in the file.
func (l *historyLog) each(fn func(records []record, s state, end int64) bool) error {
	data, err := os.ReadFile(l.path)
	if err != nil {
		return err
	}
	if int64(len(data)) < l.end {
		return errDamaged
	}
	rest := data[historyHeader:l.end]
	for len(rest) > 0 {
		var payload []byte
		if payload, rest, err = unframe(rest); err != nil {
			return err
		}
		records, s, err := decodeBlock(payload)
		if err != nil {
			return err
		}
		if !fn(records, s, l.end-int64(len(rest))) {
			return nil
		}
	}
	return nil
}

// first returns the state after the oldest block.
func (l *historyLog) first() (s state, err error) {
	f, err := os.Open(l.path)
	if err != nil {
		return s, err
	}
	defer f.Close()
	var length [4]byte
	if _, err := f.ReadAt(length[:], historyHeader); err != nil {
		return s, err
	}
	n := int64(binary.LittleEndian.Uint32(length[:])) + blockBefore + blockAfter
	if historyHeader+n > l.end {
		return s, errDamaged
	}
	_, _, s, err = lastBlock(f, historyHeader+n)
	return s, err
}

// backwards calls fn for every commit that is kept, the latest first, until it
// returns false. No more is read than that takes: what people ask about is
// mostly of a moment ago.
func (l *historyLog) backwards(fn func(r record) bool) error {
	f, err := os.Open(l.path)
	if err != nil {
		return err
	}
	defer f.Close()
	for end := l.end; end > historyHeader; {
		start, records, _, err := lastBlock(f, end)
		if err != nil {
			return err
		}
		for _, r := range slices.Backward(records) {
			if !fn(r) {
				return nil
			}
		}
		end = start
	}
	return nil
}

// trim drops the oldest commits until at most size bytes are left of them, and
// those that are older than a time. What is left begins with a whole block.
func (l *historyLog) trim(size, oldest int64) error {
	cut, from := int64(0), l.base
	err := l.each(func(_ []record, s state, end int64) bool {
		if l.end-cut-historyHeader <= size && s.at >= oldest {
			return false
		}
		cut, from = end-historyHeader, base{n: s.n, at: s.at, size: s.size}
		return true
	})
	if err != nil || cut == 0 {
		return err
	}
	if l.base = from; l.end == historyHeader+cut {
		return l.create()
	}
	data, err := os.ReadFile(l.path)
	if err != nil {
		return err
	}
	if err := replaceFile(l.path, append(l.header(), data[historyHeader+cut:l.end]...)); err != nil {
		return err
	}
	l.end -= cut
	return nil
}

// replaceFile puts a file in place of another at once.
func replaceFile(path string, data []byte) error {
	next := path + ".new"
	err := os.WriteFile(next, data, 0o666)
	if err == nil {
		err = os.Rename(next, path)
	}
	if err != nil {
		_ = os.Remove(next)
		return fmt.Errorf("write history: %w", err)
	}
	return nil
}

// stampOf returns a file's size and time of change, zeros if it is not there.
func stampOf(path string) (fileStamp, error) {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return fileStamp{}, nil
	}
	if err != nil {
		return fileStamp{}, err
	}
	return fileStamp{size: info.Size(), modified: info.ModTime().UnixNano()}, nil
}
