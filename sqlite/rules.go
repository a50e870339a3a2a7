package sqlite

import (
	"strconv"
	"strings"

	lib "modernc.org/sqlite/lib"
)

// rules decides what user SQL may do, as the platform decides it: asked by the
// engine while it compiles a statement. Statements of ours may do everything.
type rules struct {
	user        bool
	transaction bool   // refused because the platform has an API for it
	missing     string // refused because the platform has no such table
	effects     *effects
}

// effects is what a user statement was compiled to do.
type effects struct {
	alters      bool // ALTER TABLE
	creates     bool
	schema      bool // creates, drops or alters something
	readsSchema bool // sees the list of tables
	triggers    bool // may fire triggers
	tables      []effect
}

// effect is what a statement does to one table.
type effect struct {
	table   string
	updates []string // columns
	writes  bool
}

// on returns the statement's effect on a table.
func (e *effects) on(table string) *effect {
	for i := range e.tables {
		if e.tables[i].table == table {
			return &e.tables[i]
		}
	}
	e.tables = append(e.tables, effect{table: table})
	return &e.tables[len(e.tables)-1]
}

// find returns what the statement was compiled to write to a table, or nil.
func (e *effects) find(table string) *effect {
	for i := range e.tables {
		if e.tables[i].table == table && e.tables[i].writes {
			return &e.tables[i]
		}
	}
	return nil
}

// begin applies the rules until end is called. What is found goes to e, if any.
func (r *rules) begin(e *effects) { *r = rules{user: true, effects: e} }

func (r *rules) end() { r.user, r.effects = false, nil }

// allow answers the engine. Its parameters are those of SQLite's authorizer.
func (r *rules) allow(action int32, p1, p2, database, trigger uintptr) bool {
	if !r.user {
		return true
	}
	first, second := text(p1), text(p2)
	if action == lib.SQLITE_ALTER_TABLE || action == lib.SQLITE_DETACH {
		// These two have the database first, and the table second.
		database, first, second = p1, second, ""
	}
	switch name := text(database); {
	case database == 0 || name == "main":
	case name == "temp" && (action == lib.SQLITE_READ || action == lib.SQLITE_UPDATE):
		return allowedName(first)
	default:
		return false
	}
	if !r.permits(action, first, second, p2 != 0) {
		return false
	}
	if r.effects != nil {
		r.effects.note(action, first, second, trigger != 0)
	}
	return true
}

// explain replaces an error that a refusal of the rules caused by the
// platform's own, where that says more.
func (r *rules) explain(err *Error) *Error {
	switch {
	case err.Code != lib.SQLITE_AUTH:
		return err
	case r.transaction:
		return errTransactionSQL
	case r.missing != "":
		return &Error{Code: lib.SQLITE_ERROR, Message: "no such table: " + r.missing + ": SQLITE_ERROR"}
	}
	return err
}

func (r *rules) permits(action int32, first, second string, given bool) bool {
	switch action {
	case lib.SQLITE_SELECT, lib.SQLITE_RECURSIVE, lib.SQLITE_ANALYZE:
		return true
	case lib.SQLITE_READ:
		if unbuiltTable(first) {
			r.missing = first
			return false
		}
		return allowedName(first)
	case lib.SQLITE_CREATE_TABLE, lib.SQLITE_DROP_TABLE, lib.SQLITE_CREATE_VIEW, lib.SQLITE_DROP_VIEW,
		lib.SQLITE_INSERT, lib.SQLITE_UPDATE, lib.SQLITE_DELETE,
		lib.SQLITE_REINDEX, lib.SQLITE_ALTER_TABLE:
		return allowedName(first)
	case lib.SQLITE_CREATE_INDEX, lib.SQLITE_DROP_INDEX, lib.SQLITE_CREATE_TRIGGER, lib.SQLITE_DROP_TRIGGER:
		return allowedName(first) && allowedName(second)
	case lib.SQLITE_CREATE_VTABLE, lib.SQLITE_DROP_VTABLE:
		return allowedModule(second) && allowedName(first)
	case lib.SQLITE_FUNCTION:
		return allowedFunction(second)
	case lib.SQLITE_PRAGMA:
		return allowedPragma(first, second, given)
	case lib.SQLITE_TRANSACTION, lib.SQLITE_SAVEPOINT:
		r.transaction = true
	}
	return false
}

// note gathers what an allowed action does.
func (e *effects) note(action int32, first, second string, triggered bool) {
	e.triggers = e.triggers || triggered
	switch action {
	case lib.SQLITE_READ:
		if strings.HasPrefix(first, "sqlite_") {
			e.readsSchema = true
		}
	case lib.SQLITE_PRAGMA:
		if strings.EqualFold(first, "table_list") {
			e.readsSchema = true
		}
	case lib.SQLITE_INSERT, lib.SQLITE_DELETE:
		e.on(first).writes = true
	case lib.SQLITE_UPDATE:
		table := e.on(first)
		table.writes = true
		table.updates = append(table.updates, second)
	case lib.SQLITE_ALTER_TABLE:
		e.alters, e.schema = true, true
	case lib.SQLITE_CREATE_TABLE, lib.SQLITE_CREATE_VIEW, lib.SQLITE_CREATE_INDEX,
		lib.SQLITE_CREATE_TRIGGER, lib.SQLITE_CREATE_VTABLE:
		e.creates, e.schema = true, true
	case lib.SQLITE_DROP_TABLE, lib.SQLITE_DROP_VIEW, lib.SQLITE_DROP_INDEX,
		lib.SQLITE_DROP_TRIGGER, lib.SQLITE_DROP_VTABLE:
		e.schema = true
	}
}

// nameTable is where the other tool keeps an object's name, in the user's
// database.
const nameTable = "__miniflare_do_name"

// allowedName tells the user's tables from the platform's.
func allowedName(name string) bool {
	return !hasPrefixFold(name, "_cf_") && !strings.EqualFold(name, nameTable)
}

func hasPrefixFold(s, prefix string) bool {
	return len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix)
}

func allowedModule(name string) bool {
	switch strings.ToLower(name) {
	case "fts5", "fts5vocab", "rtree", "rtree_i32":
		return true
	}
	return false
}

// unbuiltTable reports tables that our engine has and the platform's lacks.
func unbuiltTable(name string) bool {
	return strings.EqualFold(name, "dbstat") || strings.EqualFold(name, "sqlite_dbpage")
}

// unbuiltFunction is like [unbuiltTable].
func unbuiltFunction(name string) bool {
	name = strings.ToLower(name)
	return name == "soundex" || name == "sqlite_offset" || strings.HasPrefix(name, "geopoly_")
}

func allowedPragma(name, argument string, given bool) bool {
	switch strings.ToLower(name) {
	case "table_list":
		return true
	case "data_version", "page_size":
		return !given
	case "case_sensitive_like", "foreign_keys", "defer_foreign_keys", "ignore_check_constraints",
		"legacy_alter_table", "recursive_triggers", "reverse_unordered_selects":
		return !given || isBoolean(argument)
	case "table_info", "table_xinfo", "foreign_key_list", "index_info", "index_list", "index_xinfo":
		return given && allowedName(argument)
	case "foreign_key_check", "quick_check":
		return !given || allowedName(argument)
	case "optimize":
		_, err := strconv.ParseInt(argument, 10, 32)
		return !given || err == nil
	}
	return false
}

// isBoolean reports whether a pragma's argument begins like one of SQLite's
// many booleans, quoted or not.
func isBoolean(s string) bool {
	if len(s) >= 2 && (s[0] == '\'' || s[0] == '"') && s[len(s)-1] == s[0] {
		s = s[1 : len(s)-1]
	}
	for _, word := range []string{"true", "false", "yes", "no", "on", "off", "1", "0"} {
		if hasPrefixFold(s, word) {
			return true
		}
	}
	return false
}

// allowedFunction lists the functions that the platform lets user SQL call.
func allowedFunction(name string) bool {
	switch name {
	case // core
		"abs", "changes", "char", "coalesce", "concat", "concat_ws", "format", "glob", "hex", "ifnull", "iif",
		"instr", "last_insert_rowid", "length", "like", "likelihood", "likely", "load_extension", "lower",
		"ltrim", "max_scalar", "min_scalar", "nullif", "octet_length", "printf", "quote", "random",
		"randomblob", "replace", "round", "rtrim", "sign", "substr", "substring", "total_changes", "trim",
		"typeof", "unhex", "unicode", "unlikely", "upper", "zeroblob",
		// date and time
		"date", "time", "datetime", "julianday", "unixepoch", "strftime", "timediff",
		"current_date", "current_time", "current_timestamp",
		// aggregates
		"avg", "count", "group_concat", "max", "min", "string_agg", "sum", "total",
		// windows
		"row_number", "rank", "dense_rank", "percent_rank", "cume_dist", "ntile", "lag", "lead",
		"first_value", "last_value", "nth_value",
		// mathematics
		"acos", "acosh", "asin", "asinh", "atan", "atan2", "atanh", "ceil", "cos", "cosh", "degrees", "exp",
		"floor", "ln", "log", "log2", "mod", "pi", "pow", "radians", "sin", "sinh", "sqrt", "tan", "tanh", "trunc",
		// JSON
		"json", "jsonb", "json_array", "jsonb_array", "json_array_length", "json_extract", "jsonb_extract",
		"->", "->>", "json_insert", "jsonb_insert", "json_object", "jsonb_object", "json_patch", "jsonb_patch",
		"json_remove", "jsonb_remove", "json_replace", "jsonb_replace", "json_set", "jsonb_set", "json_type",
		"json_valid", "json_quote", "json_group_array", "jsonb_group_array", "json_group_object",
		"jsonb_group_object", "json_each", "json_tree",
		// full-text search and R*Tree
		"match", "highlight", "bm25", "snippet", "rtreecheck",
		// what the engine itself calls in ALTER TABLE
		"sqlite_rename_column", "sqlite_rename_table", "sqlite_rename_test", "sqlite_drop_column",
		"sqlite_rename_quotefix":
		return true
	}
	return false
}
