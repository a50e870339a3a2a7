package sqlite

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math"
	"math/bits"
)

// record is one commit as a history keeps it.
type record struct {
	n     uint64 // of its bookmark
	at    int64  // microseconds since 1970
	kind  recordKind
	undo  uint64 // of a restoration: the number of the bookmark that undoes it
	size  uint32 // of the database afterwards, in pages
	count int    // pages that changed
	pages []byte // how, see appendPage
}

type recordKind uint64

const (
	written  recordKind = iota
	restored            // the database went back to an earlier state
	deleted             // the file was removed
	kindCount
)

// errDamaged says that stored history cannot be read.
var errDamaged = errors.New("the stored history is damaged")

// state is the database as it was when a block was added to its history, and how
// to recognize it.
type state struct {
	n       uint64    // of the last commit
	at      int64     // of the last commit
	size    uint32    // in pages
	sum     uint64    // of all pages, see pageSum
	file    fileStamp // of the database file
	wal     walStamp
	pending restoration
}

// fileStamp changes whenever a file is written.
type fileStamp struct{ size, modified int64 }

// walStamp names a place in a write-ahead log. The zero value says that there is
// no log.
type walStamp struct {
	salt   uint64 // of the log
	frames uint32 // archived
	check  uint64 // of the last of them; covers all before it
}

// restoration is what the next session is to begin with; undo is 0 for nothing.
type restoration struct {
	target uint64 // number of the commit to go back to
	undo   uint64 // of the bookmark that undoes it
	begun  bool   // the next commit is it
}

// appendBlock writes records and the state behind them.
func appendBlock(b []byte, records []record, s state) []byte {
	b = binary.AppendUvarint(b, uint64(len(records)))
	last := uint64(0)
	for _, r := range records {
		b = binary.AppendUvarint(b, r.n-last)
		b = binary.AppendVarint(b, r.at-int64(r.n))
		b = binary.AppendUvarint(b, uint64(r.kind))
		b = binary.AppendUvarint(b, r.undo)
		b = binary.AppendUvarint(b, uint64(r.size))
		b = binary.AppendUvarint(b, uint64(r.count))
		b = binary.AppendUvarint(b, uint64(len(r.pages)))
		b = append(b, r.pages...)
		last = r.n
	}
	return appendState(b, s)
}

func appendState(b []byte, s state) []byte {
	b = binary.AppendUvarint(b, s.n)
	b = binary.AppendVarint(b, s.at)
	b = binary.AppendUvarint(b, uint64(s.size))
	b = binary.LittleEndian.AppendUint64(b, s.sum)
	b = binary.AppendVarint(b, s.file.size)
	b = binary.AppendVarint(b, s.file.modified)
	b = binary.LittleEndian.AppendUint64(b, s.wal.salt)
	b = binary.AppendUvarint(b, uint64(s.wal.frames))
	b = binary.LittleEndian.AppendUint64(b, s.wal.check)
	b = binary.AppendUvarint(b, s.pending.target)
	b = binary.AppendUvarint(b, s.pending.undo)
	if s.pending.begun {
		return append(b, 1)
	}
	return append(b, 0)
}

// decoder reads what the append functions wrote. After the first fault it reads
// nothing but zeros.
type decoder struct {
	data []byte
	bad  bool
}

func (d *decoder) fail() { d.data, d.bad = nil, true }

func (d *decoder) uvarint() uint64 {
	v, n := binary.Uvarint(d.data)
	if n <= 0 {
		d.fail()
		return 0
	}
	d.data = d.data[n:]
	return v
}

func (d *decoder) varint() int64 {
	v, n := binary.Varint(d.data)
	if n <= 0 {
		d.fail()
		return 0
	}
	d.data = d.data[n:]
	return v
}

func (d *decoder) uint32() uint32 {
	v := d.uvarint()
	if v > math.MaxUint32 {
		d.fail()
		return 0
	}
	return uint32(v)
}

// take returns the next n bytes.
func (d *decoder) take(n uint64) []byte {
	if n > uint64(len(d.data)) {
		d.fail()
		return nil
	}
	b := d.data[:n:n]
	d.data = d.data[n:]
	return b
}

func (d *decoder) fixed() uint64 {
	b := d.take(8)
	if b == nil {
		return 0
	}
	return binary.LittleEndian.Uint64(b)
}

// decodeBlock reads a block. The records' pages are parts of data.
func decodeBlock(data []byte) (records []record, s state, err error) {
	d := decoder{data: data}
	last := uint64(0)
	for left := d.uvarint(); left > 0 && !d.bad; left-- {
		r := record{n: last + d.uvarint()}
		r.at = int64(r.n) + d.varint()
		r.kind = recordKind(d.uvarint())
		r.undo = d.uvarint()
		r.size = d.uint32()
		r.count = int(d.uint32())
		r.pages = d.take(d.uvarint())
		if r.n <= last || r.kind >= kindCount {
			d.fail()
		}
		records, last = append(records, r), r.n
	}
	s = d.state()
	if d.bad || len(d.data) > 0 {
		return nil, state{}, errDamaged
	}
	return records, s, nil
}

func (d *decoder) state() (s state) {
	s.n = d.uvarint()
	s.at = d.varint()
	s.size = d.uint32()
	s.sum = d.fixed()
	s.file = fileStamp{size: d.varint(), modified: d.varint()}
	s.wal = walStamp{salt: d.fixed(), frames: d.uint32(), check: d.fixed()}
	s.pending = restoration{target: d.uvarint(), undo: d.uvarint()}
	if b := d.take(1); len(b) == 1 {
		s.pending.begun = b[0] != 0
	}
	return s
}

// appendPage writes how a page changed: its number, counted from the previous
// one, and the bytes that differ as (gap, length, before XOR after), up to a
// length of 0. So it leads from either image to the other, and several changes
// of a page add up to one.
func appendPage(b []byte, step uint32, before, after []byte) []byte {
	b = binary.AppendUvarint(b, uint64(step))
	end := 0 // of the last difference
	for i := 0; i < pageSize; {
		start, stop := difference(before, after, i)
		if start == pageSize {
			break
		}
		b = binary.AppendUvarint(b, uint64(start-end))
		b = binary.AppendUvarint(b, uint64(stop-start))
		for at := start; at < stop; at++ {
			b = append(b, before[at]^after[at])
		}
		i, end = (stop+7)&^7, stop
	}
	return append(b, 0, 0)
}

// difference returns where two pages begin to differ, from i on, and where they
// are the same again for at least a word. i is the start of a word.
func difference(before, after []byte, i int) (start, stop int) {
	before, after = before[:pageSize], after[:pageSize]
	word := func(at int) uint64 {
		return binary.LittleEndian.Uint64(before[at:]) ^ binary.LittleEndian.Uint64(after[at:])
	}
	const stride = 256 // compared at once where all is the same
	for i < pageSize && word(i) == 0 {
		if i%stride == 0 && bytes.Equal(before[i:i+stride], after[i:i+stride]) {
			i += stride
		} else {
			i += 8
		}
	}
	if i == pageSize {
		return pageSize, pageSize
	}
	start = i + bits.TrailingZeros64(word(i))/8
	for ; i < pageSize; i += 8 {
		w := word(i)
		if w == 0 {
			break
		}
		stop = i + 8 - bits.LeadingZeros64(w)/8
	}
	return start, stop
}

// changes adds up how pages changed: page number to before XOR after.
type changes map[uint32]*[pageSize]byte

// add adds what a record did.
func (c changes) add(r record) error {
	d := decoder{data: r.pages}
	number := uint64(0)
	for range r.count {
		step := d.uvarint()
		if number += step; d.bad || step == 0 || number > math.MaxUint32 {
			return errDamaged
		}
		if err := c.addPage(uint32(number), &d); err != nil {
			return err
		}
	}
	if len(d.data) > 0 {
		return errDamaged
	}
	return nil
}

func (c changes) addPage(number uint32, d *decoder) error {
	page := c[number]
	for at := uint64(0); ; {
		gap, n := d.uvarint(), d.uvarint()
		if d.bad || gap > pageSize || n > pageSize || at+gap+n > pageSize {
			return errDamaged
		}
		if n == 0 {
			return nil
		}
		difference := d.take(n)
		if difference == nil {
			return errDamaged
		}
		if page == nil {
			page = new([pageSize]byte)
			c[number] = page
		}
		at += gap
		xor(page[at:], difference)
		at += n
	}
}

// xor changes b by a difference.
func xor(b, difference []byte) {
	b = b[:len(difference)]
	for i, d := range difference {
		b[i] ^= d
	}
}
