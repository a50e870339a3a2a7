package worker

import (
	"strconv"
	"strings"
	"time"

	"github.com/dodev/dodev/emulator/clone"
	"github.com/dodev/dodev/emulator/durable"
	"github.com/dodev/dodev/emulator/engine"
	"github.com/dodev/dodev/emulator/loop"
	"github.com/dodev/dodev/emulator/web"
)

// Values of WebSocket.readyState, and one for a socket that the object has
// forgotten.
const (
	socketGone    = 0
	socketOpen    = 1
	socketClosing = 2
	socketClosed  = 3
)

// maxAttachment is the largest serialized attachment.
// https://developers.cloudflare.com/durable-objects/api/state/#serializeattachment
const maxAttachment = 16384

func (i *Isolate) socketFuncs() map[string]engine.Func {
	forSocket := func(fn func(c engine.Call, s *durable.Socket) error) engine.Func {
		return i.forLife(func(c engine.Call, life *durable.Life) error {
			s := life.Object().Socket(c.Int(1))
			if s == nil {
				s = &durable.Socket{} // gone
				s.MarkGone()
			}
			return fn(c, s)
		})
	}
	return map[string]engine.Func{
		"socketAccept": i.forLife(i.socketAccept),
		"socketList": i.forLife(func(c engine.Call, life *durable.Life) error {
			var ids []string
			for _, s := range life.Object().Sockets(optionalString(c, 1)) {
				ids = append(ids, strconv.Itoa(s.ID))
			}
			c.Return(engine.String(strings.Join(ids, ",")))
			return nil
		}),
		"socketTags": forSocket(func(c engine.Call, s *durable.Socket) error {
			c.ReturnStrings(s.Tags)
			return nil
		}),
		"socketSend": forSocket(func(c engine.Call, s *durable.Socket) error {
			if s.Closing() {
				return engine.TypeError("Can't call WebSocket send() after close().")
			}
			text := c.Kind(2) == engine.KindString
			data := c.Bytes(2)
			if text {
				data = []byte(c.String(2))
			}
			i.loop.SendFor(i.lives[c.Int(0)], func() { s.Send(text, data) })
			return nil
		}),
		"socketClose": forSocket(func(c engine.Call, s *durable.Socket) error {
			code, reason := c.Int(2), c.String(3)
			s.MarkClosing()
			i.loop.SendFor(i.lives[c.Int(0)], func() { s.Close(code, reason) })
			return nil
		}),
		"socketState": i.forLife(func(c engine.Call, life *durable.Life) error {
			c.Return(engine.Int(socketState(life.Object().Socket(c.Int(1)))))
			return nil
		}),
		"socketAttach":     forSocket(i.socketAttach),
		"socketAttachment": forSocket(socketAttachment),
		"socketAutoTime": forSocket(func(c engine.Call, s *durable.Socket) error {
			c.Return(engine.Null)
			if !s.AutoAt.IsZero() {
				c.Return(engine.Int(s.AutoAt.UnixMilli()))
			}
			return nil
		}),
		"setAutoResponse": i.forLife(func(c engine.Call, life *durable.Life) error {
			if c.Kind(1) != engine.KindString {
				life.Object().SetAutoResponse(nil)
			} else {
				life.Object().SetAutoResponse(&durable.AutoResponse{Request: c.String(1), Response: c.String(2)})
			}
			return nil
		}),
		"getAutoResponse": i.forLife(func(c engine.Call, life *durable.Life) error {
			if a := life.Object().AutoResponse(); a != nil {
				c.ReturnStrings([]string{a.Request, a.Response})
			}
			return nil
		}),
		"setEventTimeout": i.forLife(func(c engine.Call, life *durable.Life) error {
			life.Object().SetEventTimeout(time.Duration(c.Number(1)) * time.Millisecond)
			return nil
		}),
		"getEventTimeout": i.forLife(func(c engine.Call, life *durable.Life) error {
			c.Return(engine.Int(life.Object().EventTimeout().Milliseconds()))
			return nil
		}),
	}
}

func socketState(s *durable.Socket) int {
	switch {
	case s == nil:
		return socketGone
	case s.Closed() && s.Closing():
		return socketClosed
	case s.Closed(), s.Closing():
		return socketClosing
	}
	return socketOpen
}

// socketAccept gives a socket to the object: what comes from its other end
// wakes the object from then on.
func (i *Isolate) socketAccept(c engine.Call, life *durable.Life) error {
	if len(life.Object().Sockets(nil)) >= durable.MaxSockets {
		return engine.Error("only %d websockets can be accepted on a single Durable Object instance", durable.MaxSockets)
	}
	end := i.w.setup.Web.Wires.Take(c.Int(1))
	if end == nil {
		return engine.TypeError("the WebSocket has left this isolate")
	}
	if i.w.setup.Web.LargeMessages {
		end.TakeLarge()
	}
	s := life.Accept(end, c.Strings(2))
	i.loop.Send(func() { end.Receive(line{s}) })
	c.Return(engine.Int(s.ID))
	return nil
}

// A line hands what arrives at an end of a wire to the socket of an object. For a
// socket that a script keeps itself it stands in the middle.
type line struct{ *durable.Socket }

var _ web.Middle = line{}

// Message implements web.Receiver.
func (l line) Message(text bool, data []byte) {
	l.Receive(durable.SocketEvent{Kind: durable.SocketMessage, Text: text, Data: data})
}

// Closed implements web.Receiver.
func (l line) Closed(code int, reason string, clean bool) {
	l.Receive(durable.SocketEvent{Kind: durable.SocketClose, Code: code, Reason: reason, Clean: clean})
}

// Failed implements web.Receiver.
func (l line) Failed(err error) {
	l.Receive(durable.SocketEvent{Kind: durable.SocketError, Err: err})
}

// between has an object know the sockets that its instance keeps itself.
func between(owner loop.Owner, s *web.Socket) web.Middle {
	life, ok := owner.(*durable.Life)
	if !ok || life.Over() {
		return nil
	}
	return line{life.Adopt(s.End(), listener{s, s.Receiver(nil)}, s.Outgoing())}
}

// A listener is a script's socket to its object.
type listener struct {
	*web.Socket
	unwatched web.Receiver
}

// Hear implements durable.Listener.
func (l listener) Hear(e durable.SocketEvent, around func(turn func() error)) {
	r := l.unwatched
	if around != nil {
		r = l.Receiver(around)
	}
	switch e.Kind {
	case durable.SocketMessage:
		r.Message(e.Text, e.Data)
	case durable.SocketClose:
		r.Closed(e.Code, e.Reason, e.Clean)
	case durable.SocketError:
		r.Failed(e.Err)
	}
}

func (i *Isolate) socketAttach(c engine.Call, s *durable.Socket) error {
	data, err := i.encode(c, 2, engine.ForClone) // not for storage, which may have stubs
	if err != nil {
		return err
	}
	if len(data) > maxAttachment {
		return engine.Error("A WebSocket 'attachment' cannot be larger than %d bytes.'attachment' was %d bytes.", maxAttachment, len(data))
	}
	s.Attachment = append([]byte(nil), data...)
	i.returnNear(c, i.near("an attachment has %d bytes", len(data), maxAttachment))
	return nil
}

func socketAttachment(c engine.Call, s *durable.Socket) error {
	c.Return(engine.Null)
	if s.Attachment == nil {
		return nil
	}
	return c.ReturnBuilt(func(sink engine.Sink) error { return clone.Decode(s.Attachment, sink) })
}
