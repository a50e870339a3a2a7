package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/dodev/dodev/devserver/inspect"
	"github.com/dodev/dodev/emulator"
)

// pastFlags choose between what was and what comes.
type pastFlags struct {
	since  string
	object string
	follow bool
}

func (f *pastFlags) add(app *app, cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.since, "since", "", "print what there was since a `time`, or for so long (5m), and end")
	cmd.Flags().StringVar(&f.object, "object", "", "only of a `CLASS[/OBJECT]`")
	cmd.Flags().BoolVarP(&f.follow, "follow", "f", false, "go on following after --since")
	app.completeFlag(cmd, "object", anObject)
}

func newLogsCmd(app *app) *cobra.Command {
	var f pastFlags
	level, search := "", ""
	cmd := &cobra.Command{
		Use:   "logs",
		Short: "Follow what the project prints",
		Long: `Logs prints the project's console and what its code does not handle, as it happens,
until it is interrupted; with --since what the server still remembers. With --json
each line is an object.`,
		Example: "  dodev logs\n  dodev logs --since 5m --object ChatRoom/lobby --level warn\n  dodev logs --json",
		Args:    cobra.NoArgs,
		RunE: onProject(app, func(ctx context.Context, out io.Writer, in *inspection) error {
			if _, err := parseSeverity("--level", level); level != "" && err != nil {
				return misuse{err}
			}
			return printLogs(ctx, out, in, f, inspect.LogQuery{Level: level, Search: search, Limit: 1 << 20})
		}),
	}
	f.add(app, cmd)
	cmd.Flags().StringVar(&level, "level", "", "debug, log, info, warn or error and what is graver")
	cmd.Flags().StringVar(&search, "search", "", "only lines that contain this, in any case")
	app.completeFlag(cmd, "level", words(severityNames[1:]...))
	return cmd
}

func printLogs(ctx context.Context, out io.Writer, in *inspection, f pastFlags, q inspect.LogQuery) error {
	chosen, err := in.chooser(ctx, f.object)
	if err != nil {
		return err
	}
	show := func(l inspect.LogLine) error {
		if !q.Wants(l) || f.object != "" && !chosen(l.Ref) {
			return nil
		}
		return in.printLog(out, l)
	}
	if f.since != "" {
		if q.Since, err = ago(f.since, time.Now()); err != nil {
			return err
		}
		lines, err := in.Logs(ctx, q)
		if err != nil {
			return err
		}
		for _, l := range lines {
			if err := show(l); err != nil {
				return err
			}
		}
		if !f.follow {
			return nil
		}
	}
	return in.follow(ctx, inspect.Follow{Topics: []inspect.Topic{inspect.Logs}}, func(e inspect.Event) error {
		if e.Log == nil {
			return nil
		}
		return show(*e.Log)
	})
}

func (in *inspection) printLog(out io.Writer, l inspect.LogLine) error {
	if in.app.flags.json {
		return printLine(out, l)
	}
	p := in.app.painter(in.app.stdout)
	e := entryEvent{emulator.Entry{
		Kind: emulator.EntryKind(l.Kind), Level: l.Level, Object: l.Object, Text: l.Text, Frame: l.Place, Stack: l.Stack, Excerpt: l.Excerpt,
	}, l.At}
	text := e.text(p)
	if e.label(p) == strings.Repeat(" ", gutter) {
		text = p.dim(l.At.Local().Format(clock)) + text[len(clock):]
	}
	_, err := io.WriteString(out, text)
	return err
}

func newTraceCmd(app *app) *cobra.Command {
	var f pastFlags
	cmd := &cobra.Command{
		Use:   "trace [ID]",
		Short: "Follow requests, calls, messages and alarms through the objects",
		Long: `Trace prints one line for each thing that came from outside, when it has been handled,
until it is interrupted. Given the ID of one, it prints its steps: █ a turn ran, ▒ it
was queued, ░ it waited, ▔ for somebody outside. A server that is not busy records
everything, a busy one 100 a second and what fails or takes long; the last 500 traces
are kept, and of those before them the last 200 that failed or took long.

With --json each trace is an object on a line.`,
		Example:           "  dodev trace\n  dodev trace 002f\n  dodev trace --since 1m --object ChatRoom/lobby --json",
		Args:              cobra.MaximumNArgs(1),
		ValidArgsFunction: app.completes(aTrace, nothing),
		RunE: func(cmd *cobra.Command, args []string) error {
			return onProject(app, func(ctx context.Context, out io.Writer, in *inspection) error {
				if len(args) > 0 {
					return in.printTrace(ctx, out, args[0])
				}
				return printTraces(ctx, out, in, f)
			})(cmd, args)
		},
	}
	f.add(app, cmd)
	return cmd
}

func printTraces(ctx context.Context, out io.Writer, in *inspection, f pastFlags) error {
	chosen, err := in.chooser(ctx, f.object)
	if err != nil {
		return err
	}
	show := func(t inspect.Trace) error {
		wanted := f.object == ""
		for _, ref := range t.Refs {
			wanted = wanted || chosen(ref)
		}
		if !wanted {
			return nil
		}
		return in.printTraceLine(out, t)
	}
	if f.since != "" {
		since, err := ago(f.since, time.Now())
		if err != nil {
			return err
		}
		traces, err := in.Traces(ctx, inspect.TraceQuery{Since: since, Limit: 1 << 20})
		if err != nil {
			return err
		}
		for _, t := range traces {
			if err := show(t); err != nil {
				return err
			}
		}
		if !f.follow {
			return nil
		}
	}
	return in.follow(ctx, inspect.Follow{Topics: []inspect.Topic{inspect.Traces}}, func(e inspect.Event) error {
		if e.Trace == nil {
			return nil
		}
		if e.Skipped > 0 {
			fmt.Fprintf(in.app.stderr, "%s not recorded: there are too many\n", count(e.Skipped, "trace"))
		}
		return show(*e.Trace)
	})
}

func (in *inspection) printTraceLine(out io.Writer, t inspect.Trace) error {
	if in.app.flags.json {
		return printLine(out, t)
	}
	p := in.app.painter(in.app.stdout)
	trouble := ""
	if t.Error != nil {
		trouble = "  " + p.red(t.Error.Error())
	}
	_, err := fmt.Fprintf(out, "%s  %s  %-*s  %8s  %s%s\n", p.dim(t.At.Local().Format(clock)), p.dim(t.ID), targetWidth, oneLine(t.Name, 60),
		milliseconds(t.Took), p.accent(strings.Join(t.Objects, " → ")), trouble)
	return err
}

func (in *inspection) printTrace(ctx context.Context, out io.Writer, id string) error {
	t, err := in.Trace(ctx, id)
	if err != nil {
		return err
	}
	if len(t.Spans) == 0 {
		return errors.New("the trace has no steps")
	}
	if in.app.flags.json {
		return printJSON(out, t)
	}
	printWaterfall(out, in.app.painter(in.app.stdout), t)
	return nil
}
