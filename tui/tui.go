// Package tui is the terminal inspector: what is alive in a dodev, and every
// part of it touchable.
//
// It has one Bubble Tea model. Panes are plain structs with setters in and
// Render out: they do no I/O, hold no clock and know no channels. The model
// turns the inspector's events into setter calls, and what somebody asks for
// into commands. So a pane is a function from data to text, and a slow server
// never holds up a key.
//
// A pane shows a scope: one object, one class, or everything. The tree on the
// left chooses it, the tabs on the right show its storage, sockets and so on.
//
// The package sees the rest of dodev through package inspect only: it does not
// know whether a server answers, the files of a project, or a fake.
package tui

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/dodev/dodev/devserver/inspect"
)

// Options say what to inspect, and on what terminal.
type Options struct {
	// Connect finds whom to ask, and how to let go of it. It is asked again when a
	// server has gone, and from time to time while there is none.
	Connect func(ctx context.Context) (api inspect.Inspector, release func(), err error)
	// Target is where to begin: "Class" or "Class/object", "" for the tree.
	Target string
	// Dir is the folder that places in the source are relative to.
	Dir string
	// Environ is the process's environment: of the terminal, and of the editor.
	Environ []string
	// Input and Output are the terminal; nil is that of the process.
	Input  io.Reader
	Output io.Writer
	// Now tells the time; nil is the system's clock.
	Now func() time.Time
	// Plain shows no colours.
	Plain bool

	// run has another program take the terminal for as long as it runs; nil is
	// Bubble Tea's way. Tests have none run.
	run func(cmd *exec.Cmd, done tea.ExecCallback) tea.Cmd
}

// Run shows the inspector until somebody leaves it or ctx ends.
func Run(ctx context.Context, o Options) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	m := newModel(ctx, o)
	_, err := tea.NewProgram(m, o.programOptions(ctx)...).Run()
	cancel()
	m.close()
	if errors.Is(err, tea.ErrInterrupted) || errors.Is(err, tea.ErrProgramKilled) && ctx.Err() != nil {
		err = nil
	}
	if err != nil {
		return fmt.Errorf("show the inspector: %w", err)
	}
	return m.failure
}

func (o Options) programOptions(ctx context.Context) []tea.ProgramOption {
	options := []tea.ProgramOption{tea.WithContext(ctx)}
	if o.Environ != nil {
		environ := o.Environ
		if o.Plain {
			environ = append(environ[:len(environ):len(environ)], "NO_COLOR=1")
		}
		options = append(options, tea.WithEnvironment(environ))
	}
	if o.Input != nil {
		options = append(options, tea.WithInput(o.Input))
	}
	if o.Output != nil {
		options = append(options, tea.WithOutput(o.Output))
	}
	return options
}
