package bundle

import (
	"fmt"
	"strings"

	"github.com/evanw/esbuild/pkg/api"
)

// allowsNode reports whether the Worker's flags let it import a node module by
// this specifier. The first form of nodejs_compat wants the prefix.
func (r *resolver) allowsNode(specifier string) bool {
	bare, prefixed := strings.CutPrefix(specifier, "node:")
	switch {
	case r.cfg.Flag("nodejs_compat_v2"):
		return true
	case !prefixed:
		return false
	}
	return r.cfg.Flag("nodejs_compat") || (bare == "async_hooks" && r.cfg.Flag("nodejs_als"))
}

// withoutNode answers for a node module that the Worker's flags leave it
// without. A package may have its unprefixed name; and a package that may be
// content without it, since it does not import it statically, learns so at run
// time.
func (q *question) withoutNode(name string) (api.OnResolveResult, bool) {
	if !strings.HasPrefix(q.args.Path, "node:") && len(q.plain(q.args.Path).Errors) == 0 {
		return api.OnResolveResult{}, false
	}
	if packageOf(q.args.Importer) != "" && q.args.Kind != api.ResolveJSImportStatement {
		return api.OnResolveResult{Path: name, Namespace: refusedNamespace}, true
	}
	return refuse("node-module", q.nodeRefusal(name, q.args.Path), q.nodeHint(q.args.Path)), true
}

// nodeRefusal says what is wrong with an import that allowsNode refuses.
func (r *resolver) nodeRefusal(name, specifier string) string {
	if r.cfg.Flag("nodejs_compat") {
		return fmt.Sprintf("%q is not found, and as of %s the runtime's own is %q", specifier, r.cfg.CompatibilityDate, name)
	}
	return fmt.Sprintf("%s is there only with the compatibility flag \"nodejs_compat\"", name)
}

func (r *resolver) nodeHint(specifier string) string {
	if r.cfg.Flag("nodejs_compat") {
		return "write the prefix, or use a compatibility_date of 2024-09-23 or later"
	}
	if r.cfg.Flag("no_nodejs_compat") && r.cfg.CompatibilityDate >= "2026-08-04" {
		return `take "no_nodejs_compat" off compatibility_flags`
	}
	return `add "nodejs_compat" to compatibility_flags, or use a compatibility_date of 2026-08-04 or later`
}
