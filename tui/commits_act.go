package tui

import (
	"context"
	"errors"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/dodev/dodev/devserver/inspect"
)

// The timeline of one object has two faces: its traces, and its commits. Without
// a server there are no traces.

// pastShown says whether the timeline shows commits.
func (m *model) pastShown() bool {
	return m.tab == timelineTab && !m.visit.scope.ref.IsZero() && (m.past || !m.project.Live && m.link.up)
}

func (m *model) whyNoPast() string {
	if m.visit.scope.ref.IsZero() {
		return "choose an object: commits are those of one"
	}
	return m.whyOffline()
}

func (m *model) showPast() tea.Cmd {
	m.past = true
	m.timeline.Back()
	return m.load()
}

func (m *model) whyNoStep() string {
	switch span, ok := m.timeline.Span(); {
	case m.timeline.open == nil:
		return "open a trace"
	case !ok || span.Ref.IsZero():
		return "choose a step of an object"
	}
	return m.whyOffline()
}

// commitOf is the commit by which what a step did was stored: the step itself, or
// the first one after it of the same event. A step without one stands for it.
func commitOf(spans []inspect.Span, at inspect.Span) inspect.Span {
	isCommit := func(s inspect.Span) bool { return s.Kind == inspect.StorageSpan && s.Name == "commit" }
	event := at.ID
	if at.Kind == inspect.StorageSpan || at.Kind == inspect.LogSpan {
		event = at.Parent
	}
	for _, s := range spans {
		if isCommit(s) && (s.ID == at.ID || !isCommit(at) && s.Parent == event && s.End() >= at.Start()) {
			return s
		}
	}
	return at
}

// openStep goes from a step of a trace to the commit of its object that it led
// to.
func (m *model) openStep() tea.Cmd {
	span, _ := m.timeline.Span()
	commit := commitOf(m.timeline.open.Spans, span)
	at := m.timeline.open.At.Add(commit.End())
	m.past = true
	m.objects.Filter("")
	m.objects.Select(scope{ref: span.Ref})
	m.commits.Clear() // also of the object that is shown
	load := m.load()
	m.commits.Aim(at)
	return load
}

func (m *model) whyNoTraces() string {
	if !m.project.Live {
		return "no server runs: nothing happens that could be traced"
	}
	return ""
}

func (m *model) showTraces() tea.Cmd {
	m.past = false
	return m.load()
}

// A look is the question what a commit changed, while it waits for its answer.
type look struct {
	bookmark string
	cancel   context.CancelFunc
}

// leave gives the question up.
func (l *look) leave() {
	if l.cancel != nil {
		l.cancel()
	}
	*l = look{}
}

// stepped follows the cursor of the commits: it asks what the one that it rests
// on changed, and no longer for what another did.
func (m *model) stepped() tea.Cmd {
	var cmds []tea.Cmd
	if m.commits.Hungry() {
		cmds = append(cmds, m.refetch())
	}
	c, unknown := m.commits.Unknown()
	if unknown && m.looking.bookmark == c.Bookmark {
		return tea.Batch(cmds...)
	}
	m.looking.leave()
	if unknown {
		v := m.visit
		cmds = append(cmds, tea.Tick(settling, func(time.Time) tea.Msg { return restedMsg{v, c} }))
	}
	return tea.Batch(cmds...)
}

// restedMsg is that the cursor rests on a commit.
type restedMsg struct {
	visit  visit
	commit inspect.Commit
}

func (msg restedMsg) update(m *model) tea.Cmd {
	c, ok := m.commits.Unknown()
	if msg.visit != m.visit || !ok || c.Bookmark != msg.commit.Bookmark || m.looking.bookmark == c.Bookmark {
		return nil
	}
	return m.lookInto(c)
}

// lookInto asks what a commit changed, until somebody moves on.
func (m *model) lookInto(c inspect.Commit) tea.Cmd {
	ctx, cancel := context.WithCancel(m.ctx)
	m.looking = look{c.Bookmark, cancel}
	v, api := m.visit, m.api
	stretch := inspect.Stretch{
		Object: v.scope.ref, From: inspect.Moment{Bookmark: c.Before}, To: inspect.Moment{Bookmark: c.Bookmark}, Limit: changesShown,
	}
	return ask(m, func(timed context.Context) (inspect.Contrast, error) {
		timed, stop := context.WithCancel(timed)
		defer stop()
		defer context.AfterFunc(ctx, stop)()
		return api.Between(timed, stretch)
	}, func(m *model, changes inspect.Contrast, err error) tea.Cmd {
		if v.scope != m.visit.scope || errors.Is(err, context.Canceled) {
			return nil
		}
		if m.looking.bookmark == c.Bookmark {
			m.looking.leave()
		}
		m.commits.Changed(c.Bookmark, changes, err)
		return nil
	})
}

// wroteMsg is that the object that is shown has written a moment ago.
type wroteMsg struct{ visit visit }

// recommitting is how often the commits of an object are read that goes on
// writing.
const recommitting = 500 * time.Millisecond

// recommit has the commits read anew soon.
func (m *model) recommit() tea.Cmd {
	if m.recommits {
		return nil
	}
	m.recommits = true
	v := m.visit
	return tea.Tick(recommitting, func(time.Time) tea.Msg { return wroteMsg{v} })
}

func (msg wroteMsg) update(m *model) tea.Cmd {
	m.recommits = false
	if msg.visit != m.visit {
		return nil
	}
	return m.refetch()
}

func (m *model) whyNoCommit() string {
	if _, ok := m.commits.Selected(); !ok {
		return "there is no commit"
	}
	return ""
}

func (m *model) whyNoGoingBack() string {
	if why := m.whyNoCommit(); why != "" {
		return why
	}
	if c, _ := m.commits.Selected(); c.Bookmark == m.commits.history.Commits[0].Bookmark {
		return "it is what is stored now"
	}
	return whyNot(inspect.GoBack)(m)
}

func (m *model) copyBookmark() tea.Cmd {
	c, _ := m.commits.Selected()
	return m.copy("the bookmark "+shortMark(c.Bookmark)+"…", c.Bookmark)
}

// previewLines is how many lines of what would change a question shows.
const previewLines = 12

// openGoBack shows what going back to the commit at the cursor would change, and
// asks.
func (m *model) openGoBack() tea.Cmd {
	c, _ := m.commits.Selected()
	o := m.meant()
	label := plain(o.Label)
	title := "Take " + label + " back to " + c.At.Local().Format("2006-01-02 15:04:05.000") + "?"
	return m.askBefore(o.Ref, c.Bookmark, title, "u takes it back.", func(m *model) tea.Cmd {
		return m.goBackTo(o.Ref, c.Bookmark, "restored "+label+" as of "+agoWords(c.At, m.now))
	})
}

// askBefore shows what would change of an object if it were as at a bookmark, and
// asks.
func (m *model) askBefore(ref inspect.Ref, bookmark, title, note string, accept func(m *model) tea.Cmd) tea.Cmd {
	api := m.api
	return ask(m, func(ctx context.Context) (inspect.Contrast, error) {
		return api.Between(ctx, inspect.Stretch{Object: ref, To: inspect.Moment{Bookmark: bookmark}, Limit: changesShown})
	}, func(m *model, changes inspect.Contrast, err error) tea.Cmd {
		if err != nil {
			m.complain(err)
			return nil
		}
		text := preview(contrastLines(m.style, changes, min(m.width-4, 92)-4))
		if changes.None() {
			text = []string{"No key, row or alarm is other than now."}
		}
		m.dialog = &question{title: title, text: append(text, "", "Its instance and its sockets end. "+note), yes: "restore", accept: accept}
		return nil
	})
}

// preview is the beginning of what a question is about.
func preview(lines []string) []string {
	if len(lines) <= previewLines {
		return lines
	}
	rest := len(lines) - previewLines + 1
	return append(lines[:previewLines-1:previewLines-1], " … and "+count(rest, "line")+" more")
}

// goBackTo takes an object back in time, and remembers how that is undone.
func (m *model) goBackTo(ref inspect.Ref, bookmark, done string) tea.Cmd {
	api := m.api
	return ask(m, func(ctx context.Context) (inspect.Rewound, error) {
		return api.Rewind(ctx, ref, bookmark)
	}, func(m *model, r inspect.Rewound, err error) tea.Cmd {
		if err != nil {
			m.complain(err)
			return nil
		}
		m.rewound[ref] = append(m.rewound[ref], r.Undo)
		m.done(done + "  ·  u takes it back")
		return m.replaced(ref)
	})
}

// replaced reads what is shown of an object anew, which a server also tells of.
func (m *model) replaced(ref inspect.Ref) tea.Cmd {
	if ref != m.visit.scope.ref {
		return nil
	}
	if m.pastShown() {
		m.commits.cursor = 0
	}
	return m.refetch()
}

func (m *model) whyNoTakingBack() string {
	if len(m.rewound[m.visit.scope.ref]) == 0 {
		return "nothing was restored here"
	}
	return whyNot(inspect.GoBack)(m)
}

// openTakeBack undoes the last restoration of the object. What was written since
// goes with it, so that it asks where there is any.
func (m *model) openTakeBack() tea.Cmd {
	if all := m.commits.history.Commits; len(all) > 0 && all[0].Kind == inspect.Rewinds {
		return m.takeBack()
	}
	ref := m.visit.scope.ref
	all := m.rewound[ref]
	return m.askBefore(ref, all[len(all)-1], "Take "+m.scopeName()+" back to before it was restored?", "What was written since goes.", (*model).takeBack)
}

func (m *model) takeBack() tea.Cmd {
	ref, api := m.visit.scope.ref, m.api
	all := m.rewound[ref]
	if len(all) == 0 {
		return nil
	}
	last := all[len(all)-1]
	m.rewound[ref] = all[:len(all)-1]
	return ask(m, func(ctx context.Context) (inspect.Rewound, error) {
		return api.Rewind(ctx, ref, last)
	}, func(m *model, _ inspect.Rewound, err error) tea.Cmd {
		if err != nil {
			m.rewound[ref] = append(m.rewound[ref], last)
			m.complain(err)
			return nil
		}
		m.done("taken back: it is as it was before it was restored")
		return m.replaced(ref)
	})
}

// openFork asks what a copy of the object is to be called: of the commit at the
// cursor, or of now.
func (m *model) openFork() tea.Cmd {
	o := m.meant()
	at, when := inspect.Moment{}, ""
	if c, ok := m.commits.Selected(); ok && m.place() == inCommits && c.Bookmark != m.commits.history.Commits[0].Bookmark {
		at, when = inspect.Moment{Bookmark: c.Bookmark}, " as of "+agoWords(c.At, m.now)
	}
	name := ""
	if o.Name != "" {
		name = o.Name + "-copy"
	}
	from, _, _ := strings.Cut(o.Label, "/")
	m.dialog = &prompt{
		title: "Fork " + plain(o.Label) + when + " as", line: newField(name), note: "the name of a new object of " + plain(from) + ", with its facets and its alarm",
		accept: func(m *model, name string) tea.Cmd {
			t, err := m.snapshot().Named(from + "/" + name)
			if err == nil && t.Found {
				err = errors.New(plain(t.Label) + " is there already")
			}
			if err != nil {
				m.complain(err)
				return nil
			}
			m.dialog = nil
			return m.fork(plain(o.Label), inspect.Forking{Object: o.Ref, New: t.Ref, Name: name, Moment: at})
		},
	}
	return nil
}

func (m *model) fork(label string, f inspect.Forking) tea.Cmd {
	api := m.api
	return ask(m, func(ctx context.Context) (inspect.Forked, error) {
		return api.Fork(ctx, f)
	}, func(m *model, made inspect.Forked, err error) tea.Cmd {
		if err != nil {
			m.complain(err)
			return nil
		}
		m.objects.Put(made.Object)
		m.done("forked " + label + " as " + plain(made.Object.Label))
		return nil
	})
}
