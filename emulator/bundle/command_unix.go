//go:build unix

package bundle

import (
	"os/exec"
	"syscall"
)

// killFamily makes stopping a command stop what it started, too.
func killFamily(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
}
