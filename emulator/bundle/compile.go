package bundle

import (
	"encoding/json"
	"path/filepath"
	"slices"
	"strings"

	"github.com/evanw/esbuild/pkg/api"

	"github.com/dodev/dodev/emulator/config"
)

// compile bundles the main module and all it imports into one.
func (b *Builder) compile(main string) (*Bundle, config.Diagnostics) {
	if b.cfg.FindAdditionalModules {
		if ds := b.resolver.findModules(main); ds != nil {
			return nil, ds
		}
	}
	result, ds := b.run(main)
	if ds.HasErrors() {
		return nil, ds
	}
	return b.assemble(main, result), ds
}

// run builds until the code is lowered as far as it needs: whether async
// functions must go is known only once all imports are.
func (b *Builder) run(main string) (api.BuildResult, config.Diagnostics) {
	for {
		if err := b.open(main); err != nil {
			return api.BuildResult{}, b.diagnostics(err.Errors, config.Error)
		}
		result := b.session.Rebuild()
		ds := append(b.diagnostics(result.Errors, config.Error), b.diagnostics(result.Warnings, config.Warning)...)
		needed := len(result.Errors) == 0 && b.needsAsyncContext(result)
		if len(result.Errors) > 0 || needed == b.lowered {
			return result, ds
		}
		b.lowered = needed
		b.discard()
	}
}

// open prepares an incremental build of main, if the last one was not of it.
func (b *Builder) open(main string) *api.ContextError {
	if b.session != nil && b.main == main {
		return nil
	}
	b.discard()
	session, err := api.Context(b.options(main))
	if err != nil {
		return err
	}
	b.session, b.main = session, main
	return nil
}

func (b *Builder) discard() {
	if b.session != nil {
		b.session.Dispose()
		b.session = nil
	}
}

// options say how to build as Cloudflare's own tool does, for an engine of ES2023.
func (b *Builder) options(main string) api.BuildOptions {
	return api.BuildOptions{
		EntryPointsAdvanced: []api.EntryPoint{{InputPath: main, OutputPath: baseName(main)}},
		AbsWorkingDir:       b.cfg.Dir,
		Outdir:              b.cfg.Dir, // only named, so that source maps are relative to it
		AllowOverwrite:      true,
		Bundle:              true,
		Metafile:            true,
		Format:              api.FormatESModule,
		// Packages choose their files for browsers by the "browser" field too.
		Platform:          api.PlatformBrowser,
		Conditions:        []string{"workerd", "worker", "browser"},
		MainFields:        []string{"browser", "module", "main"},
		Target:            api.ES2023,
		Supported:         supported(b.lowered),
		Sourcemap:         api.SourceMapExternal,
		LegalComments:     api.LegalCommentsNone,
		KeepNames:         b.cfg.KeepNames,
		MinifyWhitespace:  b.cfg.Minify,
		MinifySyntax:      b.cfg.Minify,
		MinifyIdentifiers: b.cfg.Minify,
		Define:            b.cfg.Define,
		Tsconfig:          b.cfg.TSConfig,
		JSXFactory:        b.cfg.JSXFactory,
		JSXFragment:       b.cfg.JSXFragment,
		Loader:            map[string]api.Loader{".js": api.LoaderJSX, ".mjs": api.LoaderJSX, ".cjs": api.LoaderJSX},
		Plugins:           []api.Plugin{{Name: "dodev", Setup: b.setup}},
		LogLevel:          api.LogLevelSilent,
	}
}

// supported overrides what the target says of the engine.
func supported(lowered bool) map[string]bool {
	if !lowered {
		return nil
	}
	return map[string]bool{"async-await": false, "async-generator": false, "for-await": false}
}

// assemble makes the bundle of what esbuild wrote and what was left beside it.
func (b *Builder) assemble(main string, result api.BuildResult) *Bundle {
	entry := Module{Name: baseName(main) + ".js", Kind: ESModule}
	for _, file := range result.OutputFiles {
		if strings.HasSuffix(file.Path, ".map") {
			entry.Map = newSourceMap(file.Contents, sourceName)
		} else {
			entry.Source = file.Contents
		}
	}
	meta := readMetafile(result.Metafile)
	bundle := &Bundle{
		Main:              entry.Name,
		Modules:           append([]Module{entry}, b.resolver.beside(meta, b.lowered)...),
		Exports:           meta.Exports,
		Builtins:          meta.builtins(),
		NeedsAsyncContext: b.lowered,
	}
	slices.Sort(bundle.Exports)
	return bundle
}

func (b *Builder) needsAsyncContext(result api.BuildResult) bool {
	if slices.Contains(readMetafile(result.Metafile).builtins(), "node:async_hooks") || b.resolver.mentionsContext() {
		return true
	}
	return slices.ContainsFunc(result.OutputFiles, func(f api.OutputFile) bool {
		return filepath.Ext(f.Path) == ".js" && mentionsScopes(f.Contents)
	})
}

// baseName is the name of a file without its folder and extension.
func baseName(file string) string {
	base := filepath.Base(file)
	return strings.TrimSuffix(base, filepath.Ext(base))
}

// An output is what esbuild says of a file that it made of an entry point.
type output struct {
	EntryPoint string
	Exports    []string
	Imports    []struct {
		Path     string
		External bool
	}
}

// readMetafile gives the output of the entry point.
func readMetafile(text string) output {
	var meta struct{ Outputs map[string]output }
	if json.Unmarshal([]byte(text), &meta) == nil {
		for _, out := range meta.Outputs {
			if out.EntryPoint != "" {
				return out
			}
		}
	}
	return output{}
}

// builtins are the runtime's modules among the imports, sorted.
func (o output) builtins() []string {
	var names []string
	for _, imported := range o.Imports {
		if imported.External && isRuntimeModule(imported.Path) {
			names = append(names, imported.Path)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}
