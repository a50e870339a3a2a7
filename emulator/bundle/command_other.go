//go:build !unix

package bundle

import "os/exec"

// killFamily leaves a command as it is: only the shell itself is stopped.
func killFamily(*exec.Cmd) {}
