package sqlite

import (
	"math"
	"strconv"
	"time"
)

// Rows of the metadata table.
const (
	alarmRow    = 1
	bookmarkRow = 2
)

// Alarm returns when the object is to be woken; ok is false if no alarm is set.
func (o *Object) Alarm() (at time.Time, ok bool, err error) {
	ns, ok, err := o.metadata(alarmRow)
	if !ok || err != nil {
		return time.Time{}, false, err
	}
	return time.Unix(0, ns), true, nil
}

// SetAlarm sets when the object is to be woken, to the nanosecond.
func (o *Object) SetAlarm(at time.Time) error {
	ns := at.UnixNano()
	return o.setMetadata(alarmRow, &ns)
}

// ClearAlarm unsets the alarm. It writes nothing if none is set.
func (o *Object) ClearAlarm() error {
	if _, ok, err := o.metadata(alarmRow); !ok || err != nil {
		return err
	}
	return o.setMetadata(alarmRow, nil)
}

// WriteNoAlarm is ClearAlarm that writes down that no alarm is set, if that is not
// written yet.
func (o *Object) WriteNoAlarm() error {
	if set, written, err := o.metadataRow(alarmRow); err != nil || written && set == nil {
		return err
	}
	return o.setMetadata(alarmRow, nil)
}

// NextBookmark returns a bookmark that sorts behind all it returned before, in
// the platform's form. Like the real runtime's local one it marks no state that
// could be gone back to.
func (o *Object) NextBookmark() (string, error) {
	if err := o.begin(); err != nil {
		return "", err
	}
	n, ok, err := o.metadata(bookmarkRow)
	if err != nil {
		return "", err
	}
	if ok {
		n++
	}
	if err := o.setMetadata(bookmarkRow, &n); err != nil {
		return "", err
	}
	return bookmark(uint64(n)), nil
}

// bookmark writes a counter the way bookmarks look: four groups of hexadecimal
// digits, of which the first two count.
func bookmark(n uint64) string {
	hex := func(v uint64) string {
		digits := strconv.FormatUint(v, 16)
		return "00000000"[len(digits):] + digits
	}
	const rest = "00000000-00000000000000000000000000000000"
	return hex(n/math.MaxUint32) + "-" + hex(n%math.MaxUint32) + "-" + rest
}

func (o *Object) metadata(row int64) (value int64, ok bool, err error) {
	v, _, err := o.metadataRow(row)
	if v == nil || err != nil {
		return 0, false, err
	}
	return *v, true, nil
}

// metadataRow gives what a row holds, nil for NULL, and whether there is one.
func (o *Object) metadataRow(row int64) (value *int64, ok bool, err error) {
	if ok, err := o.readable(metadataTable); !ok || err != nil {
		return nil, false, err
	}
	s, err := o.statement(metadataGet)
	if err != nil {
		return nil, false, err
	}
	defer s.reset()
	s.bindInteger(1, row)
	more, err := s.step()
	if err != nil || !more {
		return nil, false, err
	}
	if s.kind(0) == Null {
		return nil, true, nil
	}
	n := s.integer(0)
	return &n, true, nil
}

func (o *Object) setMetadata(row int64, value *int64) error {
	if err := o.begin(); err != nil {
		return err
	}
	if err := o.need(metadataTable, createMetadata); err != nil {
		return err
	}
	s, err := o.statement(metadataPut)
	if err != nil {
		return err
	}
	s.bindInteger(1, row)
	s.bindNull(2)
	if value != nil {
		s.bindInteger(2, *value)
	}
	err = s.once()
	o.inspect(err)
	return err
}

// Name returns the object's name if the other tool left it in the file.
func (o *Object) Name() (name string, ok bool, err error) {
	if ok, err := o.readable(nameTableID); !ok || err != nil {
		return "", false, err
	}
	s, err := o.statement(nameGet)
	if err != nil {
		return "", false, err
	}
	defer s.reset()
	more, err := s.step()
	if err != nil || !more || s.kind(0) != Text {
		return "", false, err
	}
	return string(s.bytes(0)), true, nil
}

// Rename changes the object's name in the file, if the other tool left one there.
func (o *Object) Rename(name string) error {
	if ok, err := o.readable(nameTableID); !ok || err != nil {
		return err
	}
	if err := o.begin(); err != nil {
		return err
	}
	s, err := o.statement(namePut)
	if err != nil {
		return err
	}
	if err := s.bind([]Value{{Kind: Text, Text: name}}); err != nil {
		return err
	}
	err = s.once()
	o.inspect(err)
	return err
}

// Size returns the bytes that the database takes, without what was freed.
func (o *Object) Size() (int64, error) {
	if ok, err := o.exists(); !ok || err != nil {
		return pageSize, err
	}
	pages, err := o.number(countPages)
	if err != nil {
		return 0, err
	}
	free, err := o.number(countFree)
	return (pages - free) * pageSize, err
}

// number executes a statement that returns one integer.
func (o *Object) number(id statementID) (int64, error) {
	s, err := o.statement(id)
	if err != nil {
		return 0, err
	}
	defer s.reset()
	if _, err := s.step(); err != nil {
		return 0, err
	}
	return s.integer(0), nil
}
