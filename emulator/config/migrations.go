package config

// The lists of a migration.
const (
	newClasses         = "new_classes"
	newSQLiteClasses   = "new_sqlite_classes"
	renamedClasses     = "renamed_classes"
	deletedClasses     = "deleted_classes"
	transferredClasses = "transferred_classes"
)

// at returns where a class stands in one of the migration's lists.
func (m Migration) at(list, class string) Position {
	if pos, ok := m.places[list+" "+class]; ok {
		return pos
	}
	return m.Pos
}

func (l *loader) readMigrations() {
	tags := map[string]Position{}
	for _, n := range l.view.get("migrations").array() {
		if n.kind != tableKind {
			continue
		}
		m := Migration{Tag: n.get("tag").string(), Pos: n.pos, places: map[string]Position{}}
		if first, taken := tags[m.Tag]; taken && m.Tag != "" {
			l.report.errorf(n.get("tag").pos, "duplicate-tag", "the migration tag %q is given twice", m.Tag).
				detail("first at line %d", first.Line).
				hint("give each migration a tag of its own: one that was applied is never looked at again")
		}
		tags[m.Tag] = n.get("tag").place(n.pos)
		m.NewClasses = m.classes(n, newClasses)
		m.NewSQLiteClasses = m.classes(n, newSQLiteClasses)
		m.DeletedClasses = m.classes(n, deletedClasses)
		for _, r := range n.get(renamedClasses).array() {
			from, to := r.get("from").string(), r.get("to").string()
			if from == "" || to == "" {
				continue
			}
			m.places[renamedClasses+" "+from] = r.pos
			m.RenamedClasses = append(m.RenamedClasses, Rename{From: from, To: to})
		}
		for _, t := range n.get(transferredClasses).array() {
			from, script, to := t.get("from").string(), t.get("from_script").string(), t.get("to").string()
			if from == "" || script == "" || to == "" {
				continue
			}
			m.places[transferredClasses+" "+to] = t.pos
			m.TransferredClasses = append(m.TransferredClasses, Transfer{From: from, FromScript: script, To: to})
		}
		l.config.Migrations = append(l.config.Migrations, m)
	}
}

// classes reads one list of class names and notes where each stands.
func (m Migration) classes(n *node, list string) []string {
	var out []string
	for _, item := range n.get(list).array() {
		if name := item.string(); name != "" {
			m.places[list+" "+name] = item.pos
			out = append(out, name)
		}
	}
	return out
}

// DeletedAt returns where the migration names a class that it deletes.
func (m Migration) DeletedAt(class string) Position { return m.at(deletedClasses, class) }

// RenamedAt returns where it names a class that it renames, by the former name.
func (m Migration) RenamedAt(from string) Position { return m.at(renamedClasses, from) }

// TransferredAt returns where it names a class that it takes over, by the name
// it gets.
func (m Migration) TransferredAt(to string) Position { return m.at(transferredClasses, to) }

// CreatedAt returns where it names a class that it creates.
func (m Migration) CreatedAt(class string) Position {
	if pos, ok := m.places[newSQLiteClasses+" "+class]; ok {
		return pos
	}
	return m.at(newClasses, class)
}
