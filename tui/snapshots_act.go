package tui

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/dodev/dodev/devserver/inspect"
)

func (m *model) openSnapshots() tea.Cmd {
	m.snaps.Forget() // what is stored has become another since
	return m.openPage(snapshotsPage, (*model).readSnapshots)
}

// readSnapshots lists them anew.
func (m *model) readSnapshots() tea.Cmd {
	if m.api == nil {
		return nil
	}
	return ask(m, m.api.Snapshots, func(m *model, rows []inspect.Kept, err error) tea.Cmd {
		if err != nil {
			m.snaps.Fail(explain(err))
			return nil
		}
		m.snaps.Set(rows)
		return m.chose()
	})
}

// chose follows the cursor of the snapshots, and asks for what belongs beside the
// one that it rests on.
func (m *model) chose() tea.Cmd {
	m.choosing.leave()
	k, asks := m.snaps.Show()
	if !asks {
		return nil
	}
	return tea.Tick(settling, func(time.Time) tea.Msg { return chosenMsg{k.Name} })
}

// chosenMsg is that the cursor rests on a snapshot.
type chosenMsg struct{ name string }

func (msg chosenMsg) update(m *model) tea.Cmd {
	k, asks := m.snaps.Show()
	if !asks || k.Name != msg.name || m.page != snapshotsPage || m.choosing.bookmark != "" {
		return nil
	}
	ctx, cancel := context.WithCancel(m.ctx)
	m.choosing = look{k.Name, cancel}
	api, diff := m.api, m.snaps.diff
	return ask(m, func(timed context.Context) (beside, error) {
		timed, stop := context.WithCancel(timed)
		defer stop()
		defer context.AfterFunc(ctx, stop)()
		return readBeside(timed, api, k.Name, diff)
	}, func(m *model, b beside, err error) tea.Cmd {
		p := &m.snaps
		if p.shown != k.Name || p.diff != diff || errors.Is(err, context.Canceled) {
			return nil
		}
		m.choosing.leave()
		if err != nil {
			p.failed = explain(err)
			return nil
		}
		p.has, p.differ = b.has, b.differ
		return nil
	})
}

// beside is what is beside the list of snapshots: one of both.
type beside struct {
	has    *inspect.Contents
	differ *inspect.Differences
}

func readBeside(ctx context.Context, api inspect.Inspector, name string, diff bool) (beside, error) {
	if diff {
		d, err := api.Differences(ctx, inspect.Differing{Saving: inspect.Saving{Name: name}, Limit: changesShown})
		return beside{differ: &d}, err
	}
	c, err := api.Contents(ctx, name)
	return beside{has: &c}, err
}

func (m *model) whyNoSnapshot() string {
	if _, ok := m.snaps.Selected(); !ok {
		return "there is no snapshot"
	}
	return m.whyOffline()
}

func (m *model) toggleSnapshotDiff() tea.Cmd {
	m.snaps.diff = !m.snaps.diff
	m.snaps.Forget()
	return m.chose()
}

// whyNoKeeping says why nothing can be kept, or put back.
func (m *model) whyNoKeeping() string {
	if why := m.whyOffline(); why != "" {
		return why
	}
	return m.project.WhyNot(inspect.TakeSnapshot, inspect.Object{})
}

func (m *model) whyNoRestore() string {
	if why := m.whyNoSnapshot(); why != "" {
		return why
	}
	if k, _ := m.snaps.Selected(); k.Problem != "" {
		return k.Problem
	}
	return m.whyNoKeeping()
}

// openKeep asks what a snapshot of the scope is to be called.
func (m *model) openKeep() tea.Cmd {
	at := m.objects.at
	saving, what, name := inspect.Saving{}, "everything", m.project.Name
	if o := m.objects.all[at.ref]; o != nil {
		saving.Namespace, saving.ID, what, name = o.Ref.Namespace, o.Ref.ID, plain(o.Label), o.Name
		if name == "" {
			name = o.Class + "-" + shortID(o.ID)
		}
	} else if at.class != "" {
		saving.Namespace, what, name = at.class, m.spaceOf(at.class), m.spaceOf(at.class)
	}
	m.askName(saving, what, snapshotName(name, m.now))
	return nil
}

// askName asks for the name of a snapshot.
func (m *model) askName(saving inspect.Saving, what, name string) {
	m.dialog = &prompt{
		title: "Keep a snapshot of " + what + " as", line: newField(name), note: "letters, digits, dots, hyphens and underscores",
		accept: func(m *model, name string) tea.Cmd {
			m.dialog = nil
			saving.Name = strings.TrimSpace(name)
			return m.keep(saving, what)
		},
	}
}

// snapshotName is a name for a snapshot that is likely to be free.
func snapshotName(what string, now time.Time) string {
	word := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '_', r == '-', r == '.':
			return r
		}
		return '-'
	}, what)
	word = strings.TrimLeft(word, "-.")
	return word[:min(len(word), 60)] + now.Local().Format("-0102-1504")
}

// keep keeps a snapshot. A name that cannot be taken is asked for once more.
func (m *model) keep(saving inspect.Saving, what string) tea.Cmd {
	api := m.api
	return askWithin(m, longPatience, func(ctx context.Context) (inspect.Kept, error) {
		return api.Keep(ctx, saving)
	}, func(m *model, k inspect.Kept, err error) tea.Cmd {
		switch code := inspect.CodeOf(err); {
		case (code == inspect.Conflict || code == inspect.Invalid) && m.dialog == nil:
			m.complain(err)
			m.askName(saving, what, saving.Name)
			return nil
		case err != nil:
			m.complain(err)
			return nil
		}
		m.done("kept " + what + " as " + plain(k.Name) + ": " + count(k.Objects, "object") + ", " + size(k.Bytes))
		if m.page != snapshotsPage {
			return nil
		}
		return m.relist(k.Name)
	})
}

// relist lists the snapshots anew, with the cursor on one of them.
func (m *model) relist(name string) tea.Cmd {
	return ask(m, m.api.Snapshots, func(m *model, rows []inspect.Kept, err error) tea.Cmd {
		if err != nil {
			m.snaps.Fail(explain(err))
			return nil
		}
		m.snaps.Set(rows)
		m.snaps.Choose(name)
		m.snaps.Forget()
		return m.chose()
	})
}

func (m *model) openDiscard() tea.Cmd {
	k, _ := m.snaps.Selected()
	text := []string{count(k.Objects, "object") + ", " + size(k.Bytes) + ", taken " + agoWords(k.At, m.now) + ".", "There is no undo. What is stored stays as it is."}
	if k.Problem != "" {
		text = []string{plain(k.Problem)}
	}
	m.dialog = &question{
		title: "Delete the snapshot " + plain(k.Name) + "?", text: text, yes: "delete",
		accept: func(m *model) tea.Cmd {
			api := m.api
			return ask(m, func(ctx context.Context) (struct{}, error) {
				return struct{}{}, api.Discard(ctx, k.Name)
			}, func(m *model, _ struct{}, err error) tea.Cmd {
				if err != nil {
					m.complain(err)
					return nil
				}
				m.done("deleted the snapshot " + plain(k.Name))
				return m.relist("")
			})
		},
	}
	return nil
}

// openRestore asks what of the snapshot is to be put back.
func (m *model) openRestore() tea.Cmd {
	k, _ := m.snaps.Selected()
	api := m.api
	return ask(m, func(ctx context.Context) (inspect.Contents, error) {
		return api.Contents(ctx, k.Name)
	}, func(m *model, c inspect.Contents, err error) tea.Cmd {
		if err != nil {
			m.complain(err)
			return nil
		}
		m.dialog = m.scopePicker(c)
		return nil
	})
}

// scopePicker offers what can be put back: all of the snapshot, a class, or an
// object.
func (m *model) scopePicker(c inspect.Contents) *palette {
	p := &palette{title: "Restore what of " + plain(c.Kept.Name) + "?", line: newField("")}
	add := func(s inspect.Saving, name, note string) {
		s.Name = c.Kept.Name
		p.items = append(p.items, item{name: name, note: note, do: func(m *model) tea.Cmd { return m.confirmRestore(s, name) }})
	}
	bytes, objects := map[string]int64{}, map[string]int{}
	for _, o := range c.Has {
		bytes[o.Ref.Namespace] += o.Bytes
		objects[o.Ref.Namespace]++
	}
	add(inspect.Saving{}, "all of it", m.keptOf(c.Kept)+", "+count(c.Objects, "object")+", "+size(c.Bytes))
	if len(c.Namespaces) > 1 {
		for _, key := range c.Namespaces {
			add(inspect.Saving{Namespace: key}, m.spaceOf(key), count(objects[key], "object")+", "+size(bytes[key]))
		}
	}
	if len(c.Has) > 1 || !c.Part {
		for _, o := range c.Has {
			add(inspect.Saving{Namespace: o.Ref.Namespace, ID: o.Ref.ID}, plain(o.Object), size(o.Bytes))
		}
	}
	p.find()
	return p
}

// confirmRestore shows which objects become others, and asks.
func (m *model) confirmRestore(saving inspect.Saving, what string) tea.Cmd {
	api := m.api
	return ask(m, func(ctx context.Context) (inspect.Differences, error) {
		return api.Differences(ctx, inspect.Differing{Saving: saving, Touched: true})
	}, func(m *model, d inspect.Differences, err error) tea.Cmd {
		switch {
		case err != nil:
			m.complain(err)
			return nil
		case len(d.Objects) == 0:
			m.done("nothing to restore: " + what + " is as in " + plain(saving.Name))
			return nil
		}
		m.dialog = &question{
			title: "Restore " + what + " from " + plain(saving.Name) + "?",
			text:  m.restoreText(d),
			yes:   "restore",
			accept: func(m *model) tea.Cmd {
				return m.putBack(saving)
			},
		}
		return nil
	})
}

// restoreText says which objects restoring replaces, removes and brings back.
func (m *model) restoreText(d inspect.Differences) []string {
	s := m.style
	var replaced, removed, back int
	var lines []string
	for _, o := range d.Objects {
		switch o.Change {
		case "added":
			removed++
			lines = append(lines, s.red.on("- ")+plain(o.Object)+s.dim.on("  came since, and goes"))
		case "removed":
			back++
			lines = append(lines, s.green.on("+ ")+plain(o.Object)+s.dim.on("  comes back"))
		default:
			replaced++
			lines = append(lines, s.amber.on("~ ")+plain(o.Object)+s.dim.on("  is overwritten"))
		}
	}
	var parts []string
	for _, p := range []struct {
		n    int
		does string
	}{{replaced, "overwritten"}, {removed, "removed"}, {back, "brought back"}} {
		if p.n > 0 {
			parts = append(parts, fmt.Sprintf("%s %s", count(p.n, "object"), p.does))
		}
	}
	return slices.Concat(preview(lines), []string{"", strings.Join(parts, ", ") + ".", "Their instances and sockets end.", "There is no undo: n, and then s, keeps what is stored now."})
}

// putBack restores.
func (m *model) putBack(saving inspect.Saving) tea.Cmd {
	api := m.api
	return askWithin(m, longPatience, func(ctx context.Context) (inspect.Restored, error) {
		return api.Restore(ctx, saving)
	}, func(m *model, r inspect.Restored, err error) tea.Cmd {
		if err != nil {
			m.complain(err)
			return nil
		}
		text := "restored " + plain(saving.Name) + ": " + count(r.Objects, "object") + ", of which " + fmt.Sprint(r.Written) + " had changed"
		if r.Removed > 0 {
			text += ", " + fmt.Sprint(r.Removed) + " removed"
		}
		m.done(text)
		m.snaps.Forget()
		clear(m.rewound) // what they lead to is gone with the objects' past
		cmds := []tea.Cmd{m.chose(), m.refetch()}
		if !m.project.Live {
			cmds = append(cmds, m.resnap())
		}
		return tea.Batch(cmds...)
	})
}
