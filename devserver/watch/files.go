package watch

import (
	"hash/maphash"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// maxFolder is how many files of a folder are watched; a folder with more is
// no folder of sources.
const maxFolder = 20_000

// A stamp is what is known of a file.
type stamp struct {
	exists  bool
	size    int64
	changed time.Time
	sum     uint64 // of the content
}

// files is what is watched and what it was like.
type files struct {
	seed  maphash.Seed
	given []string // files and folders, absolute
	known map[string]stamp
}

func newFiles() *files {
	return &files{seed: maphash.MakeSeed(), known: map[string]stamp{}}
}

// set replaces what is watched. It returns those that are new and changed after
// asOf.
func (f *files) set(given []string, asOf time.Time) []string {
	f.given = given
	before := f.known
	f.known = map[string]stamp{}
	var late []string
	for _, path := range f.expand() {
		s, ok := before[path]
		if !ok {
			s = f.look(path, stamp{}, true)
			if !asOf.IsZero() && s.exists && s.changed.After(asOf) {
				late = append(late, path)
			}
		}
		f.known[path] = s
	}
	return late
}

// expand lists the files that are watched: those given, and those that are in
// given folders now.
func (f *files) expand() []string {
	var list []string
	for _, path := range f.given {
		if info, err := os.Stat(path); err == nil && info.IsDir() {
			list = append(list, below(path)...)
			continue
		}
		list = append(list, path)
	}
	return list
}

// below lists the files of a folder and its folders.
func below(dir string) []string {
	var list []string
	_ = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		switch {
		case len(list) >= maxFolder:
			return fs.SkipAll
		case err != nil:
			return nil // it went away meanwhile
		case d.IsDir() && path != dir && skipped(d.Name()):
			return fs.SkipDir
		case !d.IsDir() && !temporary(d.Name()):
			list = append(list, path)
		}
		return nil
	})
	return list
}

// look reads what a file is like now. Content is read when size or time differ
// from what they were, or when asked for.
func (f *files) look(path string, before stamp, read bool) stamp {
	info, err := os.Stat(path)
	if err != nil {
		return stamp{}
	}
	now := stamp{exists: true, size: info.Size(), changed: info.ModTime(), sum: before.sum}
	if info.IsDir() {
		return stamp{exists: true}
	}
	if read || !before.exists || now.size != before.size || !now.changed.Equal(before.changed) {
		content, err := os.ReadFile(path)
		if err != nil {
			return stamp{} // as good as gone: it cannot be built from
		}
		now.sum = maphash.Bytes(f.seed, content)
	}
	return now
}

// A difference is what a scan found.
type difference struct {
	path string
	now  stamp
	gone bool
}

// scan compares all files with what they were like, without taking note. Those
// in doubt are read whatever their size and time.
func (f *files) scan(doubt map[string]bool) []difference {
	var found []difference
	seen := make(map[string]bool, len(f.known))
	for _, path := range f.expand() {
		seen[path] = true
		before := f.known[path]
		now := f.look(path, before, doubt[path])
		switch {
		case now.exists != before.exists, now.exists && now.sum != before.sum:
			found = append(found, difference{path: path, now: now, gone: !now.exists})
		case now != before:
			f.known[path] = now // touched, but the same
		}
	}
	for path, before := range f.known {
		if !seen[path] && before.exists {
			found = append(found, difference{path: path, gone: true})
		}
	}
	return found
}

// note takes note of differences and returns their paths.
func (f *files) note(found []difference) []string {
	paths := make([]string, 0, len(found))
	for _, d := range found {
		f.known[d.path] = d.now
		paths = append(paths, d.path)
	}
	slices.Sort(paths)
	return paths
}
