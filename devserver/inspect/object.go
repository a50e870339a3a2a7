package inspect

import (
	"fmt"
	"strings"
	"time"

	"github.com/dodev/dodev/emulator/object"
)

// A Ref identifies an object: that of an id in a namespace. It is comparable,
// and a text "<script>-<Class>/<64 hex digits>" in JSON.
type Ref struct {
	Namespace string // "<script>-<Class>", the name of its folder
	ID        string // 64 lower-case hexadecimal digits
}

// String is the text that ParseRef reads.
func (r Ref) String() string { return r.Namespace + "/" + r.ID }

// IsZero reports whether r is no object, as that of a line the Worker logged.
func (r Ref) IsZero() bool { return r == Ref{} }

// MarshalText implements encoding.TextMarshaler.
func (r Ref) MarshalText() ([]byte, error) {
	if r.IsZero() {
		return nil, nil
	}
	return []byte(r.String()), nil
}

// UnmarshalText implements encoding.TextUnmarshaler.
func (r *Ref) UnmarshalText(text []byte) (err error) {
	*r = Ref{}
	if len(text) > 0 {
		*r, err = ParseRef(string(text))
	}
	return err
}

// ParseRef reads what String gives.
func ParseRef(s string) (Ref, error) {
	i := strings.LastIndexByte(s, '/')
	if i <= 0 || len(s)-i-1 != 64 {
		return Ref{}, fmt.Errorf("%q is no reference to an object", s)
	}
	return Ref{Namespace: s[:i], ID: s[i+1:]}, nil
}

// State is what an object is doing.
type State string

const (
	Running    State = "running"    // an event is in flight, or something waits
	Idle       State = "idle"       // it has an instance and nothing to do but to hear its sockets
	Hibernated State = "hibernated" // no instance, but open sockets
	Stored     State = "stored"     // nothing but data
	Failed     State = "failed"     // its last instance ended with an error
)

// A Project is what is inspected.
type Project struct {
	Version string `json:"version"` // of dodev
	Name    string `json:"name"`    // of the Worker that gets the requests
	Config  string `json:"config"`  // path of its configuration
	Env     string `json:"env,omitempty"`
	URL     string `json:"url"`      // that it answers at, "" without a server
	State   string `json:"stateDir"` // or [InMemory]
	// Folders are those of the Workers' configurations, by the names of these:
	// places in their code are relative to them.
	Folders map[string]string `json:"folders,omitempty"`
	// Live says that a server runs. Without one the files are read.
	Live bool `json:"live"`
	// ReadOnly says why nothing can be changed, "" when it can.
	ReadOnly string    `json:"readOnly,omitempty"`
	Started  time.Time `json:"started,omitzero"`
}

// InMemory is the State of a project that keeps nothing.
const InMemory = "memory"

// A Namespace is a class of a Worker with its objects.
type Namespace struct {
	Key      string   `json:"key"` // "<script>-<Class>"
	Script   string   `json:"script"`
	Class    string   `json:"class"`
	Bindings []string `json:"bindings"`
	SQLite   bool     `json:"sqlite"`
	// Known says that the configuration has the class; an unknown one was found
	// in the state folder.
	Known bool `json:"known"`
}

// An Object is one object as it is now.
type Object struct {
	Ref     Ref    `json:"ref"`
	Script  string `json:"script"`
	Class   string `json:"class"`
	Binding string `json:"binding"` // the first one, "" for none
	ID      string `json:"id"`
	Name    string `json:"name"` // "" when it is not known
	// Jurisdiction is the one that its id is bound to, "" for none, and Location
	// where it was asked to be kept, as far as a server knows.
	Jurisdiction string `json:"jurisdiction,omitempty"`
	Location     string `json:"location,omitempty"`
	// Label is how people write it: "ChatRoom/lobby", with the id when there is
	// no name and after "script:" when there are several Workers.
	Label     string     `json:"label"`
	State     State      `json:"state"`
	Since     time.Time  `json:"since,omitzero"` // it is in that state
	SizeBytes int64      `json:"sizeBytes"`
	Sockets   int        `json:"sockets"`
	Holding   int        `json:"holding,omitempty"` // of those, that keep it in memory
	NextAlarm *time.Time `json:"nextAlarm"`
	Retries   int        `json:"retries,omitempty"` // of that alarm, in vain so far
	Load      Load       `json:"load,omitzero"`
	LastError *Fault     `json:"lastError,omitempty"`
	// Place is where its code was last seen: "src/room.ts:31".
	Place string `json:"place,omitempty"`
}

// A Load is how busy an object, or a project, is and has been.
type Load struct {
	Queue     int     `json:"queue"`     // events that wait
	Rate      float64 `json:"rate"`      // events a second, over the last ones
	Total     uint64  `json:"total"`     // events since the server started
	P50Millis float64 `json:"p50Millis"` // latency, queueing included
	P99Millis float64 `json:"p99Millis"`
	// History is events a second for each of the last seconds, oldest first.
	History []float64 `json:"history,omitempty"`
}

// A Fault is an error with its place.
type Fault struct {
	At      time.Time `json:"at"`
	Name    string    `json:"name"` // "TypeError"
	Message string    `json:"message"`
	Place   string    `json:"place"` // "src/room.ts:44:21", "" when unknown
	Stack   string    `json:"stack,omitempty"`
	Excerpt string    `json:"excerpt,omitempty"` // the source around the place
}

// Error is the fault in one line.
func (f *Fault) Error() string {
	text := f.Message
	if f.Name != "" {
		text = f.Name + ": " + f.Message
	}
	if f.Place != "" {
		text += " at " + f.Place
	}
	return text
}

// A Snapshot is all that a live view begins with.
type Snapshot struct {
	Project    Project     `json:"project"`
	Namespaces []Namespace `json:"namespaces"`
	Objects    []Object    `json:"objects"` // by class, then name or id
	Load       Load        `json:"load"`    // of the whole project
	// Next is where the stream goes on from here.
	Next Cursor `json:"next"`
}

// A Cursor is a place in the stream of a server: "" is now.
type Cursor string

// Unknown is the namespace of a folder that no configuration tells of. A class
// has no hyphen in its name, a script may have.
func Unknown(key string) Namespace {
	i := strings.LastIndexByte(key, '-')
	return Namespace{Key: key, Script: key[:max(i, 0)], Class: key[i+1:], Bindings: []string{}, SQLite: true}
}

// JurisdictionOf tells which jurisdiction an object of a class is bound to by
// its id, "" for none.
func JurisdictionOf(script, class, id string) string {
	decoded, err := object.Decode(id)
	if err != nil {
		return ""
	}
	name, _ := object.NewNamespace(script, class).JurisdictionOf(decoded)
	return name
}

// LabelIn is the object's label in a project whose first Worker is a script.
func (o Object) LabelIn(script string) string {
	label := o.Class + "/" + o.ID
	if o.Name != "" {
		label = o.Class + "/" + o.Name
	}
	if o.Script != script && script != "" {
		label = o.Script + ":" + label
	}
	return label
}
