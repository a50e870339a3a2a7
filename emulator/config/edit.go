package config

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// A ClassChange is what a configuration is to say of its classes besides what
// it says already.
type ClassChange struct {
	Tag     string // of the migration, unused with an exports map
	New     []string
	KV      bool // new classes get key-value storage
	Renamed []Rename
	Deleted []string
}

// ErrByHand is in the error of [Config.Edit] when the file is written in a way
// that only people should edit; the error says what to add.
var ErrByHand = errors.New("the file has to be edited by hand")

// Edit returns the configuration's file as it is, and with an entry for a change:
// one more migration, or what its exports map is to say where it has one. All
// else, comments and layout included, stays. The edited text was read back and
// means what was asked for.
func (c *Config) Edit(change ClassChange) (before, after []byte, err error) {
	src, err := readSource(c.Path)
	if err != nil {
		return nil, nil, fmt.Errorf("edit configuration: %w", err)
	}
	e := editor{config: c, src: src, change: change}
	switch {
	case c.usesExports() && e.toml():
		after, err = e.tomlExports()
	case c.usesExports():
		after, err = e.jsonExports()
	case e.toml():
		after, err = e.tomlMigration()
	default:
		after, err = e.jsonMigration()
	}
	if err == nil {
		err = e.verify(after)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("%w: %w; add\n%s", ErrByHand, err, e.wanted())
	}
	return src.text, after, nil
}

// usesExports reports whether classes are declared by an exports map.
func (c *Config) usesExports() bool {
	return len(c.Migrations) == 0 && slices.ContainsFunc(c.Exports, func(e Export) bool { return e.Type == typeDurableObject })
}

// NextTag is a tag that no migration has: the last one counted up where it ends
// in a number.
func (c *Config) NextTag() string {
	n := len(c.Migrations)
	if n == 0 {
		return "v1"
	}
	last := c.Migrations[n-1].Tag
	digits := last[len(strings.TrimRight(last, "0123456789")):]
	stem, number := strings.TrimSuffix(last, digits), n
	if digits != "" && len(digits) < 9 {
		_, _ = fmt.Sscanf(digits, "%d", &number)
	}
	if stem == "" && digits == "" {
		stem = "v"
	}
	for {
		number++
		tag := fmt.Sprintf("%s%0*d", stem, len(digits), number)
		if !slices.ContainsFunc(c.Migrations, func(m Migration) bool { return m.Tag == tag }) {
			return tag
		}
	}
}

// An editor makes the text of an edited configuration.
type editor struct {
	config *Config
	src    *source
	change ClassChange
}

func (e editor) toml() bool { return hasExtension(e.config.Path, ".toml") }

// wanted is what somebody has to add by hand.
func (e editor) wanted() string {
	if e.toml() {
		return e.tomlTable()
	}
	return e.jsonObject("")
}

// verify reads the edited text and compares.
func (e editor) verify(text []byte) error {
	dir, err := os.MkdirTemp("", "dodev-config-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, filepath.Base(e.config.Path))
	if err := os.WriteFile(path, text, 0o600); err != nil {
		return err
	}
	got, _, err := Load(path, Options{Env: e.config.Env, Now: time.Unix(0, 0)})
	if err != nil {
		return err
	}
	live := func(c *Config) []string {
		var names []string
		for _, d := range c.lifecycle(&reporter{}).live {
			names = append(names, fmt.Sprintf("%s %t", d.Name, d.SQLite))
		}
		slices.Sort(names)
		return names
	}
	want := *e.config
	want.apply(e.change)
	if !slices.Equal(live(got), live(&want)) || len(got.Migrations) != len(want.Migrations) {
		return errors.New("the entry has no place that was found")
	}
	return nil
}

// apply does to the configuration what Edit does to its text.
func (c *Config) apply(change ClassChange) {
	if !c.usesExports() {
		c.Migrations = append(slices.Clone(c.Migrations), change.migration())
		return
	}
	exports := slices.Clone(c.Exports)
	for i, x := range exports {
		for _, r := range change.Renamed {
			if x.Class == r.From {
				exports[i] = Export{Class: x.Class, Type: x.Type, State: stateRenamed, RenamedTo: r.To}
				exports = append(exports, Export{Class: r.To, Type: x.Type, State: stateCreated, Storage: x.Storage})
			}
		}
		if slices.Contains(change.Deleted, x.Class) {
			exports[i] = Export{Class: x.Class, Type: x.Type, State: stateDeleted}
		}
	}
	for _, class := range change.New {
		exports = append(exports, Export{Class: class, Type: typeDurableObject, State: stateCreated, Storage: change.storage()})
	}
	c.Exports = exports
}

func (c ClassChange) storage() string {
	if c.KV {
		return "legacy-kv"
	}
	return "sqlite"
}

func (c ClassChange) migration() Migration {
	m := Migration{Tag: c.Tag, RenamedClasses: c.Renamed, DeletedClasses: c.Deleted, NewSQLiteClasses: c.New}
	if c.KV {
		m.NewClasses, m.NewSQLiteClasses = c.New, nil
	}
	return m
}

// splice puts text in at an offset.
func splice(text []byte, at int, more string) []byte {
	return slices.Concat(text[:at], []byte(more), text[at:])
}

// lineEnd is how the file ends its lines.
func (e editor) lineEnd() string {
	if bytes.Contains(e.src.text, []byte("\r\n")) {
		return "\r\n"
	}
	return "\n"
}

// lines joins lines as the file does.
func (e editor) lines(lines ...string) string {
	return strings.Join(lines, e.lineEnd()) + e.lineEnd()
}
