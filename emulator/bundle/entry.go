package bundle

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/dodev/dodev/emulator/config"
)

// findMain gives the file of the main module, which may be configured without
// its extension.
func findMain(cfg *config.Config, r *resolver) (string, config.Diagnostics) {
	if cfg.Main == "" {
		return "", config.Diagnostics{{
			Severity: config.Error, Code: "no-main", Pos: config.Position{File: cfg.Path},
			Message: "there is no `main`, the module that the Worker begins with",
			Hint:    mainHint(cfg, cfg.Dir),
		}}
	}
	if filepath.Ext(cfg.Main) == ".py" {
		return "", mainError(cfg, "Workers in Python are not emulated by dodev", "")
	}
	if isFile(cfg.Main) {
		return cfg.Main, nil
	}
	r.touch(cfg.Main)
	if filepath.Ext(cfg.Main) == "" {
		for _, ext := range sourceExtensions {
			r.touch(cfg.Main + ext)
			if isFile(cfg.Main + ext) {
				return cfg.Main + ext, nil
			}
		}
	}
	name := relative(cfg.Dir, cfg.Main)
	if info, err := os.Stat(cfg.Main); err == nil && info.IsDir() {
		return "", mainError(cfg, "`main` is a folder: "+name, mainHint(cfg, cfg.Main))
	}
	if cfg.Build.Command != "" {
		return "", mainError(cfg, "`"+cfg.Build.Command+"` did not make the main module "+name,
			"point `main` at the file that the build command writes")
	}
	return "", mainError(cfg, "the main module "+name+" does not exist", mainHint(cfg, cfg.Dir))
}

// mainHint suggests a main module among the usual ones below a folder.
func mainHint(cfg *config.Config, dir string) string {
	for _, name := range []string{"src/index", "src/worker", "src/main", "index", "worker", "dist/index", "dist/worker"} {
		for _, ext := range sourceExtensions {
			if file := filepath.Join(dir, filepath.FromSlash(name)+ext); isFile(file) {
				return `did you mean "` + relative(cfg.Dir, file) + `"?`
			}
		}
	}
	return ""
}

func mainError(cfg *config.Config, message, hint string) config.Diagnostics {
	return config.Diagnostics{{
		Severity: config.Error, Code: "main", Pos: mainPosition(cfg), Message: message, Hint: hint,
	}}
}

var mainKey = regexp.MustCompile(`(?m)^[ \t{]*"?main"?[ \t]*[:=][ \t]*["'](.*?)["']`)

// mainPosition finds where the configuration names its main module.
func mainPosition(cfg *config.Config) config.Position {
	pos := config.Position{File: cfg.Path}
	text, err := os.ReadFile(cfg.Path)
	if err != nil {
		return pos
	}
	for _, m := range mainKey.FindAllSubmatchIndex(text, -1) {
		value := filepath.FromSlash(string(text[m[2]:m[3]]))
		if filepath.Join(cfg.Dir, value) == cfg.Main {
			before := string(text[:m[2]-1])
			pos.Line = strings.Count(before, "\n") + 1
			pos.Column = len(before) - strings.LastIndexByte(before, '\n')
			break
		}
	}
	return pos
}

// serviceWorkerFormat is the error for code that exports nothing.
func serviceWorkerFormat(cfg *config.Config, main string) config.Diagnostic {
	return config.Diagnostic{
		Severity: config.Error, Code: "service-worker", Pos: config.Position{File: main, Line: 1, Column: 1},
		Message: relative(cfg.Dir, main) + " exports nothing: it is no module Worker, and the service-worker format cannot define Durable Objects",
		Hint:    "replace addEventListener(\"fetch\", …) by `export default { async fetch(request, env, ctx) { … } }`",
	}
}

// noDefaultExport is the warning for code that runs here but does not deploy.
func noDefaultExport(cfg *config.Config, main string) config.Diagnostic {
	return config.Diagnostic{
		Severity: config.Warning, Code: "no-default-export", Pos: config.Position{File: main, Line: 1, Column: 1},
		Message: relative(cfg.Dir, main) + " has no default export, so nothing answers requests, and wrangler would deploy it as a service worker",
		Hint:    "add `export default { async fetch(request, env, ctx) { … } }`",
	}
}

// relative names a file as users know it: below the project, with slashes.
func relative(dir, file string) string {
	rel, err := filepath.Rel(dir, file)
	if err != nil {
		return filepath.ToSlash(file)
	}
	return filepath.ToSlash(rel)
}
