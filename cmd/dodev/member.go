package main

import (
	"context"
	"errors"
	"sync"

	"github.com/dodev/dodev/devserver"
	"github.com/dodev/dodev/devserver/watch"
	"github.com/dodev/dodev/emulator/bundle"
	"github.com/dodev/dodev/emulator/config"
)

// A member is one Worker of a session: its project, and what watches its files.
type member struct {
	config  string // the configuration's path
	project *devserver.Project
	watcher *watch.Watcher // nil when nothing is watched
	asked   chan struct{}  // somebody wants a reload
	opts    config.Options // of the configuration

	mu   sync.Mutex // guards what follows
	last saved
}

// newMember makes the member for a configuration. What the command line says of
// code and variables is said of the first one.
func (s *session) newMember(n int) *member {
	opts := s.opts.config
	if n > 0 {
		opts = config.Options{Env: opts.Env, Environ: opts.Environ}
	}
	m := &member{config: s.configs[n], asked: make(chan struct{}, 1), opts: opts}
	m.project = devserver.NewProject(devserver.ProjectOptions{
		ConfigPath: m.config, Config: opts, Library: bundle.Patterns(), Strict: s.opts.strict, Moved: movedTo(s.configs, opts.Env), Output: buildOutput{s},
	})
	if !s.opts.noReload {
		var probe string
		if n == 0 {
			probe = s.probeDir()
		}
		m.watcher = watch.New(watch.Options{ProbeDir: probe})
	}
	return m
}

// movedTo tells which classes of a script the Workers of configurations take
// over.
func movedTo(paths []string, env string) func(script string) []string {
	if len(paths) < 2 {
		return nil
	}
	return func(script string) (classes []string) {
		for _, path := range paths {
			c, _, err := config.Load(path, config.Options{Env: env})
			if err != nil {
				continue // it is told of where its own code is built
			}
			for _, g := range c.Migrations {
				for _, t := range g.TransferredClasses {
					if t.FromScript == script {
						classes = append(classes, t.From)
					}
				}
			}
			for _, e := range c.Exports {
				if e.TransferFrom == script {
					classes = append(classes, e.Class)
				}
			}
		}
		return classes
	}
}

func (m *member) close() {
	m.project.Close()
	if m.watcher != nil {
		m.watcher.Close()
	}
}

// build builds all projects, and has them watched.
func (s *session) build() ([]devserver.Build, error) {
	var builds []devserver.Build
	var errs []error
	for _, m := range s.members {
		build, err := m.project.Build()
		m.keep(build, err)
		if m.watcher != nil {
			devserver.Watch(m.watcher, m.project, build)
		}
		builds, errs = append(builds, build), append(errs, err)
	}
	return builds, together(errs)
}

// together is what is wrong with all of several projects.
func together(errs []error) error {
	var all config.Diagnostics
	for _, err := range errs {
		var ds config.Diagnostics
		switch {
		case err == nil:
		case errors.As(err, &ds):
			all = append(all, ds...)
		default:
			return err
		}
	}
	return all.Err()
}

// nextSave waits for a change of any project. It is false when ctx ends first.
func (s *session) nextSave(ctx context.Context) bool {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	saves := make(chan bool, len(s.members))
	for _, m := range s.members {
		go func() { saves <- devserver.NextSave(ctx, m.watcher) }()
	}
	return <-saves
}
