package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/dodev/dodev/devserver/inspect"
	"github.com/dodev/dodev/emulator/bundle"
	"github.com/dodev/dodev/emulator/config"
)

// newFlags are those of migrate new.
type newFlags struct {
	dryRun  bool
	kv      bool
	tag     string
	renames []string
	deletes []string
}

func newMigrateNewCmd(app *app) *cobra.Command {
	var f newFlags
	cmd := &cobra.Command{
		Use:   "new",
		Short: "Write the next migration into the configuration",
		Long: `New compares the classes that the code exports with those that the configuration
declares, and writes what is missing: a migration with the next tag, or what the
exports map is to say where the project has one. Comments and layout stay.

A class that is gone was renamed or deleted; where that is not clear it asks, or
takes --rename and --delete.`,
		Example: "  dodev migrate new\n  dodev migrate new --dry-run\n  dodev migrate new --rename ChatRoom=Room --delete OldCounter",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return migrateNew(cmd.OutOrStdout(), app, f)
		},
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.BoolVar(&f.dryRun, "dry-run", false, "show the change and leave the file alone")
	flags.BoolVar(&f.kv, "kv", false, "give new classes key-value storage instead of SQLite")
	flags.StringVar(&f.tag, "tag", "", "`tag` of the migration (default: the last one counted up)")
	flags.StringArrayVar(&f.renames, "rename", nil, "a class that was renamed, as `OLD=NEW`; repeatable")
	flags.StringArrayVar(&f.deletes, "delete", nil, "a `class` that is deleted with all it stores; repeatable")
	return cmd
}

func migrateNew(w io.Writer, app *app, f newFlags) error {
	paths, err := app.configPaths(".", app.flags.env)
	if err != nil {
		return err
	}
	if len(paths) > 1 {
		return misuse{errors.New("this command is about one Worker: go to its folder, or give -c once in a folder above")}
	}
	path := paths[0]
	c, b, err := app.code(path)
	if err != nil {
		return err
	}
	change, err := app.classChange(c, b, f)
	if err != nil {
		return err
	}
	if change == nil {
		if app.flags.json {
			return printChangeJSON(w, c, config.ClassChange{}, false)
		}
		fmt.Fprintln(w, "the configuration declares all classes that the code exports, and no others")
		return nil
	}
	before, after, err := c.Edit(*change)
	if err != nil {
		return err
	}
	if !f.dryRun {
		if err := replaceFile(path, after); err != nil {
			return fmt.Errorf("write the configuration: %w", err)
		}
	}
	return printChange(w, app, c, *change, before, after, f.dryRun)
}

// code reads a configuration and builds its code, whatever classes that lacks.
func (a *app) code(path string) (*config.Config, *bundle.Bundle, error) {
	c, ds, err := config.Load(path, config.Options{Env: a.flags.env, Environ: a.environ})
	if err == nil {
		err = ds.Err()
	}
	if err != nil {
		return nil, nil, err
	}
	builder := bundle.NewBuilder(c, bundle.Options{Library: bundle.Patterns()})
	defer builder.Close()
	b, ds := builder.Build()
	return c, b, ds.Err()
}

// replaceFile writes a file that is there wholly or not at all.
func replaceFile(path string, text []byte) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	draft := path + ".new"
	if err := os.WriteFile(draft, text, info.Mode().Perm()); err != nil {
		return err
	}
	if err := os.Rename(draft, path); err != nil {
		return errors.Join(err, os.Remove(draft))
	}
	return nil
}

func printChange(w io.Writer, app *app, c *config.Config, change config.ClassChange, before, after []byte, dry bool) error {
	file := inside(workDir(), c.Path)
	if app.flags.json {
		return printChangeJSON(w, c, change, !dry)
	}
	fmt.Fprint(w, difference(app.painter(app.stdout), file, string(before), string(after)))
	if dry {
		return nil
	}
	fmt.Fprintf(app.stderr, "written to %s; `dodev migrate plan` shows what it does to stored objects\n", file)
	hintBindings(app.stderr, c, change)
	return nil
}

// printChangeJSON tells programs of a change. An exports map has no tag.
func printChangeJSON(w io.Writer, c *config.Config, change config.ClassChange, written bool) error {
	if len(c.Exports) > 0 {
		change.Tag = ""
	}
	return json.NewEncoder(w).Encode(struct {
		File    string          `json:"file"`
		Tag     string          `json:"tag"`
		New     []string        `json:"new"`
		Renamed []config.Rename `json:"renamed"`
		Deleted []string        `json:"deleted"`
		Written bool            `json:"written"`
	}{inside(workDir(), c.Path), change.Tag, append([]string{}, change.New...), append([]config.Rename{}, change.Renamed...), append([]string{}, change.Deleted...), written})
}

// hintBindings tells of bindings to classes that are no more.
func hintBindings(w io.Writer, c *config.Config, change config.ClassChange) {
	for _, b := range c.Bindings {
		if b.ScriptName != "" {
			continue
		}
		for _, r := range change.Renamed {
			if b.Class == r.From {
				fmt.Fprintf(w, "hint: %s is still bound to %s at line %d: change its class_name to %q\n", b.Name, r.From, b.ClassPos.Line, r.To)
			}
		}
		if slices.Contains(change.Deleted, b.Class) {
			fmt.Fprintf(w, "hint: %s is still bound to %s at line %d: remove the binding\n", b.Name, b.Class, b.Pos.Line)
		}
	}
}

// classChange is what the configuration lacks, nil for nothing.
func (a *app) classChange(c *config.Config, b *bundle.Bundle, f newFlags) (*config.ClassChange, error) {
	d := &draft{come: undeclared(c, b), gone: unexported(c, b), bindings: c.Bindings, change: config.ClassChange{Tag: f.tag, KV: f.kv}}
	if f.tag == "" {
		d.change.Tag = c.NextTag()
	}
	if slices.ContainsFunc(c.Migrations, func(m config.Migration) bool { return m.Tag == f.tag }) {
		return nil, misuse{fmt.Errorf("--tag %s: a migration has it already", f.tag)}
	}
	if err := d.obey(f); err != nil {
		return nil, misuse{err}
	}
	for _, class := range slices.Clone(d.gone) {
		if err := d.ask(a, class); err != nil {
			return nil, err
		}
	}
	d.change.New = d.come
	if len(d.change.New)+len(d.change.Renamed)+len(d.change.Deleted) == 0 {
		return nil, nil
	}
	return &d.change, nil
}

// undeclared are the classes that the code exports, and no migration or exports
// map declares: those that are bound, and those that are written as Durable
// Objects.
func undeclared(c *config.Config, b *bundle.Bundle) []string {
	var classes []string
	written := b.ObjectClasses()
	for _, name := range b.Exports {
		bound := slices.ContainsFunc(c.Bindings, func(x config.DurableObjectBinding) bool { return x.Class == name && x.ScriptName == "" })
		declared := slices.ContainsFunc(c.Classes(), func(x config.Class) bool { return x.Name == name && x.Migrated })
		if !declared && (bound || slices.Contains(written, name)) {
			classes = append(classes, name)
		}
	}
	return classes
}

// unexported are the classes that are declared and that the code lacks.
func unexported(c *config.Config, b *bundle.Bundle) []string {
	var classes []string
	for _, class := range c.Classes() {
		if class.Migrated && !slices.Contains(b.Exports, class.Name) {
			classes = append(classes, class.Name)
		}
	}
	return classes
}

// A draft is a change to the classes while it is found out what became of each.
type draft struct {
	change     config.ClassChange
	come, gone []string
	bindings   []config.DurableObjectBinding
}

func (d *draft) rename(from, to string) {
	d.change.Renamed = append(d.change.Renamed, config.Rename{From: from, To: to})
	d.come = without(d.come, to)
	d.gone = without(d.gone, from)
}

func (d *draft) delete(class string) {
	d.change.Deleted = append(d.change.Deleted, class)
	d.gone = without(d.gone, class)
}

func without(list []string, item string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(x string) bool { return x == item })
}

// obey does what the flags say.
func (d *draft) obey(f newFlags) error {
	for _, pair := range f.renames {
		from, to, ok := strings.Cut(pair, "=")
		switch {
		case !ok || from == "" || to == "":
			return fmt.Errorf("--rename %q is not OLD=NEW", pair)
		case !slices.Contains(d.gone, from):
			return fmt.Errorf("--rename %s: %s is no class that is declared and not exported%s", pair, from, those(d.gone))
		case !slices.Contains(d.come, to):
			return fmt.Errorf("--rename %s: %s is no class that is exported and not declared%s", pair, to, those(d.come))
		}
		d.rename(from, to)
	}
	for _, class := range f.deletes {
		if !slices.Contains(d.gone, class) {
			return fmt.Errorf("--delete %s: it is no class that is declared and not exported%s", class, those(d.gone))
		}
		d.delete(class)
	}
	return nil
}

func those(classes []string) string {
	if len(classes) == 0 {
		return ""
	}
	return "; such are " + strings.Join(classes, ", ")
}

// ask finds out what became of a class. With nobody there to be asked it says
// what may be said instead.
func (d *draft) ask(a *app, class string) error {
	likely := d.candidates(class)
	if !terminal(a.stdin) || !terminal(a.stderr) {
		ways := "--delete " + class
		if len(likely) > 0 {
			ways = fmt.Sprintf("--rename %s=%s or %s", class, likely[0], ways)
		}
		if len(likely) > 1 {
			ways += "; it may be " + orList(likely) + " now"
		}
		return hinted{fmt.Errorf("%s is declared and no longer exported: was it renamed or deleted?", class), "give " + ways}
	}
	fmt.Fprintf(a.stderr, "%s is declared and no longer exported. What became of it?\n", class)
	for i, name := range likely {
		fmt.Fprintf(a.stderr, "  %d  it was renamed to %s\n", i+1, name)
	}
	fmt.Fprintf(a.stderr, "  d  it is deleted, with all its objects\n")
	fmt.Fprint(a.stderr, "Anything else leaves the configuration alone: ")
	var answer string
	_, _ = fmt.Fscanln(a.stdin, &answer) // no answer is none of these
	if n, err := strconv.Atoi(answer); err == nil && n >= 1 && n <= len(likely) {
		d.rename(class, likely[n-1])
		return nil
	}
	if strings.EqualFold(answer, "d") {
		d.delete(class)
		return nil
	}
	return fmt.Errorf("what became of %s is not known: nothing was done", class)
}

// orList is some words in a sentence.
func orList(words []string) string {
	last := len(words) - 1
	if last == 0 {
		return words[0]
	}
	return strings.Join(words[:last], ", ") + " or " + words[last]
}

// candidates are the new classes that a former one may be now, the likeliest
// first: one of a like name, one that a binding has been given in its place, the
// others as they are exported.
func (d *draft) candidates(class string) []string {
	var found []string
	add := func(name string) {
		if slices.Contains(d.come, name) && !slices.Contains(found, name) {
			found = append(found, name)
		}
	}
	for _, name := range inspect.Nearest(class, d.come) {
		add(name)
	}
	for _, name := range d.come {
		if strings.Contains(class, name) || strings.Contains(name, class) {
			add(name)
		}
	}
	if !d.bound(class) {
		for _, name := range d.come {
			if d.bound(name) {
				add(name)
			}
		}
	}
	for _, name := range d.come {
		add(name)
	}
	return found
}

// bound reports whether a binding is to a class of this Worker's.
func (d *draft) bound(class string) bool {
	return slices.ContainsFunc(d.bindings, func(b config.DurableObjectBinding) bool { return b.Class == class && b.ScriptName == "" })
}
