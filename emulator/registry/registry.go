// Package registry tells the dev servers of one machine which of them runs
// which Worker.
//
// It is the folder of files that Cloudflare's own tools use: one file for each
// Worker, named after it, written by the server that runs it and touched every
// few seconds. Those tools and dodev speak different protocols beyond that, so
// that each sees the other's Workers and cannot call them.
//
// A [Registry] is safe for concurrent use.
package registry

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"
)

const (
	heartbeat = 10 * time.Second
	stale     = 90 * time.Second // a file nobody touched for so long is a leftover
)

// An Entry is what a server says of a Worker.
type Entry struct {
	// Instance tells servers apart.
	Instance string `json:"instanceId"`
	// Dodev is how to reach it, nil when another tool runs it.
	Dodev *Peer `json:"dodev,omitempty"`
}

// A Peer is a server of dodev's.
type Peer struct {
	Protocol int    `json:"protocol"`
	Address  string `json:"address"` // host:port
	Secret   string `json:"secret"`
}

// A Registry is one server's view of the folder.
type Registry struct {
	dir      string
	instance string
	peer     Peer

	mu    sync.Mutex
	names []string // of the Workers to be registered
	done  chan struct{}
	wait  sync.WaitGroup
}

// Dir is the folder that tools share, by the process's environment. It is ""
// when there is no place for one.
func Dir(getenv func(string) string) string {
	if dir := getenv("CLOUDFLARE_DEV_REGISTRY_PATH"); dir != "" {
		return dir
	}
	base := getenv("XDG_CONFIG_HOME")
	if base == "" {
		var err error
		if base, err = os.UserConfigDir(); err != nil {
			return ""
		}
	}
	return filepath.Join(base, "cloudflare", "dev-registry", "v5")
}

// Open begins to keep a server's entries in a folder.
func Open(dir string, peer Peer) (*Registry, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the registry of dev servers: %w", err)
	}
	id := make([]byte, 16)
	if _, err := rand.Read(id); err != nil {
		return nil, err
	}
	r := &Registry{dir: dir, instance: hex.EncodeToString(id), peer: peer, done: make(chan struct{})}
	r.wait.Go(r.beat)
	return r, nil
}

// Register makes names the Workers that this server runs, instead of those it
// ran before. A name that another server holds is taken when that ends.
func (r *Registry) Register(names []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, name := range r.names {
		r.withdrawLocked(name)
	}
	r.names = nil
	for _, name := range names {
		if filepath.IsLocal(name) && filepath.Base(name) == name {
			r.names = append(r.names, name)
		}
	}
	r.announceLocked()
}

// Find gives the entry of a Worker that another server runs.
func (r *Registry) Find(name string) (Entry, bool) {
	if filepath.Base(name) != name {
		return Entry{}, false
	}
	e, fresh, err := r.read(name)
	return e, err == nil && fresh && e.Instance != r.instance
}

// Close withdraws this server's entries. Closing twice is harmless.
func (r *Registry) Close() {
	r.mu.Lock()
	select {
	case <-r.done:
	default:
		close(r.done)
	}
	for _, name := range r.names {
		r.withdrawLocked(name)
	}
	r.names = nil
	r.mu.Unlock()
	r.wait.Wait()
}

func (r *Registry) beat() {
	ticker := time.NewTicker(heartbeat)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			r.mu.Lock()
			r.announceLocked()
			r.mu.Unlock()
		case <-r.done:
			return
		}
	}
}

// announceLocked writes or touches the entries, apart from those that another
// server holds.
func (r *Registry) announceLocked() {
	for _, name := range r.names {
		e, fresh, err := r.read(name)
		switch {
		case err == nil && e.Instance == r.instance:
			now := time.Now()
			_ = os.Chtimes(r.path(name), now, now)
		case err == nil && fresh, err != nil && !errors.Is(err, os.ErrNotExist):
		default:
			r.write(name)
		}
	}
}

// write writes an entry at once and as a whole. What cannot be written is tried
// again at the next beat.
func (r *Registry) write(name string) {
	text, err := json.MarshalIndent(Entry{Instance: r.instance, Dodev: &r.peer}, "", "  ")
	if err != nil {
		return
	}
	temp, err := os.CreateTemp(r.dir, ".dodev-")
	if err != nil {
		return
	}
	_, err = temp.Write(text)
	if closeErr := temp.Close(); err != nil || closeErr != nil || os.Rename(temp.Name(), r.path(name)) != nil {
		_ = os.Remove(temp.Name())
	}
}

func (r *Registry) withdrawLocked(name string) {
	if e, _, err := r.read(name); err == nil && e.Instance == r.instance {
		_ = os.Remove(r.path(name))
	}
}

func (r *Registry) path(name string) string { return filepath.Join(r.dir, name) }

func (r *Registry) read(name string) (e Entry, fresh bool, err error) {
	info, err := os.Stat(r.path(name))
	if err != nil {
		return e, false, err
	}
	text, err := os.ReadFile(r.path(name))
	if err != nil {
		return e, false, err
	}
	if json.Unmarshal(text, &e) != nil {
		return Entry{}, false, nil // another tool will see to it
	}
	return e, time.Since(info.ModTime()) < stale, nil
}
