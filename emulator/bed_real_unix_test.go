//go:build unix

package emulator_test

import (
	"os"
	"path/filepath"
	"testing"
)

// realRuntime is the tool that runs it; short tests do without.
func realRuntime(t *testing.T) (tool wrangler, ok bool) {
	t.Helper()
	if testing.Short() {
		return wrangler{}, false
	}
	tool, err := lookForWrangler()
	if err != nil && os.Getenv(requireVariable) != "" {
		t.Fatal(err)
	}
	if err != nil {
		t.Logf("compared with recorded answers only: %v", err)
	}
	return tool, err == nil
}

// serveBed runs a bed's projects on the real runtime.
func (w wrangler) serveBed(t *testing.T, b bed, c bedConfig) *bedServer {
	t.Helper()
	dir, state := b.copied(t, c), t.TempDir()
	var args []string
	for _, file := range c.files {
		args = append(args, "-c", filepath.Join(dir, file))
	}
	d := w.dev(t, dir, state, args...)
	d.mustGet("/list")
	return &bedServer{t: t, url: d.url, state: state, stop: d.stop}
}
