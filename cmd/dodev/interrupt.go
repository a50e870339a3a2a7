package main

import (
	"os"
	"os/signal"
	"syscall"
	"time"
)

// signalEcho is how long after the first signal others are taken for the same
// one: a shell, make or go run passes on a Ctrl-C that the terminal sent already.
const signalEcho = 200 * time.Millisecond

// catchSignals makes the first Ctrl-C stop the session and the second one end
// the process at once. The function it returns undoes that.
func (s *session) catchSignals(keyboard *keyboard) (undo func()) {
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	done := make(chan struct{})
	go func() {
		var first time.Time
		for {
			select {
			case <-signals:
			case <-done:
				return
			}
			switch {
			case first.IsZero():
				first = time.Now()
				s.stop()
			case time.Since(first) > signalEcho:
				keyboard.close()
				os.Exit(exitInterrupted)
			}
		}
	}()
	return func() {
		signal.Stop(signals)
		close(done)
	}
}
