package worker

import (
	"github.com/dodev/dodev/emulator/clone"
	"github.com/dodev/dodev/emulator/engine"
)

// maxMessage is the largest message a call may carry.
// https://developers.cloudflare.com/workers/runtime-apis/rpc/#limitations
const maxMessage = 32 << 20

// A message is a structured clone on its way between isolates, with the
// references in it, which are its own until it is received.
type message struct {
	data []byte
	refs []reference
}

// drop gives up what a message holds that nobody will receive. Dropping it
// twice, or after it was received, is harmless.
func (m *message) drop(r *Realm) {
	for _, ref := range m.refs {
		r.drop(ref)
	}
	m.refs = nil
}

// encodeMessage clones an argument into a message.
func (i *Isolate) encodeMessage(c engine.Call, arg int) (message, error) {
	outer := i.writing // a getter or a dup method may make a call
	i.writing = nil
	e := clone.NewEncoder(clone.EncodeOptions{LegacyErrors: i.legacyErrors})
	err := c.Encode(arg, engine.ForRPC, e)
	m := message{data: e.Bytes(), refs: i.writing}
	i.writing = outer
	if err == nil && len(m.data) > maxMessage {
		err = engine.Error("Serialized RPC arguments or return values are limited to 32MiB, but the size of this value was: %d bytes.", len(m.data))
	}
	if err != nil {
		m.drop(i.w.setup.Realm)
		return message{}, err
	}
	return m, nil
}

// receive feeds a message to JavaScript here, which has its references then.
func (i *Isolate) receive(s engine.Sink, m *message) {
	i.reading, m.refs = m.refs, nil
	decodeInto(s, m.data)
	for _, ref := range i.reading {
		i.w.setup.Realm.drop(ref)
	}
	i.reading = nil
}

// send has fn take a message on its way when the current turn has committed. If
// the owner is gone by then, the message is dropped.
func (i *Isolate) send(m *message, fn func()) {
	if len(m.refs) == 0 {
		i.loop.Send(fn)
		return
	}
	owner := i.loop.Owner()
	t := i.tenant(owner)
	t.unsent[m] = struct{}{}
	i.loop.Send(func() {
		delete(t.unsent, m)
		fn()
	})
}
