package sqlite

// table is one of the tables in an object's database that are not the user's.
type table int

const (
	kvTable table = iota
	metadataTable
	nameTableID
	tableCount
)

// presence says whether a table exists.
type presence uint8

const (
	unknown presence = iota
	absent
	present
)

// has reports whether the open database has a table.
func (o *Object) has(t table) (bool, error) {
	if o.tables[t] == unknown {
		if err := o.discover(); err != nil {
			return false, err
		}
	}
	return o.tables[t] == present, nil
}

// forget drops what is known of tables, which a rollback may have undone.
func (o *Object) forget() {
	o.tables = [tableCount]presence{}
	o.indexes = nil
}

func (o *Object) discover() error {
	s, err := o.statement(listTables)
	if err != nil {
		return err
	}
	defer s.reset()
	found := [tableCount]presence{absent, absent, absent}
	for {
		more, err := s.step()
		if err != nil {
			return err
		}
		if !more {
			o.tables = found
			return nil
		}
		switch string(s.bytes(0)) {
		case "_cf_KV":
			found[kvTable] = present
		case "_cf_METADATA":
			found[metadataTable] = present
		case nameTable:
			found[nameTableID] = present
		}
	}
}

// need creates a table unless it exists. The transaction must be open.
func (o *Object) need(t table, create statementID) error {
	if ok, err := o.has(t); ok || err != nil {
		return err
	}
	if err := o.do(create); err != nil {
		return err
	}
	o.tables[t] = present
	return nil
}

// statementID names one of the statements that an object prepares once.
type statementID int

const (
	beginTransaction statementID = iota
	commitTransaction
	rollbackTransaction
	listTables
	createKV
	createMetadata
	kvGet
	kvPut
	kvDelete
	kvList
	kvListTo
	kvListBack
	kvListBackTo
	metadataGet
	metadataPut
	nameGet
	namePut
	countPages
	countFree
	statementCount
)

// sql returns a statement's text. The tables are created with the real
// runtime's blanks, which are part of what a file remembers.
func (id statementID) sql() string {
	switch id {
	case beginTransaction:
		return "BEGIN"
	case commitTransaction:
		return "COMMIT"
	case rollbackTransaction:
		return "ROLLBACK"
	case listTables:
		return "SELECT name FROM sqlite_schema WHERE type = 'table'"
	case createKV:
		return "CREATE TABLE _cf_KV (\n        key TEXT PRIMARY KEY,\n        value BLOB\n      ) WITHOUT ROWID"
	case createMetadata:
		return "CREATE TABLE _cf_METADATA (\n        key INTEGER PRIMARY KEY,\n        value BLOB\n      )"
	case kvGet:
		return "SELECT value FROM _cf_KV WHERE key = ?1"
	case kvPut:
		return "INSERT INTO _cf_KV VALUES (?1, ?2) ON CONFLICT DO UPDATE SET value = excluded.value"
	case kvDelete:
		return "DELETE FROM _cf_KV WHERE key = ?1"
	case kvList:
		return "SELECT key, value FROM _cf_KV WHERE key >= ?1 ORDER BY key LIMIT ?2"
	case kvListTo:
		return "SELECT key, value FROM _cf_KV WHERE key >= ?1 AND key < ?3 ORDER BY key LIMIT ?2"
	case kvListBack:
		return "SELECT key, value FROM _cf_KV WHERE key >= ?1 ORDER BY key DESC LIMIT ?2"
	case kvListBackTo:
		return "SELECT key, value FROM _cf_KV WHERE key >= ?1 AND key < ?3 ORDER BY key DESC LIMIT ?2"
	case metadataGet:
		return "SELECT value FROM _cf_METADATA WHERE key = ?1"
	case metadataPut:
		return "INSERT INTO _cf_METADATA VALUES (?1, ?2) ON CONFLICT DO UPDATE SET value = excluded.value"
	case nameGet:
		return "SELECT name FROM __miniflare_do_name LIMIT 1"
	case namePut:
		return "UPDATE __miniflare_do_name SET name = ?"
	case countPages:
		return "PRAGMA page_count"
	case countFree:
		return "PRAGMA freelist_count"
	}
	return ""
}
