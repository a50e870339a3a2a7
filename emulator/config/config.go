// Package config reads a project's wrangler configuration and environment
// files into a [Config], and says everything that is wrong with them at once.
//
// It knows the format and its rules: what an environment inherits, what may
// stand beside what, which keys are emulated. It does not look into the code;
// what the bundle exports is checked by [Config.CheckExports] once it is known.
package config

import "time"

// A Config is one Worker's configuration with an environment applied.
// Paths are absolute.
type Config struct {
	Path string // the configuration file
	Dir  string // its folder
	Env  string // the environment applied, "" for the top level

	Name               string
	Main               string
	CompatibilityDate  string // YYYY-MM-DD
	CompatibilityFlags []string

	Vars     []Var // sorted by name, files' values included
	Bindings []DurableObjectBinding
	Services []ServiceBinding

	Migrations []Migration
	Exports    []Export // the exports map, in file order
	CodeUpdate CodeUpdate

	Rules                 []Rule
	Alias                 map[string]string
	Define                map[string]string
	TSConfig              string
	JSXFactory            string
	JSXFragment           string
	Build                 Build
	NoBundle              bool
	FindAdditionalModules bool
	BaseDir               string
	KeepNames             bool
	Minify                bool

	Dev      Dev
	CPULimit int // limits.cpu_ms, 0 when not given

	// Files are all files that were read or would have been, for a watcher.
	Files []string
}

// A Var is an environment variable: a string, or any JSON value.
type Var struct {
	Name   string
	JSON   string // the value as JSON
	Source string // base name of the file it came from
	Secret bool   // from .dev.vars or .env: never print it
	Pos    Position
}

// A DurableObjectBinding binds a namespace to a name in env.
type DurableObjectBinding struct {
	Name, Class string
	ScriptName  string // another Worker's, "" for this one's
	Pos         Position
	ClassPos    Position // of the class's name
}

// A ServiceBinding binds another Worker.
type ServiceBinding struct {
	Name, Service, Entrypoint string
	PropsJSON                 string
	Pos                       Position
}

// A Migration is one entry of migrations.
type Migration struct {
	Tag                string
	NewClasses         []string
	NewSQLiteClasses   []string
	RenamedClasses     []Rename
	DeletedClasses     []string
	TransferredClasses []Transfer
	Pos                Position

	places map[string]Position // of each class in each list
}

// A Rename moves a class's objects to another name.
type Rename struct {
	From string `json:"from"`
	To   string `json:"to"`
}

// A Transfer moves a class's objects from another script.
type Transfer struct{ From, FromScript, To string }

// An Export is one entry of the exports map.
type Export struct {
	Class         string
	Type          string // durable-object or worker
	State         string // created, deleted, renamed, transferred, expecting-transfer
	Storage       string // sqlite or legacy-kv
	RenamedTo     string
	TransferredTo string
	TransferFrom  string
	Pos           Position
}

// A Rule says as what modules of some names are loaded.
type Rule struct {
	Type        string // ESModule, CommonJS, Text, Data, CompiledWasm
	Globs       []string
	Fallthrough bool
}

// Build is the custom build step.
type Build struct {
	Command  string
	Dir      string
	WatchDir []string
}

// Dev is what the configuration says of the dev server. Zero means not given.
type Dev struct {
	IP            string
	Port          int
	LocalProtocol string
}

// Class is a Durable Object class this script defines, by its configuration.
type Class struct {
	Name     string
	SQLite   bool
	Migrated bool // a migration or export declares it
	// Elsewhere says that it came from another Worker, which alone knows what
	// storage it was created with: SQLite means nothing then.
	Elsewhere bool
}

// Position is a place in a file, line and column from 1; the zero Position is
// unknown.
type Position struct {
	File         string
	Line, Column int
}

// Severity of a diagnostic.
type Severity int

const (
	Warning Severity = iota
	Error
)

// A Diagnostic is one thing a user should know about a project, printed as
//
//	wrangler.jsonc:14:21: error: class "Room" is bound but not exported
//	  src/index.ts exports: Lobby, default
//	  hint: add `export class Room`, or change class_name to "Lobby"
type Diagnostic struct {
	Severity Severity
	Code     string // a short stable word, such as unknown-key
	Pos      Position
	Message  string
	Detail   []string // further lines
	Hint     string
}

// Diagnostics is a list of them; as an error it stands for its errors.
type Diagnostics []Diagnostic

// Options say what to load.
type Options struct {
	Env string
	// Now is the time to judge dates by, the zero time for the present.
	Now time.Time
	// Environ holds the process's variables as os.Environ gives them. They
	// matter only where wrangler lets them: for secrets that the configuration
	// requires, and by two of its own variables about .env files.
	Environ []string
	// Overrides of the command line, applied last.
	CompatibilityDate string
	Vars              []Var
	Define            map[string]string
	Alias             map[string]string
}
