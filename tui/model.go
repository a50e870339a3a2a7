package tui

import (
	"context"
	"errors"
	"fmt"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"

	"github.com/dodev/dodev/devserver/inspect"
)

// A tab is one of the views of a scope.
type tab int

const (
	storageTab tab = iota
	sqlTab
	socketsTab
	alarmsTab
	timelineTab
	logsTab
	tabs // how many there are
)

func (t tab) String() string {
	return [...]string{"Storage", "SQL", "Sockets", "Alarms", "Timeline", "Logs"}[t]
}

// model is the screen. All of it is touched by Bubble Tea's loop alone.
type model struct {
	opts  Options
	ctx   context.Context
	style styles
	on    terminal

	width, height int
	now           time.Time

	link    link
	api     inspect.Inspector
	release func() // lets go of it
	project inspect.Project
	failure error // what Run returns

	base   *feed // objects and logs, of everything
	scoped *feed // what the tab shows beside

	objects  objects
	storage  storage
	sql      sql
	sockets  sockets
	alarms   alarms
	timeline timeline
	commits  commits
	logs     logs
	snaps    snapshots

	migrations migrations

	tab      tab
	inTab    bool // the keys go to the tab, not to the tree
	zoomed   bool
	target   string // to be gone to with the first snapshot
	visit    visit
	undoing  []undo
	page     page                     // what takes the place of tree and tabs
	past     bool                     // the timeline of an object shows its commits
	looking  look                     // at what a commit changed
	choosing look                     // at a snapshot
	rewound  map[inspect.Ref][]string // bookmarks that undo what was restored here
	dialog   dialog
	toast    toast
	busy     int       // requests that wait for an answer
	waiting  time.Time // since when there are some

	recommits          bool // they are to be read anew soon
	reading, rereading bool // what the tab shows, once more, and then again
	hints              []hit
	lastAt             time.Time // of the last click
}

// A toast is what an action led to, for a short time in place of the keys.
type toast struct {
	text  string
	paint paint
	until time.Time
}

func newModel(ctx context.Context, o Options) *model {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.run == nil {
		o.run = tea.ExecProcess
	}
	m := &model{opts: o, ctx: ctx, width: 80, height: 24, on: terminal{dark: true, profile: colorprofile.TrueColor}, target: o.Target, now: o.Now(), rewound: map[inspect.Ref][]string{}}
	m.objects = objects{all: map[inspect.Ref]*inspect.Object{}, folded: map[string]bool{}, opened: map[string]bool{}, stale: true}
	m.restyle()
	m.storage.Clear()
	m.sql.Clear()
	m.commits.Clear()
	m.snaps.Clear()
	m.link.since = m.now
	return m
}

// restyle gives all panes the colours of the terminal.
func (m *model) restyle() {
	s := newStyles(m.on)
	m.style = s
	m.objects.style, m.storage.style, m.sql.style, m.sockets.style = s, s, s, s
	m.storage.textOf = nil // it has the old ones
	m.alarms.style, m.timeline.style, m.logs.style = s, s, s
	m.commits.style, m.snaps.style, m.migrations.style = s, s, s
}

// Init implements tea.Model.
func (m *model) Init() tea.Cmd {
	return tea.Batch(tea.RequestBackgroundColor, m.connect(), m.tick())
}

// tickMsg is that time went by: countdowns and ages are drawn anew.
type tickMsg struct{}

// tick is soon where something is lit, else with the next second.
func (m *model) tick() tea.Cmd {
	wait := time.Second
	if m.storage.Lit(m.now) {
		wait = 250 * time.Millisecond
	}
	return tea.Tick(wait, func(time.Time) tea.Msg { return tickMsg{} })
}

// Update implements tea.Model.
func (m *model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	m.now = m.opts.Now()
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		m.width, m.height = msg.Width, msg.Height
	case tea.BackgroundColorMsg:
		m.on.dark = msg.IsDark()
		m.restyle()
	case tea.ColorProfileMsg:
		m.on.profile = msg.Profile
		m.restyle()
	case tickMsg:
		if m.now.After(m.toast.until) {
			m.toast = toast{}
		}
		return m, m.tick()
	case tea.KeyPressMsg:
		return m, m.key(msg)
	case tea.PasteMsg:
		m.paste(msg.Content)
	case tea.MouseClickMsg:
		return m, m.click(msg)
	case tea.MouseWheelMsg:
		return m, m.wheel(msg)
	case answer:
		m.busy--
		return m, msg.use(m)
	case feedMsg:
		return m, m.fed(msg)
	case interface{ update(*model) tea.Cmd }:
		return m, msg.update(m)
	}
	return m, nil
}

// paste takes what was pasted.
func (m *model) paste(text string) {
	switch {
	case m.dialog != nil:
		if f := m.dialog.field(); f != nil {
			f.paste(text)
			m.dialog.changed(m)
		}
	case m.typingSQL():
		m.sql.console.paste(text)
	}
}

func (m *model) typingSQL() bool { return m.inTab && m.tab == sqlTab && m.sql.typing }

// answer is what a request to the inspector came to: use puts it on the screen.
type answer struct{ use func(m *model) tea.Cmd }

// patience is how long an answer may take, and longPatience where much is copied.
const (
	patience     = 15 * time.Second
	longPatience = 5 * time.Minute
)

// ask sends a request beside the loop, which goes on meanwhile, and uses what
// comes back.
func ask[T any](m *model, request func(ctx context.Context) (T, error), use func(m *model, value T, err error) tea.Cmd) tea.Cmd {
	return askWithin(m, patience, request, use)
}

func askWithin[T any](m *model, patience time.Duration, request func(ctx context.Context) (T, error), use func(m *model, value T, err error) tea.Cmd) tea.Cmd {
	if m.busy++; m.busy == 1 {
		m.waiting = m.now
	}
	ctx := m.ctx
	return func() tea.Msg {
		ctx, cancel := context.WithTimeout(ctx, patience)
		defer cancel()
		value, err := request(ctx)
		if errors.Is(err, context.DeadlineExceeded) {
			err = fmt.Errorf("no answer within %s", span(patience))
		}
		return answer{func(m *model) tea.Cmd { return use(m, value, err) }}
	}
}

// say shows what came of something.
func (m *model) say(look paint, text string) {
	m.toast = toast{text: text, paint: look, until: m.now.Add(6 * time.Second)}
}

func (m *model) done(text string)        { m.say(m.style.green, "✓ "+text) }
func (m *model) refuse(text string)      { m.say(m.style.amber, text) }
func (m *model) complain(err error)      { m.say(m.style.red, "✗ "+explain(err)) }
func (m *model) object() *inspect.Object { return m.objects.all[m.objects.at.ref] }

// explain is an error for one line.
func explain(err error) string {
	text := plain(err.Error())
	if e := asError(err); e != nil && len(e.Near) > 0 {
		text += ". Near: " + plain(e.Near[0])
	}
	return text
}

// close ends what the model began. The program has ended.
func (m *model) close() {
	m.base.close()
	m.scoped.close()
	if m.release != nil {
		m.release()
	}
}
