package tui

import (
	"fmt"
	"strings"
	"time"

	"github.com/dodev/dodev/devserver/inspect"
)

// migrations shows the class migrations of the project: what is left to apply,
// what is wrong with it, what nothing reaches any more, and what was applied. It
// is about the project and no object, so it has the whole screen.
type migrations struct {
	list
	style styles

	status  inspect.MigrationStatus
	plan    inspect.MigrationPlan
	trouble string // why there is neither, "" when there is
	known   bool   // there was an answer

	rows []migrationRow
}

// A migrationRow is one of these.
type migrationRow struct {
	step    *inspect.MigrationStep // that is left
	offer   *inspect.MigrationStep
	problem *inspect.MigrationProblem
	applied *inspect.AppliedMigration
}

// part is the title of the part that the row is in.
func (r migrationRow) part() string {
	switch {
	case r.problem != nil:
		return "PROBLEMS"
	case r.step != nil:
		return "PENDING"
	case r.offer != nil:
		return "REACHED BY NO CLASS"
	}
	return "APPLIED"
}

// Set shows what was answered.
func (p *migrations) Set(s inspect.MigrationStatus, plan inspect.MigrationPlan) {
	p.status, p.plan, p.trouble, p.known = s, plan, "", true
	p.rows = nil
	for i := range plan.Problems {
		p.rows = append(p.rows, migrationRow{problem: &plan.Problems[i]})
	}
	for i := range plan.Steps {
		p.rows = append(p.rows, migrationRow{step: &plan.Steps[i]})
	}
	for i := range plan.Offers {
		p.rows = append(p.rows, migrationRow{offer: &plan.Offers[i]})
	}
	for i := len(s.Applied) - 1; i >= 0; i-- { // the latest first
		p.rows = append(p.rows, migrationRow{applied: &s.Applied[i]})
	}
	p.cursor = within(p.cursor, len(p.rows))
}

// Fail says why nothing can be shown.
func (p *migrations) Fail(why string) {
	*p = migrations{style: p.style, trouble: why, known: true}
}

// Selected is the row at the cursor.
func (p *migrations) Selected() (migrationRow, bool) {
	if len(p.rows) == 0 {
		return migrationRow{}, false
	}
	return p.rows[within(p.cursor, len(p.rows))], true
}

// Press moves the cursor.
func (p *migrations) Press(key string) bool { return p.press(key, len(p.rows)) }

// Click chooses the row in a line, and says whether it was chosen before.
func (p *migrations) Click(y int) (again bool) {
	for i, line := range p.lines() {
		if i != p.top+y || line < 0 {
			continue
		}
		again = line == p.cursor
		p.cursor = line
	}
	return again
}

// lines are what each line above the details is: the number of a row, or -1 for
// a title or nothing.
func (p *migrations) lines() []int {
	var out []int
	part := ""
	for i, r := range p.rows {
		if r.part() != part {
			if part != "" {
				out = append(out, -1)
			}
			part = r.part()
			out = append(out, -1)
		}
		out = append(out, i)
	}
	return out
}

// Render draws the rows in their parts, and below them all there is to say of
// the one at the cursor.
func (p *migrations) Render(width, height int, now time.Time) []string {
	switch {
	case !p.known:
		return message(p.style.dim, "looking …", width)
	case p.trouble != "":
		return message(p.style.dim, p.trouble, width)
	case len(p.rows) == 0:
		return message(p.style.dim, "The configuration has no migrations. `dodev migrate new` writes one.", width)
	}
	about := p.about(width-2, now)
	about = about[:min(len(about), max(1, height/2))]
	room := max(1, height-len(about)-1)
	out := p.window(p.draw(width, now), room)
	for len(out) < room {
		out = append(out, "")
	}
	out = append(out, p.style.faint.on(strings.Repeat("─", width)))
	for _, l := range about {
		out = append(out, " "+l)
	}
	return out
}

// draw is every line above the details.
func (p *migrations) draw(width int, now time.Time) []string {
	var out []string
	part := ""
	for i, r := range p.rows {
		if r.part() != part {
			if part != "" {
				out = append(out, "")
			}
			part = r.part()
			out = append(out, " "+p.style.dim.on(part))
		}
		out = append(out, cursorLine(p.style, p.cells(r, width-3, now), width, i == p.cursor, true))
	}
	return out
}

// window is the part of the lines in which the cursor's is.
func (p *migrations) window(lines []string, height int) []string {
	at := 0
	for i, row := range p.lines() {
		if row == p.cursor {
			at = i
		}
	}
	p.height = height
	p.top = min(p.top, max(0, at-1)) // with the title above the first row
	p.top = max(p.top, at-height+1)
	p.top = max(0, min(p.top, len(lines)-height))
	return append([]string{}, lines[p.top:min(len(lines), p.top+height)]...)
}

var stepColumns = []column{
	{title: "TAG", width: 6},
	{title: "", width: 8},
	{title: "CLASS", width: 10, grow: 2},
	{title: "TOUCHES", width: 26, grow: 1, drop: 2},
	{title: "", width: 10, drop: 1},
}

func (p *migrations) cells(r migrationRow, width int, now time.Time) string {
	s := p.style
	widths := layout(stepColumns, width)
	switch {
	case r.problem != nil:
		mark := s.amber.on("!")
		if r.problem.Fatal() {
			mark = s.red.on("✗")
		}
		return mark + " " + cut(plain(r.problem.Message), width-2)
	case r.step != nil:
		word := s.green.on("ready")
		if !r.step.Safe() {
			word = s.amber.on("asks first")
		}
		return line(stepColumns, widths, []string{plain(inspect.MigrationTitle(r.step.Tag)), string(r.step.Kind), plain(r.step.Subject()), touches(*r.step), word})
	case r.offer != nil:
		return line(stepColumns, widths, []string{"–", string(r.offer.Kind), plain(r.offer.Subject()), touches(*r.offer), s.amber.on("t takes up")})
	}
	a := r.applied
	title := inspect.MigrationTitle(a.Tag)
	if a.Title() != title { // no migration asked for it
		title = "–"
	}
	return line(stepColumns, widths, []string{plain(title), s.dim.on(kinds(a.Steps)), plain(subjects(a.Steps)), s.dim.on(plain(a.Snapshot)), s.dim.on(agoWords(a.At, now))})
}

// touches is what a step touches.
func touches(s inspect.MigrationStep) string {
	switch {
	case s.Kind == inspect.NewClass && s.SQLite:
		return "sqlite"
	case s.Kind == inspect.NewClass:
		return "key-value"
	case s.Objects == 0:
		return "nothing stored"
	}
	text := count(s.Objects, "object") + ", " + size(s.Bytes)
	if s.Alarms > 0 {
		text += ", " + count(s.Alarms, "alarm")
	}
	return text
}

// kinds is what steps do, in one word where they do the same.
func kinds(steps []inspect.MigrationStep) string {
	kind := ""
	for _, s := range steps {
		if kind != "" && kind != string(s.Kind) {
			return "several"
		}
		kind = string(s.Kind)
	}
	return kind
}

func subjects(steps []inspect.MigrationStep) string {
	var parts []string
	for _, s := range steps {
		parts = append(parts, s.Subject())
	}
	return strings.Join(parts, ", ")
}

// about is all there is to say of the row at the cursor.
func (p *migrations) about(width int, now time.Time) []string {
	r, ok := p.Selected()
	if !ok {
		return nil
	}
	var out []string
	say := func(look paint, text string) {
		for _, l := range folded(plain(text), width) {
			out = append(out, look.on(l))
		}
	}
	s := p.style
	switch {
	case r.problem != nil:
		p.aboutProblem(r.problem, say)
	case r.step != nil:
		say("", fmt.Sprintf("%s of %s: %s", r.step, r.step.Script, touches(*r.step)))
		say(s.dim, p.fate(*r.step))
	case r.offer != nil:
		say("", fmt.Sprintf("%s of the script %q", touches(*r.offer), r.offer.From))
		say(s.dim, fmt.Sprintf("Nothing in the configuration reaches them. Was the Worker called so before, or run in another environment? t takes them up as %s.", r.offer.To))
	default:
		p.aboutApplied(r.applied, now, say)
	}
	return out
}

func (p *migrations) aboutProblem(problem *inspect.MigrationProblem, say func(paint, string)) {
	s := p.style
	say("", problem.Message)
	if problem.File != "" {
		say(s.accent, placeOf(problem.File, problem.Line, problem.Column))
	}
	for _, l := range problem.Detail {
		say(s.dim, l)
	}
	if problem.Hint != "" {
		say(s.green, "→ "+problem.Hint)
	}
}

func (p *migrations) aboutApplied(a *inspect.AppliedMigration, now time.Time, say func(paint, string)) {
	s := p.style
	for _, step := range a.Steps {
		text := step.String()
		if step.Kind != inspect.NewClass {
			text += ": " + count(step.Objects, "object")
		}
		say("", text)
	}
	say(s.dim, fmt.Sprintf("applied to %s %s, by %s", a.Script, agoWords(a.At, now), dash(a.Config)))
	if a.Snapshot != "" {
		say(s.dim, "What it touched is kept as the snapshot "+a.Snapshot+".")
	}
}

// fate says what becomes of what a step touches.
func (p *migrations) fate(s inspect.MigrationStep) string {
	switch {
	case s.Safe():
		return "It touches nothing that is stored, and is applied without asking."
	case s.Kind == inspect.DeleteClass:
		return "They go, with their alarms. A snapshot of them is taken first."
	case p.plan.Held:
		return "They move with their alarms, and names and ids lead on to them. Until then what is saved is held back: it would not find them."
	}
	return "They move with their alarms, and names and ids lead on to them. A snapshot of them is taken first."
}

// placeOf is a place as editors and compilers write it.
func placeOf(file string, line, column int) string {
	if line == 0 {
		return file
	}
	return fmt.Sprintf("%s:%d:%d", file, line, column)
}
