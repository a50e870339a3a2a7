package live

import (
	"time"

	"github.com/dodev/dodev/emulator/durable"
	"github.com/dodev/dodev/emulator/loop"
	"github.com/dodev/dodev/emulator/object"
)

// A probe follows an event that is measured and no more.
type probe struct {
	meter    *meter
	sent     time.Time
	admitted bool
}

// Posted implements durable.Span.
func (p *probe) Posted(*loop.Loop) {}

// Held implements durable.Span.
func (p *probe) Held(durable.Holder) {}

// Starting implements durable.Span: the constructor is part of it.
func (p *probe) Starting() (loop.Span, func(error)) { return p, func(error) {} }

// Admitted implements durable.Span.
func (p *probe) Admitted() {
	if !p.admitted {
		p.admitted = true
		p.meter.admitted()
	}
}

// Committing implements durable.Span.
func (p *probe) Committing(object.Ref) func(error) { return func(error) {} }

// Resume implements loop.Span.
func (p *probe) Resume() {}

// Pause implements loop.Span.
func (p *probe) Pause() {}

// Began implements loop.Span.
func (p *probe) Began(*loop.Op) {}

// Ended implements loop.Span.
func (p *probe) Ended(*loop.Op) {}

// End implements durable.Span.
func (p *probe) End(error) { p.meter.ended(time.Since(p.sent), !p.admitted) }
