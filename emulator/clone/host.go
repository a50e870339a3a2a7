package clone

import "errors"

// HostDOMException is the host tag of a DOMException. Its payload is an array
// of three strings: name, message and stack.
const HostDOMException = 8

// FirstHostTag is the first host tag that the platform does not use. Objects
// with a tag from here on are written as tag and payload, which only our own
// isolates read; among those below, errors and DOMExceptions alone have a form
// that both understand.
const FirstHostTag = 64

// hostNames are the platform's host objects by tag, as far as they cannot be
// read here.
var hostNames = [...]string{
	1: "RpcStub", 2: "WritableStream", 3: "ReadableStream", 4: "Headers", 5: "Request", 6: "Response",
	7: "DOMException", 9: "AbortSignal", 11: "Fetcher", 12: "DurableObjectClass", 13: "R2Bucket",
	14: "KvNamespace", 15: "Blob", 16: "Socket",
}

// BeginHost implements [engine.Sink].
func (e *Encoder) BeginHost(tag uint32) {
	e.object(tagHost)
	e.varint(tag)
	if tag == HostDOMException {
		e.push(frame{kind: frameException})
	} else {
		e.push(frame{})
	}
}

// EndHost implements [engine.Sink].
func (e *Encoder) EndHost() { e.pop() }

// beginTexts begins the payload of a DOMException, which is no object on the
// wire but a row of strings without tags.
func (e *Encoder) beginTexts() {
	e.hide()
	e.push(frame{kind: frameTexts})
}

// rawText writes a string of a DOMException: length and UTF-8.
func (e *Encoder) rawText(s string) {
	s = fromUTF8([]byte(s))
	e.varint(uint32(len(s)))
	e.buf = append(e.buf, s...)
}

// within reports whether the innermost open object is of a kind.
func (e *Encoder) within(kind frameKind) bool {
	f := e.top()
	return f != nil && f.kind == kind
}

// host reads an object that only the host knows: an error, or a payload.
func (d *decoder) host(at int) error {
	tag, err := d.varint()
	if err != nil {
		return err
	}
	d.object()
	switch {
	case tag == hostError:
		return d.hostError(at)
	case tag == HostDOMException:
		return d.exception()
	case tag < FirstHostTag:
		if int(tag) < len(hostNames) && hostNames[tag] != "" {
			return d.fail(at, "object of class %s, which cannot be read here", hostNames[tag])
		}
		return d.fail(at, "object of an unknown class of the platform, %d", tag)
	}
	d.sink.BeginHost(tag)
	if err := d.value(); err != nil {
		return err
	}
	d.sink.EndHost()
	return nil
}

// exception reads a DOMException. The array that a Sink gets has a number
// there, but none on the wire.
func (d *decoder) exception() error {
	var texts [3]string
	for i := range texts {
		p, err := d.bytes()
		if err != nil {
			return err
		}
		texts[i] = fromUTF8(p)
	}
	d.sink.BeginHost(HostDOMException)
	d.nextID++
	d.sink.BeginDense(len(texts))
	for _, s := range texts {
		d.sink.String(s)
	}
	d.sink.EndDense(0, len(texts))
	d.sink.EndHost()
	return nil
}

// check refuses a tree that has no form on the wire.
func (h *Host) check() error {
	switch {
	case h.Tag == HostDOMException:
		texts, ok := h.Payload.(*Array)
		if !ok || texts.Sparse || len(texts.Items) != 3 || len(texts.Properties) > 0 {
			return errors.New("a DOMException is name, message and stack")
		}
		for _, text := range texts.Items {
			if _, ok := text.(string); !ok {
				return errors.New("a DOMException is name, message and stack")
			}
		}
	case h.Tag < FirstHostTag:
		return errors.New("a host object's tag is of the platform's own")
	}
	return nil
}
