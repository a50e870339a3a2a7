package emulator

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/dodev/dodev/emulator/bundle"
	"github.com/dodev/dodev/emulator/config"
)

// ReloadInfo tells what a reload did.
type ReloadInfo struct {
	Objects int // alive when the new code came
	Sockets int // kept
	Closed  int // sockets that are not, see Options.Strict
	// Moved is closed when nothing runs in the old code any more.
	Moved <-chan struct{}
}

// closeGrace is how long the old code may take to finish its requests.
const closeGrace = 30 * time.Second

// Reload gives a Worker, known by its name or else by its configuration's file,
// new code. New events go to it at once; when it does not load the old code
// keeps serving and the error says why.
func (e *Emulator) Reload(cfg *config.Config, b *bundle.Bundle) (ReloadInfo, error) {
	place, err := e.place(cfg)
	if err != nil {
		return ReloadInfo{}, err
	}
	v, err := e.load(place, cfg, b)
	if err != nil {
		return ReloadInfo{}, err
	}
	if err := e.openIndexes(v); err != nil {
		v.worker.Close()
		return ReloadInfo{}, err
	}
	info := e.count(place)
	info.Moved = e.takeOn(place, v)
	if len(*e.held.Load()) > 0 {
		return info, e.withhold()
	}
	return info, nil
}

// takeOn puts a version in the place of another, which may end what it is busy
// with. The returned channel is closed when it has.
func (e *Emulator) takeOn(place int, v *version) <-chan struct{} {
	old, moved := e.replace(place, v)
	done := make(chan struct{})
	go func() {
		<-moved
		ctx, cancel := context.WithTimeout(context.Background(), closeGrace)
		defer cancel()
		old.worker.Wait(ctx)
		old.worker.Close()
		close(done)
	}()
	return done
}

// place finds the Worker that a configuration is for.
func (e *Emulator) place(cfg *config.Config) (int, error) {
	e.mu.RLock()
	defer e.mu.RUnlock()
	named := slices.IndexFunc(e.workers, func(v *version) bool { return v.config.Name == cfg.Name })
	filed := slices.IndexFunc(e.workers, func(v *version) bool { return v.config.Path == cfg.Path })
	switch {
	case filed >= 0 && named >= 0 && filed != named:
		return 0, fmt.Errorf("two Workers have the name %q", cfg.Name)
	case named >= 0:
		return named, nil
	case filed >= 0:
		return filed, nil
	case len(e.workers) == 1:
		return 0, nil
	}
	return 0, fmt.Errorf("no Worker %q runs", cfg.Name)
}

// replace puts a version in the place of another.
func (e *Emulator) replace(place int, v *version) (old *version, moved <-chan struct{}) {
	e.mu.Lock()
	defer e.mu.Unlock()
	old = e.workers[place]
	v.placed = slices.Clone(old.placed)
	e.workers = slices.Clone(e.workers)
	e.workers[place] = v
	moved = e.settle(place, v)
	e.realm.Remove(old.worker)
	if old.config.Name != v.config.Name {
		e.register()
	}
	return old, moved
}

// count tells what of a Worker lives on over a reload.
func (e *Emulator) count(place int) ReloadInfo {
	e.mu.RLock()
	old := e.workers[place]
	e.mu.RUnlock()
	info := ReloadInfo{}
	for namespace, tally := range e.objects.Tallies() {
		if e.definer(namespace) == old {
			info.Objects += tally.Alive
			if e.opts.Strict {
				info.Closed += tally.Sockets
			} else {
				info.Sockets += tally.Sockets
			}
		}
	}
	return info
}
