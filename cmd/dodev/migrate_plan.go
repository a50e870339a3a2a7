package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/dodev/dodev/devserver/inspect"
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
		RunE:    onMigrations(app, showPlan),
	}
}

func showPlan(ctx context.Context, w io.Writer, in *inspection) error {
	plan, err := in.MigrationPlan(ctx)
	if err != nil {
		return err
	}
	if in.app.flags.json {
		err = printLine(w, planForScripts(plan))
	} else {
		err = in.printPlan(ctx, w, plan)
	}
	if len(plan.Fatal()) > 0 {
		err = errors.Join(err, errReported)
	}
	return err
}

// planForScripts has the files of problems as people write them here.
func planForScripts(plan inspect.MigrationPlan) inspect.MigrationPlan {
	plan.Steps, plan.Offers = append([]inspect.MigrationStep{}, plan.Steps...), append([]inspect.MigrationStep{}, plan.Offers...)
	plan.Pending = append([]string{}, plan.Pending...)
	for i := range plan.Steps {
		plan.Steps[i].File = inside(workDir(), plan.Steps[i].File)
	}
	problems := []inspect.MigrationProblem{}
	for _, p := range plan.Problems {
		p.File = inside(workDir(), p.File)
		problems = append(problems, p)
	}
	plan.Problems = problems
	return plan
}

// printPlan shows the plan to people, below what it is about.
func (in *inspection) printPlan(ctx context.Context, w io.Writer, plan inspect.MigrationPlan) error {
	status, err := in.MigrationStatus(ctx)
	if err != nil {
		return err
	}
	paths, err := in.app.configPaths(".", in.app.flags.env)
	if err != nil {
		return err
	}
	last := ""
	if n := len(status.Applied); n > 0 {
		a := status.Applied[n-1]
		last = fmt.Sprintf("%s, %s", a.Title(), relative(a.At, time.Now()))
	}
	fmt.Fprintln(w, planHeadline(inside(workDir(), paths[0]), in.stateDir, last, len(plan.Pending)))
	printPlan(w, in.app.painter(in.app.stdout), plan)
	return nil
}

// planHeadline says how much of a file is not applied to a folder.
func planHeadline(file, folder, last string, pending int) string {
	if last = "last applied: " + last; last == "last applied: " {
		last = "nothing was applied yet"
	}
	if pending == 0 {
		return fmt.Sprintf("%s has nothing that is not applied to %s (%s)", file, folder, last)
	}
	return fmt.Sprintf("%s has %s not applied to %s (%s)", file, count(pending, "migration"), folder, last)
}

// printPlan shows steps, offers and problems.
func printPlan(w io.Writer, p painter, plan inspect.MigrationPlan) {
	if len(plan.Steps) > 0 {
		fmt.Fprintln(w)
	}
	printSteps(w, p, plan.Steps)
	for _, s := range plan.Offers {
		fmt.Fprintf(w, "  %s    %s\n", p.amber("offer"), orphans(s))
		fmt.Fprintf(w, "           %s\n", p.dim(fmt.Sprintf("take them up as %s with `dodev migrate apply --adopt %s`", s.To, s.From)))
	}
	for _, problem := range plan.Problems {
		printProblem(w, p, problem)
	}
}

func printSteps(w io.Writer, p painter, steps []inspect.MigrationStep) {
	width := 0
	for _, s := range steps {
		width = max(width, len([]rune(s.Subject())))
	}
	tag := "\x00"
	for _, s := range steps {
		shown := ""
		if s.Tag != tag {
			shown, tag = inspect.MigrationTitle(s.Tag), s.Tag
		}
		touched, word := amount(s), p.green("ready")
		switch {
		case s.Kind == inspect.NewClass:
			touched = storageKind(s.SQLite)
		case !s.Safe():
			word = p.amber("asks first")
		}
		name := s.Subject()
		fmt.Fprintf(w, "  %-8s %-8s %s%s   %-34s %s\n", shown, s.Kind, name, strings.Repeat(" ", width-len([]rune(name))), touched, word)
	}
}

// orphans is what an offer is about.
func orphans(s inspect.MigrationStep) string {
	return fmt.Sprintf("%s of the script %q: no class reaches them", amount(s), s.From)
}

// amount is what a step touches, for people.
func amount(s inspect.MigrationStep) string {
	if s.Objects == 0 {
		return "nothing stored"
	}
	text := count(s.Objects, "object") + ", " + size(s.Bytes)
	if s.Alarms > 0 {
		text += ", " + count(s.Alarms, "alarm")
	}
	return text
}

func storageKind(sqlite bool) string {
	if sqlite {
		return "sqlite"
	}
	return "key-value"
}

func printProblem(w io.Writer, p painter, problem inspect.MigrationProblem) {
	word := p.amber("warning")
	if problem.Fatal() {
		word = p.red("problem")
	}
	fmt.Fprintf(w, "  %s  %s%s\n", word, placeOf(problem), problem.Message)
	for _, line := range append(problem.Detail, problem.Hint) {
		if line != "" {
			fmt.Fprintf(w, "           %s\n", p.dim(line))
		}
	}
}

// placeOf is where a problem is, for before its words.
func placeOf(problem inspect.MigrationProblem) string {
	switch {
	case problem.File == "":
		return ""
	case problem.Line == 0:
		return inside(workDir(), problem.File) + ": "
	}
	return fmt.Sprintf("%s:%d:%d: ", inside(workDir(), problem.File), problem.Line, problem.Column)
}
