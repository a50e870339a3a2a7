package live

import (
	"context"
	"errors"
	"sync"

	"github.com/dodev/dodev/devserver/inspect"
	"github.com/dodev/dodev/devserver/inspect/stored"
	"github.com/dodev/dodev/emulator"
	"github.com/dodev/dodev/emulator/durable"
	"github.com/dodev/dodev/emulator/object"
	"github.com/dodev/dodev/emulator/worker"
	"github.com/dodev/dodev/sqlite"
)

// History implements inspect.Traveller.
func (l *Live) History(ctx context.Context, ref inspect.Ref, limit int) (inspect.History, error) {
	return inside(ctx, l, ref, "list its history", func(_ *emulator.Emulator, _ object.Ref, db *sqlite.Object) (inspect.History, error) {
		return stored.History(db, limit)
	})
}

// viewing runs fn with all that an object stores, as an event of the object.
func viewing[A any](ctx context.Context, l *Live, ref inspect.Ref, what string, fn func(v *sqlite.View) (A, error)) (answer A, err error) {
	e, at, err := l.known(ref)
	if err != nil {
		return answer, err
	}
	var got A
	err = e.Visit(ctx, at, what, func(life *durable.Life) error {
		v, err := worker.View(life)
		if err != nil {
			return err
		}
		got, err = fn(v)
		return errors.Join(err, v.Close())
	})
	if err != nil {
		return answer, err
	}
	return got, nil
}

// Past implements inspect.Traveller.
func (l *Live) Past(ctx context.Context, ref inspect.Ref, m inspect.Moment) (inspect.Past, error) {
	return viewing(ctx, l, ref, "look at its past", func(v *sqlite.View) (inspect.Past, error) { return stored.Past(ctx, v, m) })
}

// Between implements inspect.Traveller. What is apart from the object is compared
// beside it, which goes on meanwhile.
func (l *Live) Between(ctx context.Context, s inspect.Stretch) (c inspect.Contrast, err error) {
	var pick picked
	c, err = viewing(ctx, l, s.Object, "look at its past", func(v *sqlite.View) (c inspect.Contrast, err error) {
		pair, err := stored.Pick(v, s)
		if err != nil {
			return c, err
		}
		if pair.Apart {
			return c, pick.set(pair)
		}
		defer func() { err = errors.Join(err, pair.Close()) }()
		return stored.Compare(ctx, pair.Before, pair.After, s.Limit)
	})
	pair := pick.take()
	if pair == nil || err != nil {
		return c, errors.Join(err, pair.Close())
	}
	defer func() { err = errors.Join(err, pair.Close()) }()
	return stored.Compare(ctx, pair.Before, pair.After, s.Limit)
}

// picked hands a pair from the object's goroutine to one that may have stopped
// waiting for it.
type picked struct {
	mu   sync.Mutex
	pair *stored.Pair
	left bool
}

func (p *picked) set(pair *stored.Pair) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.left {
		return pair.Close()
	}
	p.pair = pair
	return nil
}

// take gives the pair, nil when there is none. One that comes later is closed.
func (p *picked) take() *stored.Pair {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.left = true
	return p.pair
}

// Rewind implements inspect.Traveller.
func (l *Live) Rewind(_ context.Context, ref inspect.Ref, bookmark string) (inspect.Rewound, error) {
	e, at, err := l.known(ref)
	if err != nil {
		return inspect.Rewound{}, err
	}
	undo, err := e.Rewind(at, bookmark)
	l.replaced("restore", func(other inspect.Ref) bool { return other == ref })
	return inspect.Rewound{Undo: undo}, stillError(err, stored.PastError)
}

// Fork implements inspect.Traveller.
func (l *Live) Fork(ctx context.Context, f inspect.Forking) (inspect.Forked, error) {
	e, from, err := l.known(f.Object)
	if err != nil {
		return inspect.Forked{}, err
	}
	if _, err := l.object(e, from.Key()); err != nil {
		return inspect.Forked{}, err
	}
	_, to, err := l.named(f.New, f.Name)
	if err != nil {
		return inspect.Forked{}, err
	}
	bookmark, err := l.bookmark(ctx, f)
	if err != nil {
		return inspect.Forked{}, err
	}
	if err := e.Fork(from, bookmark, to); err != nil {
		return inspect.Forked{}, stillError(err, stored.PastError)
	}
	l.replaced("fork", func(other inspect.Ref) bool { return other == f.New })
	made, err := l.object(e, to.Key())
	return inspect.Forked{Object: made}, err
}

// bookmark is that of the moment to fork at, "" for the present.
func (l *Live) bookmark(ctx context.Context, f inspect.Forking) (string, error) {
	if f.Moment == (inspect.Moment{}) {
		return "", nil
	}
	return inside(ctx, l, f.Object, "look at its past", func(_ *emulator.Emulator, _ object.Ref, db *sqlite.Object) (string, error) {
		return stored.Bookmark(db, f.Moment)
	})
}
