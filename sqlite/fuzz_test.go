package sqlite_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/dodev/dodev/sqlite"
)

// FuzzExec looks for SQL that gets at what is the platform's, or fails in a way
// that is not an [sqlite.Error].
func FuzzExec(f *testing.F) {
	for _, sql := range []string{
		tableT, "ALTER TABLE t RENAME TO /* x */ \"_cf_\"\"t\" ; --", "SELECT * FROM t, _cf_KV", "PRAGMA journal_mode=DELETE",
		"INSERT INTO t(name) VALUES('a') RETURNING *; SELECT 1", "WITH x AS (SELECT 1) SELECT * FROM x", "SELECT '\x00';", "ANALYZE; REINDEX",
		"CREATE VIRTUAL TABLE f USING fts5(a); INSERT INTO f VALUES('x'); SELECT highlight(f,0,'<','>') FROM f('x')",
		"CREATE VIEW v AS SELECT * FROM _cf_METADATA; SELECT * FROM v", "EXPLAIN SELECT 1", "VACUUM", "SELECT [_cf_KV]", "ALTER TABLE t RENAME name TO _cf_x",
	} {
		f.Add(sql)
	}
	f.Fuzz(func(t *testing.T, sql string) {
		o := sqlite.OpenObject("fuzz", sqlite.Options{InMemory: true})
		defer o.Close()
		polls := 0
		o.Interrupt(func() bool { polls++; return polls > 50 })
		must(t, o.Put("key", []byte("value")))
		_, err := query(o, tableT)
		must(t, err)
		must(t, o.Commit())

		if _, err = query(o, sql); err != nil {
			var e *sqlite.Error
			if !errors.As(err, &e) {
				t.Errorf("error of type %T: %v", err, err)
			}
		}
		if value, _, err := o.Get("key"); string(value) != "value" || err != nil {
			t.Errorf("the pair is now %q, %v", value, err)
		}
		rows, err := query(o, "SELECT lower(name) FROM sqlite_schema WHERE lower(name) GLOB '_cf_*' AND type IN ('table', 'view')")
		if err == nil && !(len(rows) == 1 && rows[0][0] == "_cf_kv") {
			t.Errorf("platform's names: %v", rows)
		}
	})
}

// FuzzList compares lists with the same choice made in Go.
func FuzzList(f *testing.F) {
	f.Add("a\nab\nb", "a", "", "b", "a", uint8(7), uint8(2))
	f.Add("\xff\n\xff\xff\n\xfe", "", "\xfe", "", "\xff", uint8(15), uint8(0))
	f.Fuzz(func(t *testing.T, pairs, start, startAfter, end, prefix string, which, limit uint8) {
		o := sqlite.OpenObject("fuzz", sqlite.Options{InMemory: true})
		defer o.Close()
		all := strings.Split(pairs, "\n")
		for _, key := range all {
			must(t, o.Put(key, nil))
		}
		opts := sqlite.ListOptions{Prefix: prefix, Reverse: which&8 != 0, Limit: int(limit)}
		if which&1 != 0 {
			opts.Start = &start
		}
		if which&2 != 0 {
			opts.StartAfter = &startAfter
		}
		if which&4 != 0 {
			opts.End = &end
		}
		slices.Sort(all)
		var want []string
		for _, key := range slices.Compact(all) {
			if strings.HasPrefix(key, prefix) && (opts.Start == nil || key >= start) &&
				(opts.StartAfter == nil || key > startAfter) && (opts.End == nil || key < end) {
				want = append(want, key)
			}
		}
		if opts.Reverse {
			slices.Reverse(want)
		}
		if opts.Limit > 0 && len(want) > opts.Limit {
			want = want[:opts.Limit]
		}
		if got := keys(t, o.List(opts)); !slices.Equal(got, want) {
			t.Errorf("keys %q, want %q", got, want)
		}
	})
}
