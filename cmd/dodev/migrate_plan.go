package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/dodev/dodev/emulator/config"
	"github.com/dodev/dodev/emulator/migrate"
)

func newMigratePlanCmd(app *app) *cobra.Command {
	return &cobra.Command{
		Use:   "plan",
		Short: "Show what is not applied, what it touches, and what a deploy would refuse",
		Long: `Plan shows each step that is not applied with the objects, bytes and alarms it
touches, and every problem with its place and remedy. It changes nothing. With
problems that keep the plan from being applied it exits with 1.`,
		Example: "  dodev migrate plan\n  dodev migrate plan --json",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			m, err := app.migration()
			if err != nil {
				return err
			}
			if app.flags.json {
				err = m.printJSON(cmd.OutOrStdout())
			} else {
				m.print(cmd.OutOrStdout())
			}
			if m.plan.Problems.HasErrors() {
				err = errors.Join(err, errReported)
			}
			return err
		},
	}
}

// planJSON is a plan for scripts.
type planJSON struct {
	Steps    []migrate.Step `json:"steps"`
	Problems []problemJSON  `json:"problems"`
	Offers   []migrate.Step `json:"offers"`
}

type problemJSON struct {
	Severity string `json:"severity"`
	Code     string `json:"code"`
	Message  string `json:"message"`
	File     string `json:"file"`
	Line     int    `json:"line"`
	Hint     string `json:"hint,omitempty"`
}

func (m *migration) printJSON(w io.Writer) error {
	out := planJSON{Steps: append([]migrate.Step{}, m.plan.Steps...), Offers: append([]migrate.Step{}, m.plan.Offers...), Problems: []problemJSON{}}
	for _, d := range m.plan.Problems {
		out.Problems = append(out.Problems, problemJSON{d.Severity.String(), d.Code, d.Message, inside(workDir(), d.Pos.File), d.Pos.Line, d.Hint})
	}
	return json.NewEncoder(w).Encode(out)
}

// print shows the plan to people.
func (m *migration) print(w io.Writer) {
	p := m.app.painter(m.app.stdout)
	fmt.Fprintln(w, m.headline())
	if len(m.plan.Steps) > 0 {
		fmt.Fprintln(w)
	}
	m.printSteps(w, p)
	for _, s := range m.plan.Offers {
		fmt.Fprintf(w, "  %s    %s of the script %q are reached by no class\n", p.amber("offer"), amount(s.Amount), s.From)
		fmt.Fprintf(w, "           %s\n", p.dim(fmt.Sprintf("take them up as %s with `dodev migrate apply --adopt %s`", s.To, s.From)))
	}
	for _, d := range m.plan.Problems {
		m.printProblem(w, p, d)
	}
}

func (m *migration) headline() string {
	file := inside(workDir(), m.configs[0].Path)
	last := "nothing was applied yet"
	if _, a, ok := m.ledger.Latest(); ok {
		last = fmt.Sprintf("last applied: %s, %s", tagOf(a.Tag), relative(a.At, time.Now()))
	}
	pending := len(m.plan.Pending())
	if pending == 0 {
		return fmt.Sprintf("%s has nothing that is not applied to %s (%s)", file, inside(workDir(), m.folder.Dir), last)
	}
	return fmt.Sprintf("%s has %s not applied to %s (%s)", file, count(pending, "migration"), inside(workDir(), m.folder.Dir), last)
}

func (m *migration) printSteps(w io.Writer, p painter) {
	width := 0
	for _, s := range m.plan.Steps {
		width = max(width, len([]rune(subject(s))))
	}
	tag := "\x00"
	for _, s := range m.plan.Steps {
		shown := ""
		if s.Tag != tag {
			shown, tag = tagOf(s.Tag), s.Tag
		}
		touched, word := amount(s.Amount), p.green("ready")
		switch {
		case s.Kind == migrate.New:
			touched = storageKind(s.SQLite)
		case !s.Safe():
			word = p.amber("asks first")
		}
		name := subject(s)
		fmt.Fprintf(w, "  %-8s %-8s %s%s   %-34s %s\n", shown, s.Kind, name, strings.Repeat(" ", width-len([]rune(name))), touched, word)
	}
}

// subject is what a step is about: "ChatRoom → Room".
func subject(s migrate.Step) string {
	name := s.Class
	if s.From != "" {
		name = s.From + ":" + s.Class
	}
	if s.To != "" {
		name += " → " + s.To
	}
	return name
}

// amount is what a step touches, for people.
func amount(a migrate.Amount) string {
	if a.Objects == 0 {
		return "nothing stored"
	}
	text := count(a.Objects, "object") + ", " + size(a.Bytes)
	if a.Alarms > 0 {
		text += ", " + count(a.Alarms, "alarm")
	}
	return text
}

func storageKind(sqlite bool) string {
	if sqlite {
		return "sqlite"
	}
	return "key-value"
}

func (m *migration) printProblem(w io.Writer, p painter, d config.Diagnostic) {
	word := p.amber("warning")
	if d.Severity == config.Error {
		word = p.red("problem")
	}
	place := ""
	if d.Pos.File != "" {
		place = inside(workDir(), d.Pos.File)
		if d.Pos.Line > 0 {
			place += fmt.Sprintf(":%d:%d", d.Pos.Line, d.Pos.Column)
		}
		place += ": "
	}
	fmt.Fprintf(w, "  %s  %s%s\n", word, place, d.Message)
	for _, line := range append(d.Detail, d.Hint) {
		if line != "" {
			fmt.Fprintf(w, "           %s\n", p.dim(line))
		}
	}
}
