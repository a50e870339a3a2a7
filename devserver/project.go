package devserver

import (
	"io"
	"io/fs"
	"path/filepath"
	"reflect"
	"slices"
	"sync"
	"time"

	"github.com/dodev/dodev/emulator/bundle"
	"github.com/dodev/dodev/emulator/config"
)

// ProjectOptions say which project, and how to read it.
type ProjectOptions struct {
	ConfigPath string
	Config     config.Options
	// Library holds the modules that dodev brings, see [bundle.Options].
	Library fs.FS
	// Strict warns of what builds and may still fail deployed.
	Strict bool
	// Moved, unless nil, lists the classes of a script that other Workers have
	// taken over, so that its code need not have them.
	Moved func(script string) []string
	// Output receives what the project's own build command prints.
	Output io.Writer
}

// A Project is a folder with a configuration, built as often as asked. It is safe
// for concurrent use.
type Project struct {
	opts ProjectOptions

	work   sync.Mutex     // one builds, guards config
	config *config.Config // as the last Build read it, nil until it could

	mu      sync.Mutex      // guards what Close reads
	builder *bundle.Builder // for config, nil until there is one
	closed  bool
}

// A Build is what a project is at one time.
type Build struct {
	Began time.Time
	// Config is as complete as it could be made, nil when it could not be read.
	Config *config.Config
	// Bundle is nil when something is wrong.
	Bundle *bundle.Bundle
	// Diagnostics are all there is to say, warnings too.
	Diagnostics config.Diagnostics
}

// NewProject reads nothing yet.
func NewProject(opts ProjectOptions) *Project { return &Project{opts: opts} }

// Build reads the configuration and builds the code. The error is nil when both
// are fit to run; else it is the Build's diagnostics, or says why the
// configuration cannot be read.
func (p *Project) Build() (Build, error) {
	p.work.Lock()
	defer p.work.Unlock()
	b := Build{Began: time.Now()}
	cfg, ds, err := config.Load(p.opts.ConfigPath, p.opts.Config)
	if err != nil {
		return b, err
	}
	b.Config, b.Diagnostics = cfg, ds
	p.take(cfg)
	if ds.HasErrors() {
		return b, ds
	}
	code, ds := p.builder.Build()
	b.Diagnostics = append(b.Diagnostics, ds...)
	if code != nil {
		main, err := filepath.Rel(cfg.Dir, cfg.Main)
		if err != nil {
			main = cfg.Main
		}
		b.Diagnostics = append(b.Diagnostics, cfg.CheckExports(code.Exports, filepath.ToSlash(main), p.moved(cfg)...)...)
		if p.opts.Strict {
			b.Diagnostics = append(b.Diagnostics, append(cfg.KeyValueClasses(), code.SharedState(cfg)...)...)
		}
	}
	if err := b.Diagnostics.Err(); err != nil {
		return b, err
	}
	b.Bundle = code
	return b, nil
}

func (p *Project) moved(cfg *config.Config) []string {
	if p.opts.Moved == nil {
		return nil
	}
	return p.opts.Moved(cfg.Name)
}

// take keeps the builder, and with it what was parsed, for as long as the
// configuration stays the same.
func (p *Project) take(cfg *config.Config) {
	if p.builder != nil && reflect.DeepEqual(cfg, p.config) {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.builder != nil {
		p.builder.Close()
	}
	p.config = cfg
	p.builder = bundle.NewBuilder(cfg, bundle.Options{Library: p.opts.Library, Output: p.opts.Output})
	if p.closed {
		p.builder.Close()
	}
}

// Files are those whose change may change the next Build.
func (p *Project) Files() []string {
	p.work.Lock()
	defer p.work.Unlock()
	files := []string{p.opts.ConfigPath}
	if p.config != nil {
		files = append(files, p.config.Files...)
	}
	if p.builder != nil {
		files = append(files, p.builder.Inputs()...)
	}
	slices.Sort(files)
	return slices.Compact(files)
}

// Generated says that files of the project are made by its own build command,
// so that they change whenever it is built.
func (p *Project) Generated() bool {
	p.work.Lock()
	defer p.work.Unlock()
	return p.config != nil && p.config.Build.Command != ""
}

// Close stops a running build command; later builds fail. Closing twice is harmless.
func (p *Project) Close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	if p.builder != nil {
		p.builder.Close()
	}
}
