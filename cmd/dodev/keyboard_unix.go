//go:build unix

package main

import (
	"os"

	"github.com/muesli/cancelreader"
	"golang.org/x/sys/unix"
)

// singleKeys makes a terminal give each key at once and show none, and returns
// how to undo that.
func singleKeys(fd int) (restore func(), err error) {
	before, err := unix.IoctlGetTermios(fd, getTermios)
	if err != nil {
		return nil, err
	}
	now := *before
	now.Lflag &^= unix.ICANON | unix.ECHO
	now.Cc[unix.VMIN], now.Cc[unix.VTIME] = 1, 0
	if err := unix.IoctlSetTermios(fd, setTermios, &now); err != nil {
		return nil, err
	}
	return func() { _ = unix.IoctlSetTermios(fd, setTermios, before) }, nil
}

// readKeys gives the keys of a terminal.
func readKeys(in *os.File) (keySource, error) { return cancelreader.NewReader(in) }
