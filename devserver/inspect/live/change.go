package live

import (
	"github.com/dodev/dodev/devserver/inspect"
	"github.com/dodev/dodev/devserver/inspect/stored"
	"github.com/dodev/dodev/emulator/durable"
	"github.com/dodev/dodev/emulator/worker"
)

// changes are what a turn does to the storage of an object that somebody
// follows closely.
type changes struct {
	life   *durable.Life
	before map[string][]byte
	there  map[string]bool
	sql    bool
	all    bool
}

// note takes what is there before an operation.
func (c *changes) note(op worker.StorageOp) {
	c.life = op.Life
	switch op.Name {
	case "sqlExec":
		c.sql = c.sql || inspect.Writes(op.SQL)
	case "deleteAll":
		c.all = true
	case "kvPut", "kvDelete", "kvDeleteMany":
		if c.before == nil {
			c.before, c.there = map[string][]byte{}, map[string]bool{}
		}
		for _, key := range op.Keys {
			if _, noted := c.there[key]; noted {
				continue
			}
			data, ok, err := worker.Database(op.Life).Get(key)
			if err == nil {
				c.before[key], c.there[key] = data, ok
			}
		}
	}
}

// tellChanges tells what has become of what the turn wrote.
func (s *span) tellChanges() {
	c := s.changes
	s.changes = changes{}
	if c.life == nil || c.life.Over() {
		return
	}
	e := inspect.StorageEvent{Object: refOf(s.ref.Key()), By: s.name, SQL: c.sql, All: c.all}
	if s.trace != nil {
		e.Trace = s.trace.id
	}
	for key, ok := range c.there {
		d, err := stored.Diff(worker.Database(c.life), key, c.before[key], ok)
		if err == nil && d != nil {
			e.Diffs = append(e.Diffs, *d)
		}
	}
	c.life.Store().Release()
	if len(e.Diffs) > 0 || e.SQL || e.All {
		s.r.l.ring.add(inspect.Event{Kind: inspect.StorageChanged, Storage: &e})
	}
}
