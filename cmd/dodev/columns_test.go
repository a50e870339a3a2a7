package main

import (
	"errors"
	"testing"
	"time"

	"github.com/dodev/dodev/devserver"
	"github.com/dodev/dodev/emulator"
	"github.com/dodev/dodev/emulator/config"
)

func TestEventsReadAsLines(t *testing.T) {
	at := time.Date(2026, 11, 23, 12, 4, 31, 0, time.Local)
	rows := []struct {
		name  string
		event event
		want  string
	}{
		{
			"socket",
			requestEvent{Start: at, Method: "GET", Target: "/rooms/lobby?userId=ann", Status: 101, WebSocket: true, Took: 3100 * time.Microsecond, Objects: []string{"ChatRoom/lobby"}},
			"12:04:31  GET  /rooms/lobby?userId=ann   101  ws    3.1 ms   ChatRoom/lobby\n",
		},
		{
			"request",
			requestEvent{Start: at, Method: "POST", Target: "/limit", Status: 200, Took: 900 * time.Microsecond, Objects: []string{"RateLimiter/user:7"}},
			"12:04:31  POST /limit                    200        0.9 ms   RateLimiter/user:7\n",
		},
		{
			"failure",
			requestEvent{Start: at, Method: "GET", Target: "/", Status: 500, Took: 1200 * time.Millisecond, Failure: &emulator.Failure{
				Name: "TypeError", Message: "no name", Stack: "    at join (src/chat.ts:44:21)", Excerpt: "> 44 | x\n     | ^",
			}},
			"12:04:31  GET  /                         500         1.2 s\n" +
				"          TypeError: no name\n" +
				"            at join (src/chat.ts:44:21)\n" +
				"              > 44 | x\n" +
				"                   | ^\n",
		},
		{
			"no answer",
			requestEvent{Start: at, Method: "GET", Target: "/", Status: 500, Took: time.Millisecond, Err: errors.New("shutting down")},
			"12:04:31  GET  /                         500        1.0 ms\n          shutting down\n",
		},
		{
			"console of an object",
			entryEvent{emulator.Entry{Kind: emulator.Console, Level: "log", Object: "ChatRoom/lobby", Frame: "src/chat-room.ts:31:5", Text: "joined ann\n1 of 50"}, at},
			"          ChatRoom/lobby  src/chat-room.ts:31  joined ann\n            1 of 50\n",
		},
		{
			"warning of the Worker",
			entryEvent{emulator.Entry{Kind: emulator.Console, Level: "warn", Text: "careful"}, at},
			"warn      careful\n",
		},
		{
			"uncaught",
			entryEvent{emulator.Entry{Kind: emulator.Uncaught, Level: "error", Object: "Room/a", Frame: "a.ts:1:2", Text: "Error: x", Stack: "    at alarm (a.ts:1:2)"}, at},
			"error     Room/a  a.ts:1  uncaught\n          Error: x\n            at alarm (a.ts:1:2)\n",
		},
		{
			"reload",
			reloadEvent{devserver.Reload{Files: []string{"/p/src/chat-room.ts"}, Took: 18 * time.Millisecond, Info: emulator.ReloadInfo{Objects: 14, Sockets: 2}}, at, "/p", ""},
			"12:04:31  src/chat-room.ts saved         reloaded  18.0 ms   2 sockets kept, 14 objects ready\n",
		},
		{
			"reload of many files",
			reloadEvent{devserver.Reload{Files: []string{"/p/a.ts", "/p/b.ts", "/c.ts"}, Took: time.Millisecond}, at, "/p", ""},
			"12:04:31  a.ts and 2 more saved          reloaded  1.0 ms\n",
		},
		{
			"reload that does not build",
			reloadEvent{devserver.Reload{Files: []string{"/p/a.ts"}, Err: config.Diagnostics{{
				Severity: config.Error, Pos: config.Position{File: "/p/a.ts", Line: 2, Column: 3}, Message: "no", Hint: "mend it",
			}}}, at, "/p", ""},
			"12:04:31  a.ts saved                     not reloaded  the old code keeps serving\n" +
				"          a.ts:2:3: error: no\n            hint: mend it\n",
		},
		{
			"notice",
			noticeEvent{at: at, level: infoLevel, words: "evicted 1 object"},
			"12:04:31  evicted 1 object\n",
		},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			if got := row.event.text(false); got != row.want {
				t.Errorf("it reads\n%swant\n%s", got, row.want)
			}
		})
	}
}

func TestTheScreenIsAligned(t *testing.T) {
	e := startEvent{
		version: "0.3.0", configPath: "./wrangler.toml", url: "http://127.0.0.1:8787", stateDir: ".wrangler/state/v3/do",
		config: &config.Config{
			Name:     "chat-example",
			Vars:     []config.Var{{Name: "GREETING"}, {Name: "API_TOKEN", Secret: true, Source: ".dev.vars"}},
			Services: []config.ServiceBinding{{Name: "AUTH", Service: "auth", Entrypoint: "Tokens"}},
		},
		namespaces: []emulator.Namespace{
			{Binding: "ROOMS", Class: "ChatRoom", SQLite: true, Script: "chat-example", Objects: 3, Bytes: 210_000, Alarms: 1},
			{Binding: "LIMITS", Class: "RateLimiter", Script: "chat-example", Objects: 11, Bytes: 102_000},
			{Class: "Old", Script: "chat-example"},
			{Binding: "FAR", Class: "Room", Script: "other"},
		},
		keys: keyHelp,
	}
	want := `dodev 0.3.0   chat-example   ./wrangler.toml

  http://127.0.0.1:8787
  state      .wrangler/state/v3/do   14 objects, 312 kB
  ROOMS      ChatRoom        sqlite      3 objects, 1 alarm
  LIMITS     RateLimiter     key-value   11 objects
  (unbound)  Old             key-value
  FAR        Room of other   key-value
  AUTH       service auth#Tokens
  vars       GREETING, API_TOKEN (.dev.vars)

  press  i inspect   r reload   e evict all   o open   q quit   ? all keys
`
	if got := e.text(false); got != want {
		t.Errorf("the screen is\n%swant\n%s", got, want)
	}
}

func TestSizesHaveUnits(t *testing.T) {
	for bytes, want := range map[int64]string{
		0: "0 B", 999: "999 B", 1000: "1.0 kB", 4149: "4.1 kB", 312_000: "312 kB", 999_700: "1.0 MB", 1_234_567_890: "1.2 GB",
	} {
		if got := size(bytes); got != want {
			t.Errorf("size(%d) is %q, want %q", bytes, got, want)
		}
	}
}
