package main

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/dodev/dodev/devserver"
	"github.com/dodev/dodev/devserver/inspect"
	"github.com/dodev/dodev/emulator"
	"github.com/dodev/dodev/emulator/config"
	"github.com/dodev/dodev/sqlite"
	"github.com/dodev/dodev/sqlite/state"
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
		if hint == "" && !a.running {
			hint = "`dodev help` lists the commands, and `dodev help COMMAND` its flags"
		}
		fmt.Fprintf(a.stderr, "dodev: %v\n", err)
		if hint != "" {
			fmt.Fprintf(a.stderr, "  hint: %s\n", hint)
		}
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
	var thrown thrownError
	switch {
	case errors.As(err, &ds):
		printDiagnostics(w, p, dir, ds)
	case errors.As(err, &thrown):
		printFault(w, p, thrown)
	case errors.As(err, &failure):
		fmt.Fprintf(w, "%s %s\n", p.red("uncaught:"), failure.Error())
		for _, part := range []string{failure.Stack, failure.Excerpt} {
			if part != "" {
				fmt.Fprintln(w, strings.TrimRight(part, "\n"))
			}
		}
	default:
		var e *inspect.Error
		if errors.As(err, &e) && e.Fault != nil {
			printFault(w, p, thrownError{"", e.Fault})
			return
		}
		fmt.Fprintf(w, "%s %v%s\n", p.red("dodev:"), err, suggestion(e))
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
	var half *state.Incomplete
	switch {
	case errors.As(err, &h):
		return h.hint
	case errors.As(err, &port) && port.InUse():
		return "stop what listens there, or choose another with --port (0 takes any free one)"
	case errors.As(err, &locked), inspect.CodeOf(err) == inspect.Locked:
		return "another `dodev serve` or `wrangler dev` uses this state folder: stop it, or choose another with --persist-to"
	case errors.As(err, &half):
		return "once its cause is gone the next command, or `dodev serve`, ends it; nothing is lost"
	case inspect.CodeOf(err) == inspect.Denied:
		return "this user may not write there: change the owner or mode of the folder; --persist-to chooses another for the state"
	case inspect.CodeOf(err) == inspect.Full:
		return "free some space, and try again"
	}
	return ""
}

// printDiagnostics shows what is wrong with a project, files relative to dir.
func printDiagnostics(w io.Writer, p painter, dir string, ds config.Diagnostics) {
	for _, d := range ds {
		fmt.Fprintln(w, p.diagnostic(d.Severity, d.Format(dir)))
	}
}

// A thrownError is what the project's code threw while it did what a command
// asked for.
type thrownError struct {
	object string
	fault  *inspect.Fault
}

func (e thrownError) Error() string { return e.fault.Error() }

// printFault shows an error of the project's with its place.
func printFault(w io.Writer, p painter, e thrownError) {
	text := e.fault.Message
	if e.fault.Name != "" {
		text = e.fault.Name + ": " + text
	}
	if e.object != "" {
		text = e.object + ": " + text
	}
	fmt.Fprintf(w, "%s %s\n", p.red("uncaught:"), text)
	for _, part := range []string{e.fault.Stack, e.fault.Excerpt} {
		if part != "" {
			fmt.Fprintln(w, strings.TrimRight(part, "\n"))
		}
	}
}

// suggestion names what was perhaps meant.
func suggestion(e *inspect.Error) string {
	if e == nil || len(e.Near) == 0 {
		return ""
	}
	near := strings.Join(e.Near[:len(e.Near)-1], ", ")
	if near != "" {
		near += " or "
	}
	return ". Did you mean " + near + e.Near[len(e.Near)-1] + "?"
}
