package config_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dodev/dodev/emulator/config"
	"github.com/rogpeppe/go-internal/txtar"
)

var update = flag.Bool("update", false, "rewrite the diagnostics in testdata")

// TestProblemsAreSaidAsRecorded loads the projects in testdata. Each archive
// holds a project's files, with a configuration in one format or more, and what
// is said of each configuration in a file named after it.
func TestProblemsAreSaidAsRecorded(t *testing.T) {
	paths, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(paths) == 0 {
		t.Fatalf("testdata: %v, %d archives", err, len(paths))
	}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(path)
			if err != nil {
				t.Fatal(err)
			}
			updated := &txtar.Archive{Comment: archive.Comment}
			dir := t.TempDir()
			for _, f := range archive.Files {
				if !strings.HasSuffix(f.Name, ".said") {
					write(t, dir, f.Name, string(f.Data))
					updated.Files = append(updated.Files, f)
				}
			}
			for _, f := range updated.Files {
				if !strings.HasPrefix(f.Name, "wrangler.") {
					continue
				}
				got := said(t, filepath.Join(dir, f.Name), string(archive.Comment))
				updated.Files = append(updated.Files, txtar.File{Name: f.Name + ".said", Data: []byte(got)})
			}
			compare(t, path, updated, archive)
		})
	}
}

// said loads a configuration and formats the diagnostics. The archive's comment
// may give the environment and what the code exports.
func said(t *testing.T, path, comment string) string {
	t.Helper()
	cfg, diags, err := config.Load(path, config.Options{Env: setting(comment, "env"), Now: now()})
	if err != nil {
		t.Fatal(err)
	}
	if exported := setting(comment, "exports"); exported != "" {
		diags = append(diags, cfg.CheckExports(strings.Split(exported, ", "), cfg.Main)...)
	}
	var b strings.Builder
	for _, d := range diags {
		b.WriteString(d.Format(filepath.Dir(path)) + "\n")
	}
	return b.String()
}

// setting finds a line "key: value" in an archive's comment.
func setting(comment, key string) string {
	for line := range strings.Lines(comment) {
		if value, ok := strings.CutPrefix(line, key+": "); ok {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

func compare(t *testing.T, path string, got, want *txtar.Archive) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, txtar.Format(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	recorded := map[string][]byte{}
	for _, f := range want.Files {
		recorded[f.Name] = f.Data
	}
	for _, f := range got.Files {
		if !bytes.Equal(f.Data, recorded[f.Name]) {
			t.Errorf("%s\ngot:\n%swant:\n%s", f.Name, f.Data, recorded[f.Name])
		}
	}
}
