package main

import (
	"context"
	"encoding/hex"
	"encoding/json"
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

func newSocketsCmd(app *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "sockets",
		Short: "See, tap and use the WebSockets of objects",
		Long: `Sockets are those that objects have: accepted with ctx.acceptWebSocket(), so that the object can
hibernate; accepted with accept(), which keeps it in memory; or opened by the object itself, by
new WebSocket() or fetch(), whose other side is what is called the client here. Within its
object each has a number. Sockets that a Worker keeps for itself belong to no object.

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
	Object        string          `json:"object"`
	ID            int             `json:"id"`
	Facet         string          `json:"facet,omitempty"`
	Tags          []string        `json:"tags"`
	Attachment    json.RawMessage `json:"attachment"`
	State         string          `json:"state"`
	Hibernatable  bool            `json:"hibernatable"`
	Outgoing      bool            `json:"outgoing"`
	URL           string          `json:"url"`
	Opened        time.Time       `json:"opened"`
	Sent          int64           `json:"sent"`
	Received      int64           `json:"received"`
	SentBytes     int64           `json:"sentBytes"`
	ReceivedBytes int64           `json:"receivedBytes"`
	Last          *inspect.Frame  `json:"last"`
}

func asSocketJSON(s inspect.Socket) socketJSON {
	return socketJSON{
		Object: s.Object, ID: s.ID, Facet: s.Facet, Tags: s.Tags, Attachment: s.Attachment, State: string(s.State),
		Hibernatable: s.Hibernatable, Outgoing: s.Outgoing, URL: s.URL, Opened: s.Opened,
		Sent: s.Sent, Received: s.Received, SentBytes: s.SentBytes, ReceivedBytes: s.ReceivedBytes, Last: s.Last,
	}
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
	sockets = slices.DeleteFunc(sockets, func(s inspect.Socket) bool { return !chosen(s.Ref) })
	switch {
	case in.app.flags.json:
		list := make([]socketJSON, len(sockets))
		for i, s := range sockets {
			list[i] = asSocketJSON(s)
		}
		return printJSON(out, list)
	case len(sockets) == 0:
		fmt.Fprintln(in.app.stderr, "no socket is open")
		return nil
	}
	return in.printSockets(out, sockets)
}

func (in *inspection) printSockets(out io.Writer, sockets []inspect.Socket) error {
	p := in.app.painter(in.app.stdout)
	t := table{
		heads: []string{"OBJECT", "ID", "STATE", "HIBERNATES", "SENT", "RECEIVED", "LAST", "TAGS", "ATTACHMENT", "URL"},
		right: []bool{false, true},
	}
	holding := 0
	for _, s := range sockets {
		object, hibernates := s.Object, cell{text: "yes"}
		if s.Facet != "" {
			object += " (" + s.Facet + ")"
		}
		if !s.Hibernatable {
			holding++
			hibernates = cell{"no", p.amber}
		}
		attachment := oneLine(string(s.Attachment), 40)
		if attachment == "null" {
			attachment = ""
		}
		t.addCells(
			cell{object, p.accent}, cell{text: strconv.Itoa(s.ID)}, cell{text: string(s.State)}, hibernates,
			cell{text: messages(s.Sent, s.SentBytes)}, cell{text: messages(s.Received, s.ReceivedBytes)}, cell{text: in.last(s.Last)},
			cell{text: dash(strings.Join(s.Tags, ", "))}, cell{text: dash(attachment)}, cell{text: dash(oneLine(s.OpenedBy(), maxCell))},
		)
	}
	if holding > 0 {
		fmt.Fprintf(in.app.stderr, "%s cannot hibernate and %s in memory\n", count(holding, "socket"), oneOrMore(holding, "keeps its object", "keep their objects"))
	}
	return t.print(out, p)
}

func oneOrMore(n int, one, more string) string {
	if n == 1 {
		return one
	}
	return more
}

// last is the latest frame of a socket, and which way it went.
func (in *inspection) last(f *inspect.Frame) string {
	if f == nil {
		return "–"
	}
	arrow := "→ "
	if f.FromClient {
		arrow = "← "
	}
	return arrow + oneLine(frameText(f), 24)
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
			return in.follow(ctx, f, nil, func(e inspect.Event) error { return in.printFrame(out, e) })
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
	text, note := oneLine(frameText(f), 200), p.dim("  "+size(f.SizeBytes))
	switch {
	case f.Kind == "close":
		text, note = p.amber(text), ""
	case f.Auto:
		note += p.dim("  answered by itself")
	}
	_, err := fmt.Fprintf(out, "%s  %2d %s  %s%s\n", p.dim(f.At.Local().Format(clock)), f.Socket, arrow, text, note)
	return err
}

// frameText is what a frame says, bytes in hexadecimal.
func frameText(f *inspect.Frame) string {
	switch f.Kind {
	case "binary":
		return hex.EncodeToString(f.Data)
	case "close":
		return strings.TrimSpace(fmt.Sprintf("closed %d %s", f.Code, f.Text))
	}
	return f.Text
}

func newSocketsSendCmd(app *app) *cobra.Command {
	asClient, binary, inHex := false, false, false
	cmd := &cobra.Command{
		Use:   "send OBJECT ID TEXT",
		Short: "Send a message to a socket's client, or as if from it",
		Long: `Send does what the object would by send(), or with --as-client hands it a message as if its
client had sent that: its handler, or listener, runs as an event of its own. TEXT "-" is read
from standard input.`,
		Example:           "  dodev sockets send ChatRoom/lobby 0 hello\n  dodev sockets send ChatRoom/lobby 0 '{\"say\":\"hi\"}' --as-client\n  dodev sockets send ChatRoom/lobby 0 01ff --hex",
		Args:              cobra.ExactArgs(3),
		ValidArgsFunction: app.completes(anObject, aSocket, nothing),
		RunE: onObject(app, func(ctx context.Context, out io.Writer, in *inspection, t inspect.Target, args []string) error {
			id, err := socketID(args[0])
			if err != nil {
				return err
			}
			data, err := app.readArgument(args[1])
			if err != nil {
				return err
			}
			if inHex {
				if data, err = hex.DecodeString(strings.Join(strings.Fields(string(data)), "")); err != nil {
					return misuse{fmt.Errorf("TEXT is not hexadecimal: %w", err)}
				}
			}
			a := inspect.Action{Kind: inspect.SendSocket, Object: t.Ref, Socket: id, AsClient: asClient}
			if binary || inHex {
				a.Data, a.Binary = data, true
			} else {
				a.Text = string(data)
			}
			return act(ctx, out, in, t.Label, a, "sent on socket "+args[0]+" of")
		}),
	}
	cmd.Flags().BoolVar(&asClient, "as-client", false, "hand it to the object as if the client had sent it")
	cmd.Flags().BoolVar(&binary, "binary", false, "send a binary message")
	cmd.Flags().BoolVar(&inHex, "hex", false, "send a binary message, of which TEXT is the hexadecimal form")
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
			if why := inspect.WhyNoClose(a.Code, a.Text); why != "" {
				return misuse{errors.New(why)}
			}
			a.Object, a.Socket = t.Ref, id
			return act(ctx, out, in, t.Label, a, "closed socket "+args[0]+" of")
		}),
	}
	cmd.Flags().IntVar(&a.Code, "code", 1000, "close code, as close() takes it")
	cmd.Flags().StringVar(&a.Text, "reason", "", "reason")
	cmd.Flags().BoolVar(&a.AsClient, "as-client", false, "as if the client had closed it")
	return cmd
}
