// Package sqlite keeps Durable Objects on disk: one database file per object,
// and one index of alarms per namespace, in the layout that the real runtime
// reads and writes. Stop one tool, start the other, and find everything in place.
//
// An [Object] is one object's database: key-value pairs, the user's SQL tables
// and an alarm. Its file comes into being with the first write. Writes gather in
// an implicit transaction that [Object.Commit] ends, so that a turn's writes are
// on disk together or not at all; savepoints nest within it. A [Pool] bounds how
// many files are open. An [Index] lists the alarms of a namespace and, by holding
// its file locked, keeps a second tool from the same data.
//
// With [HistoryOptions], what commits changed is kept in a file beside the state:
// a bookmark leads to the database as it was after any of them, to put it back
// ([Object.RestoreTo]), to look at it ([Object.ReadAt]) or to copy it
// ([Object.Fork]).
//
// The package stores bytes: what a value means, how large it may be and when an
// alarm fires is the caller's business. The user's SQL runs under the platform's
// rules, and fails with its words ([Error]).
//
// Files are locked the POSIX way, so a process that has a database open must not
// open the same file by other means: closing that would drop the lock.
//
// Objects belong to one goroutine at a time. Pools and indexes may be used
// concurrently.
package sqlite
