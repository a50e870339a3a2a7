package main

import (
	"os"
	"os/signal"
	"syscall"
)

// catchSignals makes the first Ctrl-C stop the session and the second one end
// the process at once. The function it returns undoes that.
func (s *session) catchSignals(keyboard *keyboard) (undo func()) {
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	done := make(chan struct{})
	go func() {
		for asked := false; ; asked = true {
			select {
			case <-signals:
			case <-done:
				return
			}
			if asked {
				keyboard.close()
				os.Exit(exitInterrupted)
			}
			s.stop()
		}
	}()
	return func() {
		signal.Stop(signals)
		close(done)
	}
}
