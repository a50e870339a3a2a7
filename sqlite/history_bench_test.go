package sqlite_test

import (
	"path/filepath"
	"testing"

	"github.com/dodev/dodev/sqlite"
)

// BenchmarkPutAndCommitWithHistory is [BenchmarkPutAndCommit] with the past kept.
func BenchmarkPutAndCommitWithHistory(b *testing.B) {
	o, _ := newHistoric(b, sqlite.HistoryOptions{})
	value := make([]byte, 16)
	for b.Loop() {
		value[0]++
		must(b, o.Put("key", value))
		must(b, o.Commit())
	}
}

func BenchmarkReopenPutCloseWithHistory(b *testing.B) {
	o, _ := newHistoric(b, sqlite.HistoryOptions{})
	for b.Loop() {
		must(b, o.Put("key", make([]byte, 16)))
		must(b, o.Commit())
		must(b, o.Close())
	}
}

// newHistoric returns an object whose past is kept, and what was reported of it.
func newHistoric(t testing.TB, opts sqlite.HistoryOptions) (*sqlite.Object, *[]error) {
	t.Helper()
	return openHistoric(t, filepath.Join(t.TempDir(), "object.sqlite"), opts)
}

func openHistoric(t testing.TB, path string, opts sqlite.HistoryOptions) (*sqlite.Object, *[]error) {
	t.Helper()
	reported := new([]error)
	opts.Path = func(database string) string {
		return filepath.Join(filepath.Dir(database), "history", filepath.Base(database)+".hist")
	}
	opts.Report = func(_ string, err error) { *reported = append(*reported, err) }
	o := sqlite.OpenObject(path, sqlite.Options{History: &opts})
	t.Cleanup(func() { _ = o.Close() })
	return o, reported
}
