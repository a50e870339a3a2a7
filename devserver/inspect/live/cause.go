package live

import (
	"fmt"
	"slices"
	"time"

	"github.com/dodev/dodev/devserver/inspect"
	"github.com/dodev/dodev/emulator/durable"
	"github.com/dodev/dodev/emulator/loop"
	"github.com/dodev/dodev/emulator/object"
)

// A cause is why an event waited, as it is known when it goes on.
type cause struct {
	what string     // "ran", what a [durable.Holder] says, or what it waited for; "" when nobody knows
	ref  object.Ref // whose event it was
	name string     // of that, "" when it is none
	more int        // turns of others that ran meanwhile
}

// starved is how long a loop that has nothing to do takes to begin a turn only
// where other programs have the processor.
const starved = time.Millisecond

// ran is the cause of what waited for a loop that was busy: the event that kept
// it busy for longest from a time on.
func ran(l *loop.Loop, from time.Time) cause {
	if l == nil {
		return cause{}
	}
	type busy struct {
		cause
		took time.Duration
	}
	var all []busy
	l.Since(from, func(t loop.Past) {
		c := causeOf(t)
		i := slices.IndexFunc(all, func(b busy) bool { return b.cause == c })
		if i < 0 {
			i = len(all)
			all = append(all, busy{cause: c})
		}
		all[i].took += t.End.Sub(from)
		from = t.End
	})
	var longest busy
	for _, b := range all {
		if b.took > longest.took {
			longest = b
		}
	}
	if len(all) == 0 && time.Since(from) > starved {
		return cause{what: "machine busy"}
	}
	longest.more = max(len(all)-1, 0)
	return longest.cause
}

func causeOf(t loop.Past) cause {
	c := cause{what: "ran"}
	c.ref, c.name = eventOf(t.Span)
	if life, ok := t.Owner.(*durable.Life); ok {
		c.ref = object.Ref{Namespace: life.Ref().Namespace, ID: life.Ref().ID}
	}
	return c
}

// heldBy is the cause of what a holder kept out.
func heldBy(h durable.Holder) cause {
	c := cause{what: h.What}
	c.ref, c.name = eventOf(h.Span)
	return c
}

// eventOf is whose event a span follows, and how that is called.
func eventOf(s loop.Span) (ref object.Ref, name string) {
	if s, ok := s.(*span); ok {
		ref, name = object.Ref{Namespace: s.ref.Namespace, ID: s.ref.ID}, nameOfEvent(s.kind, s.name)
	}
	return ref, name
}

// waitsFor is what an operation waits for.
func waitsFor(op *loop.Op) cause {
	switch op.Kind() {
	case loop.Timer:
		return cause{what: "timer"}
	case loop.Body:
		return cause{what: "body"}
	case loop.Call:
		return cause{what: "answer"}
	case loop.Socket, loop.Connection:
		return cause{what: "message"}
	}
	return cause{}
}

// text says it to people who look at an event of an object.
func (c cause) text(of object.Ref, label func(inspect.Ref) string) string {
	if c.what == "" {
		return ""
	}
	who := c.name
	switch other := c.ref.Key() != of.Key(); {
	case other && c.ref.Namespace != "":
		who = label(refOf(c.ref.Key())) + " " + c.name
	case other && c.name != "":
		who = "Worker " + c.name
	}
	switch {
	case c.what != "ran" && who == "":
		return c.what
	case c.what != "ran":
		return c.what + " in " + who
	case who == "":
		who = "another event"
	}
	if c.more > 0 {
		return fmt.Sprintf("%s and %d more ran", who, c.more)
	}
	return who + " ran"
}
