package bundle

import "strings"

// nodeModules are the modules of node that the runtime supplies, with the prefix
// or without.
var nodeModules = set(`
	_stream_duplex _stream_passthrough _stream_readable _stream_transform _stream_writable
	assert assert/strict async_hooks buffer child_process cluster console constants crypto dgram diagnostics_channel
	dns dns/promises domain events fs fs/promises http http2 https inspector inspector/promises module net os
	path path/posix path/win32 perf_hooks process punycode querystring readline readline/promises repl
	stream stream/consumers stream/promises stream/web string_decoder sys timers timers/promises tls trace_events
	tty url util util/types v8 vm wasi worker_threads zlib`)

// prefixedModules are those that have their prefix always.
var prefixedModules = set("sqlite test")

func set(names string) map[string]bool {
	all := map[string]bool{}
	for name := range strings.FieldsSeq(names) {
		all[name] = true
	}
	return all
}

// nodeModule gives a specifier's name with the prefix, and whether the runtime
// supplies it. The name is empty when the specifier is no module of node. The
// files of a package of the same name, such as "events/" or "util/util.js", are
// none.
func nodeModule(specifier string) (name string, supplied bool) {
	bare, prefixed := strings.CutPrefix(specifier, "node:")
	switch {
	case nodeModules[bare], prefixed && prefixedModules[bare]:
		return "node:" + bare, true
	case prefixed:
		return specifier, false
	}
	return "", false
}
