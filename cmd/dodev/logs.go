package main

import (
	"context"
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
	var q inspect.LogQuery
	cmd := &cobra.Command{
		Use:   "logs",
		Short: "Follow what the project prints",
		Long: `Logs prints the project's console and what its code does not handle, as it happens,
until it is interrupted; with --since what the server still remembers. With --json
each line is an object, with the trace and the step of it that printed it.`,
		Example: "  dodev logs\n  dodev logs --since 5m --object ChatRoom/lobby --level warn\n  dodev logs --trace 002f\n  dodev logs --json",
		Args:    cobra.NoArgs,
		RunE: onProject(app, func(ctx context.Context, out io.Writer, in *inspection) error {
			if _, err := parseSeverity("--level", q.Level); q.Level != "" && err != nil {
				return misuse{err}
			}
			return printLogs(ctx, out, in, f, q)
		}),
	}
	f.add(app, cmd)
	cmd.Flags().StringVar(&q.Level, "level", "", "debug, log, info, warn or error and what is graver")
	cmd.Flags().StringVar(&q.Search, "search", "", "only lines that contain this, in any case")
	cmd.Flags().StringVar(&q.Trace, "trace", "", "what the trace with this `ID` has printed, and end")
	app.completeFlag(cmd, "trace", aTrace)
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
	past := map[inspect.LogLine]bool{}
	list := func() error {
		q := q
		q.Limit = 1 << 20
		lines, err := in.Logs(ctx, q)
		if err != nil {
			return err
		}
		if len(lines) == 0 && q.Trace != "" {
			if _, err := in.Trace(ctx, q.Trace); err != nil {
				return err
			}
		}
		for _, l := range lines {
			past[l] = true
			if err := show(l); err != nil {
				return err
			}
		}
		return nil
	}
	if f.since != "" {
		if q.Since, err = ago(f.since, time.Now()); err != nil {
			return err
		}
	}
	begin, lists := list, f.since != "" || q.Trace != ""
	switch {
	case lists && !f.follow:
		return list()
	case !lists:
		begin = nil
	}
	return in.follow(ctx, inspect.Follow{Topics: []inspect.Topic{inspect.Logs}}, begin, func(e inspect.Event) error {
		if e.Log == nil || past[*e.Log] {
			return nil
		}
		return show(*e.Log)
	})
}

// printLog prints a line after its time, which is where the server prints its
// level.
func (in *inspection) printLog(out io.Writer, l inspect.LogLine) error {
	if in.app.flags.json {
		return printLine(out, l)
	}
	p := in.app.painter(in.app.stdout)
	e := entryEvent{emulator.Entry{
		Kind: emulator.EntryKind(l.Kind), Level: l.Level, Object: l.Object, Text: l.Text, Frame: l.Place, Stack: l.Stack, Excerpt: l.Excerpt,
	}, l.At}
	label := e.label(p)
	rest := strings.TrimPrefix(e.text(p), label)
	level := ""
	if strings.TrimSpace(label) != "" {
		level = strings.ReplaceAll(label, strings.Repeat(" ", gutter-len("error")), "  ")
	}
	_, err := io.WriteString(out, p.dim(l.At.Local().Format(clock))+"  "+level+rest)
	return err
}
