package tui

import (
	"context"

	tea "charm.land/bubbletea/v2"

	"github.com/dodev/dodev/devserver/inspect"
)

func (m *model) whyNoTrace() string {
	if _, ok := m.timeline.Selected(); !ok {
		return "there is no trace"
	}
	return ""
}

func (m *model) whyNoReplay() string {
	if why := m.whyNoTrace(); why != "" {
		return why
	}
	t, _ := m.timeline.Selected()
	if t.WhyNoReplay != "" {
		return t.WhyNoReplay
	}
	return m.whyOffline()
}

func (m *model) whyNoOpening() string {
	if m.timeline.open == nil {
		return m.whyNoTrace()
	}
	span, ok := m.timeline.Span()
	switch {
	case !ok:
		return "it has no steps"
	case m.objects.all[span.Ref] == nil:
		return "the step is of no object"
	}
	return ""
}

// openTrace draws the trace at the cursor as a waterfall; of one that is drawn,
// it goes to the object of the step at the cursor.
func (m *model) openTrace() tea.Cmd {
	if m.timeline.open != nil {
		span, _ := m.timeline.Span()
		return m.jump(scope{ref: span.Ref}, storageTab)
	}
	t, _ := m.timeline.Selected()
	return m.enterTrace(t, timelineTab, inspect.LogLine{})
}

// enterTrace draws a trace that was found in a tab, with the cursor on a line that
// it printed, or at the top.
func (m *model) enterTrace(t inspect.Trace, from tab, line inspect.LogLine) tea.Cmd {
	m.timeline.Open(t)
	m.timeline.from, m.timeline.aim = from, line
	return m.readTrace(t.ID)
}

// readTrace asks for the spans of the trace that is open.
func (m *model) readTrace(id string) tea.Cmd {
	api := m.api
	return ask(m, func(ctx context.Context) (inspect.Trace, error) {
		return api.Trace(ctx, id)
	}, func(m *model, t inspect.Trace, err error) tea.Cmd {
		open := m.timeline.open
		switch {
		case open == nil || open.ID != id:
		case err != nil:
			if len(open.Spans) == 0 {
				m.timeline.Back()
			}
			m.complain(err)
		default:
			m.timeline.Open(t)
		}
		return nil
	})
}

// followOpen reads the open trace again when it went on.
func (m *model) followOpen(t inspect.Trace) tea.Cmd {
	if m.timeline.open == nil || m.timeline.open.ID != t.ID {
		return nil
	}
	return m.readTrace(t.ID)
}

// replay sends the same once more, and shows what comes of it where the one
// before was shown.
func (m *model) replay() tea.Cmd {
	t, _ := m.timeline.Selected()
	opened := m.timeline.open != nil
	api := m.api
	return ask(m, func(ctx context.Context) (string, error) {
		return api.Replay(ctx, t.ID)
	}, func(m *model, id string, err error) tea.Cmd {
		switch {
		case err != nil:
			m.complain(err)
			return nil
		case id == "":
			m.done("replayed " + plain(t.Name))
			return nil
		}
		m.done("replayed " + plain(t.Name) + " as " + id)
		if opened && m.timeline.open != nil {
			t.ID, t.Spans = id, nil
			return m.enterTrace(t, m.timeline.from, inspect.LogLine{})
		}
		m.timeline.cursor = len(m.timeline.shown)
		return nil
	})
}

// showPrinted shows the lines of a trace among the logs.
func (m *model) showPrinted() tea.Cmd {
	t, _ := m.timeline.Selected()
	m.logs.Only(t.ID)
	return m.showTab(logsTab)
}

func (m *model) whyNoList() string {
	if m.timeline.open != nil {
		return "a trace is open; esc goes back to all"
	}
	return ""
}

func (m *model) onlyErrors() tea.Cmd {
	m.timeline.Bad()
	return nil
}

func (m *model) whyNoLineTrace() string {
	if why := m.whyNoLine(); why != "" {
		return why
	}
	if l, _ := m.logs.Selected(); l.Trace == "" {
		return "the line was printed in nothing that was recorded"
	}
	return m.whyOffline()
}

// openLineTrace draws the trace that printed the line at the cursor.
func (m *model) openLineTrace() tea.Cmd {
	l, _ := m.logs.Selected()
	t := inspect.Trace{ID: l.Trace, At: l.At, Name: "trace " + l.Trace}
	for _, known := range m.timeline.all {
		if known.ID == l.Trace {
			t = known
		}
	}
	m.past = false
	show := m.showTab(timelineTab)
	return tea.Batch(show, m.enterTrace(t, logsTab, l))
}
