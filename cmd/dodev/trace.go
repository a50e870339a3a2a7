package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/dodev/dodev/devserver/inspect"
)

func newTraceCmd(app *app) *cobra.Command {
	var f pastFlags
	errs := false
	cmd := &cobra.Command{
		Use:   "trace [ID]",
		Short: "Follow requests, calls, messages and alarms through the objects",
		Long: `Trace prints one line for each thing that came from outside, when it has been handled,
until it is interrupted. Given the ID of one, it prints its steps: █ a turn ran, ▒ it
was queued, ░ it waited, ▔ for somebody outside. A server that is not busy records
everything, a busy one 100 a second and what fails or takes long; the last 500 traces
are kept, and of those before them the last 200 that failed or took long.

With --json each trace is an object on a line.`,
		Example:           "  dodev trace\n  dodev trace 002f\n  dodev trace --since 1m --object ChatRoom/lobby --json\n  dodev trace --since 1h --errors",
		Args:              cobra.MaximumNArgs(1),
		ValidArgsFunction: app.completes(aTrace, nothing),
		RunE: func(cmd *cobra.Command, args []string) error {
			return onProject(app, func(ctx context.Context, out io.Writer, in *inspection) error {
				if len(args) > 0 {
					return in.printTrace(ctx, out, args[0])
				}
				return printTraces(ctx, out, in, f, errs)
			})(cmd, args)
		},
	}
	f.add(app, cmd)
	cmd.Flags().BoolVar(&errs, "errors", false, "only those that something went wrong in")
	return cmd
}

func printTraces(ctx context.Context, out io.Writer, in *inspection, f pastFlags, errs bool) error {
	chosen, err := in.chooser(ctx, f.object)
	if err != nil {
		return err
	}
	shown, skipped := map[string]bool{}, 0
	show := func(t inspect.Trace) error {
		skipped += t.Skipped
		wanted := f.object == "" || slices.ContainsFunc(t.Refs, chosen)
		if !wanted || shown[t.ID] || errs && t.Error == nil && t.Errors == 0 && t.Status < 500 {
			return nil
		}
		shown[t.ID] = true
		return in.printTraceLine(out, t)
	}
	list := func() error {
		since, err := ago(f.since, time.Now())
		if err != nil {
			return err
		}
		traces, err := in.Traces(ctx, inspect.TraceQuery{Since: since, Limit: 1 << 20})
		if err != nil {
			return err
		}
		for _, t := range traces {
			if f.follow && t.Took == 0 {
				continue // it is told of when it has ended
			}
			if err := show(t); err != nil {
				return err
			}
		}
		in.leftOut(skipped)
		return nil
	}
	begin := list
	switch {
	case f.since != "" && !f.follow:
		return list()
	case f.since == "":
		begin = nil
	}
	return in.follow(ctx, inspect.Follow{Topics: []inspect.Topic{inspect.Traces}}, begin, func(e inspect.Event) error {
		if e.Trace == nil || e.Trace.Took == 0 {
			return nil
		}
		if !shown[e.Trace.ID] {
			in.leftOut(e.Trace.Skipped)
		}
		return show(*e.Trace)
	})
}

// leftOut says that some were not recorded.
func (in *inspection) leftOut(n int) {
	if n > 0 && !in.app.flags.quiet {
		fmt.Fprintf(in.app.stderr, "%s left out: too much came in at once\n", count(n, "trace"))
	}
}

func (in *inspection) printTraceLine(out io.Writer, t inspect.Trace) error {
	if in.app.flags.json {
		return printLine(out, t)
	}
	p := in.app.painter(in.app.stdout)
	status := "   "
	if t.Status != 0 {
		status = p.status(t.Status, strconv.Itoa(t.Status))
	}
	took := "running"
	if t.Took > 0 {
		took = milliseconds(t.Took)
	}
	text := fmt.Sprintf("%s  %s  %-*s  %s  %8s", p.dim(t.At.Local().Format(clock)), p.dim(t.ID), targetWidth, oneLine(t.Name, 60), status, took)
	if len(t.Objects) > 0 {
		text += "  " + p.accent(strings.Join(t.Objects, " → "))
	}
	switch {
	case t.Error != nil:
		text += "  " + p.red(t.Error.Error())
	case t.Errors > 0:
		text += "  " + p.red(count(t.Errors, "error"))
	}
	_, err := fmt.Fprintln(out, text)
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
