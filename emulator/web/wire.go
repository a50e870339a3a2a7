package web

import (
	"sync"
	"sync/atomic"
	"unicode/utf8"
)

// What a socket is told of a peer that goes away without a word.
const (
	lostCode   = 1006
	lostReason = "WebSocket disconnected without sending Close frame."
)

// MaxMessage is the size in bytes of the largest message a socket takes from
// the network, and maxLargeMessage that of one that may be larger.
const (
	MaxMessage      = 32 << 20
	maxLargeMessage = 128 << 20
)

// A Receiver is told what reaches an end of a wire, in order, one call at a
// time. It must not block.
type Receiver interface {
	Message(text bool, data []byte)
	// Closed says that the peer has closed, or with clean false that it is gone.
	// It is the last call, unless Failed comes first.
	Closed(code int, reason string, clean bool)
	// Failed says that what the peer sent was no WebSocket. It is the last call.
	Failed(err error)
}

// An End is one end of a wire: a socket without its WebSocket object. What is
// sent into one end comes out of the other in the same order, however late a
// receiver is attached there. Each direction closes on its own. Methods are safe
// for concurrent use, never block and call receivers without a lock held, from
// whichever goroutine brought the event.
type End struct {
	peer    *End
	shared  *shared
	large   atomic.Bool // see TakeLarge
	outside bool        // a connection of ours leads out from the other end

	mu       sync.Mutex
	receiver Receiver
	queue    []wireEvent
	draining bool // a goroutine is working the queue off
	ended    bool // the last event is in the queue, or was
	aborted  bool // nobody wants what comes
}

type wireEvent func(Receiver)

// shared is what both ends of a wire know.
type shared struct {
	relayed atomic.Bool // see relay
	url     atomic.Pointer[string]
}

// NewWire makes a wire and gives its ends.
func NewWire() (*End, *End) {
	both := &shared{}
	a, b := &End{shared: both}, &End{shared: both}
	a.peer, b.peer = b, a
	return a, b
}

// Send sends a message, whose data the wire keeps. Text that is no UTF-8 is
// repaired. After Close or Abort it does nothing.
func (e *End) Send(text bool, data []byte) {
	if text && !utf8.Valid(data) {
		data = repairUTF8(data)
	}
	e.peer.push(func(r Receiver) { r.Message(text, data) }, false)
}

// Close sends the end of this direction. Code 1005 stands for none.
func (e *End) Close(code int, reason string) {
	e.peer.push(func(r Receiver) { r.Closed(code, reason, true) }, true)
}

// Abort drops the connection: the peer, unless it was told of a close already,
// sees one with code 1006, and nothing reaches this end any more.
func (e *End) Abort() {
	e.leave(func(r Receiver) { r.Closed(lostCode, lostReason, false) })
}

// Fail is an Abort that tells the peer of err.
func (e *End) Fail(err error) {
	e.leave(func(r Receiver) { r.Failed(err) })
}

func (e *End) leave(last wireEvent) {
	e.mu.Lock()
	e.aborted, e.queue = true, nil
	e.mu.Unlock()
	e.peer.push(last, true)
}

// Receive attaches the receiver, which first is given what came before it. An
// end has one receiver; a second call does nothing.
func (e *End) Receive(r Receiver) {
	e.mu.Lock()
	if e.receiver != nil {
		e.mu.Unlock()
		return
	}
	e.receiver = r
	e.drainLocked()
}

// push queues an event for this end and sees to its delivery.
func (e *End) push(event wireEvent, last bool) {
	e.mu.Lock()
	if e.ended || e.aborted {
		e.ended = e.ended || last
		e.mu.Unlock()
		return
	}
	e.ended = last
	e.queue = append(e.queue, event)
	e.drainLocked()
}

// drainLocked delivers what is queued, unless another call of it is doing that,
// and unlocks.
func (e *End) drainLocked() {
	if e.receiver == nil || e.draining {
		e.mu.Unlock()
		return
	}
	e.draining = true
	for len(e.queue) > 0 {
		event := e.queue[0]
		e.queue[0] = nil
		e.queue = e.queue[1:]
		e.mu.Unlock()
		event(e.receiver)
		e.mu.Lock()
	}
	e.draining = false
	e.mu.Unlock()
}

// relay notes that a script got this end through a response and accepted it.
// The platform then drops the connection as soon as both ends have closed,
// which the one that closed last sees as an error.
func (e *End) relay() { e.shared.relayed.Store(true) }

// Opened notes the URL of the request that was answered with this wire, or the
// other end of it. Only the first call counts.
func (e *End) Opened(url string) { e.shared.url.CompareAndSwap(nil, &url) }

// URL is what Opened was told at either end, "" before.
func (e *End) URL() string {
	if url := e.shared.url.Load(); url != nil {
		return *url
	}
	return ""
}

// TakeLarge raises the size of the messages that this end takes from a network.
func (e *End) TakeLarge() { e.large.Store(true) }

// maxTaken is the size of the largest message that the other end takes.
func (e *End) maxTaken() int {
	if e.peer.large.Load() {
		return maxLargeMessage
	}
	return MaxMessage
}

// Wires numbers the ends that are on their way through one process, so that any
// isolate can take one over. The zero value is ready, and it is safe for
// concurrent use.
type Wires struct {
	mu   sync.Mutex
	last int
	ends map[int]*End
}

// New makes a wire. The second number is the first one's successor.
func (r *Wires) New() (int, int) {
	a, b := NewWire()
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.addLocked(a), r.addLocked(b)
}

// Add numbers an end.
func (r *Wires) Add(e *End) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.addLocked(e)
}

func (r *Wires) addLocked(e *End) int {
	if r.ends == nil {
		r.ends = map[int]*End{}
	}
	r.last++
	r.ends[r.last] = e
	return r.last
}

// Opened is [End.Opened] of the end with a number, if there is one.
func (r *Wires) Opened(n int, url string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if e := r.ends[n]; e != nil {
		e.Opened(url)
	}
}

// Take gives the end with a number, which is forgotten: its taker owns the end.
// It gives nil when there is none.
func (r *Wires) Take(n int) *End {
	r.mu.Lock()
	defer r.mu.Unlock()
	e := r.ends[n]
	delete(r.ends, n)
	return e
}

// Drop aborts the end with a number, if nobody has taken it.
func (r *Wires) Drop(n int) {
	if e := r.Take(n); e != nil {
		e.Abort()
	}
}

// Len is how many ends nobody has taken yet.
func (r *Wires) Len() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.ends)
}
