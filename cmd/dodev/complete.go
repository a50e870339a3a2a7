package main

import (
	"context"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/dodev/dodev/devserver/inspect"
)

// completeTime is how long a shell waits for names.
const completeTime = 2 * time.Second

// nothing is what a shell is told when there is nothing to complete.
const noCompletion = cobra.ShellCompDirectiveNoFileComp

// completeObjects completes the names of objects, and then files.
func (a *app) completeObjects(cmd *cobra.Command, args []string, begun string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveDefault
	}
	s, in := a.completing(cmd)
	defer in.close()
	var out []string
	class, _, inClass := strings.Cut(begun, "/")
	if !inClass {
		for _, ns := range s.Namespaces {
			out = append(out, ns.Class+"/")
		}
		return beginningWith(out, begun), noCompletion | cobra.ShellCompDirectiveNoSpace
	}
	spaces, err := s.Spaces(class)
	if err != nil {
		return nil, noCompletion
	}
	for _, o := range s.Objects {
		if o.Ref.Namespace != spaces[0].Key {
			continue
		}
		if o.Name != "" {
			out = append(out, class+"/"+o.Name)
		} else {
			out = append(out, class+"/"+o.ID)
		}
	}
	return beginningWith(out, begun), noCompletion
}

// completeClasses completes the names of classes.
func (a *app) completeClasses(cmd *cobra.Command, args []string, begun string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, noCompletion
	}
	s, in := a.completing(cmd)
	defer in.close()
	var out []string
	for _, ns := range s.Namespaces {
		out = append(out, ns.Class)
	}
	return beginningWith(out, begun), noCompletion
}

// completeKeys completes an object and then its keys.
func (a *app) completeKeys(cmd *cobra.Command, args []string, begun string) ([]string, cobra.ShellCompDirective) {
	if len(args) == 0 {
		return a.completeObjects(cmd, args, begun)
	}
	s, in := a.completing(cmd)
	defer in.close()
	t, err := s.Resolve(args[0], false)
	if err != nil {
		return nil, noCompletion
	}
	ctx, cancel := context.WithTimeout(context.Background(), completeTime)
	defer cancel()
	page, err := in.Keys(ctx, t.Ref, inspect.KeyQuery{Prefix: begun, Limit: 200})
	if err != nil {
		return nil, noCompletion
	}
	var out []string
	for _, e := range page.Entries {
		out = append(out, e.Key+"\t"+oneLine(e.Preview, 40))
	}
	return out, noCompletion
}

// completing is what there is to complete, without a word of trouble.
func (a *app) completing(*cobra.Command) (inspect.Snapshot, *inspection) {
	if a.start() != nil {
		return inspect.Snapshot{}, nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), completeTime)
	defer cancel()
	in, err := a.quietInspection(ctx)
	if err != nil {
		return inspect.Snapshot{}, nil
	}
	s, err := in.snapshot(ctx)
	if err != nil {
		return inspect.Snapshot{}, in
	}
	return s, in
}

func beginningWith(names []string, begun string) []string {
	var out []string
	for _, name := range names {
		if strings.HasPrefix(name, begun) {
			out = append(out, name)
		}
	}
	return out
}
