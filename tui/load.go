package tui

import (
	"context"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/dodev/dodev/devserver/inspect"
)

// A visit is what the tabs show now: a scope through a tab. Answers that belong
// to an earlier one are dropped.
type visit struct {
	scope  scope
	tab    tab
	past   bool // the timeline shows commits
	number int
}

// settling is how long the cursor must rest on an object before it is read, so
// that running down the tree asks for nothing.
const settling = 80 * time.Millisecond

// settledMsg is that the cursor rests.
type settledMsg struct{ number int }

func (msg settledMsg) update(m *model) tea.Cmd {
	if msg.number != m.visit.number {
		return nil
	}
	return m.fetch()
}

// moved follows the cursor of the tree.
func (m *model) moved() tea.Cmd {
	at := m.objects.at
	at.rest = false
	if at == m.visit.scope && m.tab == m.visit.tab {
		return nil
	}
	m.enter(at)
	number := m.visit.number
	return tea.Tick(settling, func(time.Time) tea.Msg { return settledMsg{number} })
}

// load shows the scope of the cursor through the tab, at once.
func (m *model) load() tea.Cmd {
	at := m.objects.at
	at.rest = false
	m.enter(at)
	return m.fetch()
}

// enter has the panes be about a scope. What they showed of another goes.
func (m *model) enter(s scope) {
	other := s != m.visit.scope
	m.visit = visit{scope: s, tab: m.tab, number: m.visit.number + 1}
	m.visit.past = m.pastShown()
	if other {
		m.storage.Clear()
		m.sql.Clear()
		m.commits.Clear()
		m.looking.leave()
		m.undoing = nil
		m.sockets.Clear(!s.ref.IsZero())
	}
	m.logs.Show(s)
	m.timeline.Show(s)
	m.realarm()
}

// A fetched is what a tab shows, with the feed that goes on from there.
type fetched struct {
	feed    *feed
	page    inspect.KeyPage
	schema  inspect.Schema
	sockets []inspect.Socket
	traces  []inspect.Trace
	history inspect.History
}

// fetch asks for what the tab shows, having begun to follow it first, so that
// nothing falls between.
func (m *model) fetch() tea.Cmd {
	old := m.scoped
	m.scoped = nil
	if m.api == nil || m.whyEmpty() != "" {
		return old.closing()
	}
	v, api, live, ctx := m.visit, m.api, m.project.Live, m.ctx
	query, follow := m.asked(), m.follow()
	load := ask(m, func(timed context.Context) (fetched, error) {
		var f fetched
		if live && len(follow.Topics) > 0 {
			var err error
			if f.feed, err = openFeed(ctx, timed, api, follow); err != nil {
				return f, err
			}
		}
		err := f.read(timed, api, v, query)
		return f, err
	}, func(m *model, f fetched, err error) tea.Cmd { return m.show(v, f, err) })
	return tea.Batch(old.closing(), load)
}

// asked is how much of what the tab shows is asked for.
func (m *model) asked() asked { return asked{m.storage.Query(false), m.commits.Limit()} }

type asked struct {
	keys    inspect.KeyQuery
	commits int
}

func (f *fetched) read(ctx context.Context, api inspect.Inspector, v visit, q asked) (err error) {
	if v.past {
		f.history, err = api.History(ctx, v.scope.ref, q.commits)
		return err
	}
	switch v.tab {
	case storageTab:
		f.page, err = api.Keys(ctx, v.scope.ref, q.keys)
	case sqlTab:
		f.schema, err = api.Schema(ctx, v.scope.ref)
	case socketsTab:
		f.sockets, err = api.Sockets(ctx, v.scope.ref)
	case timelineTab:
		f.traces, err = api.Traces(ctx, inspect.TraceQuery{})
	}
	return err
}

// follow is what the tab needs to be told of.
func (m *model) follow() inspect.Follow {
	f := inspect.Follow{Object: m.visit.scope.ref}
	if m.visit.past {
		f.Topics = []inspect.Topic{inspect.Stores}
		return f
	}
	switch m.visit.tab {
	case storageTab, sqlTab:
		f.Topics = []inspect.Topic{inspect.Stores}
	case socketsTab:
		f.Topics = []inspect.Topic{inspect.AllSockets}
		if !f.Object.IsZero() {
			f.Topics = append(f.Topics, inspect.Frames)
		}
	case timelineTab:
		f.Topics, f.Object = []inspect.Topic{inspect.Traces}, inspect.Ref{}
	}
	return f
}

// show puts on the screen what was asked for.
func (m *model) show(v visit, f fetched, err error) tea.Cmd {
	if v != m.visit {
		return f.feed.closing()
	}
	if err != nil {
		m.failTab(v, err)
		return f.feed.closing()
	}
	m.scoped = f.feed
	cmd := m.put(v, f)
	if f.feed == nil {
		return cmd
	}
	return tea.Batch(cmd, f.feed.next())
}

// put gives a pane what was read for it.
func (m *model) put(v visit, f fetched) tea.Cmd {
	switch {
	case v.past:
		m.commits.Set(f.history)
		return m.stepped()
	case v.tab == storageTab && m.storage.loaded && !m.project.Live:
		m.storage.Renew(f.page, m.now)
	case v.tab == storageTab:
		m.storage.Set(f.page, false)
	case v.tab == sqlTab:
		m.sql.Set(f.schema)
	case v.tab == socketsTab:
		m.sockets.Set(inScope(v.scope, f.sockets))
	case v.tab == timelineTab:
		m.timeline.Set(f.traces)
	}
	return nil
}

func inScope(s scope, all []inspect.Socket) []inspect.Socket {
	var out []inspect.Socket
	for _, k := range all {
		if s.has(k.Ref) {
			out = append(out, k)
		}
	}
	return out
}

func (m *model) failTab(v visit, err error) {
	text := explain(err)
	switch {
	case v.past:
		m.commits.Fail(text)
	case v.tab == storageTab:
		m.storage.Fail(text)
	case v.tab == sqlTab:
		m.sql.Fail(text)
	case v.tab == socketsTab:
		m.sockets.Fail(text)
	case v.tab == timelineTab:
		m.timeline.Fail(text)
	}
}

// more asks for the keys behind those that are here, when the cursor comes near
// their end.
func (m *model) more() tea.Cmd {
	if m.tab != storageTab || !m.storage.Hungry() {
		return nil
	}
	m.storage.more = false // until the answer says so again
	v, api, query := m.visit, m.api, m.storage.Query(true)
	return ask(m, func(ctx context.Context) (inspect.KeyPage, error) {
		return api.Keys(ctx, v.scope.ref, query)
	}, func(m *model, page inspect.KeyPage, err error) tea.Cmd {
		switch {
		case v != m.visit:
		case err != nil:
			m.complain(err)
		default:
			m.storage.Set(page, true)
		}
		return nil
	})
}

// stored follows what a turn did to the storage that is shown.
func (m *model) stored(e inspect.StorageEvent) tea.Cmd {
	if e.Object != m.visit.scope.ref {
		return nil
	}
	again := m.storage.Apply(e, m.now) || e.Replaced
	switch {
	case m.visit.past:
		return m.recommit()
	case m.tab == storageTab && again, m.tab == sqlTab && (e.SQL || e.Replaced):
		return m.refetch()
	}
	return nil
}

// refetch reads what the tab shows once more. While an answer is on its way it
// asks for no other: however often an object writes, one at a time is read.
func (m *model) refetch() tea.Cmd {
	if m.whyEmpty() != "" {
		return nil
	}
	if m.reading {
		m.rereading = true
		return nil
	}
	m.reading = true
	v, api, query := m.visit, m.api, m.asked()
	return ask(m, func(ctx context.Context) (fetched, error) {
		var f fetched
		err := f.read(ctx, api, v, query)
		return f, err
	}, func(m *model, f fetched, err error) tea.Cmd {
		m.reading = false
		if m.rereading {
			m.rereading = false
			return m.refetch()
		}
		if v != m.visit || err != nil {
			return nil
		}
		return m.put(v, f)
	})
}

// aim goes to what the command line named, once it is known.
func (m *model) aim() tea.Cmd {
	target := m.target
	m.target = ""
	if target == "" {
		return nil
	}
	snapshot := m.snapshot()
	if spaces, err := snapshot.Spaces(target); err == nil {
		m.objects.Select(scope{class: spaces[0].Key})
		return nil
	}
	t, err := snapshot.Resolve(target, false)
	if err != nil {
		m.complain(err)
		return nil
	}
	m.objects.Select(scope{ref: t.Ref})
	m.inTab = true
	return nil
}

// snapshot is what is known now, to look names up in.
func (m *model) snapshot() inspect.Snapshot {
	s := inspect.Snapshot{Project: m.project, Namespaces: m.objects.spaces}
	for _, o := range m.objects.all {
		s.Objects = append(s.Objects, *o)
	}
	return s
}

// whyEmpty says why the tab has nothing to show of the scope, "" when it may.
func (m *model) whyEmpty() string {
	switch {
	case (m.tab == storageTab || m.tab == sqlTab) && m.visit.scope.ref.IsZero():
		return "Choose an object in the tree to see what it stores."
	case m.tab == sqlTab && !m.sqlite():
		return "This class has key-value storage. SQL takes a class in new_sqlite_classes."
	case m.tab == timelineTab && !m.project.Live && m.link.up && m.visit.scope.ref.IsZero():
		return "No server runs: nothing happens that could be traced. Choose an object to step through what was written to it."
	case m.tab == socketsTab && !m.project.Live && m.link.up:
		return "No server runs, so nobody is connected. Start one with dodev serve."
	}
	return ""
}

// sqlite says whether the class of the scope has tables. A class that the
// configuration does not have may.
func (m *model) sqlite() bool {
	for i := range m.objects.spaces {
		if ns := &m.objects.spaces[i]; ns.Key == m.visit.scope.class {
			return ns.SQLite || !ns.Known
		}
	}
	return true
}
