package migrate

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/dodev/dodev/emulator/config"
)

// Kind is what a step does.
type Kind string

const (
	New      Kind = "new"      // a class comes to be
	Rename   Kind = "rename"   // its objects get another class
	Delete   Kind = "delete"   // they go
	Transfer Kind = "transfer" // another Worker's objects become this one's
	// Adopt takes up objects of a script or environment with another name.
	Adopt Kind = "adopt"
)

// A Step is one change to a class.
type Step struct {
	Script string `json:"script"`
	Tag    string `json:"tag"` // of the migration, "" for an exports map
	Kind   Kind   `json:"kind"`
	Class  string `json:"class"`
	// From is the script the class is taken from, "" for the step's own.
	From   string `json:"from,omitempty"`
	To     string `json:"to,omitempty"` // the class's name afterwards, of Rename, Transfer and Adopt
	SQLite bool   `json:"sqlite,omitempty"`
	Amount

	Pos config.Position `json:"-"`
}

// source is the namespace whose objects the step touches.
func (s Step) source() string {
	if s.From != "" {
		return Key(s.From, s.Class)
	}
	return Key(s.Script, s.Class)
}

// target is the namespace they are in afterwards, "" for none.
func (s Step) target() string {
	switch s.Kind {
	case Delete:
		return ""
	case New:
		return s.source()
	}
	return Key(s.Script, s.To)
}

// Safe reports whether the step can be applied without asking: no data changes
// its place.
func (s Step) Safe() bool { return s.Kind == New || s.Objects == 0 }

// A Plan is what is left to apply.
type Plan struct {
	Steps []Step
	// Problems are errors, which keep the plan from being applied, and warnings.
	Problems config.Diagnostics
	// Offers are steps that nothing in the configuration asks for: data that
	// would otherwise stay behind.
	Offers []Step
	// Last is the migration applied last to each script that has one.
	Last map[string]Applied

	ledger  *Ledger
	pending []pending
	behind  []string // scripts
}

// Behind reports whether a migration that moved or deleted objects was applied
// and is not in the configurations, so that code which goes with them would not
// find what is stored.
func (p *Plan) Behind() bool { return len(p.behind) > 0 }

// Keeps reports whether new code of a script would not find what is stored for
// it: because of steps ahead that concern the script, or since its configuration
// is behind.
func (p *Plan) Keeps(script string) bool {
	return slices.Contains(p.behind, script) ||
		slices.ContainsFunc(p.Ahead(), func(s Step) bool { return s.Script == script || s.From == script })
}

// pending is a migration, or exports map, that is not applied yet.
type pending struct {
	config *config.Config
	tag    string
	digest string
	steps  []Step
}

// Make plans what the configurations of the Workers of one server leave to do to
// what a folder stores.
func Make(configs []*config.Config, l *Ledger, s Survey) *Plan {
	p := &Plan{ledger: l, Last: map[string]Applied{}}
	for _, c := range configs {
		m := &planner{plan: p, config: c, script: l.Scripts[c.Name], survey: s}
		m.run()
	}
	p.offer(configs, s)
	return p
}

// Safe reports whether every step can be applied without asking.
func (p *Plan) Safe() bool {
	for _, s := range p.Steps {
		if !s.Safe() {
			return false
		}
	}
	return true
}

// Changes reports whether there is a step that is not about a new class, whatever
// is stored.
func (p *Plan) Changes() bool {
	return slices.ContainsFunc(p.Steps, func(s Step) bool { return s.Kind != New })
}

// Ledger is what was applied before the plan is.
func (p *Plan) Ledger() *Ledger { return p.ledger }

// Pending are the tags of the migrations that are left, "exports" for an exports
// map.
func (p *Plan) Pending() []string {
	tags := []string{}
	for _, next := range p.pending {
		tags = append(tags, Applied{Tag: next.tag}.Title())
	}
	return tags
}

// Ahead are the steps because of which code that goes with the configurations
// would not find what is stored for it before they are applied.
func (p *Plan) Ahead() []Step {
	var ahead []Step
	for _, s := range p.Steps {
		if !s.Safe() && (s.Kind != Delete || p.recreated(s)) {
			ahead = append(ahead, s)
		}
	}
	return ahead
}

// Awaiting are the namespaces that wait for the objects of steps ahead, or to
// lose those they have, each with what has to be done first.
func (p *Plan) Awaiting() map[string]string {
	awaiting := map[string]string{}
	for _, s := range p.Ahead() {
		key := s.target()
		if s.Kind == Delete {
			key = s.source()
		}
		awaiting[key] = fmt.Sprintf("the migration \"%s\" is not applied, and comes first: run `dodev migrate apply`", s)
	}
	return awaiting
}

// recreated reports whether a class that a step deletes comes to be again.
func (p *Plan) recreated(s Step) bool {
	return slices.ContainsFunc(p.Steps, func(other Step) bool { return other.Kind != Delete && other.target() == s.source() })
}

// Done reports whether nothing is left to do, not even to note.
func (p *Plan) Done() bool { return len(p.pending) == 0 }

// A planner plans for one Worker.
type planner struct {
	plan   *Plan
	config *config.Config
	script *Script // nil when the ledger does not know it
	survey Survey
}

func (m *planner) run() {
	applied := 0
	if m.script != nil {
		applied = m.checkApplied()
		if n := len(m.script.Applied); n > 0 {
			m.plan.Last[m.config.Name] = m.script.Applied[n-1]
		}
	}
	for _, g := range m.config.Migrations[applied:] {
		m.pend(g.Tag, digest(g), m.steps(g))
	}
	if len(m.config.Migrations) == 0 {
		if steps := m.exportSteps(); len(steps) > 0 {
			m.pend("", "", steps)
		}
	}
	m.check()
}

func (m *planner) pend(tag, digest string, steps []Step) {
	m.plan.pending = append(m.plan.pending, pending{m.config, tag, digest, steps})
	m.plan.Steps = append(m.plan.Steps, steps...)
}

// digest tells a migration from one that was changed.
func digest(g config.Migration) string {
	g.Pos = config.Position{}
	text, err := json.Marshal(g)
	if err != nil {
		panic(err) // plain data
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:8])
}

// steps are those of one migration, in the order in which the platform applies
// them.
func (m *planner) steps(g config.Migration) []Step {
	var steps []Step
	add := func(s Step) {
		s.Script, s.Tag = m.config.Name, g.Tag
		s.Amount = m.survey[s.source()]
		if s.Kind == New {
			s.Amount = Amount{}
		}
		if m.script == nil && s.Kind != New && m.alive(s.source()) {
			s.Amount = Amount{} // what is stored is the later class's of that name
		}
		steps = append(steps, s)
	}
	for _, class := range g.DeletedClasses {
		add(Step{Kind: Delete, Class: class, Pos: g.DeletedAt(class)})
	}
	for _, r := range g.RenamedClasses {
		add(Step{Kind: Rename, Class: r.From, To: r.To, Pos: g.RenamedAt(r.From)})
	}
	for _, t := range g.TransferredClasses {
		add(Step{Kind: Transfer, Class: t.From, From: t.FromScript, To: t.To, Pos: g.TransferredAt(t.To)})
	}
	for _, class := range g.NewClasses {
		add(Step{Kind: New, Class: class, Pos: g.CreatedAt(class)})
	}
	for _, class := range g.NewSQLiteClasses {
		add(Step{Kind: New, Class: class, SQLite: true, Pos: g.CreatedAt(class)})
	}
	return steps
}

// alive reports whether a namespace is that of a class which the configuration
// leaves alive.
func (m *planner) alive(key string) bool {
	for _, c := range m.config.Classes() {
		if c.Migrated && Key(m.config.Name, c.Name) == key {
			return true
		}
	}
	return false
}

// exportSteps are what an exports map asks for that the ledger does not have.
func (m *planner) exportSteps() []Step {
	var steps []Step
	add := func(s Step) {
		s.Script = m.config.Name
		if s.Kind != New {
			s.Amount = m.survey[s.source()]
		}
		steps = append(steps, s)
	}
	known := func(class string) bool { return m.script != nil && m.script.Classes[class] != nil }
	stored := func(class string) bool { return m.survey[Key(m.config.Name, class)].Objects > 0 }
	for _, e := range m.config.Exports {
		if e.Type != "durable-object" {
			continue
		}
		switch e.State {
		case "deleted":
			if known(e.Class) || stored(e.Class) {
				add(Step{Kind: Delete, Class: e.Class, Pos: e.Pos})
			}
		case "renamed":
			if known(e.Class) || stored(e.Class) {
				add(Step{Kind: Rename, Class: e.Class, To: e.RenamedTo, Pos: e.Pos})
			}
		case "expecting-transfer":
			if !known(e.Class) {
				add(Step{Kind: Transfer, Class: e.Class, From: e.TransferFrom, To: e.Class, Pos: e.Pos})
			}
		}
	}
	renamed := map[string]bool{}
	for _, s := range steps {
		renamed[s.To] = true
	}
	for _, e := range m.config.Exports {
		if e.Type == "durable-object" && e.State == "created" && !known(e.Class) && !renamed[e.Class] {
			add(Step{Kind: New, Class: e.Class, SQLite: e.Storage == "sqlite", Pos: e.Pos})
		}
	}
	return steps
}

// offer finds objects that no class of the configurations reaches, nor any step.
func (p *Plan) offer(configs []*config.Config, s Survey) {
	reached := map[string]bool{}
	for _, step := range p.Steps {
		reached[step.source()] = true
	}
	scripts := map[string]bool{}
	for _, c := range configs {
		scripts[c.Name] = true
		for _, class := range c.Classes() {
			reached[Key(c.Name, class.Name)] = true
		}
	}
	for _, key := range s.keys() {
		script, class, ok := SplitKey(key)
		if !ok || reached[key] || scripts[script] {
			continue
		}
		for _, c := range configs {
			for _, own := range c.Classes() {
				if own.Name == class && s[Key(c.Name, class)].Objects == 0 {
					p.Offers = append(p.Offers, Step{Script: c.Name, Kind: Adopt, Class: class, From: script, To: class, SQLite: own.SQLite, Amount: s[key]})
				}
			}
		}
	}
}

// String is the step in a few words: "rename ChatRoom → Room".
func (s Step) String() string {
	switch s.Kind {
	case Rename:
		return fmt.Sprintf("rename %s → %s", s.Class, s.To)
	case Transfer, Adopt:
		return fmt.Sprintf("%s %s:%s → %s", s.Kind, s.From, s.Class, s.To)
	}
	return fmt.Sprintf("%s %s", s.Kind, s.Class)
}
