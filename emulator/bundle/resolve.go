package bundle

import (
	"crypto/sha1"
	"encoding/hex"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/evanw/esbuild/pkg/api"

	"github.com/dodev/dodev/emulator/config"
)

// Namespaces of what is not a plain file. The library's is what its files are
// called in messages and source maps.
const (
	libraryNamespace  = "dodev-patterns" // library modules, by their file name
	requiredNamespace = "dodev-required" // external modules reached by require, by specifier
	missingNamespace  = "dodev-missing"  // modules that throw when they are loaded, by name
	refusedNamespace  = "dodev-refused"  // those the Worker's flags leave it without, likewise
	textNamespace     = "dodev-text"     // files that a rule loads as text, by path
)

// A resolver answers esbuild's questions about imports for one build, and notes
// what it answered. esbuild asks from many goroutines.
type resolver struct {
	cfg     *config.Config
	library fs.FS
	rules   rules
	found   map[string]Module // additional modules, by path

	mu      sync.Mutex
	touched map[string]bool   // files read or looked for
	modules map[string]Module // modules left beside the bundle, by name
}

func newResolver(cfg *config.Config, library fs.FS) *resolver {
	return &resolver{
		cfg: cfg, library: library,
		found:   map[string]Module{},
		touched: map[string]bool{},
		modules: map[string]Module{},
	}
}

// setup connects esbuild to the resolver of the build that is running.
func (b *Builder) setup(build api.PluginBuild) {
	build.OnResolve(api.OnResolveOptions{Filter: ".*"}, func(args api.OnResolveArgs) (api.OnResolveResult, error) {
		if args.Kind == api.ResolveEntryPoint || args.PluginData == plainly {
			return api.OnResolveResult{}, nil
		}
		q := question{resolver: b.resolver, args: args, ask: build.Resolve}
		return q.answer(), nil
	})
	build.OnLoad(api.OnLoadOptions{Filter: ".*"}, func(args api.OnLoadArgs) (api.OnLoadResult, error) {
		return b.resolver.load(args)
	})
}

// plainly marks a question of our own, to be answered by esbuild alone.
const plainly = "plainly"

// A question is one import to be resolved.
type question struct {
	*resolver
	args api.OnResolveArgs
	ask  func(string, api.ResolveOptions) api.ResolveResult
}

// answer resolves the import. The zero answer leaves it to esbuild.
func (q *question) answer() api.OnResolveResult {
	switch q.args.Namespace {
	case requiredNamespace:
		return api.OnResolveResult{Path: q.args.Path, External: true}
	case libraryNamespace:
		if strings.HasPrefix(q.args.Path, "./") {
			return q.libraryModule(strings.TrimPrefix(q.args.Path, "./"))
		}
	}
	target, aliased := q.cfg.Alias[q.args.Path]
	if !aliased {
		answer, _ := q.route()
		return answer
	}
	q.args.Path, q.args.ResolveDir = target, q.cfg.Dir
	if answer, ok := q.route(); ok {
		return answer
	}
	return q.adopt(q.plain(q.args.Path))
}

// route answers for imports that are not as esbuild takes them.
func (q *question) route() (api.OnResolveResult, bool) {
	if name, emulated := nodeModule(q.args.Path); name != "" && !q.allowsNode(q.args.Path) {
		return q.withoutNode(name)
	} else if emulated {
		return q.external(name), true
	} else if name != "" {
		return q.noNodeModule(name)
	}
	if strings.HasPrefix(q.args.Path, "cloudflare:") {
		return q.external(q.args.Path), true
	}
	if module, ok := q.found[filepath.Join(q.args.ResolveDir, filepath.FromSlash(q.args.Path))]; ok {
		return q.external("./" + module.Name), true
	}
	found, shadowed := q.rules.forImport(q.args.Path)
	switch {
	case found != nil:
		return q.byRule(found)
	case shadowed != nil:
		refused := shadowedError{q.args.Path, shadowed}
		return refuse("shadowed-rule", refused.Error(), refused.hint()), true
	}
	if strings.HasPrefix(q.args.Path, libraryPrefix) {
		return q.own()
	}
	return api.OnResolveResult{}, false
}

// plain asks esbuild how it would resolve a specifier.
func (q *question) plain(specifier string) api.ResolveResult {
	return q.ask(specifier, api.ResolveOptions{
		Importer: q.args.Importer, Namespace: q.args.Namespace, ResolveDir: q.args.ResolveDir,
		Kind: q.args.Kind, With: q.args.With, PluginData: plainly,
	})
}

// adopt makes esbuild's own answer ours.
func (q *question) adopt(r api.ResolveResult) api.OnResolveResult {
	answer := api.OnResolveResult{
		Path: r.Path, Namespace: r.Namespace, Suffix: r.Suffix, External: r.External,
		Errors: r.Errors, Warnings: r.Warnings,
	}
	if !r.SideEffects {
		answer.SideEffects = api.SideEffectsFalse
	}
	return answer
}

// external leaves a module out of the bundle. An ES module has no require, so a
// call of it goes through a module that imports.
func (q *question) external(specifier string) api.OnResolveResult {
	if q.args.Kind == api.ResolveJSRequireCall {
		return api.OnResolveResult{Path: specifier, Namespace: requiredNamespace}
	}
	return api.OnResolveResult{Path: specifier, External: true}
}

// noNodeModule answers for a node module that the platform does not have. A
// package that may be content without it, since it does not import it
// statically, learns so at run time.
func (q *question) noNodeModule(name string) (api.OnResolveResult, bool) {
	pkg := packageOf(q.args.Importer)
	if pkg == "" {
		return refuse("node-module", name+" is not part of the Workers runtime",
			"`alias` can put a module of your own in its place"), true
	}
	if q.args.Kind == api.ResolveJSImportStatement {
		return refuse("node-module", fmt.Sprintf("package %q imports %s, which is not part of the Workers runtime", pkg, name),
			"`alias` can put a module of your own in its place"), true
	}
	return api.OnResolveResult{Path: name, Namespace: missingNamespace, PluginData: pkg}, true
}

// byRule loads a file as a rule says: text becomes part of the bundle, the rest
// stays beside it under a name that changes with its content.
func (q *question) byRule(r *rule) (api.OnResolveResult, bool) {
	resolved := q.plain(q.args.Path)
	if len(resolved.Errors) > 0 {
		resolved = q.plain(strings.TrimSuffix(q.args.Path, "?module"))
	}
	if len(resolved.Errors) > 0 || resolved.External {
		return api.OnResolveResult{}, false
	}
	q.touch(resolved.Path)
	if r.kind == Text {
		return api.OnResolveResult{Path: resolved.Path, Namespace: textNamespace}, true
	}
	content, err := os.ReadFile(resolved.Path)
	if err != nil {
		return refuse("unreadable", err.Error(), ""), true
	}
	sum := sha1.Sum(content)
	name := hex.EncodeToString(sum[:]) + "-" + filepath.Base(resolved.Path)
	q.mu.Lock()
	q.modules[name] = Module{Name: name, Kind: r.kind, Source: content}
	q.mu.Unlock()
	return q.external("./" + name), true
}

// load gives the content of what is not a plain file, and notes what is.
func (r *resolver) load(args api.OnLoadArgs) (api.OnLoadResult, error) {
	switch args.Namespace {
	case "file":
		r.touch(args.Path)
		return api.OnLoadResult{}, nil
	case textNamespace:
		content, err := os.ReadFile(args.Path)
		text := string(content)
		return api.OnLoadResult{Contents: &text, Loader: api.LoaderText}, err
	case libraryNamespace:
		content, err := fs.ReadFile(r.library, args.Path)
		text := string(content)
		return api.OnLoadResult{Contents: &text, Loader: api.LoaderTS, ResolveDir: r.cfg.Dir}, err
	case requiredNamespace:
		text := fmt.Sprintf("import * as module_ from %q; module.exports = module_.default ?? module_;", args.Path)
		return api.OnLoadResult{Contents: &text, Loader: api.LoaderJS}, nil
	case refusedNamespace:
		text := fmt.Sprintf("throw new Error(%q);", fmt.Sprintf("No such module %q.", args.Path))
		return api.OnLoadResult{Contents: &text, Loader: api.LoaderJS}, nil
	case missingNamespace:
		text := fmt.Sprintf("throw new Error(%q);", fmt.Sprintf("%s is not part of the Workers runtime, but package %q needs it here", args.Path, args.PluginData))
		return api.OnLoadResult{Contents: &text, Loader: api.LoaderJS}, nil
	}
	return api.OnLoadResult{}, nil
}

// touch notes a file that was read or looked for.
func (r *resolver) touch(paths ...string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, p := range paths {
		r.touched[p] = true
	}
}

// paths are all files noted, in no order.
func (r *resolver) paths() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Collect(maps.Keys(r.touched))
}

// beside are the modules that go with the bundle: those it imports, and the
// additional ones, which code may import by a computed name.
func (r *resolver) beside(meta output, lowered bool) []Module {
	r.mu.Lock()
	defer r.mu.Unlock()
	var modules []Module
	for _, imported := range meta.Imports {
		if m, ok := r.modules[strings.TrimPrefix(imported.Path, "./")]; ok {
			modules = append(modules, m)
		}
	}
	for _, m := range r.found {
		modules = append(modules, lowerModule(m, lowered))
	}
	slices.SortFunc(modules, func(a, b Module) int { return strings.Compare(a.Name, b.Name) })
	return slices.CompactFunc(modules, func(a, b Module) bool { return a.Name == b.Name })
}

// A finding is what we know of a problem beyond esbuild's text. It travels as
// the detail of a message.
type finding struct{ code, hint string }

// refuse makes an import an error at its place.
func refuse(code, text, hint string) api.OnResolveResult {
	return api.OnResolveResult{Errors: []api.Message{{Text: text, Detail: finding{code, hint}}}}
}

// packageOf names the package that a file belongs to, "" when it is not under
// node_modules.
func packageOf(file string) string {
	const folder = "/node_modules/"
	file = filepath.ToSlash(file)
	i := strings.LastIndex(file, folder)
	if i < 0 {
		return ""
	}
	return packageName(file[i+len(folder):])
}

// packageName is the package that a specifier begins with.
func packageName(specifier string) string {
	parts := strings.SplitN(specifier, "/", 3)
	if strings.HasPrefix(specifier, "@") && len(parts) > 1 {
		return parts[0] + "/" + parts[1]
	}
	return parts[0]
}
