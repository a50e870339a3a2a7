package main

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// A console is a dodev that runs in a terminal.
type console struct {
	t        *testing.T
	cmd      *exec.Cmd
	keyboard *os.File // what is written here is typed
	output   output
	ended    chan struct{}
}

// inTerminal runs dodev in a terminal of its own.
func inTerminal(t *testing.T, dir string, args ...string) *console {
	t.Helper()
	return inTerminalThat(t, dir, unix.Winsize{}, io.Discard, nil, args...)
}

// inTerminalThat is inTerminal with a size and more of an environment, which
// shows itself to somebody.
func inTerminalThat(t *testing.T, dir string, size unix.Winsize, show io.Writer, environ []string, args ...string) *console {
	t.Helper()
	keyboard, screen := openTerminal(t)
	if err := unix.IoctlSetWinsize(int(screen.Fd()), unix.TIOCSWINSZ, &size); err != nil {
		t.Fatal(err)
	}
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := &console{t: t, keyboard: keyboard, ended: make(chan struct{})}
	c.cmd = &exec.Cmd{
		Path: exe, Args: append([]string{"dodev"}, args...), Dir: dir, Env: append(environ, "TERM=xterm-256color", "COLORTERM=truecolor", "HOME="+t.TempDir()),
		Stdin: screen, Stdout: screen, Stderr: screen, SysProcAttr: &syscall.SysProcAttr{Setsid: true, Setctty: true},
	}
	if err := c.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = c.cmd.Wait()
		close(c.ended)
	}()
	drawn := make(chan struct{})
	go func() {
		defer close(drawn)
		buf := make([]byte, 4096)
		for {
			n, err := keyboard.Read(buf)
			_, _ = c.output.Write(buf[:n])
			_, _ = show.Write(buf[:n])
			if err != nil {
				return
			}
		}
	}()
	t.Cleanup(func() {
		_ = c.cmd.Process.Kill()
		<-c.ended
		screen.Close() // with which there is nothing more to read
		<-drawn
	})
	return c
}

// openTerminal gives both sides of a new terminal.
func openTerminal(t *testing.T) (keyboard, screen *os.File) {
	t.Helper()
	keyboard, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skipf("no terminals here: %v", err)
	}
	t.Cleanup(func() { keyboard.Close() })
	fd := int(keyboard.Fd())
	if err := unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	number, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	screen, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { screen.Close() })
	return keyboard, screen
}

// await waits until the screen shows something, and gives what matched.
func (c *console) await(pattern string) []string {
	c.t.Helper()
	re := regexp.MustCompile(pattern)
	late := time.After(patience)
	for {
		text, more := c.output.read()
		if match := re.FindStringSubmatch(text); match != nil {
			return match
		}
		select {
		case <-more:
		case <-late:
			c.t.Fatalf("the screen does not show %s:\n%s", pattern, text)
		}
	}
}

func (c *console) press(keys string) {
	c.t.Helper()
	if _, err := c.keyboard.WriteString(keys); err != nil {
		c.t.Fatal(err)
	}
}

// awaitExit waits until dodev ends, and compares its exit code.
func (c *console) awaitExit(want int) {
	c.t.Helper()
	select {
	case <-c.ended:
	case <-time.After(patience):
		text, _ := c.output.read()
		c.t.Fatalf("dodev does not end:\n%s", text)
	}
	if got := c.cmd.ProcessState.ExitCode(); got != want {
		text, _ := c.output.read()
		c.t.Errorf("dodev exits with %d, want %d:\n%s", got, want, text)
	}
}

// mode is how the terminal is set.
func (c *console) mode() uint32 {
	c.t.Helper()
	termios, err := unix.IoctlGetTermios(int(c.keyboard.Fd()), unix.TCGETS)
	if err != nil {
		c.t.Fatal(err)
	}
	return termios.Lflag
}

// writeWorker writes a project of one file.
func writeWorker(t *testing.T, dir, code string) {
	t.Helper()
	for name, text := range map[string]string{
		"wrangler.toml": "name = \"keys\"\nmain = \"index.ts\"\ncompatibility_date = \"2026-11-01\"\n",
		"index.ts":      code,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

const readyPattern = `\x1b\[32mReady\x1b\[0m on \x1b\[36m(http://[^\x1b]+)`

func TestKeysDoWhatTheScreenSays(t *testing.T) {
	dir := t.TempDir()
	writeWorker(t, dir, `export default { fetch() { return new Response("ok"); } };`)
	c := inTerminal(t, dir, "serve", "--port", "0")
	before := c.mode() | unix.ICANON | unix.ECHO
	c.await(regexp.QuoteMeta(keyHelp))
	c.await(readyPattern)
	if c.mode()&unix.ICANON != 0 {
		t.Errorf("keys are not given at once")
	}
	c.press("e")
	c.await("evicted 0 objects")
	c.press("r")
	c.await("asked for .*reloaded")
	c.press("q")
	c.awaitExit(exitDone)
	if after := c.mode(); after != before {
		t.Errorf("the terminal's mode is %#x afterwards, want %#x", after, before)
	}
}

func TestOnATerminalAStartThatFailsWaitsForTheNextSave(t *testing.T) {
	for name, bad := range map[string]string{
		"broken": `export default {`,
		"throws": `throw new Error("not today"); export default {};`,
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			writeWorker(t, dir, bad)
			c := inTerminal(t, dir, "serve", "--port", "0")
			c.await("waiting for the next save")
			writeWorker(t, dir, `export default { fetch() { return new Response("mended"); } };`)
			c.await(readyPattern)
			c.press("\x03")
			c.awaitExit(exitDone)
		})
	}
}

func TestWithoutReloadAStartThatFailsEnds(t *testing.T) {
	dir := t.TempDir()
	writeWorker(t, dir, `export default {`)
	inTerminal(t, dir, "serve", "--port", "0", "--no-reload").awaitExit(exitFailed)
}

func TestTheSecondInterruptEndsAtOnce(t *testing.T) {
	dir := t.TempDir()
	writeWorker(t, dir, `export default { async fetch() { console.log("waiting"); await new Promise((r) => setTimeout(r, 600_000)); } };`)
	c := inTerminal(t, dir, "serve", "--port", "0")
	before := c.mode() | unix.ICANON | unix.ECHO
	url := c.await(readyPattern)[1]
	go func() {
		if res, err := http.Get(url); err == nil {
			res.Body.Close()
		}
	}()
	c.await("waiting")
	c.press("\x03")
	c.await("stopping when 1 request ended")
	began := time.Now()
	for ended := false; !ended; {
		c.press("\x03")
		select {
		case <-c.ended:
			ended = true
		case <-time.After(signalEcho / 4): // those that come at once are one
		}
	}
	c.awaitExit(exitInterrupted)
	if took := time.Since(began); took > drainTime-signalEcho {
		t.Errorf("dodev ends after %v, want it at once", took)
	}
	if after := c.mode(); after != before {
		t.Errorf("the terminal's mode is %#x afterwards, want %#x", after, before)
	}
}

func TestColoursAreForTerminalsOnly(t *testing.T) {
	dir := t.TempDir()
	for _, args := range [][]string{{"doctor", "--no-color"}, {"doctor", "--json"}} {
		writeWorker(t, dir, `export default { fetch() { return new Response("ok"); } };`)
		c := inTerminal(t, dir, args...)
		c.awaitExit(exitDone)
		if text, _ := c.output.read(); strings.Contains(text, "\x1b[") {
			t.Errorf("%q shows colours: %q", args, text)
		}
	}
}
