// Package clone reads and writes structured clones in V8's wire format, the
// bytes in which the platform keeps every stored value and passes values
// between isolates.
//
// Values pass through an [engine.Sink]: an [Encoder] is a Sink that writes the
// bytes the real runtime would have written, and [Decode] feeds bytes to any
// Sink. [ToTree] decodes into plain Go values without an engine, for commands
// and screens that look into storage; [Format], [JSON] and [FromJSON] show and
// edit such trees, and [Encode] turns them into bytes again.
//
// The format numbers objects in the order in which they begin, and a later
// occurrence of an object is its number. Sinks number them too, but do not see
// the object that holds an error's properties on the wire, so this package
// translates between the two.
//
// Functions are safe for concurrent use; an Encoder belongs to one goroutine.
package clone

import "fmt"

// A FormatError says where and why data is not a structured clone.
type FormatError struct {
	Offset int // of the byte that could not be read
	Reason string
}

func (e *FormatError) Error() string {
	return fmt.Sprintf("structured clone, offset %d: %s", e.Offset, e.Reason)
}

// maxDepth bounds how deep objects may be nested. The real runtime runs out of
// stack before it.
const maxDepth = 10_000
