package inspecttest

import (
	"context"
	"fmt"

	"github.com/dodev/dodev/devserver/inspect"
)

// Keep implements inspect.Inspector: it remembers the name.
func (f *Fake) Keep(ctx context.Context, s inspect.Saving) (inspect.Kept, error) {
	if err := f.ask(ctx, "keep "+s.Name); err != nil {
		return inspect.Kept{}, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if _, taken := f.kept[s.Name]; taken {
		return inspect.Kept{}, &inspect.Error{Code: inspect.Conflict, Message: fmt.Sprintf("snapshot %s: there is a snapshot of that name already", s.Name)}
	}
	if f.kept == nil {
		f.kept = map[string]inspect.Kept{}
	}
	k := inspect.Kept{Name: s.Name, At: f.Now(), Objects: len(f.objects)}
	for _, o := range f.objects {
		k.Bytes += o.SizeBytes
	}
	f.kept[s.Name] = k
	return k, nil
}

// Restore implements inspect.Inspector: it changes nothing.
func (f *Fake) Restore(ctx context.Context, s inspect.Saving) (inspect.Restored, error) {
	if err := f.ask(ctx, "restore "+s.Name); err != nil {
		return inspect.Restored{}, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	k, ok := f.kept[s.Name]
	if !ok {
		return inspect.Restored{}, &inspect.Error{Code: inspect.NotFound, Message: fmt.Sprintf("snapshot %s: there is no such snapshot", s.Name)}
	}
	return inspect.Restored{Objects: k.Objects}, nil
}
