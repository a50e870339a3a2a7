package loop

// A Span follows one event through its turns: the one that began it and those
// in which what it waited for came back. Its methods are called on the loop's
// goroutine.
type Span interface {
	// Resume and Pause enclose the part of a turn that is run for it.
	Resume()
	Pause()
	// Began and Ended tell of the operations that it waits for.
	Began(*Op)
	Ended(*Op)
}

// SetSpan has what follows in the current turn belong to a span.
func (l *Loop) SetSpan(s Span) {
	if l.span != nil {
		l.span.Pause()
	}
	l.span = s
	if s != nil {
		s.Resume()
	}
}

// Span is what the current turn belongs to, nil when nobody follows it.
func (l *Loop) Span() Span { return l.span }

// Span is what the operation belongs to, nil when nobody follows it.
func (o *Op) Span() Span { return o.span }
