//go:build unix

package emulator_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// The other tool lies in the folder that DODEV_INTEROP names, made by
//
//	npm install --prefix DIR node@22 wrangler@4.164.0
//
// Node may be elsewhere: DODEV_NODE names it. With DODEV_REQUIRE_INTEROP set the
// tests that want it fail where they would do without.
const (
	interopVariable = "DODEV_INTEROP"
	nodeVariable    = "DODEV_NODE"
	requireVariable = "DODEV_REQUIRE_INTEROP"
)

// wrangler is the other tool.
type wrangler struct{ node, script string }

// findWrangler skips the test where the tool cannot be run.
func findWrangler(t *testing.T) wrangler {
	t.Helper()
	w, err := lookForWrangler()
	if err != nil && os.Getenv(requireVariable) != "" {
		t.Fatal(err)
	}
	if err != nil {
		t.Skip(err)
	}
	return w
}

func lookForWrangler() (wrangler, error) {
	dir := os.Getenv(interopVariable)
	if dir == "" {
		return wrangler{}, errors.New(interopVariable + " names no folder in which wrangler is installed")
	}
	w := wrangler{os.Getenv(nodeVariable), filepath.Join(dir, "node_modules", "wrangler", "bin", "wrangler.js")}
	if w.node == "" {
		w.node = filepath.Join(dir, "node_modules", ".bin", "node")
		if _, err := os.Stat(w.node); err != nil {
			w.node = "node"
		}
	}
	if _, err := os.Stat(w.script); err != nil {
		return w, fmt.Errorf("no wrangler: %w", err)
	}
	out, err := exec.Command(w.node, "--version").Output()
	if err != nil {
		return w, fmt.Errorf("no node: %w", err)
	}
	major, _, _ := strings.Cut(strings.TrimPrefix(string(out), "v"), ".")
	if n, err := strconv.Atoi(major); err != nil || n < 22 {
		return w, fmt.Errorf("node is version %s, and wrangler wants 22", bytes.TrimSpace(out))
	}
	return w, nil
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
func (w wrangler) dev(t *testing.T, dir, state string, args ...string) *wranglerDev {
	t.Helper()
	port := freePort(t)
	d := &wranglerDev{t: t, url: "http://127.0.0.1:" + port, ended: make(chan struct{})}
	args = append([]string{w.script, "dev", "--ip", "127.0.0.1", "--port", port, "--inspector-port", "0",
		"--persist-to", state, "--show-interactive-dev-session=false"}, args...)
	d.cmd = exec.Command(w.node, args...)
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
