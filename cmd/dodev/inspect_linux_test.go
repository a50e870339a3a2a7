package main

import (
	"flag"
	"io"
	"math"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/charmbracelet/x/vt"
	"github.com/coder/websocket"
	"golang.org/x/sys/unix"
)

var draw = flag.String("draw", "", "`folder` to draw pictures of the inspector into")

// A view is the inspector in a terminal, and what that shows.
type view struct {
	*console
	mu      sync.Mutex
	screen  *vt.Emulator
	changed chan struct{}
}

// Write implements io.Writer: it is what the inspector draws.
func (v *view) Write(text []byte) (int, error) {
	v.mu.Lock()
	n, err := v.screen.Write(text)
	v.mu.Unlock()
	select {
	case v.changed <- struct{}{}:
	default:
	}
	return n, err
}

// viewOf runs dodev in a terminal whose screen is read.
func viewOf(t *testing.T, dir string, width, height int, args ...string) *view {
	t.Helper()
	v := &view{screen: vt.NewEmulator(width, height), changed: make(chan struct{}, 1)}
	answered := make(chan struct{})
	t.Cleanup(func() { // once nothing is drawn any more
		if c, ok := v.screen.InputPipe().(io.Closer); ok {
			_ = c.Close()
		}
		<-answered
	})
	v.console = inTerminalThat(t, dir, unix.Winsize{Col: uint16(width), Row: uint16(height)}, v, []string{"EDITOR=/bin/sed -i s/Robert/Bobby/"}, args...)
	go func() { // what the terminal answers to questions
		defer close(answered)
		buf := make([]byte, 256)
		for {
			n, err := v.screen.Read(buf)
			if err != nil {
				return
			}
			_, _ = v.keyboard.Write(buf[:n])
		}
	}()
	return v
}

func (v *view) text() string {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.screen.String()
}

// shows waits until the screen shows all texts.
func (v *view) shows(texts ...string) {
	v.t.Helper()
	late := time.After(patience)
	for {
		screen, missing := v.text(), ""
		for _, text := range texts {
			if !strings.Contains(screen, text) {
				missing = text
			}
		}
		if missing == "" {
			return
		}
		select {
		case <-v.changed:
		case <-late:
			v.t.Fatalf("the screen never shows %q:\n%s", missing, screen)
		}
	}
}

// draws writes a picture of the screen, where pictures are wanted.
func (v *view) draws(name, label string) {
	v.t.Helper()
	if *draw == "" {
		return
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if err := os.WriteFile(filepath.Join(*draw, name+".svg"), []byte(picture(v.screen, label)), 0o644); err != nil {
		v.t.Fatal(err)
	}
}

// A guest is somebody in a chat room.
type guest struct {
	t     *testing.T
	conn  *websocket.Conn
	heard chan string
}

func join(t *testing.T, url, room, user string) guest {
	t.Helper()
	conn, _, err := websocket.Dial(t.Context(), strings.Replace(url, "http", "ws", 1)+"/rooms/"+room+"?user="+user, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.CloseNow() })
	heard := make(chan string, 1000) // more than is said
	go func() {
		for {
			_, text, err := conn.Read(t.Context())
			if err != nil {
				return
			}
			heard <- string(text)
		}
	}()
	return guest{t, conn, heard}
}

// hears waits until somebody says a text.
func (g guest) hears(text string) {
	g.t.Helper()
	late := time.After(patience)
	for {
		select {
		case said := <-g.heard:
			if strings.Contains(said, text) {
				return
			}
		case <-late:
			g.t.Fatalf("nobody says %q", text)
		}
	}
}

func (g guest) says(text string) {
	g.t.Helper()
	if err := g.conn.Write(g.t.Context(), websocket.MessageText, []byte(text)); err != nil {
		g.t.Fatal(err)
	}
}

// chat runs the project of testdata/inspect, and has people in it.
func chat(t *testing.T) (dir, url string, server *console, ann, bob guest) {
	t.Helper()
	dir = t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(filepath.Join("testdata", "inspect"))); err != nil {
		t.Fatal(err)
	}
	server = inTerminal(t, dir, "serve", "--port", "0")
	url = server.await(readyPattern)[1]
	for _, room := range []string{"attic/join", "cellar", "garden"} {
		res, err := http.Get(url + "/rooms/" + room)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
	}
	return dir, url, server, join(t, url, "lobby", "ann"), join(t, url, "lobby", "bob")
}

// busy has the project do something for as long as a graph takes.
func busy(t *testing.T, url string, guests ...guest) {
	t.Helper()
	for i := range 260 {
		guests[i%len(guests)].says("message " + strconv.Itoa(i))
		for range i % 7 {
			res, err := http.Get(url + "/rooms/" + []string{"lobby", "garden", "cellar"}[i%3])
			if err != nil {
				t.Fatal(err)
			}
			res.Body.Close()
		}
		pace := 10 + 40*(1+math.Sin(float64(i)/25)) // at that of people: only pictures are waited for
		time.Sleep(time.Duration(pace) * time.Millisecond)
	}
}

// What the manual promises: within a minute somebody finds their chat room,
// sees who is connected, reads a key, changes it, fires an alarm, evicts the
// object and watches it come back.
func TestInspectorShowsARunningProject(t *testing.T) {
	dir, url, _, ann, bob := chat(t)
	ann.says("hello")
	v := viewOf(t, dir, 132, 34, "inspect")
	v.shows("chat-example", "lobby", "attic !")
	bob.says("hi ann")
	v.shows("PRINTED", "joined bob, 2 of 50")
	if *draw != "" {
		busy(t, url, ann, bob)
	}
	v.press("/lobby\r")
	v.shows("─ ChatRoom/lobby ", "users:ann", "users:bob")
	v.press("\x1b")
	v.shows("attic")
	ann.says("hi bob")
	v.shows("by webSocketMessage  ·  was ")
	v.draws("inspect", "dodev inspect: the objects of a project, what they do and what one of them stores")
	v.press("\r")
	v.press("3")
	v.shows("[3 Sockets 2]", `user: "ann"`, `user: "bob"`)
	v.press("t")
	v.shows("waiting for a message")
	ann.says("anyone here?")
	v.shows("← anyone here?", `→ {"from":"ann"`)
	v.draws("inspect-sockets", "dodev inspect: who is connected to a chat room, and what they say")

	v.press("1G")
	v.shows("▌users:bob")
	v.press("i\x15{\"name\":\"Robert\"}\r")
	v.shows("✓ changed users:bob", `{ name: "Robert" }`)
	v.press("e") // sed is the editor
	v.shows(`{ name: "Bobby" }`)
	v.press("u")
	v.shows("✓ taken back: changed users:bob", `{ name: "Robert" }`)
	v.press("a")
	v.shows("✓ fired the alarm of ChatRoom/lobby", "swept")
	v.draws("inspect-storage", "dodev inspect: what a chat room stores")

	v.press("v")
	v.shows("✓ evicted ChatRoom/lobby", "◌ hibernated")
	bob.says("still there?")
	bob.hears("still there?")
	v.shows("● lobby")
	v.press("5")
	v.shows("[5 Timeline]", "GET /rooms/lobby", "⇄ webSocketMessage", "◷ alarm")
	v.press("/RateLimiter/ann\r")
	ann.says("yes")
	v.shows("⇄ webSocketMessage")
	v.press("\r")
	v.shows("RateLimiter/ann", "check", "put last")
	v.press("j")
	v.shows("▌  RateLimiter/ann")
	v.draws("inspect-timeline", "dodev inspect: where the time of a message went, across objects")

	v.press("d") // what did that write?
	v.shows("─ RateLimiter/ann ", "~ count")
	v.press(":lobby\r")
	v.shows("─ ChatRoom/lobby ", "what is stored now", "~ last", `body "yes"`)
	v.draws("inspect-commits", "dodev inspect: what was written to a chat room, and what each commit changed")
	v.press("jjjj")
	v.shows("~ users:bob", `name: "Bobby"`)
	v.press("s")
	v.shows("Keep a snapshot of ChatRoom/lobby as")
	v.press("\x15before-the-demo\r")
	v.shows("✓ kept ChatRoom/lobby as before-the-demo")
	v.press("r")
	v.shows("Take ChatRoom/lobby back to")
	v.press("y")
	v.shows("u takes it back", "restore")
	v.press("S")
	v.shows("1 of ChatRoom")
	v.press("d")
	v.shows("before-the-demo and now", "~ last", "table messages")
	v.draws("inspect-snapshots", "dodev inspect: a snapshot, and how it differs from what is stored now")
	v.press("S")
	v.shows("Objects", "t traces")
	v.press("q")
	v.awaitExit(exitDone)
}

func TestInspectorShowsFilesWhereNoServerRuns(t *testing.T) {
	dir, _, server, _, _ := chat(t)
	v := viewOf(t, dir, 120, 30, "inspect", "ChatRoom/lobby")
	v.shows("users:ann", "2 sockets")
	server.press("q")
	server.awaitExit(exitDone)
	v.shows("files, no server runs", "users:ann")
	v.press("v")
	v.shows("evict: no server runs")
	v.press("q")
	v.awaitExit(exitDone)
}

func TestInspectorInTheTerminalOfTheServerGivesItBack(t *testing.T) {
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(filepath.Join("testdata", "inspect"))); err != nil {
		t.Fatal(err)
	}
	v := viewOf(t, dir, 100, 30, "serve", "--port", "0", "--inspect")
	v.shows("chat-example", "No objects yet")
	url := v.await(`Ready\S* on \S*(http://[0-9.:]+)`)[1]
	res, err := http.Get(url + "/rooms/lobby")
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	v.shows("lobby")
	v.press("q")
	v.shows("GET  /rooms/lobby", "press  i inspect") // what came meanwhile
	v.press("i")
	v.shows("─ Objects ")
	v.press("q")
	v.shows("press  i inspect")
	v.press("r")
	v.await("asked for .*reloaded")
	v.press("q")
	v.awaitExit(exitDone)
}
