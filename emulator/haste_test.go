package emulator_test

import (
	"time"

	"github.com/dodev/dodev/emulator"
	"github.com/dodev/dodev/emulator/clock"
)

// inHaste makes time go faster, for questions that take minutes.
func inHaste(o *emulator.Options) { o.Clock = &hastyClock{start: time.Now()} }

// haste is how many times faster: the answers have times in them, which are to
// be right within 150 ms.
const haste = 5

type hastyClock struct{ start time.Time }

func (c *hastyClock) Now() time.Time { return c.start.Add(time.Since(c.start) * haste) }

func (c *hastyClock) AfterFunc(d time.Duration, f func()) (stop func()) {
	return clock.System{}.AfterFunc(d/haste, f)
}

// attempts is how often a question is asked whose answer is not as expected:
// some look, through a server, at what has happened within milliseconds.
const attempts = 3
