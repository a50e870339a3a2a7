package main

import (
	"fmt"
	"path/filepath"
	"time"

	"github.com/dodev/dodev/devserver/inspect"
	"github.com/dodev/dodev/devserver/inspect/stored"
	"github.com/dodev/dodev/emulator/config"
	"github.com/dodev/dodev/emulator/migrate"
	"github.com/dodev/dodev/emulator/names"
	"github.com/dodev/dodev/emulator/object"
	"github.com/dodev/dodev/sqlite/snapshot"
	"github.com/dodev/dodev/sqlite/state"
)

// A migration is what a session does with the migrations of its configurations
// by the files themselves: before its server runs and, with those that touch
// nothing stored, also while it does.
type migration struct {
	app     *app
	configs []*config.Config
	folder  state.Folder
	ledger  *migrate.Ledger
	plan    *migrate.Plan
	book    *names.Book // while the plan is carried out
}

// migrate applies what the configurations ask for and is not applied yet: what
// is safe by itself, the rest once somebody agrees. What is wrong with the
// configurations is told of when they are built.
func (s *session) migrate() error {
	if s.opts.inMemory {
		return nil
	}
	m := &migration{app: s.app, folder: state.Folder{Dir: s.stateDir}}
	for _, path := range s.configs {
		c, ds, err := config.Load(path, s.opts.config)
		if err != nil || ds.HasErrors() {
			return nil
		}
		m.configs = append(m.configs, c)
	}
	if err := m.makePlan(); err != nil {
		return err
	}
	s.warn(m.plan.Problems)
	for _, offer := range stored.StepsOf(m.plan.Offers) {
		s.offer(offer)
	}
	switch {
	case m.plan.Problems.HasErrors():
		s.refuse(m.plan.Problems)
		return nil
	case m.plan.Done():
		return nil
	case !m.plan.Safe() && !s.agreed(m):
		return s.applySafe(m)
	}
	return s.apply(m)
}

// offer tells, once, of objects that no class reaches.
func (s *session) offer(step inspect.MigrationStep) {
	if key := "offer " + step.String(); !s.warned[key] {
		s.warned[key] = true
		s.notice(warnLevel, fmt.Sprintf("%s; `dodev migrate apply --adopt %s` takes them up as %s", orphans(step), step.From, step.To))
	}
}

// makePlan plans for what is stored now, once a change that a killed process has
// left is over. Mostly everything is applied, and what is stored, which may be
// much, need not be looked at.
func (m *migration) makePlan() (err error) {
	if _, err := m.folder.Recover(); err != nil {
		return err
	}
	if m.ledger, err = migrate.ReadLedger(m.folder); err != nil {
		return err
	}
	if m.plan = migrate.Make(m.configs, m.ledger, nil); m.plan.Done() && !m.ledger.Empty() {
		return nil
	}
	survey, err := migrate.TakeSurvey(m.folder)
	if err != nil {
		return err
	}
	m.plan = migrate.Make(m.configs, m.ledger, survey)
	return nil
}

// refuse tells, once each, of what keeps migrations from being applied.
func (s *session) refuse(ds config.Diagnostics) {
	for _, d := range ds {
		key := d.Format("")
		if d.Severity == config.Error && !s.warned[key] {
			s.warned[key] = true
			s.notice(warnLevel, "migrations are not applied: "+d.Format(s.workDir))
		}
	}
}

// agreed reports whether stored objects may be moved or deleted, before the
// server runs.
func (s *session) agreed(m *migration) bool {
	switch {
	case s.running():
		return false
	case s.opts.apply:
		return true
	case !terminal(s.app.stdin):
		return false
	}
	plan := stored.PlanOf(m.plan, nil)
	last := ""
	if _, a, ok := m.ledger.Latest(); ok {
		last = fmt.Sprintf("%s, %s", a.Title(), relative(a.At, time.Now()))
	}
	fmt.Fprintln(s.app.stderr, planHeadline(inside(workDir(), m.configs[0].Path), inside(workDir(), m.folder.Dir), last, len(plan.Pending)))
	printPlan(s.app.stderr, s.app.painter(s.app.stderr), plan)
	return s.app.confirm(false, "move and delete stored objects") == nil
}

// running reports whether the project is being served already.
func (s *session) running() bool { return len(s.members) > 0 }

// applySafe applies what needs no agreement, and tells of the rest.
func (s *session) applySafe(m *migration) error {
	for _, step := range stored.StepsOf(m.plan.Steps) {
		if !step.Safe() {
			s.notice(warnLevel, fmt.Sprintf("%s: not applied: %s, which touches %s; `dodev migrate apply` does it%s",
				filepath.Base(m.configs[0].Path), step, amount(step), s.otherWay()))
		}
	}
	if !s.running() {
		s.withheld = m.plan.Awaiting()
	}
	if m.plan = m.plan.Beginning(); m.plan.Done() {
		return nil
	}
	return s.apply(m)
}

// otherWay is how else migrations are applied than by a command.
func (s *session) otherWay() string {
	switch {
	case s.keyed():
		return ", or the key m"
	case !s.running():
		return ", or --apply-migrations at the start"
	}
	return ""
}

func (s *session) apply(m *migration) error {
	result, err := m.carryOut()
	if err != nil {
		return err
	}
	s.tellApplied(result)
	return nil
}

// carryOut applies the plan, and remembers what moved objects are called.
func (m *migration) carryOut() (migrate.Result, error) {
	m.book = names.Open(names.Dir(m.folder.Dir))
	defer m.book.Close()
	store := snapshot.Store{Dir: inspect.Project{Config: m.configs[0].Path}.SnapshotDir()}
	now := time.Now()
	return m.plan.Apply(m.folder, migrate.Options{Now: now, Name: m.nameOf, Named: m.book.Note, Before: m.plan.KeepIn(store, m.folder, now, m.nameOf)})
}

// nameOf finds an object's name: one that was remembered, or that the other tool
// has left in its file.
func (m *migration) nameOf(key, id string) string {
	decoded, err := object.Decode(id)
	if err != nil {
		return ""
	}
	if name := m.book.Name(object.Key{Namespace: key, ID: decoded}); name != "" {
		return name
	}
	return migrate.NameInFile(m.folder, key, id)
}

// tellApplied tells of steps that touched something.
func (s *session) tellApplied(r migrate.Result) {
	for _, step := range stored.StepsOf(r.Steps) {
		if step.Objects > 0 {
			s.notice(infoLevel, fmt.Sprintf("applied %s: %s, %s", step.Title(), step, count(step.Objects, "object")))
		}
	}
	if r.Snapshot != "" {
		s.notice(infoLevel, "`dodev migrate undo` takes it back; what was there is the snapshot "+r.Snapshot)
	}
}
