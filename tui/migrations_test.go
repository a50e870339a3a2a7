package tui

import (
	"context"
	"errors"
	"os/exec"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/dodev/dodev/devserver/inspect"
	"github.com/dodev/dodev/devserver/inspect/inspecttest"
)

// changing is a chat whose classes change: one was created three days ago, one is
// to be renamed and one deleted.
func changing(now func() time.Time) *inspecttest.Fake {
	f := lively(now)
	f.SetProject(func(p *inspect.Project) { p.Config = "wrangler.toml" })
	f.SetMigrations(inspect.MigrationStatus{
		Applied: []inspect.AppliedMigration{
			{Script: "chat", Tag: "v1", At: now().Add(-72 * time.Hour), Config: "wrangler.toml", Steps: []inspect.MigrationStep{
				{Script: "chat", Tag: "v1", Kind: inspect.NewClass, Class: "Room", SQLite: true},
			}},
			{Script: "chat", Tag: "v2", At: now().Add(-time.Hour), Config: "wrangler.toml", Snapshot: "before-v2", Steps: []inspect.MigrationStep{
				{Script: "chat", Tag: "v2", Kind: inspect.RenameClass, Class: "Room", To: "ChatRoom", Objects: 3},
			}},
		},
		Pending: []string{"v3"},
	}, inspect.MigrationPlan{
		Pending: []string{"v3"}, Held: true,
		Steps: []inspect.MigrationStep{
			{Script: "chat", Tag: "v3", Kind: inspect.DeleteClass, Class: "OldCounter", Objects: 27, Bytes: 1_200_000, File: "wrangler.toml", Line: 31},
			{Script: "chat", Tag: "v3", Kind: inspect.RenameClass, Class: "ChatRoom", To: "Hall", Objects: 3, Bytes: 210_000, Alarms: 1, File: "wrangler.toml", Line: 32},
			{Script: "chat", Tag: "v3", Kind: inspect.NewClass, Class: "Audit", SQLite: true, File: "wrangler.toml", Line: 33},
		},
		Offers: []inspect.MigrationStep{
			{Script: "chat", Kind: inspect.AdoptClass, Class: "RateLimiter", From: "chat-staging", To: "RateLimiter", Objects: 11, Bytes: 102_000},
		},
		Problems: []inspect.MigrationProblem{{
			Severity: "warning", Code: "tag-changed", File: "wrangler.toml", Line: 21, Column: 1,
			Message: `migration "v2" was changed after it had been applied: what it says now is never looked at`,
			Detail:  []string{"applied: rename Room → ChatRoom"},
			Hint:    "put it back as it was, and say what is to change in a migration with a new tag",
		}},
	})
	return f
}

// stuck is changing with a problem that keeps the plan from being applied.
func stuck(now func() time.Time) *inspecttest.Fake {
	f := changing(now)
	status, _ := f.MigrationStatus(context.Background())
	plan, _ := f.MigrationPlan(context.Background())
	plan.Problems = append([]inspect.MigrationProblem{{
		Severity: "error", Code: "class-bound", File: "wrangler.toml", Line: 31, Column: 1,
		Message: "OldCounter is deleted by v3 but still bound as COUNTERS (line 9)", Hint: "remove the binding, or do not delete OldCounter",
	}}, plan.Problems...)
	f.SetMigrations(status, plan)
	return f
}

func TestMigrationsLookAsReviewed(t *testing.T) {
	for _, size := range sizes {
		for name, play := range map[string]func(d *driver){
			"migrations": func(d *driver) { d.press("P", "down", "down") },
			"migrate":    func(d *driver) { d.press("P", "a") },
		} {
			drive(t, changing, size[0], size[1], func(d *driver) {
				play(d)
				d.settle()
				d.golden(strings.Join([]string{name, map[int]string{40: "40", 80: "80", 160: "160"}[size[0]]}, "-"))
			})
		}
	}
}

func TestMigrationsAreAppliedAndUndoneFromThePane(t *testing.T) {
	drive(t, changing, 120, 32, func(d *driver) {
		d.press("P")
		d.await("PENDING")
		d.press("a")
		d.await("Apply 1 migration?")
		d.await("delete OldCounter   27 objects, 1.2 MB")
		d.await("kept as a snapshot first")
		d.press("n")
		d.awaitNot("Apply 1 migration?")
		d.press("a", "y")
		d.await("✓ applied delete OldCounter, rename ChatRoom → Hall, new Audit")
		d.awaitNot("PENDING")
		d.press("a")
		d.await("apply: every migration is applied")
		d.press("u")
		d.await("Undo v3, OldCounter, ChatRoom → Hall, Audit?")
		d.press("y")
		d.await("✓ undone")
		d.await("PENDING")
		d.press("esc")
		d.await("Objects")
	})
}

func TestAProblemKeepsMigrationsFromBeingAppliedAndIsOpened(t *testing.T) {
	var opened string
	adjust := func(o *Options) {
		o.Environ = []string{"TERM=xterm-256color", "EDITOR=vim"}
		o.run = func(cmd *exec.Cmd, done tea.ExecCallback) tea.Cmd {
			opened = strings.Join(cmd.Args[1:], " ")
			return func() tea.Msg { return done(nil) }
		}
	}
	driveWith(t, stuck, 100, 30, adjust, func(d *driver) {
		d.press(":")
		d.write("migra")
		d.press("enter")
		d.await("remove the binding, or do not delete OldCounter")
		d.press("a")
		d.await("apply: a problem keeps it from being done: OldCounter is deleted by v3")
		d.press("?")
		d.await("not now: a problem keeps it")
		d.press("esc", "o")
		d.settle()
		if want := "+31 wrangler.toml"; opened != want {
			t.Errorf("the editor got %q, want %q", opened, want)
		}
	})
}

func TestThePaneFollowsWhatIsSaved(t *testing.T) {
	drive(t, lively, 120, 32, func(d *driver) {
		d.press("P")
		d.await("The configuration has no migrations")
		next := changing(time.Now)
		status, _ := next.MigrationStatus(context.Background())
		plan, _ := next.MigrationPlan(context.Background())
		d.fake.SetMigrations(status, plan)
		d.fake.Tell(inspect.Event{Kind: inspect.Reloaded, Reload: &inspect.Reload{Held: []string{"v3"}, Error: "it waits"}})
		d.await("rename    ChatRoom → Hall")
		d.await("the save is held back until v3 is applied: P shows what that does")
	})
}

func TestMigrationsThatCannotBeLookedAtSayWhy(t *testing.T) {
	inMemory := func(now func() time.Time) *inspecttest.Fake {
		f := lively(now)
		f.Fail = func(_ context.Context, what string) error {
			if what == "plan" {
				return errors.New("nothing is stored: the server runs with --in-memory")
			}
			return nil
		}
		return f
	}
	drive(t, inMemory, 100, 24, func(d *driver) {
		d.press("P")
		d.await("nothing is stored: the server runs with --in-memory")
		d.press("a")
		d.await("apply: nothing is stored")
	})
}

func TestObjectsThatNoClassReachesAreTakenUp(t *testing.T) {
	drive(t, changing, 120, 32, func(d *driver) {
		d.press("P", "t")
		d.await("take up: choose objects that no class reaches")
		d.press("down", "down", "down", "down", "t")
		d.await("Take up the objects of chat-staging?")
		d.await("adopt chat-staging:RateLimiter → RateLimiter   11 objects, 102 kB")
		d.press("y")
		d.await("✓ applied")
	})
}
