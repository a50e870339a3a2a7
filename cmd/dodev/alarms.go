package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/dodev/dodev/devserver/inspect"
)

func newAlarmsCmd(app *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "alarms",
		Short:   "See, set and fire alarms",
		Long:    "Alarms lists those that are pending, sets, fires and deletes them. Without a subcommand it lists them.",
		Example: "  dodev alarms list\n  dodev alarms fire ROOMS/lobby",
		RunE: onProject(app, func(ctx context.Context, out io.Writer, in *inspection) error {
			return listAlarms(ctx, out, in, "")
		}),
	}
	cmd.AddCommand(newAlarmsListCmd(app), newAlarmsSetCmd(app), newAlarmsFireCmd(app), newAlarmsDeleteCmd(app))
	return cmd
}

func newAlarmsListCmd(app *app) *cobra.Command {
	return &cobra.Command{
		Use:               "list [CLASS[/OBJECT]]",
		Short:             "List pending alarms, soonest first",
		Example:           "  dodev alarms list\n  dodev alarms list ChatRoom --json",
		Args:              cobra.MaximumNArgs(1),
		ValidArgsFunction: app.completes(anObject, nothing),
		RunE: func(cmd *cobra.Command, args []string) error {
			what := ""
			if len(args) > 0 {
				what = args[0]
			}
			return onProject(app, func(ctx context.Context, out io.Writer, in *inspection) error {
				return listAlarms(ctx, out, in, what)
			})(cmd, args)
		},
	}
}

// alarmJSON is an alarm for programs.
type alarmJSON struct {
	Object  string `json:"object"`
	At      string `json:"at"`
	Retries int    `json:"retries"`
}

func listAlarms(ctx context.Context, out io.Writer, in *inspection, what string) error {
	chosen, err := in.chooser(ctx, what)
	if err != nil {
		return err
	}
	alarms, err := in.Alarms(ctx)
	if err != nil {
		return err
	}
	now := time.Now()
	list := []alarmJSON{}
	t := table{heads: []string{"OBJECT", "ALARM", "AT", "RETRIES"}}
	for _, a := range alarms {
		if !chosen(a.Ref) {
			continue
		}
		list = append(list, alarmJSON{a.Object, isoTime(a.At), a.Retries})
		t.add(a.Object, relative(a.At, now), isoTime(a.At), number(a.Retries))
	}
	switch {
	case in.app.flags.json:
		return printJSON(out, list)
	case len(list) == 0:
		fmt.Fprintln(in.app.stderr, "no alarm is pending")
		return nil
	}
	return t.print(out, in.app.painter(in.app.stdout))
}

func newAlarmsSetCmd(app *app) *cobra.Command {
	return &cobra.Command{
		Use:               "set OBJECT TIME",
		Short:             "Set an object's alarm: at a time, or in a while",
		Example:           "  dodev alarms set ROOMS/lobby 2026-11-23T12:00:00Z\n  dodev alarms set ROOMS/lobby +5m",
		Args:              cobra.ExactArgs(2),
		ValidArgsFunction: app.completes(anObject, nothing),
		RunE: onObject(app, func(ctx context.Context, out io.Writer, in *inspection, t inspect.Target, args []string) error {
			at, err := parseTime(args[0], time.Now())
			if err != nil {
				return err
			}
			return act(ctx, out, in, t.Label+" to "+isoTime(at), inspect.Action{Kind: inspect.SetAlarm, Object: t.Ref, At: at}, "set the alarm of")
		}),
	}
}

// newAlarmsFireCmd runs an object's pending alarm now instead of when it is due.
func newAlarmsFireCmd(app *app) *cobra.Command {
	return &cobra.Command{
		Use:               "fire OBJECT",
		Short:             "Run a pending alarm now, and wait until its handler has ended",
		Example:           "  dodev alarms fire ROOMS/lobby",
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: app.completes(anObject, nothing),
		RunE: func(cmd *cobra.Command, args []string) error {
			return onObject(app, func(ctx context.Context, out io.Writer, in *inspection, t inspect.Target, _ []string) error {
				return act(ctx, out, in, args[0], inspect.Action{Kind: inspect.FireAlarm, Object: t.Ref}, "fired")
			})(cmd, args)
		},
	}
}

func newAlarmsDeleteCmd(app *app) *cobra.Command {
	return &cobra.Command{
		Use:               "delete OBJECT",
		Short:             "Unset an object's alarm",
		Example:           "  dodev alarms delete ROOMS/lobby",
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: app.completes(anObject, nothing),
		RunE: onObject(app, func(ctx context.Context, out io.Writer, in *inspection, t inspect.Target, _ []string) error {
			return act(ctx, out, in, t.Label, inspect.Action{Kind: inspect.DeleteAlarm, Object: t.Ref}, "deleted the alarm of")
		}),
	}
}
