package live_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/dodev/dodev/devserver/inspect"
	"github.com/dodev/dodev/emulator"
	"github.com/dodev/dodev/emulator/web"
)

func TestFramesAreToldBothWaysWithCloses(t *testing.T) {
	p := open(t, t.TempDir())
	end := p.dial(t, "/ws")
	lobby := p.ref(t, "lobby")
	stream := p.follow(t, inspect.Follow{Topics: []inspect.Topic{inspect.Frames, inspect.AllSockets}, Object: lobby})
	end.Send(true, []byte("hello"))
	end.Send(true, []byte("ping"))
	var got []string
	for len(got) < 4 {
		f := await(t, stream, "a frame", func(e inspect.Event) bool { return e.Frame != nil }).Frame
		got = append(got, fmt.Sprintf("%v %s %s %v", f.FromClient, f.Kind, f.Text, f.Auto))
	}
	want := []string{"true text hello false", "false text echo hello false", "true text ping true", "false text pong false"}
	if !slices.Equal(got, want) {
		t.Errorf("frames\n%q\nwant\n%q", got, want)
	}
	await(t, stream, "the socket", func(e inspect.Event) bool {
		return e.Socket != nil && e.Socket.Sent == 2 && e.Socket.Received == 2 && e.Socket.Last != nil && e.Socket.Last.Text == "pong"
	})
	if _, err := p.Act(t.Context(), inspect.Action{Kind: inspect.CloseSocket, Object: lobby, Code: 4000, Text: "bye"}); err != nil {
		t.Fatal(err)
	}
	f := await(t, stream, "the close", func(e inspect.Event) bool { return e.Frame != nil }).Frame
	if f.Kind != "close" || f.Code != 4000 || f.Text != "bye" || f.FromClient {
		t.Errorf("got %+v, want the close", f)
	}
}

// dial opens a socket of the lobby.
func (p *project) dial(t *testing.T, path string) *web.End {
	t.Helper()
	res, err := p.emu.Fetch(t.Context(), &emulator.Request{Method: "GET", URL: "http://localhost" + path, Header: [][2]string{{"Upgrade", "websocket"}}})
	if err != nil || res.Socket == nil {
		t.Fatalf("got %+v, %v; want a socket", res, err)
	}
	t.Cleanup(res.Socket.Abort)
	return res.Socket
}

func TestSocketsThatCannotHibernateAreSeenAndUsed(t *testing.T) {
	p := open(t, t.TempDir())
	end := p.dial(t, "/accept?user=bob")
	lobby := p.ref(t, "lobby")
	stream := p.follow(t, inspect.Follow{Topics: []inspect.Topic{inspect.Frames, inspect.AllSockets, inspect.Traces, inspect.Stores}, Object: lobby})
	listed, err := p.Sockets(t.Context(), lobby)
	if err != nil || len(listed) != 1 {
		t.Fatalf("listed %+v, %v; want one socket", listed, err)
	}
	if s := listed[0]; s.Hibernatable || s.Outgoing || s.URL != "http://localhost/accept?user=bob" || s.State != inspect.SocketOpen || s.Last != nil || s.Opened.IsZero() {
		t.Errorf("listed %+v", s)
	}
	if o, err := p.Object(t.Context(), lobby); err != nil || o.Sockets != 1 || o.Holding != 1 {
		t.Errorf("the object has %d sockets, of which %d hold it, %v; want one", o.Sockets, o.Holding, err)
	}

	long := strings.Repeat("é", 40<<10)
	end.Send(true, []byte(long))
	if f := await(t, stream, "the message", isFrame).Frame; !f.FromClient || f.SizeBytes != int64(len(long)) || f.Text != long[:len(f.Text)] || len(f.Text) < 60<<10 {
		t.Errorf("got %d bytes of %d", len(f.Text), f.SizeBytes)
	}
	if f := await(t, stream, "the answer", isFrame).Frame; f.FromClient || !strings.HasPrefix(f.Text, "heard é") {
		t.Errorf("got %+v, want the answer", f)
	}
	e := await(t, stream, "what it stored", func(e inspect.Event) bool { return e.Storage != nil }).Storage
	if e.By != "message" {
		t.Errorf("stored by %q, want the message", e.By)
	}
	tr := await(t, stream, "its trace", func(e inspect.Event) bool { return e.Trace != nil && e.Trace.Took > 0 }).Trace
	if tr.Name != "message" || tr.Kind != inspect.SocketSpan || tr.WhyNoReplay == "" {
		t.Errorf("got trace %+v, want that of the message, which is too long to be kept", tr)
	}

	for _, a := range []inspect.Action{
		{Kind: inspect.SendSocket, Text: "as the object"},
		{Kind: inspect.SendSocket, Data: []byte{1, 2}, AsClient: true},
		{Kind: inspect.CloseSocket, Code: 4000, Text: "bye"},
	} {
		a.Object = lobby
		if _, err := p.Act(t.Context(), a); err != nil {
			t.Fatal(err)
		}
	}
	for _, want := range []string{"false text as the object", "true binary ", "false text heard 2", "false close bye"} {
		f := await(t, stream, "a frame", isFrame).Frame
		if got := fmt.Sprintf("%v %s %s", f.FromClient, f.Kind, f.Text); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	closing := inspect.Action{Kind: inspect.SendSocket, Object: lobby, Text: "late"}
	if _, err := p.Act(t.Context(), closing); inspect.CodeOf(err) != inspect.Refused {
		t.Errorf("sending after the close gave %v, want it refused", err)
	}
	closing.Kind, closing.Code = inspect.CloseSocket, 1006
	if _, err := p.Act(t.Context(), closing); inspect.CodeOf(err) != inspect.Invalid {
		t.Errorf("closing with 1006 gave %v, want it invalid", err)
	}
	end.Close(4000, "bye")
	await(t, stream, "the end", func(e inspect.Event) bool { return e.Socket != nil && e.Socket.State == inspect.SocketClosed })
}

func TestAMessageThatListenersHeardIsReplayed(t *testing.T) {
	p := open(t, t.TempDir())
	end := p.dial(t, "/accept")
	stream := p.follow(t, inspect.Follow{Topics: []inspect.Topic{inspect.Traces, inspect.Frames}, Object: p.ref(t, "lobby")})
	end.Send(true, []byte("once"))
	tr := await(t, stream, "its trace", func(e inspect.Event) bool { return e.Trace != nil && e.Trace.Took > 0 }).Trace
	again, err := p.Replay(t.Context(), tr.ID)
	if err != nil || again == "" || again == tr.ID {
		t.Fatalf("replayed as %q, %v; want a trace of its own", again, err)
	}
	await(t, stream, "the second answer", func(e inspect.Event) bool { return e.Frame != nil && e.Frame.Text == "heard once" })
	await(t, stream, "its end", func(e inspect.Event) bool { return e.Trace != nil && e.Trace.ID == again && e.Trace.Took > 0 })
}

func isFrame(e inspect.Event) bool { return e.Frame != nil }

func TestTheLastFrameIsKnownThoughNobodyWatched(t *testing.T) {
	p := open(t, t.TempDir())
	for _, path := range []string{"/ws", "/accept"} {
		heard := make(heard, 1)
		end := p.dial(t, path)
		end.Receive(heard)
		end.Send(true, []byte("hello"))
		<-heard
	}
	listed, err := p.Sockets(t.Context(), p.ref(t, "lobby"))
	if err != nil || len(listed) != 2 {
		t.Fatalf("listed %+v, %v; want two sockets", listed, err)
	}
	for i, want := range []string{"echo hello", "heard hello"} {
		if f := listed[i].Last; f == nil || f.Text != want || f.FromClient || f.At.IsZero() || f.Socket != i {
			t.Errorf("the last of socket %d is %+v, want %s", i, f, want)
		}
	}
}

// heard is told when a message comes.
type heard chan struct{}

func (h heard) Message(bool, []byte)     { h <- struct{}{} }
func (h heard) Closed(int, string, bool) {}
func (h heard) Failed(error)             {}
