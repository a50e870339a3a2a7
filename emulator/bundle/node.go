package bundle

import "strings"

// emulatedNode are the node modules that the runtime supplies.
var emulatedNode = map[string]bool{
	"assert":      true,
	"async_hooks": true,
	"buffer":      true,
	"crypto":      true,
	"events":      true,
	"path":        true,
	"util":        true,
}

// otherNode are the node modules that can be imported without their prefix and
// that the runtime does not supply. A package of the same name may stand in.
var otherNode = map[string]bool{
	"child_process": true, "cluster": true, "console": true, "constants": true,
	"dgram": true, "diagnostics_channel": true, "dns": true, "domain": true,
	"fs": true, "http": true, "http2": true, "https": true, "inspector": true,
	"module": true, "net": true, "os": true, "perf_hooks": true, "process": true,
	"punycode": true, "querystring": true, "readline": true, "repl": true,
	"stream": true, "string_decoder": true, "sys": true, "timers": true,
	"tls": true, "trace_events": true, "tty": true, "url": true, "v8": true,
	"vm": true, "wasi": true, "worker_threads": true, "zlib": true,
}

// nodeModule gives a specifier's name with the prefix, and whether the runtime
// supplies it. The name is empty when the specifier is no module of node.
func nodeModule(specifier string) (name string, emulated bool) {
	bare, prefixed := strings.CutPrefix(specifier, "node:")
	if emulatedNode[bare] {
		return "node:" + bare, true
	}
	top, _, _ := strings.Cut(bare, "/")
	if prefixed || otherNode[top] || (emulatedNode[top] && isNodeSubpath(bare)) {
		return "node:" + bare, false
	}
	return "", false
}

// isNodeSubpath tells the parts of an emulated module from the files of a
// package that has the same name, such as "events/" or "util/util.js".
func isNodeSubpath(bare string) bool {
	switch bare {
	case "assert/strict", "path/posix", "path/win32", "util/types":
		return true
	}
	return false
}

// emulatedNodeList is the same set in words, for hints.
const emulatedNodeList = "node:assert, node:async_hooks, node:buffer, node:crypto, node:events, node:path and node:util"
