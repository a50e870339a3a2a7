package sqlite

import "container/list"

// Bounds of what is kept for reuse. The platform bounds the text alone; but each
// statement costs a kilobyte, and code that writes values into its SQL makes
// many short ones.
const (
	maxCachedText     = 1 << 20
	maxCachedPrograms = 512
)

// program is a compiled string of SQL: one statement or more, of which all but
// the last run whenever the program is started.
type program struct {
	sql     string
	prelude []*stmt
	last    *stmt
	busy    bool // a cursor is using it
	place   *list.Element
}

func (p *program) finalize() {
	for _, s := range p.prelude {
		s.finalize()
	}
	p.last.finalize()
}

// cache keeps programs by their text; those used longest ago go first. The zero
// value is an empty cache.
type cache struct {
	programs map[string]*program
	recent   list.List // of *program, latest first
	size     int
}

// get returns a program that nobody is using. inUse says that there is one, but
// that a cursor has it.
func (c *cache) get(sql string) (p *program, inUse bool) {
	p = c.programs[sql]
	if p == nil {
		return nil, false
	}
	c.recent.MoveToFront(p.place)
	if p.busy {
		return nil, true
	}
	return p, false
}

func (c *cache) put(p *program) {
	if c.programs == nil {
		c.programs = make(map[string]*program)
	}
	c.programs[p.sql] = p
	p.place = c.recent.PushFront(p)
	c.size += len(p.sql)
	for c.size > maxCachedText || len(c.programs) > maxCachedPrograms {
		c.drop(c.recent.Back().Value.(*program))
	}
}

// drop forgets a program. The cursor that is using it finalizes it.
func (c *cache) drop(p *program) {
	delete(c.programs, p.sql)
	c.recent.Remove(p.place)
	c.size -= len(p.sql)
	p.place = nil
	if !p.busy {
		p.finalize()
	}
}

// clear drops all programs.
func (c *cache) clear() {
	for _, p := range c.programs {
		c.drop(p)
	}
}
