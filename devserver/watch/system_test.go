package watch

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

// These tests ask the real system; each waits for what it expects and for
// nothing else.

func rename(t *testing.T, from, to string) {
	t.Helper()
	if err := os.Rename(from, to); err != nil {
		t.Fatal(err)
	}
}

func TestTheSystemTellsOf(t *testing.T) {
	rows := map[string]struct {
		given  []string
		change func(t *testing.T, dir string)
		want   []string
	}{
		"a save in place": {
			given:  []string{"src/a.ts"},
			change: func(t *testing.T, dir string) { write(t, filepath.Join(dir, "src/a.ts"), "new") },
			want:   []string{"src/a.ts"},
		},
		"an editor that renames": {
			given: []string{"src/a.ts"},
			change: func(t *testing.T, dir string) {
				write(t, filepath.Join(dir, "src/.a.ts.tmp"), "new")
				rename(t, filepath.Join(dir, "src/.a.ts.tmp"), filepath.Join(dir, "src/a.ts"))
			},
			want: []string{"src/a.ts"},
		},
		"an editor that moves the old one away": {
			given: []string{"src/a.ts"},
			change: func(t *testing.T, dir string) {
				rename(t, filepath.Join(dir, "src/a.ts"), filepath.Join(dir, "src/a.ts~"))
				write(t, filepath.Join(dir, "src/a.ts"), "new")
			},
			want: []string{"src/a.ts"},
		},
		"a folder that another takes the place of": {
			given: []string{"wrangler.toml", "src/a.ts", "src/b.ts"},
			change: func(t *testing.T, dir string) {
				write(t, filepath.Join(dir, "other/a.ts"), "new")
				write(t, filepath.Join(dir, "other/b.ts"), "b")
				rename(t, filepath.Join(dir, "src"), filepath.Join(dir, "old"))
				rename(t, filepath.Join(dir, "other"), filepath.Join(dir, "src"))
			},
			want: []string{"src/a.ts"},
		},
		"a file that comes": {
			given:  []string{"src/a.ts", ".dev.vars"},
			change: func(t *testing.T, dir string) { write(t, filepath.Join(dir, ".dev.vars"), "KEY=value") },
			want:   []string{".dev.vars"},
		},
	}
	for name, row := range rows {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			write(t, filepath.Join(dir, "wrangler.toml"), "")
			write(t, filepath.Join(dir, "src/a.ts"), "a")
			write(t, filepath.Join(dir, "src/b.ts"), "b")
			w := New(Options{ProbeDir: dir})
			defer w.Close()
			w.Set(within(dir, row.given), time.Time{})
			row.change(t, dir)
			expect(t, w, within(dir, row.want)...)
		})
	}
}

func TestAFolderIsWatchedAgainAfterItWasReplaced(t *testing.T) {
	dir := t.TempDir()
	a := filepath.Join(dir, "src", "a.ts")
	write(t, a, "a")
	w := New(Options{})
	defer w.Close()
	w.Set([]string{a, filepath.Join(dir, "wrangler.toml")}, time.Time{})

	rename(t, filepath.Join(dir, "src"), filepath.Join(dir, "old"))
	write(t, a, "second")
	expect(t, w, a)
	write(t, a, "third")
	expect(t, w, a)
}

func within(dir string, names []string) []string {
	var paths []string
	for _, name := range names {
		paths = append(paths, filepath.Join(dir, filepath.FromSlash(name)))
	}
	return paths
}
