// Package bundle turns a project's configuration into the code an isolate
// loads: JavaScript modules, the text, data and wasm they import, and the
// source maps that lead an error back to the line its author wrote.
//
// It bundles as Cloudflare's own tool does, with the same conditions, rules and
// names, so that what builds here builds there; what the engine cannot parse is
// lowered on the way. A [Builder] keeps what it parsed between saves. Whatever is
// wrong with the code comes back as located diagnostics, all of them at once.
//
// It knows nothing of the engine and never runs the project's code, the custom
// build command apart. A [Bundle] is immutable and safe for concurrent use; a
// Builder belongs to one goroutine, except for its Close.
package bundle

import (
	"fmt"
	"path"
	"slices"
	"strings"
)

// A Bundle is a Worker's code, ready to be loaded.
type Bundle struct {
	// Main names the entry module, such as "index.js".
	Main string
	// Modules are all modules of the Worker, the entry first, then by name.
	Modules []Module
	// Inputs are the files the code was made of and those whose appearance
	// would change it, absolute and sorted. A folder stands for all below it.
	Inputs []string
	// Exports are the names the entry exports, sorted.
	Exports []string
	// Builtins are the modules of the runtime that the code imports, such as
	// "cloudflare:workers" and "node:events", sorted. A node module is named
	// with its prefix however it was imported.
	Builtins []string
	// NeedsAsyncContext says that the code uses node:async_hooks, or withEnv or
	// its like of cloudflare:workers. Its async functions are then generators
	// driven by promises, since an engine without promise hooks can only follow a
	// context through Promise.prototype.then.
	NeedsAsyncContext bool
}

// A Module is one unit of a Worker.
type Module struct {
	Name   string // relative to the Worker's root, with slashes
	Kind   ModuleKind
	Source []byte
	Map    *SourceMap // of ESModule and CommonJS, otherwise nil
}

// ModuleKind says what importing a module gives.
type ModuleKind int

const (
	ESModule ModuleKind = iota // its exports
	CommonJS                   // module.exports as the default export
	Text                       // a string as the default export
	Data                       // an ArrayBuffer as the default export
	Wasm                       // a WebAssembly.Module as the default export
)

// String gives the name that rules in a configuration use.
func (k ModuleKind) String() string {
	switch k {
	case ESModule:
		return "ESModule"
	case CommonJS:
		return "CommonJS"
	case Text:
		return "Text"
	case Data:
		return "Data"
	case Wasm:
		return "CompiledWasm"
	}
	return fmt.Sprintf("ModuleKind(%d)", int(k))
}

// Module returns the module of that name, or nil.
func (b *Bundle) Module(name string) *Module {
	if i := slices.IndexFunc(b.Modules, func(m Module) bool { return m.Name == name }); i >= 0 {
		return &b.Modules[i]
	}
	return nil
}

// Resolve names the module that an import of specifier in the module base
// means: a module of this bundle, or one of the runtime, which the caller
// supplies. The error has the platform's words.
func (b *Bundle) Resolve(base, specifier string) (string, error) {
	if isRuntimeModule(specifier) {
		return specifier, nil
	}
	name := moduleName(base, specifier)
	if b.Module(name) == nil && nodeModules[specifier] {
		return "node:" + specifier, nil
	}
	if b.Module(name) == nil {
		return "", fmt.Errorf("No such module %q.\n  imported from %q", name, base)
	}
	return name, nil
}

// moduleName resolves specifier against the module base. As on the platform a
// bare specifier is a relative one: there are no packages at run time.
func moduleName(base, specifier string) string {
	if strings.HasPrefix(specifier, "/") {
		return strings.TrimPrefix(path.Clean(specifier), "/")
	}
	return path.Join(path.Dir(base), specifier)
}

// isRuntimeModule reports whether a specifier names a module that the runtime
// supplies, or ought to.
func isRuntimeModule(specifier string) bool {
	return strings.HasPrefix(specifier, "cloudflare:") || strings.HasPrefix(specifier, "node:")
}
