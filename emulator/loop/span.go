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

// A Describer is a span that wants to know what the operations are that it waits
// for.
type Describer interface {
	// Describe says what an operation is, or how it came out.
	Describe(op *Op, what, outcome string)
}

// Describe tells who follows the operation what it is: text is not asked for
// while nobody does.
func (o *Op) Describe(text func() (what, outcome string)) {
	if d, ok := o.span.(Describer); ok {
		what, outcome := text()
		d.Describe(o, what, outcome)
	}
}
