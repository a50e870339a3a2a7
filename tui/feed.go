package tui

import (
	"cmp"
	"context"
	"sync"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/dodev/dodev/devserver/inspect"
)

// batching is how long events are gathered, so that a busy server costs the
// screen no more frames than people can see.
const batching = 30 * time.Millisecond

// A feed reads a stream for as long as the stream lasts, and hands its events
// to the model in batches. Reading never waits for the screen.
type feed struct {
	stream inspect.Stream
	cancel context.CancelFunc
	done   chan struct{} // closed when reading has ended

	mu     sync.Mutex
	events []inspect.Event
	err    error
	more   chan struct{}
}

// feedMsg are events that a feed gathered, and why it ended, if it has.
type feedMsg struct {
	feed   *feed
	events []inspect.Event
	err    error
}

// openFeed begins to follow. The feed lasts as long as ctx, where timed is over
// once the question has its answer.
func openFeed(ctx, timed context.Context, api inspect.Inspector, follow inspect.Follow) (*feed, error) {
	ctx, cancel := context.WithCancel(ctx)
	inTime := context.AfterFunc(timed, cancel)
	stream, err := api.Watch(ctx, follow)
	if err == nil && !inTime() {
		_ = stream.Close() // it came too late to be of use
		err = context.Cause(timed)
	}
	if err != nil {
		cancel()
		return nil, cmp.Or(timed.Err(), err)
	}
	f := &feed{stream: stream, cancel: cancel, done: make(chan struct{}), more: make(chan struct{}, 1)}
	go f.read(ctx)
	return f, nil
}

func (f *feed) read(ctx context.Context) {
	defer close(f.done)
	for {
		e, err := f.stream.Next(ctx)
		f.mu.Lock()
		if err != nil {
			f.err = err
		} else {
			f.events = append(f.events, e)
		}
		f.mu.Unlock()
		select {
		case f.more <- struct{}{}:
		default:
		}
		if err != nil {
			return
		}
	}
}

// next waits for events.
func (f *feed) next() tea.Cmd {
	return func() tea.Msg {
		<-f.more
		select {
		case <-time.After(batching):
		case <-f.done:
		}
		f.mu.Lock()
		defer f.mu.Unlock()
		msg := feedMsg{feed: f, events: f.events, err: f.err}
		f.events = nil
		return msg
	}
}

// close ends the feed. Closing twice, or none, is harmless.
func (f *feed) close() {
	if f == nil {
		return
	}
	f.cancel()
	_ = f.stream.Close() // there is nobody to tell
	<-f.done
}

// closing is close where one must not wait.
func (f *feed) closing() tea.Cmd {
	if f == nil {
		return nil
	}
	return func() tea.Msg {
		f.close()
		return nil
	}
}
