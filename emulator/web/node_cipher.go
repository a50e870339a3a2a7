package web

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/des"
	"crypto/rc4"
	"crypto/subtle"
	"encoding/binary"
	"errors"
	"strings"

	"golang.org/x/crypto/chacha20poly1305"

	"github.com/dodev/dodev/emulator/engine"
)

// A cipher lives in JavaScript as a state of bytes between its calls, as digests
// do: nothing here needs to be freed.

// maxBlock is the size of the largest block there is.
const maxBlock = 16

// A cipherState is how far a cipher has come.
type cipherState struct {
	chain   [maxBlock]byte // the vector, the counter or the last block, by mode
	used    byte           // of a key stream's block
	pending [maxBlock]byte // what does not fill a block yet
	held    byte           // how much of it
	passed  uint64         // how much has passed, for RC4
}

// cipherStateSize is how long a state is in JavaScript.
const cipherStateSize = maxBlock + 1 + maxBlock + 1 + 8

func readCipherState(b []byte) (s cipherState, err error) {
	if len(b) != cipherStateSize {
		return s, errors.New("not the state of a cipher")
	}
	copy(s.chain[:], b)
	s.used = b[maxBlock] % (maxBlock + 1)
	copy(s.pending[:], b[maxBlock+1:])
	s.held = b[2*maxBlock+1] % (maxBlock + 1)
	s.passed = binary.BigEndian.Uint64(b[2*maxBlock+2:])
	return s, nil
}

func (s *cipherState) bytes() []byte {
	b := append([]byte(nil), s.chain[:]...)
	b = append(append(append(b, s.used), s.pending[:]...), s.held)
	return binary.BigEndian.AppendUint64(b, s.passed)
}

// Flags of nodeCipher.
const (
	cipherPads  = 1 << iota // there is padding to add or take off
	cipherFinal             // nothing follows
)

// nodeCipher (name, encrypt, key, state, data, flags) takes a cipher a step on:
// it changes the state and gives what comes out, undefined when it fails.
func nodeCipher(c engine.Call) error {
	name, encrypt, flags := c.String(1), c.Bool(2), c.Int(6)
	state, err := readCipherState(c.Bytes(4))
	if err != nil {
		return err
	}
	out, err := state.step(name, encrypt, c.Bytes(3), c.Bytes(5), flags)
	if err != nil {
		return nil
	}
	c.Fill(4, state.bytes())
	returnBytes(c, nonNil(out))
	return nil
}

// blockOf makes the block cipher of a cipher that is named as in "aes-128-cbc".
func blockOf(name string, key []byte) (cipher.Block, string, error) {
	family, mode := name, "ecb"
	if i := strings.LastIndexByte(name, '-'); i >= 0 && name != "des-ede" {
		family, mode = name[:i], name[i+1:]
	}
	switch family {
	case "des":
		block, err := des.NewCipher(key)
		return block, mode, err
	case "des-ede":
		block, err := des.NewTripleDESCipher(append(append([]byte(nil), key...), key[:min(8, len(key))]...))
		return block, mode, err
	case "des-ede3":
		block, err := des.NewTripleDESCipher(key)
		return block, mode, err
	}
	block, err := aes.NewCipher(key)
	return block, mode, err
}

func (s *cipherState) step(name string, encrypt bool, key, data []byte, flags int) ([]byte, error) {
	if name == "rc4" {
		return s.rc4(key, data)
	}
	block, mode, err := blockOf(name, key)
	if err != nil {
		return nil, err
	}
	switch mode {
	case "ctr":
		return s.stream(block, data, func() { increment(s.chain[:], 8*aes.BlockSize) }), nil
	case "ofb":
		return s.stream(block, data, nil), nil
	}
	return s.blocks(block, mode, encrypt, data, flags)
}

// stream combines data with a key stream. It is made of the chain, which next
// takes on; without next each block of the stream is the chain of the following
// one.
func (s *cipherState) stream(block cipher.Block, data []byte, next func()) []byte {
	size := block.BlockSize()
	out := make([]byte, len(data))
	var key [maxBlock]byte
	for i := 0; i < len(data); {
		if next != nil {
			block.Encrypt(key[:], s.chain[:])
		} else {
			if s.used == 0 {
				block.Encrypt(s.chain[:], s.chain[:])
			}
			key = s.chain
		}
		n := subtle.XORBytes(out[i:], data[i:], key[s.used:size])
		i += n
		if s.used += byte(n); int(s.used) == size {
			s.used = 0
			if next != nil {
				next()
			}
		}
	}
	return out
}

func (s *cipherState) rc4(key, data []byte) ([]byte, error) {
	c, err := rc4.NewCipher(key)
	if err != nil {
		return nil, err
	}
	skipped := make([]byte, s.passed)
	c.XORKeyStream(skipped, skipped)
	s.passed += uint64(len(data))
	c.XORKeyStream(data, data)
	return data, nil
}

// blocks works on whole blocks. What does not fill one waits; so does the last
// one when there is padding to be taken off it.
func (s *cipherState) blocks(block cipher.Block, mode string, encrypt bool, data []byte, flags int) ([]byte, error) {
	size := block.BlockSize()
	data = append(append([]byte(nil), s.pending[:s.held]...), data...)
	pads, final := flags&cipherPads != 0, flags&cipherFinal != 0
	if final && pads && encrypt {
		pad := size - len(data)%size
		for range pad {
			data = append(data, byte(pad))
		}
	}
	whole := len(data) / size * size
	if pads && !encrypt && !final && whole == len(data) && whole > 0 {
		whole -= size
	}
	if final && (whole != len(data) || pads && !encrypt && whole == 0) {
		return nil, errors.New("not whole blocks")
	}
	s.held = byte(copy(s.pending[:], data[whole:]))
	out := data[:whole]
	s.crypt(block, mode, encrypt, out)
	if final && pads && !encrypt {
		return unpad(out, size)
	}
	return out, nil
}

// crypt works in place.
func (s *cipherState) crypt(block cipher.Block, mode string, encrypt bool, data []byte) {
	size := block.BlockSize()
	if len(data) == 0 {
		return
	}
	if mode == "ecb" {
		apply := block.Decrypt
		if encrypt {
			apply = block.Encrypt
		}
		for ; len(data) > 0; data = data[size:] {
			apply(data, data[:size])
		}
		return
	}
	chain := s.chain
	if encrypt {
		cipher.NewCBCEncrypter(block, chain[:size]).CryptBlocks(data, data)
		copy(s.chain[:], data[len(data)-size:])
		return
	}
	copy(s.chain[:], data[len(data)-size:])
	cipher.NewCBCDecrypter(block, chain[:size]).CryptBlocks(data, data)
}

// ---- ciphers that authenticate ----

// nodeGCMStream (key, iv, offset, data) combines data with the key stream of GCM
// from an offset on. What comes out is only to be trusted when the tag fits.
func nodeGCMStream(c engine.Call) error {
	block, err := aes.NewCipher(c.Bytes(1))
	if err != nil {
		return nil
	}
	aead, err := cipher.NewGCMWithNonceSize(block, max(1, len(c.Bytes(2))))
	if err != nil {
		return nil
	}
	iv, offset, data := c.Bytes(2), c.Int(3), c.Bytes(4)
	if len(iv) == 0 {
		return nil
	}
	// The first block of the stream is the counter, encrypted.
	first := aead.Seal(nil, iv, make([]byte, aes.BlockSize), nil)[:aes.BlockSize]
	var s cipherState
	block.Decrypt(s.chain[:], first)
	const counterBits = 32
	low := binary.BigEndian.Uint32(s.chain[12:]) + uint32(offset/aes.BlockSize)
	binary.BigEndian.PutUint32(s.chain[12:], low)
	s.used = byte(offset % aes.BlockSize)
	c.Return(engine.Bytes(s.stream(block, data, func() { increment(s.chain[:], counterBits) })))
	return nil
}

// nodeGCMTag (key, iv, aad, plaintext) gives the tag of what was encrypted.
func nodeGCMTag(c engine.Call) error {
	block, err := aes.NewCipher(c.Bytes(1))
	if err != nil {
		return nil
	}
	iv, plain := c.Bytes(2), c.Bytes(4)
	aead, err := cipher.NewGCMWithNonceSize(block, len(iv))
	if err != nil {
		return nil
	}
	c.Return(engine.Bytes(aead.Seal(nil, iv, plain, c.Bytes(3))[len(plain):]))
	return nil
}

func chacha(key, nonce []byte) (cipher.AEAD, error) {
	if len(nonce) == chacha20poly1305.NonceSizeX {
		return chacha20poly1305.NewX(key)
	}
	return chacha20poly1305.New(key)
}

// nodeChachaSeal (key, iv, aad, plaintext) gives ciphertext and tag.
func nodeChachaSeal(c engine.Call) error {
	aead, err := chacha(c.Bytes(1), c.Bytes(2))
	if err != nil {
		return nil
	}
	c.Return(engine.Bytes(aead.Seal(nil, c.Bytes(2), c.Bytes(4), c.Bytes(3))))
	return nil
}

// nodeChachaOpen (key, iv, aad, ciphertext, tag) gives plaintext, undefined when
// the tag, which may have been cut short, does not fit.
func nodeChachaOpen(c engine.Call) error {
	key, iv, aad, text, tag := c.Bytes(1), c.Bytes(2), c.Bytes(3), c.Bytes(4), c.Bytes(5)
	aead, err := chacha(key, iv)
	if err != nil {
		return nil
	}
	plain := aead.Seal(nil, iv, text, nil)[:len(text)]
	whole := aead.Seal(nil, iv, plain, aad)[len(text):]
	if len(tag) > len(whole) || subtle.ConstantTimeCompare(whole[:len(tag)], tag) != 1 {
		return nil
	}
	returnBytes(c, nonNil(plain))
	return nil
}
