package durable

import (
	"bytes"
	"cmp"
	"slices"
	"strings"
	"sync"
	"time"
)

// lastKept is how much of a socket's last frame is remembered: enough for a
// line, and little to copy for every message.
const lastKept = 256

// Traffic is what went over a socket.
type Traffic struct {
	Sent, Received           int // messages
	SentBytes, ReceivedBytes int64
	// Last is the latest frame, with the first bytes of its data; zero At for
	// none.
	Last Frame
}

type traffic struct {
	mu sync.Mutex
	Traffic
}

// note counts a frame.
func (t *traffic) note(f *Frame) {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case f.Kind != SocketMessage:
	case f.FromClient:
		t.Received++
		t.ReceivedBytes += int64(f.Size)
	default:
		t.Sent++
		t.SentBytes += int64(f.Size)
	}
	kept := t.Last.Data[:0]
	t.Last = *f
	t.Last.Data = append(kept, f.Data[:min(len(f.Data), lastKept)]...)
}

// againMost is how long a message may be that is kept to be sent once more.
const againMost = 64 << 10

// again sends a message once more, nil for what is none and for a long one.
func (s *Socket) again(e SocketEvent) func() {
	if e.Kind != SocketMessage || len(e.Data) > againMost {
		return nil
	}
	return func() { s.Receive(e) }
}

// passed counts a frame, and tells who watches of it.
func (s *Socket) passed(f Frame) {
	f.Socket, f.At, f.Size = s.ID, s.o.m.opts.Clock.Now(), len(f.Data)
	s.traffic.note(&f)
	if w := s.o.m.watch.Load(); w != nil {
		f.Ref = s.ref
		w.Frame(f)
	}
}

// Traffic is what went over the socket so far. It is safe for concurrent use.
func (s *Socket) Traffic() Traffic {
	s.traffic.mu.Lock()
	defer s.traffic.mu.Unlock()
	t := s.traffic.Traffic
	t.Last.Data = bytes.Clone(t.Last.Data)
	return t
}

// Opened is when the object accepted the socket.
func (s *Socket) Opened() time.Time { return s.opened }

// URL is that of the request which opened the socket, "" while that has not been
// answered and for a socket whose both sides the object has made itself.
func (s *Socket) URL() string { return s.conn.URL() }

// Hibernatable reports whether its object can leave memory while the socket is
// open.
func (s *Socket) Hibernatable() bool { return s.life == nil }

// Outgoing reports whether the object has asked for the connection.
func (s *Socket) Outgoing() bool { return s.outgoing }

// Asleep reports whether its object has no instance.
func (s *Socket) Asleep() bool { return s.o.life == nil }

// Facet is the name of the facet whose socket it is, behind those of the facets
// that is within, "" when it is the object's own.
func (s *Socket) Facet() string {
	var names []string
	for o := s.o; o.facet != nil; o = o.facet.parent {
		names = append(names, o.facet.name)
	}
	slices.Reverse(names)
	return strings.Join(names, "/")
}

// AllSockets lists the open sockets of the object and of its facets, whether or
// not they can hibernate, by their numbers.
func (o *Object) AllSockets() []*Socket {
	all := slices.Clone(o.sockets.list)
	if o.life != nil {
		all = append(all, o.life.sockets...)
	}
	for _, f := range o.facets {
		all = append(all, f.object.AllSockets()...)
	}
	slices.SortFunc(all, func(a, b *Socket) int { return cmp.Compare(a.ID, b.ID) })
	return all
}

// AnySocket finds one of them, nil when it is gone.
func (o *Object) AnySocket(id int) *Socket {
	if s := o.sockets.list.get(id); s != nil {
		return s
	}
	if o.life != nil {
		if s := o.life.sockets.get(id); s != nil {
			return s
		}
	}
	for _, f := range o.facets {
		if s := f.object.AnySocket(id); s != nil {
			return s
		}
	}
	return nil
}
