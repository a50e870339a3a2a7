package web

import (
	"testing"

	"github.com/dodev/dodev/emulator/engine"
)

// A writer that is told to go on would never let its turn end, and so never
// hear that nobody reads.
func TestAWriterWhoseReaderHasGoneIsToldToWait(t *testing.T) {
	var pipes Pipes
	p := pipes.New()
	p.Cancel(engine.Error("enough"))
	if p.HasRoom() {
		t.Error("a pipe nobody reads has room")
	}
	told := false
	p.WhenWritable(func() { told = true })
	if !told {
		t.Error("the writer waits for good")
	}
}
