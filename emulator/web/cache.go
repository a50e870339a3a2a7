package web

import (
	"sync"
	"time"

	"github.com/dodev/dodev/emulator/engine"
)

// cacheLimit bounds the bodies a Cache keeps, in bytes.
const cacheLimit = 64 << 20

// A Cache keeps what Workers put into caches. The zero value is ready for use;
// isolates that share one see the same responses. It is safe for concurrent
// use.
type Cache struct {
	mu      sync.Mutex
	entries map[cacheKey]*cached
	size    int
}

type cacheKey struct{ cache, url string }

type cached struct {
	response string
	body     []byte
	expires  time.Time
}

func (c *Cache) put(key cacheKey, entry *cached, now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.removeLocked(key)
	if c.entries == nil {
		c.entries = map[cacheKey]*cached{}
	}
	c.entries[key] = entry
	c.size += len(entry.body)
	for k, e := range c.entries {
		if c.size <= cacheLimit {
			return
		}
		if k != key || !now.Before(e.expires) {
			c.removeLocked(k)
		}
	}
}

func (c *Cache) removeLocked(key cacheKey) bool {
	entry, ok := c.entries[key]
	if ok {
		c.size -= len(entry.body)
		delete(c.entries, key)
	}
	return ok
}

// get gives what is kept and still fresh, or nil.
func (c *Cache) get(key cacheKey, now time.Time) *cached {
	c.mu.Lock()
	defer c.mu.Unlock()
	entry := c.entries[key]
	if entry != nil && !now.Before(entry.expires) {
		c.removeLocked(key)
		return nil
	}
	return entry
}

func (c *Cache) remove(key cacheKey) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.removeLocked(key)
}

func (h *host) registerCache() {
	cache := h.opts.Cache
	key := func(c engine.Call) cacheKey { return cacheKey{c.String(0), c.String(1)} }
	h.vm.Func("cachePut", func(c engine.Call) error {
		now := h.loop.RealNow()
		entry := &cached{c.String(2), c.Bytes(3), now.Add(time.Duration(c.Number(4)) * time.Millisecond)}
		cache.put(key(c), entry, now)
		return nil
	})
	h.vm.Func("cacheMatch", func(c engine.Call) error {
		if entry := cache.get(key(c), h.loop.RealNow()); entry != nil {
			c.Return(engine.String(entry.response))
		}
		return nil
	})
	h.vm.Func("cacheBody", func(c engine.Call) error {
		if entry := cache.get(key(c), h.loop.RealNow()); entry != nil {
			c.Return(engine.Bytes(entry.body))
		}
		return nil
	})
	h.vm.Func("cacheDelete", func(c engine.Call) error {
		fresh := cache.get(key(c), h.loop.RealNow()) != nil
		c.Return(engine.Bool(cache.remove(key(c)) && fresh))
		return nil
	})
}
