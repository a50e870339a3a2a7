package web

import "github.com/dodev/dodev/emulator/loop"

// A turnstile lets only so many requests of one owner wait for the head of
// their responses at a time; further ones wait for their turn. It belongs to
// the goroutine of its isolate.
// https://developers.cloudflare.com/workers/platform/limits/#simultaneous-open-connections
type turnstile struct {
	max   int // 0 for as many as there are
	lines map[loop.Owner]*line
}

// A line is what one owner has before the turnstile and behind it.
type line struct {
	passed  int
	waiting []*passer
}

type passer struct {
	begin  func()
	passed bool
	ended  bool
}

// pass begins what completes an operation of an owner, now or in its turn. It
// never begins when the operation ends before that.
func (t *turnstile) pass(owner loop.Owner, op *loop.Op, begin func()) {
	if t.max == 0 || owner == nil {
		begin()
		return
	}
	l := t.lines[owner]
	if l == nil {
		if t.lines == nil {
			t.lines = map[loop.Owner]*line{}
		}
		l = &line{}
		t.lines[owner] = l
	}
	p := &passer{begin: begin}
	l.waiting = append(l.waiting, p)
	op.OnEnd(func() {
		p.ended = true
		if p.passed {
			l.passed--
		}
		t.advance(owner, l)
	})
	t.advance(owner, l)
}

// advance lets through who may pass.
func (t *turnstile) advance(owner loop.Owner, l *line) {
	for len(l.waiting) > 0 && (l.waiting[0].ended || l.passed < t.max) {
		p := l.waiting[0]
		l.waiting = l.waiting[1:]
		if !p.ended && owner.Context().Err() == nil { // one that is going away sends nothing more
			p.passed = true
			l.passed++
			p.begin()
		}
	}
	if l.passed == 0 && len(l.waiting) == 0 && t.lines[owner] == l {
		delete(t.lines, owner)
	}
}
