package inspect_test

import (
	"reflect"
	"testing"

	"github.com/dodev/dodev/devserver/inspect"
	"github.com/dodev/dodev/devserver/inspect/inspecttest"
)

var renaming = inspect.MigrationPlan{
	Pending: []string{"v2"}, Problems: []inspect.MigrationProblem{}, Held: true,
	Steps: []inspect.MigrationStep{
		{Script: "chat", Tag: "v2", Kind: inspect.RenameClass, Class: "Room", To: "Hall", Objects: 3, Bytes: 210_000, Alarms: 1, File: "wrangler.toml", Line: 12},
	},
	Offers: []inspect.MigrationStep{{Script: "chat", Kind: inspect.AdoptClass, Class: "Room", From: "talk", To: "Room", Objects: 1}},
}

func TestMigrationsAreAskedForOverHTTP(t *testing.T) {
	f := inspecttest.Lively(noon, 2)
	f.SetMigrations(inspect.MigrationStatus{Applied: []inspect.AppliedMigration{}, Pending: []string{"v2"}, WhyNoUndo: "nothing was applied"}, renaming)
	c := serve(t, f)
	plan, err := c.MigrationPlan(t.Context())
	if err != nil || !reflect.DeepEqual(plan, renaming) {
		t.Fatalf("plan %+v, %v\nwant %+v", plan, err, renaming)
	}
	if s, err := c.MigrationStatus(t.Context()); err != nil || s.WhyNoUndo == "" || len(s.Pending) != 1 {
		t.Errorf("status %+v, %v", s, err)
	}
	if _, err := c.Migrate(t.Context(), inspect.Agreement{Steps: []string{"something else"}}); inspect.CodeOf(err) != inspect.Conflict {
		t.Errorf("what was not agreed to: %v, want a conflict", err)
	}
	if done, err := c.Migrate(t.Context(), inspect.Agreement{Steps: plan.Agreed()}); err != nil || len(done.Steps) != 1 || !done.Reloaded {
		t.Errorf("applied %+v, %v", done, err)
	}
	if s, err := c.MigrationStatus(t.Context()); err != nil || len(s.Applied) != 1 || s.Applied[0].Title() != "v2" {
		t.Errorf("status after applying %+v, %v", s, err)
	}
	if done, err := c.UndoMigrations(t.Context()); err != nil || done.Snapshot != "before-undo" {
		t.Errorf("undone %+v, %v", done, err)
	}
}

func TestAnAgreementIsToWhatWasSeen(t *testing.T) {
	broken := renaming
	broken.Problems = []inspect.MigrationProblem{{Severity: "warning"}, {Severity: "error", Message: "it is bound"}}
	grown := renaming
	grown.Steps = []inspect.MigrationStep{renaming.Steps[0]}
	grown.Steps[0].Objects = 4 // which may come and go
	for name, tt := range map[string]struct {
		plan inspect.MigrationPlan
		to   inspect.Agreement
		want inspect.Code
	}{
		"to what was seen":           {renaming, inspect.Agreement{Steps: renaming.Agreed()}, ""},
		"to more objects of it":      {grown, inspect.Agreement{Steps: renaming.Agreed()}, ""},
		"to whatever there is":       {renaming, inspect.Agreement{}, ""},
		"to nothing":                 {renaming, inspect.Agreement{Steps: []string{}}, inspect.Conflict},
		"to what is done by now":     {inspect.MigrationPlan{}, inspect.Agreement{Steps: renaming.Agreed()}, ""},
		"to what cannot be":          {broken, inspect.Agreement{Steps: renaming.Agreed()}, inspect.Refused},
		"to an offer":                {renaming, inspect.Agreement{Adopt: []string{"talk"}}, ""},
		"to an offer there is not":   {renaming, inspect.Agreement{Adopt: []string{"tlk"}}, inspect.NotFound},
		"to an offer that went away": {inspect.MigrationPlan{}, inspect.Agreement{Adopt: []string{"talk"}}, inspect.NotFound},
	} {
		if got := inspect.CodeOf(tt.to.To(tt.plan)); got != tt.want {
			t.Errorf("%s: %q, want %q", name, got, tt.want)
		}
	}
}
