package tui

import (
	tea "charm.land/bubbletea/v2"
)

// Getting around the screen.

// show is the key of a tab.
func show(t tab) func(m *model) tea.Cmd {
	return func(m *model) tea.Cmd { return m.showTab(t) }
}

func (m *model) showTab(t tab) tea.Cmd {
	m.inTab, m.page = true, mainPage
	if m.tab == t {
		return nil
	}
	m.tab = t
	return m.load()
}

func (m *model) otherSide() tea.Cmd {
	m.inTab = !m.inTab
	return nil
}

func (m *model) zoom() tea.Cmd {
	m.zoomed = !m.zoomed
	return nil
}

// goBack leaves one thing: a filter, an open trace, a prefix, the tab, the zoom.
func (m *model) goBack() tea.Cmd {
	switch m.place() {
	case inTree:
		if m.objects.filter != "" {
			m.objects.Filter("")
			return m.moved()
		}
		m.zoomed = false
		return nil
	case inStorage:
		if m.storage.search != "" {
			m.storage.Search("")
			return m.load()
		}
		if m.storage.Back() {
			return m.load()
		}
	case inTimeline:
		if m.timeline.Back() {
			return m.showTab(m.timeline.from)
		}
		if m.timeline.search != "" {
			m.timeline.Search("")
			return nil
		}
	case inCommits:
		if m.project.Live {
			return m.showTraces()
		}
	case inLogs:
		if m.logs.search != "" {
			m.logs.Search("")
			return nil
		}
		if m.logs.trace != "" {
			m.logs.Only("")
			return m.showTab(timelineTab)
		}
	case inSnapshots, inMigrations:
		m.page = mainPage
		return nil
	}
	m.inTab = false
	return nil
}

func (m *model) openNode() tea.Cmd {
	if n := m.objects.Selected(); n.object == nil && n.class != "" {
		m.objects.unfold()
		return nil
	}
	m.inTab = true
	if m.visit.scope != m.objects.at {
		return m.load()
	}
	return nil
}

func (m *model) sortNext() tea.Cmd   { return m.sortBy((m.objects.order + 1) % orders) }
func (m *model) sortBefore() tea.Cmd { return m.sortBy((m.objects.order + orders - 1) % orders) }

func (m *model) sortBy(o order) tea.Cmd {
	m.objects.Sort(o)
	m.say(m.style.dim, "sorted by "+o.String())
	return nil
}

func (m *model) whyNoFilter() string {
	switch m.place() {
	case inTree, inLogs, inTimeline:
		return ""
	case inStorage:
		return m.whyNoStorage()
	}
	return "there is nothing to filter here"
}

// openFilter takes the text that what is shown must have in it.
func (m *model) openFilter() tea.Cmd {
	switch m.place() {
	case inTree:
		m.dialog = m.filterLine("filter", m.objects.filter, func(m *model, text string) tea.Cmd {
			m.objects.Filter(text)
			m.objects.Best()
			return m.moved()
		})
	case inStorage:
		m.dialog = m.filterLine("search keys and values", m.storage.search, func(m *model, text string) tea.Cmd {
			m.storage.Search(text)
			return m.reread()
		})
	case inTimeline:
		m.dialog = m.filterLine("search traces", m.timeline.search, func(m *model, text string) tea.Cmd {
			m.timeline.Search(text)
			return nil
		})
	case inLogs:
		m.dialog = m.filterLine("search logs", m.logs.search, func(m *model, text string) tea.Cmd {
			m.logs.Search(text)
			return nil
		})
	}
	return nil
}

// jump goes to an object and shows it through a tab.
func (m *model) jump(s scope, t tab) tea.Cmd {
	m.objects.Filter("")
	m.objects.Select(s)
	m.tab, m.inTab, m.page = t, true, mainPage
	return m.load()
}

func (m *model) whyNoSocket() string {
	if _, ok := m.sockets.Selected(); !ok {
		return "nobody is connected"
	}
	return m.whyOffline()
}

func (m *model) goToSocket() tea.Cmd {
	k, _ := m.sockets.Selected()
	return m.jump(scope{ref: k.Ref}, socketsTab)
}

func (m *model) whyNoAlarm() string {
	if _, ok := m.alarms.Selected(); !ok {
		return "no alarm is set"
	}
	return ""
}

func (m *model) goToAlarm() tea.Cmd {
	a, _ := m.alarms.Selected()
	return m.jump(scope{ref: a.Ref}, storageTab)
}

func (m *model) pauseLogs() tea.Cmd {
	m.logs.Pause()
	return nil
}

func (m *model) nextLevel() tea.Cmd {
	m.logs.Level()
	return nil
}
