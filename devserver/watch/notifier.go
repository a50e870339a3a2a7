package watch

import (
	"fmt"

	"github.com/fsnotify/fsnotify"
)

// A notifier is a source of the operating system.
type notifier struct{ watcher *fsnotify.Watcher }

func newNotifier() (*notifier, error) {
	w, err := fsnotify.NewWatcher()
	if err != nil {
		return nil, fmt.Errorf("ask for notifications: %w", err)
	}
	return &notifier{watcher: w}, nil
}

func (n *notifier) add(dir string) error { return n.watcher.Add(dir) }

// remove forgets a folder. That it may be gone already is no error.
func (n *notifier) remove(dir string) { _ = n.watcher.Remove(dir) }

func (n *notifier) events() <-chan fsnotify.Event { return n.watcher.Events }

func (n *notifier) errors() <-chan error { return n.watcher.Errors }

func (n *notifier) close() error { return n.watcher.Close() }
