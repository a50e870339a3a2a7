package main

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/dodev/dodev/devserver"
	"github.com/dodev/dodev/emulator"
	"github.com/dodev/dodev/emulator/config"
	"github.com/dodev/dodev/sqlite"
)

// Exit codes, which scripts rely on.
const (
	exitDone        = 0
	exitFailed      = 1
	exitMisused     = 2
	exitInterrupted = 130 // the second Ctrl-C
)

// errReported is an error that has been shown already.
var errReported = errors.New("reported already")

// A misuse is an error of the command line that only the command could see.
type misuse struct{ error }

func (m misuse) Unwrap() error { return m.error }

// A hinted error says what to do about it.
type hinted struct {
	error
	hint string
}

func (h hinted) Unwrap() error { return h.error }

// exit prints an error and gives the exit code that goes with it.
func (a *app) exit(err error) int {
	var wrong misuse
	switch {
	case err == nil:
		return exitDone
	case errors.As(err, &wrong) || !a.running:
		hint := hintFor(err)
		if hint == "" {
			hint = "`dodev help` lists the commands, and `dodev help COMMAND` its flags"
		}
		fmt.Fprintf(a.stderr, "dodev: %v\n  hint: %s\n", err, hint)
		return exitMisused
	}
	if !errors.Is(err, errReported) {
		printError(a.stderr, a.painter(a.stderr), workDir(), err)
	}
	return exitFailed
}

// printError shows an error to people. Files are shown relative to dir.
func printError(w io.Writer, p painter, dir string, err error) {
	var ds config.Diagnostics
	var failure *emulator.Failure
	switch {
	case errors.As(err, &ds):
		printDiagnostics(w, p, dir, ds)
	case errors.As(err, &failure):
		fmt.Fprintf(w, "%s %s\n", p.red("uncaught:"), failure.Error())
		for _, part := range []string{failure.Stack, failure.Excerpt} {
			if part != "" {
				fmt.Fprintln(w, strings.TrimRight(part, "\n"))
			}
		}
	default:
		fmt.Fprintf(w, "%s %v\n", p.red("dodev:"), err)
		if hint := hintFor(err); hint != "" {
			fmt.Fprintf(w, "  %s\n", p.dim("hint: "+hint))
		}
	}
}

// hintFor says what to do about an error.
func hintFor(err error) string {
	var h hinted
	var port *devserver.PortError
	var locked *sqlite.LockedError
	switch {
	case errors.As(err, &h):
		return h.hint
	case errors.As(err, &port) && port.InUse():
		return "stop what listens there, or choose another with --port (0 takes any free one)"
	case errors.As(err, &locked):
		return "another `dodev serve` or `wrangler dev` uses this state folder: stop it, or choose another with --persist-to"
	}
	return ""
}

// printDiagnostics shows what is wrong with a project, files relative to dir.
func printDiagnostics(w io.Writer, p painter, dir string, ds config.Diagnostics) {
	for _, d := range ds {
		fmt.Fprintln(w, p.diagnostic(d.Severity, d.Format(dir)))
	}
}
