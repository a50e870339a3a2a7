package inspecttest

import (
	"context"

	"github.com/dodev/dodev/devserver/inspect"
)

// The bookmarks of a Fake, whose objects have a past of one commit.
const (
	BookmarkThen = "00064463-2d99e000-00000000-0123456789abcdef0123456789abcdef"
	BookmarkUndo = "00064463-2d99e001-00000001-0123456789abcdef0123456789abcdef"
)

// History implements inspect.Inspector.
func (f *Fake) History(ctx context.Context, ref inspect.Ref, _ int) (inspect.History, error) {
	if err := f.ask(ctx, "history "+ref.ID); err != nil {
		return inspect.History{}, err
	}
	at := f.Now().UTC()
	commit := inspect.Commit{Bookmark: BookmarkThen, At: at, Kind: inspect.Written, Pages: 2, BytesChanged: 8192, SizeBytes: 16384}
	return inspect.History{Begins: at, Complete: true, Commits: []inspect.Commit{commit}}, nil
}

// Past implements inspect.Inspector: nothing was otherwise.
func (f *Fake) Past(ctx context.Context, ref inspect.Ref, _ inspect.Moment) (inspect.Past, error) {
	if err := f.ask(ctx, "past "+ref.ID); err != nil {
		return inspect.Past{}, err
	}
	return inspect.Past{Bookmark: BookmarkThen}, nil
}

// Rewind implements inspect.Inspector: it changes nothing.
func (f *Fake) Rewind(ctx context.Context, ref inspect.Ref, _ string) (inspect.Rewound, error) {
	if err := f.ask(ctx, "rewind "+ref.ID); err != nil {
		return inspect.Rewound{}, err
	}
	return inspect.Rewound{Undo: BookmarkUndo}, nil
}

// Fork implements inspect.Inspector: it answers with the object to be, and makes
// none.
func (f *Fake) Fork(ctx context.Context, k inspect.Forking) (inspect.Forked, error) {
	if err := f.ask(ctx, "fork "+k.Object.ID); err != nil {
		return inspect.Forked{}, err
	}
	made, err := f.Object(ctx, k.Object)
	if err != nil {
		return inspect.Forked{}, err
	}
	made.Ref, made.ID, made.Name = k.New, k.New.ID, k.Name
	return inspect.Forked{Object: made}, nil
}
