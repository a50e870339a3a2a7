package inspecttest

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/dodev/dodev/devserver/inspect"
)

// A keep is a snapshot.
type keep struct {
	inspect.Kept
	objects map[inspect.Ref]inspect.Object
	pairs   map[inspect.Ref]map[string]inspect.Entry
}

// covers reports whether an object is within a scope.
func covers(s inspect.Saving, ref inspect.Ref) bool {
	return (s.Namespace == "" || s.Namespace == ref.Namespace) && (s.ID == "" || s.ID == ref.ID)
}

// Keep implements inspect.Keeper.
func (f *Fake) Keep(ctx context.Context, s inspect.Saving) (inspect.Kept, error) {
	if err := f.ask(ctx, "keep "+s.Name); err != nil {
		return inspect.Kept{}, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if _, taken := f.kept[s.Name]; taken {
		return inspect.Kept{}, &inspect.Error{Code: inspect.Conflict, Message: fmt.Sprintf("snapshot %s: there is a snapshot of that name already", s.Name)}
	}
	k := keep{Kept: inspect.Kept{Name: s.Name, At: f.Now().UTC(), Whole: s.Namespace == "", Part: s.ID != ""}}
	k.objects, k.pairs = map[inspect.Ref]inspect.Object{}, map[inspect.Ref]map[string]inspect.Entry{}
	for _, ns := range f.spaces {
		if s.Namespace == "" || s.Namespace == ns.Key {
			k.Namespaces = append(k.Namespaces, ns.Key)
		}
	}
	for ref, o := range f.objects {
		if covers(s, ref) {
			k.objects[ref], k.pairs[ref] = *o, maps.Clone(f.pairs[ref])
			k.Bytes += o.SizeBytes
			k.Objects++
		}
	}
	if f.kept == nil {
		f.kept = map[string]keep{}
	}
	f.kept[s.Name] = k
	return k.Kept, nil
}

func (f *Fake) keptLocked(name string) (keep, error) {
	k, ok := f.kept[name]
	if !ok {
		return k, notFound("snapshot %s: there is no such snapshot", name)
	}
	return k, nil
}

// Restore implements inspect.Keeper.
func (f *Fake) Restore(ctx context.Context, s inspect.Saving) (r inspect.Restored, err error) {
	if err := f.ask(ctx, "restore "+s.Name); err != nil {
		return r, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	k, err := f.keptLocked(s.Name)
	if err != nil {
		return r, err
	}
	for ref := range f.objects {
		if _, has := k.objects[ref]; !has && covers(s, ref) && !k.Part && slices.Contains(k.Namespaces, ref.Namespace) {
			f.removeLocked(ref)
			r.Removed++
		}
	}
	for ref, o := range k.objects {
		if !covers(s, ref) {
			continue
		}
		if r.Objects++; f.objects[ref] != nil && differ(f.pairs[ref], k.pairs[ref]).None() {
			continue
		}
		o.State, o.Sockets, o.Load = inspect.Stored, 0, inspect.Load{}
		f.objects[ref] = &o
		f.replaceLocked(ref, k.pairs[ref])
		r.Written++
	}
	return r, nil
}

// Snapshots implements inspect.Keeper.
func (f *Fake) Snapshots(ctx context.Context) ([]inspect.Kept, error) {
	if err := f.ask(ctx, "snapshots"); err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	all := []inspect.Kept{}
	for _, k := range f.kept {
		all = append(all, k.Kept)
	}
	slices.SortFunc(all, func(a, b inspect.Kept) int { return cmp.Or(b.At.Compare(a.At), cmp.Compare(a.Name, b.Name)) })
	return all, nil
}

// Contents implements inspect.Keeper.
func (f *Fake) Contents(ctx context.Context, name string) (c inspect.Contents, err error) {
	if err := f.ask(ctx, "contents "+name); err != nil {
		return c, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	k, err := f.keptLocked(name)
	if err != nil {
		return c, err
	}
	c = inspect.Contents{Kept: k.Kept, State: f.project.State, Has: []inspect.KeptObject{}}
	for ref, o := range k.objects {
		c.Has = append(c.Has, inspect.KeptObject{Ref: ref, Object: o.Label, Name: o.Name, Bytes: o.SizeBytes, Alarm: o.NextAlarm})
	}
	slices.SortFunc(c.Has, func(a, b inspect.KeptObject) int { return cmp.Compare(a.Object, b.Object) })
	return c, nil
}

// Differences implements inspect.Keeper, of keys alone, and without a limit.
func (f *Fake) Differences(ctx context.Context, d inspect.Differing) (out inspect.Differences, err error) {
	if err := f.ask(ctx, "differences "+d.Name); err != nil {
		return out, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	k, err := f.keptLocked(d.Name)
	if err != nil {
		return out, err
	}
	now := keep{objects: map[inspect.Ref]inspect.Object{}, pairs: f.pairs}
	for ref, o := range f.objects {
		now.objects[ref] = *o
	}
	if d.Other != "" {
		if now, err = f.keptLocked(d.Other); err != nil {
			return out, err
		}
	}
	out.Objects = k.differences(now, d)
	return out, nil
}

func (k keep) differences(now keep, d inspect.Differing) []inspect.ObjectDiff {
	out := []inspect.ObjectDiff{}
	all := maps.Clone(k.objects)
	maps.Copy(all, now.objects)
	for ref, o := range all {
		_, was := k.objects[ref]
		_, is := now.objects[ref]
		diff := inspect.ObjectDiff{Ref: ref, Object: o.Label, Change: "changed", Contrast: differ(k.pairs[ref], now.pairs[ref])}
		switch {
		case !covers(d.Saving, ref), !slices.Contains(k.Namespaces, ref.Namespace), !was && k.Part, was && is && diff.None():
			continue
		case !was:
			diff.Change = "added"
		case !is:
			diff.Change, diff.Contrast = "removed", differ(k.pairs[ref], nil)
		}
		if d.Touched {
			diff.Contrast = inspect.Contrast{}
		}
		out = append(out, diff)
	}
	slices.SortFunc(out, func(a, b inspect.ObjectDiff) int { return cmp.Compare(a.Object, b.Object) })
	return out
}

// Discard implements inspect.Keeper.
func (f *Fake) Discard(ctx context.Context, name string) error {
	if err := f.ask(ctx, "discard "+name); err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	_, err := f.keptLocked(name)
	delete(f.kept, name)
	return err
}
