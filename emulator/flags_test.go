package emulator_test

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dodev/dodev/emulator"
	"github.com/dodev/dodev/emulator/web"
)

// flagsDir is a project whose answers compatibility flags change, with what the
// real runtime answered.
var flagsDir = filepath.Join("testdata", "flags")

// recordFlags names where the real runtime runs the project with each of its
// configurations, as recordRPC does. It must be the runtime alone: the tool in
// front of it asks for flags of its own.
const recordFlags = "DODEV_RECORD_FLAGS"

// flagConfigs have the flags of today, those refused by name, those that only a
// name asks for, and the flags of the oldest date.
var flagConfigs = []rpcConfig{
	{"now", "wrangler.toml", func(string) bool { return true }},
	{"refused", "wrangler.refused.toml", func(q string) bool { return !about("stubStorage")(q) }},
	{"asked", "wrangler.asked.toml", about("rpc", "signals", "stubStorage", "flags")},
	{"before", "wrangler.before.toml", about("relativeURL", "shortcuts", "exports", "closeReason", "rejection", "binaryType", "autoReply", "node", "flags")},
}

// about picks the questions about some flags.
func about(topics ...string) func(question string) bool {
	return func(question string) bool {
		topic, _, _ := strings.Cut(question, ".")
		return slices.Contains(topics, topic)
	}
}

// TestFlagsSwitchWhatTheySwitchInTheRealRuntime asks the project everything it
// knows on both sides of each switch. differences.txt is as in
// TestCallsAnswerAsInTheRealRuntime.
func TestFlagsSwitchWhatTheySwitchInTheRealRuntime(t *testing.T) {
	if where := os.Getenv(recordFlags); where != "" {
		recordAnswers(t, flagsDir, flagConfigs, where)
	}
	differing := readDifferences(t, filepath.Join(flagsDir, "differences.txt"))
	for _, c := range flagConfigs {
		answers := decode[[]rpcAnswer](t, read(t, filepath.Join(flagsDir, c.name+".json")))
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p := serveConfig(t, flagsDir, c, 1)
			for _, a := range answers {
				t.Run(a.Question, func(t *testing.T) {
					p.compare(t, a, differing[c.name+"/"+a.Question])
				})
			}
		})
	}
}

func TestCompressionIsOfferedByTheFlag(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]bool{"now": true, "refused": false} {
		p := serveConfig(t, flagsDir, configNamed(name), 1)
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

func configNamed(name string) rpcConfig {
	return flagConfigs[slices.IndexFunc(flagConfigs, func(c rpcConfig) bool { return c.name == name })]
}

// TestMessagesAreAsLargeAsTheFlagSays begins a message that is one byte too
// large: the close frame that answers it names the limit.
func TestMessagesAreAsLargeAsTheFlagSays(t *testing.T) {
	t.Parallel()
	for name, limit := range map[string]uint64{"now": 32 << 20, "asked": 128 << 20} {
		p := serveConfig(t, flagsDir, configNamed(name), 1)
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
	p := serveConfig(t, flagsDir, configNamed("now"), 1)
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
		p := serveConfig(t, flagsDir, configNamed(c.config), 1, at(now), func(o *emulator.Options) { o.Limits = c.limits })
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
			p := serveConfig(t, flagsDir, configNamed(step.config), 1, inFolder(state))
			p.want(request{path: step.path}, 200, step.want)
		})
	}
}
