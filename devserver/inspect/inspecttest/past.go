package inspecttest

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/dodev/dodev/devserver/inspect"
)

// BookmarkUndo is the bookmark of a Fake that undoes the last Rewind of an
// object.
const BookmarkUndo = "ffffffff-ffffffff-00000001-0123456789abcdef0123456789abcdef"

// A moment is a commit of an object's past: what it changed, and all pairs that
// there were then.
type moment struct {
	inspect.Commit
	inspect.Contrast
	pairs map[string]inspect.Entry
}

// bookmark is that of the n-th commit, from 1.
func bookmark(n int) string {
	return fmt.Sprintf("00064463-%08x-00000000-0123456789abcdef0123456789abcdef", n)
}

// Change has an object's tables change, in one commit, as a contrast says.
func (f *Fake) Change(ref inspect.Ref, c inspect.Contrast) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.commitLocked(ref, inspect.Written, c)
	f.tellLocked(inspect.Event{Kind: inspect.StorageChanged, Storage: &inspect.StorageEvent{Object: ref, By: "sql", SQL: true}})
}

// commitLocked notes what happened to what an object stores.
func (f *Fake) commitLocked(ref inspect.Ref, kind inspect.CommitKind, c inspect.Contrast) {
	n := len(f.pasts[ref])
	m := moment{Contrast: c, pairs: maps.Clone(f.pairs[ref])}
	m.Commit = inspect.Commit{
		Bookmark: bookmark(n + 1), Before: bookmark(n), At: f.Now().UTC(), Kind: kind, Pages: c.Changes(), BytesChanged: int64(c.Changes()) * 4096,
		SizeBytes: int64(len(m.pairs)+1) * 4096,
	}
	f.pasts[ref] = append(f.pasts[ref], m)
}

// History implements inspect.Traveller.
func (f *Fake) History(ctx context.Context, ref inspect.Ref, limit int) (inspect.History, error) {
	if err := f.ask(ctx, "history "+ref.ID); err != nil {
		return inspect.History{}, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	past := f.pasts[ref]
	if len(past) == 0 {
		return inspect.History{}, errNoPast
	}
	h := inspect.History{Begins: past[0].At, Complete: true, Commits: []inspect.Commit{}}
	for _, m := range slices.Backward(past) {
		if h.More = limit > 0 && len(h.Commits) == limit; h.More {
			break
		}
		h.Commits = append(h.Commits, m.Commit)
	}
	return h, nil
}

var errNoPast = &inspect.Error{Code: inspect.Unavailable, Message: "no history is kept of this object"}

// pairsAtLocked are the pairs at a moment.
func (f *Fake) pairsAtLocked(ref inspect.Ref, m inspect.Moment) (map[string]inspect.Entry, error) {
	switch {
	case m == (inspect.Moment{}):
		return f.pairs[ref], nil
	case m.Bookmark == bookmark(0):
		return nil, nil
	case m.Bookmark == BookmarkUndo && f.undone[ref] != nil:
		return f.undone[ref], nil
	}
	for _, at := range slices.Backward(f.pasts[ref]) {
		if at.Bookmark == m.Bookmark || m.Bookmark == "" && !at.At.After(m.At) {
			return at.pairs, nil
		}
	}
	return nil, &inspect.Error{Code: inspect.Unavailable, Message: "the bookmark leads nowhere"}
}

// differ compares pairs.
func differ(before, after map[string]inspect.Entry) (c inspect.Contrast) {
	all := maps.Clone(before)
	if all == nil {
		all = map[string]inspect.Entry{}
	}
	maps.Copy(all, after)
	for _, key := range slices.Sorted(maps.Keys(all)) {
		d := inspect.Diff{Key: key}
		if e, ok := before[key]; ok {
			d.Before = &e
		}
		if e, ok := after[key]; ok {
			d.After = &e
		}
		if d.Before == nil || d.After == nil || d.Before.Version != d.After.Version {
			c.Keys = append(c.Keys, d)
		}
	}
	return c
}

// Past implements inspect.Traveller: of keys alone.
func (f *Fake) Past(ctx context.Context, ref inspect.Ref, m inspect.Moment) (inspect.Past, error) {
	if err := f.ask(ctx, "past "+ref.ID); err != nil {
		return inspect.Past{}, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	then, err := f.pairsAtLocked(ref, m)
	return inspect.Past{Bookmark: m.Bookmark, Contrast: differ(f.pairs[ref], then)}, err
}

// Between implements inspect.Traveller: of one commit it tells all, of others the
// keys alone.
func (f *Fake) Between(ctx context.Context, s inspect.Stretch) (inspect.Contrast, error) {
	if err := f.ask(ctx, "between "+s.From.Bookmark); err != nil {
		return inspect.Contrast{}, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, m := range f.pasts[s.Object] {
		if m.Before == s.From.Bookmark && m.Bookmark == s.To.Bookmark {
			return m.Contrast, nil
		}
	}
	before, err := f.pairsAtLocked(s.Object, s.From)
	if err != nil {
		return inspect.Contrast{}, err
	}
	after, err := f.pairsAtLocked(s.Object, s.To)
	return differ(before, after), err
}

// Rewind implements inspect.Traveller.
func (f *Fake) Rewind(ctx context.Context, ref inspect.Ref, bookmark string) (inspect.Rewound, error) {
	if err := f.ask(ctx, "rewind "+ref.ID); err != nil {
		return inspect.Rewound{}, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	then, err := f.pairsAtLocked(ref, inspect.Moment{Bookmark: bookmark})
	if err != nil {
		return inspect.Rewound{}, err
	}
	now := f.pairs[ref]
	if f.undone[ref] = maps.Clone(now); now == nil {
		f.undone[ref] = map[string]inspect.Entry{}
	}
	f.replaceLocked(ref, then)
	f.commitLocked(ref, inspect.Rewinds, differ(now, then))
	return inspect.Rewound{Undo: BookmarkUndo}, nil
}

// replaceLocked has an object store other pairs, and tells of it.
func (f *Fake) replaceLocked(ref inspect.Ref, pairs map[string]inspect.Entry) {
	if f.pairs[ref] = maps.Clone(pairs); pairs == nil {
		f.pairs[ref] = map[string]inspect.Entry{}
	}
	f.tellLocked(inspect.Event{Kind: inspect.StorageChanged, Storage: &inspect.StorageEvent{Object: ref, By: "restore", Replaced: true}})
	f.changedLocked(ref)
}

// Fork implements inspect.Traveller.
func (f *Fake) Fork(ctx context.Context, k inspect.Forking) (inspect.Forked, error) {
	if err := f.ask(ctx, "fork "+k.Object.ID); err != nil {
		return inspect.Forked{}, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	made, err := f.objectLocked(k.Object)
	if err != nil {
		return inspect.Forked{}, err
	}
	if _, taken := f.objects[k.New]; taken {
		return inspect.Forked{}, &inspect.Error{Code: inspect.Conflict, Message: "there is an object of that name already"}
	}
	pairs, err := f.pairsAtLocked(k.Object, k.Moment)
	if err != nil {
		return inspect.Forked{}, err
	}
	made.Ref, made.ID, made.Name, made.Label = k.New, k.New.ID, k.Name, made.Class+"/"+k.Name
	made.State, made.Sockets, made.NextAlarm, made.Load = inspect.Stored, 0, nil, inspect.Load{}
	f.objects[k.New] = &made
	f.replaceLocked(k.New, pairs)
	return inspect.Forked{Object: made}, nil
}
