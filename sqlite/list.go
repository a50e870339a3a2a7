package sqlite

// ListOptions choose pairs: those with Start <= key < End whose key begins with
// Prefix, in the order of their UTF-8 bytes.
type ListOptions struct {
	Start      *string
	StartAfter *string // exclusive; instead of Start
	End        *string
	Prefix     string
	Reverse    bool // last first
	Limit      int  // 0 for all
}

// bounds returns the range of keys that the options allow; to is nil when it is
// open at the top.
func (opts ListOptions) bounds() (from string, to *string) {
	if opts.Start != nil {
		from = *opts.Start
	}
	if opts.StartAfter != nil {
		// The key that follows in the order of bytes.
		from = max(from, *opts.StartAfter+"\x00")
	}
	from, to = max(from, opts.Prefix), opts.End
	if end, ok := prefixEnd(opts.Prefix); ok && (to == nil || end < *to) {
		to = &end
	}
	return from, to
}

// prefixEnd returns the first string behind all those that begin with prefix;
// ok is false if there is none.
func prefixEnd(prefix string) (end string, ok bool) {
	for n := len(prefix); n > 0; n-- {
		if last := prefix[n-1]; last < 0xff {
			return prefix[:n-1] + string([]byte{last + 1}), true
		}
	}
	return "", false
}

// List walks over pairs. Pairs may be put and deleted meanwhile, which it sees
// if they lie ahead. A database has one list at a time: starting another
// supersedes the one before.
//
//	for list := o.List(opts); list.Next(); { use(list.Key(), list.Value()) }
type List struct {
	object     *Object
	s          *stmt // nil once finished
	superseded bool
	err        error
}

// List starts a list. Its error, if any, is told by [List.Err].
func (o *Object) List(opts ListOptions) *List {
	if o.list != nil {
		o.list.superseded = true
		o.list.Close()
	}
	l := &List{object: o}
	from, to := opts.bounds()
	if to != nil && *to <= from {
		return l
	}
	ok, err := o.readable(kvTable)
	if !ok || err != nil {
		l.err = err
		return l
	}
	l.err = l.start(from, to, opts)
	return l
}

func (l *List) start(from string, to *string, opts ListOptions) error {
	o, end := l.object, ""
	id := kvList
	if opts.Reverse {
		id = kvListBack
	}
	if to != nil {
		id, end = id+1, *to
	}
	s, err := o.statement(id)
	if err != nil {
		return err
	}
	if !s.bound.reserve(o.conn.tls, len(from)+len(end)) {
		return errNoMemory
	}
	if err := s.bindText(1, add(&s.bound, from), len(from)); err != nil {
		return err
	}
	s.bindInteger(2, -1)
	if opts.Limit > 0 {
		s.bindInteger(2, int64(opts.Limit))
	}
	if to != nil {
		if err := s.bindText(3, add(&s.bound, end), len(end)); err != nil {
			return err
		}
	}
	l.s, o.list = s, l
	return nil
}

// Next moves to the next pair and reports whether there is one.
func (l *List) Next() bool {
	if l.s == nil {
		return false
	}
	more, err := l.s.step()
	if err != nil {
		l.err = err
		l.object.inspect(err)
	}
	if !more {
		l.Close()
	}
	return more
}

// Key returns the key of the pair that Next moved to.
func (l *List) Key() string { return string(l.s.bytes(0)) }

// Value returns the value of the pair that Next moved to. It is valid until the
// next call of any method of the list's object: copy what is to stay.
func (l *List) Value() []byte { return l.s.bytes(1) }

// Err returns what ended the list before its end, if anything did.
func (l *List) Err() error { return l.err }

// Superseded reports whether another list ended this one before its end.
func (l *List) Superseded() bool { return l.superseded }

// Close ends the list. Calling it twice, or after the end, is harmless.
func (l *List) Close() {
	if l.s == nil {
		return
	}
	l.s.reset()
	l.s.bound.trim(l.s.conn.tls)
	l.s, l.object.list = nil, nil
}
