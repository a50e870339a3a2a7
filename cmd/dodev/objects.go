package main

import (
	"context"
	"fmt"
	"io"
	"math"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/dodev/dodev/devserver/inspect"
)

func newObjectsCmd(app *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "objects",
		Short: "See objects, and what they are doing",
		Long: `Objects are named Class/name, BINDING/name, Class/ID or Class/PREFIX of an id that
no other object's id begins with; with several Workers, script:Class/name.

Commands that look into a project ask the server that runs it. When none does,
they read its state folder, also one that wrangler dev has written.

Without a subcommand it lists them.`,
		Example: "  dodev objects list\n  dodev objects show ChatRoom/lobby\n  dodev objects evict ROOMS/lobby",
		RunE: onProject(app, func(ctx context.Context, out io.Writer, in *inspection) error {
			return listObjects(ctx, out, in, "")
		}),
	}
	cmd.AddCommand(
		newObjectsListCmd(app), newObjectsShowCmd(app),
		newObjectActionCmd(app, inspect.Evict, "evict", "Drop an idle object's instance; its data stays", "evicted"),
		newObjectActionCmd(app, inspect.Hibernate, "hibernate", "Drop an idle object's instance and keep its sockets open", "hibernated"),
		newObjectActionCmd(app, inspect.Abort, "abort", "Reset an object as ctx.abort() does", "aborted"),
		newObjectActionCmd(app, inspect.Restart, "restart", "Reset an object and start it again", "restarted"),
		newObjectsDeleteCmd(app),
	)
	return cmd
}

func newObjectsListCmd(app *app) *cobra.Command {
	return &cobra.Command{
		Use:               "list [CLASS]",
		Short:             "List objects, or those of one class",
		Example:           "  dodev objects list ChatRoom\n  dodev objects list --json",
		Args:              cobra.MaximumNArgs(1),
		ValidArgsFunction: app.completes(aClass, nothing),
		RunE: func(cmd *cobra.Command, args []string) error {
			class := ""
			if len(args) > 0 {
				class = args[0]
			}
			return onProject(app, func(ctx context.Context, out io.Writer, in *inspection) error {
				return listObjects(ctx, out, in, class)
			})(cmd, args)
		},
	}
}

// objectJSON is an object for programs.
type objectJSON struct {
	Class     string     `json:"class"`
	Binding   string     `json:"binding"`
	ID        string     `json:"id"`
	Name      string     `json:"name"`
	State     string     `json:"state"`
	SizeBytes int64      `json:"sizeBytes"`
	Sockets   int        `json:"sockets"`
	NextAlarm *time.Time `json:"nextAlarm"`
}

func listObjects(ctx context.Context, out io.Writer, in *inspection, class string) error {
	s, err := in.snapshot(ctx)
	if err != nil {
		return err
	}
	objects := s.Objects
	if class != "" {
		if objects, err = ofClass(s, class); err != nil {
			return err
		}
	}
	if in.app.flags.json {
		list := []objectJSON{}
		for _, o := range objects {
			list = append(list, objectJSON{o.Class, o.Binding, o.ID, o.Name, string(o.State), o.SizeBytes, o.Sockets, o.NextAlarm})
		}
		return printJSON(out, list)
	}
	return in.printObjects(out, objects, class != "")
}

// ofClass are the objects of a class or binding.
func ofClass(s inspect.Snapshot, class string) ([]inspect.Object, error) {
	spaces, err := s.Spaces(class)
	if err != nil {
		return nil, err
	}
	var out []inspect.Object
	for _, o := range s.Objects {
		if o.Ref.Namespace == spaces[0].Key {
			out = append(out, o)
		}
	}
	return out, nil
}

// shortID is how much of an id people are shown.
const shortID = 12

func (in *inspection) printObjects(out io.Writer, objects []inspect.Object, named bool) error {
	p := in.app.painter(in.app.stdout)
	now := time.Now()
	t := table{heads: []string{"OBJECT", "STATE", "STORED", "SOCKETS", "ALARM", ""}}
	if named {
		t.heads[0] = "NAME"
	}
	for _, o := range objects {
		name := o.Label
		switch {
		case named && o.Name != "":
			name = o.Name
		case named:
			name = o.ID[:shortID]
		case o.Name == "":
			name = o.Label[:len(o.Label)-len(o.ID)+shortID]
		}
		alarm, trouble := "", ""
		if o.NextAlarm != nil {
			alarm = relative(*o.NextAlarm, now)
		}
		if o.LastError != nil {
			trouble = oneLine(o.LastError.Error(), maxCell)
		}
		t.addCells(
			cell{name, p.accent}, cell{string(o.State), p.state(o.State)}, cell{text: size(o.SizeBytes)},
			cell{text: number(o.Sockets)}, cell{text: dash(alarm)}, cell{trouble, p.red},
		)
	}
	if len(objects) == 0 {
		fmt.Fprintln(in.app.stderr, "no objects in "+in.stateDir)
		return nil
	}
	return t.print(out, p)
}

// state colours what belongs to a state.
func (p painter) state(s inspect.State) func(string) string {
	switch s {
	case inspect.Running:
		return p.green
	case inspect.Failed:
		return p.red
	case inspect.Hibernated:
		return p.amber
	case inspect.Stored:
		return p.dim
	}
	return nil
}

func newObjectsShowCmd(app *app) *cobra.Command {
	return &cobra.Command{
		Use:               "show OBJECT",
		Short:             "Show all that is known of an object",
		Example:           "  dodev objects show ChatRoom/lobby\n  dodev objects show ROOMS/4f1c --json",
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: app.completes(anObject, nothing),
		RunE: onObject(app, func(ctx context.Context, out io.Writer, in *inspection, t inspect.Target, _ []string) error {
			return showObject(ctx, out, in, t.Ref)
		}),
	}
}

func showObject(ctx context.Context, out io.Writer, in *inspection, ref inspect.Ref) error {
	o, err := in.Object(ctx, ref)
	if err != nil {
		return err
	}
	if in.app.flags.json {
		return printJSON(out, o)
	}
	p := in.app.painter(in.app.stdout)
	row := func(name, value string) {
		if value != "" {
			fmt.Fprintf(out, "  %s  %s\n", p.dim(fmt.Sprintf("%-10s", name)), value)
		}
	}
	fmt.Fprintf(out, "%s\n", p.bold(inspect.Printable(o.Label)))
	row("state", stateFor(o, time.Now()))
	row("id", o.ID)
	row("class", o.Class)
	row("binding", o.Binding)
	row("bound to", o.Jurisdiction)
	row("near", o.Location)
	row("stored", size(o.SizeBytes))
	if o.Sockets > 0 {
		sockets := fmt.Sprint(o.Sockets)
		if o.Holding > 0 {
			sockets += fmt.Sprintf(", of which %d %s it in memory", o.Holding, oneOrMore(o.Holding, "keeps", "keep"))
		}
		row("sockets", sockets)
	}
	if o.NextAlarm != nil {
		alarm := relative(*o.NextAlarm, time.Now()) + ", " + isoTime(*o.NextAlarm)
		if o.Retries > 0 {
			alarm += fmt.Sprintf(", retry %d", o.Retries)
		}
		row("alarm", alarm)
	}
	row("requests", loadText(o.Load))
	row("place", o.Place)
	if f := o.LastError; f != nil {
		row("error", p.red(f.Error()))
	}
	return nil
}

// stateFor is a state, and for how long it has lasted.
func stateFor(o inspect.Object, now time.Time) string {
	if o.Since.IsZero() || now.Sub(o.Since) < time.Second {
		return string(o.State)
	}
	return string(o.State) + " for " + span(now.Sub(o.Since))
}

// loadText is how busy an object is, "" when nothing has reached it.
func loadText(l inspect.Load) string {
	if l.Total == 0 {
		return ""
	}
	text := fmt.Sprintf("%d, %s a second", l.Total, strconv.FormatFloat(math.Round(l.Rate*10)/10, 'f', -1, 64))
	if l.P50Millis > 0 {
		text += fmt.Sprintf(", p50 %.1f ms, p99 %.1f ms", l.P50Millis, l.P99Millis)
	}
	if l.Queue > 0 {
		text += fmt.Sprintf(", %d waiting", l.Queue)
	}
	return text
}

// newObjectActionCmd does to an object what takes nothing but its name.
func newObjectActionCmd(app *app, kind inspect.ActionKind, verb, short, done string) *cobra.Command {
	return &cobra.Command{
		Use:               verb + " OBJECT",
		Short:             short,
		Example:           "  dodev objects " + verb + " ChatRoom/lobby",
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: app.completes(anObject, nothing),
		RunE: onObject(app, func(ctx context.Context, out io.Writer, in *inspection, t inspect.Target, _ []string) error {
			return act(ctx, out, in, t.Label, inspect.Action{Kind: kind, Object: t.Ref}, done)
		}),
	}
}

// act takes an action and says that it is done.
func act(ctx context.Context, out io.Writer, in *inspection, label string, a inspect.Action, done string) error {
	outcome, err := in.Act(ctx, a)
	if err != nil {
		return err
	}
	if outcome.Error != nil {
		return thrownError{label, outcome.Error}
	}
	if in.app.flags.json {
		return printJSON(out, outcome.Object)
	}
	fmt.Fprintln(out, done+" "+inspect.Printable(label))
	if outcome.Note != "" {
		fmt.Fprintln(in.app.stderr, outcome.Note)
	}
	return nil
}

func newObjectsDeleteCmd(app *app) *cobra.Command {
	yes := false
	cmd := &cobra.Command{
		Use:               "delete OBJECT",
		Short:             "Delete an object's data, its alarm and its file",
		Example:           "  dodev objects delete ChatRoom/lobby --yes",
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: app.completes(anObject, nothing),
		RunE: onObject(app, func(ctx context.Context, out io.Writer, in *inspection, t inspect.Target, _ []string) error {
			if err := app.confirm(yes, "delete "+inspect.Printable(t.Label)); err != nil {
				return err
			}
			return act(ctx, out, in, t.Label, inspect.Action{Kind: inspect.Delete, Object: t.Ref}, "deleted")
		}),
	}
	cmd.Flags().BoolVar(&yes, "yes", false, "do not ask")
	return cmd
}
