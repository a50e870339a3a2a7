package main

import (
	"os/exec"
	"runtime"
	"strings"

	"github.com/dodev/dodev/emulator"
)

// What somebody at the keyboard can ask of a session.

func (s *session) askReload() {
	if s.opts.noReload {
		s.notice(warnLevel, "reloading is off: --no-reload")
		return
	}
	for _, m := range s.members {
		select {
		case m.asked <- struct{}{}:
		default: // one is asked for already
		}
	}
}

func (s *session) evict(emu *emulator.Emulator) {
	s.notice(infoLevel, "evicted "+count(emu.EvictAll(), "object"))
}

// declined tells that nothing is done.
func (s *session) declined() { s.notice(infoLevel, "nothing was done") }

// open shows the project in a browser.
func (s *session) open(url string) {
	command := []string{"xdg-open", url}
	switch runtime.GOOS {
	case "darwin":
		command = []string{"open", url}
	case "windows":
		command = []string{"rundll32", "url.dll,FileProtocolHandler", url}
	}
	cmd := exec.Command(command[0], command[1:]...)
	if err := cmd.Start(); err != nil {
		s.notice(warnLevel, "open "+url+": "+err.Error())
		return
	}
	go func() { _ = cmd.Wait() }()
}

func (s *session) help() { s.notice(infoLevel, longHelp) }

// buildOutput shows what the project's own build command prints.
type buildOutput struct{ session *session }

func (o buildOutput) Write(text []byte) (int, error) {
	for line := range strings.Lines(string(text)) {
		if line = strings.TrimRight(line, "\r\n"); line != "" {
			o.session.notice(infoLevel, line)
		}
	}
	return len(text), nil
}
