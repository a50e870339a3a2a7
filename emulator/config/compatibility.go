package config

import (
	"slices"
	"time"
)

// maxGuesses is how many names are given for one that is unknown.
const maxGuesses = 3

const dateForm = "2006-01-02"

// readCompatibility reads the compatibility date and flags.
func (l *loader) readCompatibility() {
	c := l.config
	given := l.view.get("compatibility_date")
	c.CompatibilityDate = given.string()
	pos := given.place(l.view.top.pos)
	if l.opts.CompatibilityDate != "" {
		c.CompatibilityDate, pos = l.opts.CompatibilityDate, Position{}
	}
	switch {
	case c.CompatibilityDate != "":
		l.checkDate(pos)
	case given == nil:
		l.report.warnf(pos, "no-date", "there is no compatibility_date: the Worker runs as of %s", NewestDate).
			hint("add it with the value %q: a deploy asks for it", NewestDate)
		c.CompatibilityDate = NewestDate
	default:
		if given.kind == stringKind {
			l.report.errorf(pos, "wrong-date", "the compatibility date is empty").hint("write it as %q", NewestDate)
		}
		c.CompatibilityDate = NewestDate
	}
	l.readFlags()
}

// checkDate reports a compatibility date that is impossible, to come, or newer
// than what is known here.
func (l *loader) checkDate(pos Position) {
	c := l.config
	date, err := time.Parse(dateForm, c.CompatibilityDate)
	if err != nil || date.Year() < 2000 || date.Year() > 2999 {
		l.report.errorf(pos, "wrong-date", "%q is not a date there is", c.CompatibilityDate).
			hint("write it as %q: year, month and day", NewestDate)
		c.CompatibilityDate = NewestDate
		return
	}
	now := l.opts.Now
	if now.IsZero() {
		now = time.Now()
	}
	// Where clocks are furthest ahead, tomorrow has begun already.
	if date.After(now.UTC().Add(14 * time.Hour)) {
		l.report.errorf(pos, "future-date", "the compatibility date %s is in the future", c.CompatibilityDate).
			hint("the newest date known here is %q", NewestDate)
		return
	}
	if c.CompatibilityDate > NewestDate {
		l.report.warnf(pos, "newer-date", "the compatibility date %s is newer than this program", c.CompatibilityDate).
			detail("the Worker runs as of %s", NewestDate)
	}
}

func (l *loader) readFlags() {
	first := map[string]Position{}
	for _, n := range l.view.get("compatibility_flags").array() {
		name := n.string()
		if name == "" {
			continue
		}
		before, twice := first[name]
		first[name] = n.pos
		f, enables := findFlag(name)
		switch {
		case twice:
			l.report.errorf(n.pos, "duplicate-flag", "the compatibility flag %q is given twice", name).
				detail("first at line %d", before.Line)
			continue
		case f == nil:
			l.unknownFlag(n)
			continue
		case f.experimental && enables:
			l.report.warnf(n.pos, "experimental-flag", "the compatibility flag %q is experimental: a deploy refuses it", name)
		}
		opposite := f.disable
		if !enables {
			opposite = f.enable
		}
		if before, both := first[opposite]; both && opposite != "" {
			l.report.errorf(n.pos, "contradicting-flags", "the compatibility flags %q and %q contradict each other", opposite, name).
				detail("the other one is at line %d", before.Line)
		}
		l.config.CompatibilityFlags = append(l.config.CompatibilityFlags, name)
	}
}

func (l *loader) unknownFlag(n *node) {
	var names []string
	for _, f := range compatibilityFlags {
		names = append(names, f.enable)
		if f.disable != "" {
			names = append(names, f.disable)
		}
	}
	p := l.report.errorf(n.pos, "unknown-flag", "there is no compatibility flag %q", n.text)
	if near := nearest(n.text, names); len(near) > 0 {
		p.hint("did you mean %s?", oneOf(near[:min(len(near), maxGuesses)]))
	}
}

// findFlag finds a flag by either of its names, and says whether it is the one
// that enables it.
func findFlag(name string) (f *flag, enables bool) {
	for i := range compatibilityFlags {
		switch f := &compatibilityFlags[i]; name {
		case "":
			return nil, false
		case f.enable:
			return f, true
		case f.disable:
			return f, false
		}
	}
	return nil, false
}

// Flag says whether the behaviour a compatibility flag names is the Worker's, by
// its own flags or by its date; without a date the newest holds. The name may be one that enables a behaviour or
// one that disables it; for an unknown name it is false.
func (c *Config) Flag(name string) bool {
	f, enables := findFlag(name)
	if f == nil {
		return false
	}
	return c.enabled(f) == enables
}

// A FlagState says whether what a flag enables is in effect.
type FlagState struct {
	Name string // that enables it
	On   bool
}

// FlagStates lists all flags there are, in the runtime's order.
func (c *Config) FlagStates() []FlagState {
	states := make([]FlagState, len(compatibilityFlags))
	for i := range compatibilityFlags {
		f := &compatibilityFlags[i]
		states[i] = FlagState{f.enable, c.enabled(f)}
	}
	return states
}

// enabled follows the flags that imply one another, which form no circles.
func (c *Config) enabled(f *flag) bool {
	if f.disable != "" && slices.Contains(c.CompatibilityFlags, f.disable) {
		return false
	}
	if slices.Contains(c.CompatibilityFlags, f.enable) {
		return true
	}
	date := c.CompatibilityDate
	if date == "" {
		date = NewestDate
	}
	if f.since != "" && date >= f.since {
		return true
	}
	if f.impliedSince == "" || date < f.impliedSince {
		return false
	}
	return slices.ContainsFunc(f.impliedBy, func(name string) bool {
		other, _ := findFlag(name)
		return other != nil && c.enabled(other)
	})
}
