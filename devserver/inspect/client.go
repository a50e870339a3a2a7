package inspect

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"time"
)

// A Client asks a server. It is safe for concurrent use.
type Client struct {
	address Address
	http    *http.Client
}

var _ Inspector = (*Client)(nil)

// NewClient makes a client of the server at an address. It does not ask
// anything yet.
func NewClient(a Address) *Client {
	return &Client{address: a, http: &http.Client{
		// Never by a proxy, and never to where the server would send it.
		Transport: &http.Transport{
			DialContext:         (&net.Dialer{Timeout: 3 * time.Second}).DialContext,
			MaxIdleConnsPerHost: 4, IdleConnTimeout: time.Minute,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// Address is where the server answers.
func (c *Client) Address() Address { return c.address }

// Close lets go of idle connections.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// post asks and leaves the answer's body to be read.
func (c *Client) post(ctx context.Context, path string, q any) (*http.Response, error) {
	body, err := json.Marshal(q)
	if err != nil {
		return nil, fmt.Errorf("ask the server: %w", err)
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, c.address.URL+version+path, bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("ask the server: %w", err)
	}
	r.Header.Set("Authorization", "Bearer "+c.address.Token)
	r.Header.Set("Content-Type", "application/json")
	res, err := c.http.Do(r)
	switch {
	case ctx.Err() != nil:
		if res != nil {
			res.Body.Close()
		}
		return nil, ctx.Err()
	case err != nil:
		return nil, &Error{Code: Gone, Message: "the server does not answer: " + cause(err)}
	case res.StatusCode != http.StatusOK:
		defer res.Body.Close()
		text, _ := io.ReadAll(io.LimitReader(res.Body, 16<<20))
		return nil, errorOf(res.StatusCode, text)
	}
	return res, nil
}

// cause is an error without the URL before it.
func cause(err error) string {
	if inner := errors.Unwrap(err); inner != nil {
		return inner.Error()
	}
	return err.Error()
}

// ask asks and reads the answer.
func ask[A any](ctx context.Context, c *Client, path string, q any) (a A, err error) {
	res, err := c.post(ctx, path, q)
	if err != nil {
		return a, err
	}
	defer res.Body.Close()
	if err := json.NewDecoder(res.Body).Decode(&a); err != nil {
		if ctx.Err() != nil {
			return a, ctx.Err()
		}
		return a, &Error{Code: Gone, Message: "the server broke off: " + err.Error()}
	}
	return a, nil
}

// Snapshot implements Viewer.
func (c *Client) Snapshot(ctx context.Context) (Snapshot, error) {
	return ask[Snapshot](ctx, c, pathSnapshot, nothing{})
}

// Find implements Viewer.
func (c *Client) Find(ctx context.Context, f Finding) (Target, error) {
	return ask[Target](ctx, c, pathFind, f)
}

// Object implements Viewer.
func (c *Client) Object(ctx context.Context, ref Ref) (Object, error) {
	return ask[Object](ctx, c, pathObject, aboutOne{ref})
}

// Sockets implements Viewer.
func (c *Client) Sockets(ctx context.Context, ref Ref) ([]Socket, error) {
	return ask[[]Socket](ctx, c, pathSockets, aboutOne{ref})
}

// Alarms implements Viewer.
func (c *Client) Alarms(ctx context.Context) ([]Alarm, error) {
	return ask[[]Alarm](ctx, c, pathAlarms, nothing{})
}

// Keys implements Storage.
func (c *Client) Keys(ctx context.Context, ref Ref, q KeyQuery) (KeyPage, error) {
	return ask[KeyPage](ctx, c, pathKeys, aboutKeys{ref, q})
}

// Entry implements Storage.
func (c *Client) Entry(ctx context.Context, ref Ref, key string) (Entry, error) {
	return ask[Entry](ctx, c, pathEntry, aboutKey{ref, key})
}

// Edit implements Storage.
func (c *Client) Edit(ctx context.Context, ref Ref, changes []Change) ([]Diff, error) {
	return ask[[]Diff](ctx, c, pathEdit, anEdit{ref, changes})
}

// Schema implements Storage.
func (c *Client) Schema(ctx context.Context, ref Ref) (Schema, error) {
	return ask[Schema](ctx, c, pathSchema, aboutOne{ref})
}

// SQL implements Storage.
func (c *Client) SQL(ctx context.Context, ref Ref, q SQLQuery) (SQLResult, error) {
	return ask[SQLResult](ctx, c, pathSQL, aStatement{ref, q})
}

// Act implements Actor.
func (c *Client) Act(ctx context.Context, a Action) (Outcome, error) {
	return ask[Outcome](ctx, c, pathAct, a)
}

// Call implements Actor.
func (c *Client) Call(ctx context.Context, call Call) (Value, error) {
	return ask[Value](ctx, c, pathCall, call)
}

// Request implements Actor.
func (c *Client) Request(ctx context.Context, r Request) (Response, error) {
	return ask[Response](ctx, c, pathRequest, r)
}

// Replay implements Actor.
func (c *Client) Replay(ctx context.Context, id string) (string, error) {
	t, err := ask[aboutTrace](ctx, c, pathReplay, aboutTrace{id})
	return t.ID, err
}

// Logs implements Recorder.
func (c *Client) Logs(ctx context.Context, q LogQuery) ([]LogLine, error) {
	return ask[[]LogLine](ctx, c, pathLogs, q)
}

// Traces implements Recorder.
func (c *Client) Traces(ctx context.Context, q TraceQuery) ([]Trace, error) {
	return ask[[]Trace](ctx, c, pathTraces, q)
}

// Trace implements Recorder.
func (c *Client) Trace(ctx context.Context, id string) (Trace, error) {
	return ask[Trace](ctx, c, pathTrace, aboutTrace{id})
}

// Keep implements Keeper.
func (c *Client) Keep(ctx context.Context, s Saving) (Kept, error) {
	return ask[Kept](ctx, c, pathKeep, s)
}

// Restore implements Keeper.
func (c *Client) Restore(ctx context.Context, s Saving) (Restored, error) {
	return ask[Restored](ctx, c, pathRestore, s)
}

// Snapshots implements Keeper.
func (c *Client) Snapshots(ctx context.Context) ([]Kept, error) {
	return ask[[]Kept](ctx, c, pathKept, nothing{})
}

// Contents implements Keeper.
func (c *Client) Contents(ctx context.Context, name string) (Contents, error) {
	return ask[Contents](ctx, c, pathContents, aboutKept{name})
}

// Differences implements Keeper.
func (c *Client) Differences(ctx context.Context, d Differing) (Differences, error) {
	return ask[Differences](ctx, c, pathDiffer, d)
}

// Discard implements Keeper.
func (c *Client) Discard(ctx context.Context, name string) error {
	_, err := ask[nothing](ctx, c, pathDiscard, aboutKept{name})
	return err
}

// History implements Traveller.
func (c *Client) History(ctx context.Context, ref Ref, limit int) (History, error) {
	return ask[History](ctx, c, pathHistory, aHistory{ref, limit})
}

// Past implements Traveller.
func (c *Client) Past(ctx context.Context, ref Ref, m Moment) (Past, error) {
	return ask[Past](ctx, c, pathPast, aMoment{ref, m})
}

// Between implements Traveller.
func (c *Client) Between(ctx context.Context, s Stretch) (Contrast, error) {
	return ask[Contrast](ctx, c, pathBetween, s)
}

// Rewind implements Traveller.
func (c *Client) Rewind(ctx context.Context, ref Ref, bookmark string) (Rewound, error) {
	return ask[Rewound](ctx, c, pathRewind, aRewind{ref, bookmark})
}

// Fork implements Traveller.
func (c *Client) Fork(ctx context.Context, f Forking) (Forked, error) {
	return ask[Forked](ctx, c, pathFork, f)
}

// MigrationStatus implements Migrator.
func (c *Client) MigrationStatus(ctx context.Context) (MigrationStatus, error) {
	return ask[MigrationStatus](ctx, c, pathStatus, nothing{})
}

// MigrationPlan implements Migrator.
func (c *Client) MigrationPlan(ctx context.Context) (MigrationPlan, error) {
	return ask[MigrationPlan](ctx, c, pathPlan, nothing{})
}

// Migrate implements Migrator.
func (c *Client) Migrate(ctx context.Context, a Agreement) (Migrated, error) {
	return ask[Migrated](ctx, c, pathMigrate, a)
}

// UndoMigrations implements Migrator.
func (c *Client) UndoMigrations(ctx context.Context) (Undone, error) {
	return ask[Undone](ctx, c, pathUndo, nothing{})
}

// Watch implements Viewer.
func (c *Client) Watch(ctx context.Context, f Follow) (Stream, error) {
	ctx, cancel := context.WithCancel(ctx)
	res, err := c.post(ctx, pathEvents, f)
	if err != nil {
		cancel()
		return nil, err
	}
	s := &remote{cancel: cancel, events: make(chan Event, 64), done: make(chan struct{})}
	go s.read(ctx, res.Body)
	return s, nil
}

// remote is a stream that comes from a server.
type remote struct {
	cancel context.CancelFunc
	events chan Event
	done   chan struct{} // nothing reads any more
	once   sync.Once
}

func (s *remote) read(ctx context.Context, body io.ReadCloser) {
	defer close(s.done)
	defer close(s.events)
	defer body.Close()
	d := json.NewDecoder(body)
	for {
		var e Event
		if d.Decode(&e) != nil {
			return
		}
		select {
		case s.events <- e:
		case <-ctx.Done():
			return
		}
	}
}

// Next implements Stream.
func (s *remote) Next(ctx context.Context) (Event, error) {
	select {
	case e, ok := <-s.events:
		if !ok {
			return Event{}, io.EOF
		}
		return e, nil
	case <-ctx.Done():
		return Event{}, ctx.Err()
	}
}

// Close implements Stream.
func (s *remote) Close() error {
	s.once.Do(func() {
		s.cancel()
		<-s.done
	})
	return nil
}
