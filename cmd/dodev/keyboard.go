package main

import (
	"io"
	"os"
	"sync"
)

// keyHelp names the keys that a session answers to, longHelp also those that are
// needed now and then.
const (
	keyHelp  = "press  i inspect   r reload   e evict all   o open   q quit   ? all keys"
	longHelp = "press  i inspect   r reload   e evict all   m apply migrations   o open   q quit"
)

// keys are what they do.
type keys struct{ inspect, reload, evict, migrate, open, quit, help func() }

// press does what a key stands for; other keys do nothing.
func (k keys) press(key byte) {
	switch key {
	case 'i':
		k.inspect()
	case 'r':
		k.reload()
	case 'e':
		k.evict()
	case 'm':
		k.migrate()
	case 'o':
		k.open()
	case 'q':
		k.quit()
	case '?', 'h':
		k.help()
	}
}

// A keySource gives keys as they are pressed, until it is cancelled, which it
// says whether it can be.
type keySource interface {
	io.ReadCloser
	Cancel() bool
}

// A keyboard gives single keys from a terminal. Without one nothing is ever
// pressed.
type keyboard struct {
	in   *os.File
	keys keys

	mu      sync.Mutex
	restore func() // gives the terminal back as it was, nil when it is
	reader  keySource
	reading sync.WaitGroup
	closed  bool
	// asking is what the next key answers, nil for nothing. It belongs to the
	// goroutine that reads.
	asking func(key byte)
}

// openKeyboard has keys given at once and unseen, where somebody sits at a
// terminal and sees what the keys do. Ctrl-C stays what it is.
func openKeyboard(app *app) *keyboard {
	k := &keyboard{}
	if !terminal(app.stdin) || !terminal(app.stdout) {
		return k
	}
	restore, err := singleKeys(int(app.stdin.Fd()))
	if err != nil {
		return k // a terminal without keys serves as well
	}
	k.in, k.restore = app.stdin, restore
	return k
}

// there says whether keys can be pressed.
func (k *keyboard) there() bool { return k.in != nil }

// listen calls what keys stand for, each when it is pressed.
func (k *keyboard) listen(keys keys) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.keys = keys
	k.readLocked()
}

func (k *keyboard) readLocked() {
	if k.in == nil || k.closed {
		return
	}
	reader, err := readKeys(k.in)
	if err != nil {
		return
	}
	k.reader = reader
	k.reading.Go(func() {
		var buf [16]byte
		for {
			n, err := reader.Read(buf[:])
			if err != nil {
				return
			}
			for _, key := range buf[:n] {
				k.press(key)
			}
		}
	})
}

// press has a key answer what was asked, or do what it stands for.
func (k *keyboard) press(key byte) {
	if asking := k.asking; asking != nil {
		k.asking = nil
		asking(key)
		return
	}
	k.keys.press(key)
}

// ask has the next key say yes or no. What a key stands for calls it.
func (k *keyboard) ask(yes, no func()) {
	k.asking = func(key byte) {
		if key == 'y' || key == 'Y' {
			yes()
		} else {
			no()
		}
	}
}

// lend leaves the terminal to something else that reads keys, for as long as
// use runs. A key must not call it itself: reading ends first.
func (k *keyboard) lend(use func()) {
	k.mu.Lock()
	k.stopLocked()
	k.mu.Unlock()
	use()
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.in == nil || k.closed {
		return
	}
	if restore, err := singleKeys(int(k.in.Fd())); err == nil {
		k.restore = restore
	}
	k.readLocked()
}

// stopLocked ends reading, where it can be called off, and gives the terminal
// back as it was.
func (k *keyboard) stopLocked() {
	if k.reader != nil && k.reader.Cancel() {
		k.reading.Wait()
		_ = k.reader.Close()
	}
	k.reader = nil
	if k.restore != nil {
		k.restore()
		k.restore = nil
	}
}

// close gives the terminal back as it was. Closing twice is harmless. It does
// not wait for a key that is being acted on, which may be what closes.
func (k *keyboard) close() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.closed = true
	if k.reader != nil {
		k.reader.Cancel()
	}
	if k.restore != nil {
		k.restore()
		k.restore = nil
	}
}
