package web

import "github.com/dodev/dodev/emulator/engine"

func (h *host) registerClone() {
	h.vm.Func("clone", func(c engine.Call) error {
		return c.ReturnBuilt(func(s engine.Sink) error { return c.Encode(0, engine.ForClone, s) })
	})
}
