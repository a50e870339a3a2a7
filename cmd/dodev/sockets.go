package main

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/dodev/dodev/devserver/inspect"
)

func newSocketsCmd(app *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "sockets",
		Short: "See, tap and use the WebSockets of objects",
		Long: `Sockets are those that objects have accepted with ctx.acceptWebSocket(). Within its
object each has a number.

Without a subcommand it lists them.`,
		Example: "  dodev sockets list\n  dodev sockets tap ChatRoom/lobby",
		RunE: onProject(app, func(ctx context.Context, out io.Writer, in *inspection) error {
			return listSockets(ctx, out, in, "")
		}),
	}
	cmd.AddCommand(newSocketsListCmd(app), newSocketsTapCmd(app), newSocketsSendCmd(app), newSocketsCloseCmd(app))
	return cmd
}

func newSocketsListCmd(app *app) *cobra.Command {
	return &cobra.Command{
		Use:               "list [CLASS[/OBJECT]]",
		Short:             "List open sockets",
		Example:           "  dodev sockets list ChatRoom/lobby\n  dodev sockets list --json",
		Args:              cobra.MaximumNArgs(1),
		ValidArgsFunction: app.completes(anObject, nothing),
		RunE: func(cmd *cobra.Command, args []string) error {
			what := ""
			if len(args) > 0 {
				what = args[0]
			}
			return onProject(app, func(ctx context.Context, out io.Writer, in *inspection) error {
				return listSockets(ctx, out, in, what)
			})(cmd, args)
		},
	}
}

// socketJSON is a socket for programs.
type socketJSON struct {
	Object     string          `json:"object"`
	ID         int             `json:"id"`
	Tags       []string        `json:"tags"`
	Attachment json.RawMessage `json:"attachment"`
	State      string          `json:"state"`
	Sent       int64           `json:"sent"`
	Received   int64           `json:"received"`
}

func listSockets(ctx context.Context, out io.Writer, in *inspection, what string) error {
	chosen, err := in.chooser(ctx, what)
	if err != nil {
		return err
	}
	sockets, err := in.Sockets(ctx, inspect.Ref{})
	if err != nil {
		return err
	}
	list := []socketJSON{}
	t := table{heads: []string{"OBJECT", "ID", "STATE", "SENT", "RECEIVED", "TAGS", "ATTACHMENT"}, right: []bool{false, true}}
	for _, s := range sockets {
		if !chosen(s.Ref) {
			continue
		}
		list = append(list, socketJSON{s.Object, s.ID, s.Tags, s.Attachment, string(s.State), s.Sent, s.Received})
		attachment := oneLine(string(s.Attachment), 40)
		if attachment == "null" {
			attachment = ""
		}
		t.add(s.Object, strconv.Itoa(s.ID), string(s.State), messages(s.Sent, s.SentBytes), messages(s.Received, s.ReceivedBytes), dash(strings.Join(s.Tags, ", ")), attachment)
	}
	switch {
	case in.app.flags.json:
		return printJSON(out, list)
	case len(list) == 0:
		fmt.Fprintln(in.app.stderr, "no socket is open")
		return nil
	}
	return t.print(out, in.app.painter(in.app.stdout))
}

func messages(n, bytes int64) string {
	if n == 0 {
		return "–"
	}
	return fmt.Sprintf("%d, %s", n, size(bytes))
}

func newSocketsTapCmd(app *app) *cobra.Command {
	return &cobra.Command{
		Use:               "tap OBJECT [ID]",
		Short:             "Follow the messages of an object's sockets, or of one",
		Long:              "Tap prints messages as they pass until it is interrupted: → to the client, ← from it. With --json each is an object on a line.",
		Example:           "  dodev sockets tap ChatRoom/lobby\n  dodev sockets tap ChatRoom/lobby 0 --json",
		Args:              cobra.RangeArgs(1, 2),
		ValidArgsFunction: app.completes(anObject, aSocket, nothing),
		RunE: onObject(app, func(ctx context.Context, out io.Writer, in *inspection, t inspect.Target, args []string) error {
			f := inspect.Follow{Topics: []inspect.Topic{inspect.Frames}, Object: t.Ref}
			if len(args) > 0 {
				id, err := socketID(args[0])
				if err != nil {
					return err
				}
				f.Socket = &id
			}
			return in.follow(ctx, f, func(e inspect.Event) error { return in.printFrame(out, e) })
		}),
	}
}

func socketID(text string) (int, error) {
	id, err := strconv.Atoi(text)
	if err != nil || id < 0 {
		return 0, misuse{fmt.Errorf("%q is no number of a socket; dodev sockets list shows them", text)}
	}
	return id, nil
}

func (in *inspection) printFrame(out io.Writer, e inspect.Event) error {
	f := e.Frame
	if f == nil {
		return nil
	}
	if in.app.flags.json {
		return printLine(out, f)
	}
	p := in.app.painter(in.app.stdout)
	arrow := p.accent("→")
	if f.FromClient {
		arrow = p.green("←")
	}
	text := f.Text
	switch f.Kind {
	case "binary":
		text = hex.EncodeToString(f.Data)
	case "close":
		text = p.amber(fmt.Sprintf("closed %d %s", f.Code, f.Text))
	}
	_, err := fmt.Fprintf(out, "%s  %2d %s  %s  %s\n", p.dim(f.At.Local().Format(clock)), f.Socket, arrow, oneLine(text, 200), p.dim(size(f.SizeBytes)))
	return err
}

func newSocketsSendCmd(app *app) *cobra.Command {
	asClient := false
	cmd := &cobra.Command{
		Use:               "send OBJECT ID TEXT",
		Short:             "Send a message to a socket's client, or as if from it",
		Example:           "  dodev sockets send ChatRoom/lobby 0 hello\n  dodev sockets send ChatRoom/lobby 0 '{\"say\":\"hi\"}' --as-client",
		Args:              cobra.ExactArgs(3),
		ValidArgsFunction: app.completes(anObject, aSocket, nothing),
		RunE: onObject(app, func(ctx context.Context, out io.Writer, in *inspection, t inspect.Target, args []string) error {
			id, err := socketID(args[0])
			if err != nil {
				return err
			}
			text, err := app.readArgument(args[1])
			if err != nil {
				return err
			}
			return act(ctx, out, in, t.Label, inspect.Action{Kind: inspect.SendSocket, Object: t.Ref, Socket: id, Text: string(text), AsClient: asClient}, "sent on socket "+args[0]+" of")
		}),
	}
	cmd.Flags().BoolVar(&asClient, "as-client", false, "hand it to the object as if the client had sent it")
	return cmd
}

func newSocketsCloseCmd(app *app) *cobra.Command {
	a := inspect.Action{Kind: inspect.CloseSocket}
	cmd := &cobra.Command{
		Use:               "close OBJECT ID",
		Short:             "Close a socket with a code",
		Example:           "  dodev sockets close ChatRoom/lobby 0 --code 4000 --reason bye",
		Args:              cobra.ExactArgs(2),
		ValidArgsFunction: app.completes(anObject, aSocket, nothing),
		RunE: onObject(app, func(ctx context.Context, out io.Writer, in *inspection, t inspect.Target, args []string) error {
			id, err := socketID(args[0])
			if err != nil {
				return err
			}
			if a.Code != 1000 && (a.Code < 3000 || a.Code > 4999) {
				return misuse{fmt.Errorf("--code %d is neither 1000 nor from 3000 to 4999", a.Code)}
			}
			a.Object, a.Socket = t.Ref, id
			return act(ctx, out, in, t.Label, a, "closed socket "+args[0]+" of")
		}),
	}
	cmd.Flags().IntVar(&a.Code, "code", 1000, "close code: 1000, or from 3000 to 4999")
	cmd.Flags().StringVar(&a.Text, "reason", "", "reason")
	cmd.Flags().BoolVar(&a.AsClient, "as-client", false, "as if the client had closed it")
	return cmd
}
