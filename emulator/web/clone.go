package web

import (
	"github.com/dodev/dodev/emulator/clone"
	"github.com/dodev/dodev/emulator/engine"
)

func (h *host) registerClone() {
	h.vm.Func("clone", h.clone)
}

func (h *host) clone(c engine.Call) error {
	mode := engine.ForClone
	if c.Bool(1) {
		mode = engine.ForTransfer
	}
	if !h.opts.LegacyErrors {
		return c.ReturnBuilt(func(s engine.Sink) error { return c.Encode(0, mode, s) })
	}
	e := h.encoder()
	if err := c.Encode(0, mode, e); err != nil {
		return err
	}
	return c.ReturnBuilt(func(s engine.Sink) error { return clone.Decode(e.Bytes(), s) })
}

// encoder writes clones as the Worker's flags have them.
func (h *host) encoder() *clone.Encoder {
	return clone.NewEncoder(clone.EncodeOptions{LegacyErrors: h.opts.LegacyErrors})
}
