package web

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"

	"github.com/gobwas/ws"
)

// A frameError is what a peer did that no WebSocket may, with the code it is
// told.
type frameError struct {
	code        int
	description string
}

func (e *frameError) Error() string {
	return fmt.Sprintf("WebSocket protocol error; protocolError.statusCode = %d; protocolError.description = %s", e.code, e.description)
}

func protocolError(format string, args ...any) error {
	return &frameError{1002, fmt.Sprintf(format, args...)}
}

// A frameReader puts messages together from frames, RFC 6455 section 5. As the
// platform does, it takes frames without a mask from a client.
type frameReader struct {
	r       *bufio.Reader
	max     func() int // bytes of a message
	inflate *inflater  // nil when nothing is compressed

	op         ws.OpCode // of the message begun, OpContinuation for none
	fragment   []byte
	compressed bool // the message begun is
}

// next gives the next message or control frame. What the peer did wrong is a
// *frameError, after which nothing can be read.
func (f *frameReader) next() (ws.OpCode, []byte, error) {
	for {
		h, err := ws.ReadHeader(f.r)
		if err != nil {
			if err == ws.ErrHeaderLengthMSB || err == ws.ErrHeaderLengthUnexpected {
				return 0, nil, protocolError("Invalid length")
			}
			return 0, nil, err
		}
		if err := f.check(h); err != nil {
			return 0, nil, err
		}
		payload := make([]byte, h.Length)
		if _, err := io.ReadFull(f.r, payload); err != nil {
			return 0, nil, err
		}
		if h.Masked {
			ws.Cipher(payload, h.Mask, 0)
		}
		if h.OpCode.IsControl() {
			return h.OpCode, payload, nil
		}
		if op, message, whole := f.add(h, payload); whole {
			if f.compressed {
				message, err = f.inflate.restore(message, f.max())
			}
			return op, message, err
		}
	}
}

// check tells what is wrong with a frame by its header.
func (f *frameReader) check(h ws.Header) error {
	switch {
	case h.OpCode.IsReserved():
		return protocolError("Unknown opcode %d", h.OpCode)
	case h.Rsv&3 != 0:
		return protocolError("Received frame had RSV bits 2 or 3 set")
	case h.Rsv != 0 && f.inflate == nil:
		return protocolError("Received a WebSocket frame whose compression bit was set, but the compression extension was not negotiated for this connection.")
	case h.OpCode.IsControl():
		if !h.Fin || h.Length > ws.MaxControlFramePayloadSize {
			return protocolError("Control frame is fragmented or too large")
		}
		return nil
	case h.OpCode == ws.OpContinuation && f.op == ws.OpContinuation:
		return protocolError("Unexpected continuation frame")
	case h.OpCode != ws.OpContinuation && f.op != ws.OpContinuation:
		return protocolError("Missing continuation frame")
	}
	if size := int64(len(f.fragment)) + h.Length; size > int64(f.max()) {
		return &frameError{1009, fmt.Sprintf("Message is too large: %d > %d", size, f.max())}
	}
	return nil
}

// add takes a data frame, and gives the message when it is whole.
func (f *frameReader) add(h ws.Header, payload []byte) (op ws.OpCode, message []byte, whole bool) {
	if h.OpCode != ws.OpContinuation {
		f.op, f.compressed = h.OpCode, h.Rsv != 0
	}
	if f.fragment == nil {
		f.fragment = payload
	} else {
		f.fragment = append(f.fragment, payload...)
	}
	if !h.Fin {
		return 0, nil, false
	}
	op, message = f.op, f.fragment
	f.op, f.fragment = ws.OpContinuation, nil
	return op, message, true
}

// A frameWriter writes whole messages and control frames.
type frameWriter struct {
	*bufio.Writer
	client  bool      // its frames have a mask
	deflate *deflater // nil when nothing is compressed
}

func (w *frameWriter) write(op ws.OpCode, payload []byte) error {
	h := ws.Header{Fin: true, OpCode: op}
	if w.deflate != nil && op.IsData() {
		if compressed := w.deflate.compress(payload); compressed != nil {
			payload, h.Rsv = compressed, ws.Rsv(true, false, false)
		}
	}
	h.Length = int64(len(payload))
	if w.client {
		h.Masked, h.Mask = true, ws.NewMask()
		payload = append([]byte(nil), payload...)
		ws.Cipher(payload, h.Mask, 0)
	}
	if err := ws.WriteHeader(w.Writer, h); err != nil {
		return err
	}
	_, err := w.Write(payload)
	return err
}

// maxReason is how many bytes a close frame has room for beside its code.
const maxReason = ws.MaxControlFramePayloadSize - 2

// noStatus is the code that stands for a close frame without one.
const noStatus = 1005

func closePayload(code int, reason string) []byte {
	if code == noStatus {
		return nil
	}
	return append(binary.BigEndian.AppendUint16(nil, uint16(code)), reason...)
}

func parseClose(payload []byte) (code int, reason string) {
	if len(payload) < 2 {
		return noStatus, ""
	}
	return int(binary.BigEndian.Uint16(payload)), string(repairUTF8(payload[2:]))
}
