package web

import (
	"bufio"
	"context"
	"net"
	"strings"
	"testing"
	"time"
)

// coupled is one end of a wire whose other end is a network connection, and the
// client's side of that. Gone is closed when the coupling has ended.
type coupled struct {
	*told
	end    *End
	client net.Conn
	gone   chan struct{}
	lines  chan string
}

func newCoupled(t *testing.T, opts ConnOptions) *coupled {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	client, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	server, err := listener.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	ours, theirs := NewWire()
	c := &coupled{told: &told{}, end: ours, client: client, gone: make(chan struct{}), lines: make(chan string, 100)}
	c.then = func(line string) { c.lines <- line }
	ours.Receive(c)
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		Couple(ctx, server, bufio.NewReader(server), theirs, opts)
		close(c.gone)
	}()
	t.Cleanup(func() {
		cancel()
		<-c.gone
	})
	return c
}

// write sends raw bytes to the coupling.
func (c *coupled) write(t *testing.T, raw string) {
	t.Helper()
	if _, err := c.client.Write([]byte(raw)); err != nil {
		t.Fatal(err)
	}
}

// read reads as many raw bytes as want has, and, when it ends in "$", that the
// connection ends there.
func (c *coupled) read(t *testing.T, want string) {
	t.Helper()
	raw, ends := strings.CutSuffix(want, "$")
	c.client.SetReadDeadline(time.Now().Add(10 * time.Second))
	buf := make([]byte, len(raw)+1)
	n := 0
	for n < len(raw) || ends {
		k, err := c.client.Read(buf[n:])
		n += k
		if err != nil || n > len(raw) {
			break
		}
	}
	if got := string(buf[:n]); got != raw {
		t.Errorf("got %q, want %q", got, raw)
	}
}

func (c *coupled) next(t *testing.T, want string) {
	t.Helper()
	select {
	case got := <-c.lines:
		if got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	case <-time.After(10 * time.Second):
		t.Fatalf("nothing came, want %s", want)
	}
}

func (c *coupled) ended(t *testing.T) {
	t.Helper()
	select {
	case <-c.gone:
	case <-time.After(10 * time.Second):
		t.Fatal("the connection did not end")
	}
}

const lostLine = `closed 1006 "WebSocket disconnected without sending Close frame." false`

func TestCouplingCarriesMessages(t *testing.T) {
	c := newCoupled(t, ConnOptions{})
	c.write(t, "\x81\x82\x01\x02\x03\x04ik\x82\x01\x07")
	c.next(t, "text hi")
	c.next(t, "bytes 07")
	c.end.Send(true, []byte("yo"))
	c.end.Send(false, []byte{9})
	c.read(t, "\x81\x02yo\x82\x01\x09")
}

func TestCouplingAnswersPings(t *testing.T) {
	c := newCoupled(t, ConnOptions{})
	c.write(t, "\x89\x02hi")
	c.read(t, "\x8a\x02hi")
}

func TestCouplingLeavesTheAnswerToACloseToTheOtherEnd(t *testing.T) {
	c := newCoupled(t, ConnOptions{})
	c.write(t, "\x88\x05\x0f\xa1bye")
	c.next(t, `closed 4001 "bye" true`)
	c.end.Send(true, []byte("last"))
	c.end.Close(1000, "srv")
	c.read(t, "\x81\x04last\x88\x05\x03\xe8srv$")
	c.ended(t)
}

func TestCouplingWaitsForTheAnswerToItsClose(t *testing.T) {
	c := newCoupled(t, ConnOptions{})
	c.end.Close(4002, "srv")
	c.read(t, "\x88\x05\x0f\xa2srv")
	c.write(t, "\x81\x01m\x88\x00")
	c.next(t, "text m")
	c.next(t, `closed 1005 "" true`)
	c.read(t, "$")
	c.ended(t)
}

func TestCouplingDropsAPeerThatDoesNotAnswerACloseFrame(t *testing.T) {
	c := newCoupled(t, ConnOptions{CloseTimeout: time.Millisecond})
	c.end.Close(1000, "")
	c.next(t, lostLine)
	c.ended(t)
}

func TestCouplingTellsOfALostConnection(t *testing.T) {
	c := newCoupled(t, ConnOptions{})
	c.client.Close()
	c.next(t, lostLine)
	c.ended(t)
}

func TestCouplingDropsTheConnectionOfAnAbortedEnd(t *testing.T) {
	c := newCoupled(t, ConnOptions{})
	c.end.Send(true, []byte("m"))
	c.end.Abort()
	c.read(t, "\x81\x01m$")
	c.ended(t)
}

func TestCouplingSaysWhatIsWrongWithAFrame(t *testing.T) {
	c := newCoupled(t, ConnOptions{})
	c.write(t, "\x83\x00")
	c.next(t, "failed WebSocket protocol error; protocolError.statusCode = 1002; protocolError.description = Unknown opcode 3")
	c.read(t, "\x88\x12\x03\xeaUnknown opcode 3")
	c.client.Close()
	c.ended(t)
}

func TestCouplingRefusesLargeMessagesAndHearsThemOut(t *testing.T) {
	c := newCoupled(t, ConnOptions{MaxMessage: 4})
	c.write(t, "\x81\x7f\x00\x00\x00\x00\x00\x10\x00\x00"+strings.Repeat("x", 1<<20))
	c.next(t, "failed WebSocket protocol error; protocolError.statusCode = 1009; protocolError.description = Message is too large: 1048576 > 4")
	c.read(t, "\x88\x23\x03\xf1Message is too large: 1048576 > 4")
}

func TestCouplingDropsAPeerThatDoesNotRead(t *testing.T) {
	c := newCoupled(t, ConnOptions{MaxQueue: 1 << 20})
	big := make([]byte, 64<<10)
	for range 400 { // more than the queue and what the system buffers
		c.end.Send(false, big)
	}
	c.next(t, lostLine)
	c.ended(t)
}

func TestCouplingsSpeakWithEachOther(t *testing.T) {
	a, b := net.Pipe()
	left, leftEnd := NewWire()
	right, rightEnd := NewWire()
	got := &told{}
	done := make(chan struct{})
	got.then = func(line string) {
		if strings.HasPrefix(line, "closed") {
			right.Close(1000, "")
			close(done)
		}
	}
	right.Receive(got)
	ended := make(chan struct{}, 2)
	go func() {
		Couple(context.Background(), a, bufio.NewReader(a), leftEnd, ConnOptions{Client: true})
		ended <- struct{}{}
	}()
	go func() {
		Couple(context.Background(), b, bufio.NewReader(b), rightEnd, ConnOptions{})
		ended <- struct{}{}
	}()
	data := []byte("not changed by masking")
	left.Send(true, data)
	left.Close(1000, "bye")
	<-done
	<-ended
	<-ended
	if want := `text not changed by masking; closed 1000 "bye" true`; got.String() != want || string(data) != "not changed by masking" {
		t.Errorf("got %s with data %q, want %s", got, data, want)
	}
}

func TestCouplingEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	a, b := net.Pipe()
	defer b.Close()
	_, end := NewWire()
	ended := make(chan struct{})
	go func() {
		Couple(ctx, a, bufio.NewReader(a), end, ConnOptions{})
		close(ended)
	}()
	cancel()
	<-ended
}
