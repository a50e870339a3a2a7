package tui

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/dodev/dodev/devserver/inspect"
)

// tap is the frames that went by, the newest at the bottom.
func (p *sockets) tap(width, height int) []string {
	s := p.style
	note := "tap, → to the client, ← from it, space pauses, r reads"
	frames := p.passed()
	if p.paused {
		note = "paused, " + count(p.missed, "new frame")
	}
	out := []string{rule(s, note, width)}
	frames = frames[max(0, len(frames)-(height-1)):]
	if len(frames) == 0 {
		out = append(out, " "+s.dim.on("waiting for a message"))
	}
	for _, f := range frames {
		out = append(out, " "+frameLine(s, f))
	}
	return out
}

// passed are the frames that are shown: while the tap is paused, those from
// before.
func (p *sockets) passed() []inspect.Frame { return p.frames[:len(p.frames)-p.held] }

func frameLine(s styles, f inspect.Frame) string {
	return s.dim.on(clock(f.At)) + fmt.Sprintf(" %3d ", f.Socket) + arrow(s, f) + " " + frameText(s, f)
}

// arrow is the way a frame went.
func arrow(s styles, f inspect.Frame) string {
	if f.FromClient {
		return s.accent.on("←")
	}
	return s.green.on("→")
}

func frameText(s styles, f inspect.Frame) string {
	note := ""
	if f.Auto {
		note = s.dim.on(" (answered by itself)")
	}
	switch f.Kind {
	case "close":
		return s.amber.on(strings.TrimSpace(fmt.Sprintf("close %d %s", f.Code, plain(f.Text)))) + note
	case "binary":
		return s.dim.on(size(f.SizeBytes)+" ") + bytesInline(fmt.Sprintf("%x", f.Data)) + note
	}
	return plain(f.Text) + note
}

// clock is the time of day of something that is seen go by.
func clock(at time.Time) string { return at.Local().Format("15:04:05.000") }

// A reader shows the frames that were tapped one by one, each as a whole. Those
// that go by meanwhile it does not.
type reader struct {
	list
	object string
	frames []inspect.Frame
	only   int // the number of the socket whose frames alone are shown, -1 for all
	below  int // lines of the frame above what is in sight
}

func (m *model) whyNoReader() string {
	if len(m.sockets.passed()) == 0 {
		return "no frame was tapped: t taps them"
	}
	return ""
}

func (m *model) openReader() tea.Cmd {
	r := &reader{object: m.scopeName(), frames: slices.Clone(m.sockets.passed()), only: -1}
	r.cursor = len(r.frames) - 1
	m.dialog = r
	return nil
}

func (r *reader) field() *field  { return nil }
func (r *reader) changed(*model) {}

// shown are the frames that may be chosen.
func (r *reader) shown() []inspect.Frame {
	if r.only < 0 {
		return r.frames
	}
	var out []inspect.Frame
	for _, f := range r.frames {
		if f.Socket == r.only {
			out = append(out, f)
		}
	}
	return out
}

func (r *reader) press(m *model, key tea.KeyPressMsg) tea.Cmd {
	frames := r.shown()
	at := frames[within(r.cursor, len(frames))]
	switch name := key.String(); name {
	case "esc", "q", "r", "enter":
		m.dialog = nil
	case "[":
		r.below = max(0, r.below-1)
	case "]":
		r.below++
	case "y":
		return m.copy("the frame", frameBody(at))
	case "o":
		if r.only = at.Socket; len(r.shown()) == len(frames) {
			r.only = -1
		}
		r.cursor, r.below = len(r.shown())-1, 0
	default:
		if r.list.press(name, len(frames)) {
			r.below = 0
		}
	}
	return nil
}

func (r *reader) box(m *model, width, height int) (string, []string) {
	s, frames := m.style, r.shown()
	from, to := r.window(len(frames), max(3, min(len(frames), height/3)))
	var out []string
	for i := from; i < to; i++ {
		out = append(out, cursorLine(s, frameLine(s, frames[i]), width, i == r.cursor, true))
	}
	at := frames[r.cursor]
	note := size(at.SizeBytes)
	if kept := int64(len(at.Text) + len(at.Data)); kept < at.SizeBytes {
		note = "the first " + size(kept) + " of " + note
	}
	out = append(out, rule(s, note, width))
	body := frameLines(s, at, width-2)
	room := max(1, height-len(out))
	r.below = max(0, min(r.below, len(body)-room))
	for _, l := range body[r.below:min(len(body), r.below+room)] {
		out = append(out, " "+cut(l, width-2))
	}
	out = append(out, make([]string, max(0, height-len(out)))...) // so that nothing jumps
	title := fmt.Sprintf("Frames of %s", r.object)
	if r.only >= 0 {
		title += fmt.Sprintf(", socket %d", r.only)
	}
	return title + s.dim.on(fmt.Sprintf("  %d of %d  ↑ ↓  [ ] scroll  o one socket  y copy", r.cursor+1, len(frames))), out
}

// frameBody is what a frame says, to be copied.
func frameBody(f inspect.Frame) string {
	if f.Kind == "binary" {
		return hex.EncodeToString(f.Data)
	}
	return f.Text
}

// frameLines are what a frame says, on as many lines as it takes.
func frameLines(s styles, f inspect.Frame, width int) []string {
	switch {
	case f.Kind == "close":
		return []string{frameText(s, f)}
	case f.Kind == "binary":
		w := writer{style: s}
		w.dump(hex.EncodeToString(f.Data), "")
		return w.lines
	case strings.HasPrefix(f.Text, "{"), strings.HasPrefix(f.Text, "["):
		if n, err := inspect.ParseNode(json.RawMessage(f.Text)); err == nil {
			return written(s, n, width)
		}
	}
	var out []string
	for l := range strings.Lines(f.Text) {
		out = append(out, strings.Split(ansi.Hardwrap(inspect.Printable(strings.TrimSuffix(l, "\n")), max(1, width), true), "\n")...)
	}
	return out
}
