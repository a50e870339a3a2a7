package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/dodev/dodev/devserver/inspect"
)

func newCallCmd(app *app) *cobra.Command {
	return &cobra.Command{
		Use:   "call OBJECT METHOD [JSON…]",
		Short: "Call a method of an object and print its result as JSON",
		Long: `Call calls METHOD of OBJECT, which is made if it is not there, as another object would
by RPC. Arguments are JSON, in the form that "dodev help storage" describes; a result
is printed the same way.`,
		Example:           "  dodev call ChatRoom/lobby history 10\n  dodev call COUNTERS/hits increment '{\"by\":2}'",
		Args:              cobra.MinimumNArgs(2),
		ValidArgsFunction: app.completes(anObject, nothing),
		RunE: onAnyObject(app, func(ctx context.Context, out io.Writer, in *inspection, t inspect.Target, args []string) error {
			c := inspect.Call{Object: t.Ref, Name: t.Name, Method: args[0], Args: []json.RawMessage{}}
			for _, text := range args[1:] {
				if !json.Valid([]byte(text)) {
					return misuse{fmt.Errorf("%s is not JSON; a text needs quotes: '\"…\"'", oneLine(text, 40))}
				}
				c.Args = append(c.Args, json.RawMessage(text))
			}
			v, err := in.Call(ctx, c)
			if err != nil {
				return err
			}
			return printJSON(out, v.JSON)
		}),
	}
}

func newRequestCmd(app *app) *cobra.Command {
	r := inspect.Request{}
	body, head := "", false
	var headers []string
	cmd := &cobra.Command{
		Use:   "request OBJECT PATH",
		Short: "Send a request straight to an object",
		Long: `Request sends a request to OBJECT's own fetch(), past the Worker. The object is made if
it is not there. PATH may be a whole URL.`,
		Example:           "  dodev request ChatRoom/lobby /history\n  dodev request LIMITS/ann /check -X POST -H 'Content-Type: application/json' -d '{\"n\":1}'",
		Args:              cobra.ExactArgs(2),
		ValidArgsFunction: app.completes(anObject, nothing),
		RunE: onAnyObject(app, func(ctx context.Context, out io.Writer, in *inspection, t inspect.Target, args []string) error {
			r.Object, r.Name, r.URL = t.Ref, t.Name, args[0]
			if !strings.HasPrefix(r.URL, "/") && !strings.Contains(r.URL, "://") {
				r.URL = "/" + r.URL
			}
			for _, h := range headers {
				name, value, ok := strings.Cut(h, ":")
				if !ok {
					return misuse{fmt.Errorf("-H %q is not NAME: VALUE", h)}
				}
				r.Header = append(r.Header, [2]string{strings.TrimSpace(name), strings.TrimSpace(value)})
			}
			data, err := app.readArgument(body)
			if err != nil {
				return err
			}
			if r.Body = data; len(data) > 0 && r.Method == "" {
				r.Method = "POST"
			}
			if r.Method == "" {
				r.Method = "GET"
			}
			if strings.ContainsFunc(r.Method, func(c rune) bool { return c <= ' ' || c > '~' || strings.ContainsRune("()<>@,;:\\\"/[]?={}", c) }) {
				return misuse{fmt.Errorf("-X %q is no method", r.Method)}
			}
			res, err := in.Request(ctx, r)
			if err != nil {
				return err
			}
			return printResponse(out, in, res, head)
		}),
	}
	cmd.Flags().StringVarP(&r.Method, "method", "X", "", "method (default: GET, or POST with a body)")
	cmd.Flags().StringArrayVarP(&headers, "header", "H", nil, "header as `'NAME: VALUE'`; repeatable")
	cmd.Flags().StringVarP(&body, "data", "d", "", "body; - reads it from standard input")
	cmd.Flags().BoolVarP(&head, "include", "i", false, "print status and headers, too")
	return cmd
}

// responseJSON is a response for programs; a body that is no text is base64.
type responseJSON struct {
	Status     int         `json:"status"`
	StatusText string      `json:"statusText"`
	Headers    [][2]string `json:"headers"`
	Body       string      `json:"body"`
	Base64     []byte      `json:"base64,omitempty"`
}

func printResponse(out io.Writer, in *inspection, r inspect.Response, head bool) error {
	if in.app.flags.json {
		res := responseJSON{r.Status, r.StatusText, r.Header, string(r.Body), nil}
		if !utf8.Valid(r.Body) {
			res.Body, res.Base64 = "", r.Body
		}
		return printJSON(out, res)
	}
	if head {
		fmt.Fprintf(out, "%d %s\n", r.Status, r.StatusText)
		for _, h := range r.Header {
			fmt.Fprintf(out, "%s: %s\n", h[0], h[1])
		}
		fmt.Fprintln(out)
	} else if r.Status >= 400 {
		fmt.Fprintf(in.app.stderr, "status %d %s\n", r.Status, r.StatusText)
	}
	if r.Cut {
		fmt.Fprintln(in.app.stderr, "the body is longer than what is shown")
	}
	_, err := out.Write(r.Body)
	if err == nil && terminal(in.app.stdout) && len(r.Body) > 0 && r.Body[len(r.Body)-1] != '\n' {
		_, err = fmt.Fprintln(out)
	}
	return err
}
