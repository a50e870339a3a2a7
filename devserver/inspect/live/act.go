package live

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/dodev/dodev/devserver/inspect"
	"github.com/dodev/dodev/devserver/inspect/stored"
	"github.com/dodev/dodev/emulator"
	"github.com/dodev/dodev/emulator/durable"
	"github.com/dodev/dodev/emulator/object"
	"github.com/dodev/dodev/emulator/worker"
)

// Act implements inspect.Actor.
func (l *Live) Act(ctx context.Context, a inspect.Action) (inspect.Outcome, error) {
	e, ref, err := l.known(a.Object)
	if err != nil {
		return inspect.Outcome{}, err
	}
	before, err := l.object(e, ref.Key())
	if err != nil && !makes(a.Kind) {
		return inspect.Outcome{}, err
	}
	if why := l.project.WhyNot(a.Kind, before); why != "" {
		return inspect.Outcome{}, &inspect.Error{Code: inspect.Refused, Message: before.Label + ": " + why}
	}
	out := inspect.Outcome{}
	if err := l.act(ctx, e, ref, a, before, &out); err != nil {
		return inspect.Outcome{}, err
	}
	out.Object, err = l.object(e, ref.Key())
	if inspect.CodeOf(err) == inspect.NotFound {
		err = nil // it was deleted
	}
	return out, err
}

// makes reports whether an action is also for an object that is not there.
func makes(k inspect.ActionKind) bool {
	return k == inspect.SetAlarm || k == inspect.Restart || k == inspect.Remember
}

func (l *Live) act(ctx context.Context, e *emulator.Emulator, ref object.Ref, a inspect.Action, before inspect.Object, out *inspect.Outcome) error {
	switch a.Kind {
	case inspect.Evict, inspect.Hibernate:
		if err := e.Objects().Evict(ref); err != nil {
			return refusal(before.Label, err)
		}
	case inspect.Abort:
		if !e.Abort(ref) {
			return refusal(before.Label, durable.ErrNotRunning)
		}
	case inspect.Restart:
		return l.restart(ctx, e, ref)
	case inspect.Delete:
		return l.delete(ctx, e, ref)
	case inspect.FireAlarm:
		return l.fire(ctx, e, ref, before, out)
	case inspect.SetAlarm:
		return e.Visit(ctx, ref, "set the alarm", func(life *durable.Life) error { return life.SetAlarm(a.At, true) })
	case inspect.DeleteAlarm:
		return e.Visit(ctx, ref, "delete the alarm", func(life *durable.Life) error { return life.SetAlarm(time.Time{}, false) })
	case inspect.Remember:
		ref.Name = a.Text
		e.Names().Note(ref)
	case inspect.SendSocket, inspect.CloseSocket:
		return actOnSocket(e, ref, a, before.Label)
	default:
		return &inspect.Error{Code: inspect.Invalid, Message: fmt.Sprintf("%q is no action", a.Kind)}
	}
	return nil
}

func (l *Live) restart(ctx context.Context, e *emulator.Emulator, ref object.Ref) error {
	e.Abort(ref)
	if err := e.Wake(ctx, ref); err != nil {
		return l.threw(ref, err)
	}
	l.logs.clear(ref.Key())
	return nil
}

// delete leaves nothing of an object.
func (l *Live) delete(ctx context.Context, e *emulator.Emulator, ref object.Ref) error {
	e.Objects().CloseSockets(ref, 1001, "the object was deleted")
	if e.Objects().Evict(ref) != nil {
		e.Abort(ref)
	}
	err := e.Visit(ctx, ref, "delete", func(life *durable.Life) error {
		if err := life.SetAlarm(time.Time{}, false); err != nil {
			return err
		}
		return worker.DeleteEverything(life)
	})
	if err == nil {
		l.logs.clear(ref.Key())
	}
	return err
}

func (l *Live) fire(ctx context.Context, e *emulator.Emulator, ref object.Ref, before inspect.Object, out *inspect.Outcome) error {
	type result struct {
		ran bool
		err error
	}
	done := make(chan result, 1)
	e.Objects().FireAlarm(ref, func(ran bool, err error) { done <- result{ran, err} })
	select {
	case r := <-done:
		if !r.ran && r.err == nil {
			return &inspect.Error{Code: inspect.Refused, Message: before.Label + ": no alarm is set, or its handler runs already"}
		}
		if r.err != nil {
			out.Error = l.fault(ref, r.err)
		}
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// threw is what the project's code did not handle.
func (l *Live) threw(ref object.Ref, err error) error {
	switch {
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	case errors.Is(err, durable.ErrClosed):
		return &inspect.Error{Code: inspect.Gone, Message: err.Error()}
	}
	f := l.fault(ref, err)
	message := f.Message
	if f.Name != "" {
		message = f.Name + ": " + f.Message
	}
	return &inspect.Error{Code: inspect.Threw, Message: message, Fault: f}
}

// named is an object that may be made by what is asked of it.
func (l *Live) named(ref inspect.Ref, name string) (*emulator.Emulator, object.Ref, error) {
	e, at, err := l.known(ref)
	if err == nil && at.Name == "" {
		at.Name = name
	}
	return e, at, err
}

// Call implements inspect.Actor.
func (l *Live) Call(ctx context.Context, c inspect.Call) (inspect.Value, error) {
	e, ref, err := l.named(c.Object, c.Name)
	if err != nil {
		return inspect.Value{}, err
	}
	args, err := stored.Arguments(c.Args)
	if err != nil {
		return inspect.Value{}, err
	}
	result, err := e.CallObject(ctx, ref, c.Method, args)
	if err != nil {
		return inspect.Value{}, l.threw(ref, err)
	}
	return stored.Value(result)
}

// maxBody is how much of a response's body is passed on.
const maxBody = 16 << 20

// Request implements inspect.Actor.
func (l *Live) Request(ctx context.Context, r inspect.Request) (inspect.Response, error) {
	e, ref, err := l.named(r.Object, r.Name)
	if err != nil {
		return inspect.Response{}, err
	}
	if strings.HasPrefix(r.URL, "/") {
		r.URL = l.project.URL + r.URL
	}
	res, err := e.FetchObject(ctx, ref, &emulator.Request{
		Method: r.Method, URL: r.URL, Header: r.Header, Body: bytes.NewReader(r.Body), Size: int64(len(r.Body)),
	})
	if err != nil {
		return inspect.Response{}, l.threw(ref, err)
	}
	defer res.Body.Close()
	out := inspect.Response{Status: res.Status, StatusText: res.StatusText, Header: res.Header}
	if res.Socket != nil {
		res.Socket.Abort()
		return out, nil
	}
	out.Body, err = io.ReadAll(io.LimitReader(res.Body, maxBody+1))
	if len(out.Body) > maxBody {
		out.Body, out.Cut = out.Body[:maxBody], true
	}
	return out, err
}
