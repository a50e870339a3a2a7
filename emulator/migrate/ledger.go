// Package migrate carries class migrations out on local data.
//
// Deployed, a class that is renamed keeps its namespace, and with it the id of
// every object. Local ids derive from the names of script and class, so here a
// rename moves objects to other ids and remembers the former ones: that is what
// a [Ledger] is for, beside what was applied. A [Plan] says what is left to
// apply, what each step touches, and what a deploy would refuse.
//
// The package knows configurations, ids and files, and no running server:
// whoever applies a plan has stopped it, or is it.
package migrate

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"time"

	"github.com/dodev/dodev/emulator/config"
	"github.com/dodev/dodev/emulator/object"
	"github.com/dodev/dodev/sqlite/state"
)

// ledgerVersion is that of the ledger's format.
const ledgerVersion = 1

// LedgerFile is where it lies among dodev's own files in a state folder.
const LedgerFile = "ledger.json"

// A Ledger remembers what was applied to a state folder. The zero Ledger is that
// of a folder to which nothing was applied, or by another tool.
type Ledger struct {
	Version int                `json:"version"`
	Scripts map[string]*Script `json:"scripts"`
}

// A Script is what the ledger knows of one Worker.
type Script struct {
	Applied []Applied         `json:"applied"`
	Classes map[string]*Class `json:"classes"` // that are alive, by name
}

// An Applied entry is one migration, or what was done for an exports map, which
// has no tag.
type Applied struct {
	Tag    string    `json:"tag,omitempty"`
	Digest string    `json:"digest,omitempty"` // of the migration's text
	At     time.Time `json:"at"`
	Config string    `json:"config"`
	Steps  []Step    `json:"steps"`
	// Snapshot is the name under which what it touched was kept as it was, ""
	// when it touched nothing.
	Snapshot string `json:"snapshot,omitempty"`
}

// A Class is one that is alive.
type Class struct {
	SQLite bool `json:"sqlite"`
	// Former are the unique keys of namespaces whose objects are in this one's
	// now, the latest first.
	Former []string `json:"former,omitempty"`
	// Moved leads from former ids to present ones, both as 64 hexadecimal
	// digits, where the first half changed.
	Moved map[string]string `json:"moved,omitempty"`
}

// errNewerLedger is that of a ledger which a later version of dodev wrote.
var errNewerLedger = errors.New("a newer version of dodev wrote it: use that one, or delete the file to have it made anew from what is stored")

// ReadLedger reads the ledger of a state folder; a folder without one gives the
// zero Ledger.
func ReadLedger(f state.Folder) (*Ledger, error) {
	path := f.Own(LedgerFile)
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return &Ledger{}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the ledger of migrations: %w", err)
	}
	l, err := decodeLedger(text)
	if err != nil {
		return nil, fmt.Errorf("read the ledger of migrations: %s: %w", path, err)
	}
	return l, nil
}

// ErrStale is that of what was planned by a ledger that is another one by now.
var ErrStale = errors.New("another dodev applied migrations, or undid some, meanwhile: look at `dodev migrate plan` again")

// Current is nil while the ledger of a state folder is the one that was read,
// else [ErrStale]. It stays so while the folder is held.
func (l *Ledger) Current(f state.Folder) error {
	now, err := ReadLedger(f)
	if err != nil {
		return err
	}
	was, err := l.encode()
	if err != nil {
		return err
	}
	if is, err := now.encode(); err != nil || !bytes.Equal(was, is) {
		return errors.Join(ErrStale, err)
	}
	return nil
}

// LedgerText is the ledger of a state folder as it is stored, "" for none.
func LedgerText(f state.Folder) (string, error) {
	l, err := ReadLedger(f)
	if err != nil || l.Empty() {
		return "", err
	}
	text, err := l.encode()
	return string(text), err
}

// decodeLedger reads the text of a ledger and checks all that is relied on.
func decodeLedger(text []byte) (*Ledger, error) {
	var l Ledger
	if err := json.Unmarshal(text, &l); err != nil {
		return nil, err
	}
	if l.Version > ledgerVersion {
		return nil, errNewerLedger
	}
	if l.Version != ledgerVersion {
		return nil, fmt.Errorf("version %d is none", l.Version)
	}
	for name, s := range l.Scripts {
		if s == nil {
			return nil, fmt.Errorf("script %q is null", name)
		}
		for class, c := range s.Classes {
			if c == nil {
				return nil, fmt.Errorf("class %q of script %q is null", class, name)
			}
			if err := c.check(); err != nil {
				return nil, fmt.Errorf("class %q of script %q: %w", class, name, err)
			}
		}
	}
	return &l, nil
}

func (c *Class) check() error {
	for from, to := range c.Moved {
		for _, id := range []string{from, to} {
			if _, err := object.Decode(id); err != nil {
				return fmt.Errorf("%q: %w", id, err)
			}
		}
	}
	for _, key := range c.Former {
		if _, _, ok := SplitKey(key); !ok {
			return fmt.Errorf("%q is no namespace", key)
		}
	}
	return nil
}

// Empty reports whether nothing was ever applied.
func (l *Ledger) Empty() bool { return len(l.Scripts) == 0 }

// encode is the text of the file.
func (l *Ledger) encode() ([]byte, error) {
	l.Version = ledgerVersion
	text, err := json.MarshalIndent(l, "", "\t")
	return append(text, '\n'), err
}

// clone is a deep copy.
func (l *Ledger) clone() *Ledger {
	text, err := l.encode()
	if err != nil {
		panic(err) // plain data
	}
	c, err := decodeLedger(text)
	if err != nil {
		panic(err)
	}
	return c
}

// script gives what is known of a Worker, making it if need be.
func (l *Ledger) script(name string) *Script {
	if l.Scripts == nil {
		l.Scripts = map[string]*Script{}
	}
	s := l.Scripts[name]
	if s == nil {
		s = &Script{}
		l.Scripts[name] = s
	}
	if s.Classes == nil {
		s.Classes = map[string]*Class{}
	}
	return s
}

// Class finds a class that is alive, nil for none.
func (l *Ledger) Class(script, class string) *Class {
	s := l.Scripts[script]
	if s == nil {
		return nil
	}
	return s.Classes[class]
}

// SQLite tells what storage a class has that a configuration says came from
// another Worker, applied or not.
func (l *Ledger) SQLite(cfg *config.Config, class string) bool {
	if c := l.Class(cfg.Name, class); c != nil {
		return c.SQLite
	}
	for _, g := range slices.Backward(cfg.Migrations) {
		for _, r := range g.RenamedClasses {
			if r.To == class {
				class = r.From
			}
		}
		for _, t := range g.TransferredClasses {
			if t.To == class {
				c := l.Class(t.FromScript, t.From)
				return c != nil && c.SQLite
			}
		}
	}
	return false
}

// tags are those of the migrations that were applied, in their order.
func (s *Script) tags() []string {
	var tags []string
	if s == nil {
		return nil
	}
	for _, a := range s.Applied {
		if a.Tag != "" {
			tags = append(tags, a.Tag)
		}
	}
	return tags
}

// Latest is what was applied last to any script; ok is false when nothing was.
func (l *Ledger) Latest() (script string, a Applied, ok bool) {
	for name, s := range l.Scripts {
		for _, entry := range s.Applied {
			if !ok || !entry.At.Before(a.At) {
				script, a, ok = name, entry, true
			}
		}
	}
	return script, a, ok
}

// applied finds the entry of a tag.
func (s *Script) applied(tag string) (Applied, bool) {
	i := slices.IndexFunc(s.Applied, func(a Applied) bool { return a.Tag == tag })
	if i < 0 {
		return Applied{}, false
	}
	return s.Applied[i], true
}

// Key is the unique key of a class's namespace, which names its folder.
func Key(script, class string) string { return script + "-" + class }

// SplitKey is Key's other way. A class's name has no hyphen.
func SplitKey(key string) (script, class string, ok bool) {
	for i := len(key) - 1; i > 0; i-- {
		if key[i] == '-' {
			return key[:i], key[i+1:], i+1 < len(key)
		}
	}
	return "", "", false
}
