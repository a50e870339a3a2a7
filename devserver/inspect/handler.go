package inspect

import (
	"context"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"strings"
	"time"
)

// pingEvery is how long a stream is silent at most.
const pingEvery = 10 * time.Second

// NewHandler answers a [Client] by asking an Inspector. It answers nobody who
// has no token, who comes from a web page, or who took another name than that
// of this machine's loopback to get here.
func NewHandler(i Inspector, token string) http.Handler {
	mux := http.NewServeMux()
	answer(mux, pathSnapshot, func(ctx context.Context, _ nothing) (Snapshot, error) { return i.Snapshot(ctx) })
	answer(mux, pathFind, i.Find)
	answer(mux, pathObject, func(ctx context.Context, q aboutOne) (Object, error) { return i.Object(ctx, q.Object) })
	answer(mux, pathSockets, func(ctx context.Context, q aboutOne) ([]Socket, error) { return i.Sockets(ctx, q.Object) })
	answer(mux, pathAlarms, func(ctx context.Context, _ nothing) ([]Alarm, error) { return i.Alarms(ctx) })
	answer(mux, pathKeys, func(ctx context.Context, q aboutKeys) (KeyPage, error) { return i.Keys(ctx, q.Object, q.Query) })
	answer(mux, pathEntry, func(ctx context.Context, q aboutKey) (Entry, error) { return i.Entry(ctx, q.Object, q.Key) })
	answer(mux, pathEdit, func(ctx context.Context, q anEdit) ([]Diff, error) { return i.Edit(ctx, q.Object, q.Changes) })
	answer(mux, pathSchema, func(ctx context.Context, q aboutOne) (Schema, error) { return i.Schema(ctx, q.Object) })
	answer(mux, pathSQL, func(ctx context.Context, q aStatement) (SQLResult, error) { return i.SQL(ctx, q.Object, q.Query) })
	answer(mux, pathAct, i.Act)
	answer(mux, pathCall, i.Call)
	answer(mux, pathRequest, i.Request)
	answer(mux, pathReplay, func(ctx context.Context, q aboutTrace) (aboutTrace, error) {
		id, err := i.Replay(ctx, q.ID)
		return aboutTrace{id}, err
	})
	answer(mux, pathLogs, i.Logs)
	answer(mux, pathTraces, i.Traces)
	answer(mux, pathTrace, func(ctx context.Context, q aboutTrace) (Trace, error) { return i.Trace(ctx, q.ID) })
	answer(mux, pathKeep, i.Keep)
	answer(mux, pathRestore, i.Restore)
	answer(mux, pathKept, func(ctx context.Context, _ nothing) ([]Kept, error) { return i.Snapshots(ctx) })
	answer(mux, pathContents, func(ctx context.Context, q aboutKept) (Contents, error) { return i.Contents(ctx, q.Name) })
	answer(mux, pathDiffer, i.Differences)
	answer(mux, pathDiscard, func(ctx context.Context, q aboutKept) (nothing, error) { return nothing{}, i.Discard(ctx, q.Name) })
	answer(mux, pathHistory, func(ctx context.Context, q aHistory) (History, error) { return i.History(ctx, q.Object, q.Limit) })
	answer(mux, pathPast, func(ctx context.Context, q aMoment) (Past, error) { return i.Past(ctx, q.Object, q.Moment) })
	answer(mux, pathBetween, i.Between)
	answer(mux, pathRewind, func(ctx context.Context, q aRewind) (Rewound, error) { return i.Rewind(ctx, q.Object, q.Bookmark) })
	answer(mux, pathFork, i.Fork)
	answer(mux, pathStatus, func(ctx context.Context, _ nothing) (MigrationStatus, error) { return i.MigrationStatus(ctx) })
	answer(mux, pathPlan, func(ctx context.Context, _ nothing) (MigrationPlan, error) { return i.MigrationPlan(ctx) })
	answer(mux, pathMigrate, i.Migrate)
	answer(mux, pathUndo, func(ctx context.Context, _ nothing) (Undone, error) { return i.UndoMigrations(ctx) })
	mux.HandleFunc("POST "+version+pathEvents, func(w http.ResponseWriter, r *http.Request) { stream(w, r, i) })
	return guard{mux, token}
}

// guard lets only those in who may.
type guard struct {
	http.Handler
	token string
}

// ServeHTTP implements http.Handler.
func (g guard) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if why := g.refuse(r); why != "" {
		fail(w, &Error{Code: Forbidden, Message: why})
		return
	}
	g.Handler.ServeHTTP(w, r)
}

// refuse says why a request is not answered. A page that had its own name
// resolve to this machine is told by Host, any other page by Origin.
func (g guard) refuse(r *http.Request) string {
	if !loopback(r.Host) {
		return "the Host is not this machine's loopback"
	}
	if r.Header.Get("Origin") != "" || r.Header.Get("Sec-Fetch-Site") != "" {
		return "no web page may ask"
	}
	token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok || subtle.ConstantTimeCompare([]byte(token), []byte(g.token)) != 1 {
		return "the token is missing or wrong"
	}
	return ""
}

// loopback reports whether a Host header names this machine and nothing else.
func loopback(host string) bool {
	name, _, err := net.SplitHostPort(host)
	if err != nil {
		name = strings.Trim(host, "[]")
	}
	if strings.EqualFold(name, "localhost") {
		return true
	}
	ip := net.ParseIP(name)
	return ip != nil && ip.IsLoopback()
}

// answer has a path answer what is asked there.
func answer[Q, A any](mux *http.ServeMux, path string, ask func(context.Context, Q) (A, error)) {
	mux.HandleFunc("POST "+version+path, func(w http.ResponseWriter, r *http.Request) {
		var q Q
		if !read(w, r, &q) {
			return
		}
		a, err := ask(r.Context(), q)
		if err != nil {
			fail(w, err)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(a) // who hung up hears no answer
	})
}

// read reads what is asked, or answers that it cannot be read.
func read(w http.ResponseWriter, r *http.Request, q any) bool {
	if kind := r.Header.Get("Content-Type"); kind != "application/json" {
		fail(w, &Error{Code: Invalid, Message: "the Content-Type is not application/json"})
		return false
	}
	d := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxAsk))
	d.DisallowUnknownFields()
	if err := d.Decode(q); err != nil {
		fail(w, &Error{Code: Invalid, Message: err.Error()})
		return false
	}
	return true
}

func fail(w http.ResponseWriter, err error) {
	e, ok := errors.AsType[*Error](err)
	if !ok {
		e = &Error{Code: CodeOf(err), Message: err.Error()}
	}
	status, ok := statuses[e.Code]
	if !ok {
		status = http.StatusInternalServerError
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(e)
}

// stream writes events until the client or the server goes.
func stream(w http.ResponseWriter, r *http.Request, i Inspector) {
	var f Follow
	if !read(w, r, &f) {
		return
	}
	s, err := i.Watch(r.Context(), f)
	if err != nil {
		fail(w, err)
		return
	}
	defer s.Close()
	w.Header().Set("Content-Type", "application/x-ndjson")
	flush := http.NewResponseController(w)
	encoder := json.NewEncoder(w)
	for {
		if flush.Flush() != nil {
			return
		}
		e, err := nextOrPing(r.Context(), s)
		if err != nil || encoder.Encode(e) != nil {
			return
		}
	}
}

func nextOrPing(ctx context.Context, s Stream) (Event, error) {
	soon, cancel := context.WithTimeout(ctx, pingEvery)
	defer cancel()
	e, err := s.Next(soon)
	if err != nil && soon.Err() != nil && ctx.Err() == nil {
		return Event{At: time.Now(), Kind: Ping}, nil
	}
	return e, err
}
