package web

import (
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"

	"github.com/evanw/esbuild/pkg/api"
)

// ScriptName names the script that Boot makes. Stack frames whose file begins
// with "dodev:" are no user's code.
const ScriptName = "dodev:web"

// Entry is the module of this package that installs the whole platform.
const Entry = "web/index"

//go:embed src
var source embed.FS

// LaterName names the script that goes with it.
const LaterName = "dodev:later"

// Boot bundles TypeScript into two scripts. The first one boots a VM, as
// [engine.VM.Boot] wants it; the second is for Options.Later. Entry is a path in
// overlay, or [Entry] with a nil overlay; it exports `entries`. Within it
// "web/x" is the file src/x.ts of this package, and a relative path a file
// beside the importing one.
func Boot(overlay fs.FS, entry string) (first, later string, err error) {
	both, err := bundlePair(func(shared string) (api.BuildResult, error) {
		result := api.Build(scriptOptions(entry, []api.Plugin{sources(overlay, shared)}))
		if len(result.Errors) > 0 {
			return result, buildError(result.Errors)
		}
		return result, nil
	})
	return both.first, both.later, err
}

func scriptOptions(entry string, plugins []api.Plugin) api.BuildOptions {
	return api.BuildOptions{
		EntryPoints:       []string{entry},
		Bundle:            true,
		Metafile:          true,
		Format:            api.FormatIIFE,
		GlobalName:        "__web",
		Target:            api.ES2023,
		Platform:          api.PlatformNeutral,
		Charset:           api.CharsetUTF8,
		MinifyWhitespace:  true,
		MinifySyntax:      true,
		KeepNames:         false,
		LogLevel:          api.LogLevelSilent,
		LegalComments:     api.LegalCommentsNone,
		TsconfigRaw:       `{"compilerOptions":{"useDefineForClassFields":false}}`,
		IgnoreAnnotations: true,
		Banner:            map[string]string{"js": "(function(__host){"},
		Footer:            map[string]string{"js": "return __web.entries})"},
		Plugins:           plugins,
	}
}

// sources resolves "web/…" to the files of this package and everything else to
// those of overlay. Shared is the content of web/shared, by
// which the first script hands over modules: it is made, not read.
func sources(overlay fs.FS, shared string) api.Plugin {
	return api.Plugin{Name: "sources", Setup: func(build api.PluginBuild) {
		build.OnResolve(api.OnResolveOptions{Filter: ".*"}, func(args api.OnResolveArgs) (api.OnResolveResult, error) {
			return resolve(args), nil
		})
		load := func(files fs.FS) func(api.OnLoadArgs) (api.OnLoadResult, error) {
			return func(args api.OnLoadArgs) (api.OnLoadResult, error) { return read(files, args.Path) }
		}
		inside, err := fs.Sub(source, "src")
		if err != nil {
			inside = source
		}
		build.OnLoad(api.OnLoadOptions{Filter: `^shared\.ts$`, Namespace: "web"}, func(api.OnLoadArgs) (api.OnLoadResult, error) {
			return api.OnLoadResult{Contents: &shared, Loader: api.LoaderTS}, nil
		})
		build.OnLoad(api.OnLoadOptions{Filter: ".*", Namespace: "web"}, load(inside))
		build.OnLoad(api.OnLoadOptions{Filter: ".*", Namespace: "overlay"}, load(overlay))
	}}
}

func resolve(args api.OnResolveArgs) api.OnResolveResult {
	if name, ok := strings.CutPrefix(args.Path, "web/"); ok {
		return api.OnResolveResult{Path: script(name), Namespace: "web"}
	}
	if args.Kind == api.ResolveEntryPoint {
		return api.OnResolveResult{Path: script(args.Path), Namespace: "overlay"}
	}
	return api.OnResolveResult{Path: script(path.Join(path.Dir(args.Importer), args.Path)), Namespace: args.Namespace}
}

func script(name string) string {
	return strings.TrimSuffix(path.Clean(name), ".ts") + ".ts"
}

func read(files fs.FS, name string) (api.OnLoadResult, error) {
	if files == nil {
		return api.OnLoadResult{}, fmt.Errorf("read %s: no overlay was given", name)
	}
	data, err := fs.ReadFile(files, name)
	if err != nil {
		return api.OnLoadResult{}, err
	}
	text := string(data)
	return api.OnLoadResult{Contents: &text, Loader: api.LoaderTS}, nil
}

func buildError(messages []api.Message) error {
	errs := make([]error, 0, len(messages))
	for _, m := range messages {
		place := ""
		if m.Location != nil {
			place = fmt.Sprintf("%s:%d:%d: ", m.Location.File, m.Location.Line, m.Location.Column+1)
		}
		errs = append(errs, fmt.Errorf("%s%s", place, m.Text))
	}
	return fmt.Errorf("bundle the web platform: %w", errors.Join(errs...))
}

// Fingerprint writes to w everything of this package that Boot's result
// depends on.
func Fingerprint(w io.Writer) error { return WriteTree(w, source) }

// WriteTree writes the names and contents of all files of a tree to w.
func WriteTree(w io.Writer, tree fs.FS) error {
	return fs.WalkDir(tree, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := fs.ReadFile(tree, name)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(w, "%s %d\n%s", name, len(data), data)
		return err
	})
}
