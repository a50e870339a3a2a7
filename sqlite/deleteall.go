package sqlite

import lib "modernc.org/sqlite/lib"

// DeleteAll empties the database: pairs and the user's tables, and the alarm
// too if alsoAlarm. It is part of the implicit transaction, but not possible
// within a savepoint. Cursors with rows left fail afterwards.
func (o *Object) DeleteAll(alsoAlarm bool) error {
	if o.depth > 0 {
		return errDeleteAll
	}
	if ok, err := o.exists(); !ok || err != nil {
		return err
	}
	o.closeCursors(errDeleted)
	alarm, set, err := o.Alarm()
	if err != nil {
		return err
	}
	if err := o.begin(); err != nil {
		return err
	}
	foreignKeys := o.conn.configure(lib.SQLITE_DBCONFIG_ENABLE_FKEY, -1)
	o.conn.configure(lib.SQLITE_DBCONFIG_ENABLE_FKEY, 0)
	err = o.dropEverything()
	o.conn.configure(lib.SQLITE_DBCONFIG_ENABLE_FKEY, foreignKeys)
	if err != nil {
		return err
	}
	o.emptied = true
	if set && !alsoAlarm {
		return o.SetAlarm(alarm)
	}
	return nil
}

// dropEverything drops what the schema lists, until it lists nothing: dropping a
// virtual table takes its shadows with it, a table its indexes and triggers.
func (o *Object) dropEverything() error {
	defer o.forget()
	for {
		drop, err := o.nextDrop()
		if err != nil || drop == "" {
			return err
		}
		if err := o.conn.run(drop); err != nil {
			return err
		}
	}
}

// nextDrop returns the statement that drops one thing, or nothing when there is
// nothing left that can be dropped.
func (o *Object) nextDrop() (string, error) {
	s, _, err := o.conn.prepare(`SELECT 'DROP ' || type || ' "' || replace(name, '"', '""') || '"'
		FROM sqlite_schema WHERE type IN ('table', 'view') AND name <> 'sqlite_sequence'
		ORDER BY type = 'table', sql NOT LIKE 'CREATE VIRTUAL%' LIMIT 1`, preparation{})
	if err != nil {
		return "", err
	}
	defer s.finalize()
	more, err := s.step()
	if err != nil || !more {
		return "", err
	}
	return string(s.bytes(0)), nil
}

// shrink removes the file of a database that was emptied and holds nothing new.
func (o *Object) shrink() error {
	if len(o.cursors) > 0 || o.list != nil {
		return nil
	}
	left, _, err := o.conn.row("SELECT count(*) FROM sqlite_schema WHERE name <> 'sqlite_sequence'")
	if err != nil || left > 0 || o.opts.InMemory {
		return err
	}
	return o.removeFile()
}
