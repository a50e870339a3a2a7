package main

import (
	"io"
	"os"

	console "github.com/charmbracelet/x/windows"
	"golang.org/x/sys/windows"
)

// singleKeys makes a console give each key at once and show none, and returns
// how to undo that.
func singleKeys(fd int) (restore func(), err error) {
	in := windows.Handle(fd)
	var before uint32
	if err := windows.GetConsoleMode(in, &before); err != nil {
		return nil, err // a pipe, as the terminals of Cygwin are
	}
	now := before&^(windows.ENABLE_LINE_INPUT|windows.ENABLE_ECHO_INPUT) | windows.ENABLE_PROCESSED_INPUT
	if err := windows.SetConsoleMode(in, now); err != nil {
		return nil, err
	}
	return func() { _ = windows.SetConsoleMode(in, before) }, nil
}

// consoleKeys reads what happens to a console, of which it gives the keys. A
// console is read as bytes by waiting for a key; that cannot be called off once
// something else has happened, such as that the last key was let go.
type consoleKeys struct{ in, cancelled windows.Handle }

// readKeys gives the keys of a console.
func readKeys(in *os.File) (keySource, error) {
	cancelled, err := windows.CreateEvent(nil, 1, 0, nil)
	if err != nil {
		return nil, err
	}
	return &consoleKeys{windows.Handle(in.Fd()), cancelled}, nil
}

// Read implements keySource.
func (k *consoleKeys) Read(keys []byte) (n int, err error) {
	for n == 0 {
		first, err := windows.WaitForMultipleObjects([]windows.Handle{k.cancelled, k.in}, false, windows.INFINITE)
		switch {
		case err != nil:
			return 0, err
		case first == windows.WAIT_OBJECT_0:
			return 0, io.EOF
		}
		var happened [16]console.InputRecord
		var count uint32
		if err := console.ReadConsoleInput(k.in, &happened[0], uint32(min(len(happened), len(keys))), &count); err != nil {
			return 0, err
		}
		for _, h := range happened[:count] {
			if key := h.KeyEvent(); h.EventType == console.KEY_EVENT && key.KeyDown && key.Char > 0 && key.Char < 0x80 {
				keys[n] = byte(key.Char)
				n++
			}
		}
	}
	return n, nil
}

// Cancel implements keySource.
func (k *consoleKeys) Cancel() bool { return windows.SetEvent(k.cancelled) == nil }

// Close implements keySource.
func (k *consoleKeys) Close() error { return windows.CloseHandle(k.cancelled) }
