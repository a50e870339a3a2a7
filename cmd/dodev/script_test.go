package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/rogpeppe/go-internal/testscript"
	"github.com/rogpeppe/go-internal/txtar"
)

// patience is how long a script waits for something that must happen.
const patience = 30 * time.Second

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"dodev": func() {
		constrain()
		main()
	}, "holder": holder})
}

// TestScripts runs the binary as users meet it. Besides testscript's own, its
// commands are:
//
//	start [FLAG…]       run `dodev serve --port 0` and wait for its Ready line; $URL is its address
//	restart             stop it, and start it again with the same flags
//	interrupt           interrupt it, and expect exit code 0
//	kill9               kill it
//	fetch [-i] [-X METHOD] [-H 'NAME: VALUE']… [-d BODY] PATH    print the answer's body; -i its status and headers before
//	logged [-count=N] REGEXP     wait until what it printed matches
//	occupy              listen to a port, $PORT
//	socket NAME open PATH        open a WebSocket
//	socket NAME send TEXT        send a message on it
//	socket NAME receive          wait for a message and print it
//	socket NAME closed           wait for its close, and print the code and reason
//	misused ARG…        run dodev and expect exit code 2
//	follow ARG…         run a dodev that follows something, and wait until it does
//	followed REGEXP     wait until what it printed matches
//	unfollow            interrupt it, and expect exit code 0
//	hold DATABASE [SQL…]          have another process open a database as the real runtime does, run the statements and stay
//	release             end those processes
//	control STATUS [NAME=VALUE]…     ask the control API and expect a status; token, host and method are no headers
//
// $REAL is a folder with files that the real runtime wrote.
func TestScripts(t *testing.T) {
	real, err := filepath.Abs(filepath.Join("..", "..", "sqlite", "testdata", "real"))
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir: filepath.Join("testdata", "script"),
		Setup: func(env *testscript.Env) error {
			env.Setenv("NO_COLOR", "1")
			env.Setenv("REAL", real)
			env.Values[followerKey{}] = &follower{}
			env.Values[holdersKey{}] = &[]func(){}
			s := &server{}
			env.Values[serverKey{}] = s
			env.Values[socketsKey{}] = map[string]*websocket.Conn{}
			env.Defer(s.kill)
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"start":     startCmd,
			"restart":   restartCmd,
			"interrupt": interruptCmd,
			"kill9":     killCmd,
			"fetch":     fetchCmd,
			"logged":    loggedCmd,
			"occupy":    occupyCmd,
			"misused":   misusedCmd,
			"socket":    socketCmd,
			"follow":    followCmd,
			"followed":  followedCmd,
			"unfollow":  unfollowCmd,
			"control":   controlCmd,
			"capture":   captureCmd,
			"hold":      holdCmd,
			"release":   releaseCmd,
		},
		UpdateScripts: os.Getenv("UPDATE_SCRIPTS") != "",
	})
}

// TestScriptsRunToTheirEnd finds the command of testscript's that ends a script
// and lets it pass; what follows would never be looked at.
func TestScriptsRunToTheirEnd(t *testing.T) {
	scripts, err := filepath.Glob(filepath.Join("testdata", "script", "*.txtar"))
	if err != nil || len(scripts) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	for _, name := range scripts {
		archive, err := txtar.ParseFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for n, line := range strings.Split(string(archive.Comment), "\n") {
			if words := strings.Fields(line); len(words) > 0 && words[0] == "stop" {
				t.Errorf("%s:%d: stop ends the script; to stop the server, interrupt it", name, n+1)
			}
		}
	}
}

type serverKey struct{}

// A server is the dodev that a script runs.
type server struct {
	cmd    *exec.Cmd
	args   []string
	output output
	ended  chan struct{}
}

// An output collects what a process prints and tells when there is more.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
	more chan struct{}
}

func (o *output) Write(text []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.more != nil {
		close(o.more)
		o.more = nil
	}
	return o.text.Write(text)
}

// read gives what there is, and a channel that is closed when there is more.
func (o *output) read() (string, <-chan struct{}) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.more == nil {
		o.more = make(chan struct{})
	}
	return o.text.String(), o.more
}

func theServer(ts *testscript.TestScript) *server { return ts.Value(serverKey{}).(*server) }

func startCmd(ts *testscript.TestScript, neg bool, args []string) {
	s := theServer(ts)
	if neg || s.cmd != nil {
		ts.Fatalf("usage: start [FLAG...], once")
	}
	s.args = args
	s.run(ts)
}

func (s *server) run(ts *testscript.TestScript) {
	s.output = output{}
	s.cmd = exec.Command(dodevPath(ts), append([]string{"serve", "--port", "0"}, s.args...)...)
	s.cmd.Dir = ts.MkAbs(".")
	s.cmd.Env = []string{"PATH=" + ts.Getenv("PATH"), "HOME=" + ts.Getenv("HOME"), "TMPDIR=" + ts.Getenv("TMPDIR"), "NO_COLOR=1"}
	s.cmd.Stdout, s.cmd.Stderr = &s.output, &s.output
	ts.Check(s.cmd.Start())
	ended := make(chan struct{})
	s.ended = ended
	go func(cmd *exec.Cmd) {
		_ = cmd.Wait()
		close(ended)
	}(s.cmd)
	text := s.wait(ts, regexp.MustCompile(`(?:Ready on |"ready","url":")(https?://[^\s"]+)`), 1)
	ts.Setenv("URL", text[1])
}

// wait waits until the output matches, so many times, and gives the last match.
func (s *server) wait(ts *testscript.TestScript, re *regexp.Regexp, count int) []string {
	late := time.After(patience)
	for ended := false; ; {
		text, more := s.output.read()
		if all := re.FindAllStringSubmatch(text, -1); len(all) >= count {
			return all[len(all)-1]
		}
		if ended {
			ts.Fatalf("the server ended without printing %s:\n%s", re, text)
		}
		select {
		case <-more:
		case <-s.ended:
			ended = true
		case <-late:
			ts.Fatalf("the server did not print %s in %v:\n%s", re, patience, text)
		}
	}
}

func restartCmd(ts *testscript.TestScript, neg bool, args []string) {
	interruptCmd(ts, neg, args)
	theServer(ts).run(ts)
}

func interruptCmd(ts *testscript.TestScript, _ bool, _ []string) {
	s := theServer(ts)
	if s.cmd == nil {
		ts.Fatalf("no server runs")
	}
	ts.Check(s.cmd.Process.Signal(os.Interrupt))
	s.awaitEnd(ts)
	text, _ := s.output.read()
	if code := s.cmd.ProcessState.ExitCode(); code != 0 {
		ts.Fatalf("the server exited with %d:\n%s", code, text)
	}
	ts.Logf("[server]\n%s", text)
	s.cmd = nil
}

func (s *server) awaitEnd(ts *testscript.TestScript) {
	select {
	case <-s.ended:
	case <-time.After(patience):
		_ = s.cmd.Process.Signal(syscall.SIGABRT) // shows what it waits for
		<-s.ended
		text, _ := s.output.read()
		ts.Fatalf("the server did not end in %v:\n%s", patience, text)
	}
}

func killCmd(ts *testscript.TestScript, _ bool, _ []string) {
	s := theServer(ts)
	args := s.args
	s.kill()
	s.args = args
}

// kill ends a server that still runs.
func (s *server) kill() {
	if s.cmd != nil {
		_ = s.cmd.Process.Kill()
		<-s.ended
		s.cmd = nil
	}
}

func loggedCmd(ts *testscript.TestScript, neg bool, args []string) {
	count := 1
	if len(args) == 2 && strings.HasPrefix(args[0], "-count=") {
		n, err := strconv.Atoi(strings.TrimPrefix(args[0], "-count="))
		ts.Check(err)
		count, args = n, args[1:]
	}
	if len(args) != 1 {
		ts.Fatalf("usage: logged [-count=N] REGEXP")
	}
	re, err := regexp.Compile("(?m)" + args[0])
	ts.Check(err)
	s := theServer(ts)
	if !neg {
		s.wait(ts, re, count)
		return
	}
	if text, _ := s.output.read(); re.MatchString(text) {
		ts.Fatalf("the server printed %s:\n%s", re, text)
	}
}

// captureCmd sets a variable to what the parentheses of an expression match in
// what the last command printed.
func captureCmd(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: capture VARIABLE REGEXP")
	}
	re, err := regexp.Compile("(?m)" + args[1])
	ts.Check(err)
	found := re.FindStringSubmatch(ts.ReadFile("stdout"))
	if len(found) != 2 {
		ts.Fatalf("nothing that was printed matches %s", re)
	}
	ts.Setenv(args[0], found[1])
}

func fetchCmd(ts *testscript.TestScript, neg bool, args []string) {
	req, head := parseFetch(ts, args)
	client := http.Client{
		Timeout:       patience,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport:     &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, DisableKeepAlives: true},
	}
	res, err := client.Do(req)
	if err != nil {
		if !neg {
			text, _ := theServer(ts).output.read()
			ts.Fatalf("fetch: %v\n%s", err, text)
		}
		return
	}
	defer res.Body.Close()
	if neg {
		ts.Fatalf("fetch: unexpected answer %s", res.Status)
	}
	if head {
		fmt.Fprintf(ts.Stdout(), "%d\n", res.StatusCode)
		for _, name := range slices.Sorted(maps.Keys(res.Header)) {
			for _, value := range res.Header[name] {
				fmt.Fprintf(ts.Stdout(), "%s: %s\n", name, value)
			}
		}
	}
	_, err = io.Copy(ts.Stdout(), res.Body)
	ts.Check(err)
}

func parseFetch(ts *testscript.TestScript, args []string) (req *http.Request, head bool) {
	method, body, header := "GET", "", http.Header{}
	for len(args) > 1 {
		switch args[0] {
		case "-i":
			head = true
			args = args[1:]
			continue
		case "-X":
			method = args[1]
		case "-d":
			body = args[1]
			if method == "GET" {
				method = "POST"
			}
		case "-H":
			name, value, _ := strings.Cut(args[1], ":")
			header.Add(name, strings.TrimSpace(value))
		default:
			ts.Fatalf("fetch: unknown flag %s", args[0])
		}
		args = args[2:]
	}
	if len(args) != 1 {
		ts.Fatalf("fetch: no path")
	}
	req, err := http.NewRequestWithContext(context.Background(), method, ts.Getenv("URL")+args[0], strings.NewReader(body))
	ts.Check(err)
	req.Header = header
	return req, head
}

func occupyCmd(ts *testscript.TestScript, _ bool, _ []string) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	ts.Defer(func() { l.Close() })
	ts.Setenv("PORT", strconv.Itoa(l.Addr().(*net.TCPAddr).Port))
}

type socketsKey struct{}

func socketCmd(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: socket NAME open|send|receive|closed [...]")
	}
	sockets := ts.Value(socketsKey{}).(map[string]*websocket.Conn)
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	name, verb, rest := args[0], args[1], strings.Join(args[2:], " ")
	conn := sockets[name]
	switch verb {
	case "open":
		conn, _, err := websocket.Dial(ctx, ts.Getenv("URL")+rest, nil)
		ts.Check(err)
		ts.Defer(func() { _ = conn.CloseNow() })
		sockets[name] = conn
	case "send":
		ts.Check(conn.Write(ctx, websocket.MessageText, []byte(rest)))
	case "receive":
		_, data, err := conn.Read(ctx)
		ts.Check(err)
		fmt.Fprintf(ts.Stdout(), "%s\n", data)
	case "closed":
		_, data, err := conn.Read(ctx)
		closed := websocket.CloseError{Code: websocket.StatusAbnormalClosure}
		if !errors.As(err, &closed) && !errors.Is(err, io.EOF) {
			ts.Fatalf("the socket is not closed: %q, %v", data, err)
		}
		fmt.Fprintf(ts.Stdout(), "%d %s\n", closed.Code, closed.Reason)
	default:
		ts.Fatalf("socket: unknown verb %s", verb)
	}
}

func misusedCmd(ts *testscript.TestScript, _ bool, args []string) {
	err := ts.Exec("dodev", args...)
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != exitMisused {
		ts.Fatalf("dodev %q: %v, want exit code %d", args, err, exitMisused)
	}
}

// dodevPath is this test binary under the name by which it is dodev.
func dodevPath(ts *testscript.TestScript) string { return program(ts, "dodev") }

// program is this test binary under the name of one of its programs.
func program(ts *testscript.TestScript, name string) string {
	for _, dir := range filepath.SplitList(ts.Getenv("PATH")) {
		for _, file := range []string{name, name + ".exe"} {
			if path := filepath.Join(dir, file); exists(path) {
				return path
			}
		}
	}
	ts.Fatalf("no %s in PATH", name)
	return ""
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
