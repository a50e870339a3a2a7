package web

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"unicode/utf8"

	"github.com/dodev/dodev/emulator/engine"
)

// registerNode adds what the modules under src/node need: text and bytes for
// Buffer, digests, keys and randoms for node:crypto.
func (h *host) registerNode() {
	for name, fn := range map[string]engine.Func{
		"nodeEncode":     nodeEncode,
		"nodeDecode":     nodeDecode,
		"nodeByteLength": nodeByteLength,
		"nodeCompare":    nodeCompare,
		"nodeIndexOf":    nodeIndexOf,
		"nodeIsUtf8":     nodeIsUTF8,
		"nodeIsAscii":    nodeIsASCII,
		"nodeHashSize":   nodeHashSize,
		"nodeHashUpdate": nodeHashUpdate,
		"nodeHashDigest": nodeHashDigest,
		"nodeHmacUpdate": nodeHmacUpdate,
		"nodeHmacDigest": nodeHmacDigest,
		"nodeRandomFill": nodeRandomFill,
		"nodeRandomUUID": nodeRandomUUID,
		"nodePbkdf2":     nodePBKDF2,
		"nodeHkdf":       nodeHKDF,
		"nodeScrypt":     nodeScrypt,
		"nodeCrypto":     nodeCrypto,
		"nodeZip":        nodeZip,
		"nodeCrc32":      nodeCRC32,
		"nodeDns":        h.nodeDNS,
	} {
		h.vm.Func(name, fn)
	}
	h.registerNodeZips()
}

func nodeEncode(c engine.Call) error {
	b, err := encodeText(c.String(0), c.String(1))
	if err != nil {
		return err
	}
	c.Return(engine.Bytes(b))
	return nil
}

func nodeDecode(c engine.Call) error {
	s, err := decodeText(c.String(0), c.Bytes(1))
	if err != nil {
		return err
	}
	c.Return(engine.String(s))
	return nil
}

func nodeByteLength(c engine.Call) error {
	n, err := encodedLength(c.String(0), c.String(1))
	if err != nil {
		return err
	}
	c.Return(engine.Int(n))
	return nil
}

func nodeCompare(c engine.Call) error {
	c.Return(engine.Int(bytes.Compare(c.Bytes(0), c.Bytes(1))))
	return nil
}

func nodeIndexOf(c engine.Call) error {
	c.Return(engine.Int(indexOf(c.Bytes(0), c.Bytes(1), c.Bool(2), c.Int(3))))
	return nil
}

// indexOf finds the first place of needle in hay that is a multiple of step,
// or the last one.
func indexOf(hay, needle []byte, last bool, step int) int {
	find := bytes.Index
	if last {
		find = bytes.LastIndex
	}
	base := 0
	for {
		i := find(hay, needle)
		if i < 0 {
			return -1
		}
		if step < 2 || (base+i)%step == 0 {
			return base + i
		}
		if last {
			hay = hay[:i+len(needle)-1]
		} else {
			hay, base = hay[i+1:], base+i+1
		}
	}
}

func nodeIsUTF8(c engine.Call) error {
	c.Return(engine.Bool(utf8.Valid(c.Bytes(0))))
	return nil
}

func nodeIsASCII(c engine.Call) error {
	ascii := bytes.IndexFunc(c.Bytes(0), func(r rune) bool { return r >= utf8.RuneSelf }) < 0
	c.Return(engine.Bool(ascii))
	return nil
}

// randomPiece bounds how many random bytes are held on their way into a view.
const randomPiece = 1 << 20

func nodeRandomFill(c engine.Call) error {
	size := c.Int(1)
	if size > randomPiece {
		return engine.RangeError("cannot fill more than %d bytes with random data at once", randomPiece)
	}
	b := make([]byte, size)
	rand.Read(b) // never fails
	c.Fill(0, b)
	return nil
}

func nodeRandomUUID(c engine.Call) error {
	var b [16]byte
	rand.Read(b[:]) // never fails
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	c.Return(engine.String(fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])))
	return nil
}
