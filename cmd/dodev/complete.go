package main

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/dodev/dodev/devserver/inspect"
)

// completeTime is how long a shell waits for names.
const completeTime = 2 * time.Second

const (
	noCompletion = cobra.ShellCompDirectiveNoFileComp // the names there are, and nothing else
	anyFile      = cobra.ShellCompDirectiveDefault    // the shell's own
)

// An argument is what a shell completes an argument with: names that begin as
// what was typed, behind the arguments before.
type argument func(c *completing, args []string, begun string) ([]string, cobra.ShellCompDirective)

// completes completes the arguments of a command, each with its own; the last
// one is for all that follow. Nothing that goes wrong is told: a shell would
// print it into the line that is typed.
func (a *app) completes(arguments ...argument) cobra.CompletionFunc {
	return func(_ *cobra.Command, args []string, begun string) ([]string, cobra.ShellCompDirective) {
		if a.start() != nil {
			return nil, noCompletion
		}
		ctx, cancel := context.WithTimeout(context.Background(), completeTime)
		defer cancel()
		c := &completing{app: a, ctx: ctx}
		defer func() { c.in.close() }()
		names, directive := arguments[min(len(args), len(arguments)-1)](c, args, begun)
		var out []string
		for _, name := range names {
			word, _, _ := strings.Cut(name, "\t")
			if word != "" && strings.HasPrefix(word, begun) && word == inspect.Printable(word) {
				out = append(out, name)
			}
		}
		return out, directive
	}
}

// completeFlag completes what a flag is given.
func (a *app) completeFlag(cmd *cobra.Command, name string, with argument) {
	complete := a.completes(with)
	err := cmd.RegisterFlagCompletionFunc(name, func(cmd *cobra.Command, _ []string, begun string) ([]string, cobra.ShellCompDirective) {
		return complete(cmd, nil, begun)
	})
	if err != nil {
		panic(err) // there is no such flag
	}
}

// completing is a project that is looked into when that is first needed.
type completing struct {
	app *app
	ctx context.Context
	in  *inspection
}

// project is what there is, false when that cannot be told.
func (c *completing) project() (s inspect.Snapshot, ok bool) {
	in, err := c.app.quietInspection(c.ctx)
	if err != nil {
		return s, false
	}
	c.in = in
	s, err = in.snapshot(c.ctx)
	return s, err == nil
}

// words are names that are always the same.
func words(names ...string) argument {
	return func(*completing, []string, string) ([]string, cobra.ShellCompDirective) { return names, noCompletion }
}

func nothing(*completing, []string, string) ([]string, cobra.ShellCompDirective) {
	return nil, noCompletion
}

func aFile(*completing, []string, string) ([]string, cobra.ShellCompDirective) { return nil, anyFile }

// anObject is the name of an object, class first.
func anObject(c *completing, _ []string, begun string) ([]string, cobra.ShellCompDirective) {
	s, ok := c.project()
	if !ok {
		return nil, noCompletion
	}
	class, _, inClass := strings.Cut(begun, "/")
	if !inClass {
		var out []string
		for _, ns := range s.Namespaces {
			out = append(out, ns.Class+"/")
		}
		return out, noCompletion | cobra.ShellCompDirectiveNoSpace
	}
	spaces, err := s.Spaces(class)
	if err != nil {
		return nil, noCompletion
	}
	var out []string
	for _, o := range s.Objects {
		if o.Ref.Namespace != spaces[0].Key {
			continue
		}
		name := o.Name
		if name == "" {
			name = o.ID
		}
		out = append(out, class+"/"+name)
	}
	return out, noCompletion
}

// aClass is the name of a class.
func aClass(c *completing, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
	s, _ := c.project()
	var out []string
	for _, ns := range s.Namespaces {
		out = append(out, ns.Class)
	}
	return out, noCompletion
}

// target finds the object that the first argument names.
func (c *completing) target(args []string) (t inspect.Target, ok bool) {
	s, ok := c.project()
	if !ok {
		return t, false
	}
	t, err := s.Resolve(args[0], false)
	return t, err == nil
}

// aKey is a key of the object before.
func aKey(c *completing, args []string, begun string) ([]string, cobra.ShellCompDirective) {
	t, ok := c.target(args)
	if !ok {
		return nil, noCompletion
	}
	page, err := c.in.Keys(c.ctx, t.Ref, inspect.KeyQuery{Prefix: begun, Limit: 200})
	if err != nil {
		return nil, noCompletion
	}
	var out []string
	for _, e := range page.Entries {
		out = append(out, e.Key+"\t"+oneLine(e.Preview, 40))
	}
	return out, noCompletion
}

// aSocket is the number of a socket of the object before.
func aSocket(c *completing, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	t, ok := c.target(args)
	if !ok {
		return nil, noCompletion
	}
	sockets, err := c.in.Sockets(c.ctx, t.Ref)
	if err != nil {
		return nil, noCompletion
	}
	var out []string
	for _, s := range sockets {
		out = append(out, strconv.Itoa(s.ID)+"\t"+oneLine(strings.Join(s.Tags, ", ")+" "+string(s.Attachment), 40))
	}
	return out, noCompletion
}

// aTrace is the id of a trace that the server remembers, the latest first.
func aTrace(c *completing, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
	if _, ok := c.project(); !ok {
		return nil, noCompletion
	}
	traces, err := c.in.Traces(c.ctx, inspect.TraceQuery{})
	if err != nil {
		return nil, noCompletion
	}
	var out []string
	for i := len(traces) - 1; i >= 0; i-- {
		out = append(out, traces[i].ID+"\t"+oneLine(traces[i].Name, 40))
	}
	return out, noCompletion | cobra.ShellCompDirectiveKeepOrder
}

// aSnapshot is the name of a snapshot.
func aSnapshot(c *completing, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
	if _, ok := c.project(); !ok {
		return nil, noCompletion
	}
	all, err := c.in.Snapshots(c.ctx)
	if err != nil {
		return nil, noCompletion
	}
	var out []string
	for _, kept := range all {
		out = append(out, kept.Name)
	}
	return out, noCompletion
}
