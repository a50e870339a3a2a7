package bundle

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"

	"github.com/evanw/esbuild/pkg/api"

	"github.com/dodev/dodev/emulator/config"
)

// collect takes a project's modules as they are, for no_bundle. Nothing is
// compiled, as nothing is in a deploy: TypeScript is a syntax error here. Only
// what this engine does not parse is lowered. The modules are walked as the
// runtime will link them, so that what would not load is found now.
func (b *Builder) collect(main string) (*Bundle, config.Diagnostics) {
	r := b.resolver
	if ds := r.findModules(main); ds != nil {
		return nil, ds
	}
	entry, err := r.readModule(main, relative(r.baseDir(main), main), ESModule)
	if err != nil {
		return nil, mainError(b.cfg, err.Error(), "")
	}
	r.found[main] = entry
	walk := api.Build(b.walkOptions(main))
	if len(walk.Errors) > 0 {
		return nil, b.diagnostics(walk.Errors, config.Error)
	}
	meta := readMetafile(walk.Metafile)
	bundle := &Bundle{Main: entry.Name, Exports: meta.Exports, Builtins: meta.builtins()}
	slices.Sort(bundle.Exports)
	bundle.NeedsAsyncContext = r.mentionsContext()
	delete(r.found, main)
	bundle.Modules = append([]Module{lowerModule(entry, bundle.NeedsAsyncContext)}, r.beside(output{}, bundle.NeedsAsyncContext)...)
	return bundle, nil
}

// walkOptions build a bundle that is thrown away: it tells the exports and what
// is wrong.
func (b *Builder) walkOptions(main string) api.BuildOptions {
	return api.BuildOptions{
		EntryPoints:   []string{main},
		AbsWorkingDir: b.cfg.Dir,
		Outdir:        b.cfg.Dir, AllowOverwrite: true,
		Bundle:      true,
		Metafile:    true,
		Format:      api.FormatESModule,
		Platform:    api.PlatformNeutral,
		TsconfigRaw: "{}",
		LogLevel:    api.LogLevelSilent,
		Plugins:     []api.Plugin{{Name: "dodev", Setup: b.setupWalk}},
	}
}

func (b *Builder) setupWalk(build api.PluginBuild) {
	r := b.resolver
	build.OnResolve(api.OnResolveOptions{Filter: ".*"}, func(args api.OnResolveArgs) (api.OnResolveResult, error) {
		if args.Kind == api.ResolveEntryPoint {
			return api.OnResolveResult{}, nil
		}
		return r.link(args), nil
	})
	build.OnLoad(api.OnLoadOptions{Filter: ".*", Namespace: "file"}, func(args api.OnLoadArgs) (api.OnLoadResult, error) {
		text := string(r.found[args.Path].Source)
		return api.OnLoadResult{Contents: &text, Loader: api.LoaderJS}, nil
	})
}

// link resolves an import between modules that are taken as they are.
func (r *resolver) link(args api.OnResolveArgs) api.OnResolveResult {
	if name, emulated := nodeModule(args.Path); name != "" && isRuntimeModule(args.Path) && !r.allowsNode(args.Path) {
		return refuse("node-module", r.nodeRefusal(name, args.Path), r.nodeHint(args.Path))
	} else if emulated {
		return api.OnResolveResult{Path: name, External: true}
	} else if name != "" && isRuntimeModule(args.Path) {
		return refuse("node-module", name+" is not part of the Workers runtime", "")
	}
	if isRuntimeModule(args.Path) {
		return api.OnResolveResult{Path: args.Path, External: true}
	}
	name := moduleName(r.found[args.Importer].Name, args.Path)
	for file, m := range r.found {
		if m.Name == name {
			return api.OnResolveResult{Path: file, External: m.Kind != ESModule}
		}
	}
	if args.Kind != api.ResolveJSImportStatement {
		return api.OnResolveResult{Path: args.Path, External: true}
	}
	file := filepath.Join(r.baseDir(r.cfg.Main), filepath.FromSlash(name))
	r.touch(file)
	if isFile(file) {
		return refuse("no-rule", fmt.Sprintf("no rule makes %s a module of this Worker", name),
			fmt.Sprintf("no_bundle loads only what rules name: add { type = %q, globs = [\"**/*%s\"] }", usualKind(name), path.Ext(name)))
	}
	return refuse("unresolved-import", fmt.Sprintf("no such module %q", name), "with no_bundle, packages are not looked for")
}

// usualKind is how files of such a name are mostly loaded.
func usualKind(name string) ModuleKind {
	switch path.Ext(name) {
	case ".js", ".mjs":
		return ESModule
	case ".cjs":
		return CommonJS
	}
	return Text
}

// baseDir is the folder that additional modules lie in and are named from.
func (r *resolver) baseDir(main string) string {
	if r.cfg.BaseDir != "" {
		return r.cfg.BaseDir
	}
	return filepath.Dir(main)
}

// findModules reads every file below the base directory that a rule names, the
// main module apart.
func (r *resolver) findModules(main string) config.Diagnostics {
	base := r.baseDir(main)
	if info, err := os.Stat(base); err != nil || !info.IsDir() {
		return r.complain(fmt.Sprintf("the base directory %s does not exist", relative(r.cfg.Dir, base)), "")
	}
	err := filepath.WalkDir(base, func(file string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			return r.enter(base, file, entry.Name())
		}
		if file == main || file == r.cfg.Path {
			return nil
		}
		name := relative(base, file)
		found, shadowed := r.rules.forFile(name)
		if shadowed != nil {
			return &shadowedError{name, shadowed}
		}
		if found == nil {
			return nil
		}
		r.found[file], err = r.readModule(file, name, found.kind)
		return err
	})
	var refused *shadowedError
	switch {
	case errors.As(err, &refused):
		return r.complain(refused.Error(), refused.hint())
	case err != nil:
		return r.complain(err.Error(), "")
	}
	return nil
}

// complain is an error about the additional modules.
func (r *resolver) complain(message, hint string) config.Diagnostics {
	return config.Diagnostics{{
		Severity: config.Error, Code: "additional-modules", Pos: config.Position{File: r.cfg.Path},
		Message: message, Hint: hint,
	}}
}

// enter notes a folder of additional modules, since one may be added, and skips
// those that hold none of the project's.
func (r *resolver) enter(base, dir, name string) error {
	if dir != base && (name == ".git" || name == ".wrangler" || name == ".dodev") {
		return filepath.SkipDir
	}
	if dir == base {
		r.touch(dir)
	}
	return nil
}

func (r *resolver) readModule(file, name string, kind ModuleKind) (Module, error) {
	content, err := os.ReadFile(file)
	if err != nil {
		return Module{}, err
	}
	r.touch(file)
	m := Module{Name: name, Kind: kind, Source: content}
	if kind == ESModule || kind == CommonJS {
		m.Map = identityMap(relative(r.cfg.Dir, file), string(content))
	}
	return m, nil
}

// mentionsContext reports whether any JavaScript module needs its async
// functions to keep a context. It may say yes to a comment, never no to an
// import.
func (r *resolver) mentionsContext() bool {
	for _, m := range r.found {
		if m.Map != nil && (bytes.Contains(m.Source, []byte("async_hooks")) || mentionsScopes(m.Source)) {
			return true
		}
	}
	return false
}

// mentionsScopes reports whether code may use withEnv, withExports or
// withEnvAndExports of cloudflare:workers, which last across an await.
func mentionsScopes(code []byte) bool {
	return bytes.Contains(code, []byte("cloudflare:workers")) &&
		(bytes.Contains(code, []byte("withEnv")) || bytes.Contains(code, []byte("withExports")))
}
