package tui

import (
	"fmt"
	"path/filepath"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/dodev/dodev/devserver/inspect"
)

// View implements tea.Model.
func (m *model) View() tea.View {
	v := tea.NewView(strings.Join(m.screen(), "\n"))
	v.AltScreen = true
	v.MouseMode = tea.MouseModeCellMotion
	v.WindowTitle = "dodev " + plain(m.project.Name)
	return v
}

// An area is a part of the screen.
type area struct{ x, y, width, height int }

func (a area) has(x, y int) bool {
	return x >= a.x && x < a.x+a.width && y >= a.y && y < a.y+a.height
}

// wideFrom is from what width on both sides are on the screen.
const wideFrom = 104

func (m *model) wide() bool { return m.width >= wideFrom && !m.zoomed }

// areas are where the tree and the tabs are; a side that is not shown is empty.
func (m *model) areas() (tree, side area) {
	whole := m.body()
	switch {
	case m.wide():
		width := max(46, min(m.width*11/25, 96))
		return area{0, 1, width, whole.height}, area{width, 1, m.width - width, whole.height}
	case m.inTab:
		return area{}, whole
	}
	return whole, area{}
}

// body is all between the first line and the last.
func (m *model) body() area { return area{0, 1, m.width, max(0, m.height-2)} }

// screen is all lines.
func (m *model) screen() []string {
	if m.width < 10 || m.height < 4 {
		return block([]string{"too small"}, m.width, m.height)
	}
	out := append([]string{m.headline()}, m.drawBody()...)
	out = append(out, m.footline())
	if m.dialog != nil {
		out = m.overlay(out)
	}
	return out
}

// drawBody draws what is between the first line and the last.
func (m *model) drawBody() []string {
	if m.page != mainPage {
		return m.drawPage(m.body())
	}
	tree, side := m.areas()
	body := make([]string, max(tree.height, side.height))
	if tree.width > 0 {
		for i, l := range m.drawTree(tree) {
			body[i] += l
		}
	}
	if side.width > 0 {
		for i, l := range m.drawSide(side) {
			body[i] += l
		}
	}
	return body
}

func (m *model) drawTree(a area) []string {
	lines := m.objects.Render(a.width-2, a.height-2, m.now, !m.inTab)
	f := frame{title: m.objects.Title(), focus: !m.inTab, top: m.objects.top, shown: m.objects.height, all: len(m.objects.rows)}
	if o := m.objects.order; o != byLife {
		f.note = m.style.dim.on("by " + o.String())
	}
	if !m.link.ever {
		lines = m.unlinked(a.width - 2)
	}
	return f.draw(m.style, lines, a.width, a.height)
}

// unlinked is what there is to see before anything was answered.
func (m *model) unlinked(width int) []string {
	if m.link.err == nil {
		return message(m.style.dim, "connecting …", width)
	}
	out := message(m.style.red, m.link.err.Error(), width)
	return append(out, message(m.style.dim, "Tried "+count(m.link.tries, "time")+"; goes on trying. q leaves.", width)...)
}

// drawSide draws the scope: what it is, the tabs, and the one that is open.
func (m *model) drawSide(a area) []string {
	width, height := a.width-2, a.height-2
	lines := m.about(width)
	lines = append(lines, m.tabLine(width), m.style.faint.on(strings.Repeat("─", width)))
	lines = append(lines, m.drawTab(width, height-len(lines))...)
	f := frame{title: m.scopeName(), focus: m.inTab, note: m.tabNote()}
	return f.draw(m.style, lines, a.width, a.height)
}

func (m *model) drawTab(width, height int) []string {
	if (m.tab == storageTab || m.tab == sqlTab) && m.visit.scope.ref.IsZero() && m.link.ever {
		return m.drawOverview(width, height)
	}
	if why := m.whyEmpty(); why != "" {
		return message(m.style.dim, why, width)
	}
	switch m.tab {
	case storageTab:
		return m.storage.Render(width, height, m.now, m.inTab)
	case sqlTab:
		return m.sql.Render(width, height, m.now, m.inTab)
	case socketsTab:
		return m.sockets.Render(width, height, m.now, m.inTab)
	case alarmsTab:
		return m.alarms.Render(width, height, m.now, m.inTab)
	case timelineTab:
		if m.pastShown() {
			return m.commits.Render(width, height, m.now, m.inTab)
		}
		if t := m.timeline.open; t != nil {
			m.timeline.Printed(m.logs.Of(t.ID))
		}
		return m.timeline.Render(width, height, m.now, m.inTab)
	}
	return m.logs.Render(width, height, m.now, m.inTab)
}

func (m *model) tabNote() string {
	switch m.tab {
	case storageTab:
		return m.storage.Title()
	case timelineTab:
		if m.pastShown() {
			return m.commits.Title()
		}
		return m.timeline.Title()
	case logsTab:
		return m.logs.Title()
	}
	return ""
}

func (m *model) scopeName() string {
	s := m.visit.scope
	if o := m.objects.all[s.ref]; o != nil {
		return plain(o.Label)
	}
	if !s.ref.IsZero() {
		return "gone"
	}
	for i := range m.objects.spaces {
		if ns := &m.objects.spaces[i]; ns.Key == s.class {
			return plain(m.objects.spaceName(ns))
		}
	}
	return "Everything"
}

// about is what the scope is, in two lines.
func (m *model) about(width int) []string {
	s := m.style
	if o := m.objects.all[m.visit.scope.ref]; o != nil {
		return m.aboutObject(o, width)
	}
	for i := range m.objects.spaces {
		ns := &m.objects.spaces[i]
		if ns.Key != m.visit.scope.class {
			continue
		}
		kind := "key-value"
		if ns.SQLite {
			kind = "sqlite"
		}
		text := s.dim.on("class of ") + plain(ns.Script) + s.dim.on("  ·  "+kind)
		if len(ns.Bindings) > 0 {
			text += s.dim.on("  ·  env.") + plain(strings.Join(ns.Bindings, ", env."))
		}
		if !ns.Known {
			text += s.amber.on("  ·  not in the configuration")
		}
		return []string{" " + text, ""}
	}
	return []string{" " + s.dim.on(plain(m.shorter(m.project.Config))), " " + s.dim.on("state in "+plain(m.shorter(m.project.State)))}
}

// shorter is a path as people write it where they are.
func (m *model) shorter(path string) string {
	if rel, err := filepath.Rel(m.opts.Dir, path); err == nil && m.opts.Dir != "" && filepath.IsLocal(rel) {
		return rel
	}
	return path
}

func (m *model) aboutObject(o *inspect.Object, width int) []string {
	s := m.style
	first := []string{mark(s, o) + " " + stateCell(s, o, m.now)}
	if o.State == inspect.Running && o.Place != "" {
		first[0] += s.dim.on(" in ") + plain(o.Place)
	}
	if o.Load.Queue > 0 {
		first = append(first, s.amber.on("queue "+fmt.Sprint(o.Load.Queue)))
	}
	if o.NextAlarm != nil {
		text := s.dim.on("alarm ") + until(*o.NextAlarm, m.now)
		if o.Retries > 0 {
			text += s.red.on(", " + count(o.Retries, "retry"))
		}
		first = append(first, text)
	}
	first = append(first, size(o.SizeBytes))
	if o.Load.P50Millis > 0 {
		first = append(first, s.dim.on("p50 ")+m.objects.latency(o.Load.P50Millis)+s.dim.on("  p99 ")+m.objects.latency(o.Load.P99Millis))
	}
	lines := []string{" " + fitting(first, s.dim.on("  ·  "), width-1)}
	if o.LastError != nil {
		when := s.dim.on(agoWords(o.LastError.At, m.now) + " ")
		return append(lines, ends(" "+s.red.on(cut(plain(o.LastError.Error()), width-12)), when, width))
	}
	return append(lines, " "+s.dim.on("id "+middle(o.ID, width-6)))
}

// fitting joins as many parts as there is room for.
func fitting(parts []string, between string, width int) string {
	text := parts[0]
	for _, part := range parts[1:] {
		if ansi.StringWidth(text+between+part) > width {
			break
		}
		text += between + part
	}
	return text
}

func (m *model) tabLine(width int) string {
	text := ""
	for _, p := range m.tabParts(width) {
		text += p.text
	}
	return text
}

// A part is a piece of a line that can be clicked.
type part struct {
	text string
	tab  tab
}

// tabParts are the tabs, with how much is in them, shortened where there is no
// room.
func (m *model) tabParts(width int) []part {
	s := m.style
	for _, short := range []int{0, 1, 2} {
		var out []part
		used := 0
		for t := range tabs {
			name := t.String()
			if n := m.tabCount(t); n > 0 && short == 0 {
				name += " " + fmt.Sprint(n)
			}
			if short == 2 {
				name = name[:3]
			}
			name = fmt.Sprintf("%d %s", t+1, name)
			switch {
			case t == m.tab:
				name = s.accent.on("[") + s.key.on(name) + s.accent.on("]")
			default:
				name = " " + s.dim.on(name) + " "
			}
			used += ansi.StringWidth(name)
			out = append(out, part{name, t})
		}
		if used <= width || short == 2 {
			return out
		}
	}
	return nil
}

func (m *model) tabCount(t tab) int {
	switch o := m.objects.all[m.visit.scope.ref]; {
	case t == alarmsTab:
		return len(m.alarms.rows)
	case t == socketsTab && o != nil:
		return o.Sockets
	}
	return 0
}

// headline is the first line: what is inspected and how it does.
func (m *model) headline() string {
	s := m.style
	left := " " + s.key.on("dodev")
	if m.project.Name != "" {
		left += "  " + plain(m.project.Name)
	}
	switch {
	case !m.link.ever:
	case !m.link.up:
		left += "  " + s.red.on("✗ gone "+span(m.now.Sub(m.link.since))) + s.dim.on(", trying again")
	case m.project.Live:
		left += "  " + s.dim.on(strings.TrimPrefix(plain(m.project.URL), "http://")) + m.uptime()
	case m.project.ReadOnly != "":
		left += "  " + s.amber.on("files, read only: "+plain(m.project.ReadOnly))
	default:
		left += "  " + s.amber.on("files, no server runs")
	}
	if m.busy > 0 && m.link.up && m.now.Sub(m.waiting) > time.Second {
		left += s.amber.on("  no answer for " + span(m.now.Sub(m.waiting)))
	}
	if !m.link.ever {
		return fit(left, m.width)
	}
	c := m.objects.Counts()
	for _, right := range m.summaries(c) {
		if ansi.StringWidth(left)+ansi.StringWidth(right)+2 <= m.width {
			return ends(left, right, m.width)
		}
	}
	return fit(left, m.width)
}

func (m *model) uptime() string {
	if m.project.Started.IsZero() {
		return ""
	}
	return m.style.dim.on("  up " + ago(m.project.Started.Add(-time.Second), m.now))
}

// summaries are what the first line may say at its right, the longest first.
func (m *model) summaries(c summary) []string {
	s := m.style
	counts := count(c.objects, "object")
	if c.sockets > 0 {
		counts += "  " + count(c.sockets, "socket")
	}
	counts += " "
	if !m.project.Live {
		return []string{counts, count(c.objects, "object") + " "}
	}
	load := m.objects.load
	speed := s.accent.on(spark(load.History, 10)) + " " + zero(rate(load.Rate)) + s.dim.on(" req/s")
	latency := ""
	if load.P50Millis > 0 {
		latency = s.dim.on("  p50 ") + m.objects.latency(load.P50Millis) + s.dim.on("  p99 ") + m.objects.latency(load.P99Millis)
	}
	return []string{speed + latency + "   " + counts, speed + "   " + counts, counts, count(c.objects, "object") + " "}
}

// zero is a number that is shown also when it is nothing.
func zero(text string) string {
	if text == "" {
		return "0"
	}
	return text
}

// A hit is a key of the last line, and where it stands.
type hit struct {
	from, to int
	binding  binding
}

// footline is the last line: what came of something, a filter being typed, or
// the keys.
func (m *model) footline() string {
	m.hints = nil
	s := m.style
	if f, ok := m.dialog.(*filter); ok {
		return fit(f.bar(s, m.width), m.width)
	}
	if m.toast.text != "" {
		return fit(" "+m.toast.paint.on(m.toast.text), m.width)
	}
	if m.typingSQL() {
		return fit(" "+s.key.on("⏎")+" run  "+s.key.on("↑")+" history  "+s.key.on("tab")+" complete  "+s.key.on("esc")+" leave", m.width)
	}
	return m.hintLine()
}

func (m *model) hintLine() string {
	s := m.style
	tail := s.key.on(":") + s.dim.on(" command  ") + s.key.on("?") + s.dim.on(" keys ")
	room := m.width - ansi.StringWidth(tail) - 1
	text, at := " ", 1
	for _, b := range m.bindings() {
		if !b.hint {
			continue
		}
		look, name := s.key, paint("")
		if b.reason(m) != "" {
			look, name = s.faint, s.faint
		}
		piece := look.on(keyName(b.keys[0])) + " " + name.on(b.name)
		wide := ansi.StringWidth(piece)
		if at+wide > room {
			continue
		}
		m.hints = append(m.hints, hit{at, at + wide, b})
		text += piece + "  "
		at += wide + 2
	}
	return ends(strings.TrimRight(text, " "), tail, m.width)
}
