package tui

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/dodev/dodev/devserver/inspect"
)

// Edits of what an object stores. Each says what it expects to find, so that
// one is refused which would overwrite something nobody has seen.

// An undo is an edit that can be taken back.
type undo struct {
	what  string
	diffs []inspect.Diff
}

func (m *model) whyNoStorage() string {
	switch {
	case m.visit.scope.ref.IsZero():
		return "choose an object"
	case !m.storage.loaded:
		return "it is still being read"
	}
	return m.storage.problem
}

// whyNoEdit says why nothing can be changed.
func (m *model) whyNoEdit() string {
	if why := m.whyNoStorage(); why != "" {
		return why
	}
	return whyNot(inspect.EditStorage)(m)
}

func (m *model) whyNoValue() string {
	if why := m.whyNoStorage(); why != "" {
		return why
	}
	if m.storage.Entry() == nil {
		return "there is no key at the cursor"
	}
	return ""
}

func (m *model) whyNoValueEdit() string {
	if why := m.whyNoValue(); why != "" {
		return why
	}
	if e := m.storage.Entry(); e.Damaged != "" {
		return e.Damaged
	}
	return m.whyNoEdit()
}

func (m *model) whyNoKeyDelete() string {
	if why := m.whyNoValue(); why != "" {
		return why
	}
	return m.whyNoEdit()
}

func (m *model) whyNoUndo() string {
	if len(m.undoing) == 0 {
		return "nothing was edited here"
	}
	return m.whyNoEdit()
}

func (m *model) whyNoDiff() string {
	if why := m.whyNoValue(); why != "" {
		return why
	}
	if _, ok := m.storage.changes[m.storage.Entry().Key]; !ok {
		return "the value has not changed since it is shown"
	}
	return ""
}

func (m *model) whyNoGroup() string {
	if r, ok := m.storage.Selected(); !ok || r.group == nil {
		return "there is no prefix at the cursor; t groups keys by theirs"
	}
	return ""
}

func (m *model) whyNoPrefix() string {
	if m.storage.prefix == "" {
		return "no prefix is open"
	}
	return ""
}

func (m *model) toggleDiff() tea.Cmd {
	m.storage.diff = !m.storage.diff
	return nil
}

func (m *model) toggleGroup() tea.Cmd {
	m.storage.Group()
	return m.reread()
}

func (m *model) openGroup() tea.Cmd {
	m.storage.Open()
	return m.reread()
}

// reread asks for what the tab shows anew, after what it is to show changed.
func (m *model) reread() tea.Cmd {
	m.visit.number++
	return m.fetch()
}

// change makes one change and remembers how to take it back.
func (m *model) change(what string, c inspect.Change, refused func(m *model, err error) tea.Cmd) tea.Cmd {
	v, api := m.visit, m.api
	return ask(m, func(ctx context.Context) ([]inspect.Diff, error) {
		return api.Edit(ctx, v.scope.ref, []inspect.Change{c})
	}, func(m *model, diffs []inspect.Diff, err error) tea.Cmd {
		if err != nil {
			return refused(m, err)
		}
		if v.scope == m.visit.scope {
			m.undoing = append(m.undoing, undo{what, diffs})
			m.storage.Apply(inspect.StorageEvent{Object: v.scope.ref, By: "you", Diffs: diffs}, m.now)
			m.storage.moveTo(c.Key)
		}
		m.done(what + "  ·  u undoes")
		return nil
	})
}

// complaining is for changes of which nothing is lost when they are refused.
func complaining(m *model, err error) tea.Cmd {
	m.complain(err)
	return nil
}

// undo takes the last edit back, unless somebody wrote there since.
func (m *model) undo() tea.Cmd {
	last := m.undoing[len(m.undoing)-1]
	m.undoing = m.undoing[:len(m.undoing)-1]
	var changes []inspect.Change
	for _, d := range last.diffs {
		changes = append(changes, d.Undo())
	}
	v, api := m.visit, m.api
	return ask(m, func(ctx context.Context) ([]inspect.Diff, error) {
		return api.Edit(ctx, v.scope.ref, changes)
	}, func(m *model, diffs []inspect.Diff, err error) tea.Cmd {
		if err != nil {
			m.complain(fmt.Errorf("undo: %w", err))
			return nil
		}
		if v.scope == m.visit.scope {
			m.storage.Apply(inspect.StorageEvent{Object: v.scope.ref, By: "undo", Diffs: diffs}, m.now)
		}
		m.done("taken back: " + last.what)
		return nil
	})
}

func (m *model) openDeleteKey() tea.Cmd {
	e := *m.storage.Entry()
	m.dialog = &question{
		title: "Delete " + plain(e.Key) + "?",
		text:  []string{entryInline(m.style, &e)},
		yes:   "delete",
		accept: func(m *model) tea.Cmd {
			return m.change("deleted "+plain(e.Key), inspect.Change{Key: e.Key, Expect: e.Version}, complaining)
		},
	}
	return nil
}

// openNew asks for a key, and then for its value.
func (m *model) openNew() tea.Cmd {
	m.dialog = &prompt{
		title: "New key", line: newField(m.storage.prefix), note: "⏎ goes on to its value",
		accept: func(m *model, key string) tea.Cmd {
			m.dialog = m.valueLine("Value of "+plain(key), "", "added "+plain(key), inspect.Change{Key: key, Expect: inspect.Absent})
			return nil
		},
	}
	return nil
}

func (m *model) openInline() tea.Cmd {
	e := m.storage.Entry()
	var text bytes.Buffer
	if json.Compact(&text, e.Value) != nil {
		text.Write(e.Value)
	}
	m.dialog = m.valueLine("Value of "+plain(e.Key), text.String(), "changed "+plain(e.Key), inspect.Change{Key: e.Key, Expect: e.Version})
	return nil
}

// valueLine asks for a value on one line. What is no JSON is not taken.
func (m *model) valueLine(title, text, done string, c inspect.Change) *prompt {
	return &prompt{
		title: title, line: newField(text), note: `JSON, such as 12, "text", {"a": true}`,
		accept: func(m *model, text string) tea.Cmd {
			value, err := readValue(text)
			if err != nil {
				m.complain(err)
				return nil
			}
			m.dialog = nil
			c.Value = value
			again := draft{key: c.Key, expect: c.Expect, text: text + "\n"}
			return m.change(done, c, func(m *model, err error) tea.Cmd { return m.refused(again, c, err) })
		},
	}
}

// readValue is the JSON in a text, whose first lines may be comments.
func readValue(text string) (json.RawMessage, error) {
	lines := strings.Split(text, "\n")
	for i, l := range lines {
		if trimmed := strings.TrimSpace(l); trimmed != "" && !strings.HasPrefix(trimmed, "//") {
			break
		}
		lines[i] = "" // lines keep their numbers
	}
	body := strings.Join(lines, "\n")
	if strings.TrimSpace(body) == "" {
		return nil, errors.New("there is no value")
	}
	var whole json.RawMessage
	if err := json.Unmarshal([]byte(body), &whole); err != nil {
		return nil, errors.New(notJSON(body, err))
	}
	var value bytes.Buffer
	err := json.Compact(&value, whole)
	return value.Bytes(), err
}

// notJSON says where a text stops being JSON.
func notJSON(text string, err error) string {
	var syntax *json.SyntaxError
	if !errors.As(err, &syntax) {
		return err.Error()
	}
	before := text[:max(0, min(int(syntax.Offset)-1, len(text)))]
	lineNumber := strings.Count(before, "\n") + 1
	column := len([]rune(before[strings.LastIndexByte(before, '\n')+1:])) + 1
	return fmt.Sprintf("line %d, column %d: %s", lineNumber, column, strings.TrimPrefix(syntax.Error(), "json: "))
}
