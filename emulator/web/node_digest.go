package web

import (
	"crypto/hkdf"
	"crypto/md5"
	"crypto/pbkdf2"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding"
	"errors"
	"fmt"
	"hash"

	"golang.org/x/crypto/md4"
	"golang.org/x/crypto/scrypt"

	"github.com/dodev/dodev/emulator/engine"
)

// newDigest makes a digest by the normalised name src/node/hash.ts gives it,
// or answers nil.
func newDigest(algorithm string) hash.Hash {
	switch algorithm {
	case "md4":
		return &whole{Hash: md4.New()}
	case "md5-sha1":
		return &both{md5.New(), sha1.New()}
	case "md5":
		return md5.New()
	case "sha1":
		return sha1.New()
	case "sha224":
		return sha256.New224()
	case "sha256":
		return sha256.New()
	case "sha384":
		return sha512.New384()
	case "sha512":
		return sha512.New()
	case "sha512-256":
		return sha512.New512_256()
	}
	return nil
}

// digestMaker is newDigest for functions that make digests themselves. The
// algorithm is one that there is.
func digestMaker(algorithm string) func() hash.Hash {
	return func() hash.Hash { return newDigest(algorithm) }
}

// A whole digest is one whose library gives away no state: its state is all that
// was written.
type whole struct {
	hash.Hash
	written []byte
}

// Write implements io.Writer.
func (w *whole) Write(p []byte) (int, error) {
	w.written = append(w.written, p...)
	return w.Hash.Write(p)
}

// Reset implements hash.Hash.
func (w *whole) Reset() {
	w.written = nil
	w.Hash.Reset()
}

// MarshalBinary implements encoding.BinaryMarshaler.
func (w *whole) MarshalBinary() ([]byte, error) { return w.written, nil }

// UnmarshalBinary implements encoding.BinaryUnmarshaler.
func (w *whole) UnmarshalBinary(state []byte) error {
	_, err := w.Write(state)
	return err
}

// both is MD5 and SHA-1 side by side, as TLS once had it.
type both struct{ md5, sha1 hash.Hash }

// Write implements io.Writer.
func (b *both) Write(p []byte) (int, error) {
	b.md5.Write(p)
	return b.sha1.Write(p)
}

// Sum implements hash.Hash.
func (b *both) Sum(to []byte) []byte { return b.sha1.Sum(b.md5.Sum(to)) }

// Reset implements hash.Hash.
func (b *both) Reset() {
	b.md5.Reset()
	b.sha1.Reset()
}

// Size implements hash.Hash.
func (b *both) Size() int { return b.md5.Size() + b.sha1.Size() }

// BlockSize implements hash.Hash.
func (b *both) BlockSize() int { return b.sha1.BlockSize() }

// MarshalBinary implements encoding.BinaryMarshaler.
func (b *both) MarshalBinary() ([]byte, error) {
	first, err := b.md5.(encoding.BinaryMarshaler).MarshalBinary()
	if err != nil {
		return nil, err
	}
	second, err := b.sha1.(encoding.BinaryMarshaler).MarshalBinary()
	return append(append([]byte{byte(len(first))}, first...), second...), err
}

// UnmarshalBinary implements encoding.BinaryUnmarshaler.
func (b *both) UnmarshalBinary(state []byte) error {
	if len(state) == 0 || len(state) <= int(state[0]) {
		return errors.New("cut short")
	}
	first, second := state[1:1+state[0]], state[1+state[0]:]
	if err := b.md5.(encoding.BinaryUnmarshaler).UnmarshalBinary(first); err != nil {
		return err
	}
	return b.sha1.(encoding.BinaryUnmarshaler).UnmarshalBinary(second)
}

// digestAt makes a digest that has come as far as state, or a new one when
// state is empty. Between calls a digest lives in JavaScript as its state:
// nothing here needs to be freed, and a copy is free.
func digestAt(algorithm string, state []byte) (hash.Hash, error) {
	d := newDigest(algorithm)
	if d == nil {
		return nil, engine.Error("Digest method not supported")
	}
	if len(state) == 0 {
		return d, nil
	}
	u, ok := d.(encoding.BinaryUnmarshaler)
	if !ok {
		return nil, fmt.Errorf("%s has no state", algorithm)
	}
	if err := u.UnmarshalBinary(state); err != nil {
		return nil, fmt.Errorf("resume %s: %w", algorithm, err)
	}
	return d, nil
}

func returnState(c engine.Call, d hash.Hash) error {
	m, ok := d.(encoding.BinaryMarshaler)
	if !ok {
		return fmt.Errorf("%T has no state", d)
	}
	state, err := m.MarshalBinary()
	if err != nil {
		return fmt.Errorf("suspend a digest: %w", err)
	}
	c.Return(engine.Bytes(state))
	return nil
}

func nodeHashSize(c engine.Call) error {
	size := 0
	if d := newDigest(c.String(0)); d != nil {
		size = d.Size()
	}
	c.Return(engine.Int(size))
	return nil
}

func nodeHashUpdate(c engine.Call) error {
	d, err := digestAt(c.String(0), c.Bytes(1))
	if err != nil {
		return err
	}
	d.Write(c.Bytes(2))
	return returnState(c, d)
}

func nodeHashDigest(c engine.Call) error {
	d, err := digestAt(c.String(0), c.Bytes(1))
	if err != nil {
		return err
	}
	d.Write(c.Bytes(2))
	c.Return(engine.Bytes(d.Sum(nil)))
	return nil
}

// RFC 2104 by hand, because the library's HMAC has no state to suspend.
const (
	innerPad = 0x36
	outerPad = 0x5c
)

// padded gives the key as one block, each byte combined with pad.
func padded(algorithm string, key []byte, pad byte) []byte {
	d := newDigest(algorithm)
	if len(key) > d.BlockSize() {
		d.Write(key)
		key = d.Sum(nil)
	}
	block := make([]byte, d.BlockSize())
	copy(block, key)
	for i := range block {
		block[i] ^= pad
	}
	return block
}

// innerAt makes the inner digest of an HMAC that has come as far as state.
func innerAt(algorithm string, state, key []byte) (hash.Hash, error) {
	d, err := digestAt(algorithm, state)
	if err != nil {
		return nil, err
	}
	if len(state) == 0 {
		d.Write(padded(algorithm, key, innerPad))
	}
	return d, nil
}

func nodeHmacUpdate(c engine.Call) error {
	d, err := innerAt(c.String(0), c.Bytes(1), c.Bytes(3))
	if err != nil {
		return err
	}
	d.Write(c.Bytes(2))
	return returnState(c, d)
}

func nodeHmacDigest(c engine.Call) error {
	algorithm, key := c.String(0), c.Bytes(3)
	inner, err := innerAt(algorithm, c.Bytes(1), key)
	if err != nil {
		return err
	}
	inner.Write(c.Bytes(2))
	outer := newDigest(algorithm)
	outer.Write(padded(algorithm, key, outerPad))
	outer.Write(inner.Sum(nil))
	c.Return(engine.Bytes(outer.Sum(nil)))
	return nil
}

// maxDerived bounds the keys derived here, far above what anyone asks for.
const maxDerived = 1 << 26

func checkDerived(algorithm string, size int) error {
	if newDigest(algorithm) == nil {
		return engine.TypeError("Invalid digest: %s", algorithm)
	}
	if size < 0 || size > maxDerived {
		return engine.RangeError("cannot derive a key of %d bytes", size)
	}
	return nil
}

func nodePBKDF2(c engine.Call) error {
	algorithm, size := c.String(0), c.Int(4)
	if err := checkDerived(algorithm, size); err != nil {
		return err
	}
	key, err := pbkdf2.Key(digestMaker(algorithm), string(c.Bytes(1)), c.Bytes(2), c.Int(3), size)
	if err != nil {
		return engine.Error("PBKDF2 failed: %s", err)
	}
	c.Return(engine.Bytes(key))
	return nil
}

func nodeHKDF(c engine.Call) error {
	algorithm, size := c.String(0), c.Int(4)
	if err := checkDerived(algorithm, size); err != nil {
		return err
	}
	key, err := hkdf.Key(digestMaker(algorithm), c.Bytes(1), c.Bytes(2), string(c.Bytes(3)), size)
	if err != nil {
		return engine.Error("HKDF failed: %s", err)
	}
	c.Return(engine.Bytes(key))
	return nil
}

func nodeScrypt(c engine.Call) error {
	size := c.Int(5)
	if err := checkDerived("sha256", size); err != nil {
		return err
	}
	key, err := scrypt.Key(c.Bytes(0), c.Bytes(1), c.Int(2), c.Int(3), c.Int(4), size)
	if err != nil {
		return engine.RangeError("Scrypt failed: %s", err)
	}
	c.Return(engine.Bytes(key))
	return nil
}
