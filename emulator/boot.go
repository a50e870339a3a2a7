package emulator

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
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

// A runtimeCode is the platform, compiled: what every isolate boots with, and what
// it loads when it needs more.
type runtimeCode struct{ first, later engine.Code }

// bootCode is the runtime, compiled. It is the same for every project, so that
// it is made once for a process, and kept for the next process in the user's
// cache folder.
var bootCode = sync.OnceValues(func() (runtimeCode, error) {
	file := bootFile()
	if code, ok := readBoot(file); ok {
		return code, nil
	}
	first, later, err := worker.BootScripts()
	if err != nil {
		return runtimeCode{}, err
	}
	var code runtimeCode
	if code.first, err = quickjs.New().Compile(web.ScriptName, first, engine.Script); err != nil {
		return runtimeCode{}, err
	}
	if code.later, err = quickjs.New().Compile(web.LaterName, later, engine.Script); err != nil {
		return runtimeCode{}, err
	}
	writeBoot(file, code)
	return code, nil
})

// laterCode is the second part of the runtime.
func laterCode() (engine.Code, error) {
	code, err := bootCode()
	return code.later, err
}

// bootFile names the file that keeps the compiled runtime of this very build,
// "" when there is no place for it.
func bootFile() string {
	dir, err := os.UserCacheDir()
	if err != nil {
		return ""
	}
	h := sha256.New()
	fmt.Fprintln(h, runtime.GOOS, runtime.GOARCH, engineVersion(), 2)
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

// readBoot reads a kept runtime: a checksum, the length of the first part, and
// both. What was cut short or damaged does not count: the engine trusts the code
// it is given.
func readBoot(file string) (runtimeCode, bool) {
	if file == "" {
		return runtimeCode{}, false
	}
	data, err := os.ReadFile(file)
	if err != nil || len(data) < sha256.Size+8 {
		return runtimeCode{}, false
	}
	sum := sha256.Sum256(data[sha256.Size:])
	n := binary.LittleEndian.Uint64(data[sha256.Size:])
	parts := data[sha256.Size+8:]
	if !bytes.Equal(sum[:], data[:sha256.Size]) || n > uint64(len(parts)) {
		return runtimeCode{}, false
	}
	return runtimeCode{
		engine.Code{Name: web.ScriptName, Kind: engine.Script, Bytes: parts[:n]},
		engine.Code{Name: web.LaterName, Kind: engine.Script, Bytes: parts[n:]},
	}, true
}

// writeBoot keeps a runtime for the next process, if it can.
func writeBoot(file string, code runtimeCode) {
	if file == "" || os.MkdirAll(filepath.Dir(file), 0o700) != nil {
		return
	}
	temp, err := os.CreateTemp(filepath.Dir(file), "new-")
	if err != nil {
		return
	}
	data := binary.LittleEndian.AppendUint64(nil, uint64(len(code.first.Bytes)))
	data = append(append(data, code.first.Bytes...), code.later.Bytes...)
	sum := sha256.Sum256(data)
	_, err = temp.Write(append(sum[:], data...))
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
