package config

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
)

// ErrNoConfig is in the error of [Find] when there is nothing to find.
var ErrNoConfig = errors.New("no wrangler.json, wrangler.jsonc or wrangler.toml")

// fileNames are the names a configuration may have, the first one preferred.
func fileNames() []string { return []string{"wrangler.json", "wrangler.jsonc", "wrangler.toml"} }

// defaultName is what a Worker without a name is called, as in wrangler dev:
// names and places of stored objects depend on it.
const defaultName = "worker"

// Find returns the configuration file for a folder: the one in it or in the
// nearest folder above that has one. Of several in one folder wrangler.json
// comes before wrangler.jsonc, and that before wrangler.toml.
func Find(dir string) (path string, err error) {
	start, err := filepath.Abs(dir)
	if err != nil {
		return "", fmt.Errorf("find configuration: %w", err)
	}
	for at := start; ; at = filepath.Dir(at) {
		for _, name := range fileNames() {
			path := filepath.Join(at, name)
			if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() {
				return path, nil
			}
		}
		if at == filepath.Dir(at) {
			return "", fmt.Errorf("%w in %s or a folder above it", ErrNoConfig, start)
		}
	}
}

// Load reads a configuration file, applies the environment asked for, and adds
// the variables of the files beside it.
//
// What is wrong with the project comes back as diagnostics, all at once and in
// the order of the file's lines, beside a Config that is as complete as it
// could be made; it is fit to run only if [Diagnostics.Err] is nil. The error
// is for a file that cannot be read at all.
func Load(path string, opts Options) (*Config, Diagnostics, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, nil, fmt.Errorf("find configuration: %w", err)
	}
	src, err := readSource(path)
	if err != nil {
		return nil, nil, fmt.Errorf("read configuration: %w", err)
	}
	parse := parseJSONC
	switch filepath.Ext(path) {
	case ".toml":
		parse = parseTOML
	case ".json", ".jsonc":
	default:
		return nil, nil, fmt.Errorf("read configuration: %s is not a .toml, .json or .jsonc file", path)
	}
	report := &reporter{}
	tree := parse(src, report)
	findings := report
	if report.has("syntax") { // what seems missing may stand behind the error
		findings = &reporter{}
	}
	c := newLoader(path, tree, opts, findings).load()
	return c, report.sorted(path), nil
}

// readSource reads a file of sensible size.
func readSource(path string) (*source, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.Size() > maxSource {
		return nil, fmt.Errorf("%s is larger than %d bytes", path, maxSource)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return newSource(path, data), nil
}

// A loader turns a checked tree into a Config.
type loader struct {
	opts   Options
	report *reporter
	view   view
	config *Config
}

func newLoader(path string, tree *node, opts Options, report *reporter) *loader {
	return &loader{
		opts: opts, report: report,
		view:   view{fields: topLevel(), top: tree},
		config: &Config{Path: path, Dir: filepath.Dir(path), Env: opts.Env},
	}
}

func (l *loader) load() *Config {
	check := checker{l.report, l.view.fields}
	check.environment(l.view.top, "")
	l.chooseEnvironment()
	if l.view.env != nil {
		check.environment(l.view.env, l.opts.Env)
		l.warnNotInherited()
	}
	l.warnNotEmulated()
	l.identity()
	l.readCompatibility()
	l.readBindings()
	l.readServices()
	l.readVars()
	l.readMigrations()
	l.readExports()
	l.readCodeUpdate()
	l.readBundling()
	l.readBuild()
	l.readDev()
	l.checkUniqueBindings()
	l.checkLifecycle()
	return l.config
}

// identity reads the Worker's name and its main module.
func (l *loader) identity() {
	c := l.config
	c.Name = l.view.get("name").string()
	if c.Name != "" && !validName(c.Name) {
		l.report.errorf(l.view.get("name").pos, "wrong-value", "%q is not a Worker's name", c.Name).
			hint("use small letters, digits, - and _ only, beginning with none of -")
	}
	switch {
	case c.Name == "":
		c.Name = defaultName
	case l.view.suffixed():
		c.Name += "-" + c.Env
	}
	c.BaseDir = l.path("base_dir")
	c.Main = l.path("main")
	switch {
	case l.view.get("main") != nil && c.Main == "":
	case c.Main == "":
		l.report.errorf(l.view.top.pos, "missing-key", "the configuration has no \"main\"").
			hint("name the Worker's first module, such as \"src/index.ts\"")
	case l.view.get("build").get("command").string() == "":
		l.checkMain()
	}
	if c.BaseDir == "" && c.Main != "" {
		c.BaseDir = filepath.Dir(c.Main)
	}
}

// checkMain reports a main module that is not there. A build command may make
// it, so it is not asked for beside one.
func (l *loader) checkMain() {
	c := l.config
	if info, err := os.Stat(c.Main); err == nil && !info.IsDir() {
		return
	}
	p := l.report.errorf(l.view.get("main").pos, "main-not-found", "main is %q, which is not there", l.view.get("main").string())
	entries, err := os.ReadDir(filepath.Dir(c.Main))
	if err != nil {
		return
	}
	var names []string
	for _, e := range entries {
		if !e.IsDir() {
			names = append(names, e.Name())
		}
	}
	if guess := near(filepath.Base(c.Main), names); guess != "" {
		p.hint("did you mean %q?", within(c.Dir, filepath.Join(filepath.Dir(c.Main), guess)))
	}
}

// validName says whether a Worker can be deployed under a name.
func validName(name string) bool {
	for i, c := range []byte(name) {
		switch {
		case 'a' <= c && c <= 'z', '0' <= c && c <= '9', c == '_', c == '-' && i > 0:
		default:
			return false
		}
	}
	return true
}

// path returns the absolute path a key names, "" if it is not given.
func (l *loader) path(key string) string {
	return l.absolute(l.view.get(key).string())
}

func (l *loader) absolute(path string) string {
	if path == "" || filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(l.config.Dir, filepath.FromSlash(path))
}

func (l *loader) readBundling() {
	c, v := l.config, l.view
	for _, rule := range v.get("rules").array() {
		c.Rules = append(c.Rules, Rule{
			Type:        rule.get("type").string(),
			Globs:       rule.get("globs").strings(),
			Fallthrough: rule.get("fallthrough").bool(),
		})
	}
	c.Alias = merged(v.get("alias"), l.opts.Alias)
	c.Define = merged(v.get("define"), l.opts.Define)
	c.TSConfig = l.path("tsconfig")
	c.JSXFactory = v.get("jsx_factory").string()
	c.JSXFragment = v.get("jsx_fragment").string()
	c.NoBundle = v.get("no_bundle").bool()
	c.FindAdditionalModules = v.get("find_additional_modules").bool()
	c.Minify = v.get("minify").bool()
	c.KeepNames = v.get("keep_names") == nil || v.get("keep_names").bool()
}

// merged returns a table of strings with others laid over it, nil if there are
// none.
func merged(n *node, over map[string]string) map[string]string {
	out := map[string]string{}
	if n != nil {
		for _, m := range n.members {
			if m.value.kind == stringKind {
				out[m.key] = m.value.text
			}
		}
	}
	for k, v := range over {
		out[k] = v
	}
	if len(out) == 0 {
		return nil
	}
	return out
}

func (l *loader) readBuild() {
	build := l.view.get("build")
	b := &l.config.Build
	b.Command = build.get("command").string()
	if b.Command == "" {
		return
	}
	b.Dir = l.config.Dir
	if dir := build.get("cwd").string(); dir != "" {
		b.Dir = l.absolute(dir)
	}
	watch := build.get("watch_dir").strings()
	if one := build.get("watch_dir").string(); one != "" {
		watch = []string{one}
	}
	if build.get("watch_dir") == nil {
		watch = []string{"src"}
	}
	for _, dir := range watch {
		b.WatchDir = append(b.WatchDir, l.absolute(dir))
	}
}

func (l *loader) readDev() {
	dev := l.view.get("dev")
	l.config.Dev = Dev{
		IP:            dev.get("ip").string(),
		Port:          dev.get("port").int(),
		LocalProtocol: dev.get("local_protocol").string(),
	}
	if port := dev.get("port"); l.config.Dev.Port > 65535 {
		l.report.errorf(port.pos, "wrong-value", "port %d is beyond 65535", port.int())
		l.config.Dev.Port = 0
	}
	l.config.CPULimit = l.view.get("limits").get("cpu_ms").int()
}

// addFile notes a file a watcher should look at.
func (l *loader) addFile(path string) {
	if !slices.Contains(l.config.Files, path) {
		l.config.Files = append(l.config.Files, path)
	}
}
