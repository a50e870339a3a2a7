package main

import (
	"fmt"
	"path/filepath"

	"github.com/dodev/dodev/emulator/config"
	"github.com/dodev/dodev/emulator/migrate"
	"github.com/dodev/dodev/sqlite/state"
)

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
	if err := m.readLedger(); err != nil {
		return err
	}
	// Mostly everything is applied, and what is stored need not be looked at.
	if m.plan = migrate.Make(m.configs, m.ledger, nil); m.ledger.Empty() || !m.plan.Done() {
		if err := m.planAll(); err != nil {
			return err
		}
	}
	s.warn(m.plan.Problems)
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

// agreed reports whether stored objects may be moved or deleted.
func (s *session) agreed(m *migration) bool {
	switch {
	case s.running():
		return false
	case s.opts.apply:
		return true
	case !terminal(s.app.stdin):
		return false
	}
	m.print(s.app.stderr)
	return s.app.confirm(false, "move and delete stored objects") == nil
}

// running reports whether the project is being served already, so that its
// objects cannot be moved.
func (s *session) running() bool { return len(s.members) > 0 }

// applySafe applies what needs no agreement, and tells of the rest.
func (s *session) applySafe(m *migration) error {
	for _, step := range m.plan.Steps {
		if !step.Safe() {
			s.notice(warnLevel, fmt.Sprintf("%s: not applied: %s, which touches %s; `dodev migrate apply` does it, or --apply-migrations at the start",
				filepath.Base(m.configs[0].Path), step, amount(step.Amount)))
		}
	}
	if m.plan = m.plan.Beginning(); m.plan.Done() {
		return nil
	}
	return s.apply(m)
}

func (s *session) apply(m *migration) error {
	result, err := m.carryOut(migrate.Options{})
	if err != nil {
		return err
	}
	for _, step := range result.Steps {
		if step.Objects > 0 {
			s.notice(infoLevel, fmt.Sprintf("applied %s: %s, %s", tagOf(step.Tag), step, count(step.Objects, "object")))
		}
	}
	return nil
}
