package main

import (
	"context"
	"errors"
	"sync"

	"github.com/spf13/cobra"

	"github.com/dodev/dodev/devserver/inspect"
	"github.com/dodev/dodev/tui"
)

// newInspectCmd shows what is inside a project, and lets people act on it.
func newInspectCmd(app *app) *cobra.Command {
	return &cobra.Command{
		Use:   "inspect [CLASS[/OBJECT]]",
		Short: "See inside a running project, and act on it",
		Long: `Inspect shows, in the terminal, the objects of a project: what they do, what they
store, who is connected to them, what is due, where the time goes and what they
print. All of it can be acted on; ? shows every key.

It joins the server that runs the project, in another terminal, and rejoins one
that went away. Without a server it shows the files of the state folder.

Values are edited in $VISUAL or $EDITOR, and places in the source are opened
there. Colours follow the terminal; NO_COLOR and --no-color leave them out.`,
		Example: `  dodev inspect
  dodev inspect ChatRoom
  dodev inspect ChatRoom/lobby
  dodev inspect --persist-to ../other/.wrangler/state`,
		Args:              cobra.MaximumNArgs(1),
		ValidArgsFunction: app.completes(anObject, nothing),
		RunE: func(cmd *cobra.Command, args []string) error {
			target := ""
			if len(args) > 0 {
				target = args[0]
			}
			return inspectProject(cmd.Context(), app, target)
		},
	}
}

// inspectProject shows the inspector of the project of the current folder.
func inspectProject(ctx context.Context, app *app, target string) error {
	if !terminal(app.stdin) || !terminal(app.stdout) {
		return hinted{errors.New("inspect needs a terminal"), "the same can be asked for with `dodev objects`, `dodev storage` and the others"}
	}
	if _, _, err := app.projectState(); err != nil {
		return err
	}
	return tui.Run(ctx, app.inspectorOptions(target, func(ctx context.Context) (inspect.Inspector, func(), error) {
		in, err := app.quietInspection(ctx)
		if err != nil {
			return nil, nil, err
		}
		return in.Inspector, in.close, nil
	}))
}

// inspectorOptions are those of every inspector of this process.
func (a *app) inspectorOptions(target string, connect func(ctx context.Context) (inspect.Inspector, func(), error)) tui.Options {
	return tui.Options{
		Connect: connect, Target: target, Dir: workDir(), Environ: a.environ, Input: a.stdin, Output: a.stdout, Plain: a.flags.noColor,
	}
}

// inspector makes what shows the inspector when it is asked for, until ctx ends.
func (s *session) inspector(ctx context.Context, keyboard *keyboard, loops *sync.WaitGroup) (ask func()) {
	asked := make(chan struct{}, 1)
	loops.Go(func() {
		for {
			select {
			case <-asked:
				s.inspect(ctx, keyboard)
			case <-ctx.Done():
				return
			}
		}
	})
	return func() {
		select {
		case asked <- struct{}{}:
		default: // it is asked for already
		}
	}
}

// inspect shows the inspector in the terminal of the server, which goes on
// meanwhile. What it would have shown is shown afterwards.
func (s *session) inspect(ctx context.Context, keyboard *keyboard) {
	keyboard.lend(func() {
		s.journal.hold()
		err := tui.Run(ctx, s.app.inspectorOptions("", func(context.Context) (inspect.Inspector, func(), error) {
			return s.live, func() {}, nil
		}))
		if dropped := s.journal.release(); dropped > 0 {
			s.notice(infoLevel, count(dropped, "older line")+" left out")
		}
		if err != nil {
			s.notice(warnLevel, err.Error())
		}
	})
}
