package tui

import (
	"context"
	"fmt"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/dodev/dodev/devserver/inspect"
)

// What is done with migrations.

// openMigrations shows them in place of tree and tabs.
func (m *model) openMigrations() tea.Cmd {
	return m.openPage(migrationsPage, (*model).replan)
}

// planned is what is known of migrations.
type planned struct {
	status inspect.MigrationStatus
	plan   inspect.MigrationPlan
}

// replan asks for the migrations, if they are shown.
func (m *model) replan() tea.Cmd {
	if m.page != migrationsPage || m.api == nil {
		return nil
	}
	api := m.api
	return ask(m, func(ctx context.Context) (planned, error) {
		plan, err := api.MigrationPlan(ctx)
		if err != nil {
			return planned{}, err
		}
		status, err := api.MigrationStatus(ctx)
		return planned{status, plan}, err
	}, func(m *model, p planned, err error) tea.Cmd {
		if err != nil {
			m.migrations.Fail(explain(err))
		} else {
			m.migrations.Set(m.nearStatus(p.status), m.near(p.plan))
		}
		return nil
	})
}

// near has the files of problems as people write them where they are.
func (m *model) near(plan inspect.MigrationPlan) inspect.MigrationPlan {
	plan.Problems = slices.Clone(plan.Problems)
	for i := range plan.Problems {
		plan.Problems[i].File = m.shorter(plan.Problems[i].File)
	}
	plan.Steps = slices.Clone(plan.Steps)
	for i := range plan.Steps {
		plan.Steps[i].File = m.shorter(plan.Steps[i].File)
	}
	return plan
}

// nearStatus does the same for the configurations that were applied.
func (m *model) nearStatus(s inspect.MigrationStatus) inspect.MigrationStatus {
	s.Applied = slices.Clone(s.Applied)
	for i := range s.Applied {
		s.Applied[i].Config = m.shorter(s.Applied[i].Config)
	}
	return s
}

func (m *model) planAgain() tea.Cmd {
	m.say(m.style.dim, "planned again")
	return m.replan()
}

// whyNoMigration says why nothing can be done with migrations at all.
func (m *model) whyNoMigration() string {
	switch {
	case m.whyOffline() != "":
		return m.whyOffline()
	case m.project.ReadOnly != "":
		return m.project.ReadOnly
	case !m.migrations.known:
		return "there is no answer yet"
	}
	return m.migrations.trouble
}

func (m *model) whyNoApply() string {
	if why := m.whyNoMigration(); why != "" {
		return why
	}
	p := m.migrations.plan
	if fatal := p.Fatal(); len(fatal) > 0 {
		return "a problem keeps it from being done: " + plain(fatal[0].Message)
	}
	if len(p.Pending) == 0 {
		return "every migration is applied"
	}
	return ""
}

func (m *model) openApply() tea.Cmd {
	p := m.migrations.plan
	m.dialog = &question{
		title: "Apply " + count(len(p.Pending), "migration") + "?", text: m.consequences(p.Steps), yes: "apply",
		accept: func(m *model) tea.Cmd { return m.migrate(inspect.Agreement{Steps: p.Agreed()}) },
	}
	return nil
}

// consequences name what steps do to what is stored, for who is to agree.
func (m *model) consequences(steps []inspect.MigrationStep) []string {
	s := m.style
	width := min(m.width-4, 96) - 4 // of a dialog
	var out []string
	unsafe := false
	for _, step := range steps {
		text := plain(step.String())
		if step.Safe() {
			out = append(out, folded(text+s.dim.on("   "+touches(step)), width)...)
			continue
		}
		unsafe = true
		look := s.amber
		if step.Kind == inspect.DeleteClass {
			look = s.red
		}
		out = append(out, folded(look.on(text)+"   "+touches(step), width)...)
	}
	note := ""
	if unsafe {
		note = "What it touches is kept as a snapshot first, to which u returns. "
	}
	if m.project.Live {
		note += "The server goes on with the code that is saved. "
		if unsafe {
			note += "Sockets of these classes close."
		}
	}
	if note == "" {
		return out
	}
	out = append(out, "")
	for _, l := range folded(note, width) {
		out = append(out, s.dim.on(l))
	}
	return out
}

// migrate applies what was agreed to, and says what came of it.
func (m *model) migrate(a inspect.Agreement) tea.Cmd {
	api := m.api
	return ask(m, func(ctx context.Context) (inspect.Migrated, error) {
		return api.Migrate(ctx, a)
	}, func(m *model, done inspect.Migrated, err error) tea.Cmd {
		if err != nil {
			m.complain(err)
			return m.replan()
		}
		var what []string
		for _, s := range done.Steps {
			what = append(what, s.String())
		}
		text := "applied " + plain(strings.Join(what, ", "))
		if done.Nameless > 0 {
			text += fmt.Sprintf("; %s moved whose name is known nowhere", count(done.Nameless, "object"))
		}
		m.done(text)
		return m.afterMigrating()
	})
}

// afterMigrating looks again at everything, where no server will tell.
func (m *model) afterMigrating() tea.Cmd {
	if m.project.Live {
		return m.replan()
	}
	return tea.Batch(m.replan(), m.resnap())
}

func (m *model) whyNoAdopt() string {
	if why := m.whyNoMigration(); why != "" {
		return why
	}
	if r, ok := m.migrations.Selected(); !ok || r.offer == nil {
		return "choose objects that no class reaches"
	}
	if fatal := m.migrations.plan.Fatal(); len(fatal) > 0 {
		return "a problem keeps it from being done: " + plain(fatal[0].Message)
	}
	return ""
}

func (m *model) openAdopt() tea.Cmd {
	r, _ := m.migrations.Selected()
	p, from := m.migrations.plan, r.offer.From
	var steps []inspect.MigrationStep
	for _, s := range p.Offers {
		if s.From == from {
			steps = append(steps, s)
		}
	}
	m.dialog = &question{
		title: "Take up the objects of " + plain(from) + "?", text: m.consequences(append(steps, p.Steps...)), yes: "take up",
		accept: func(m *model) tea.Cmd {
			return m.migrate(inspect.Agreement{Steps: p.Agreed(), Adopt: []string{from}})
		},
	}
	return nil
}

func (m *model) whyNoUnmigrate() string {
	if why := m.whyNoMigration(); why != "" {
		return why
	}
	return m.migrations.status.WhyNoUndo
}

func (m *model) openUnmigrate() tea.Cmd {
	all := m.migrations.status.Applied
	last := all[len(all)-1]
	text := []string{
		"What there was before it comes back: " + plain(last.Snapshot) + ".",
		"What was stored since in these classes goes; it is kept as a snapshot.",
	}
	if m.project.Live {
		text = append(text, m.style.dim.on("The server goes back to the code before, unless what is saved fits."))
	}
	m.dialog = &question{
		title: "Undo " + plain(last.Title()) + ", " + plain(subjects(last.Steps)) + "?", text: text, yes: "undo",
		accept: (*model).unmigrate,
	}
	return nil
}

func (m *model) unmigrate() tea.Cmd {
	api := m.api
	return ask(m, api.UndoMigrations, func(m *model, done inspect.Undone, err error) tea.Cmd {
		if err != nil {
			m.complain(err)
			return nil
		}
		m.done("undone, " + count(done.Objects, "object") + " as before; what there was is the snapshot " + plain(done.Snapshot))
		return m.afterMigrating()
	})
}

// migrationPlace is the place of the row at the cursor, "" for none.
func (m *model) migrationPlace() string {
	r, ok := m.migrations.Selected()
	switch {
	case ok && r.problem != nil && r.problem.File != "":
		return placeOf(r.problem.File, max(1, r.problem.Line), max(1, r.problem.Column))
	case ok && r.step != nil && r.step.File != "":
		return placeOf(r.step.File, max(1, r.step.Line), 1)
	}
	return ""
}

func (m *model) whyNoMigrationPlace() string {
	if m.migrationPlace() == "" {
		return "no place in the configuration is known"
	}
	return ""
}

// heldBack says that a save waits for migrations.
func (m *model) heldBack(r inspect.Reload) {
	m.refuse("the save is held back until " + plain(strings.Join(r.Held, ", ")) + " is applied: P shows what that does")
}

// drawMigrations draws the pane over the whole body.
func (m *model) drawMigrations(a area) []string {
	f := frame{
		title: "Migrations", focus: true, note: m.style.dim.on(plain(m.shorter(m.project.Config)) + " → " + plain(m.shorter(m.project.State))),
	}
	return f.draw(m.style, m.migrations.Render(a.width-2, a.height-2, m.now), a.width, a.height)
}
