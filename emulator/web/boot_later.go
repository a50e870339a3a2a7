package web

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/evanw/esbuild/pkg/api"

	"github.com/dodev/dodev/emulator/engine"
)

// Most Workers need little of the platform, and each isolate pays for what is
// loaded into it. What few need is a script of its own, which an isolate loads
// when something in it is first asked for: src/later.ts asks, and
// src/later-modules.ts lists what there is. Modules of the first script that
// the second one uses are handed to it, so that there is one of each.

// laterEntry is the module that lists what the second script has.
const laterEntry = "web/later-modules"

// modulesOf lists the files that esbuild put into a script, by their paths
// within src.
func modulesOf(metafile string) (map[string][]metaImport, error) {
	var meta struct {
		Inputs map[string]struct {
			Imports []metaImport `json:"imports"`
		} `json:"inputs"`
	}
	if err := json.Unmarshal([]byte(metafile), &meta); err != nil {
		return nil, fmt.Errorf("read what was bundled: %w", err)
	}
	modules := map[string][]metaImport{}
	for path, input := range meta.Inputs {
		if name, ok := strings.CutPrefix(path, "web:"); ok {
			modules[name] = input.Imports
		}
	}
	return modules, nil
}

type metaImport struct {
	Path string `json:"path"`
	Kind string `json:"kind"`
}

// atOnce are the modules that are evaluated when the script is: those reached
// by import statements alone.
func atOnce(modules map[string][]metaImport, roots ...string) map[string]bool {
	reached := map[string]bool{}
	var visit func(name string)
	visit = func(name string) {
		if reached[name] {
			return
		}
		reached[name] = true
		for _, i := range modules[name] {
			if inner, ok := strings.CutPrefix(i.Path, "web:"); ok && i.Kind == "import-statement" {
				visit(inner)
			}
		}
	}
	for _, root := range roots {
		visit(root)
	}
	return reached
}

// sharing is the module that hands over what the second script wants. What is
// evaluated only when it is asked for stays so.
func sharing(wanted []string, once map[string]bool) string {
	var b strings.Builder
	for i, name := range wanted {
		if once[name] {
			fmt.Fprintf(&b, "import * as m%d from %q;\n", i, "web/"+strings.TrimSuffix(name, ".ts"))
		}
	}
	b.WriteString("declare const require: (path: string) => any;\nconst shared: Record<string, () => unknown> = {\n")
	for i, name := range wanted {
		if once[name] {
			fmt.Fprintf(&b, "  %q: () => m%d,\n", name, i)
		} else {
			fmt.Fprintf(&b, "  %q: () => require(%q),\n", name, "web/"+strings.TrimSuffix(name, ".ts"))
		}
	}
	b.WriteString("};\nexport default shared;\n")
	return b.String()
}

// handedOver resolves, for the second script, the modules of the first one.
func handedOver(first map[string][]metaImport, wanted map[string]bool) api.Plugin {
	var asked sync.Mutex
	return api.Plugin{Name: "shared", Setup: func(build api.PluginBuild) {
		build.OnResolve(api.OnResolveOptions{Filter: ".*"}, func(args api.OnResolveArgs) (api.OnResolveResult, error) {
			found := resolve(args)
			if found.Namespace != "web" || first[found.Path] == nil || args.Kind == api.ResolveEntryPoint {
				return api.OnResolveResult{}, nil
			}
			asked.Lock() // esbuild asks from many goroutines
			wanted[found.Path] = true
			asked.Unlock()
			return api.OnResolveResult{Path: found.Path, Namespace: "shared"}, nil
		})
		build.OnLoad(api.OnLoadOptions{Filter: ".*", Namespace: "shared"}, func(args api.OnLoadArgs) (api.OnLoadResult, error) {
			text := fmt.Sprintf("module.exports = __shared(%q);", args.Path)
			return api.OnLoadResult{Contents: &text, Loader: api.LoaderJS}, nil
		})
	}}
}

// A pair is both scripts.
type pair struct{ first, later string }

// bundlePair makes both scripts. The first is bundled twice: to see what is in
// it, and with what it has to hand over.
func bundlePair(build func(shared string) (api.BuildResult, error)) (pair, error) {
	seen, err := build("export default {};")
	if err != nil {
		return pair{}, err
	}
	first, err := modulesOf(seen.Metafile)
	if err != nil {
		return pair{}, err
	}
	wanted := map[string]bool{}
	later := api.Build(laterOptions(handedOver(first, wanted)))
	if len(later.Errors) > 0 {
		return pair{}, buildError(later.Errors)
	}
	names := make([]string, 0, len(wanted))
	for name := range wanted {
		names = append(names, name)
	}
	slices.Sort(names)
	whole, err := build(sharing(names, atOnce(first, "index.ts")))
	if err != nil {
		return pair{}, err
	}
	return pair{string(whole.OutputFiles[0].Contents), string(later.OutputFiles[0].Contents)}, nil
}

func laterOptions(plugin api.Plugin) api.BuildOptions {
	options := scriptOptions(laterEntry, []api.Plugin{plugin, sources(nil, "")})
	options.Banner = map[string]string{"js": "(function(__host,__shared){"}
	options.Footer = map[string]string{"js": "return __web.modules})"}
	return options
}

// registerWords adds the function of src/words.ts.
func (h *host) registerWords() {
	h.vm.Func("sourceLine", func(c engine.Call) error {
		if h.opts.SourceLine == nil {
			return nil
		}
		if line := h.opts.SourceLine(c.String(0), c.Int(1)); line != "" {
			c.Return(engine.String(line))
		}
		return nil
	})
}

// registerLater adds the function of src/later.ts.
func (h *host) registerLater() {
	h.vm.Func("later", func(c engine.Call) error {
		if h.opts.Later == nil {
			return engine.Error("this isolate was not given the second script of the platform")
		}
		code, err := h.opts.Later()
		if err != nil {
			return fmt.Errorf("load more of the platform: %w", err)
		}
		return c.ReturnScript(code)
	})
}
