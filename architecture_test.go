package dodev

import (
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/dodev/dodev/devserver"
	"github.com/dodev/dodev/emulator"
	"github.com/dodev/dodev/emulator/config"
)

// tracedProject has one object that stores one value for each request.
var tracedProject = map[string]string{
	"wrangler.json": `{
  "name": "traced", "main": "index.js", "compatibility_date": "2026-10-01",
  "durable_objects": {"bindings": [{"name": "VALUES", "class_name": "Values"}]},
  "migrations": [{"tag": "v1", "new_sqlite_classes": ["Values"]}]
}`,
	"index.js": `import { DurableObject } from "cloudflare:workers";
export class Values extends DurableObject {
  async fetch() {
    await this.ctx.storage.put("key", "value");
    return new Response("stored");
  }
}
export default { fetch: (request, env) => env.VALUES.getByName("one").fetch(request) };
`,
}

func TestArchitectureListsTheStepsOfARequest(t *testing.T) {
	documented := documentedSteps(t)
	steps := traceRequest(t, tracedProject)
	if !slices.Equal(documented, steps) {
		t.Errorf("docs/architecture.md lists\n  %s\nbut a request went through\n  %s",
			strings.Join(documented, "\n  "), strings.Join(steps, "\n  "))
	}
}

// documentedSteps are the functions of the numbered list.
func documentedSteps(t *testing.T) []string {
	t.Helper()
	text, err := os.ReadFile("docs/architecture.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, ok := strings.Cut(string(text), "## The direct line of one request")
	if !ok {
		t.Fatal("docs/architecture.md has no direct line")
	}
	section, _, _ = strings.Cut(section, "\n## ")
	var steps []string
	for _, m := range regexp.MustCompile("(?m)^\\d+\\. `([^`]+)`").FindAllStringSubmatch(section, -1) {
		steps = append(steps, m[1])
	}
	return steps
}

// traceRequest serves a project, sends it a request and returns the steps that
// were taken.
func traceRequest(t *testing.T, files map[string]string) []string {
	t.Helper()
	var mu sync.Mutex
	var steps []string
	trace := func(step string) {
		if ran := caller(); ran != step {
			t.Errorf("%s reports that it is %s", ran, step)
		}
		mu.Lock()
		defer mu.Unlock()
		steps = append(steps, step)
	}
	build := buildProject(t, files)
	e, err := emulator.Open(emulator.Options{
		Config: build.Config, Bundle: build.Bundle, StateDir: t.TempDir(), Trace: trace,
		Log: func(entry emulator.Entry) { t.Log(entry.Text) },
	})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	response := httptest.NewRecorder()
	devserver.New(devserver.Options{Worker: e, Trace: trace}).
		ServeHTTP(response, httptest.NewRequest("GET", "/", nil))
	if got := response.Body.String(); got != "stored" {
		t.Fatalf("the request was answered with %d %q", response.Code, got)
	}
	mu.Lock()
	defer mu.Unlock()
	return steps
}

var closure = regexp.MustCompile(`(\.func\d+|\.\d+)+$`)

// caller is the function that called the hook, as people write it.
func caller() string {
	pc := make([]uintptr, 8)
	frames := runtime.CallersFrames(pc[:runtime.Callers(3, pc)])
	for {
		frame, more := frames.Next()
		name := strings.TrimPrefix(frame.Function, module)
		name = closure.ReplaceAllString(name[strings.LastIndex(name, "/")+1:], "")
		if !more || name != "worker.(*Worker).trace" { // which asks whether there is a hook
			return name
		}
	}
}

// buildProject writes files into a folder and builds it.
func buildProject(t *testing.T, files map[string]string) devserver.Build {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	path, err := config.Find(dir)
	if err != nil {
		t.Fatal(err)
	}
	p := devserver.NewProject(devserver.ProjectOptions{ConfigPath: path})
	t.Cleanup(p.Close)
	build, err := p.Build()
	if err != nil {
		t.Fatal(err)
	}
	return build
}

func TestArchitectureNamesEveryPackage(t *testing.T) {
	text, err := os.ReadFile("docs/architecture.md")
	if err != nil {
		t.Fatal(err)
	}
	var named []string
	for _, m := range regexp.MustCompile("(?m)^\\| `([^`]+)` \\|").FindAllStringSubmatch(string(text), -1) {
		named = append(named, m[1])
	}
	for dir := range arrows {
		if !slices.Contains(named, dir) {
			t.Errorf("docs/architecture.md leaves out %s", dir)
		}
	}
	for _, dir := range named {
		if _, ok := arrows[dir]; !ok {
			t.Errorf("docs/architecture.md names %s, which is no package", dir)
		}
	}
}
