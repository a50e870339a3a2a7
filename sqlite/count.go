package sqlite

import (
	"slices"
	"strings"

	lib "modernc.org/sqlite/lib"
)

// The platform counts rows inside a patched SQLite: one read for each step of a
// cursor in the engine, one write for each row put into a table and each entry
// put into an index. An unpatched one tells less. Writes are made up from its
// notice of every changed row and from the indexes of the row's table, reads
// from the counters it does keep and the shape of the program it runs.

// writes counts the rows that a statement changes.
type writes struct {
	tables  []tableWrites
	changes int64 // rows changed, as the engine counts them at the end
	schema  int64 // rows of the schema
	effects *effects
}

// tableWrites counts changes of one table. The engine keeps the name at one
// address while a statement runs.
type tableWrites struct {
	address                   uintptr
	name                      string
	inserts, updates, deletes int64
	moved                     int64 // updates that changed the rowid, and so every index
}

// of notes which statement the writes are those of.
func (w *writes) of(s *stmt) {
	w.effects = &s.effects
	switch {
	case s.effects.alters:
		w.schema = 1
	case s.effects.creates:
		w.schema = s.planned().inserts
	}
}

func (w *writes) add(op int32, table uintptr, moved bool) {
	i := slices.IndexFunc(w.tables, func(t tableWrites) bool { return t.address == table })
	if i < 0 {
		i = len(w.tables)
		w.tables = append(w.tables, tableWrites{address: table, name: text(table)})
	}
	switch t := &w.tables[i]; {
	case op == lib.SQLITE_INSERT:
		t.inserts++
	case op == lib.SQLITE_DELETE:
		t.deletes++
	case moved:
		t.moved++
	default:
		t.updates++
	}
}

// rowsWritten returns what the platform would have counted. It is exact for
// statements that change rows, but for partial indexes that leave a row out;
// nearly so for CREATE, and a guess for what rewrites the schema.
func (o *Object) rowsWritten(w *writes) int64 {
	if w.effects == nil || w.effects.schema {
		return w.schema
	}
	w.dropShadows()
	var rows, seen, deletes int64
	exact := !w.effects.triggers && len(w.tables) <= 1 // the engine's own count is of the same rows
	for _, t := range w.tables {
		indexes := o.indexesOf(t.name)
		rows += (t.inserts + t.moved) * (1 + int64(len(indexes)))
		if named := w.effects.find(t.name); named != nil {
			rows += t.updates * (1 + indexes.touched(named.updates))
		}
		seen += t.inserts + t.updates + t.moved
		deletes += t.deletes
	}
	if exact && w.changes > 0 {
		// Rows that REPLACE removed are noticed, but count neither here nor there;
		// rows of virtual tables are not noticed, but count.
		deletes = max(0, w.changes-seen)
	}
	return rows + deletes
}

// dropShadows forgets the tables in which virtual tables keep their rows, which
// are written by statements of the engine's own.
func (w *writes) dropShadows() {
	w.tables = slices.DeleteFunc(w.tables, func(t tableWrites) bool {
		return w.effects.find(t.name) == nil && slices.ContainsFunc(w.effects.tables, func(e effect) bool {
			return e.writes && strings.HasPrefix(t.name, e.table+"_")
		})
	})
}

// tableIndexes holds, for each index of a table, the columns it depends on; nil
// stands for columns that cannot be told.
type tableIndexes [][]string

// touched returns how many of the indexes an update of columns changes.
func (t tableIndexes) touched(columns []string) (n int64) {
	for _, index := range t {
		if index == nil || slices.ContainsFunc(index, func(c string) bool { return slices.Contains(columns, c) }) {
			n++
		}
	}
	return n
}

// indexesOf returns the indexes of a table beside the table itself.
func (o *Object) indexesOf(table string) tableIndexes {
	if known, ok := o.indexes[table]; ok {
		return known
	}
	found, err := o.readIndexes(table)
	if err != nil {
		return nil // the table is gone, and with it what there was to count
	}
	if o.indexes == nil {
		o.indexes = make(map[string]tableIndexes)
	}
	o.indexes[table] = found
	return found
}

func (o *Object) readIndexes(table string) (tableIndexes, error) {
	if o.conn == nil {
		return nil, errNoStatement
	}
	s, _, err := o.conn.prepare(`SELECT l.seq,
		  CASE WHEN l.partial OR EXISTS (SELECT 1 FROM pragma_table_xinfo(?1) WHERE hidden IN (2, 3)) THEN NULL ELSE i.name END
		FROM pragma_index_list(?1) AS l, pragma_index_xinfo(l.name) AS i
		WHERE i.key AND (l.origin <> 'pk' OR NOT (SELECT wr FROM pragma_table_list(?1) WHERE schema = 'main'))
		ORDER BY l.seq, i.seqno`, preparation{})
	if err != nil {
		return nil, err
	}
	defer s.finalize()
	if err := s.bind([]Value{{Kind: Text, Text: table}}); err != nil {
		return nil, err
	}
	var found tableIndexes
	last := int64(-1)
	for {
		more, err := s.step()
		if err != nil || !more {
			return found, err
		}
		if seq := s.integer(0); seq != last {
			found, last = append(found, []string{}), seq
		}
		index := &found[len(found)-1]
		switch {
		case s.kind(1) == Null: // an expression, or what cannot be told
			*index = nil
		case *index != nil:
			*index = append(*index, string(s.bytes(1)))
		}
	}
}

// vdbe returns the engine's record of a statement.
func (s *stmt) vdbe() *lib.TVdbe { return (*lib.TVdbe)(pointer(s.handle)) }

// steps returns how often the statement's cursors moved on to a next row, and
// how often those of them did that scan whole tables.
func (s *stmt) steps() (all, scans int64) {
	counters := &s.vdbe().FaCounter
	scans = int64(counters[lib.SQLITE_STMTSTATUS_FULLSCAN_STEP])
	return scans + int64(counters[0]) + int64(counters[lib.SQLITE_STMTSTATUS_AUTOINDEX]), scans
}

func (s *stmt) resetCounters() {
	counters := &s.vdbe().FaCounter
	clear(counters[:])
	s.rows = 0
}

// planned returns the shape of the statement's program.
func (s *stmt) planned() *plan {
	if s.plan == nil {
		s.plan = newPlan(s.vdbe())
	}
	return s.plan
}

// rowsRead estimates what the platform would have counted since the counters
// were reset.
func (s *stmt) rowsRead() int64 {
	all, scans := s.steps()
	returned := s.rows
	if s.onRow {
		returned--
	}
	return s.planned().rowsRead(all, scans, returned, s.vdbe())
}
