package inspect

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// A Migrator carries the class migrations of the configuration out on what is
// stored. While a server runs, the configuration is that of the last save.
type Migrator interface {
	// MigrationStatus says what was applied, and what is not.
	MigrationStatus(ctx context.Context) (MigrationStatus, error)
	// MigrationPlan says what applying would do, and what keeps it from being
	// done, here or by a deploy.
	MigrationPlan(ctx context.Context) (MigrationPlan, error)
	// Migrate applies what is not applied, wholly or not at all, and keeps what
	// it touches as a snapshot before. A server goes on with the code that is
	// saved. The error's code is Conflict when it is not what was agreed to, and
	// Refused when a problem keeps it from being done.
	Migrate(ctx context.Context, a Agreement) (Migrated, error)
	// UndoMigrations returns to before the migrations that were applied last, and
	// keeps what is there as a snapshot. The error's code is Unavailable when
	// there is nothing to return to.
	UndoMigrations(ctx context.Context) (Undone, error)
}

// MigrationKind is what a step does.
type MigrationKind string

const (
	NewClass      MigrationKind = "new"      // a class comes to be
	RenameClass   MigrationKind = "rename"   // its objects get another class
	DeleteClass   MigrationKind = "delete"   // they go
	TransferClass MigrationKind = "transfer" // another Worker's objects become this one's
	AdoptClass    MigrationKind = "adopt"    // objects of a script with another name are taken up
)

// A MigrationStep is one change to a class.
type MigrationStep struct {
	Script string        `json:"script"`
	Tag    string        `json:"tag"` // of the migration, "" for an exports map
	Kind   MigrationKind `json:"kind"`
	Class  string        `json:"class"`
	From   string        `json:"from,omitempty"` // the script it is taken from, "" for its own
	To     string        `json:"to,omitempty"`   // the class's name afterwards
	SQLite bool          `json:"sqlite,omitempty"`
	// What it touches.
	Objects int   `json:"objects"`
	Bytes   int64 `json:"bytes"`
	Alarms  int   `json:"alarms"`
	// Where the configuration asks for it, of a step that is left.
	File string `json:"file,omitempty"`
	Line int    `json:"line,omitempty"`
}

// Safe reports whether no data changes its place.
func (s MigrationStep) Safe() bool { return s.Kind == NewClass || s.Objects == 0 }

// Subject is what the step is about: "ChatRoom → Room".
func (s MigrationStep) Subject() string {
	name := s.Class
	if s.From != "" {
		name = s.From + ":" + name
	}
	if s.To != "" {
		name += " → " + s.To
	}
	return name
}

// Title is the tag of the step's migration, or what stands for it.
func (s MigrationStep) Title() string {
	if s.Kind == AdoptClass {
		return "taken up"
	}
	return MigrationTitle(s.Tag)
}

// String is the step in a few words: "rename ChatRoom → Room".
func (s MigrationStep) String() string { return string(s.Kind) + " " + s.Subject() }

// MigrationTitle is a tag, or what stands for none.
func MigrationTitle(tag string) string {
	if tag == "" {
		return "exports"
	}
	return tag
}

// A MigrationProblem is what is wrong with the configuration, or with what is
// stored for it.
type MigrationProblem struct {
	Severity string   `json:"severity"` // "error" keeps the plan from being applied, "warning" does not
	Code     string   `json:"code"`
	Message  string   `json:"message"`
	File     string   `json:"file"` // "" when it has no place
	Line     int      `json:"line"` // 0 for the whole file
	Column   int      `json:"column"`
	Detail   []string `json:"detail,omitempty"`
	Hint     string   `json:"hint,omitempty"` // what to do about it
}

// Fatal reports whether the problem keeps the plan from being applied.
func (p MigrationProblem) Fatal() bool { return p.Severity == "error" }

// A MigrationPlan is what is left to apply.
type MigrationPlan struct {
	Steps    []MigrationStep    `json:"steps"`
	Problems []MigrationProblem `json:"problems"`
	// Offers are steps that nothing in the configuration asks for: data that is
	// reached by no class.
	Offers []MigrationStep `json:"offers"`
	// Pending are the titles of the migrations that are left.
	Pending []string `json:"pending"`
	// Held says that a server goes on with old code, since the new one would not
	// find what is stored.
	Held bool `json:"held,omitempty"`
}

// Fatal are the problems that keep the plan from being applied.
func (p MigrationPlan) Fatal() []MigrationProblem {
	var fatal []MigrationProblem
	for _, problem := range p.Problems {
		if problem.Fatal() {
			fatal = append(fatal, problem)
		}
	}
	return fatal
}

// Safe reports whether every step can be taken without asking.
func (p MigrationPlan) Safe() bool {
	for _, s := range p.Steps {
		if !s.Safe() {
			return false
		}
	}
	return true
}

// Agreed is what somebody agrees to who has seen the plan.
func (p MigrationPlan) Agreed() []string {
	agreed := []string{}
	for _, s := range p.Steps {
		agreed = append(agreed, agreementTo(s))
	}
	return agreed
}

// agreementTo tells a step from others, whatever it touches.
func agreementTo(s MigrationStep) string {
	return fmt.Sprintf("%s %s %s %s", s.Script, MigrationTitle(s.Tag), s.Kind, s.Subject())
}

// An Agreement is what somebody agrees to have applied.
type Agreement struct {
	// Steps is [MigrationPlan.Agreed] of the plan that was seen; nil agrees to
	// whatever there is.
	Steps []string `json:"steps"`
	// Adopt are the scripts whose objects, which the plan offers, are to be taken
	// up.
	Adopt []string `json:"adopt,omitempty"`
}

// To refuses a plan that was not agreed to, and one that cannot be applied. That
// nothing is left of it, since somebody else was quicker, is fine.
func (a Agreement) To(p MigrationPlan) error {
	if len(p.Steps) > 0 && a.Steps != nil && strings.Join(a.Steps, "\n") != strings.Join(p.Agreed(), "\n") {
		return &Error{Code: Conflict, Message: "the configuration was saved meanwhile, and asks for something else now: look at the plan again"}
	}
	if fatal := p.Fatal(); len(fatal) > 0 {
		return &Error{Code: Refused, Message: "migrations are not applied: " + fatal[0].Message}
	}
	return p.checkAdopted(a.Adopt)
}

// checkAdopted refuses scripts that the plan does not offer.
func (p MigrationPlan) checkAdopted(scripts []string) error {
	var offered []string
	known := map[string]bool{}
	for _, s := range p.Offers {
		if !known[s.From] {
			offered = append(offered, s.From)
		}
		known[s.From] = true
	}
	for _, script := range scripts {
		if !known[script] {
			return &Error{Code: NotFound, Message: fmt.Sprintf("the state folder has no objects of a script %q that are reached by no class", script), Near: offered}
		}
	}
	return nil
}

// A MigrationStatus is what was applied to the state folder, the latest last,
// and what is not.
type MigrationStatus struct {
	Applied []AppliedMigration `json:"applied"`
	Pending []string           `json:"pending"` // titles of migrations
	// WhyNoUndo says why the last one cannot be undone, "" when it can.
	WhyNoUndo string `json:"whyNoUndo,omitempty"`
}

// An AppliedMigration is a migration, or what was done for an exports map.
type AppliedMigration struct {
	Script   string          `json:"script"`
	Tag      string          `json:"tag"`
	At       time.Time       `json:"at"`
	Config   string          `json:"config"`
	Steps    []MigrationStep `json:"steps"`
	Snapshot string          `json:"snapshot,omitempty"` // that keeps what it touched, "" when that was nothing
}

// Title is its tag, or what stands for it.
func (a AppliedMigration) Title() string {
	if a.Tag == "" && len(a.Steps) > 0 {
		return a.Steps[0].Title()
	}
	return MigrationTitle(a.Tag)
}

// A Migrated is what applying did.
type Migrated struct {
	Steps []MigrationStep `json:"steps"`
	// Nameless are objects that were moved and whose name is known nowhere: a
	// tool that does not read the ledger reaches them by their new id alone.
	Nameless int    `json:"nameless"`
	Snapshot string `json:"snapshot,omitempty"` // that keeps what was touched
	Reloaded bool   `json:"reloaded,omitempty"` // a server goes on with the code that is saved
}

// An Undone is what undoing did.
type Undone struct {
	Objects  int    `json:"objects"`  // that are as they were
	Snapshot string `json:"snapshot"` // of what was there until then
	// Held says that a server went back to the code before: what is saved asks
	// for the migrations again.
	Held bool `json:"held,omitempty"`
}
