package web

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/md5"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/subtle"
	"fmt"
	"hash"

	"github.com/dodev/dodev/emulator/engine"
)

// registerCrypto adds what Web Cryptography needs; src/host/crypto.ts says what
// each function takes and gives.
func (h *host) registerCrypto() {
	for name, fn := range map[string]engine.Func{
		"randomFill":      randomFill,
		"randomUUID":      randomUUID,
		"timingSafeEqual": timingSafeEqual,
		"digest":          digest,
		"hmac":            hmacDigest,
		"pbkdf2":          h.derivePBKDF2,
		"hkdf":            deriveHKDF,
		"aes":             aesCipher,
		"aesWrap":         aesWrap,
		"generateKey":     generateKey,
		"publicKey":       publicKey,
		"keyKind":         keyKind,
		"keyToJWK":        keyToJWK,
		"keyFromJWK":      keyFromJWK,
		"keyToRaw":        keyToRaw,
		"keyFromRaw":      keyFromRaw,
		"sign":            sign,
		"verify":          verify,
		"rsaOAEP":         rsaOAEP,
		"agree":           agree,
	} {
		h.vm.Func(name, fn)
	}
}

// newHash finds a digest by the name the platform gives it.
func newHash(name string) func() hash.Hash {
	switch name {
	case "SHA-1":
		return sha1.New
	case "SHA-256":
		return sha256.New
	case "SHA-384":
		return sha512.New384
	case "SHA-512":
		return sha512.New
	}
	return md5.New
}

func sum(name string, data []byte) []byte {
	h := newHash(name)()
	h.Write(data)
	return h.Sum(nil)
}

func randomFill(c engine.Call) error {
	b := c.Bytes(0)
	if _, err := rand.Read(b); err != nil {
		return fmt.Errorf("read random bytes: %w", err)
	}
	c.Fill(0, b)
	return nil
}

func randomUUID(c engine.Call) error {
	var b [16]byte
	if _, err := rand.Read(b[:]); err != nil {
		return fmt.Errorf("read random bytes: %w", err)
	}
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	c.Return(engine.String(fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])))
	return nil
}

func timingSafeEqual(c engine.Call) error {
	c.Return(engine.Bool(subtle.ConstantTimeCompare(c.Bytes(0), c.Bytes(1)) == 1))
	return nil
}

func digest(c engine.Call) error {
	c.Return(engine.Bytes(sum(c.String(0), c.Bytes(1))))
	return nil
}

func hmacDigest(c engine.Call) error {
	mac := hmac.New(newHash(c.String(0)), c.Bytes(1))
	mac.Write(c.Bytes(2))
	c.Return(engine.Bytes(mac.Sum(nil)))
	return nil
}

func (h *host) derivePBKDF2(c engine.Call) error {
	if n, most := c.Int(3), h.opts.Iterations; most > 0 && n > most {
		return engine.DOMException("NotSupportedError",
			"Pbkdf2 failed: iteration counts above %d are not supported (requested %d).", most, n)
	}
	key, err := pbkdf2.Key(newHash(c.String(0)), string(c.Bytes(1)), c.Bytes(2), c.Int(3), c.Int(4))
	if err != nil {
		return engine.DOMException("OperationError", "PBKDF2 failed: %v", err)
	}
	c.Return(engine.Bytes(key))
	return nil
}

func deriveHKDF(c engine.Call) error {
	key, err := hkdf.Key(newHash(c.String(0)), c.Bytes(1), c.Bytes(2), string(c.Bytes(3)), c.Int(4))
	if err == nil {
		c.Return(engine.Bytes(key))
	}
	return nil
}
