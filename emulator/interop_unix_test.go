//go:build unix

package emulator_test

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/dodev/dodev/emulator/config"
	"github.com/dodev/dodev/sqlite"
)

// The other tool lies in the folder that DODEV_INTEROP names, made by
//
//	npm install --prefix DIR node@22 wrangler@4.164.0
//
// Node may be elsewhere: DODEV_NODE names it. With DODEV_REQUIRE_INTEROP set the
// test fails where it would be skipped.
const (
	interopVariable = "DODEV_INTEROP"
	nodeVariable    = "DODEV_NODE"
	requireVariable = "DODEV_REQUIRE_INTEROP"
	// interopFolder names, for the process that is to be killed, the folder to
	// keep its state in.
	interopFolder = "DODEV_TEST_INTEROP"
)

// wrangler is the other tool.
type wrangler struct{ node, script string }

func findWrangler(t *testing.T) wrangler {
	t.Helper()
	skip := func(why string) {
		t.Helper()
		if os.Getenv(requireVariable) != "" {
			t.Fatal(why)
		}
		t.Skip(why)
	}
	dir := os.Getenv(interopVariable)
	if dir == "" {
		skip(interopVariable + " names no folder in which wrangler is installed: exchanging state with it is not tested")
	}
	w := wrangler{os.Getenv(nodeVariable), filepath.Join(dir, "node_modules", "wrangler", "bin", "wrangler.js")}
	if w.node == "" {
		w.node = filepath.Join(dir, "node_modules", ".bin", "node")
		if _, err := os.Stat(w.node); err != nil {
			w.node = "node"
		}
	}
	if _, err := os.Stat(w.script); err != nil {
		skip("no wrangler: " + err.Error())
	}
	out, err := exec.Command(w.node, "--version").Output()
	if err != nil {
		skip("no node: " + err.Error())
	}
	major, _, _ := strings.Cut(strings.TrimPrefix(string(out), "v"), ".")
	if n, err := strconv.Atoi(major); err != nil || n < 22 {
		skip(fmt.Sprintf("node is version %s, and wrangler wants 22", bytes.TrimSpace(out)))
	}
	return w
}

// A wranglerDev is a running wrangler dev.
type wranglerDev struct {
	t     *testing.T
	cmd   *exec.Cmd
	url   string
	ended chan struct{}
	once  sync.Once

	mu  sync.Mutex
	out bytes.Buffer
}

// Write implements io.Writer for what the tool prints.
func (w *wranglerDev) Write(data []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.out.Write(data)
}

func (w *wranglerDev) printed() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.out.String()
}

// dev starts the tool on a project, without waiting for it.
func (w wrangler) dev(t *testing.T, dir, state string) *wranglerDev {
	t.Helper()
	port := freePort(t)
	d := &wranglerDev{t: t, url: "http://127.0.0.1:" + port, ended: make(chan struct{})}
	d.cmd = exec.Command(w.node, w.script, "dev", "--ip", "127.0.0.1", "--port", port, "--inspector-port", "0",
		"--persist-to", state, "--show-interactive-dev-session=false")
	d.cmd.Dir = dir
	home := t.TempDir()
	d.cmd.Env = append(os.Environ(), "CI=1", "WRANGLER_SEND_METRICS=false", "HOME="+home, "XDG_CONFIG_HOME="+home)
	d.cmd.Stdout, d.cmd.Stderr = d, d
	d.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := d.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = d.cmd.Wait()
		close(d.ended)
	}()
	t.Cleanup(d.stop)
	return d
}

// freePort is a port that nobody listens to just now.
func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	return port
}

// toolPatience is how long the tool may take to start, answer or stop.
const toolPatience = time.Minute

// get waits until the tool answers. An answer other than 200 is an error with its
// text.
func (w *wranglerDev) get(path string) (string, error) {
	for late := time.Now().Add(toolPatience); ; {
		res, err := http.Get(w.url + path)
		if err == nil {
			defer res.Body.Close()
			body, err := io.ReadAll(res.Body)
			if err == nil && res.StatusCode != 200 {
				err = errors.New(string(body))
			}
			return string(body), err
		}
		select {
		case <-w.ended:
			return "", errors.New("it has ended")
		case <-time.After(50 * time.Millisecond): // another process: there is nothing to wait on
		}
		if time.Now().After(late) {
			return "", err
		}
	}
}

func (w *wranglerDev) mustGet(path string) string {
	w.t.Helper()
	body, err := w.get(path)
	if err != nil {
		w.t.Fatalf("wrangler dev: GET %s: %v\nit printed: %s", path, err, w.printed())
	}
	return body
}

// stop ends the tool and everything it started.
func (w *wranglerDev) stop() {
	w.once.Do(func() {
		_ = syscall.Kill(-w.cmd.Process.Pid, syscall.SIGTERM)
		select {
		case <-w.ended:
		case <-time.After(toolPatience / 4):
		}
		_ = syscall.Kill(-w.cmd.Process.Pid, syscall.SIGKILL)
		<-w.ended
	})
}

var countLine = regexp.MustCompile(`(?m)^count: (\d+)\n`)

// withoutCount splits what /read answered into the count and the rest.
func withoutCount(t *testing.T, read string) (count int, rest string) {
	t.Helper()
	if m := countLine.FindStringSubmatch(read); m != nil {
		count, _ = strconv.Atoi(m[1])
	}
	return count, countLine.ReplaceAllString(read, "")
}

func TestWranglerAndDodevTakeTurnsOnOneFolder(t *testing.T) {
	if state := os.Getenv(interopFolder); state != "" {
		takeTurn(t, state)
		return
	}
	tool := findWrangler(t)
	dir, state := extract(t, read(t, filepath.Join("testdata", "interop.txtar"))), t.TempDir()

	first := tool.dev(t, dir, state)
	first.mustGet("/write?by=wrangler")
	for range 3 {
		first.mustGet("/increment")
	}
	written := first.mustGet("/read")
	cfg, b := build(t, dir, config.Options{})
	if _, err := open(t, cfg, b, inFolder(state)); !errors.Is(err, sqlite.ErrLocked) || !strings.Contains(err.Error(), "interop-") {
		t.Errorf("open beside wrangler dev: %v, want a refusal by name", err)
	}
	first.stop()

	found, left, answered := dodevsTurn(t, state, 50)
	if found != written {
		t.Errorf("dodev found %s\nwant %s", found, written)
	}

	second := tool.dev(t, dir, state)
	count, rest := withoutCount(t, second.mustGet("/read"))
	if _, want := withoutCount(t, left); rest != want {
		t.Errorf("wrangler dev found %s\nwant %s", rest, want)
	}
	if count < answered {
		t.Errorf("wrangler dev found the count %d, want %d", count, answered)
	}
	second.mustGet("/write?by=wrangler-again")
	written = second.mustGet("/read")
	second.stop()

	p := serveBuilt(t, cfg, b, inFolder(state))
	if got := p.get("/read"); got != written {
		t.Errorf("dodev found %s\nwant %s", got, written)
	}
	third := tool.dev(t, dir, state)
	if body, err := third.get("/read"); err == nil {
		t.Errorf("wrangler dev beside dodev answered %s", body)
	} else if text := err.Error() + third.printed(); !strings.Contains(text, "SQLITE_BUSY") && !strings.Contains(text, "locked") {
		t.Errorf("wrangler dev beside dodev: %s", text)
	}
	third.stop()
	if got := p.get("/read"); got != written {
		t.Errorf("after wrangler dev tried, dodev finds %s\nwant %s", got, written)
	}
}

// takeTurn is dodev's turn, in a process that is killed in the middle of it.
func takeTurn(t *testing.T, state string) {
	p := serve(t, extract(t, read(t, filepath.Join("testdata", "interop.txtar"))), inFolder(state))
	fmt.Printf("found %q\n", p.get("/read"))
	p.get("/write?by=dodev")
	fmt.Printf("left %q\n", p.get("/read"))
	for {
		fmt.Printf("answered %q\n", p.get("/increment"))
	}
}

// dodevsTurn has dodev go on in a folder, kills it after so many increments, and
// gives what it read at first, before the increments, and the last answer.
func dodevsTurn(t *testing.T, state string, increments int) (found, left string, answered int) {
	t.Helper()
	child := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$", "-test.timeout=1m")
	// What the child does not get to remove goes with this test's own folder.
	child.Env = append(os.Environ(), interopFolder+"="+state, "TMPDIR="+t.TempDir())
	child.Stderr = os.Stderr
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	n := 0
	for lines := bufio.NewScanner(out); lines.Scan(); {
		kind, quoted, _ := strings.Cut(lines.Text(), " ")
		text, err := strconv.Unquote(quoted)
		if err != nil {
			t.Errorf("dodev printed %s", lines.Text())
			continue
		}
		switch kind {
		case "found":
			found = text
		case "left":
			left = text
		case "answered":
			answered, _ = strconv.Atoi(text)
			if n++; n == increments {
				if err := child.Process.Kill(); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	_ = child.Wait() // it was killed
	return found, left, answered
}
