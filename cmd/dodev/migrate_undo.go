package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/dodev/dodev/emulator/migrate"
	"github.com/dodev/dodev/sqlite/snapshot"
)

func newMigrateUndoCmd(app *app) *cobra.Command {
	yes := false
	cmd := &cobra.Command{
		Use:   "undo",
		Short: "Return to what was there before the last migrations were applied",
		Long: `Undo puts back what was stored before migrations were applied last, and what the
ledger said. What was stored since in the classes that they touched is lost; it
is kept as a snapshot, like what apply found.`,
		Example: "  dodev migrate undo",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			m, err := app.migration()
			if err != nil {
				return err
			}
			return m.undo(cmd.OutOrStdout(), yes)
		},
	}
	cmd.Flags().BoolVarP(&yes, "yes", "y", false, "do not ask")
	return cmd
}

func (m *migration) undo(w io.Writer, yes bool) error {
	_, last, ok := m.ledger.Latest()
	if !ok {
		return errors.New("nothing was applied to this state")
	}
	if last.Snapshot == "" {
		return fmt.Errorf("%s touched nothing that was stored, so there is nothing to undo", tagOf(last.Tag))
	}
	store := m.snapshots()
	before, err := store.Load(last.Snapshot)
	if errors.Is(err, snapshot.ErrNotFound) {
		return hinted{err, "it was deleted; `dodev snapshot list` shows what there is"}
	}
	if err != nil {
		return err
	}
	what := fmt.Sprintf("return to the %s there were before %s, %s", count(len(before.Objects), "object"), describeSteps(last.Steps), relative(last.At, time.Now()))
	if err := m.app.confirm(yes, what); err != nil {
		return err
	}
	return m.returnTo(w, store, before)
}

// returnTo restores what was kept, after keeping what is there now.
func (m *migration) returnTo(w io.Writer, store snapshot.Store, before *snapshot.Manifest) error {
	hold, err := m.folder.Hold(before.Namespaces...)
	if err != nil {
		return fmt.Errorf("undo migrations: %w", err)
	}
	defer hold.Release()
	now, err := m.save(hold, "before-undo", before.Namespaces, nil)
	if err != nil {
		return fmt.Errorf("undo migrations: %w", err)
	}
	r, err := store.Restore(m.folder, hold, before, snapshot.Scope{}, migrate.LedgerFile)
	if err != nil {
		return fmt.Errorf("undo migrations: %w", err)
	}
	if m.app.flags.json {
		return json.NewEncoder(w).Encode(struct {
			Objects  int    `json:"objects"`
			Snapshot string `json:"snapshot"`
		}{r.Objects, now})
	}
	fmt.Fprintf(w, "undone: %s as before\n", count(r.Objects, "object"))
	fmt.Fprintf(m.app.stderr, "what was there until now is the snapshot %s\n", now)
	return nil
}
