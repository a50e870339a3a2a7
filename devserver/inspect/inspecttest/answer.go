package inspecttest

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/dodev/dodev/devserver/inspect"
)

// Snapshot implements inspect.Viewer.
func (f *Fake) Snapshot(ctx context.Context) (inspect.Snapshot, error) {
	if err := f.ask(ctx, "snapshot"); err != nil {
		return inspect.Snapshot{}, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	return inspect.Snapshot{Project: f.project, Namespaces: slices.Clone(f.spaces), Objects: f.sortedLocked(), Load: f.load}, nil
}

// Find implements inspect.Viewer.
func (f *Fake) Find(ctx context.Context, what inspect.Finding) (inspect.Target, error) {
	s, err := f.Snapshot(ctx)
	if err != nil {
		return inspect.Target{}, err
	}
	return s.Find(what)
}

// Object implements inspect.Viewer.
func (f *Fake) Object(ctx context.Context, ref inspect.Ref) (inspect.Object, error) {
	if err := f.ask(ctx, "object"); err != nil {
		return inspect.Object{}, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.objectLocked(ref)
}

func (f *Fake) objectLocked(ref inspect.Ref) (inspect.Object, error) {
	if o := f.objects[ref]; o != nil {
		return *o, nil
	}
	return inspect.Object{}, notFound("no object %s", ref)
}

// Watch implements inspect.Viewer.
func (f *Fake) Watch(ctx context.Context, follow inspect.Follow) (inspect.Stream, error) {
	if err := f.ask(ctx, "watch"); err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	s := &stream{f: f, follow: follow, more: make(chan struct{}, 1)}
	f.streams[s] = true
	return s, nil
}

// Sockets implements inspect.Viewer.
func (f *Fake) Sockets(ctx context.Context, ref inspect.Ref) ([]inspect.Socket, error) {
	if err := f.ask(ctx, "sockets"); err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	var out []inspect.Socket
	for _, o := range f.sortedLocked() {
		if ref.IsZero() || ref == o.Ref {
			out = append(out, f.sockets[o.Ref]...)
		}
	}
	return out, nil
}

// Alarms implements inspect.Viewer.
func (f *Fake) Alarms(ctx context.Context) ([]inspect.Alarm, error) {
	if err := f.ask(ctx, "alarms"); err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	var out []inspect.Alarm
	for _, o := range f.sortedLocked() {
		if o.NextAlarm != nil {
			out = append(out, inspect.Alarm{Ref: o.Ref, Object: o.Label, At: *o.NextAlarm, Retries: o.Retries})
		}
	}
	slices.SortStableFunc(out, func(a, b inspect.Alarm) int { return a.At.Compare(b.At) })
	return out, nil
}

// Keys implements inspect.Storage.
func (f *Fake) Keys(ctx context.Context, ref inspect.Ref, q inspect.KeyQuery) (inspect.KeyPage, error) {
	if err := f.ask(ctx, "keys"); err != nil {
		return inspect.KeyPage{}, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	keys := slices.Sorted(maps.Keys(f.pairs[ref]))
	if q.Reverse {
		slices.Reverse(keys)
	}
	page := inspect.KeyPage{SQL: len(f.tables[ref]) > 0}
	limit := cmp.Or(q.Limit, 1000)
	for _, key := range keys {
		e := f.pairs[ref][key]
		if !chosen(q, e) {
			continue
		}
		if len(page.Entries)+len(page.Groups) == limit {
			page.More = true
			break
		}
		add(&page, q, e)
	}
	return page, nil
}

func chosen(q inspect.KeyQuery, e inspect.Entry) bool {
	search := strings.ToLower(q.Search)
	after := q.After == "" || e.Key > q.After
	if q.Reverse {
		after = q.After == "" || e.Key < q.After
	}
	return strings.HasPrefix(e.Key, q.Prefix) && e.Key >= q.Start && (q.End == "" || e.Key < q.End) && after &&
		(strings.Contains(strings.ToLower(e.Key), search) || strings.Contains(strings.ToLower(e.Preview), search))
}

// add puts an entry on a page, or into its group.
func add(page *inspect.KeyPage, q inspect.KeyQuery, e inspect.Entry) {
	rest := strings.TrimPrefix(e.Key, q.Prefix)
	i := strings.Index(rest, q.Group)
	if q.Group == "" || i < 0 {
		page.Entries = append(page.Entries, e)
		return
	}
	prefix := q.Prefix + rest[:i+len(q.Group)]
	if n := len(page.Groups); n == 0 || page.Groups[n-1].Prefix != prefix {
		page.Groups = append(page.Groups, inspect.Group{Prefix: prefix})
	}
	g := &page.Groups[len(page.Groups)-1]
	g.Count++
	g.SizeBytes += e.SizeBytes
}

// Entry implements inspect.Storage.
func (f *Fake) Entry(ctx context.Context, ref inspect.Ref, key string) (inspect.Entry, error) {
	if err := f.ask(ctx, "entry"); err != nil {
		return inspect.Entry{}, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	e, ok := f.pairs[ref][key]
	if !ok {
		return e, notFound("no key %q", key)
	}
	return e, nil
}

// Edit implements inspect.Storage.
func (f *Fake) Edit(ctx context.Context, ref inspect.Ref, changes []inspect.Change) ([]inspect.Diff, error) {
	if err := f.ask(ctx, "edit"); err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, c := range changes {
		e, ok := f.pairs[ref][c.Key]
		if !c.Fits(e.Version, ok) {
			err := &inspect.Error{Code: inspect.Conflict, Message: fmt.Sprintf("%q has changed since it was shown", c.Key)}
			if ok {
				err.Now = &e
			}
			return nil, err
		}
	}
	var diffs []inspect.Diff
	for _, c := range changes {
		diffs = append(diffs, f.changeLocked(ref, c))
	}
	f.commitLocked(ref, inspect.Written, inspect.Contrast{Keys: diffs})
	f.tellLocked(inspect.Event{Kind: inspect.StorageChanged, Storage: &inspect.StorageEvent{Object: ref, By: "edit", Diffs: diffs}})
	return diffs, nil
}

func (f *Fake) changeLocked(ref inspect.Ref, c inspect.Change) inspect.Diff {
	if f.pairs[ref] == nil {
		f.pairs[ref] = map[string]inspect.Entry{}
	}
	d := inspect.Diff{Key: c.Key}
	if before, ok := f.pairs[ref][c.Key]; ok {
		d.Before = &before
	}
	if c.Value == nil {
		delete(f.pairs[ref], c.Key)
		return d
	}
	after := entry(c.Key, c.Value)
	f.pairs[ref][c.Key] = after
	d.After = &after
	return d
}

// entry describes a value roughly as a server does.
func entry(key string, value json.RawMessage) inspect.Entry {
	e := inspect.Entry{Key: key, Value: value, Preview: string(value), SizeBytes: int64(len(value))}
	if node, err := inspect.ParseNode(value); err == nil {
		e.Type = node.Type
		if node.Whole() && node.Text != "" {
			e.Preview = node.Text
		}
	}
	if utf8.RuneCountInString(e.Preview) > 200 {
		e.Preview = string([]rune(e.Preview)[:199]) + "…"
	}
	sum := sha256.Sum256(value)
	e.Version = hex.EncodeToString(sum[:8])
	return e
}

// Schema implements inspect.Storage.
func (f *Fake) Schema(ctx context.Context, ref inspect.Ref) (inspect.Schema, error) {
	if err := f.ask(ctx, "schema"); err != nil {
		return inspect.Schema{}, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	s := inspect.Schema{Keys: int64(len(f.pairs[ref]))}
	for _, t := range f.tables[ref] {
		s.Tables = append(s.Tables, t.Table)
	}
	return s, nil
}

// SQL implements inspect.Storage.
func (f *Fake) SQL(ctx context.Context, ref inspect.Ref, q inspect.SQLQuery) (inspect.SQLResult, error) {
	if err := f.ask(ctx, "sql"); err != nil {
		return inspect.SQLResult{}, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	words := strings.Fields(strings.TrimSuffix(strings.TrimSpace(q.SQL), ";"))
	if len(words) < 4 || !strings.EqualFold(strings.Join(words[:3], " "), "SELECT * FROM") {
		return inspect.SQLResult{}, &inspect.Error{Code: inspect.Threw, Message: fmt.Sprintf("near %q: syntax error: SQLITE_ERROR", q.SQL)}
	}
	for _, t := range f.tables[ref] {
		if t.Name != strings.Trim(words[3], `"`) {
			continue
		}
		r := inspect.SQLResult{Rows: t.Data, RowsRead: int64(len(t.Data))}
		if q.Limit > 0 && len(r.Rows) > q.Limit {
			r.Rows, r.More = r.Rows[:q.Limit], true
		}
		for _, c := range t.Columns {
			r.Columns = append(r.Columns, c.Name)
		}
		return r, nil
	}
	return inspect.SQLResult{}, &inspect.Error{Code: inspect.Threw, Message: fmt.Sprintf("no such table: %s: SQLITE_ERROR", words[3])}
}

// Logs implements inspect.Recorder.
func (f *Fake) Logs(ctx context.Context, q inspect.LogQuery) ([]inspect.LogLine, error) {
	if err := f.ask(ctx, "logs"); err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	return q.Choose(f.logs), nil
}

// Traces implements inspect.Recorder.
func (f *Fake) Traces(ctx context.Context, q inspect.TraceQuery) ([]inspect.Trace, error) {
	if err := f.ask(ctx, "traces"); err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	return q.Choose(f.traces), nil
}

// Trace implements inspect.Recorder.
func (f *Fake) Trace(ctx context.Context, id string) (inspect.Trace, error) {
	if err := f.ask(ctx, "trace"); err != nil {
		return inspect.Trace{}, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if i := f.traceLocked(id); i >= 0 {
		return f.traces[i], nil
	}
	return inspect.Trace{}, notFound("no trace %s", id)
}
