package tui

import (
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
)

// The mouse. A click chooses, a second one opens, the wheel scrolls what is
// under it.

// doubleClick is how soon the second click must come.
const doubleClick = 400 * time.Millisecond

// headRows are the rows of a side above what its tab shows: two about the
// scope, the tabs and a rule.
const headRows = 4

func (m *model) click(msg tea.MouseClickMsg) tea.Cmd {
	if msg.Button != tea.MouseLeft {
		return nil
	}
	if m.dialog != nil {
		return nil
	}
	twice := m.now.Sub(m.lastAt) < doubleClick
	m.lastAt = m.now
	tree, side := m.areas()
	switch {
	case msg.Y == m.height-1:
		return m.clickHint(msg.X)
	case m.page != mainPage:
		return m.clickPage(msg.Y-m.body().y, twice)
	case tree.has(msg.X, msg.Y):
		return m.clickTree(msg.X-tree.x-1, msg.Y-tree.y-1, tree.width-2, twice)
	case side.has(msg.X, msg.Y):
		m.inTab = true
		return m.clickSide(msg.X-side.x-1, msg.Y-side.y-1, side.width-2, twice)
	}
	return nil
}

func (m *model) clickHint(x int) tea.Cmd {
	for _, h := range m.hints {
		if x >= h.from && x < h.to {
			return m.run(h.binding)
		}
	}
	return nil
}

func (m *model) clickTree(x, y, width int, twice bool) tea.Cmd {
	m.inTab = false
	if y == 0 {
		m.objects.ClickTitle(x, width)
		return nil
	}
	if again := m.objects.Click(y - 1); again && twice {
		return m.openNode()
	}
	return m.moved()
}

func (m *model) clickSide(x, y, width int, twice bool) tea.Cmd {
	if y == headRows-2 {
		at := 0
		for _, p := range m.tabParts(width) {
			if at += ansi.StringWidth(p.text); x < at {
				return m.showTab(p.tab)
			}
		}
		return nil
	}
	again := m.clickRow(y - headRows)
	if again && twice {
		return m.enterRow()
	}
	if m.pastShown() {
		return m.stepped()
	}
	return nil
}

// clickRow chooses the row in a line of the tab, and says whether it was
// chosen before.
func (m *model) clickRow(y int) (again bool) {
	l, rows, titles := m.rows()
	if l == nil {
		return false
	}
	row := l.at(y-titles, rows)
	if row < 0 {
		return false
	}
	again = row == l.cursor
	l.cursor = row
	return again
}

// rows is the list of the tab, how many rows it has, and how many lines of
// titles are above them.
func (m *model) rows() (*list, int, int) {
	switch m.tab {
	case storageTab:
		return &m.storage.list, len(m.storage.rows), 1
	case sqlTab:
		return &m.sql.list, len(m.sql.schema.Tables), 1
	case socketsTab:
		return &m.sockets.list, len(m.sockets.rows), 1
	case alarmsTab:
		return &m.alarms.list, len(m.alarms.rows), 1
	case timelineTab:
		if m.pastShown() {
			return &m.commits.list, len(m.commits.history.Commits), 1
		}
		if m.timeline.open != nil {
			return &m.timeline.spans, len(m.timeline.open.Spans), 2
		}
		return &m.timeline.list, len(m.timeline.shown), 1
	}
	return &m.logs.list, len(m.logs.shown), 0
}

// wheelRows is how far one notch of the wheel goes.
const wheelRows = 3

func (m *model) wheel(msg tea.MouseWheelMsg) tea.Cmd {
	by := wheelRows
	switch msg.Button {
	case tea.MouseWheelUp:
		by = -wheelRows
	case tea.MouseWheelDown:
	default:
		return nil
	}
	if h, ok := m.dialog.(*help); ok {
		h.scroll(by, len(h.lines(m, 80)))
		return nil
	}
	if m.dialog != nil {
		return nil
	}
	tree, side := m.areas()
	switch {
	case m.page != mainPage:
		return m.wheelPage(by)
	case tree.has(msg.X, msg.Y):
		m.objects.Scroll(by)
		return m.moved()
	case side.has(msg.X, msg.Y):
		l, rows, _ := m.rows()
		l.scroll(by, rows)
		if m.pastShown() {
			return m.stepped()
		}
		return m.more()
	}
	return nil
}
