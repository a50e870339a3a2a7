package config

import (
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestFlagsFollowNamesThenDates(t *testing.T) {
	tests := []struct {
		flag, date string
		given      []string
		want       bool
	}{
		{"enhanced_error_serialization", "2026-11-01", nil, true},
		{"enhanced_error_serialization", "2026-04-20", nil, false},
		{"legacy_error_serialization", "2026-04-20", nil, true},
		{"legacy_error_serialization", "2026-11-01", nil, false},
		{"enhanced_error_serialization", "2026-11-01", []string{"legacy_error_serialization"}, false},
		{"enhanced_error_serialization", "2022-01-01", []string{"enhanced_error_serialization"}, true},
		{"r2_public_beta_bindings", "2021-01-01", nil, true}, // of all dates
		{"nodejs_compat", "2024-01-01", nil, false},
		{"enable_nodejs_http_server_modules", "2025-08-31", []string{"nodejs_compat"}, false},
		{"enable_nodejs_http_server_modules", "2025-09-01", []string{"nodejs_compat"}, true}, // through another
		{"disable_nodejs_http_server_modules", "2025-09-01", []string{"nodejs_compat", "disable_nodejs_http_modules"}, true},
		{"no_such_flag", "2026-11-01", nil, false},
		{"", "2026-11-01", nil, false},
	}
	for _, test := range tests {
		c := &Config{CompatibilityDate: test.date, CompatibilityFlags: test.given}
		if got := c.Flag(test.flag); got != test.want {
			t.Errorf("%s as of %s with %v: got %v, want %v", test.flag, test.date, test.given, got, test.want)
		}
	}
}

// TestFlagsInEffectAreThoseOfTheRealRuntime compares what testdata/flags.txt has
// recorded, for each date at which something changes.
func TestFlagsInEffectAreThoseOfTheRealRuntime(t *testing.T) {
	text, err := os.ReadFile("testdata/flags.txt")
	if err != nil {
		t.Fatal(err)
	}
	var named string
	want := map[string]bool{}
	for line := range strings.Lines(string(text)) {
		fields := strings.Fields(line)
		if fields[0] == "#" {
			continue
		}
		c := &Config{CompatibilityDate: fields[0]}
		if fields[1] != named {
			named = fields[1]
			clear(want)
		}
		if named != "-" {
			c.CompatibilityFlags = []string{named}
		}
		for _, change := range fields[2:] {
			want[change[1:]] = change[0] == '+'
		}
		states := c.FlagStates()
		for _, f := range states {
			if f.On != want[f.Name] {
				t.Errorf("%s as of %s with %s: got %v, want %v", f.Name, fields[0], named, f.On, want[f.Name])
			}
		}
		for name := range want {
			if !slices.ContainsFunc(states, func(f FlagState) bool { return f.Name == name }) {
				t.Errorf("there is no flag %s", name)
			}
		}
	}
}

func TestTheFlagTableIsSound(t *testing.T) {
	names := map[string]bool{}
	for _, f := range compatibilityFlags {
		for _, name := range []string{f.enable, f.disable} {
			if names[name] && name != "" {
				t.Errorf("%s names two flags", name)
			}
			names[name] = true
		}
		for _, date := range []string{f.since, f.impliedSince} {
			if _, err := time.Parse(dateForm, date); err != nil && date != "" && date != always {
				t.Errorf("%s: %v", f.enable, err)
			}
		}
		for _, name := range f.impliedBy {
			if other, enables := findFlag(name); other == nil || !enables || other.enable == f.enable {
				t.Errorf("%s is implied by %s", f.enable, name)
			}
		}
		(&Config{CompatibilityDate: NewestDate}).enabled(&f) // ends: no circles
	}
	if len(names) < 300 {
		t.Errorf("%d names only", len(names))
	}
}

func TestAnUnknownFlagNamesThoseNearIt(t *testing.T) {
	var names []string
	for _, f := range compatibilityFlags {
		names = append(names, f.enable, f.disable)
	}
	for word, want := range map[string]string{
		"nodejs_compatt":     `"nodejs_compat", "nodejs_compat_v2" or "no_nodejs_compat"`,
		"web_socket_compres": `"web_socket_compression" or "no_web_socket_compression"`,
		"quite_another":      ``,
	} {
		near := nearest(word, names)
		if got := oneOf(near[:min(len(near), maxGuesses)]); got != want {
			t.Errorf("%s: got %s, want %s", word, got, want)
		}
	}
}

func TestNearGuessesWhatPeopleMistype(t *testing.T) {
	candidates := keys(topLevel())
	for word, want := range map[string]string{
		"compatability_date": "compatibility_date",
		"migration":          "migrations",
		"durableObjects":     "durable_objects",
		"mian":               "main",
		"kv_namespace":       "kv_namespaces",
		"vairs":              "vars",
		"unrelated":          "",
		"x":                  "",
	} {
		if got := near(word, candidates); got != want {
			t.Errorf("%s: got %q, want %q", word, got, want)
		}
	}
}
