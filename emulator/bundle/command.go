package bundle

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/dodev/dodev/emulator/config"
)

// runCommand runs the custom build command, if there is one. generated tells the
// files that it wrote from those that were there before.
func (b *Builder) runCommand() (generated func(path string) bool, ds config.Diagnostics) {
	if b.cfg.Build.Command == "" {
		return func(string) bool { return false }, nil
	}
	start := time.Now()
	generated = func(path string) bool {
		info, err := os.Stat(path)
		return err == nil && info.Mode().IsRegular() && !info.ModTime().Before(start.Truncate(mtimeGrain))
	}
	said, err := b.shell(b.cfg.Build.Command)
	if err == nil {
		return generated, nil
	}
	return generated, config.Diagnostics{{
		Severity: config.Error, Code: "build-command", Pos: config.Position{File: b.cfg.Path},
		Message: "the build command `" + b.cfg.Build.Command + "` failed: " + err.Error(),
		Detail:  said,
	}}
}

// mtimeGrain is the coarsest time that file systems in use keep of a change.
const mtimeGrain = 10 * time.Millisecond

// shell runs a command and returns the last lines of what it printed.
func (b *Builder) shell(command string) (said []string, err error) {
	name, flag := "/bin/sh", "-c"
	if runtime.GOOS == "windows" {
		name, flag = "cmd", "/C"
	}
	cmd := exec.CommandContext(b.closing, name, flag, command)
	cmd.Dir = b.cfg.Build.Dir
	if cmd.Dir == "" {
		cmd.Dir = b.cfg.Dir
	}
	cmd.Env = append(os.Environ(), "WRANGLER_COMMAND=dev")
	cmd.WaitDelay = time.Second // what it started may hold its output open
	killFamily(cmd)
	last := &tail{also: b.opts.Output}
	cmd.Stdout, cmd.Stderr = last, last
	err = cmd.Run()
	return last.lines(), err
}

// watchDirs are what makes the build command worth running again.
func (b *Builder) watchDirs() []string {
	if len(b.cfg.Build.WatchDir) > 0 {
		return b.cfg.Build.WatchDir
	}
	return []string{filepath.Join(b.cfg.Dir, "src")}
}

// A tail keeps the end of what is written to it.
type tail struct {
	also io.Writer
	buf  bytes.Buffer
}

const (
	tailBytes = 64 << 10
	tailLines = 40
)

func (t *tail) Write(p []byte) (int, error) {
	t.buf.Write(p)
	if extra := t.buf.Len() - tailBytes; extra > 0 {
		t.buf.Next(extra)
	}
	if t.also != nil {
		return t.also.Write(p)
	}
	return len(p), nil
}

func (t *tail) lines() []string {
	text := strings.TrimRight(t.buf.String(), "\r\n")
	if text == "" {
		return nil
	}
	lines := strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n")
	return lines[max(0, len(lines)-tailLines):]
}
