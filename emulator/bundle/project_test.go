package bundle_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/dodev/dodev/emulator/bundle"
	"github.com/dodev/dodev/emulator/config"
)

// library stands for the one that ships inside dodev.
var library = fstest.MapFS{
	"base-durable-object.ts": {Data: []byte("import { DurableObject } from 'cloudflare:workers'\nexport class BaseDurableObject extends DurableObject { kind: string = 'base' }\n")},
	"counter.ts":             {Data: []byte("import { BaseDurableObject } from './base-durable-object'\nexport class Counter extends BaseDurableObject {\n  explode() { throw new Error('library') }\n}\n")},
}

// project writes an archive to a folder and reads its file "cfg" as JSON into a
// configuration, whose paths are relative to the folder. The main module is
// src/index.ts unless cfg says otherwise.
func project(t *testing.T, archive string) *config.Config {
	t.Helper()
	return projectIn(t, t.TempDir(), txtar.Parse([]byte(archive)))
}

func projectIn(t *testing.T, dir string, archive *txtar.Archive) *config.Config {
	t.Helper()
	cfg := &config.Config{Main: "src/index.ts", KeepNames: true}
	for _, f := range archive.Files {
		if f.Name == "cfg" {
			if err := json.Unmarshal(f.Data, cfg); err != nil {
				t.Fatalf("cfg: %v", err)
			}
			continue
		}
		write(t, filepath.Join(dir, f.Name), string(f.Data))
	}
	cfg.Dir, cfg.Path = dir, filepath.Join(dir, "wrangler.toml")
	for _, p := range []*string{&cfg.Main, &cfg.BaseDir, &cfg.TSConfig, &cfg.Build.Dir} {
		if *p != "" {
			*p = filepath.Join(dir, *p)
		}
	}
	for i, d := range cfg.Build.WatchDir {
		cfg.Build.WatchDir[i] = filepath.Join(dir, d)
	}
	return cfg
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
}

// build builds a project that has nothing wrong with it.
func build(t *testing.T, archive string) (*bundle.Bundle, *config.Config) {
	t.Helper()
	cfg := project(t, archive)
	b, ds := bundle.Build(cfg, bundle.Options{Library: library})
	if len(ds) > 0 {
		t.Fatalf("diagnostics:\n%s", formatted(cfg, ds))
	}
	return b, cfg
}

func formatted(cfg *config.Config, ds config.Diagnostics) string {
	var out strings.Builder
	for _, d := range ds {
		out.WriteString(d.Format(cfg.Dir))
		out.WriteByte('\n')
	}
	return out.String()
}

// code is the text of the entry module.
func code(b *bundle.Bundle) string { return string(b.Modules[0].Source) }

func wantContains(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("got no %q in:\n%s", part, text)
		}
	}
}

func wantLacks(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if strings.Contains(text, part) {
			t.Errorf("got %q, want none, in:\n%s", part, text)
		}
	}
}

// inputNames are the inputs below the project, relative to it.
func inputNames(cfg *config.Config, inputs []string) []string {
	var names []string
	for _, in := range inputs {
		rel, err := filepath.Rel(cfg.Dir, in)
		if err == nil {
			names = append(names, filepath.ToSlash(rel))
		}
	}
	slices.Sort(names)
	return names
}

func itoa(n int) string { return strconv.Itoa(n) }

func lines(text string) []string { return strings.SplitAfter(text, "\n") }

func without(lines []string, text string) []string {
	return slices.DeleteFunc(lines, func(l string) bool { return strings.Contains(l, text) })
}
