// Package inspect is the way to see into a running project and to act on it.
//
// An [Inspector] answers questions about objects, what they store, their
// sockets, alarms, logs and traces, and acts on them. Who asks does not know
// what answers: a [Client] asks the server in another process, an emulator in
// the same one or a folder of files is asked directly, and tests ask a fake.
// [NewHandler] is the HTTP side of the same interface.
//
// A live view takes one [Snapshot] and then follows the [Stream] that begins
// where it ended. The stream never holds the server up: a reader that is too
// slow is told with an event of the kind [Missed] that it has to take a new
// snapshot.
//
// The package knows no emulator, no engine and no file. Values of this package
// are plain data; an Inspector is safe for concurrent use.
package inspect
