package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"

	"github.com/spf13/cobra"

	"github.com/dodev/dodev/emulator"
	"github.com/dodev/dodev/emulator/config"
)

// serveFlags are the flags of serve as they were given.
type serveFlags struct {
	port              int
	portAsked         bool
	ip                string
	localProtocol     string
	vars              []string
	define            []string
	alias             []string
	logLevel          string
	compatibilityDate string
	outbound          []string
	offline           bool
	isolates          int
	limits            string
	noReload          bool
	strict            bool
	inMemory          bool
	applyMigrations   bool
	inspect           bool
	snapshot          string
}

// newServeCmd runs a project until it is told to stop.
func newServeCmd(app *app) *cobra.Command {
	var f serveFlags
	cmd := &cobra.Command{
		Use:   "serve [DIR]",
		Short: "Run a project and reload it on every save",
		Long: `Serve runs the project in DIR, or in the current folder, and reloads it on every
save. Objects, alarms and hibernating sockets live on; a save that does not
build leaves the old code serving.

Given -c several times it runs several Workers that reach one another by their
bindings, each reloading alone: the first one gets the requests. A DIR that has
no configuration, but whose folders have, stands for all of those; the first is
then the one that -c names, or the only one that no other is bound to.

With --json every log line is a JSON object with "time", "type" and what belongs
to the type:
  start       version, name, config, stateDir, bindings, vars
  ready       url, ms
  request     method, path, status, ms, objects, webSocket, error
  console     level, text, object, frame, stack; so have uncaught and notice, and code
  diagnostic  severity, code, message, file, line, column, detail, hint
  reload      ok, files, ms, objects, sockets, socketsClosed, error, held, problems`,
		Example: `  dodev serve
  dodev serve fixtures/quickstart --port 8080
  dodev serve -c web/wrangler.toml -c rooms/wrangler.toml
  dodev serve --var GREETING:hello --outbound api.example.com=http://127.0.0.1:9000`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			f.portAsked = cmd.Flags().Changed("port")
			opts, err := f.options(app)
			if err != nil {
				return misuse{err}
			}
			opts.dir = "."
			if len(args) > 0 {
				opts.dir = args[0]
			}
			return serve(cmd.Context(), app, opts)
		},
	}
	f.add(cmd)
	app.completeFlag(cmd, "log-level", words(severityNames[:]...))
	app.completeFlag(cmd, "limits", words("production", "local", "off"))
	app.completeFlag(cmd, "local-protocol", words("http", "https"))
	app.completeFlag(cmd, "snapshot", aSnapshot)
	return cmd
}

func (f *serveFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.IntVar(&f.port, "port", 0, "port to listen on (default: 8787, or the next free one; 0 takes any)")
	flags.StringVar(&f.ip, "ip", "", "address to listen on (default: 127.0.0.1; * is every interface)")
	flags.StringVar(&f.localProtocol, "local-protocol", "", "http or https, with a certificate of its own (default: http)")
	flags.StringArrayVar(&f.vars, "var", nil, "variable for the Worker as `NAME:VALUE`; repeatable")
	flags.StringArrayVar(&f.define, "define", nil, "global replaced when bundling as `NAME:VALUE`; repeatable")
	flags.StringArrayVar(&f.alias, "alias", nil, "module replaced when bundling as `NAME:PATH`; repeatable")
	flags.StringVar(&f.logLevel, "log-level", "", "none, error, warn, info, log or debug (default: log)")
	flags.StringVar(&f.compatibilityDate, "compatibility-date", "", "`date` whose behaviour the Worker gets, YYYY-MM-DD")
	flags.StringArrayVar(&f.outbound, "outbound", nil, "send the Worker's requests for a host elsewhere, as `HOST=URL`; repeatable")
	flags.BoolVar(&f.offline, "offline", false, "refuse all other requests of the Worker's to the outside")
	flags.IntVar(&f.isolates, "isolates", 0, "isolates to spread objects over (default: one for each core; 1 shares it with the Worker)")
	flags.StringVar(&f.limits, "limits", string(emulator.Production), "production, local (as the local real runtime) or off")
	flags.BoolVar(&f.inspect, "inspect", false, "show the inspector in this terminal")
	flags.BoolVar(&f.strict, "strict", false, "warn of what works here and fails deployed, and reload as a deploy does")
	flags.BoolVar(&f.noReload, "no-reload", false, "do not watch files")
	flags.BoolVar(&f.inMemory, "in-memory", false, "keep nothing on disk")
	flags.StringVar(&f.snapshot, "snapshot", "", "begin with a snapshot, by its `name`, and keep nothing of what follows")
	flags.BoolVar(&f.applyMigrations, "apply-migrations", false, "apply migrations that move or delete stored objects without asking")
}

// serveOptions are what serve does.
type serveOptions struct {
	dir       string
	port      int
	portAsked bool
	ip        string
	protocol  string
	level     severity
	config    config.Options
	outbound  map[string]*url.URL
	offline   bool
	isolates  int
	limits    emulator.Limits
	noReload  bool
	strict    bool
	inMemory  bool
	apply     bool // migrations, without asking
	inspect   bool
	snapshot  string
}

// options reads the flags. Whatever is wrong with them is a misuse.
func (f *serveFlags) options(app *app) (serveOptions, error) {
	o := serveOptions{
		port: f.port, portAsked: f.portAsked, ip: f.ip, protocol: f.localProtocol, offline: f.offline,
		isolates: f.isolates, limits: emulator.Limits(f.limits), noReload: f.noReload, inMemory: f.inMemory, inspect: f.inspect,
		apply: f.applyMigrations, snapshot: f.snapshot, strict: f.strict,
		config: config.Options{Env: app.flags.env, Environ: app.environ, CompatibilityDate: f.compatibilityDate},
	}
	level, err := f.level(app)
	o.level = level
	errs := []error{err, f.check()}
	if f.inspect && (app.flags.json || !terminal(app.stdin) || !terminal(app.stdout)) {
		errs = append(errs, errors.New("--inspect needs a terminal, and no --json"))
	}
	o.outbound, err = parseOutbound(f.outbound)
	errs = append(errs, err)
	vars, err := parsePairs("--var", f.vars)
	errs = append(errs, err)
	for name, value := range vars {
		o.config.Vars = append(o.config.Vars, config.Var{Name: name, JSON: jsonString(value), Source: "--var"})
	}
	o.config.Define, err = parsePairs("--define", f.define)
	errs = append(errs, err)
	o.config.Alias, err = parsePairs("--alias", f.alias)
	return o, errors.Join(append(errs, err)...)
}

func (f *serveFlags) check() error {
	switch {
	case f.port < 0 || f.port > 65535:
		return fmt.Errorf("--port %d is not from 0 to 65535", f.port)
	case f.ip != "" && f.ip != "*" && f.ip != "localhost" && net.ParseIP(f.ip) == nil:
		return fmt.Errorf("--ip %q is no IP address", f.ip)
	case f.localProtocol != "" && f.localProtocol != "http" && f.localProtocol != "https":
		return fmt.Errorf("--local-protocol %q is neither http nor https", f.localProtocol)
	case f.snapshot != "" && f.inMemory:
		return errors.New("--snapshot and --in-memory exclude each other")
	case f.isolates < 0:
		return fmt.Errorf("--isolates %d is less than none", f.isolates)
	}
	switch emulator.Limits(f.limits) {
	case emulator.Production, emulator.Local, emulator.Off:
		return nil
	}
	return fmt.Errorf("--limits %q is none of production, local, off", f.limits)
}

// level is what --log-level says, else what -q and -v do.
func (f *serveFlags) level(app *app) (severity, error) {
	switch {
	case f.logLevel != "":
		return parseSeverity("--log-level", f.logLevel)
	case app.flags.quiet:
		return warnLevel, nil
	case app.flags.verbose:
		return debugLevel, nil
	}
	return logLevel, nil
}

// parsePairs reads values of the form NAME:VALUE.
func parsePairs(flag string, values []string) (map[string]string, error) {
	pairs := make(map[string]string, len(values))
	for _, v := range values {
		name, value, ok := strings.Cut(v, ":")
		if !ok || name == "" {
			return nil, fmt.Errorf("%s %q is not NAME:VALUE", flag, v)
		}
		pairs[name] = value
	}
	return pairs, nil
}

// parseOutbound reads values of the form HOST=URL.
func parseOutbound(values []string) (map[string]*url.URL, error) {
	hosts := make(map[string]*url.URL, len(values))
	for _, v := range values {
		host, target, ok := strings.Cut(v, "=")
		if !ok || host == "" {
			return nil, fmt.Errorf("--outbound %q is not HOST=URL", v)
		}
		u, err := url.Parse(target)
		if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
			return nil, fmt.Errorf("--outbound %s: %q is no URL such as http://127.0.0.1:9000", host, target)
		}
		hosts[strings.ToLower(host)] = u
	}
	return hosts, nil
}

// jsonString is a string as JSON.
func jsonString(s string) string {
	text, err := json.Marshal(s)
	if err != nil {
		return `""` // not for a string
	}
	return string(text)
}
