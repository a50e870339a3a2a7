package main

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/dodev/dodev/devserver"
	"github.com/dodev/dodev/devserver/inspect"
	"github.com/dodev/dodev/devserver/inspect/stored"
	"github.com/dodev/dodev/emulator"
	"github.com/dodev/dodev/emulator/bundle"
	"github.com/dodev/dodev/emulator/config"
	"github.com/dodev/dodev/emulator/migrate"
)

// A saved is a member's project as it was built last, fit to run or not.
type saved struct {
	devserver.Build
	err error
}

// A taking brings a member's saved code to the server: unless it asks for
// migrations without which it would not find what is stored. As deployed, code
// and migrations come together, so it is held until these are applied.
type taking struct {
	s   *session
	emu *emulator.Emulator
	m   *member
}

// Reload implements devserver.Reloadable.
func (t taking) Reload(cfg *config.Config, b *bundle.Bundle) (emulator.ReloadInfo, error) {
	if t.s.opts.inMemory {
		return t.emu.Reload(cfg, b)
	}
	plan, err := t.plan(cfg)
	if err != nil {
		return emulator.ReloadInfo{}, err
	}
	if !plan.Problems.HasErrors() && !plan.Safe() && t.s.opts.apply {
		done, err := t.s.live.Migrate(context.Background(), inspect.Agreement{})
		if err != nil {
			return emulator.ReloadInfo{}, err
		}
		if done.Reloaded {
			return *t.s.went.Load(), nil
		}
	}
	if plan.Keeps(cfg.Name) {
		return emulator.ReloadInfo{}, &heldError{plan: stored.PlanOf(plan, nil), way: t.s.otherWay()}
	}
	return t.emu.Reload(cfg, b)
}

// plan plans for what is saved of the member and was of the others. When nothing
// is left to apply it has not looked at what is stored.
func (t taking) plan(cfg *config.Config) (*migrate.Plan, error) {
	var configs []*config.Config
	for _, m := range t.s.members {
		last := m.saved()
		switch {
		case m == t.m:
			configs = append(configs, cfg)
		case last.Config != nil:
			configs = append(configs, last.Config)
		}
	}
	ledger, err := t.emu.Ledger()
	if err != nil {
		return nil, err
	}
	if plan := migrate.Make(configs, ledger, nil); plan.Done() {
		return plan, nil
	}
	return t.emu.PlanMigrations(configs)
}

// A heldError is why the old code keeps serving though the new one is fit to
// run.
type heldError struct {
	plan inspect.MigrationPlan
	way  string // besides the command
}

func (e *heldError) Error() string {
	if fatal := e.plan.Fatal(); len(fatal) > 0 {
		return "it would not find what is stored: " + fatal[0].Message
	}
	var what []string
	for _, s := range e.plan.Steps {
		if !s.Safe() {
			what = append(what, fmt.Sprintf("%s (%s)", s, amount(s)))
		}
	}
	return fmt.Sprintf("it waits for migrations to be applied: %s", strings.Join(what, ", "))
}

// hint says what to do.
func (e *heldError) hint() string {
	if len(e.plan.Fatal()) > 0 {
		return ""
	}
	return "`dodev migrate apply` applies them and goes on with what is saved" + e.way
}

// saved is the member's project as it was built last.
func (m *member) saved() saved {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.last
}

// keep notes what was built.
func (m *member) keep(b devserver.Build, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.last = saved{b, err}
}

// now is the member's project as it is saved. What was built last does, unless
// fresh, while the configuration is the same.
func (m *member) now(fresh bool) saved {
	last := m.saved()
	if !fresh && last.Config != nil {
		if cfg, _, err := config.Load(m.config, m.opts); err == nil && reflect.DeepEqual(cfg, last.Config) {
			return last
		}
	}
	m.keep(m.project.Build())
	return m.saved()
}

// A sessionProject answers for the session's files; see live.Project.
type sessionProject struct{ s *session }

// Saved implements live.Project.
func (p sessionProject) Saved(fresh bool) (workers []emulator.Worker, wrong config.Diagnostics, err error) {
	for _, m := range p.s.members {
		now := m.now(fresh)
		var ds config.Diagnostics
		if now.err != nil && (now.Config == nil || !errors.As(now.err, &ds)) {
			return nil, nil, now.err
		}
		workers = append(workers, emulator.Worker{Config: now.Config, Bundle: now.Bundle})
		wrong = append(wrong, now.Diagnostics...)
	}
	if fresh && wrong.HasErrors() {
		first := wrong.Err().(config.Diagnostics)[0]
		return nil, nil, &inspect.Error{Code: inspect.Refused, Message: "what is saved is not fit to run: " + first.Format(p.s.workDir)}
	}
	return workers, wrong, nil
}

// Migrated implements live.Project.
func (p sessionProject) Migrated(r migrate.Result, info emulator.ReloadInfo) {
	p.s.went.Store(&info)
	p.s.tellApplied(r)
	if !p.s.opts.apply {
		p.s.wentOn("migrations applied", info)
	}
}

// Undone implements live.Project.
func (p sessionProject) Undone(u migrate.Undone, info emulator.ReloadInfo, held bool) {
	p.s.wentOn("migrations undone", info)
	p.s.notice(infoLevel, "what was there until then is the snapshot "+u.Snapshot)
	if held {
		p.s.notice(warnLevel, "the code is again that of before; what is saved waits: `dodev migrate apply` applies its migrations"+p.s.otherWay())
	}
}

// wentOn tells that the server has gone on with other code, without a save.
func (s *session) wentOn(why string, info emulator.ReloadInfo) {
	s.journal.add(reloadEvent{Reload: devserver.Reload{Info: info}, why: why, at: time.Now(), dir: s.workDir})
}

// keyed says whether keys can be pressed.
func (s *session) keyed() bool { return s.keys }

// askMigrate shows what is not applied, and has the next key agree to it.
func (s *session) askMigrate(then func(yes func())) {
	ctx := context.Background()
	plan, err := s.live.MigrationPlan(ctx)
	switch {
	case err != nil:
		s.notice(warnLevel, err.Error())
		return
	case len(plan.Pending) == 0 && len(plan.Problems) == 0:
		s.notice(infoLevel, "every migration is applied")
		return
	}
	s.journal.add(planEvent{plan: plan, at: time.Now()})
	if len(plan.Fatal()) > 0 {
		s.notice(warnLevel, "that keeps migrations from being applied")
		return
	}
	s.notice(infoLevel, "apply?  y applies, and goes on with what is saved; any other key does not")
	then(func() {
		if _, err := s.live.Migrate(ctx, inspect.Agreement{Steps: plan.Agreed()}); err != nil {
			s.notice(warnLevel, err.Error())
		}
	})
}
