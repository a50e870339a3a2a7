package sqlite

import lib "modernc.org/sqlite/lib"

// limit is one of the engine's run-time limits.
type limit struct{ id, value int32 }

// localRow is how many bytes a string, BLOB or row may have in the local runtime.
const localRow = 8 << 20

// rowOverhead is what a row has besides its values: how long each of them is.
const rowOverhead = 64

// limits returns the platform's limits for user SQL. Those of a row and of what
// is in it are one to the engine.
func limits(row int) []limit {
	if row == 0 {
		row = localRow
	} else {
		row += rowOverhead
	}
	return []limit{
		{lib.SQLITE_LIMIT_LENGTH, int32(row)},
		{lib.SQLITE_LIMIT_SQL_LENGTH, 100_000},
		{lib.SQLITE_LIMIT_COLUMN, 100},
		{lib.SQLITE_LIMIT_EXPR_DEPTH, 100},
		{lib.SQLITE_LIMIT_COMPOUND_SELECT, 5},
		{lib.SQLITE_LIMIT_VDBE_OP, 25_000},
		{lib.SQLITE_LIMIT_FUNCTION_ARG, 127},
		{lib.SQLITE_LIMIT_ATTACHED, 0},
		{lib.SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 50},
		{lib.SQLITE_LIMIT_VARIABLE_NUMBER, 100},
		{lib.SQLITE_LIMIT_TRIGGER_DEPTH, 10},
		{lib.SQLITE_LIMIT_WORKER_THREADS, 0},
	}
}
