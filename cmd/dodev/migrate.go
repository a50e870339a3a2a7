package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/dodev/dodev/devserver"
	"github.com/dodev/dodev/emulator/bundle"
	"github.com/dodev/dodev/emulator/config"
	"github.com/dodev/dodev/emulator/migrate"
	"github.com/dodev/dodev/emulator/names"
	"github.com/dodev/dodev/sqlite/snapshot"
	"github.com/dodev/dodev/sqlite/state"
)

func newMigrateCmd(app *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "migrate",
		Short: "Carry class migrations out on local data",
		Long: `Migrate compares the migrations of the configuration, or its exports map, with
what was applied to the state folder. A deployed class that is renamed keeps its
objects; migrate does that for local ones, whose ids derive from the names of
script and class: stored objects move, and ids that they had before still lead
to them.

Without a subcommand it says what was applied, and what is not.`,
		Example: "  dodev migrate\n  dodev migrate plan\n  dodev migrate apply",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return migrateStatus(cmd.OutOrStdout(), app) },
	}
	cmd.AddCommand(newMigrateStatusCmd(app), newMigratePlanCmd(app), newMigrateApplyCmd(app), newMigrateUndoCmd(app), newMigrateNewCmd(app))
	return cmd
}

// A migration is what the commands about migrations work on.
type migration struct {
	app     *app
	configs []*config.Config
	folder  state.Folder
	ledger  *migrate.Ledger
	plan    *migrate.Plan
	book    *names.Book // while the plan is carried out
}

// migration reads the project and what is stored, and plans. A change that a
// killed process has left is ended first.
func (a *app) migration() (*migration, error) {
	paths, err := a.configPaths(".", a.flags.env)
	if err != nil {
		return nil, err
	}
	m := &migration{app: a}
	dir, err := a.stateDir(paths[0])
	if err != nil {
		return nil, err
	}
	m.folder = state.Folder{Dir: dir}
	var problems config.Diagnostics
	for _, path := range paths {
		c, ds, err := a.checked(path)
		if err != nil {
			return nil, err
		}
		m.configs = append(m.configs, c)
		problems = append(problems, ds...)
	}
	if err := m.makePlan(); err != nil {
		return nil, err
	}
	m.plan.Problems = append(about(problems, m.plan.Problems), m.plan.Problems...)
	return m, nil
}

// checked reads a configuration and says what is wrong with it and the code.
func (a *app) checked(path string) (*config.Config, config.Diagnostics, error) {
	project := devserver.NewProject(devserver.ProjectOptions{
		ConfigPath: path, Config: config.Options{Env: a.flags.env, Environ: a.environ}, Library: bundle.Patterns(),
	})
	defer project.Close()
	build, err := project.Build()
	var ds config.Diagnostics
	if err != nil && !errors.As(err, &ds) {
		return nil, nil, err
	}
	if build.Config == nil {
		return nil, nil, err
	}
	return build.Config, build.Diagnostics, nil
}

// makePlan plans for what is stored now.
func (m *migration) makePlan() error {
	if err := m.readLedger(); err != nil {
		return err
	}
	return m.planAll()
}

// readLedger reads what was applied, once a change that a killed process has
// left is over.
func (m *migration) readLedger() (err error) {
	if _, err := m.folder.Recover(); err != nil {
		return err
	}
	m.ledger, err = migrate.ReadLedger(m.folder)
	return err
}

// planAll looks at all that is stored, which takes a while when that is much.
func (m *migration) planAll() error {
	survey, err := migrate.TakeSurvey(m.folder)
	if err != nil {
		return err
	}
	m.plan = migrate.Make(m.configs, m.ledger, survey)
	return nil
}

// about keeps the diagnostics of a project that concern classes. One that the
// plan tells of in other words is left out.
func about(ds, planned config.Diagnostics) config.Diagnostics {
	codes := []string{"duplicate-tag", "no-such-class", "class-exists", "class-not-migrated", "class-gone", "class-not-exported", "migrations-and-exports", "migration-not-exported"}
	bound := slices.ContainsFunc(planned, func(d config.Diagnostic) bool { return d.Code == "class-bound" })
	return slices.DeleteFunc(slices.Clone(ds), func(d config.Diagnostic) bool {
		return !slices.Contains(codes, d.Code) && d.Severity != config.Error || bound && d.Code == "class-gone"
	})
}

// snapshots is where the project's snapshots are.
func (m *migration) snapshots() snapshot.Store {
	return snapshot.Store{Dir: filepath.Join(m.configs[0].Dir, ".dodev", "snapshots")}
}

// keep saves what namespaces store before the plan is applied.
func (m *migration) keep(h *state.Hold, keys []string, ledger []byte) (string, error) {
	base := "before-migration"
	for _, s := range m.plan.Steps {
		if s.Tag != "" && !s.Safe() {
			base = "before-" + strings.Map(plainRune, s.Tag)
			break
		}
	}
	return m.save(h, base, keys, ledger)
}

// save saves what namespaces store under a name, or that and a number when it is
// taken.
func (m *migration) save(h *state.Hold, base string, keys []string, ledger []byte) (string, error) {
	store := m.snapshots()
	for n := 1; ; n++ {
		name := base
		if n > 1 {
			name = fmt.Sprintf("%s-%d", base, n)
		}
		_, err := store.Save(m.folder, h, snapshot.Wish{Name: name, At: time.Now(), Namespaces: keys, Ledger: string(ledger)})
		if !errors.Is(err, snapshot.ErrExists) {
			return name, err
		}
	}
}

// plainRune keeps what can be in a snapshot's name.
func plainRune(r rune) rune {
	if snapshot.CheckName("a"+string(r)) != nil {
		return '-'
	}
	return r
}

func newMigrateStatusCmd(app *app) *cobra.Command {
	return &cobra.Command{
		Use:     "status",
		Short:   "Say what was applied to the state folder, and when",
		Example: "  dodev migrate status\n  dodev migrate status --json",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return migrateStatus(cmd.OutOrStdout(), app) },
	}
}

// A migrationStatus is what status prints as JSON.
type migrationStatus struct {
	Applied []appliedStatus `json:"applied"`
	Pending []string        `json:"pending"` // tags, or "exports"
}

type appliedStatus struct {
	Script string         `json:"script"`
	Tag    string         `json:"tag"`
	At     time.Time      `json:"at"`
	Config string         `json:"config"`
	Steps  []migrate.Step `json:"steps"`
}

func migrateStatus(w io.Writer, app *app) error {
	m, err := app.migration()
	if err != nil {
		return err
	}
	s := migrationStatus{Applied: []appliedStatus{}, Pending: m.plan.Pending()}
	for name, script := range m.ledger.Scripts {
		for _, a := range script.Applied {
			s.Applied = append(s.Applied, appliedStatus{name, a.Tag, a.At, a.Config, a.Steps})
		}
	}
	slices.SortStableFunc(s.Applied, func(a, b appliedStatus) int { return a.At.Compare(b.At) })
	if app.flags.json {
		return json.NewEncoder(w).Encode(s)
	}
	p := app.painter(app.stdout)
	for _, a := range s.Applied {
		fmt.Fprintf(w, "%s  %-8s %s  %s\n", p.green("applied"), tagOf(a.Tag), describeSteps(a.Steps), p.dim(relative(a.At, time.Now())))
	}
	for _, tag := range s.Pending {
		fmt.Fprintf(w, "%s  %s\n", p.amber("pending"), tag)
	}
	if len(s.Applied)+len(s.Pending) == 0 {
		fmt.Fprintln(w, "the configuration has no migrations")
	}
	if len(s.Pending) > 0 {
		fmt.Fprintln(app.stderr, "hint: `dodev migrate plan` shows what they would do")
	}
	return nil
}

func tagOf(tag string) string {
	if tag == "" {
		return "exports"
	}
	return tag
}

func describeSteps(steps []migrate.Step) string {
	var parts []string
	for _, s := range steps {
		parts = append(parts, s.String())
	}
	return strings.Join(parts, ", ")
}
