package main

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

func TestAFullDiskIsRefusedByNameAndNothingHasChanged(t *testing.T) {
	probe := t.TempDir()
	if err := syscall.Mount("none", probe, "tmpfs", 0, "size=64k"); err != nil {
		t.Skipf("NO DISK TO FILL: a small one cannot be mounted here: %v. TestAWriteThatDoesNotFit… does the same by a limit for files.", err)
	}
	unmount(t, probe)
	spaces := []int{0, 4096, 12 << 10, 24 << 10, 48 << 10, 96 << 10}
	if testing.Short() {
		spaces = []int{0, 24 << 10}
	}
	from := newSite(t)
	from.tryAll(spaces, func(space int) (*site, func()) {
		dir := t.TempDir()
		if err := syscall.Mount("none", dir, "tmpfs", 0, "size=1m"); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { unmount(t, dir) })
		s := from.copy(t, dir)
		filler := filepath.Join(dir, "temp", "filler")
		fill(t, filler, int64(space))
		return s, func() {
			if err := os.Truncate(filler, 0); err != nil {
				t.Fatal(err)
			}
		}
	})
}

func unmount(t *testing.T, dir string) {
	if err := syscall.Unmount(dir, 0); err != nil {
		t.Error(err)
	}
}

// fill writes a file that leaves so much space.
func fill(t *testing.T, path string, space int64) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	size := int64(0)
	for {
		n, err := f.Write(make([]byte, 4096))
		size += int64(n)
		if errors.Is(err, syscall.ENOSPC) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := f.Truncate(max(0, size-space)); err != nil {
		t.Fatal(err)
	}
}
