package inspecttest

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/dodev/dodev/devserver/inspect"
)

// Act implements inspect.Actor.
func (f *Fake) Act(ctx context.Context, a inspect.Action) (inspect.Outcome, error) {
	if err := f.ask(ctx, "act"); err != nil {
		return inspect.Outcome{}, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if a.Kind == inspect.Remember {
		f.acted = append(f.acted, a)
		return inspect.Outcome{}, nil
	}
	o, err := f.objectLocked(a.Object)
	if err != nil {
		return inspect.Outcome{}, err
	}
	if why := f.project.WhyNot(a.Kind, o); why != "" {
		return inspect.Outcome{}, &inspect.Error{Code: inspect.Refused, Message: o.Label + ": " + why}
	}
	f.acted = append(f.acted, a)
	f.actLocked(a, f.objects[a.Object])
	if a.Kind == inspect.Delete {
		f.removeLocked(a.Object)
		return inspect.Outcome{Object: o}, nil
	}
	f.changedLocked(a.Object)
	return inspect.Outcome{Object: *f.objects[a.Object]}, nil
}

func (f *Fake) actLocked(a inspect.Action, o *inspect.Object) {
	switch a.Kind {
	case inspect.Evict, inspect.Hibernate, inspect.Abort:
		o.State = inspect.Stored
		if o.Sockets > 0 && a.Kind != inspect.Abort {
			o.State = inspect.Hibernated
		}
	case inspect.Restart:
		o.State = inspect.Idle
		o.LastError = nil
	case inspect.FireAlarm, inspect.DeleteAlarm:
		o.NextAlarm = nil
	case inspect.SetAlarm:
		at := a.At
		o.NextAlarm = &at
	case inspect.SendSocket:
		f.frameLocked(inspect.Frame{Object: a.Object, Socket: a.Socket, FromClient: a.AsClient, Kind: kindOf(a.Data), Text: a.Text, Data: a.Data})
	case inspect.CloseSocket:
		f.openLocked(inspect.Socket{Ref: a.Object, ID: a.Socket, State: inspect.SocketClosed})
	}
	o.Since = f.Now()
}

func kindOf(data []byte) string {
	if data != nil {
		return "binary"
	}
	return "text"
}

// Call implements inspect.Actor: it answers with the call.
func (f *Fake) Call(ctx context.Context, c inspect.Call) (inspect.Value, error) {
	if err := f.ask(ctx, "call"); err != nil {
		return inspect.Value{}, err
	}
	text, err := json.Marshal(map[string]any{"method": c.Method, "args": c.Args})
	return inspect.Value{JSON: text, Type: "object", Preview: string(text)}, err
}

// Request implements inspect.Actor: it answers with the request.
func (f *Fake) Request(ctx context.Context, r inspect.Request) (inspect.Response, error) {
	if err := f.ask(ctx, "request"); err != nil {
		return inspect.Response{}, err
	}
	return inspect.Response{Status: 200, StatusText: "OK", Body: fmt.Appendf(nil, "%s %s", r.Method, r.URL)}, nil
}

// Replay implements inspect.Actor: the same happens again.
func (f *Fake) Replay(ctx context.Context, id string) (string, error) {
	t, err := f.Trace(ctx, id)
	if err != nil {
		return "", err
	}
	if t.WhyNoReplay != "" {
		return "", &inspect.Error{Code: inspect.Refused, Message: t.WhyNoReplay}
	}
	t.ID, t.At = id+"-again", f.Now()
	f.AddTrace(t)
	return t.ID, nil
}
