package watch

import (
	"os"
	"path/filepath"
	"strings"
)

// folders are the folders to ask for notifications about, and which of them
// concern us.
type folders struct {
	wanted map[string]bool // to be watched, if they exist
	paths  map[string]bool // names whose coming or going matters
	whole  []string        // folders in which every name matters
}

// around gives the folders around files: those they are in, and those above up
// to the one they have in common, so that one of them being moved is seen.
func around(given, expanded []string) folders {
	f := folders{wanted: map[string]bool{}, paths: map[string]bool{}}
	real := map[string]string{}
	for _, path := range given {
		if info, err := os.Stat(path); err == nil && info.IsDir() {
			f.whole = append(f.whole, path)
			f.wanted[path] = true
			f.wanted[filepath.Dir(path)] = true
		}
	}
	top := common(given)
	for _, path := range append(given[:len(given):len(given)], expanded...) {
		f.climb(path, top)
		if target := resolve(path, real); target != path {
			f.climb(target, filepath.Dir(target))
		}
	}
	return f
}

// climb wants the folders of a path from its own up to top.
func (f *folders) climb(path, top string) {
	for !f.paths[path] {
		f.paths[path] = true
		dir := filepath.Dir(path)
		f.wanted[dir] = true
		if dir == top || dir == path {
			return
		}
		path = dir
	}
}

// concern says whether an event about a path may mean a change.
func (f *folders) concern(path string) bool {
	if f.paths[path] {
		return true
	}
	if temporary(filepath.Base(path)) {
		return false
	}
	for _, dir := range f.whole {
		if strings.HasPrefix(path, dir+string(filepath.Separator)) {
			return true
		}
	}
	return false
}

// common is the folder that all paths are below.
func common(paths []string) string {
	if len(paths) == 0 {
		return ""
	}
	top := filepath.Dir(paths[0])
	for _, path := range paths[1:] {
		for !strings.HasPrefix(path, strings.TrimSuffix(top, string(filepath.Separator))+string(filepath.Separator)) {
			up := filepath.Dir(top)
			if up == top {
				return top
			}
			top = up
		}
	}
	return top
}

// resolve follows symbolic links; folders that were followed are in real. It
// gives the path itself when there is nothing there.
func resolve(path string, real map[string]string) string {
	dir := filepath.Dir(path)
	target, ok := real[dir]
	if !ok {
		target = dir
		if followed, err := filepath.EvalSymlinks(dir); err == nil {
			target = followed
		}
		real[dir] = target
	}
	target = filepath.Join(target, filepath.Base(path))
	if info, err := os.Lstat(target); err == nil && info.Mode()&os.ModeSymlink != 0 {
		if followed, err := filepath.EvalSymlinks(target); err == nil {
			return followed
		}
	}
	return target
}
