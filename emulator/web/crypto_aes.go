package web

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/subtle"
	"encoding/binary"

	"github.com/dodev/dodev/emulator/engine"
)

func aesCipher(c engine.Call) error {
	mode, encrypt := c.String(0), c.Bool(1)
	block, err := aes.NewCipher(c.Bytes(2))
	if err != nil {
		return engine.DOMException("OperationError", "%v", err)
	}
	iv, data, extra, bits := c.Bytes(3), c.Bytes(4), c.Bytes(5), c.Int(6)
	var out []byte
	switch mode {
	case "GCM":
		out, err = gcm(block, encrypt, iv, data, extra, bits/8)
	case "CBC":
		out = cbc(block, encrypt, iv, data)
	case "CTR":
		out, err = ctr(block, iv, data, bits)
	}
	if err != nil {
		return err
	}
	if out != nil {
		c.Return(engine.Bytes(out))
	}
	return nil
}

// gcm seals or opens data with a tag of any size; nil means that the tag does
// not fit.
func gcm(block cipher.Block, encrypt bool, iv, data, extra []byte, tagSize int) ([]byte, error) {
	aead, err := cipher.NewGCMWithNonceSize(block, len(iv))
	if err != nil {
		return nil, engine.DOMException("OperationError", "%v", err)
	}
	full := aead.Overhead()
	if encrypt {
		sealed := aead.Seal(nil, iv, data, extra)
		return sealed[:len(sealed)-full+tagSize], nil
	}
	if len(data) < tagSize {
		return nil, nil
	}
	text, tag := data[:len(data)-tagSize], data[len(data)-tagSize:]
	// The standard library opens whole tags only. Sealing the ciphertext
	// applies the same key stream, which gives the plaintext, and sealing that
	// gives the tag it should have.
	plain := aead.Seal(nil, iv, text, nil)[:len(text)]
	sealed := aead.Seal(nil, iv, plain, extra)
	if subtle.ConstantTimeCompare(sealed[len(text):len(text)+tagSize], tag) != 1 {
		return nil, nil
	}
	return nonNil(plain), nil
}

// nonNil keeps an empty result apart from none.
func nonNil(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}

// cbc encrypts or decrypts with PKCS #7 padding; nil means that the padding is
// wrong.
func cbc(block cipher.Block, encrypt bool, iv, data []byte) []byte {
	if encrypt {
		pad := aes.BlockSize - len(data)%aes.BlockSize
		data = append(data, bytes.Repeat([]byte{byte(pad)}, pad)...)
		cipher.NewCBCEncrypter(block, iv).CryptBlocks(data, data)
		return data
	}
	if len(data) == 0 || len(data)%aes.BlockSize != 0 {
		return nil
	}
	cipher.NewCBCDecrypter(block, iv).CryptBlocks(data, data)
	pad := int(data[len(data)-1])
	if pad == 0 || pad > aes.BlockSize {
		return nil
	}
	for _, b := range data[len(data)-pad:] {
		if int(b) != pad {
			return nil
		}
	}
	return data[:len(data)-pad]
}

// ctr applies the key stream of a counter of so many bits; the rest of the
// first block stays as it is when the counter overflows.
func ctr(block cipher.Block, counter, data []byte, bits int) ([]byte, error) {
	blocks := (len(data) + aes.BlockSize - 1) / aes.BlockSize
	if bits < 32 && blocks > 1<<bits {
		return nil, engine.DOMException("OperationError", "Counter block values will repeat.")
	}
	out := make([]byte, len(data))
	if bits == 8*aes.BlockSize {
		cipher.NewCTR(block, counter).XORKeyStream(out, data)
		return out, nil
	}
	var stream [aes.BlockSize]byte
	for at := 0; at < len(data); at += aes.BlockSize {
		block.Encrypt(stream[:], counter)
		subtle.XORBytes(out[at:], data[at:], stream[:])
		increment(counter, bits)
	}
	return out, nil
}

// increment adds one to the last bits of a counter.
func increment(counter []byte, bits int) {
	for i := len(counter) - 1; i >= 0 && bits > 0; i, bits = i-1, bits-8 {
		mask := byte(0xff)
		if bits < 8 {
			mask = 1<<bits - 1
		}
		next := (counter[i] + 1) & mask
		counter[i] = counter[i]&^mask | next
		if next != 0 {
			return
		}
	}
}

func aesWrap(c engine.Call) error {
	wrap := c.Bool(0)
	block, err := aes.NewCipher(c.Bytes(1))
	if err != nil {
		return engine.DOMException("OperationError", "%v", err)
	}
	apply := unwrapKey
	if wrap {
		apply = wrapKey
	}
	if out := apply(block, c.Bytes(2)); out != nil {
		c.Return(engine.Bytes(out))
	}
	return nil
}

// wrapIV is the initial value that tells a wrapped key from garbage, RFC 3394
// section 2.2.3.1.
const wrapIV = 0xa6a6a6a6a6a6a6a6

// wrapKey wraps a key of whole half-blocks, nil otherwise.
func wrapKey(block cipher.Block, key []byte) []byte {
	n := len(key) / 8
	if len(key)%8 != 0 || n < 2 {
		return nil
	}
	out := append(binary.BigEndian.AppendUint64(nil, wrapIV), key...)
	var b [16]byte
	for t := 1; t <= 6*n; t++ {
		half := out[8*((t-1)%n+1):][:8]
		copy(b[:8], out[:8])
		copy(b[8:], half)
		block.Encrypt(b[:], b[:])
		binary.BigEndian.PutUint64(out[:8], binary.BigEndian.Uint64(b[:8])^uint64(t))
		copy(half, b[8:])
	}
	return out
}

// unwrapKey is the inverse of wrapKey; nil means that it was wrapped by another
// key or not at all.
func unwrapKey(block cipher.Block, wrapped []byte) []byte {
	n := len(wrapped)/8 - 1
	if len(wrapped)%8 != 0 || n < 2 {
		return nil
	}
	var b [16]byte
	for t := 6 * n; t >= 1; t-- {
		half := wrapped[8*((t-1)%n+1):][:8]
		binary.BigEndian.PutUint64(b[:8], binary.BigEndian.Uint64(wrapped[:8])^uint64(t))
		copy(b[8:], half)
		block.Decrypt(b[:], b[:])
		copy(wrapped[:8], b[:8])
		copy(half, b[8:])
	}
	if binary.BigEndian.Uint64(wrapped) != wrapIV {
		return nil
	}
	return wrapped[8:]
}
