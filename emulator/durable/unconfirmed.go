package durable

// written says what a life has written in a turn.
type written int

const (
	writtenUnconfirmed written = iota + 1 // nothing that must be durable before anything leaves
	writtenConfirmed
)

// Unconfirmed says whether writes from now on need not be durable before what is
// sent after them leaves, as the option allowUnconfirmed asks.
func (l *Life) Unconfirmed(on bool) { l.unconfirmed = on }

// Wrote notes a write, and what it failed with. A turn whose writes need no
// confirmation sends before it commits; one that failed does not.
func (l *Life) Wrote(err error) {
	if !l.unconfirmed || err != nil {
		l.writes = writtenConfirmed
	}
	l.writes = max(l.writes, writtenUnconfirmed)
}
