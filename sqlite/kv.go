package sqlite

import lib "modernc.org/sqlite/lib"

// Get returns a copy of the value stored under key; ok is false if there is none.
func (o *Object) Get(key string) (value []byte, ok bool, err error) {
	if ok, err := o.readable(kvTable); !ok || err != nil {
		return nil, false, err
	}
	s, err := o.bindKey(kvGet, key, nil)
	if err != nil {
		return nil, false, err
	}
	defer s.reset()
	more, err := s.step()
	if err != nil || !more {
		return nil, false, err
	}
	return append([]byte{}, s.bytes(0)...), true, nil
}

// Put stores a value under key, replacing the one that was there.
func (o *Object) Put(key string, value []byte) error {
	if o.opts.Trace != nil {
		o.opts.Trace("sqlite.(*Object).Put")
	}
	if err := o.begin(); err != nil {
		return err
	}
	if err := o.need(kvTable, createKV); err != nil {
		return err
	}
	s, err := o.bindKey(kvPut, key, value)
	if err != nil {
		return err
	}
	err = s.once()
	o.conn.scratch.trim(o.conn.tls)
	o.inspect(err)
	return err
}

// Delete removes the pair under key and reports whether there was one.
func (o *Object) Delete(key string) (deleted bool, err error) {
	if ok, err := o.readable(kvTable); !ok || err != nil {
		return false, err
	}
	if err := o.begin(); err != nil {
		return false, err
	}
	s, err := o.bindKey(kvDelete, key, nil)
	if err != nil {
		return false, err
	}
	if err := s.once(); err != nil {
		o.inspect(err)
		return false, err
	}
	return lib.Xsqlite3_changes(o.conn.tls, o.conn.db) > 0, nil
}

// readable reports whether a table exists, opening the database if there is one.
func (o *Object) readable(t table) (bool, error) {
	if ok, err := o.exists(); !ok || err != nil {
		return false, err
	}
	return o.has(t)
}

// bindKey readies a statement with a key for its first parameter and, if it has
// a second, value for that. The statement must finish before the next is bound.
func (o *Object) bindKey(id statementID, key string, value []byte) (*stmt, error) {
	s, err := o.statement(id)
	if err != nil {
		return nil, err
	}
	c := o.conn
	if !c.scratch.reserve(c.tls, len(key)+len(value)) {
		return nil, errNoMemory
	}
	err = s.bindText(1, add(&c.scratch, key), len(key))
	if err == nil && id == kvPut {
		err = s.bindBlob(2, add(&c.scratch, value), len(value))
	}
	return s, err
}
