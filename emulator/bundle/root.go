package bundle

import (
	"path/filepath"
	"strings"

	"github.com/dodev/dodev/emulator/config"
)

// A root is the project's folder as it was given and without symbolic links.
// esbuild names files without, so a build works in the one and everything that
// users see is in the other.
type root struct{ given, real string }

func newRoot(dir string) root {
	real, err := filepath.EvalSymlinks(dir)
	if err != nil {
		real = dir
	}
	return root{given: dir, real: real}
}

// enter gives a configuration with its paths as esbuild names them.
func (r root) enter(cfg *config.Config) *config.Config {
	inside := *cfg
	for _, p := range []*string{&inside.Path, &inside.Dir, &inside.Main, &inside.TSConfig, &inside.BaseDir, &inside.Build.Dir} {
		*p = rebase(*p, r.given, r.real)
	}
	inside.Build.WatchDir = nil
	for _, dir := range cfg.Build.WatchDir {
		inside.Build.WatchDir = append(inside.Build.WatchDir, rebase(dir, r.given, r.real))
	}
	return &inside
}

// leave gives a path as users know it.
func (r root) leave(path string) string { return rebase(path, r.real, r.given) }

// rebase moves a path from one folder to another, if it is there.
func rebase(path, from, to string) string {
	switch {
	case path == from:
		return to
	case isBelow(from, path):
		return to + strings.TrimPrefix(path, from)
	}
	return path
}

// isBelow reports whether path lies under dir, and is not dir itself.
func isBelow(dir, path string) bool {
	rel, err := filepath.Rel(dir, path)
	return err == nil && rel != "." && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator))
}
