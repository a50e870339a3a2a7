package worker

import (
	"encoding/json"
	"errors"

	"github.com/dodev/dodev/emulator/clone"
	"github.com/dodev/dodev/emulator/durable"
	"github.com/dodev/dodev/emulator/engine"
	"github.com/dodev/dodev/emulator/loop"
	"github.com/dodev/dodev/emulator/web"
)

// A Request on its way between isolates, or from outside. Headers are "name",
// "value" lines in turn; the body is data, or the number of a pipe.
type Request struct {
	Method, URL, Headers string
	Body                 engine.Value // undefined, a string or bytes
	Pipe                 int
	CF                   string // JSON, or ""

	Parent loop.Span // in which it was sent, nil when nobody follows that
	Inside bool      // code sent it
	Again  func()    // sends the same once more, nil when that is not possible
	Kept   bool      // it came from outside, and can be sent once more by [Setup.Again]
}

// weight is how many bytes keeping the request takes.
func (r *Request) weight() int {
	n := len(r.URL) + len(r.Headers) + len(r.CF)
	switch r.Body.Kind() {
	case engine.KindString:
		n += len(r.Body.Text())
	case engine.KindBytes:
		n += len(r.Body.Bytes())
	}
	return n
}

// appendTo adds the request to the arguments of an entry.
func (r *Request) appendTo(args []engine.Value) []engine.Value {
	return append(args, engine.String(r.Method), engine.String(r.URL), engine.String(r.Headers), r.Body, engine.Int(r.Pipe), engine.String(r.CF))
}

// feed is appendTo for a call whose other arguments are of any shape.
func (r Request) feed(s engine.Sink) {
	s.String(r.Method)
	s.String(r.URL)
	s.String(r.Headers)
	switch r.Body.Kind() {
	case engine.KindString:
		s.String(r.Body.Text())
	case engine.KindBytes:
		s.Buffer(r.Body.Bytes())
	default:
		s.Undefined()
	}
	s.Int(int32(r.Pipe))
	s.String(r.CF)
}

// requestAt reads a request from the arguments of a host call.
func requestAt(c engine.Call, first int) Request {
	return Request{
		Method: c.String(first), URL: c.String(first + 1), Headers: c.String(first + 2),
		Body: bodyAt(c, first+3), Pipe: c.Int(first + 4), CF: c.String(first + 5),
	}
}

func bodyAt(c engine.Call, i int) engine.Value {
	switch c.Kind(i) {
	case engine.KindString:
		return engine.String(c.String(i))
	case engine.KindBytes:
		return engine.Bytes(c.Bytes(i))
	}
	return engine.Undefined
}

// A Response on its way between isolates, or out.
type Response struct {
	Status     int
	StatusText string
	Headers    string
	Body       engine.Value
	Pipe       int
	Raw        bool // already encoded as Content-Encoding says
	Socket     int  // number of a WebSocket's end, 0 for none
}

// An Answer ends a call: with a response, a value or an error.
type Answer struct {
	Response *Response
	Value    []byte // a structured clone
	Err      *CallError
	Objects  []string  // those a request reached
	Span     loop.Span // that followed the request, nil for none

	refs     []reference // in Value
	pipeline reference   // of the result of a call, for calls on it
	disposer bool        // the result is kept until the caller disposes of it
}

// drop gives up what an answer holds that nobody will receive.
func (a *Answer) drop(r *Realm) {
	for _, ref := range a.refs {
		r.drop(ref)
	}
	a.refs = nil
	if a.pipeline != (reference{}) {
		r.drop(a.pipeline)
		a.pipeline = reference{}
	}
}

func (a Answer) error() error {
	if a.Err == nil {
		return nil
	}
	return a.Err
}

// A CallError is why a call failed.
type CallError struct {
	Thrown []byte       // what was thrown, as a structured clone; nil for an error of the runtime
	Throw  engine.Throw // otherwise

	Name, Message, Stack string // for people
	Object               string // where it was thrown, "" for the Worker
	Reset                bool   // the object was reset
	Local                bool   // it is the caller's own object that says so

	code bool // code has thrown it
	top  bool // it ended a method call of an object or entrypoint itself
}

func (e *CallError) Error() string {
	if e.Name == "" {
		return e.Message
	}
	return e.Name + ": " + e.Message
}

// callError gives any error the form in which callers get it.
func callError(err error) *CallError {
	var local *durable.LocalError
	if errors.As(err, &local) {
		out := *callError(local.Err)
		out.Local = true
		return &out
	}
	var call *CallError
	if errors.As(err, &call) {
		return call
	}
	var reset *durable.ResetError
	if errors.As(err, &reset) {
		out := &CallError{Thrown: reset.Thrown, Throw: reset.Throw, Name: reset.Throw.Class, Message: reset.Throw.Message, Reset: !reset.Undone}
		if reset.Exception != nil {
			out.Stack = reset.Exception.Stack
		}
		return out
	}
	var e *engine.Exception
	if errors.As(err, &e) {
		return &CallError{Throw: engine.Throw{Class: e.Name, Message: e.Message}, Name: e.Name, Message: e.Message, Stack: e.Stack}
	}
	var t *engine.Throw
	if errors.As(err, &t) {
		return &CallError{Throw: *t, Name: t.Class, Message: t.Message}
	}
	return &CallError{Throw: engine.Throw{Class: "Error", Message: err.Error()}, Name: "Error", Message: err.Error()}
}

// remote reports whether the caller's copy is marked as what somebody else threw.
// What reset an object is not, to those who called its methods.
func (e *CallError) remote(fetch bool) bool { return !e.Local && (fetch || !e.Reset) }

// throwFor is the error of the runtime as fetch, or a method call, throws it.
func (e *CallError) throwFor(fetch bool) *engine.Throw {
	more := map[string]any{}
	if fetch && e.remote(fetch) {
		more["remote"] = true
	}
	if e.Reset {
		more["durableObjectReset"] = true
	}
	t := e.Throw
	if len(more) > 0 {
		t.Props = withProps(t.Props, more)
	}
	return &t
}

// withProps adds to properties written in JSON, in the order in which the
// platform adds them.
func withProps(text string, more map[string]any) string {
	props := map[string]any{}
	if text != "" {
		_ = json.Unmarshal([]byte(text), &props)
	}
	for key, value := range more {
		if value != "" {
			props[key] = value
		}
	}
	return orderedProps(props)
}

func orderedProps(props map[string]any) string {
	if len(props) == 0 {
		return ""
	}
	out := []byte{'{'}
	for _, key := range []string{"retryable", "overloaded", "remote", "durableObjectReset", "durableObjectId"} {
		v, ok := props[key]
		if !ok {
			continue
		}
		if len(out) > 1 {
			out = append(out, ',')
		}
		value, err := json.Marshal(v)
		if err != nil {
			continue
		}
		out = append(out, '"')
		out = append(out, key...)
		out = append(out, `":`...)
		out = append(out, value...)
	}
	return string(append(out, '}'))
}

// finish completes an operation of a caller with an answer.
func (i *Isolate) finish(op int, a Answer, fetch bool) {
	var err error
	switch {
	case a.Err != nil && a.Err.Thrown != nil:
		_, err = i.vm.CallWith("rejectCall", func(s engine.Sink) {
			s.Int(int32(op))
			decodeInto(s, a.Err.Thrown)
			s.Bool(a.Err.remote(fetch))
			s.Bool(a.Err.Reset)
			s.String(i.callerID(a.Err))
		})
	case a.Err != nil:
		t := a.Err.throwFor(fetch)
		if id := i.callerID(a.Err); id != "" {
			t.Props = withProps(t.Props, map[string]any{"durableObjectId": id})
		}
		err = web.Fail(i.vm, op, t)
	case a.Response != nil:
		r := a.Response
		_, err = i.vm.Call("settleResponse", engine.Int(op), engine.Int(r.Status), engine.String(r.StatusText), engine.String(r.Headers), r.Body, engine.Int(r.Pipe), engine.Int(r.Socket))
	}
	if err != nil {
		i.uncaught(i.loop.Owner(), err, false)
	}
}

// callerID is the id of the object whose call has failed, which the platform has
// what it gets from an object or entrypoint itself name: "" for anything else.
func (i *Isolate) callerID(e *CallError) string {
	life, ok := i.loop.Owner().(*durable.Life)
	if !ok || !e.code || !e.top || life.Object().Part() != nil {
		return ""
	}
	return life.Ref().ID.String()
}

// decodeInto feeds a clone that an isolate of ours has written.
func decodeInto(s engine.Sink, data []byte) {
	if data == nil {
		s.Undefined()
		return
	}
	if err := clone.Decode(data, s); err != nil {
		panic("a value of our own cannot be read: " + err.Error())
	}
}
