package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/dodev/dodev/devserver/inspect"
	"github.com/dodev/dodev/devserver/inspect/seed"
	"github.com/dodev/dodev/sqlite"
	"github.com/dodev/dodev/sqlite/state"
)

func newSeedCmd(app *app) *cobra.Command {
	var export string
	replace := false
	cmd := &cobra.Command{
		Use:   "seed FILE | --export FILE [CLASS[/OBJECT]]",
		Short: "Store what a file of fixtures says, or write one",
		Long: `Seed stores the keys, tables and alarms that FILE, or standard input for -, says
objects have. It is YAML or JSON:

  ChatRoom/lobby:
    storage:
      topic: welcome
      opened: {$type: Date, value: 2026-11-23T12:00:00Z}
    sql:
      - CREATE TABLE messages (id INTEGER PRIMARY KEY, body TEXT)
      - INSERT INTO messages (body) VALUES ('hello')
    alarm: +5m

What is wrong with the file is said, with its place, before anything is stored.
Keys are replaced; tables that the file makes must not be there yet, unless
--replace says to delete first what its objects store.

With --export it writes such a file of what is stored: of all objects, of those of
a class or of one. It is JSON if its name ends so.`,
		Example:           "  dodev seed fixtures.yaml --replace\n  dodev seed --export fixtures.yaml ChatRoom",
		Args:              cobra.MaximumNArgs(1),
		ValidArgsFunction: app.completeSeed,
		RunE: func(cmd *cobra.Command, args []string) error {
			if export != "" && replace {
				return misuse{errors.New("--export and --replace exclude each other")}
			}
			if export != "" {
				return onProject(app, func(ctx context.Context, out io.Writer, in *inspection) error {
					return exportSeed(ctx, out, in, export, strings.Join(args, ""))
				})(cmd, args)
			}
			if len(args) == 0 {
				return misuse{errors.New("seed from which file? - is standard input")}
			}
			return onProject(app, func(ctx context.Context, out io.Writer, in *inspection) error {
				return loadSeed(ctx, out, in, args[0], replace)
			})(cmd, args)
		},
	}
	cmd.Flags().StringVar(&export, "export", "", "write what is stored to `file`, - for standard output")
	cmd.Flags().BoolVar(&replace, "replace", false, "delete first what the objects of FILE store")
	return cmd
}

// completeSeed completes files, and with --export objects.
func (a *app) completeSeed(cmd *cobra.Command, args []string, begun string) ([]string, cobra.ShellCompDirective) {
	if cmd.Flags().Changed("export") {
		return a.completes(anObject, nothing)(cmd, args, begun)
	}
	return []string{"yaml", "yml", "json"}, cobra.ShellCompDirectiveFilterFileExt
}

// seededJSON is what was stored of an object, for programs.
type seededJSON struct {
	Object     string     `json:"object"`
	ID         string     `json:"id"`
	Keys       int        `json:"keys"`
	Tables     int        `json:"tables"`
	Rows       int        `json:"rows"`
	Statements int        `json:"statements"`
	Alarm      *time.Time `json:"alarm"`
}

func loadSeed(ctx context.Context, out io.Writer, in *inspection, name string, replace bool) error {
	plan, err := in.planSeed(ctx, name)
	if err != nil {
		return err
	}
	done := []seededJSON{}
	err = plan.Load(ctx, in, replace, func(l seed.Loaded) {
		s := seededOf(l)
		done = append(done, s)
		if !in.app.flags.json && !in.app.flags.quiet {
			fmt.Fprintln(out, s.line("seeded", time.Now()))
		}
	})
	if in.app.flags.json {
		if printed := printJSON(out, done); err == nil {
			err = printed
		}
	}
	return err
}

// planSeed reads a fixture and finds its objects.
func (in *inspection) planSeed(ctx context.Context, name string) (*seed.Plan, error) {
	text, err := []byte(nil), error(nil)
	shown := name
	if name == "-" {
		shown = "standard input"
		text, err = in.app.readArgument("-")
	} else {
		text, err = os.ReadFile(name)
	}
	if err != nil {
		return nil, err
	}
	f, err := seed.Decode(shown, text, time.Now())
	if err != nil {
		return nil, err
	}
	s, err := in.snapshot(ctx)
	if err != nil {
		return nil, err
	}
	if s.Project.ReadOnly != "" {
		return nil, &inspect.Error{Code: inspect.Unavailable, Message: s.Project.ReadOnly}
	}
	return seed.Aim(f, s)
}

func seededOf(l seed.Loaded) seededJSON {
	s := seededJSON{
		Object: l.Target.Label, ID: l.Target.Ref.ID, Keys: len(l.Object.Keys), Tables: len(l.Object.Tables), Rows: l.Rows, Statements: l.Statements,
	}
	if !l.Object.Alarm.IsZero() {
		s.Alarm = &l.Object.Alarm
	}
	return s
}

// line says what was done to an object, and what was stored.
func (s seededJSON) line(did string, now time.Time) string {
	var parts []string
	if s.Keys > 0 {
		parts = append(parts, count(s.Keys, "key"))
	}
	if s.Tables > 0 {
		parts = append(parts, count(s.Tables, "table")+" with "+count(s.Rows, "row"))
	}
	if s.Statements > 0 {
		parts = append(parts, count(s.Statements, "statement"))
	}
	if s.Alarm != nil {
		parts = append(parts, "alarm "+relative(*s.Alarm, now))
	}
	if parts == nil {
		parts = []string{"nothing"}
	}
	return did + " " + inspect.Printable(s.Object) + ": " + strings.Join(parts, ", ")
}

// exportSeed writes a fixture of the objects that a text names: all for none.
func exportSeed(ctx context.Context, out io.Writer, in *inspection, name, what string) error {
	s, err := in.snapshot(ctx)
	if err != nil {
		return err
	}
	chosen := s.Objects
	switch {
	case strings.Contains(what, "/"):
		t, err := s.Resolve(what, false)
		if err != nil {
			return err
		}
		o, err := in.Object(ctx, t.Ref)
		if err != nil {
			return err
		}
		o.Name, o.Label = t.Name, t.Label
		chosen = []inspect.Object{o}
	case what != "":
		if chosen, err = ofClass(s, what); err != nil {
			return err
		}
	}
	f, err := seed.Take(ctx, in, chosen)
	if err != nil {
		return err
	}
	if whole := in.withFacets(chosen); len(whole) > 0 {
		fmt.Fprintf(in.app.stderr, "left out: the facets of %s, which a snapshot keeps\n", inspect.Printable(list(whole, 3)))
	}
	write := f.YAML
	if filepath.Ext(name) == ".json" || name == "-" && in.app.flags.json {
		write = f.JSON
	}
	if name == "-" {
		return write(out)
	}
	if err := writeWhole(name, write); err != nil {
		return err
	}
	fmt.Fprintf(out, "exported %s to %s\n", count(len(f.Objects), "object"), name)
	return nil
}

// withFacets are the objects that have facets on disk, by their labels.
func (in *inspection) withFacets(objects []inspect.Object) (labels []string) {
	_, dir, err := in.app.projectState()
	if err != nil {
		return nil
	}
	for _, o := range objects {
		facets, err := sqlite.OpenFacets(sqlite.ObjectPath(state.Folder{Dir: dir}.Namespace(o.Ref.Namespace), o.ID))
		if err == nil && facets.Len() > 0 {
			labels = append(labels, o.Label)
		}
	}
	return labels
}
