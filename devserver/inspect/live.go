package inspect

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"time"
)

// A Socket is a WebSocket of an object.
type Socket struct {
	Ref    Ref    `json:"ref"`
	Object string `json:"object"` // its label
	ID     int    `json:"id"`     // within the object and its facets
	// Facet is the facet that has it, behind those which that is within: "a/b".
	Facet string `json:"facet,omitempty"`
	// URL is that of the request which opened it, "" for a socket of which the
	// object has both sides.
	URL string `json:"url"`
	// Hibernatable says that it was accepted with ctx.acceptWebSocket. Any other
	// keeps its object in memory, and has neither tags nor an attachment that
	// could be seen.
	Hibernatable bool `json:"hibernatable"`
	// Outgoing says that the object has opened it, to somebody else: what is
	// called the client everywhere is the other side.
	Outgoing bool     `json:"outgoing"`
	Tags     []string `json:"tags"`
	// Attachment is in the form of Entry.Value, null for none.
	Attachment    json.RawMessage `json:"attachment"`
	State         SocketState     `json:"state"`
	Opened        time.Time       `json:"opened,omitzero"`
	Sent          int64           `json:"sent"`     // messages to the client
	Received      int64           `json:"received"` // and from it
	SentBytes     int64           `json:"sentBytes"`
	ReceivedBytes int64           `json:"receivedBytes"`
	// Last is the latest frame, of a long one the beginning; nil for none.
	Last *Frame `json:"last,omitempty"`
}

// OpenedBy is the request that opened the socket, for people: what a client
// asked for, or behind an arrow whom the object did.
func (s Socket) OpenedBy() string {
	if s.Outgoing {
		return "→ " + s.URL
	}
	if u, err := url.Parse(s.URL); err == nil && s.URL != "" {
		return u.RequestURI()
	}
	return s.URL
}

// SocketState is what a socket is doing.
type SocketState string

const (
	SocketOpen        SocketState = "open"        // its object is in memory
	SocketHibernating SocketState = "hibernating" // its object is not
	SocketClosing     SocketState = "closing"
	SocketClosed      SocketState = "closed" // told of in events only
)

// WhyNoClose says why a socket cannot be closed so, "" when it can: codes and
// reasons are those that WebSocket.close takes.
func WhyNoClose(code int, reason string) string {
	switch {
	case code < 1000 || code > 4999 || slices.Contains([]int{1004, 1005, 1006, 1015}, code):
		return fmt.Sprintf("no socket can be closed with code %d; take 1000, or one from 3000 to 4999", code)
	case len(reason) > 123:
		return fmt.Sprintf("the reason has %d bytes; 123 are allowed", len(reason))
	}
	return ""
}

// A Frame is one message on a socket, or its close.
type Frame struct {
	At     time.Time `json:"at"`
	Object Ref       `json:"object"`
	Socket int       `json:"socket"`
	// FromClient tells the direction.
	FromClient bool   `json:"fromClient"`
	Kind       string `json:"kind"` // "text", "binary" or "close"
	// Text is a text message or the reason of a close, Data a binary one; of a
	// long one no more than the first 64 KiB.
	Text      string `json:"text,omitempty"`
	Data      []byte `json:"data,omitempty"`
	Code      int    `json:"code,omitempty"` // of a close
	SizeBytes int64  `json:"sizeBytes"`
	// Auto says that the automatic response answered it.
	Auto bool `json:"auto,omitempty"`
}

// An Alarm is a pending alarm.
type Alarm struct {
	Ref     Ref       `json:"ref"`
	Object  string    `json:"object"` // its label
	At      time.Time `json:"at"`
	Retries int       `json:"retries"` // how often it has been in vain
}

// A LogLine is what code printed or did not handle, or a notice of dodev's.
type LogLine struct {
	At      time.Time `json:"at"`
	Kind    string    `json:"kind"`   // "console", "uncaught" or "notice"
	Level   string    `json:"level"`  // debug, log, info, warn or error
	Ref     Ref       `json:"ref"`    // "" for the Worker
	Object  string    `json:"object"` // its label, "" for the Worker
	Text    string    `json:"text"`
	Place   string    `json:"place"` // "src/room.ts:31:9", "" when unknown
	Stack   string    `json:"stack,omitempty"`
	Excerpt string    `json:"excerpt,omitempty"`
	Trace   string    `json:"trace,omitempty"` // id of the trace it belongs to
	Span    int       `json:"span,omitempty"`  // of that, which printed it
}

// A LogQuery chooses lines of those the server still has.
type LogQuery struct {
	Object Ref       `json:"object"` // zero for all
	Level  string    `json:"level,omitempty"`
	Since  time.Time `json:"since,omitzero"`
	Search string    `json:"search,omitempty"`
	Trace  string    `json:"trace,omitempty"` // id of the trace that printed them
	Limit  int       `json:"limit,omitempty"` // the last ones; 0 is 1,000
}

// A Trace is one thing that came from outside and all that followed from it.
type Trace struct {
	ID     string    `json:"id"`
	At     time.Time `json:"at"`
	Name   string    `json:"name"` // "GET /rooms/lobby/history", "alarm"
	Kind   SpanKind  `json:"kind"` // of its first span
	Status int       `json:"status,omitempty"`
	// Took is until the first span ended; 0 while it goes on.
	Took    time.Duration `json:"tookNanos"`
	Objects []string      `json:"objects"` // labels of those it reached
	Refs    []Ref         `json:"refs"`    // and they themselves
	Error   *Fault        `json:"error,omitempty"`
	// Errors is how many of its spans failed, and lines it printed as errors.
	Errors int `json:"errors,omitempty"`
	// Skipped is how many came before it that were not recorded, because there
	// were too many at once.
	Skipped int `json:"skipped,omitempty"`
	// Note says what is missing of it, "" for nothing.
	Note string `json:"note,omitempty"`
	// WhyNoReplay says why a replay is not possible, "" when it is.
	WhyNoReplay string `json:"whyNoReplay,omitempty"`
	// Spans are in order of their beginning; none in lists and events.
	Spans []Span `json:"spans,omitempty"`
}

// SpanKind tells what a span is.
type SpanKind string

const (
	FetchSpan    SpanKind = "fetch"    // a request handled by the Worker or an object
	CallSpan     SpanKind = "call"     // an RPC call
	SocketSpan   SpanKind = "socket"   // a socket handler
	AlarmSpan    SpanKind = "alarm"    // an alarm handler
	StorageSpan  SpanKind = "storage"  // an operation on storage, or a commit
	OutboundSpan SpanKind = "outbound" // a fetch to the outside
	EditSpan     SpanKind = "edit"     // what an inspector did
	LogSpan      SpanKind = "log"      // a line that was printed
	StartSpan    SpanKind = "start"    // a constructor
)

// A Span is one step of a trace.
type Span struct {
	Trace  string   `json:"trace"`
	ID     int      `json:"id"`     // within the trace, from 1
	Parent int      `json:"parent"` // 0 for the first
	Kind   SpanKind `json:"kind"`
	Ref    Ref      `json:"ref"`    // whose code ran, "" for the Worker
	Object string   `json:"object"` // its label, "" for the Worker
	Name   string   `json:"name"`   // "fetch", "check()", "put f:ann", "commit"
	Detail string   `json:"detail"` // "41 rows", "200"
	// Phases are what it did when, without gaps from its beginning to its end.
	Phases []Phase `json:"phases"`
	Status int     `json:"status,omitempty"`
	Error  *Fault  `json:"error,omitempty"`
	Place  string  `json:"place,omitempty"`
	Level  string  `json:"level,omitempty"` // of a line that was printed
}

// Start and End are the bounds of the span, as offsets from its trace's.
func (s Span) Start() time.Duration {
	if len(s.Phases) == 0 {
		return 0
	}
	return s.Phases[0].From
}

// End is Start's other end.
func (s Span) End() time.Duration {
	if len(s.Phases) == 0 {
		return 0
	}
	return s.Phases[len(s.Phases)-1].To
}

// Sum is how much of the span was of a kind.
func (s Span) Sum(kind PhaseKind) time.Duration {
	var sum time.Duration
	for _, p := range s.Phases {
		if p.Kind == kind {
			sum += p.To - p.From
		}
	}
	return sum
}

// Why is what the longest of the span's phases of a kind waited for, "" when that
// is not known.
func (s Span) Why(kind PhaseKind) string {
	var longest Phase
	for _, p := range s.Phases {
		if p.Kind == kind && p.Why != "" && p.To-p.From > longest.To-longest.From {
			longest = p
		}
	}
	return longest.Why
}

// A Phase is a part of a span, as offsets from the beginning of the trace.
type Phase struct {
	Kind PhaseKind     `json:"kind"`
	From time.Duration `json:"fromNanos"`
	To   time.Duration `json:"toNanos"`
	// Why says what it waited for, as far as that is known: "alarm ran",
	// "blockConcurrencyWhile in constructor", "timer".
	Why string `json:"why,omitempty"`
}

// PhaseKind tells what was done in a phase.
type PhaseKind string

const (
	Queued  PhaseKind = "queued"  // it was not let in yet
	Ran     PhaseKind = "ran"     // a turn of it ran
	Waited  PhaseKind = "waited"  // for something that it had begun
	Outside PhaseKind = "outside" // for somebody outside
	Untold  PhaseKind = "untold"  // nobody knows: it was not followed
)

// A TraceQuery chooses traces of those the server still has: the latest, and of
// those before them the ones that failed or took long.
type TraceQuery struct {
	Object Ref       `json:"object"` // that they reached; zero for all
	Since  time.Time `json:"since,omitzero"`
	Limit  int       `json:"limit,omitempty"` // the last ones; 0 is 200
}

// A Reload is a save that took effect or did not.
type Reload struct {
	OK      bool     `json:"ok"`
	Files   []string `json:"files"`
	Error   string   `json:"error,omitempty"`
	Objects int      `json:"objects"`
	Sockets int      `json:"sockets"`
	// Held are the titles of migrations that it waits for, when it is fit to run
	// and would not find what is stored.
	Held []string `json:"held,omitempty"`
}
