package devserver

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dodev/dodev/emulator"
	"github.com/dodev/dodev/emulator/bundle"
	"github.com/dodev/dodev/emulator/config"
)

// A fakeWatcher brings the changes that a test makes.
type fakeWatcher struct {
	changes chan []string
	files   []string
	asOf    time.Time
}

func (w *fakeWatcher) Set(files []string, asOf time.Time) { w.files, w.asOf = files, asOf }
func (w *fakeWatcher) Changes() <-chan []string           { return w.changes }

// A fakeEmulator takes new code unless told not to.
type fakeEmulator struct {
	refuse error
	names  []string // of the configurations it took
}

func (e *fakeEmulator) Reload(cfg *config.Config, b *bundle.Bundle) (emulator.ReloadInfo, error) {
	if e.refuse != nil {
		return emulator.ReloadInfo{}, e.refuse
	}
	if b == nil {
		return emulator.ReloadInfo{}, errors.New("no bundle")
	}
	e.names = append(e.names, cfg.Name)
	return emulator.ReloadInfo{Objects: 2}, nil
}

// writeProject writes a small project and gives its configuration's path.
func writeProject(t *testing.T, dir, name, code string) string {
	t.Helper()
	path := filepath.Join(dir, "wrangler.toml")
	text := "name = \"" + name + "\"\nmain = \"index.ts\"\ncompatibility_date = \"2026-11-01\"\n"
	for file, text := range map[string]string{path: text, filepath.Join(dir, "index.ts"): code} {
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return path
}

const goodCode = `export default { fetch() { return new Response("ok"); } };`

// reloading runs a Reloader on a project that was built once.
func reloading(t *testing.T, dir string, emu *fakeEmulator) (w *fakeWatcher, asked chan struct{}, told chan Reload) {
	t.Helper()
	p := NewProject(ProjectOptions{ConfigPath: writeProject(t, dir, "first", goodCode)})
	t.Cleanup(p.Close)
	if _, err := p.Build(); err != nil {
		t.Fatal(err)
	}
	w = &fakeWatcher{changes: make(chan []string)}
	asked, told = make(chan struct{}), make(chan Reload)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	r := Reloader{Project: p, Worker: emu, Watcher: w, Asked: asked, Told: func(r Reload) { told <- r }}
	go func() { r.Run(ctx); close(done) }()
	t.Cleanup(func() { cancel(); <-done })
	return w, asked, told
}

func TestASaveReloads(t *testing.T) {
	dir, emu := t.TempDir(), &fakeEmulator{}
	w, asked, told := reloading(t, dir, emu)
	path := writeProject(t, dir, "second", goodCode)
	w.changes <- []string{path}
	r := <-told
	if r.Err != nil || !slices.Equal(r.Files, []string{path}) || r.Info.Objects != 2 || !slices.Equal(emu.names, []string{"second"}) {
		t.Errorf("the reload is %+v of %q, want one of second", r, emu.names)
	}
	for _, want := range []string{path, filepath.Join(dir, "index.ts"), filepath.Join(dir, ".dev.vars")} {
		if !slices.Contains(w.files, want) {
			t.Errorf("%s is not watched, only %q", want, w.files)
		}
	}
	if !w.asOf.Equal(r.Build.Began) {
		t.Errorf("files are watched as of %v, want %v, when the build began", w.asOf, r.Build.Began)
	}

	asked <- struct{}{}
	if r := <-told; r.Err != nil || r.Files != nil {
		t.Errorf("the reload that was asked for is %+v", r)
	}
}

func TestASaveThatDoesNotBuildKeepsTheOldCode(t *testing.T) {
	dir, emu := t.TempDir(), &fakeEmulator{}
	w, _, told := reloading(t, dir, emu)
	for _, code := range []string{"export default {", `import "./absent"; export default {};`} {
		w.changes <- []string{writeProject(t, dir, "second", code)}
		r := <-told
		var ds config.Diagnostics
		if !errors.As(r.Err, &ds) || !strings.HasSuffix(ds[0].Pos.File, "index.ts") || len(emu.names) > 0 {
			t.Errorf("%s: the reload is %+v of %q, want diagnostics", code, r, emu.names)
		}
	}
	if absent := filepath.Join(dir, "absent.ts"); !slices.Contains(w.files, absent) {
		t.Errorf("%s, whose coming would mend it, is not watched", absent)
	}
	w.changes <- []string{writeProject(t, dir, "third", goodCode)}
	if r := <-told; r.Err != nil || !slices.Equal(emu.names, []string{"third"}) {
		t.Errorf("the next good save is %+v of %q", r, emu.names)
	}
}

func TestAProblemOfTheConfigurationKeepsTheOldCode(t *testing.T) {
	dir, emu := t.TempDir(), &fakeEmulator{}
	w, _, told := reloading(t, dir, emu)
	path := writeProject(t, dir, "second", goodCode)
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	w.changes <- []string{path}
	if r := <-told; r.Err == nil || len(emu.names) > 0 || !slices.Contains(w.files, path) {
		t.Errorf("without a configuration the reload is %+v, watching %q", r, w.files)
	}
}

func TestCodeThatDoesNotLoadIsTold(t *testing.T) {
	dir, emu := t.TempDir(), &fakeEmulator{refuse: &emulator.Failure{Message: "not today"}}
	w, _, told := reloading(t, dir, emu)
	w.changes <- []string{"x"}
	if r := <-told; !errors.Is(r.Err, emu.refuse) {
		t.Errorf("the reload is %+v, want %v", r, emu.refuse)
	}
}

func TestNextSaveEndsWithItsContext(t *testing.T) {
	w := &fakeWatcher{changes: make(chan []string, 1)}
	w.changes <- []string{"x"}
	if !NextSave(t.Context(), w) {
		t.Errorf("a save was not seen")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if NextSave(ctx, w) {
		t.Errorf("a save was seen after the end")
	}
}
