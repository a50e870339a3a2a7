package tui

import (
	"context"
	"fmt"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/dodev/dodev/devserver/inspect"
)

// Actions on the object that is meant: the one of the row at the cursor.

const (
	evictKind     = inspect.Evict
	hibernateKind = inspect.Hibernate
	abortKind     = inspect.Abort
	restartKind   = inspect.Restart
	deleteKind    = inspect.Delete
	fireKind      = inspect.FireAlarm
	setKind       = inspect.SetAlarm
	unsetKind     = inspect.DeleteAlarm
	forkKind      = inspect.ForkObject
)

// meant is the object that actions are about, nil for none.
func (m *model) meant() *inspect.Object {
	ref := m.objects.at.ref
	if ref.IsZero() && m.inTab {
		ref = m.rowRef()
	}
	return m.objects.all[ref]
}

// rowRef is the object of the row at the cursor, in a tab about several.
func (m *model) rowRef() inspect.Ref {
	switch m.tab {
	case socketsTab:
		k, _ := m.sockets.Selected()
		return k.Ref
	case alarmsTab:
		a, _ := m.alarms.Selected()
		return a.Ref
	case logsTab:
		l, _ := m.logs.Selected()
		return l.Ref
	case timelineTab:
		if span, ok := m.timeline.Span(); ok {
			return span.Ref
		}
		if t, ok := m.timeline.Selected(); ok && len(t.Refs) > 0 {
			return t.Refs[0]
		}
	}
	return inspect.Ref{}
}

func (m *model) whyNoObject() string {
	if m.meant() == nil {
		return "choose an object"
	}
	return ""
}

// whyOffline says that whoever is asked does not answer.
func (m *model) whyOffline() string {
	if !m.link.up {
		return "the server has gone"
	}
	return ""
}

// whyNot says why an action cannot be taken on the object that is meant.
func whyNot(kind inspect.ActionKind) func(m *model) string {
	return func(m *model) string {
		if why := m.whyNoObject(); why != "" {
			return why
		}
		if why := m.whyOffline(); why != "" {
			return why
		}
		return m.project.WhyNot(kind, *m.meant())
	}
}

// act takes an action and says what came of it.
func (m *model) act(a inspect.Action, done string) tea.Cmd {
	api := m.api
	return ask(m, func(ctx context.Context) (inspect.Outcome, error) {
		return api.Act(ctx, a)
	}, func(m *model, o inspect.Outcome, err error) tea.Cmd {
		switch {
		case err != nil:
			m.complain(err)
		case o.Error != nil:
			m.say(m.style.red, "✗ "+done+", and it threw: "+plain(o.Error.Error()))
		case o.Note != "":
			m.done(done + ": " + plain(o.Note))
		default:
			m.done(done)
		}
		return nil
	})
}

func (m *model) simply(kind inspect.ActionKind, done string) tea.Cmd {
	o := m.meant()
	return m.act(inspect.Action{Kind: kind, Object: o.Ref}, done+" "+plain(o.Label))
}

func (m *model) evict() tea.Cmd     { return m.simply(inspect.Evict, "evicted") }
func (m *model) hibernate() tea.Cmd { return m.simply(inspect.Hibernate, "hibernated") }
func (m *model) fire() tea.Cmd      { return m.simply(inspect.FireAlarm, "fired the alarm of") }
func (m *model) abort() tea.Cmd     { return m.reset(inspect.Abort, "abort", "aborted") }
func (m *model) restart() tea.Cmd   { return m.reset(inspect.Restart, "restart", "restarted") }

// reset ends an instance at once. It asks first where somebody would notice:
// sockets close, and what is in flight fails. All else that goes, a new instance
// finds in the storage.
func (m *model) reset(kind inspect.ActionKind, verb, done string) tea.Cmd {
	o := *m.meant()
	var lost []string
	if o.Sockets > 0 {
		lost = append(lost, count(o.Sockets, "socket")+" will be closed.")
	}
	if o.State == inspect.Running {
		lost = append(lost, "What it is doing fails, and so does what waits.")
	}
	if lost == nil {
		return m.simply(kind, done)
	}
	m.dialog = &question{
		title: strings.ToUpper(verb[:1]) + verb[1:] + " " + plain(o.Label) + "?", text: lost, yes: verb,
		accept: func(m *model) tea.Cmd {
			return m.act(inspect.Action{Kind: kind, Object: o.Ref}, done+" "+plain(o.Label))
		},
	}
	return nil
}

// openUnset asks before an alarm is forgotten: nothing else knows when it was to
// be.
func (m *model) openUnset() tea.Cmd {
	o := *m.meant()
	m.dialog = &question{
		title: "Delete the alarm of " + plain(o.Label) + "?",
		text:  []string{"It is due " + until(*o.NextAlarm, m.now) + ", at " + o.NextAlarm.Local().Format(time.DateTime) + "."},
		yes:   "delete",
		accept: func(m *model) tea.Cmd {
			return m.act(inspect.Action{Kind: inspect.DeleteAlarm, Object: o.Ref}, "deleted the alarm of "+plain(o.Label))
		},
	}
	return nil
}

func (m *model) openDelete() tea.Cmd {
	o := m.meant()
	m.dialog = &question{
		title: "Delete " + plain(o.Label) + "?",
		text:  []string{"All it stores goes, " + size(o.SizeBytes) + ", with its alarm.", "There is no undo."},
		yes:   "delete",
		accept: func(m *model) tea.Cmd {
			return m.act(inspect.Action{Kind: inspect.Delete, Object: o.Ref}, "deleted "+plain(o.Label))
		},
	}
	return nil
}

// openAlarm asks when the alarm is to be.
func (m *model) openAlarm() tea.Cmd {
	o := m.meant()
	title := "Alarm of " + plain(o.Label) + " at"
	text := ""
	if o.NextAlarm != nil {
		title = "Move the alarm of " + plain(o.Label) + " to"
		text = o.NextAlarm.Local().Format(time.DateTime)
	}
	m.dialog = &prompt{
		title: title, line: newField(text), note: "30s, 5m, 2h from now, 15:04, or 2006-01-02 15:04:05",
		accept: func(m *model, text string) tea.Cmd {
			at, err := moment(text, m.now)
			if err != nil {
				m.complain(err)
				return nil
			}
			m.dialog = nil
			return m.act(inspect.Action{Kind: inspect.SetAlarm, Object: o.Ref, At: at}, "alarm of "+plain(o.Label)+" "+until(at, m.now))
		},
	}
	return nil
}

// moment reads a time as people write it.
func moment(text string, now time.Time) (time.Time, error) {
	text = strings.TrimSpace(text)
	if d, err := time.ParseDuration(strings.ReplaceAll(strings.TrimPrefix(strings.TrimPrefix(text, "in "), "+"), " ", "")); err == nil {
		return now.Add(d), nil
	}
	for _, form := range []string{time.RFC3339, time.DateTime, "2006-01-02 15:04", time.DateOnly} {
		if at, err := time.ParseInLocation(form, text, now.Location()); err == nil {
			return at, nil
		}
	}
	for _, form := range []string{time.TimeOnly, "15:04"} {
		at, err := time.ParseInLocation(form, text, now.Location())
		if err != nil {
			continue
		}
		y, mo, d := now.Date()
		at = time.Date(y, mo, d, at.Hour(), at.Minute(), at.Second(), 0, now.Location())
		if !at.After(now) {
			at = at.AddDate(0, 0, 1)
		}
		return at, nil
	}
	return time.Time{}, fmt.Errorf("%q is no time: write 5m, 15:04 or 2006-01-02 15:04:05", text)
}
