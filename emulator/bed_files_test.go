package emulator_test

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"strings"
	"testing"
)

// keptClass ends the name of a class whose objects' files are compared when all
// questions have been asked.
const keptClass = "-Kept"

// filesPrefix begins the names of the questions about files.
const filesPrefix = "files."

// compareFiles stops the servers and compares what objects have left on disk,
// each file as a question of its own.
func (r *bedRun) compareFiles() {
	for _, s := range []*bedServer{r.here, r.real} {
		if s != nil {
			s.stop()
		}
	}
	for _, file := range keptFiles(r.t, r.here.state) {
		name := filesPrefix + file
		r.asked = append(r.asked, name)
		r.t.Run(name, func(t *testing.T) {
			r.compare(t, name, func(s *bedServer) string { return mustJSON(keptDump(t, s.state, file)) })
		})
	}
}

// keptFiles are the files of the class, by their paths in v3/do.
func keptFiles(t *testing.T, state string) (files []string) {
	t.Helper()
	if _, err := os.Stat(path.Join(state, "v3")); errors.Is(err, fs.ErrNotExist) {
		return nil // a bed without objects
	}
	for _, file := range databases(t, state) {
		if strings.HasSuffix(path.Dir(file), keptClass) && path.Ext(file) == ".sqlite" {
			files = append(files, strings.TrimPrefix(file, "v3/do/"))
		}
	}
	return files
}

// keptDump shows everything in a file, and says so where there is none.
func keptDump(t *testing.T, state, file string) []string {
	t.Helper()
	full := path.Join(state, "v3", "do", file)
	if _, err := os.Stat(full); errors.Is(err, fs.ErrNotExist) {
		return []string{"no file"}
	}
	return dump(t, full)
}
