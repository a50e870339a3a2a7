package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/dodev/dodev/devserver/inspect"
	"github.com/dodev/dodev/devserver/inspect/files"
	"github.com/dodev/dodev/emulator/config"
	"github.com/dodev/dodev/sqlite/state"
)

// An inspection is a project that a command looks into: by way of the server
// that runs it, else by its files.
type inspection struct {
	inspect.Inspector
	app      *app
	stateDir string // as people know it
	release  func()
}

// inspection finds the project of the current folder. Which way it is looked
// into is said on stderr.
func (a *app) inspection(ctx context.Context) (*inspection, error) {
	in, err := a.quietInspection(ctx)
	if err == nil {
		a.say(in.way())
	}
	return in, err
}

// way says by which way the project is looked into.
func (in *inspection) way() string {
	switch i := in.Inspector.(type) {
	case *inspect.Client:
		a := i.Address()
		if a.Apart {
			return "using the server at " + a.Serves + ", which keeps nothing"
		}
		return "using the server at " + cmp.Or(a.Serves, a.URL)
	case *files.Folder:
		if why := i.ReadOnly(); why != "" {
			return "reading the files in " + in.stateDir + ", which cannot be changed now: " + why
		}
	}
	return "no dodev serve runs here, so the files in " + in.stateDir + " are used"
}

// quietInspection is inspection without a word.
func (a *app) quietInspection(ctx context.Context) (*inspection, error) {
	configs, stateDir, err := a.projectState()
	if err != nil {
		return nil, err
	}
	client, err := inspect.Find(ctx, stateDir)
	if err != nil {
		return nil, err
	}
	if client != nil {
		in := &inspection{Inspector: client, app: a, stateDir: a.known(stateDir), release: client.Close}
		if client.Address().Apart {
			in.stateDir = "the running server"
		}
		return in, nil
	}
	return a.ofFiles(configs, stateDir)
}

// filesInspection is inspection by the files, whether or not a server runs.
func (a *app) filesInspection() (*inspection, error) {
	configs, stateDir, err := a.projectState()
	if err != nil {
		return nil, err
	}
	return a.ofFiles(configs, stateDir)
}

// known is a state folder as people know it.
func (a *app) known(stateDir string) string {
	return strings.TrimPrefix(shorter(workDir(), stateDir), "."+string(filepath.Separator))
}

// ofFiles looks into a project by its files, once a change to them that a killed
// process has left is over.
func (a *app) ofFiles(configs []*config.Config, stateDir string) (*inspection, error) {
	if _, err := (state.Folder{Dir: stateDir}).Recover(); err != nil {
		return nil, err
	}
	project := inspect.Project{Version: readVersions().Dodev, State: a.known(stateDir), Env: a.flags.env, Folders: map[string]string{}}
	var paths []string
	for _, c := range configs {
		paths = append(paths, c.Path)
		project.Folders[c.Name] = filepath.Dir(c.Path)
	}
	if len(configs) > 0 {
		project.Name, project.Config = configs[0].Name, configs[0].Path
	}
	folder := files.Open(project, stateDir, configs...)
	if len(configs) > 0 {
		folder.ReadBy(a.reading(paths))
	}
	return &inspection{Inspector: folder, app: a, stateDir: a.known(stateDir), release: func() { _ = folder.Close() }}, nil
}

// projectState finds a project's configurations and state folder. A state
// folder that was named needs no configuration.
func (a *app) projectState() ([]*config.Config, string, error) {
	paths, err := a.configPaths(".", a.flags.env)
	if err != nil {
		if a.flags.persistTo == "" || len(a.flags.config) > 0 {
			return nil, "", err
		}
		stateDir, err := filepath.Abs(a.flags.persistTo)
		return nil, stateDir, err
	}
	stateDir, err := a.stateDir(paths[0])
	if err != nil {
		return nil, "", err
	}
	var configs []*config.Config
	for _, path := range paths {
		cfg, _, err := config.Load(path, config.Options{Env: a.flags.env, Environ: a.environ})
		if err != nil {
			return nil, "", err
		}
		configs = append(configs, cfg)
	}
	return configs, stateDir, nil
}

func (in *inspection) close() {
	if in != nil && in.release != nil {
		in.release()
	}
}

// snapshot is what there is.
func (in *inspection) snapshot(ctx context.Context) (inspect.Snapshot, error) {
	s, err := in.Snapshot(ctx)
	s.Project.State = in.stateDir
	return s, err
}

// find finds the object that an argument names.
func (in *inspection) find(ctx context.Context, name string, mayMake bool) (inspect.Target, error) {
	return in.Find(ctx, inspect.Finding{Text: name, MayMake: mayMake, Folder: in.stateDir})
}

// checkObject says that an argument names no object.
func checkObject(name string) error {
	class, rest, ok := strings.Cut(name, "/")
	if !ok || class == "" || rest == "" {
		return misuse{fmt.Errorf("%q names no object: write Class/name, BINDING/name or Class/id", name)}
	}
	return nil
}

// onObject makes a command's RunE of what it does to the object that its first
// argument names.
func onObject(app *app, do func(ctx context.Context, out io.Writer, in *inspection, t inspect.Target, args []string) error) func(*cobra.Command, []string) error {
	return onObjectThat(app, false, do)
}

// onAnyObject is onObject for an object that need not be there yet.
func onAnyObject(app *app, do func(ctx context.Context, out io.Writer, in *inspection, t inspect.Target, args []string) error) func(*cobra.Command, []string) error {
	return onObjectThat(app, true, do)
}

func onObjectThat(app *app, mayMake bool, do func(ctx context.Context, out io.Writer, in *inspection, t inspect.Target, args []string) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		if err := checkObject(args[0]); err != nil {
			return err
		}
		return onProject(app, func(ctx context.Context, out io.Writer, in *inspection) error {
			t, err := in.find(ctx, args[0], mayMake)
			if err != nil {
				return err
			}
			return do(ctx, out, in, t, args[1:])
		})(cmd, args)
	}
}

// onProject makes a command's RunE of what it does with the project.
func onProject(app *app, do func(ctx context.Context, out io.Writer, in *inspection) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, _ []string) error {
		in, err := app.inspection(cmd.Context())
		if err != nil {
			return err
		}
		defer in.close()
		return do(cmd.Context(), cmd.OutOrStdout(), in)
	}
}

// printJSON prints a result for programs.
func printJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

// printLine prints one of many results, on one line.
func printLine(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	return e.Encode(v)
}

// confirm asks before something that cannot be undone.
func (a *app) confirm(yes bool, what string) error {
	if yes {
		return nil
	}
	if !terminal(a.stdin) || !terminal(a.stderr) {
		return misuse{hinted{fmt.Errorf("%s: say --yes, since nobody is there to be asked", what), "--yes does it without a question"}}
	}
	fmt.Fprintf(a.stderr, "%s? [y/N] ", what)
	var answer string
	_, _ = fmt.Fscanln(a.stdin, &answer) // no answer is a no
	if answer = strings.ToLower(answer); answer == "y" || answer == "yes" {
		return nil
	}
	return errors.New("nothing was done")
}

// parseTime reads a time as people give it: ISO 8601, or how long from now:
// "5m", "+5m", "-1h30m".
func parseTime(text string, now time.Time) (time.Time, error) {
	if d, err := time.ParseDuration(strings.TrimPrefix(text, "+")); err == nil {
		return now.Add(d), nil
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02T15:04", "2006-01-02"} {
		if t, err := time.ParseInLocation(layout, text, time.UTC); err == nil {
			return t, nil
		}
	}
	return time.Time{}, misuse{fmt.Errorf("%q is no time such as 2026-11-23T12:00:00Z or +5m", text)}
}

// ago reads how far back to go: "5m" is five minutes ago.
func ago(text string, now time.Time) (time.Time, error) {
	if d, err := time.ParseDuration(strings.TrimPrefix(text, "-")); err == nil {
		return now.Add(-d), nil
	}
	at, err := parseTime(text, now)
	if err != nil {
		err = misuse{fmt.Errorf("%q is no time such as 2026-11-23T12:00:00Z, and no length such as 5m", text)}
	}
	return at, err
}

// relative is a time as people say it.
func relative(t, now time.Time) string {
	d := t.Sub(now)
	if d < 0 {
		return span(-d) + " ago"
	}
	return "in " + span(d)
}

// span is a duration in its two largest units.
func span(d time.Duration) string {
	days, hours := int(d.Hours())/24, int(d.Hours())%24
	minutes, seconds := int(d.Minutes())%60, int(d.Seconds())%60
	switch {
	case days >= 365:
		return fmt.Sprintf("%d y %d d", days/365, days%365)
	case days > 0:
		return fmt.Sprintf("%d d %d h", days, hours)
	case hours > 0:
		return fmt.Sprintf("%d h %d m", hours, minutes)
	case minutes > 0:
		return fmt.Sprintf("%d m %d s", minutes, seconds)
	}
	return fmt.Sprintf("%d s", seconds)
}

// readArgument is an argument, or what stands on stdin for "-".
func (a *app) readArgument(text string) ([]byte, error) {
	if text != "-" {
		return []byte(text), nil
	}
	data, err := io.ReadAll(a.stdin)
	if err != nil {
		return nil, fmt.Errorf("read standard input: %w", err)
	}
	return data, nil
}
