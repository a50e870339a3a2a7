package main

import (
	"os"
	"sync"
)

// keyHelp names the keys that a session answers to.
const keyHelp = "press  r reload   e evict all   o open   q quit   ? all keys"

// keys are what they do.
type keys struct{ reload, evict, open, quit, help func() }

// press does what a key stands for; other keys do nothing.
func (k keys) press(key byte) {
	switch key {
	case 'r':
		k.reload()
	case 'e':
		k.evict()
	case 'o':
		k.open()
	case 'q':
		k.quit()
	case '?', 'h':
		k.help()
	}
}

// A keyboard gives single keys from a terminal. Without one nothing is ever
// pressed.
type keyboard struct {
	in      *os.File
	restore func()
	once    sync.Once
}

// openKeyboard has keys given at once and unseen, where somebody sits at a
// terminal and sees what the keys do. Ctrl-C stays what it is.
func openKeyboard(app *app) *keyboard {
	k := &keyboard{restore: func() {}}
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

// listen calls what keys stand for, each when it is pressed. Reading ends with
// the process: a read of a terminal cannot be called off.
func (k *keyboard) listen(keys keys) {
	if k.in == nil {
		return
	}
	go func() {
		var buf [16]byte
		for {
			n, err := k.in.Read(buf[:])
			if err != nil {
				return
			}
			for _, key := range buf[:n] {
				keys.press(key)
			}
		}
	}()
}

// close gives the terminal back as it was. Closing twice is harmless.
func (k *keyboard) close() { k.once.Do(k.restore) }
