package web

import (
	"github.com/dodev/dodev/emulator/engine"
	"github.com/dodev/dodev/emulator/loop"
)

// A Message is one call of the console.
type Message struct {
	Level string // debug, log, info, warn or error
	Text  string
	Frame string    // file:line:column of the call, or ""
	Stack string    // what console.trace adds, else ""
	Span  loop.Span // of the turn, nil when nobody follows it
}

func (h *host) registerConsole() {
	h.vm.Func("log", func(c engine.Call) error {
		if h.opts.Console != nil {
			h.opts.Console(Message{Level: c.String(0), Text: c.String(1), Frame: c.String(2), Stack: c.String(3), Span: h.loop.Span()})
		}
		return nil
	})
}
