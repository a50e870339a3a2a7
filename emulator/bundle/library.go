package bundle

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/evanw/esbuild/pkg/api"
)

// libraryPrefix begins the specifiers that the library answers for when the
// project has no such file.
const libraryPrefix = "@/core/services/durable-objects/"

// libraryFolder is what the library's files are called in messages, stacks and
// source maps.
const libraryFolder = "dodev/patterns/"

// own resolves an import under libraryPrefix: to what tsconfig paths or a package
// say, else to the project's own file, else to the library's.
func (q *question) own() (api.OnResolveResult, bool) {
	if len(q.plain(q.args.Path).Errors) == 0 {
		return api.OnResolveResult{}, false
	}
	path := filepath.FromSlash(strings.TrimPrefix(q.args.Path, "@/"))
	for _, root := range []string{filepath.Join(q.cfg.Dir, "src"), filepath.Dir(q.cfg.Main), q.cfg.Dir} {
		for _, ext := range sourceExtensions {
			file := filepath.Join(root, path+ext)
			q.touch(file)
			if isFile(file) {
				return api.OnResolveResult{Path: file}, true
			}
		}
	}
	answer := q.libraryModule(strings.TrimPrefix(q.args.Path, libraryPrefix))
	return answer, answer.Path != ""
}

// libraryModule finds a module of the library by its name, with or without an
// extension. The zero answer means that there is none.
func (r *resolver) libraryModule(name string) api.OnResolveResult {
	if r.library == nil {
		return api.OnResolveResult{}
	}
	file := strings.TrimSuffix(strings.TrimSuffix(name, ".ts"), ".js") + ".ts"
	if _, err := fs.Stat(r.library, file); err != nil {
		return api.OnResolveResult{}
	}
	return api.OnResolveResult{Path: file, Namespace: libraryNamespace}
}

// libraryNames are the specifiers that the library answers for.
func (r *resolver) libraryNames() []string {
	if r.library == nil {
		return nil
	}
	files, err := fs.Glob(r.library, "*.ts")
	if err != nil {
		return nil
	}
	for i, file := range files {
		files[i] = libraryPrefix + strings.TrimSuffix(file, ".ts")
	}
	return files
}

// sourceName is what users know a source by, given esbuild's name for it.
func sourceName(source string) string {
	for _, ns := range []string{libraryNamespace, textNamespace, requiredNamespace, missingNamespace} {
		name, ok := strings.CutPrefix(source, ns+":")
		switch {
		case !ok:
		case ns == libraryNamespace:
			return libraryFolder + name
		default:
			return name
		}
	}
	return source
}

// sourceExtensions are tried, in this order, on names without one.
var sourceExtensions = [...]string{".ts", ".tsx", ".js", ".jsx", ".mjs"}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}
