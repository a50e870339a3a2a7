package devserver

import (
	"context"
	"time"

	"github.com/dodev/dodev/emulator"
	"github.com/dodev/dodev/emulator/bundle"
	"github.com/dodev/dodev/emulator/config"
)

// A Watcher tells when files change; see [watch.Watcher].
type Watcher interface {
	Set(files []string, asOf time.Time)
	Changes() <-chan []string
}

// A Reloadable takes new code beside the old; on an error the old code stays.
type Reloadable interface {
	Reload(cfg *config.Config, b *bundle.Bundle) (emulator.ReloadInfo, error)
}

// A Reload is an attempt to bring new code to a running Worker.
type Reload struct {
	Files []string // that changed, none when somebody asked for it
	Build Build
	Took  time.Duration
	Info  emulator.ReloadInfo
	// Err says why the old code keeps serving: config.Diagnostics, or an
	// *emulator.Failure of code that throws while it loads.
	Err error
}

// A Reloader brings a project to its running Worker whenever files change.
type Reloader struct {
	Project *Project
	Worker  Reloadable
	Watcher Watcher
	// Asked makes it reload although nothing changed; nil is never.
	Asked <-chan struct{}
	// Told is told of every attempt, on the goroutine of Run.
	Told func(Reload)
}

// Run reloads until ctx ends. The project must have been built once.
func (r *Reloader) Run(ctx context.Context) {
	for {
		files, ok := next(ctx, r.Watcher, r.Asked)
		if !ok {
			return
		}
		r.Told(r.reload(files))
	}
}

func (r *Reloader) reload(files []string) Reload {
	began := time.Now()
	build, err := r.Project.Build()
	Watch(r.Watcher, r.Project, build)
	out := Reload{Files: files, Build: build, Err: err}
	if err == nil {
		out.Info, out.Err = r.Worker.Reload(build.Config, build.Bundle)
	}
	out.Took = time.Since(began)
	return out
}

// Watch has the files of a project watched, which was just built.
func Watch(w Watcher, p *Project, build Build) {
	asOf := build.Began
	if p.Generated() {
		asOf = time.Time{} // what building changed is no news
	}
	w.Set(p.Files(), asOf)
}

// NextSave waits for a change. It is false when ctx ends first.
func NextSave(ctx context.Context, w Watcher) bool {
	_, ok := next(ctx, w, nil)
	return ok
}

func next(ctx context.Context, w Watcher, asked <-chan struct{}) ([]string, bool) {
	select {
	case files := <-w.Changes():
		return files, true
	case <-asked:
		return nil, true
	case <-ctx.Done():
		return nil, false
	}
}
