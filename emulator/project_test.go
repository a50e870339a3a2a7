package emulator_test

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/dodev/dodev/emulator"
	"github.com/dodev/dodev/emulator/bundle"
	"github.com/dodev/dodev/emulator/config"
)

// patience is how long a test waits for something that should come at once.
var patience = map[bool]time.Duration{false: 30 * time.Second, true: 5 * time.Minute}[underRace]

// extract writes an archive of a project to a folder of the test's.
func extract(t testing.TB, archive string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	for _, f := range txtar.Parse([]byte(archive)).Files {
		write(t, filepath.Join(dir, f.Name), string(f.Data))
	}
	return dir
}

func write(t testing.TB, file, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
}

// copyTree copies a folder, which may be read-only, into one of the test's.
func copyTree(t testing.TB, from string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		mode := os.FileMode(0o666)
		if d.IsDir() {
			mode = 0o777
		}
		return os.Chmod(path, mode)
	})
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// build makes the configuration and the bundle of a project that has nothing
// wrong with it.
func build(t testing.TB, dir string, opts config.Options) (*config.Config, *bundle.Bundle) {
	t.Helper()
	path, err := config.Find(dir)
	if err != nil {
		t.Fatal(err)
	}
	return buildFile(t, path, opts)
}

// buildFile is build for one of several configurations in a folder.
func buildFile(t testing.TB, path string, opts config.Options) (*config.Config, *bundle.Bundle) {
	t.Helper()
	cfg, ds, err := config.Load(path, opts)
	if err != nil {
		t.Fatal(err)
	}
	b, more := bundle.Build(cfg, bundle.Options{Library: bundle.Patterns()})
	for _, d := range append(ds, more...) {
		if d.Code != "experimental-flag" { // no deploy is meant
			t.Error(d.Format(filepath.Dir(path)))
		}
	}
	if b == nil {
		t.FailNow()
	}
	return cfg, b
}

// A project is an emulator under test.
type project struct {
	*emulator.Emulator
	t     testing.TB
	state string
	// patience is how long an answer may take, 0 for the usual time.
	patience time.Duration

	mu   sync.Mutex
	log  []emulator.Entry
	more chan struct{} // closed and replaced when log grows
}

// serve runs the project in a folder until the test ends. Each change adapts
// the options; state lies in a folder of the test's unless one says otherwise.
func serve(t testing.TB, dir string, changes ...func(*emulator.Options)) *project {
	t.Helper()
	cfg, b := build(t, dir, config.Options{})
	return serveBuilt(t, cfg, b, changes...)
}

func serveBuilt(t testing.TB, cfg *config.Config, b *bundle.Bundle, changes ...func(*emulator.Options)) *project {
	t.Helper()
	p, err := open(t, cfg, b, changes...)
	if err != nil {
		t.Fatalf("open: %v", explained(err))
	}
	return p
}

// inBubble serves a project where time passes only while everything waits, as
// long as ask runs: what it answers does not depend on how fast the machine is.
func inBubble(t *testing.T, cfg *config.Config, b *bundle.Bundle, ask func(p *project), changes ...func(*emulator.Options)) {
	t.Helper()
	// What is compiled once for the process is not to belong to the bubble.
	if err := serveBuilt(t, cfg, b, changes...).Close(); err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		p := serveBuilt(t, cfg, b, changes...)
		p.patience = time.Hour // some questions take minutes
		ask(p)
	})
}

// open is serve for a project that may refuse to start.
func open(t testing.TB, cfg *config.Config, b *bundle.Bundle, changes ...func(*emulator.Options)) (*project, error) {
	p := &project{t: t, more: make(chan struct{})}
	opts := emulator.Options{Config: cfg, Bundle: b, Offline: true, Log: p.note}
	for _, change := range changes {
		change(&opts)
	}
	if opts.StateDir == "" {
		opts.StateDir = t.TempDir()
	}
	p.state = opts.StateDir
	e, err := emulator.Open(opts)
	if err != nil {
		return nil, err
	}
	p.Emulator = e
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return p, nil
}

// inFolder keeps state in a folder that outlives the emulator.
func inFolder(dir string) func(*emulator.Options) {
	return func(o *emulator.Options) { o.StateDir = dir }
}

// explained gives a failure with its stack.
func explained(err error) string {
	var f *emulator.Failure
	if errors.As(err, &f) {
		return fmt.Sprintf("%s\n%s\n%s", f.Error(), f.Stack, f.Excerpt)
	}
	return err.Error()
}

func (p *project) note(e emulator.Entry) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.log = append(p.log, e)
	close(p.more)
	p.more = make(chan struct{})
}

// logged waits for an entry that a test accepts.
func (p *project) logged(what string, accept func(emulator.Entry) bool) emulator.Entry {
	p.t.Helper()
	late := time.After(patience)
	for seen := 0; ; {
		p.mu.Lock()
		entries, more := p.log[seen:], p.more
		seen = len(p.log)
		p.mu.Unlock()
		for _, e := range entries {
			if accept(e) {
				return e
			}
		}
		select {
		case <-more:
		case <-late:
			p.t.Fatalf("not logged: %s\nwas: %+v", what, p.log)
		}
	}
}

// says waits until the project has printed something with a text in it.
func (p *project) says(text string) emulator.Entry {
	p.t.Helper()
	return p.logged(text, func(e emulator.Entry) bool { return strings.Contains(e.Text, text) })
}

// A request is what ask sends. The zero values are GET and no body.
type request struct {
	method, path string
	header       [][2]string
	body         string
}

// try sends a request and gives the answer or the failure.
func (p *project) try(r request) (*emulator.Response, error) {
	header := append([][2]string{{"host", "localhost"}}, r.header...)
	out := &emulator.Request{Method: r.method, URL: "http://localhost" + r.path, Header: header}
	if out.Method == "" {
		out.Method = "GET"
	}
	if r.body != "" {
		out.Body, out.Size = strings.NewReader(r.body), int64(len(r.body))
	}
	ctx, cancel := context.WithTimeout(context.Background(), cmp.Or(p.patience, patience))
	defer cancel()
	return p.Fetch(ctx, out)
}

// ask sends a request that must be answered, and reads the whole answer.
func (p *project) ask(r request) (status int, body string) {
	p.t.Helper()
	res, err := p.try(r)
	if err != nil {
		p.t.Fatalf("%s %s: %v", r.method, r.path, explained(err))
	}
	return res.Status, p.read(res)
}

func (p *project) read(res *emulator.Response) string {
	p.t.Helper()
	defer res.Body.Close()
	data, err := io.ReadAll(res.Body)
	if err != nil {
		p.t.Fatalf("read the answer: %v", err)
	}
	return string(data)
}

// want sends a request and compares its answer with a status and a body.
func (p *project) want(r request, status int, body string) {
	p.t.Helper()
	gotStatus, got := p.ask(r)
	if gotStatus != status || got != body {
		p.t.Errorf("%s %s: got %d %s\nwant %d %s", r.method, r.path, gotStatus, got, status, body)
	}
}

// get is the body of an answer that must be 200.
func (p *project) get(path string) string {
	p.t.Helper()
	status, body := p.ask(request{path: path})
	if status != 200 {
		p.t.Fatalf("GET %s: got %d %s", path, status, body)
	}
	return body
}

// decode reads an answer that is JSON.
func decode[T any](t testing.TB, body string) T {
	t.Helper()
	var v T
	if err := json.Unmarshal([]byte(body), &v); err != nil {
		t.Fatalf("not the JSON it should be: %v\n%s", err, body)
	}
	return v
}

// reload gives the project other code and waits until the old has gone.
func (p *project) reload(dir string) {
	p.t.Helper()
	cfg, b := build(p.t, dir, config.Options{})
	info, err := p.Reload(cfg, b)
	if err != nil {
		p.t.Fatalf("reload: %v", explained(err))
	}
	wait(p.t, "the old code to end", info.Moved)
}

// wait waits for a channel to be closed.
func wait(t testing.TB, what string, ch <-chan struct{}) {
	t.Helper()
	select {
	case <-ch:
	case <-time.After(patience):
		t.Fatalf("waited in vain for %s", what)
	}
}
