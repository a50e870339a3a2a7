package emulator

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"sync"

	"github.com/dodev/dodev/emulator/engine"
	"github.com/dodev/dodev/emulator/engine/quickjs"
	"github.com/dodev/dodev/emulator/web"
	"github.com/dodev/dodev/emulator/worker"
)

// Prepare gets ready in the background what [Open] will need whatever the
// project is. Calling it is never necessary.
func Prepare() { go func() { _, _ = bootCode() }() }

// bootCode is the runtime, compiled. It is the same for every project, so that
// it is made once for a process, and kept for the next process in the user's
// cache folder.
var bootCode = sync.OnceValues(func() (engine.Code, error) {
	file := bootFile()
	if code, ok := readBoot(file); ok {
		return code, nil
	}
	script, err := worker.BootScript()
	if err != nil {
		return engine.Code{}, err
	}
	code, err := quickjs.New().Compile(web.ScriptName, script, engine.Script)
	if err != nil {
		return engine.Code{}, err
	}
	writeBoot(file, code)
	return code, nil
})

// bootFile names the file that keeps the compiled runtime of this very build,
// "" when there is no place for it.
func bootFile() string {
	dir, err := os.UserCacheDir()
	if err != nil {
		return ""
	}
	h := sha256.New()
	fmt.Fprintln(h, runtime.GOOS, runtime.GOARCH, engineVersion())
	if worker.Fingerprint(h) != nil {
		return ""
	}
	return filepath.Join(dir, "dodev", "runtime-"+hex.EncodeToString(h.Sum(nil)[:12]))
}

// wasmDir is the folder for compiled WebAssembly, "" when there is no place.
func wasmDir() string {
	dir, err := os.UserCacheDir()
	if err != nil {
		return ""
	}
	return filepath.Join(dir, "dodev", "wasm")
}

// engineVersion is that of the engine's library: code compiled by another one
// must not be loaded.
func engineVersion() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	for _, dep := range info.Deps {
		if dep.Path == "modernc.org/libquickjs" {
			return dep.Version + " " + dep.Sum
		}
	}
	return ""
}

// readBoot reads a kept runtime. What was cut short or damaged does not count:
// the engine trusts the code it is given.
func readBoot(file string) (engine.Code, bool) {
	if file == "" {
		return engine.Code{}, false
	}
	data, err := os.ReadFile(file)
	if err != nil || len(data) < sha256.Size {
		return engine.Code{}, false
	}
	sum := sha256.Sum256(data[sha256.Size:])
	if !bytes.Equal(sum[:], data[:sha256.Size]) {
		return engine.Code{}, false
	}
	return engine.Code{Name: web.ScriptName, Kind: engine.Script, Bytes: data[sha256.Size:]}, true
}

// writeBoot keeps a runtime for the next process, if it can.
func writeBoot(file string, code engine.Code) {
	if file == "" || os.MkdirAll(filepath.Dir(file), 0o700) != nil {
		return
	}
	temp, err := os.CreateTemp(filepath.Dir(file), "new-")
	if err != nil {
		return
	}
	sum := sha256.Sum256(code.Bytes)
	_, err = temp.Write(append(sum[:], code.Bytes...))
	if closeErr := temp.Close(); err != nil || closeErr != nil || os.Rename(temp.Name(), file) != nil {
		_ = os.Remove(temp.Name())
		return
	}
	dropOldBoots(file)
}

// dropOldBoots removes the runtimes of other builds.
func dropOldBoots(keep string) {
	others, _ := filepath.Glob(filepath.Join(filepath.Dir(keep), "runtime-*"))
	for _, other := range others {
		if other != keep {
			_ = os.Remove(other)
		}
	}
}
