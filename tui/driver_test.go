package tui

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
	uv "github.com/charmbracelet/ultraviolet"
	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/vt"

	"github.com/dodev/dodev/devserver/inspect"
	"github.com/dodev/dodev/devserver/inspect/inspecttest"
)

var update = flag.Bool("update", false, "write the golden files anew")

// A driver plays keys to the real program and reads the screen of a terminal.
// It lives in a bubble of synctest: it waits for frames, not for time.
type driver struct {
	t       *testing.T
	fake    *inspecttest.Fake
	program *tea.Program
	model   *model
	mu      sync.Mutex
	screen  *vt.Emulator
	ended   chan error
}

// Write implements io.Writer: it is what the program draws.
func (d *driver) Write(text []byte) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	_, err := d.screen.Write(bytes.ReplaceAll(text, []byte("\n"), []byte("\r\n"))) // as a terminal's driver does
	return len(text), err
}

// drive runs play against the inspector of a fake, on a terminal of a size.
func drive(t *testing.T, fake func(now func() time.Time) *inspecttest.Fake, width, height int, play func(d *driver)) {
	t.Helper()
	driveWith(t, fake, width, height, nil, play)
}

func driveWith(t *testing.T, fake func(now func() time.Time) *inspecttest.Fake, width, height int, adjust func(o *Options), play func(d *driver)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		d := &driver{t: t, fake: fake(time.Now), screen: vt.NewEmulator(width, height), ended: make(chan error, 1)}
		go d.drain()
		ctx, cancel := context.WithCancel(t.Context())
		o := Options{
			Connect: func(context.Context) (inspect.Inspector, func(), error) { return bound{d.fake}, func() {}, nil },
			Environ: []string{"TERM=xterm-256color", "EDITOR=true"},
		}
		if adjust != nil {
			adjust(&o)
		}
		d.model = newModel(ctx, o)
		d.program = tea.NewProgram(d.model, tea.WithContext(ctx), tea.WithInput(nil), tea.WithOutput(d), tea.WithoutSignals(),
			tea.WithWindowSize(width, height), tea.WithColorProfile(colorprofile.TrueColor), tea.WithEnvironment(o.Environ))
		go func() {
			_, err := d.program.Run()
			d.ended <- err
		}()
		d.program.Send(tea.WindowSizeMsg{Width: width, Height: height})
		defer d.end(cancel)
		d.settle()
		play(d)
	})
}

// end leaves the program, and lets what waits come to its end.
func (d *driver) end(cancel func()) {
	d.program.Quit()
	if err := <-d.ended; err != nil {
		d.t.Errorf("the program ended with %v", err)
	}
	cancel()
	d.model.close()
	d.screen.Close()
	time.Sleep(time.Minute)
}

// drain takes what the terminal answers to questions, which nobody reads.
func (d *driver) drain() {
	buf := make([]byte, 1024)
	for {
		if _, err := d.screen.Read(buf); err != nil {
			return
		}
	}
}

// settle lets everything happen that does not take longer than a person's
// blink.
func (d *driver) settle() {
	time.Sleep(200 * time.Millisecond)
	synctest.Wait()
}

// text is what the screen shows.
func (d *driver) text() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	lines := strings.Split(d.screen.String(), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	return strings.Join(lines, "\n")
}

// press plays keys: names of Bubble Tea's, or letters.
func (d *driver) press(keys ...string) {
	for _, k := range keys {
		d.program.Send(keyPress(k))
		d.settle()
	}
}

// write types a text.
func (d *driver) write(text string) {
	for _, r := range text {
		d.program.Send(tea.KeyPressMsg{Code: r, Text: string(r)})
	}
	d.settle()
}

func keyPress(name string) tea.KeyPressMsg {
	special := map[string]rune{
		"enter": tea.KeyEnter, "esc": tea.KeyEscape, "tab": tea.KeyTab, "up": tea.KeyUp, "down": tea.KeyDown, "left": tea.KeyLeft,
		"right": tea.KeyRight, "backspace": tea.KeyBackspace, "pgdown": tea.KeyPgDown, "pgup": tea.KeyPgUp, "end": tea.KeyEnd, "home": tea.KeyHome,
	}
	if code, ok := special[name]; ok {
		return tea.KeyPressMsg{Code: code}
	}
	if name == "space" {
		return tea.KeyPressMsg{Code: ' ', Text: " "}
	}
	if letter, ok := strings.CutPrefix(name, "ctrl+"); ok {
		return tea.KeyPressMsg{Code: rune(letter[0]), Mod: tea.ModCtrl}
	}
	r := []rune(name)
	return tea.KeyPressMsg{Code: r[0], Text: name}
}

// await waits until the screen shows a text.
func (d *driver) await(text string) {
	d.t.Helper()
	for range 100 {
		if strings.Contains(d.text(), text) {
			return
		}
		d.settle()
	}
	d.t.Fatalf("the screen never shows %q:\n%s", text, d.text())
}

// awaitNot waits until the screen does not show a text any more.
func (d *driver) awaitNot(text string) {
	d.t.Helper()
	for range 100 {
		if !strings.Contains(d.text(), text) {
			return
		}
		d.settle()
	}
	d.t.Fatalf("the screen goes on showing %q:\n%s", text, d.text())
}

// golden compares the screen with the one that was reviewed.
func (d *driver) golden(name string) {
	d.t.Helper()
	path := filepath.Join("testdata", name+".txt")
	got := d.text() + "\n"
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o666); err != nil {
			d.t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		d.t.Fatal(err)
	}
	if got != strings.ReplaceAll(string(want), "\r\n", "\n") {
		d.t.Errorf("the screen differs from %s, got:\n%s\nwant:\n%s", path, got, want)
	}
}

// lively is a chat with something going on.
func lively(now func() time.Time) *inspecttest.Fake { return inspecttest.Lively(now, 12) }

// acted says whether an action of a kind was taken.
func (d *driver) acted(kind inspect.ActionKind) bool {
	return slices.ContainsFunc(d.fake.Acted(), func(a inspect.Action) bool { return a.Kind == kind })
}

// TestMain has the process's signal handling begin outside any bubble, where a
// program that listens for signals would otherwise begin it. Times are shown as
// they are in Greenwich.
func TestMain(m *testing.M) {
	time.Local = time.UTC
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt)
	signal.Stop(signals)
	os.Exit(m.Run())
}

// withEditor has the editor make a change, "OLD=>NEW". No other program runs: a
// bubble's time would not wait for it.
func withEditor(t *testing.T, change string) func(o *Options) {
	t.Helper()
	before, after, _ := strings.Cut(change, "=>")
	return func(o *Options) {
		o.run = func(cmd *exec.Cmd, done tea.ExecCallback) tea.Cmd {
			return func() tea.Msg {
				file := cmd.Args[len(cmd.Args)-1]
				text, err := os.ReadFile(file)
				if err == nil && !strings.Contains(string(text), before) {
					t.Errorf("the editor shows %s, want it to have %s", text, before)
				}
				return done(errors.Join(err, os.WriteFile(file, []byte(strings.Replace(string(text), before, after, 1)), 0o600)))
			}
		}
	}
}

// bound is a fake whose streams end with the context they were asked for with,
// as those of a server do.
type bound struct{ *inspecttest.Fake }

func (b bound) Watch(ctx context.Context, f inspect.Follow) (inspect.Stream, error) {
	s, err := b.Fake.Watch(ctx, f)
	if err == nil {
		context.AfterFunc(ctx, func() { _ = s.Close() })
	}
	return s, err
}

// find is where a text stands on the screen.
func (d *driver) find(text string) (x, y int) {
	d.t.Helper()
	d.await(text)
	for y, l := range strings.Split(d.text(), "\n") {
		if before, _, ok := strings.Cut(l, text); ok {
			return wide(before), y
		}
	}
	return 0, 0
}

// click presses the mouse on a text.
func (d *driver) click(text string) {
	d.t.Helper()
	x, y := d.find(text)
	d.program.Send(tea.MouseClickMsg{X: x, Y: y, Button: tea.MouseLeft})
	d.settle()
}

// under is how the first letter of a text is shown.
func (d *driver) under(text string) uv.Style {
	d.t.Helper()
	x, y := d.find(text)
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.screen.CellAt(x, y).Style
}

func wide(text string) int { return ansi.StringWidth(text) }
