package tui

import (
	"encoding/json"
	"testing"

	"github.com/dodev/dodev/devserver/inspect"
)

func TestAFrameIsSeenAndSentOnASocket(t *testing.T) {
	drive(t, lively, 120, 36, func(d *driver) {
		d.lobby()
		d.press("3", "t")
		d.await("waiting for a message")
		d.fake.Step()
		d.await(`← {"say":"message 1"}`)
		d.await(`→ {"said":"message 1"}`)
		d.press("w")
		d.write("hello you")
		d.press("enter")
		d.await("✓ sent to the client")
		d.await("→ hello you")
		d.press("W")
		d.write("hello object")
		d.press("enter")
		d.await("← hello object")
		d.press("x", "ctrl+u")
		d.write("4000 enough")
		d.press("enter")
		d.await("✓ closed socket 0")
		d.await("[3 Sockets 1]")
		closed := d.fake.Acted()[2]
		if closed.Kind != inspect.CloseSocket || closed.Code != 4000 || closed.Text != "enough" || closed.AsClient {
			t.Errorf("asked for %+v, want a close with 4000 enough", closed)
		}
		d.press("X")
		d.await("Close socket 1 of ChatRoom/lobby as its client with")
		d.write("6")
		d.press("enter")
		d.await("no socket can be closed with code 10006")
		d.press("backspace", "enter")
		d.await("✓ closed socket 1")
		if closed := d.fake.Acted()[3]; closed.Code != 1000 || !closed.AsClient {
			t.Errorf("asked for %+v, want a close with 1000 as the client", closed)
		}
	})
}

// openPlain has the chat room accept a socket that cannot hibernate.
func openPlain(d *driver) {
	d.fake.Open(inspect.Socket{
		Ref: d.ref("lobby"), ID: 2, URL: "http://127.0.0.1:8787/rooms/lobby?userId=dan", State: inspect.SocketOpen,
		Tags: []string{}, Attachment: json.RawMessage("null"), Opened: d.fake.Now(),
	})
}

func TestASocketThatKeepsItsObjectInMemorySaysSo(t *testing.T) {
	drive(t, lively, 120, 36, func(d *driver) {
		d.lobby()
		d.press("3")
		d.await("ann")
		openPlain(d)
		d.await("open, awake")
		d.press("down", "down")
		d.await("keeps its object in memory: accept(), not ctx.acceptWebSocket()")
		d.await("/rooms/lobby?userId=dan")
		d.press("v")
		d.await("a socket that cannot hibernate keeps it in memory")
		d.press("W")
		d.await("as the client of socket 2")
		d.write("hex:01f")
		d.press("enter")
		d.await("two digits for each")
		d.write("f")
		d.press("enter")
		d.await("✓ sent to ChatRoom/lobby")
		if sent := d.fake.Acted()[0]; sent.Socket != 2 || !sent.AsClient || string(sent.Data) != "\x01\xff" {
			t.Errorf("asked for %+v, want two bytes on socket 2 as the client", sent)
		}
	})
}

func TestATapIsHeldAndGoesOn(t *testing.T) {
	drive(t, lively, 120, 36, func(d *driver) {
		d.lobby()
		d.press("3", "space")
		d.await("nothing is tapped")
		d.press("t")
		d.await("waiting for a message")
		d.fake.Step()
		d.await(`→ {"said":"message 1"}`)
		d.press("space")
		d.fake.Step()
		d.await("paused, 2 new frames")
		d.press("space")
		d.await(`→ {"said":"message 2"}`)
	})
}

func TestTappedFramesAreReadOneByOne(t *testing.T) {
	drive(t, lively, 120, 36, func(d *driver) {
		d.lobby()
		d.press("3", "r")
		d.await("no frame was tapped")
		d.press("t")
		d.await("waiting for a message")
		lobby := d.ref("lobby")
		d.fake.Frame(inspect.Frame{Object: lobby, Socket: 1, FromClient: true, Kind: "text", Text: `{"say":{"to":["ann"]}}`})
		d.fake.Frame(inspect.Frame{Object: lobby, Kind: "binary", Data: []byte("bytes \x00\x01")})
		d.fake.Frame(inspect.Frame{Object: lobby, Kind: "text", Text: "first line\nsecond line"})
		d.await("second line")
		d.press("r")
		d.await("Frames of ChatRoom/lobby  3 of 3")
		d.await(" second line")
		d.press("up")
		d.await("bytes ..")
		d.press("up")
		d.await("say: object, 1 property")
		d.await("22 B")
		d.press("o")
		d.await("Frames of ChatRoom/lobby, socket 1  1 of 1")
		d.press("o")
		d.await("3 of 3")
		d.press("y")
		d.await("✓ copied the frame")
		d.press("esc")
		d.await("[3 Sockets 2]")
	})
}

func TestFramesThatAreHeldStayAndAreNotWithoutEnd(t *testing.T) {
	var p sockets
	p.Tap()
	p.Frame(inspect.Frame{Text: "first"})
	p.Pause()
	for range 5 * framesKept {
		p.Frame(inspect.Frame{})
	}
	if held := len(p.frames); p.frames[0].Text != "first" || held != 4*framesKept || p.missed != 5*framesKept {
		t.Errorf("%d frames are kept of %d, the first %q", held, p.missed, p.frames[0].Text)
	}
	p.Pause()
	if len(p.frames) != framesKept {
		t.Errorf("%d frames are left, want %d", len(p.frames), framesKept)
	}
}
