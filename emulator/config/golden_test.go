package config_test

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/dodev/dodev/emulator/config"
)

// now is when the incumbent's answers were recorded.
func now() time.Time { return time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC) }

// TestStartupConfigurationsAreJudgedAsTheIncumbentDoes loads every
// configuration recorded from the incumbent and compares whether it started.
func TestStartupConfigurationsAreJudgedAsTheIncumbentDoes(t *testing.T) {
	data, err := os.ReadFile(filepath.FromSlash("../../../shared/golden/startup.json"))
	if errors.Is(err, fs.ErrNotExist) {
		t.Skip("the recorded answers (shared/golden/startup.json beside the repository) are not on this machine")
	}
	if err != nil {
		t.Fatal(err)
	}
	var golden struct {
		Cases []struct{ Name, Config string }
	}
	if err := json.Unmarshal(data, &golden); err != nil {
		t.Fatal(err)
	}
	refused := map[string]string{
		"bad_toml":         "syntax",
		"binding_no_class": "missing-key",
		"binding_no_name":  "missing-key",
		"both_lists":       "class-exists",
		"delete_unknown":   "no-such-class",
		"dup_binding":      "duplicate-binding",
		"dup_tag":          "duplicate-tag", // the incumbent starts; a deploy would skip the second
		"future_compat":    "future-date",
		"missing_main":     "main-not-found",
		"no_tag":           "missing-key",
		"rename_unknown":   "no-such-class",

		// Loaded well, refused once the code is known.
		"class_not_in_migrations": "class-not-exported",
		"missing_export":          "class-not-exported",
	}
	for _, c := range golden.Cases {
		t.Run(c.Name, func(t *testing.T) {
			dir := t.TempDir()
			write(t, dir, "index.ts", "")
			write(t, dir, "wrangler.toml", c.Config)
			cfg, diags, err := config.Load(filepath.Join(dir, "wrangler.toml"), config.Options{Now: now()})
			if err != nil {
				t.Fatal(err)
			}
			if !diags.HasErrors() {
				exported := []string{"A", "default"}
				if c.Name == "partial_migration" {
					exported = append(exported, "B")
				}
				diags = append(diags, cfg.CheckExports(exported, cfg.Main)...)
			}
			want, shouldFail := refused[c.Name]
			if diags.HasErrors() != shouldFail {
				t.Fatalf("refused: %v, want %v\n%v", diags.HasErrors(), shouldFail, diags)
			}
			if shouldFail && !hasCode(diags, want) {
				t.Errorf("no error %q among:\n%v", want, diags)
			}
		})
	}
}

func hasCode(diags config.Diagnostics, code string) bool {
	for _, d := range diags {
		if d.Code == code {
			return true
		}
	}
	return false
}

func write(t testing.TB, dir, name, text string) {
	t.Helper()
	path := filepath.Join(dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
