package live

import (
	"strings"
	"sync"
	"time"

	"github.com/dodev/dodev/devserver/inspect"
	"github.com/dodev/dodev/emulator"
	"github.com/dodev/dodev/emulator/object"
)

// maxLines is how many lines are kept for those who ask later.
const maxLines = 5000

// logs has what was printed, and what went wrong where.
type logs struct {
	l *Live

	mu     sync.Mutex
	lines  []inspect.LogLine // a ring once it is full
	next   int               // place of the oldest line, when it is
	faults map[object.Key]*failure
	places map[object.Key]string
	asked  map[inspect.Ref]bool // for names
}

// Log takes what the emulator logs.
func (l *Live) Log(e emulator.Entry) {
	line := inspect.LogLine{
		At: time.Now().UTC(), Kind: string(e.Kind), Level: e.Level, Object: e.Object, Text: e.Text, Place: e.Frame, Stack: e.Stack, Excerpt: e.Excerpt,
	}
	if line.Kind == "" {
		line.Kind = string(emulator.Console)
	}
	if e.Ref.Namespace != "" {
		line.Ref = refOf(e.Ref.Key())
	}
	if s, ok := e.Span.(*span); ok && s.trace != nil {
		line.Trace, line.Span = s.trace.id, s.id
		s.log(line)
	}
	l.logs.note(line, e.Ref.Key())
	l.write(line)
}

// write keeps a line, and tells who follows the log.
func (l *Live) write(line inspect.LogLine) {
	l.logs.keep(line)
	l.ring.add(inspect.Event{At: line.At, Kind: inspect.LogWritten, Log: &line})
}

func (s *logs) keep(line inspect.LogLine) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.lines) < maxLines {
		s.lines = append(s.lines, line)
		return
	}
	s.lines[s.next] = line
	s.next = (s.next + 1) % maxLines
}

// note notes what a line says of its object.
func (s *logs) note(line inspect.LogLine, k object.Key) {
	if k.Namespace == "" {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if line.Place != "" {
		s.placeLocked(k, line.Place)
	}
	if line.Kind == string(emulator.Uncaught) {
		name, message, _ := strings.Cut(line.Text, ": ")
		s.faultLocked(k, &failure{shown: &inspect.Fault{At: line.At, Name: name, Message: message, Place: placeIn(line.Stack), Stack: line.Stack, Excerpt: line.Excerpt}})
	}
}

func (s *logs) placeLocked(k object.Key, place string) {
	if s.places == nil {
		s.places = map[object.Key]string{}
	}
	if i := strings.LastIndexByte(place, ':'); strings.Count(place, ":") > 1 {
		place = place[:i]
	}
	s.places[k] = place
}

func (s *logs) faultLocked(k object.Key, f *failure) {
	if s.faults == nil {
		s.faults = map[object.Key]*failure{}
	}
	s.faults[k] = f
}

// A failure is an error of an object's, whose place is looked up when somebody
// wants to see it.
type failure struct {
	ref   object.Ref
	at    time.Time
	err   error
	shown *inspect.Fault // nil before
}

// failed notes an error that an object's caller got.
func (s *logs) failed(ref object.Ref, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faultLocked(ref.Key(), &failure{ref: ref, at: time.Now().UTC(), err: err})
}

// last is what is known of an object's last error and place.
func (s *logs) last(k object.Key) (*inspect.Fault, string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f := s.faults[k]
	if f == nil {
		return nil, s.places[k]
	}
	if f.shown == nil {
		f.shown = s.l.fault(f.ref, f.err)
		f.shown.At = f.at
	}
	return f.shown, s.places[k]
}

// raw is last without looking closer.
func (s *logs) raw(k object.Key) (*failure, string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.faults[k], s.places[k]
}

// clear forgets what went wrong with an object.
func (s *logs) clear(k object.Key) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.faults, k)
	delete(s.places, k)
}

// firstAsked reports whether an object is asked for its name for the first
// time.
func (s *logs) firstAsked(ref inspect.Ref) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.asked == nil {
		s.asked = map[inspect.Ref]bool{}
	}
	first := !s.asked[ref]
	s.asked[ref] = true
	return first
}

// all are the lines, oldest first.
func (s *logs) all() []inspect.LogLine {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append(append(make([]inspect.LogLine, 0, len(s.lines)), s.lines[s.next:]...), s.lines[:s.next]...)
}

// placeIn is the first place of a stack: "src/room.ts:44:21".
func placeIn(stack string) string {
	first, _, _ := strings.Cut(strings.TrimSpace(stack), "\n")
	if i := strings.LastIndexByte(first, '('); i >= 0 {
		return strings.TrimSuffix(first[i+1:], ")")
	}
	return strings.TrimPrefix(first, "at ")
}
