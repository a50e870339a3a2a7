package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/dodev/dodev/emulator/config"
)

// typesFile is where wrangler writes the same.
const typesFile = "worker-configuration.d.ts"

func newTypesCmd(app *app) *cobra.Command {
	return &cobra.Command{
		Use:   "types [FILE]",
		Short: "Write TypeScript types of the project's bindings",
		Long: `Types writes ` + typesFile + ` beside the configuration, or FILE ("-" for
standard output): an Env with every binding and variable. The platform's own
types come with the package @cloudflare/workers-types.`,
		Example: "  dodev types\n  dodev types -",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			path, err := app.configPath(".")
			if err != nil {
				return err
			}
			file := filepath.Join(filepath.Dir(path), typesFile)
			if len(args) > 0 {
				file = args[0]
			}
			return types(cmd.OutOrStdout(), path, file, config.Options{Env: app.flags.env, Environ: app.environ})
		},
	}
}

// types writes the types of a project to a file, whose name it then prints, or
// to w.
func types(w io.Writer, configPath, file string, opts config.Options) error {
	cfg, ds, err := config.Load(configPath, opts)
	if err == nil {
		err = ds.Err()
	}
	if err != nil {
		return err
	}
	if cfg.Main == "" {
		return errors.New("the configuration has no main, so there is no class to name")
	}
	if file == "-" {
		_, err := io.WriteString(w, declareTypes(cfg, cfg.Dir))
		return err
	}
	dir, err := filepath.Abs(filepath.Dir(file))
	if err != nil {
		return err
	}
	if err := os.WriteFile(file, []byte(declareTypes(cfg, dir)), 0o644); err != nil {
		return fmt.Errorf("write types: %w", err)
	}
	_, err = fmt.Fprintln(w, filepath.ToSlash(file))
	return err
}

// declareTypes gives the declarations, for a file in dir.
func declareTypes(cfg *config.Config, dir string) string {
	main := importPath(dir, cfg.Main)
	var b strings.Builder
	b.WriteString("// Types of this project's bindings, written by `dodev types`.\n")
	b.WriteString("declare namespace Cloudflare {\n\tinterface GlobalProps {\n")
	fmt.Fprintf(&b, "\t\tmainModule: typeof import(%q);\n", main)
	if classes := boundClasses(cfg); len(classes) > 0 {
		fmt.Fprintf(&b, "\t\tdurableNamespaces: %s;\n", strings.Join(classes, " | "))
	}
	b.WriteString("\t}\n\tinterface Env {\n")
	for _, v := range cfg.Vars {
		fmt.Fprintf(&b, "\t\t%s: %s;\n", property(v.Name), variableType(v))
	}
	for _, d := range cfg.Bindings {
		fmt.Fprintf(&b, "\t\t%s: %s;\n", property(d.Name), namespaceType(d, main))
	}
	for _, s := range cfg.Services {
		fmt.Fprintf(&b, "\t\t%s: Fetcher;\n", property(s.Name))
	}
	b.WriteString("\t}\n}\ninterface Env extends Cloudflare.Env {}\n")
	return b.String()
}

func importPath(dir, main string) string {
	rel, err := filepath.Rel(dir, main)
	if err != nil {
		return main
	}
	rel = filepath.ToSlash(strings.TrimSuffix(rel, filepath.Ext(rel)))
	if !strings.HasPrefix(rel, ".") {
		rel = "./" + rel
	}
	return rel
}

func boundClasses(cfg *config.Config) []string {
	var classes []string
	for _, b := range cfg.Bindings {
		if name := fmt.Sprintf("%q", b.Class); b.ScriptName == "" && !slices.Contains(classes, name) {
			classes = append(classes, name)
		}
	}
	return classes
}

func namespaceType(b config.DurableObjectBinding, main string) string {
	if b.ScriptName != "" {
		return fmt.Sprintf("DurableObjectNamespace /* %s of %s */", b.Class, b.ScriptName)
	}
	return fmt.Sprintf("DurableObjectNamespace<import(%q).%s>", main, b.Class)
}

// variableType is the value itself for one that anyone may read, and what kind
// of value it is for a secret.
func variableType(v config.Var) string {
	if v.Secret {
		return "string"
	}
	return v.JSON
}

var identifier = regexp.MustCompile(`^[A-Za-z_$][A-Za-z0-9_$]*$`)

// property is a name as a key of an interface.
func property(name string) string {
	if identifier.MatchString(name) {
		return name
	}
	return fmt.Sprintf("%q", name)
}
