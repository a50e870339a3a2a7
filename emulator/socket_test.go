package emulator_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/dodev/dodev/emulator/web"
)

// A socket is the client's side of a WebSocket to the project. What happens on
// it comes as texts: a message is its own, a close "close CODE REASON".
type socket struct {
	t      testing.TB
	end    *web.End
	events chan string
}

// dial opens a WebSocket.
func (p *project) dial(path string) *socket {
	p.t.Helper()
	res, err := p.try(request{path: path, header: [][2]string{{"upgrade", "websocket"}}})
	if err != nil {
		p.t.Fatalf("dial %s: %v", path, explained(err))
	}
	if res.Status != 101 || res.Socket == nil {
		p.t.Fatalf("dial %s: got %d %s", path, res.Status, p.read(res))
	}
	s := &socket{t: p.t, end: res.Socket, events: make(chan string, 1024)}
	s.end.Receive(s)
	p.t.Cleanup(s.end.Abort)
	return s
}

func (s *socket) Message(text bool, data []byte) {
	if text {
		s.events <- string(data)
		return
	}
	s.events <- fmt.Sprintf("%x", data)
}

func (s *socket) Closed(code int, reason string, _ bool) {
	s.events <- fmt.Sprintf("close %d %s", code, reason)
}

func (s *socket) Failed(err error) { s.events <- "failed " + err.Error() }

func (s *socket) send(text string) { s.end.Send(true, []byte(text)) }

// next is the next thing that happens.
func (s *socket) next() string {
	s.t.Helper()
	select {
	case e := <-s.events:
		return e
	case <-time.After(patience):
		s.t.Fatal("nothing came on the socket")
		return ""
	}
}

// expect compares what happens next.
func (s *socket) expect(want string) {
	s.t.Helper()
	if got := s.next(); got != want {
		s.t.Errorf("got %s\nwant %s", got, want)
	}
}
