package config_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/dodev/dodev/emulator/config"
)

// project writes files, and a module src/index.ts, into a new folder.
func project(t *testing.T, files map[string]string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	write(t, dir, "src/index.ts", "")
	for name, text := range files {
		write(t, dir, name, text)
	}
	return dir
}

// load loads a project's only configuration, which must be without errors.
func load(t *testing.T, dir string, opts config.Options) *config.Config {
	t.Helper()
	path, err := config.Find(dir)
	if err != nil {
		t.Fatal(err)
	}
	opts.Now = now()
	cfg, diags, err := config.Load(path, opts)
	if err != nil {
		t.Fatal(err)
	}
	if err := diags.Err(); err != nil {
		t.Fatal(err)
	}
	return cfg
}

const whole = `
name = "chat"
main = "src/index.ts"
compatibility_date = "2026-11-01"
compatibility_flags = ["nodejs_als"]
rules = [{ type = "Text", globs = ["**/*.txt"], fallthrough = true }]
alias = { "a" = "./b" }
define = { X = "1", Y = "2" }
tsconfig = "tsconfig.dev.json"
jsx_factory = "h"
jsx_fragment = "Fragment"
no_bundle = true
find_additional_modules = true
minify = true
keep_names = false
limits = { cpu_ms = 50 }
build = { command = "make", cwd = "tools", watch_dir = ["a", "b"] }
dev = { ip = "0.0.0.0", port = 9000, local_protocol = "https" }
migrations = [
  { tag = "v1", new_classes = ["K"], new_sqlite_classes = ["R"] },
  { tag = "v2", renamed_classes = [{ from = "K", to = "L" }],
    transferred_classes = [{ from = "A", from_script = "other", to = "T" }] },
]
[vars]
NAME = "value <&>"
LIST = [1, 2.5, true, { a = "b" }]
[durable_objects]
bindings = [
  { name = "ROOMS", class_name = "R" },
  { name = "FAR", class_name = "Far", script_name = "other", environment = "beta" },
  { name = "OWN", class_name = "L", script_name = "chat" },
]
code_update_strategy = { mode = "deferred", max_delay = 1.5 }
[[services]]
binding = "AUTH"
service = "auth"
entrypoint = "Admin"
props = { a = 1 }
`

func TestLoadReadsEveryField(t *testing.T) {
	dir := project(t, map[string]string{"wrangler.toml": whole})
	got := load(t, dir, config.Options{
		Define: map[string]string{"Y": "3"}, Alias: map[string]string{"c": "d"},
		Vars: []config.Var{{Name: "CLI", JSON: `"x"`, Source: "--var"}},
	})
	for i := range got.Bindings { // places have their own tests
		got.Bindings[i].Pos, got.Bindings[i].ClassPos = config.Position{}, config.Position{}
	}
	for i := range got.Vars {
		got.Vars[i].Pos = config.Position{}
	}
	got.Services[0].Pos = config.Position{}
	classes, migrations := got.Classes(), got.Migrations
	got.Migrations = nil
	at := func(name string) string { return filepath.Join(dir, name) }
	want := &config.Config{
		Path: at("wrangler.toml"), Dir: dir, Name: "chat", Main: at("src/index.ts"),
		CompatibilityDate: "2026-11-01", CompatibilityFlags: []string{"nodejs_als"},
		Vars: []config.Var{
			{Name: "CLI", JSON: `"x"`, Source: "--var"},
			{Name: "LIST", JSON: `[1,2.5,true,{"a":"b"}]`, Source: "wrangler.toml"},
			{Name: "NAME", JSON: `"value <&>"`, Source: "wrangler.toml"},
		},
		Bindings: []config.DurableObjectBinding{
			{Name: "ROOMS", Class: "R"}, {Name: "FAR", Class: "Far", ScriptName: "other-beta"}, {Name: "OWN", Class: "L"},
		},
		CodeUpdate: config.CodeUpdate{MaxDelay: 1500 * time.Millisecond},
		Services:   []config.ServiceBinding{{Name: "AUTH", Service: "auth", Entrypoint: "Admin", PropsJSON: `{"a":1}`}},
		Rules:      []config.Rule{{Type: "Text", Globs: []string{"**/*.txt"}, Fallthrough: true}},
		Alias:      map[string]string{"a": "./b", "c": "d"}, Define: map[string]string{"X": "1", "Y": "3"},
		TSConfig: at("tsconfig.dev.json"), JSXFactory: "h", JSXFragment: "Fragment",
		Build:    config.Build{Command: "make", Dir: at("tools"), WatchDir: []string{at("a"), at("b")}},
		NoBundle: true, FindAdditionalModules: true, BaseDir: at("src"), Minify: true,
		Dev: config.Dev{IP: "0.0.0.0", Port: 9000, LocalProtocol: "https"}, CPULimit: 50,
		Files: []string{at("wrangler.toml"), at(".dev.vars"), at(".env"), at(".env.local")},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	wantClasses := []config.Class{
		{Name: "R", SQLite: true, Migrated: true}, {Name: "L", Migrated: true}, {Name: "T", Migrated: true, Elsewhere: true},
	}
	if !reflect.DeepEqual(classes, wantClasses) {
		t.Errorf("classes %+v\nwant %+v", classes, wantClasses)
	}
	if len(migrations) != 2 || migrations[1].TransferredClasses[0] != (config.Transfer{From: "A", FromScript: "other", To: "T"}) ||
		migrations[0].Tag != "v1" || migrations[0].Pos.Line != 20 {
		t.Errorf("migrations %+v", migrations)
	}
}

func TestBothFormatsReadAlike(t *testing.T) {
	toml := load(t, project(t, map[string]string{"wrangler.toml": `
name = "x"
main = "src/index.ts"
compatibility_date = "2026-11-01"
vars = { A = 1 }
[exports.Room]
type = "durable-object"
storage = "sqlite"
[exports.Old]
type = "durable-object"
state = "renamed"
renamed_to = "Room"
`}), config.Options{})
	json := load(t, project(t, map[string]string{"wrangler.jsonc": `{ // the same
  "name": "x", "main": "src/index.ts", "compatibility_date": "2026-11-01", "vars": { "A": 1 }, "define": null,
  "exports": {
    "Room": { "type": "durable-object", "storage": "sqlite" },
    "Old": { "type": "durable-object", "state": "renamed", "renamed_to": "Room" },
  },
}`}), config.Options{})
	for i := range toml.Exports {
		toml.Exports[i].Pos, json.Exports[i].Pos = config.Position{}, config.Position{}
	}
	if !reflect.DeepEqual(toml.Exports, json.Exports) || toml.Vars[0].JSON != json.Vars[0].JSON || toml.Name != json.Name {
		t.Errorf("TOML %+v\nJSON %+v", toml, json)
	}
	if toml.Exports[0].State != "created" || !reflect.DeepEqual(toml.Classes(), []config.Class{{Name: "Room", SQLite: true, Migrated: true}}) {
		t.Errorf("exports %+v, classes %+v", toml.Exports, toml.Classes())
	}
}

func TestEnvironmentsInheritAsInWrangler(t *testing.T) {
	dir := project(t, map[string]string{"wrangler.toml": `
name = "x"
main = "src/index.ts"
compatibility_date = "2026-11-01"
minify = true
vars = { A = "top" }
define = { D = "1" }
alias = { a = "b" }
dev = { port = 1234 }
durable_objects.bindings = [{ name = "R", class_name = "R" }]
migrations = [{ tag = "v1", new_classes = ["R"] }]
[env.plain]
[env.own]
name = "other"
minify = false
compatibility_date = "2026-10-01"
vars = { B = "own" }
`})
	plain := load(t, dir, config.Options{Env: "plain"})
	if plain.Name != "x-plain" || !plain.Minify || len(plain.Migrations) != 1 || plain.Alias["a"] != "b" || plain.Dev.Port != 1234 {
		t.Errorf("env plain lacks what it inherits: %+v", plain)
	}
	if plain.Vars != nil || plain.Define != nil || plain.Bindings != nil {
		t.Errorf("env plain has what is not inherited: %+v", plain)
	}
	own := load(t, dir, config.Options{Env: "own"})
	if own.Name != "other" || own.Minify || own.CompatibilityDate != "2026-10-01" || len(own.Vars) != 1 || own.Vars[0].JSON != `"own"` {
		t.Errorf("env own does not have its own: %+v", own)
	}
}

func TestAFileWithoutEnvironmentsServesAnyByName(t *testing.T) {
	dir := project(t, map[string]string{"wrangler.json": `{"name": "x", "main": "src/index.ts", "compatibility_date": "2026-11-01", "vars": {"A": 1}}`})
	cfg := load(t, dir, config.Options{Env: "beta"})
	if cfg.Name != "x-beta" || len(cfg.Vars) != 1 {
		t.Errorf("got name %q and vars %+v, want x-beta and A", cfg.Name, cfg.Vars)
	}
}

func TestAWorkerWithoutANameIsCalledWorker(t *testing.T) {
	dir := project(t, map[string]string{"wrangler.json": `{"main": "src/index.ts", "compatibility_date": "2026-11-01"}`})
	if got := load(t, dir, config.Options{Env: "beta"}).Name; got != "worker" {
		t.Errorf("got %q, want worker", got)
	}
}

func TestVariablesOfFilesLieOverTheConfiguration(t *testing.T) {
	base := `{"name": "x", "main": "src/index.ts", "compatibility_date": "2026-11-01", "vars": {"A": "config", "B": {"b": 1}}, "env": {"beta": {"vars": {"A": "beta"}}}%s}`
	plain := strings.Replace(base, "%s", "", 1)
	required := strings.Replace(base, "%s", `, "secrets": {"required": ["TOKEN", "HOME"]}`, 1)
	tests := []struct {
		name, config, env string
		files             map[string]string
		environ           []string
		want              string
	}{
		{"nothing", plain, "", nil, nil, `A="config" B={"b":1}`},
		{".dev.vars before .env", plain, "", map[string]string{".dev.vars": "A=dev", ".env": "A=env\nC=1"}, nil, `A="dev"! B={"b":1}`},
		{".dev.vars is not expanded", plain, "", map[string]string{".dev.vars": "A=1\nC=$A"}, nil, `A="1"! B={"b":1} C="$A"!`},
		{".env.local over .env", plain, "", map[string]string{".env": "A=env\nC=1\nD=${A}!", ".env.local": "A=local"}, nil,
			`A="local"! B={"b":1} C="1"! D="local!"!`},
		{".dev.vars of the environment alone", plain, "beta", map[string]string{".dev.vars": "A=dev\nC=1", ".dev.vars.beta": "A=betadev"}, nil, `A="betadev"!`},
		{".dev.vars for an environment without its own", plain, "beta", map[string]string{".dev.vars": "A=dev"}, nil, `A="dev"!`},
		{"all .env files of the environment", plain, "beta",
			map[string]string{".env": "A=1\nC=1\nD=1\nE=1", ".env.local": "C=2\nD=2\nE=2", ".env.beta": "D=3\nE=3", ".env.beta.local": "E=4"}, nil,
			`A="1"! C="2"! D="3"! E="4"!`},
		{".env not wanted", plain, "", map[string]string{".env": "A=env"}, []string{"CLOUDFLARE_LOAD_DEV_VARS_FROM_DOT_ENV=false"}, `A="config" B={"b":1}`},
		{"the process's too", plain, "", map[string]string{".env": "A=env"}, []string{"CLOUDFLARE_INCLUDE_PROCESS_ENV=true", "P=1", "A=process"},
			`A="process"! B={"b":1} CLOUDFLARE_INCLUDE_PROCESS_ENV="true"! P="1"!`},
		{"the process's not", plain, "", nil, []string{"P=1"}, `A="config" B={"b":1}`},
		{"only required secrets", required, "", map[string]string{".env": "A=env\nTOKEN=t\nC=1"}, []string{"HOME=/h", "P=1"},
			`A="env"! B={"b":1} HOME="/h"! TOKEN="t"!`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			dir := project(t, test.files)
			write(t, dir, "wrangler.json", test.config)
			var got []string
			for _, v := range load(t, dir, config.Options{Env: test.env, Environ: test.environ}).Vars {
				mark := ""
				if v.Secret {
					mark = "!"
				}
				got = append(got, v.Name+"="+v.JSON+mark)
			}
			if joined := strings.Join(got, " "); joined != test.want {
				t.Errorf("got  %s\nwant %s", joined, test.want)
			}
		})
	}
}

func TestBoundClassesThatNothingDeclaresAreKeyValue(t *testing.T) {
	dir := project(t, map[string]string{"wrangler.json": `{"name": "x", "main": "src/index.ts", "compatibility_date": "2026-11-01",
		"durable_objects": {"bindings": [{"name": "A", "class_name": "A"}, {"name": "A2", "class_name": "A"},
			{"name": "B", "class_name": "B"}, {"name": "C", "class_name": "C", "script_name": "c"}]},
		"migrations": [{"tag": "v1", "new_sqlite_classes": ["B", "D"]}, {"tag": "v2", "deleted_classes": ["D"]}]}`})
	want := []config.Class{{Name: "B", SQLite: true, Migrated: true}, {Name: "A"}}
	if got := load(t, dir, config.Options{}).Classes(); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestTheCommandLinesDateIsTheWorkers(t *testing.T) {
	dir := project(t, map[string]string{"wrangler.json": `{"name": "x", "main": "src/index.ts", "compatibility_date": "nonsense"}`})
	if got := load(t, dir, config.Options{CompatibilityDate: "2025-01-01"}).CompatibilityDate; got != "2025-01-01" {
		t.Errorf("got %s", got)
	}
	_, diags, err := config.Load(filepath.Join(dir, "wrangler.json"), config.Options{CompatibilityDate: "2025-13-01", Now: now()})
	if err != nil || len(diags) != 1 || diags[0].Pos != (config.Position{}) || diags[0].Code != "wrong-date" {
		t.Errorf("got %v, %v, want one wrong-date without a place", diags, err)
	}
}

func TestFindPrefersAsWranglerDoes(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "deep/er/x", "")
	for _, name := range []string{"wrangler.toml", "wrangler.jsonc", "wrangler.json"} {
		write(t, dir, name, "")
		for _, from := range []string{"", "deep/er"} {
			got, err := config.Find(filepath.Join(dir, from))
			if err != nil || got != filepath.Join(dir, name) {
				t.Errorf("from %q: got %s, %v, want %s", from, got, err, name)
			}
		}
	}
	write(t, dir, "deep/wrangler.toml", "")
	if got, _ := config.Find(filepath.Join(dir, "deep", "er")); got != filepath.Join(dir, "deep", "wrangler.toml") {
		t.Errorf("got %s, want the nearest", got)
	}
}

func TestFindSaysWhatItLookedFor(t *testing.T) {
	dir := t.TempDir()
	_, err := config.Find(dir)
	want := "no wrangler.json, wrangler.jsonc or wrangler.toml in " + dir + " or a folder above it"
	if !errors.Is(err, config.ErrNoConfig) || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

func TestOnlyFilesThatCannotBeReadAreErrors(t *testing.T) {
	dir := t.TempDir()
	if _, _, err := config.Load(filepath.Join(dir, "wrangler.toml"), config.Options{}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("missing file: got %v", err)
	}
	write(t, dir, "wrangler.yaml", "")
	if _, _, err := config.Load(filepath.Join(dir, "wrangler.yaml"), config.Options{}); err == nil || !strings.Contains(err.Error(), ".toml") {
		t.Errorf("other format: got %v", err)
	}
	write(t, dir, "wrangler.json", strings.Repeat(" ", 1<<20+1))
	if _, _, err := config.Load(filepath.Join(dir, "wrangler.json"), config.Options{}); err == nil {
		t.Error("a large file is read")
	}
	write(t, dir, "wrangler.toml", "name = 'x'\nmain = 'm")
	cfg, diags, err := config.Load(filepath.Join(dir, "wrangler.toml"), config.Options{})
	if err != nil || !diags.HasErrors() || cfg.Name != "x" {
		t.Errorf("broken file: got %+v, %v, %v, want what stood before the problem", cfg, diags, err)
	}
}

func FuzzLoad(f *testing.F) {
	f.Add("wrangler.toml", whole, "A=1")
	for _, path := range glob(f, "testdata/*.txtar") {
		data, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		for _, part := range strings.Split(string(data), "\n-- ") {
			name, text, _ := strings.Cut(part, " --\n")
			if strings.HasPrefix(name, "wrangler.") && !strings.HasSuffix(name, ".said") {
				f.Add(name, text, "")
			}
		}
	}
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, name, text, vars string) {
		file := "wrangler.jsonc"
		if strings.HasSuffix(name, ".toml") {
			file = "wrangler.toml"
		}
		write(t, dir, file, text)
		write(t, dir, ".dev.vars", vars)
		for _, env := range []string{"", "staging"} {
			cfg, diags, err := config.Load(filepath.Join(dir, file), config.Options{Env: env, Now: now()})
			if err != nil {
				t.Fatal(err)
			}
			diags = append(diags, cfg.CheckExports([]string{"default"}, cfg.Main)...)
			cfg.Classes()
			for _, d := range diags {
				if d.Code == "" || d.Message == "" || d.Pos.File == "" || d.Pos.Line < 1 || d.Pos.Column < 1 {
					t.Errorf("%q: %+v is incomplete", text, d)
				}
			}
		}
	})
}

func glob(t testing.TB, pattern string) []string {
	t.Helper()
	paths, err := filepath.Glob(pattern)
	if err != nil {
		t.Fatal(err)
	}
	return paths
}

func TestCodeUpdatesAreDelayedAsDeployed(t *testing.T) {
	tests := []struct {
		keys string
		want time.Duration
	}{
		{``, 5 * time.Minute},
		{`"code_update_strategy": { "mode": "immediate" }`, 0},
		{`"code_update_strategy": { "mode": "immediate", "max_delay": 9 }`, 0},
		{`"code_update_strategy": { "mode": "deferred" }`, 5 * time.Minute},
		{`"code_update_strategy": { "mode": "deferred", "max_delay": 0 }`, 0},
		{`"code_update_strategy": { "mode": "deferred", "max_delay": 86400 }`, 24 * time.Hour},
		{`"code_update_strategy": { "mode": "deferred", "max_delay": 0.25 }`, 250 * time.Millisecond},
		{`"deployment_grace_period": 45`, 45 * time.Second},
		{`"deployment_grace_period": 45, "code_update_strategy": { "mode": "deferred", "max_delay": 7 }`, 7 * time.Second},
	}
	for _, tt := range tests {
		dir := project(t, map[string]string{"wrangler.jsonc": `{ "main": "src/index.ts", "durable_objects": { ` + tt.keys + ` } }`})
		if got := load(t, dir, config.Options{}).CodeUpdate.Delay(); got != tt.want {
			t.Errorf("%s: delay %v, want %v", tt.keys, got, tt.want)
		}
	}
}

func TestKeyValueClassesThatCouldBeSQLiteAreToldOf(t *testing.T) {
	dir := project(t, map[string]string{"wrangler.jsonc": `{
  "main": "src/index.ts", "name": "a", "compatibility_date": "2026-11-01",
  "migrations": [
    { "tag": "v1", "new_classes": ["Old", "Gone"], "new_sqlite_classes": ["New"] },
    { "tag": "v2", "deleted_classes": ["Gone"], "renamed_classes": [{ "from": "Old", "to": "Renamed" }],
      "transferred_classes": [{ "from": "A", "from_script": "other", "to": "Guest" }] },
    { "tag": "v3", "new_classes": ["Plain"] }
  ]
}`, "exports/wrangler.jsonc": `{
  "main": "../src/index.ts", "name": "b", "compatibility_date": "2026-11-01",
  "exports": {
    "Plain": { "type": "durable-object", "storage": "legacy-kv" },
    "New": { "type": "durable-object", "storage": "sqlite" },
    "Guest": { "type": "durable-object", "state": "expecting-transfer", "storage": "legacy-kv", "transfer_from": "other" }
  }
}`})
	for _, tt := range []struct{ dir, want string }{
		{dir, `wrangler.jsonc:5:69: warning: class "Renamed" has key-value storage
  SQLite classes have the same and SQL, point-in-time recovery and values of 2 MB
  hint: unless it is deployed already, move it from new_classes to new_sqlite_classes
wrangler.jsonc:7:36: warning: class "Plain" has key-value storage
  SQLite classes have the same and SQL, point-in-time recovery and values of 2 MB
  hint: unless it is deployed already, move it from new_classes to new_sqlite_classes`},
		{filepath.Join(dir, "exports"), `wrangler.jsonc:4:5: warning: class "Plain" has key-value storage
  SQLite classes have the same and SQL, point-in-time recovery and values of 2 MB
  hint: unless it is deployed already, change its storage to "sqlite"`},
	} {
		var got []string
		for _, d := range load(t, tt.dir, config.Options{}).KeyValueClasses() {
			got = append(got, d.Format(tt.dir))
		}
		if text := strings.Join(got, "\n"); text != tt.want {
			t.Errorf("got\n%s\nwant\n%s", text, tt.want)
		}
	}
}
