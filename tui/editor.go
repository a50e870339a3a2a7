package tui

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/dodev/dodev/devserver/inspect"
)

// The editor, and the clipboard.

// A draft is a value that is being edited in a file.
type draft struct {
	object string // its label
	key    string
	expect string // the version that was shown
	text   string // that the editor begins with
}

// editValue opens the value at the cursor in the editor.
func (m *model) editValue() tea.Cmd {
	e := m.storage.Entry()
	label := ""
	if o := m.object(); o != nil {
		label = o.Label
	}
	return m.edit(draft{object: label, key: e.Key, expect: e.Version, text: draftText(label, e)})
}

// draftText is a value as it is edited: JSON below a few lines of comment.
func draftText(label string, e *inspect.Entry) string {
	var b bytes.Buffer
	fmt.Fprintf(&b, "// %s  %s  (%s)\n", plain(label), plain(e.Key), plain(e.Type))
	b.WriteString("// Save and leave to store it. Unchanged or empty it changes nothing.\n")
	if bytes.Contains(e.Value, []byte(`"$type"`)) {
		b.WriteString("// An object with \"$type\" is a value that JSON has no form for: keep its shape.\n")
	}
	if json.Indent(&b, e.Value, "", "  ") != nil {
		b.Write(e.Value)
	}
	b.WriteByte('\n')
	return b.String()
}

// draftMsg is that a draft lies in a file.
type draftMsg struct {
	draft
	path string
	err  error
}

// edit writes a draft and has the editor open it.
func (m *model) edit(d draft) tea.Cmd {
	return func() tea.Msg {
		f, err := os.CreateTemp("", "dodev-*.jsonc")
		if err != nil {
			return draftMsg{draft: d, err: err}
		}
		_, err = f.WriteString(d.text)
		return draftMsg{draft: d, path: f.Name(), err: errors.Join(err, f.Close())}
	}
}

func (msg draftMsg) update(m *model) tea.Cmd {
	if msg.err != nil {
		m.complain(fmt.Errorf("write a draft: %w", msg.err))
		return nil
	}
	return m.opts.run(m.editor(msg.path), func(err error) tea.Msg {
		text, readErr := os.ReadFile(msg.path)
		removeErr := os.Remove(msg.path)
		return editedMsg{msg.draft, string(text), errors.Join(err, readErr, removeErr)}
	})
}

// editedMsg is what became of a draft.
type editedMsg struct {
	draft
	after string
	err   error
}

func (msg editedMsg) update(m *model) tea.Cmd {
	switch {
	case msg.err != nil:
		m.complain(fmt.Errorf("edit with %s: %w", m.editorName(), msg.err))
		return nil
	case msg.after == msg.text || strings.TrimSpace(msg.after) == "":
		m.say(m.style.dim, "nothing changed")
		return nil
	}
	again := msg.draft
	again.text = msg.after
	value, err := readValue(msg.after)
	if err != nil {
		m.dialog = &question{
			title: "That is no JSON", text: []string{m.style.red.on(plain(err.Error()))}, yes: "edit it again",
			accept: func(m *model) tea.Cmd { return m.edit(again) },
		}
		return nil
	}
	c := inspect.Change{Key: msg.key, Value: value, Expect: msg.expect}
	return m.change("changed "+plain(msg.key), c, func(m *model, err error) tea.Cmd { return m.refused(again, c, err) })
}

// refused asks what to do with an edit that was not taken: nothing that was
// typed is lost.
func (m *model) refused(d draft, c inspect.Change, err error) tea.Cmd {
	if inspect.CodeOf(err) != inspect.Conflict {
		m.dialog = &question{
			title: "It was not stored", text: []string{m.style.red.on(explain(err))}, yes: "edit it again",
			accept: func(m *model) tea.Cmd { return m.edit(d) },
		}
		return nil
	}
	now := asError(err).Now
	c.Expect = inspect.Absent
	if now != nil {
		c.Expect = now.Version
	}
	s := m.style
	m.dialog = &question{
		title: plain(d.key) + " has changed since it was shown",
		text:  []string{s.dim.on("now   ") + entryInline(s, now), s.dim.on("yours ") + jsonInline(s, c.Value)},
		yes:   "store yours all the same",
		accept: func(m *model) tea.Cmd {
			return m.change("changed "+plain(d.key), c, func(m *model, err error) tea.Cmd { return m.refused(d, c, err) })
		},
	}
	return nil
}

// editorName is the command that $VISUAL or $EDITOR names.
func (m *model) editorName() string {
	for _, name := range []string{"VISUAL", "EDITOR"} {
		for _, pair := range m.opts.Environ {
			if value, ok := strings.CutPrefix(pair, name+"="); ok && strings.TrimSpace(value) != "" {
				return strings.TrimSpace(value)
			}
		}
	}
	if runtime.GOOS == "windows" {
		return "notepad"
	}
	return "vi"
}

// editor is the command that opens something in the editor.
func (m *model) editor(args ...string) *exec.Cmd {
	words := strings.Fields(m.editorName())
	cmd := exec.Command(words[0], append(slices.Clone(words[1:]), args...)...)
	cmd.Env, cmd.Dir = m.opts.Environ, m.opts.Dir
	return cmd
}

// atLine are the arguments that open a file at a line, as editors have them.
func atLine(editor, file, line, column string) []string {
	name := strings.TrimSuffix(filepath.Base(strings.Fields(editor)[0]), ".exe")
	switch name {
	case "code", "code-insiders", "codium", "cursor", "windsurf":
		return []string{"--goto", file + ":" + line + ":" + column}
	case "subl", "zed", "hx", "helix", "micro":
		return []string{file + ":" + line + ":" + column}
	case "idea", "webstorm", "goland", "pycharm":
		return []string{"--line", line, file}
	case "vi", "vim", "nvim", "view", "nano", "emacs", "emacsclient", "kak", "joe", "ne", "mg":
		return []string{"+" + line, file}
	}
	return []string{file}
}

// sourcePlace is what the open key opens: the place of the error or line at the
// cursor, else that of the object.
func (m *model) sourcePlace() string {
	if m.page == migrationsPage {
		return m.migrationPlace()
	}
	if m.inTab && m.tab == logsTab {
		if l, ok := m.logs.Selected(); ok {
			return l.Place
		}
	}
	if m.inTab && m.tab == timelineTab {
		if span, ok := m.timeline.Span(); ok {
			if span.Error != nil && span.Error.Place != "" {
				return span.Error.Place
			}
			return span.Place
		}
		if t, ok := m.timeline.Selected(); ok && t.Error != nil {
			return t.Error.Place
		}
	}
	switch o := m.meant(); {
	case o == nil:
		return ""
	case o.LastError != nil && o.LastError.Place != "":
		return o.LastError.Place
	default:
		return o.Place
	}
}

func (m *model) whyNoPlace() string {
	if m.sourcePlace() == "" {
		return "no place in the source is known"
	}
	return ""
}

func (m *model) openPlace() tea.Cmd {
	file, line, column := splitPlace(m.sourcePlace())
	file = m.sourceFile(file)
	name := m.editorName()
	return m.opts.run(m.editor(atLine(name, file, line, column)...), func(err error) tea.Msg {
		if err == nil {
			return nil
		}
		return troubleMsg{fmt.Errorf("open %s with %s: %w", file, name, err)}
	})
}

// sourceFile is where a file lies that a place names. Places in code are relative
// to the folder of the Worker whose it is, which need not be the one we are in.
func (m *model) sourceFile(file string) string {
	script := m.project.Name
	if o := m.meant(); o != nil {
		script = o.Script
	}
	folder := m.project.Folders[script]
	switch {
	case filepath.IsAbs(file):
		return file
	case folder == "" || m.page == migrationsPage:
		folder = m.opts.Dir
	}
	return filepath.Join(folder, filepath.FromSlash(file))
}

// splitPlace takes "src/room.ts:44:21" apart.
func splitPlace(place string) (file, line, column string) {
	file, line, column = place, "1", "1"
	for range 2 {
		i := strings.LastIndexByte(file, ':')
		if i < 0 || i == len(file)-1 || strings.Trim(file[i+1:], "0123456789") != "" {
			break
		}
		if line != "1" {
			column = line
		}
		file, line = file[:i], file[i+1:]
	}
	return file, line, column
}

// troubleMsg is an error that is shown.
type troubleMsg struct{ err error }

func (msg troubleMsg) update(m *model) tea.Cmd {
	m.complain(msg.err)
	return nil
}

// copy puts a text on the clipboard, by way of the terminal.
func (m *model) copy(what, text string) tea.Cmd {
	m.done("copied " + what)
	return tea.SetClipboard(text)
}

func (m *model) copyName() tea.Cmd { return m.copy(plain(m.meant().Label), m.meant().Label) }
func (m *model) copyID() tea.Cmd   { return m.copy("id "+shortID(m.meant().ID), m.meant().ID) }

func (m *model) copyValue() tea.Cmd {
	e := m.storage.Entry()
	return m.copy("the value of "+plain(e.Key), string(e.Value))
}

func (m *model) copyTrace() tea.Cmd {
	t, _ := m.timeline.Selected()
	return m.copy("trace "+t.ID, t.ID)
}

func (m *model) whyNoLine() string {
	if _, ok := m.logs.Selected(); !ok {
		return "there is no line"
	}
	return ""
}

func (m *model) copyLines() tea.Cmd {
	text, lines := m.logs.Copied()
	return m.copy("the last "+count(lines, "line"), text)
}

func (m *model) copyLine() tea.Cmd {
	l, _ := m.logs.Selected()
	return m.copy("the line", copied(l))
}
