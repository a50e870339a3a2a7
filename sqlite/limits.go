package sqlite

import lib "modernc.org/sqlite/lib"

// limit is one of the engine's run-time limits.
type limit struct{ id, value int32 }

// limits returns the platform's limits for user SQL. The length of a row is the
// local runtime's; the stricter one of the deployed service counts key and
// value together, which only the caller can see.
func limits() []limit {
	return []limit{
		{lib.SQLITE_LIMIT_LENGTH, 8 << 20},
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
