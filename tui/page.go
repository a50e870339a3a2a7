package tui

import (
	tea "charm.land/bubbletea/v2"
)

// A page takes the place of the tree and its tabs: it is about the project as a
// whole.
type page int

const (
	mainPage page = iota // the tree and its tabs
	snapshotsPage
	migrationsPage
)

// openPage goes to a page, or back from it.
func (m *model) openPage(p page, load func(m *model) tea.Cmd) tea.Cmd {
	if m.page == p {
		m.page = mainPage
		return nil
	}
	m.page = p
	return load(m)
}

// pagePlace is where keys go on a page.
func (m *model) pagePlace() place {
	if m.page == migrationsPage {
		return inMigrations
	}
	return inSnapshots
}

// drawPage draws the page that is open.
func (m *model) drawPage(a area) []string {
	if m.page == migrationsPage {
		return m.drawMigrations(a)
	}
	return m.drawSnapshots(a.width, a.height)
}

// movePage gives a key to the page.
func (m *model) movePage(key string) tea.Cmd {
	switch {
	case m.page == migrationsPage:
		m.migrations.Press(key)
	case m.snaps.Press(key):
		return m.chose()
	}
	return nil
}

// snapshotsAbove is how many lines of the page are above the first snapshot: the
// frame and the titles.
const snapshotsAbove = 2

// clickPage chooses the row in a line of the page; a second click opens it.
func (m *model) clickPage(y int, twice bool) tea.Cmd {
	if m.page == migrationsPage {
		m.migrations.Click(y - 1)
		return nil
	}
	p := &m.snaps
	row := p.at(y-snapshotsAbove, len(p.rows))
	if row < 0 {
		return nil
	}
	again := row == p.cursor
	if p.cursor = row; again && twice {
		return m.enterRow()
	}
	return m.chose()
}

// wheelPage scrolls the page.
func (m *model) wheelPage(by int) tea.Cmd {
	if m.page == migrationsPage {
		m.migrations.move(by, len(m.migrations.rows))
		return nil
	}
	m.snaps.list.scroll(by, len(m.snaps.rows))
	return m.chose()
}

// enterRow does what enter does where keys go.
func (m *model) enterRow() tea.Cmd {
	for _, b := range m.bindings() {
		if b.keys[0] == "enter" && b.in == m.place() {
			return m.run(b)
		}
	}
	return nil
}
