package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/dodev/dodev/devserver/inspect"
)

// follow prints events until somebody interrupts it, which is no failure, or the
// server goes, which is. Begin, unless nil, prints what there was before, when
// nothing that comes is missed any more.
func (in *inspection) follow(ctx context.Context, f inspect.Follow, begin func() error, print func(inspect.Event) error) error {
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()
	stream, err := in.Watch(ctx, f)
	if err != nil {
		return err
	}
	defer stream.Close()
	if begin != nil {
		if err := begin(); err != nil {
			return err
		}
	}
	if !in.app.flags.quiet {
		fmt.Fprintln(in.app.stderr, in.app.painter(in.app.stderr).dim("following; Ctrl-C ends it"))
	}
	for {
		e, err := stream.Next(ctx)
		switch {
		case ctx.Err() != nil:
			return nil
		case errors.Is(err, io.EOF):
			return errors.New("the server has stopped")
		case err != nil:
			return err
		case e.Kind == inspect.Missed:
			fmt.Fprintln(in.app.stderr, "some events were missed")
			continue
		}
		if err := print(e); err != nil {
			return err
		}
	}
}

// chooser tells which objects a text names: all for none, those of a class, or
// one.
func (in *inspection) chooser(ctx context.Context, what string) (func(inspect.Ref) bool, error) {
	if what == "" {
		return func(inspect.Ref) bool { return true }, nil
	}
	s, err := in.snapshot(ctx)
	if err != nil {
		return nil, err
	}
	if strings.Contains(what, "/") {
		t, err := s.Resolve(what, false)
		return func(ref inspect.Ref) bool { return ref == t.Ref }, err
	}
	spaces, err := s.Spaces(what)
	if err != nil {
		return nil, err
	}
	return func(ref inspect.Ref) bool { return ref.Namespace == spaces[0].Key }, nil
}
