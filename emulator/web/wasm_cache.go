package web

import (
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/tetratelabs/wazero"
)

// A WasmCache keeps compiled WebAssembly, so that isolates compile a module
// once between them. The zero value keeps it in memory only.
type WasmCache struct {
	// Dir is a folder to keep it in from one process to the next, or "".
	Dir string

	mu    sync.Mutex // held while compiling
	cache wazero.CompilationCache
}

// wasmKept is how long compiled modules stay in the folder.
const wasmKept = 30 * 24 * time.Hour

// open gives the cache of the engine. A folder that cannot be used is left
// alone: compiling again is all it costs.
func (c *WasmCache) open() wazero.CompilationCache {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.cache == nil && c.Dir != "" {
		removeOld(c.Dir, time.Now().Add(-wasmKept))
		c.cache, _ = wazero.NewCompilationCacheWithDir(c.Dir)
	}
	if c.cache == nil {
		c.cache = wazero.NewCompilationCache()
	}
	return c.cache
}

// removeOld removes the files of a folder, and of those in it, that are older.
// What cannot be removed stays.
func removeOld(dir string, than time.Time) {
	for _, pattern := range []string{"*", "*/*"} {
		files, _ := filepath.Glob(filepath.Join(dir, pattern))
		for _, file := range files {
			if info, err := os.Stat(file); err == nil && info.Mode().IsRegular() && info.ModTime().Before(than) {
				_ = os.Remove(file)
			}
		}
	}
}
