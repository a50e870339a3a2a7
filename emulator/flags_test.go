package emulator_test

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dodev/dodev/emulator"
	"github.com/dodev/dodev/emulator/web"
)

// about picks the questions about some flags.
func about(topics ...string) func(question string) bool {
	return func(question string) bool {
		topic, _, _ := strings.Cut(question, ".")
		return slices.Contains(topics, topic)
	}
}

// serveFlags runs the bed of flags with one of its configurations.
func serveFlags(t *testing.T, name string, changes ...func(*emulator.Options)) *project {
	t.Helper()
	b := bedNamed("flags")
	return serveBedConfig(t, b, b.configNamed(name), 1, changes...)
}

func TestCompressionIsOfferedByTheFlag(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]bool{"now": true, "refused": false} {
		p := serveFlags(t, name)
		for _, path := range []string{"/plain", "/hibernating"} {
			res, err := p.try(request{path: path, header: [][2]string{{"upgrade", "websocket"}}})
			if err != nil {
				t.Fatal(explained(err))
			}
			if res.Compress != want {
				t.Errorf("%s, %s: got %v", name, path, res.Compress)
			}
			res.Socket.Abort()
		}
	}
}

// TestMessagesAreAsLargeAsTheFlagSays begins a message that is one byte too
// large: the close frame that answers it names the limit.
func TestMessagesAreAsLargeAsTheFlagSays(t *testing.T) {
	t.Parallel()
	for name, limit := range map[string]uint64{"now": 32 << 20, "asked": 128 << 20} {
		p := serveFlags(t, name)
		for _, path := range []string{"/plain", "/hibernating"} {
			res, err := p.try(request{path: path, header: [][2]string{{"upgrade", "websocket"}}})
			if err != nil {
				t.Fatal(explained(err))
			}
			client, server := net.Pipe()
			go web.Couple(t.Context(), server, bufio.NewReader(server), res.Socket, web.ConnOptions{})
			go func() {
				_, _ = client.Write(binary.BigEndian.AppendUint64([]byte("\x82\x7f"), limit+1))
			}()
			want := fmt.Sprintf("\x03\xf1Message is too large: %d > %d", limit+1, limit)
			got := make([]byte, 2+len(want))
			if _, err := io.ReadFull(client, got); err != nil || string(got[2:]) != want {
				t.Errorf("%s, %s: got %q and %v, want %q", name, path, got, err, want)
			}
			client.Close()
		}
	}
}

// TestAHandlerPastItsTimeIsInterruptedAndItsSocketStays: where the local real
// runtime leaves the object out of order, the deployed one begins anew.
func TestAHandlerPastItsTimeIsInterruptedAndItsSocketStays(t *testing.T) {
	t.Parallel()
	p := serveFlags(t, "now")
	s := p.dial("/hibernating?timeout=30")
	s.send("quick")
	s.expect("quick, instance 1")
	s.send("slow")
	s.expect("slow, instance 1")
	p.says("Actor exceeded event execution time and was disconnected.")
	s.send("quick")
	s.expect("quick, instance 2")
}

// TestATimerKeepsAnInstanceWhereTheFlagSaysSo waits longer than an instance stays
// that nothing keeps. The local real runtime lists the flag and does nothing.
func TestATimerKeepsAnInstanceWhereTheFlagSaysSo(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		config string
		limits emulator.Limits
		want   string
	}{
		{"now", emulator.Production, "1"},
		{"refused", emulator.Production, "2"},
		{"now", emulator.Local, "2"},
		{"refused", emulator.Off, "1"},
	} {
		now := newClock()
		p := serveFlags(t, c.config, at(now), func(o *emulator.Options) { o.Limits = c.limits })
		p.want(request{path: "/linger"}, 200, "1")
		now.Advance(75 * time.Second)
		p.want(request{path: "/linger"}, 200, c.want)
	}
}

// TestAStoredStubOutlivesTheServer and the flag that let it be stored.
func TestAStoredStubOutlivesTheServer(t *testing.T) {
	t.Parallel()
	state := t.TempDir()
	for n, step := range []struct{ config, path, want string }{
		{"asked", "/keep", `{"ok":"stored"}`},
		{"asked", "/kept", `{"ok":["ServiceStub","hello from storage"]}`},
		{"now", "/kept", `{"thrown":{"error":"DOMException","name":"DataCloneError","message":"ServiceStub cannot be deserialized in this context.","code":25}}`},
		{"asked", "/kept", `{"ok":["ServiceStub","hello from storage"]}`},
	} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			p := serveFlags(t, step.config, inFolder(state))
			p.want(request{path: step.path}, 200, step.want)
		})
	}
}
