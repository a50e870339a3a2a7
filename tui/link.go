package tui

import (
	"context"
	"errors"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/dodev/dodev/devserver/inspect"
)

// link is how it stands with whom the model asks.
type link struct {
	up    bool
	ever  bool      // it was up once
	since time.Time // it is up, or down
	err   error     // why it is down
	tries int
}

// joined is a connection with all that a live view begins with.
type joined struct {
	api      inspect.Inspector
	release  func()
	snapshot inspect.Snapshot
	feed     *feed // nil where nothing can be followed
	logs     []inspect.LogLine
}

// connect finds whom to ask, and takes a snapshot.
func (m *model) connect() tea.Cmd {
	return ask(m, m.join(), (*model).joined)
}

// join is how a connection is made. One that fails is let go of.
func (m *model) join() func(timed context.Context) (joined, error) {
	ctx, dial := m.ctx, m.opts.Connect
	return func(timed context.Context) (joined, error) {
		api, release, err := dial(timed)
		if err != nil {
			return joined{}, err
		}
		j := joined{api: api, release: release}
		if err := j.begin(ctx, timed); err != nil {
			release()
			return joined{}, err
		}
		return j, nil
	}
}

// begin takes a snapshot, and follows what comes after it.
func (j *joined) begin(ctx, timed context.Context) (err error) {
	if j.snapshot, err = j.api.Snapshot(timed); err != nil {
		return err
	}
	if j.snapshot.Project.Live {
		follow := inspect.Follow{Topics: []inspect.Topic{inspect.AllObjects, inspect.Logs}, From: j.snapshot.Next}
		if j.feed, err = openFeed(ctx, timed, j.api, follow); err != nil {
			return err
		}
	}
	j.logs, err = j.api.Logs(timed, inspect.LogQuery{})
	if err != nil && inspect.CodeOf(err) != inspect.Unavailable {
		j.feed.close()
		return err
	}
	return nil
}

// joined puts a new connection in the place of the old one.
func (m *model) joined(j joined, err error) tea.Cmd {
	if err != nil {
		return m.parted(err)
	}
	again, lived := m.link.ever, m.project.Live
	old := m.base
	m.hold(j)
	m.base = j.feed
	m.link = link{up: true, ever: true, since: m.now}
	m.take(j.snapshot)
	m.logs.Set(j.logs)
	switch {
	case again && m.project.Live && lived:
		m.done("the server is back")
	case again && m.project.Live:
		m.done("a server runs now")
	case again:
		m.refuse("the server has gone: these are its files")
	}
	cmds := []tea.Cmd{old.closing(), m.aim(), m.load(), m.replan()}
	if m.page == snapshotsPage {
		cmds = append(cmds, m.readSnapshots())
	}
	if m.base != nil {
		cmds = append(cmds, m.base.next())
	} else {
		cmds = append(cmds, m.poll())
	}
	return tea.Batch(cmds...)
}

// hold has questions go to a connection, and lets go of the one before.
func (m *model) hold(j joined) {
	if m.release != nil {
		m.release()
	}
	m.api, m.release = j.api, j.release
}

// take shows a snapshot.
func (m *model) take(s inspect.Snapshot) {
	m.project = s.Project
	m.objects.Set(s)
	m.realarm()
}

// parted says that nobody answers, and tries again soon.
func (m *model) parted(err error) tea.Cmd {
	if m.link.up || m.link.err == nil {
		m.link.since = m.now
	}
	m.link.up, m.link.err = false, err
	m.link.tries++
	wait := min(time.Duration(m.link.tries)*500*time.Millisecond, 3*time.Second)
	return tea.Tick(wait, func(time.Time) tea.Msg { return retryMsg{} })
}

// retryMsg is that it is time to try again.
type retryMsg struct{}

func (retryMsg) update(m *model) tea.Cmd {
	if m.link.up {
		return nil
	}
	return m.connect()
}

// polling is how often files are looked at that no server tells of.
const polling = 2 * time.Second

// pollMsg is that it is time to look at the files again, and for a server.
type pollMsg struct{}

func (m *model) poll() tea.Cmd {
	return tea.Tick(polling, func(time.Time) tea.Msg { return pollMsg{} })
}

func (pollMsg) update(m *model) tea.Cmd {
	if m.project.Live {
		return nil
	}
	return ask(m, m.join(), func(m *model, j joined, err error) tea.Cmd {
		switch {
		case err != nil:
			return m.poll() // what was read stays on the screen
		case j.snapshot.Project.Live:
			return m.joined(j, nil)
		}
		m.hold(j)
		before := m.storedBytes()
		m.take(j.snapshot)
		if m.tab == storageTab && m.storage.loaded || m.tab == sqlTab && m.storedBytes() != before {
			return tea.Batch(m.refetch(), m.poll())
		}
		return m.poll()
	})
}

// storedBytes is how much the object stores that the tabs are about.
func (m *model) storedBytes() int64 {
	if o := m.objects.all[m.visit.scope.ref]; o != nil {
		return o.SizeBytes
	}
	return 0
}

// fed uses what a feed gathered.
func (m *model) fed(msg feedMsg) tea.Cmd {
	if msg.feed != m.base && msg.feed != m.scoped {
		return nil // an older one
	}
	var cmds []tea.Cmd
	for _, e := range msg.events {
		cmds = append(cmds, m.event(e))
	}
	switch {
	case msg.err == nil:
		cmds = append(cmds, msg.feed.next())
	case errors.Is(msg.err, context.Canceled):
	case msg.feed == m.base:
		old := m.base
		m.base = nil
		cmds = append(cmds, old.closing(), m.parted(msg.err))
	}
	return tea.Batch(cmds...)
}

// event uses one event.
func (m *model) event(e inspect.Event) tea.Cmd {
	switch e.Kind {
	case inspect.ObjectChanged:
		var was inspect.Object // Put changes the one that is known
		if known := m.objects.all[e.Object.Ref]; known != nil {
			was = *known
		}
		m.objects.Put(*e.Object)
		if !sameTime(was.NextAlarm, e.Object.NextAlarm) || was.Retries != e.Object.Retries {
			m.realarm()
		}
	case inspect.ObjectGone:
		m.objects.Remove(*e.Gone)
		m.realarm()
		return m.moved()
	case inspect.NamespaceChanged:
		m.objects.PutSpace(*e.Namespace)
	case inspect.Loads:
		m.objects.SetLoads(e.Load, e.Loads)
	case inspect.LogWritten:
		m.logs.Add(*e.Log)
	case inspect.TraceChanged:
		m.timeline.Put(*e.Trace)
		return m.followOpen(*e.Trace)
	case inspect.SocketChanged:
		m.sockets.Put(*e.Socket)
	case inspect.FrameSeen:
		m.sockets.Frame(*e.Frame)
	case inspect.StorageChanged:
		return m.stored(*e.Storage)
	case inspect.Reloaded:
		m.reloaded(*e.Reload)
		return m.replan()
	case inspect.MigrationsChanged:
		return tea.Batch(m.resnap(), m.load(), m.replan())
	case inspect.Missed:
		return tea.Batch(m.resnap(), m.load())
	}
	return nil
}

func sameTime(a, b *time.Time) bool { return earlier(a, b) == 0 }

// resnap takes a new snapshot, after events were missed.
func (m *model) resnap() tea.Cmd {
	api := m.api
	return ask(m, api.Snapshot, func(m *model, s inspect.Snapshot, err error) tea.Cmd {
		if err == nil {
			m.take(s)
		}
		return nil
	})
}

func (m *model) reloaded(r inspect.Reload) {
	switch {
	case r.OK:
		m.done("reloaded, " + count(r.Objects, "object") + " and " + count(r.Sockets, "socket") + " kept")
	case len(r.Held) > 0:
		m.heldBack(r)
	default:
		m.say(m.style.red, "✗ the save does not build: "+plain(r.Error))
	}
}

// realarm has the alarms follow the objects they are of.
func (m *model) realarm() {
	var rows []inspect.Alarm
	for _, o := range m.objects.all {
		if o.NextAlarm != nil && m.visit.scope.has(o.Ref) {
			rows = append(rows, inspect.Alarm{Ref: o.Ref, Object: o.Label, At: *o.NextAlarm, Retries: o.Retries})
		}
	}
	m.alarms.Set(rows)
}

// has says whether an object is within a scope.
func (s scope) has(ref inspect.Ref) bool {
	switch {
	case !s.ref.IsZero():
		return s.ref == ref
	case s.class != "":
		return s.class == ref.Namespace
	}
	return true
}

func asError(err error) *inspect.Error {
	e, _ := errors.AsType[*inspect.Error](err)
	return e
}
