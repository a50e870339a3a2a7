package inspect

import (
	"encoding/json"
	"fmt"
	"time"
)

// ActionKind names an action, as the commands do.
type ActionKind string

const (
	Evict       ActionKind = "evict"     // drop the idle instance
	Hibernate   ActionKind = "hibernate" // the same, of an object with sockets
	Abort       ActionKind = "abort"     // reset it, as ctx.abort() does
	Restart     ActionKind = "restart"   // abort it if need be, and start it
	Delete      ActionKind = "delete"    // all its data, its alarm and its file
	FireAlarm   ActionKind = "fire"      // run the pending alarm now, and wait for it
	SetAlarm    ActionKind = "set"       // to Action.At
	DeleteAlarm ActionKind = "unset"
	SendSocket  ActionKind = "send"     // a message to the client, or as if from it
	CloseSocket ActionKind = "close"    // with Code and Text as its reason
	Remember    ActionKind = "remember" // that its name is Text
	// Not actions of Act, but capabilities that WhyNot knows as well.
	EditStorage ActionKind = "edit"
	RunSQL      ActionKind = "sql"
	CallMethod  ActionKind = "call"
	FollowLive  ActionKind = "follow" // logs, traces, frames
	GoBack      ActionKind = "restore"
	ForkObject  ActionKind = "fork"
	// TakeSnapshot is of any scope, and asked of the zero Object.
	TakeSnapshot ActionKind = "snapshot"
)

// An Action is something to do to an object.
type Action struct {
	Kind   ActionKind `json:"kind"`
	Object Ref        `json:"object"`
	At     time.Time  `json:"at,omitzero"`
	Socket int        `json:"socket,omitempty"`
	// AsClient sends or closes as the client would, so that the object's handler
	// runs.
	AsClient bool   `json:"asClient,omitempty"`
	Text     string `json:"text,omitempty"`   // a text message, a reason
	Data     []byte `json:"data,omitempty"`   // a binary message, instead of Text
	Binary   bool   `json:"binary,omitempty"` // the message is binary also without Data
	Code     int    `json:"code,omitempty"`
}

// An Outcome is what an action led to.
type Outcome struct {
	Object Object `json:"object"` // as it is now
	// Note is a sentence for people when there is more to say than "done".
	Note string `json:"note,omitempty"`
	// Error is what the alarm handler threw.
	Error *Fault `json:"error,omitempty"`
}

// A Value is a JavaScript value, as Entry has it.
type Value struct {
	JSON    json.RawMessage `json:"value"`
	Type    string          `json:"type"`
	Preview string          `json:"preview"`
}

// A Call is an RPC call. Name is given so that an object which is made by it
// knows its name.
type Call struct {
	Object Ref               `json:"object"`
	Name   string            `json:"name,omitempty"`
	Method string            `json:"method"`
	Args   []json.RawMessage `json:"args"` // in the form of Entry.Value
}

// A Request is an HTTP request to an object. URL is a path or a whole URL.
type Request struct {
	Object Ref         `json:"object"`
	Name   string      `json:"name,omitempty"`
	Method string      `json:"method"`
	URL    string      `json:"url"`
	Header [][2]string `json:"header,omitempty"`
	Body   []byte      `json:"body,omitempty"`
}

// A Response is the answer to one. Of a body beyond 16 MiB the rest is cut off.
type Response struct {
	Status     int         `json:"status"`
	StatusText string      `json:"statusText"`
	Header     [][2]string `json:"header"`
	Body       []byte      `json:"body"`
	Cut        bool        `json:"cut,omitempty"`
	Trace      string      `json:"trace,omitempty"`
}

// WhyNot says why an action on an object cannot be taken now, or "" when it
// can. It knows what can be known without asking: the action may be refused
// all the same.
func (p Project) WhyNot(k ActionKind, o Object) string {
	if !p.Live {
		return p.whyNotOffline(k, o)
	}
	switch k {
	case GoBack, ForkObject, TakeSnapshot:
		if p.State == InMemory {
			return "nothing is kept: the server runs with --in-memory"
		}
	case Evict, Abort:
		switch {
		case o.State != Running && o.State != Idle:
			return "it is not running"
		case k == Evict && o.Holding > 0:
			return held(o.Holding)
		}
	case Hibernate:
		switch {
		case o.State == Hibernated:
			return "it is hibernated already"
		case o.State != Running && o.State != Idle:
			return "it is not running"
		case o.Sockets == 0:
			return "it has no sockets; evict it instead"
		case o.Holding > 0:
			return held(o.Holding)
		}
	case FireAlarm, DeleteAlarm:
		if o.NextAlarm == nil {
			return "no alarm is set"
		}
	case SendSocket, CloseSocket:
		if o.Sockets == 0 {
			return "it has no sockets"
		}
	}
	return ""
}

// held says that sockets keep an object in memory.
func held(sockets int) string {
	if sockets == 1 {
		return "a socket that cannot hibernate keeps it in memory"
	}
	return fmt.Sprintf("%d sockets that cannot hibernate keep it in memory", sockets)
}

func (p Project) whyNotOffline(k ActionKind, o Object) string {
	switch k {
	case RunSQL:
		return "" // reading works; a statement that writes says why it does not
	case Delete, SetAlarm, EditStorage, GoBack, ForkObject, TakeSnapshot:
		return p.ReadOnly
	case DeleteAlarm:
		if p.ReadOnly == "" && o.NextAlarm == nil {
			return "no alarm is set"
		}
		return p.ReadOnly
	}
	return "no server runs; start it with dodev serve"
}
