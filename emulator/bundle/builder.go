package bundle

import (
	"context"
	"io"
	"io/fs"
	"path/filepath"
	"slices"
	"sync"

	"github.com/evanw/esbuild/pkg/api"

	"github.com/dodev/dodev/emulator/config"
)

// Options are what a build needs besides the configuration.
type Options struct {
	// Library holds the modules that stand in for @/core/services/durable-objects
	// in a project without its own, as NAME.ts in its root. Nil means none.
	Library fs.FS
	// Output receives what the custom build command prints, as it prints it. Nil
	// discards it; when the command fails, its last lines are in the diagnostic.
	Output io.Writer
}

// Build makes a project's bundle once. The bundle is nil when there are errors;
// warnings come beside it.
func Build(cfg *config.Config, opts Options) (*Bundle, config.Diagnostics) {
	b := NewBuilder(cfg, opts)
	defer b.Close()
	return b.Build()
}

// A Builder builds a project again and again, parsing only what changed.
type Builder struct {
	cfg  *config.Config // with paths below root
	opts Options
	root root

	closing context.Context
	cancel  context.CancelFunc

	building sync.Mutex // held by Build, and guards what follows
	resolver *resolver  // of the running or last build
	watched  []string

	// What esbuild keeps between builds, and what it was made for.
	session api.BuildContext
	main    string
	lowered bool
}

// NewBuilder prepares to build a project. The configuration must not change
// afterwards: a changed one needs another Builder.
func NewBuilder(cfg *config.Config, opts Options) *Builder {
	b := &Builder{opts: opts, root: newRoot(cfg.Dir)}
	b.cfg = b.root.enter(cfg)
	b.closing, b.cancel = context.WithCancel(context.Background())
	return b
}

// Build runs the custom build command, if there is one, and makes a bundle of
// what is on disk. The bundle is nil when there are errors; warnings come beside
// it.
func (b *Builder) Build() (*Bundle, config.Diagnostics) {
	b.building.Lock()
	defer b.building.Unlock()
	if b.closing.Err() != nil {
		return nil, b.complain("closed", "the build was given up")
	}
	b.resolver = newResolver(b.cfg, b.opts.Library)
	generated, ds := b.runCommand()
	var made *Bundle
	if !ds.HasErrors() {
		made, ds = b.make()
	}
	b.watched = b.inputs(generated)
	if made != nil {
		made.Inputs = slices.Clone(b.watched)
	}
	for i := range ds {
		ds[i].Pos.File = b.root.leave(ds[i].Pos.File)
	}
	return made, sorted(ds)
}

func (b *Builder) make() (*Bundle, config.Diagnostics) {
	var err error
	if b.resolver.rules, err = newRules(b.cfg.Rules); err != nil {
		return nil, b.complain("rule", err.Error())
	}
	main, ds := findMain(b.cfg, b.resolver)
	if ds != nil {
		return nil, ds
	}
	made, ds := b.gather(main)
	switch {
	case made == nil:
		return nil, ds
	case len(made.Exports) == 0:
		return nil, append(ds, serviceWorkerFormat(b.cfg, main))
	case !slices.Contains(made.Exports, "default"):
		ds = append(ds, noDefaultExport(b.cfg, main))
	}
	return made, ds
}

// gather makes a bundle of the main module and what goes with it.
func (b *Builder) gather(main string) (*Bundle, config.Diagnostics) {
	if b.cfg.NoBundle {
		return b.collect(main)
	}
	return b.compile(main)
}

// complain is an error about the project as a whole.
func (b *Builder) complain(code, message string) config.Diagnostics {
	return config.Diagnostics{{
		Severity: config.Error, Code: code, Pos: config.Position{File: b.cfg.Path}, Message: message,
	}}
}

// Inputs are those of the last Build, also when it had errors: a change to one
// of them may mend what was wrong. See [Bundle.Inputs].
func (b *Builder) Inputs() []string {
	b.building.Lock()
	defer b.building.Unlock()
	return slices.Clone(b.watched)
}

// Close stops a running build command and frees what is kept between builds. It
// waits for a running Build, may be called from any goroutine, and more than
// once.
func (b *Builder) Close() {
	b.cancel()
	b.building.Lock()
	defer b.building.Unlock()
	b.discard()
}

// inputs are the files and folders a watcher should look at. What the build
// command has just written is left out, since it would set off a build that
// writes it again.
func (b *Builder) inputs(generated func(path string) bool) []string {
	paths := b.resolver.paths()
	paths = append(paths, b.tsconfigs()...)
	paths = slices.DeleteFunc(paths, generated)
	if b.cfg.Build.Command != "" {
		paths = append(paths, b.watchDirs()...)
	}
	for i := range paths {
		paths[i] = b.root.leave(paths[i])
	}
	slices.Sort(paths)
	return slices.Compact(paths)
}

// tsconfigs are the files in which esbuild looks for compiler options: those
// between the main module and the project's folder, there or not.
func (b *Builder) tsconfigs() []string {
	if b.cfg.TSConfig != "" {
		return []string{b.cfg.TSConfig}
	}
	paths := []string{filepath.Join(b.cfg.Dir, "tsconfig.json")}
	for dir := filepath.Dir(b.cfg.Main); isBelow(b.cfg.Dir, dir); dir = filepath.Dir(dir) {
		paths = append(paths, filepath.Join(dir, "tsconfig.json"))
	}
	return paths
}
