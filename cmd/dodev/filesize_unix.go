//go:build unix

package main

import (
	"os"
	"os/signal"
	"syscall"
)

// survive has a write beyond the system's limit for files (ulimit -f) fail, as
// one on a full disk does. Left alone, the system ends the process.
func survive() { signal.Notify(make(chan os.Signal, 1), syscall.SIGXFSZ) }
