package sqlite

import (
	"slices"

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
	effects *effects
}

// tableWrites counts changes of one table. The engine keeps the name at one
// address while a statement runs.
type tableWrites struct {
	address                   uintptr
	name                      string
	inserts, updates, deletes int64
}

func (w *writes) add(op int32, table uintptr) {
	i := slices.IndexFunc(w.tables, func(t tableWrites) bool { return t.address == table })
	if i < 0 {
		i = len(w.tables)
		w.tables = append(w.tables, tableWrites{address: table, name: text(table)})
	}
	switch op {
	case lib.SQLITE_INSERT:
		w.tables[i].inserts++
	case lib.SQLITE_UPDATE:
		w.tables[i].updates++
	case lib.SQLITE_DELETE:
		w.tables[i].deletes++
	}
}

// rowsWritten returns what the platform would have counted.
func (o *Object) rowsWritten(w *writes) int64 {
	if w.effects == nil {
		return 0
	}
	var rows, seen, deletes int64
	for _, t := range w.tables {
		i := slices.IndexFunc(w.effects.tables, func(e effect) bool { return e.table == t.name && e.writes })
		if i < 0 {
			continue // a shadow of a virtual table, or the schema
		}
		indexes := o.indexesOf(t.name)
		rows += t.inserts*(1+int64(len(indexes))) + t.updates*(1+indexes.touched(w.effects.tables[i].updates))
		seen += t.inserts + t.updates
		deletes += t.deletes
	}
	if !w.effects.triggers && w.changes > 0 {
		// Rows that REPLACE removed are noticed, but count neither here nor there;
		// rows of virtual tables are not noticed, but count.
		deletes = max(0, w.changes-seen)
	}
	return rows + deletes
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
	s, _, err := o.conn.prepare(`SELECT l.seq, i.name FROM pragma_index_list(?1) AS l, pragma_index_xinfo(l.name) AS i
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
		case s.kind(1) == Null: // an expression
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
}

// rowsRead estimates what the platform would have counted since the counters
// were reset.
func (s *stmt) rowsRead() int64 {
	if s.plan == nil {
		s.plan = newPlan(s.vdbe())
	}
	all, scans := s.steps()
	return s.plan.rowsRead(all, scans, s.vdbe())
}
