package sqlite

import lib "modernc.org/sqlite/lib"

// Exec runs the user's SQL under the platform's rules. All statements but the
// last run to their first row at once and cannot have parameters; the last runs
// to its first row and returns a [Cursor] on it. Statements that write open the
// implicit transaction, and have written everything when Exec returns.
//
// A statement executed again while a cursor is on it is compiled a second time.
func (o *Object) Exec(query string, bindings ...Value) (*Cursor, error) {
	if err := o.open(); err != nil {
		return nil, err
	}
	p, err := o.program(query)
	if err != nil {
		return nil, err
	}
	c := &Cursor{object: o, program: p, slot: -1}
	if err := c.start(bindings); err != nil {
		c.finish()
		return nil, err
	}
	return c, nil
}

// program returns query compiled and run up to its last statement.
func (o *Object) program(query string) (*program, error) {
	p, inUse := o.cache.get(query)
	if p != nil {
		for _, s := range p.prelude {
			if err := o.runThrough(s); err != nil {
				return nil, err
			}
		}
		return p, nil
	}
	p, err := o.compile(query, !inUse)
	if err != nil {
		return nil, err
	}
	if !inUse {
		p.busy = true // against being dropped at once for its size
		o.cache.put(p)
		p.busy = false
	}
	return p, nil
}

// compile compiles query, executing each statement before it goes on to the
// next, which may need what that one created.
func (o *Object) compile(query string, durable bool) (*program, error) {
	p := &program{sql: query}
	for rest := query; ; {
		s, tail, err := o.conn.prepare(rest, preparation{user: true, durable: durable})
		if err != nil {
			p.finalize()
			return nil, err
		}
		if tail == "" {
			p.last = s
			return p, nil
		}
		p.prelude, rest = append(p.prelude, s), tail
		if err := o.runThrough(s); err != nil {
			p.finalize()
			return nil, err
		}
	}
}

// runThrough executes a statement that another follows: up to its first row,
// which is dropped.
func (o *Object) runThrough(s *stmt) error {
	if s.params() != 0 {
		return errOnlyLast
	}
	_, err := o.stepUser(s, &writes{})
	s.reset()
	return err
}

// stepUser moves a user's statement on, counting what it writes.
func (o *Object) stepUser(s *stmt, w *writes) (bool, error) {
	if !s.readonly {
		if err := o.begin(); err != nil {
			return false, err
		}
		o.conn.watch(w)
		defer o.conn.watch(nil)
	}
	if s.effects.schema {
		o.indexes = nil
	}
	more, err := s.step()
	if err != nil {
		o.inspect(err)
	} else if !more && !s.readonly && !s.effects.schema {
		w.changes = int64(lib.Xsqlite3_changes(o.conn.tls, o.conn.db))
	}
	return more, err
}
