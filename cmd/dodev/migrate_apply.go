package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/dodev/dodev/emulator/migrate"
	"github.com/dodev/dodev/emulator/names"
	"github.com/dodev/dodev/emulator/object"
	"github.com/dodev/dodev/sqlite"
)

// applyFlags are those of migrate apply.
type applyFlags struct {
	yes   bool
	adopt []string
}

func newMigrateApplyCmd(app *app) *cobra.Command {
	var f applyFlags
	cmd := &cobra.Command{
		Use:   "apply",
		Short: "Apply what is not applied",
		Long: `Apply carries the plan out, wholly or not at all, also when it is killed: the
next command ends what it had begun. Before that it keeps what it touches as a
snapshot, to which undo returns. Data that moves or goes is asked about first,
unless --yes says so. No server may be using the state folder.`,
		Example: "  dodev migrate apply\n  dodev migrate apply --yes\n  dodev migrate apply --adopt former-name",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			m, err := app.migration()
			if err != nil {
				return err
			}
			return m.apply(cmd.OutOrStdout(), f)
		},
	}
	cmd.Flags().BoolVarP(&f.yes, "yes", "y", false, "do not ask")
	cmd.Flags().StringArrayVar(&f.adopt, "adopt", nil, "take up the objects of a `script` that has this Worker's data under another name; repeatable")
	return cmd
}

func (m *migration) apply(w io.Writer, f applyFlags) error {
	if err := m.checkAdopted(f.adopt); err != nil {
		return misuse{err}
	}
	p := m.app.painter(m.app.stderr)
	if m.plan.Problems.HasErrors() {
		for _, d := range m.plan.Problems {
			m.printProblem(m.app.stderr, p, d)
		}
		return errReported
	}
	if m.plan.Done() && len(f.adopt) == 0 {
		return m.printResult(w, migrate.Result{})
	}
	if !f.yes && (!m.plan.Safe() || len(f.adopt) > 0) {
		m.print(m.app.stderr)
		if err := m.app.confirm(false, "move and delete stored objects"); err != nil {
			return err
		}
	}
	result, err := m.carryOut(migrate.Options{Adopt: f.adopt})
	if err != nil {
		return err
	}
	return m.printResult(w, result)
}

// checkAdopted refuses scripts that the plan does not offer.
func (m *migration) checkAdopted(scripts []string) error {
	for _, script := range scripts {
		var offered []string
		found := false
		for _, s := range m.plan.Offers {
			offered = append(offered, s.From)
			found = found || s.From == script
		}
		if !found {
			err := fmt.Errorf("--adopt %s: the state folder has no objects of that script that are reached by no class", script)
			if len(offered) > 0 {
				return hinted{err, "it has some of " + strings.Join(offered, ", ")}
			}
			return err
		}
	}
	return nil
}

// nameOf finds an object's name: one that was remembered, or that the other tool
// has left in its file.
func (m *migration) nameOf(key, id string) string {
	decoded, err := object.Decode(id)
	if err != nil {
		return ""
	}
	if name := m.book.Name(object.Key{Namespace: key, ID: decoded}); name != "" {
		return name
	}
	db := sqlite.OpenObject(sqlite.ObjectPath(m.folder.Namespace(key), id), sqlite.Options{ReadOnly: true})
	defer db.Close()
	name, _, err := db.Name()
	if err != nil {
		return ""
	}
	return name
}

// carryOut applies the plan, and remembers what moved objects are called.
func (m *migration) carryOut(opts migrate.Options) (migrate.Result, error) {
	m.book = names.Open(names.Dir(m.folder.Dir))
	defer m.book.Close()
	opts.Now, opts.Before, opts.Name, opts.Named = time.Now(), m.keep, m.nameOf, m.book.Note
	return m.plan.Apply(m.folder, opts)
}

func (m *migration) printResult(w io.Writer, r migrate.Result) error {
	if m.app.flags.json {
		return json.NewEncoder(w).Encode(struct {
			Steps    []migrate.Step `json:"steps"`
			Nameless int            `json:"nameless"`
		}{append([]migrate.Step{}, r.Steps...), r.Nameless})
	}
	if len(r.Steps) == 0 {
		fmt.Fprintln(w, "nothing to apply")
		return nil
	}
	for _, s := range r.Steps {
		text := s.String()
		if s.Kind != migrate.New {
			text += ": " + count(s.Objects, "object")
		}
		fmt.Fprintf(w, "applied  %-8s %s\n", tagOf(s.Tag), text)
	}
	if r.Nameless > 0 {
		fmt.Fprintf(m.app.stderr, "%s moved whose name is known nowhere: dodev finds them by their name or former id, another tool only by their new id\n", count(r.Nameless, "object"))
	}
	fmt.Fprintln(m.app.stderr, "hint: `dodev migrate undo` takes it back")
	return nil
}
