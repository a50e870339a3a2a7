package web

import (
	"crypto"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/hex"
	"fmt"
	"math/big"
	"strconv"

	"github.com/dodev/dodev/emulator/engine"
)

// curveNamed finds a curve by the name Web Cryptography gives it, or nil.
func curveNamed(name string) elliptic.Curve {
	switch name {
	case "P-256":
		return elliptic.P256()
	case "P-384":
		return elliptic.P384()
	case "P-521":
		return elliptic.P521()
	}
	return nil
}

func generateKey(c engine.Call) error {
	key, err := newPrivateKey(c.String(0), c.Int(1))
	if err != nil {
		return engine.DOMException("OperationError", "generate a key: %v", err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return fmt.Errorf("write a private key: %w", err)
	}
	c.Return(engine.Bytes(der))
	return nil
}

func newPrivateKey(kind string, bits int) (any, error) {
	switch kind {
	case "Ed25519":
		_, key, err := ed25519.GenerateKey(rand.Reader)
		return key, err
	case "X25519":
		return ecdh.X25519().GenerateKey(rand.Reader)
	case "RSA":
		return rsa.GenerateKey(rand.Reader, bits)
	}
	curve := curveNamed(kind)
	if curve == nil {
		return nil, fmt.Errorf("no curve %q", kind)
	}
	return ecdsa.GenerateKey(curve, rand.Reader)
}

// privateKey reads PKCS #8.
func privateKey(der []byte) (interface{ Public() crypto.PublicKey }, error) {
	key, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		return nil, engine.DOMException("DataError", "Invalid PKCS8 input.")
	}
	private, ok := key.(interface{ Public() crypto.PublicKey })
	if !ok {
		return nil, engine.DOMException("DataError", "Invalid PKCS8 input.")
	}
	return private, nil
}

// anyPublicKey reads SubjectPublicKeyInfo.
func anyPublicKey(der []byte) (any, error) {
	key, err := x509.ParsePKIXPublicKey(der)
	if err != nil {
		return nil, engine.DOMException("DataError", "Invalid SPKI input.")
	}
	return key, nil
}

func publicKey(c engine.Call) error {
	key, err := privateKey(c.Bytes(0))
	if err != nil {
		return err
	}
	der, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		return fmt.Errorf("write a public key: %w", err)
	}
	c.Return(engine.Bytes(der))
	return nil
}

// publicHalf reads a private or public key and gives its public half.
func publicHalf(der []byte, private bool) (any, error) {
	if !private {
		return anyPublicKey(der)
	}
	key, err := privateKey(der)
	if err != nil {
		return nil, err
	}
	return key.Public(), nil
}

func keyKind(c engine.Call) error {
	key, err := publicHalf(c.Bytes(0), c.Bool(1))
	if err != nil {
		return nil
	}
	switch key := key.(type) {
	case *ecdsa.PublicKey:
		c.ReturnStrings([]string{key.Curve.Params().Name})
	case ed25519.PublicKey:
		c.ReturnStrings([]string{"Ed25519"})
	case *ecdh.PublicKey:
		c.ReturnStrings([]string{"X25519"})
	case *rsa.PublicKey:
		exponent := hex.EncodeToString(big.NewInt(int64(key.E)).Bytes())
		c.ReturnStrings([]string{"RSA", strconv.Itoa(key.N.BitLen()), exponent})
	}
	return nil
}

func keyToRaw(c engine.Call) error {
	key, err := anyPublicKey(c.Bytes(0))
	if err != nil {
		return err
	}
	raw, err := rawPublicKey(key)
	if err != nil {
		return err
	}
	c.Return(engine.Bytes(raw))
	return nil
}

func rawPublicKey(key any) ([]byte, error) {
	switch key := key.(type) {
	case *ecdsa.PublicKey:
		return key.Bytes()
	case ed25519.PublicKey:
		return key, nil
	case *ecdh.PublicKey:
		return key.Bytes(), nil
	}
	return nil, engine.DOMException("NotSupportedError", "A key of this kind has no raw form.")
}

func keyFromRaw(c engine.Call) error {
	key, err := publicFromRaw(c.String(0), c.Bytes(1))
	if err != nil {
		return nil
	}
	der, err := x509.MarshalPKIXPublicKey(key)
	if err == nil {
		c.Return(engine.Bytes(der))
	}
	return nil
}

func publicFromRaw(kind string, raw []byte) (any, error) {
	switch kind {
	case "Ed25519":
		if len(raw) != ed25519.PublicKeySize {
			return nil, fmt.Errorf("%d bytes", len(raw))
		}
		return ed25519.PublicKey(raw), nil
	case "X25519":
		return ecdh.X25519().NewPublicKey(raw)
	}
	curve := curveNamed(kind)
	if curve == nil {
		return nil, fmt.Errorf("no curve %q", kind)
	}
	if len(raw) > 0 && (raw[0] == 2 || raw[0] == 3) {
		x, y := elliptic.UnmarshalCompressed(curve, raw)
		if x == nil {
			return nil, fmt.Errorf("not a point of %s", kind)
		}
		return &ecdsa.PublicKey{Curve: curve, X: x, Y: y}, nil
	}
	return ecdsa.ParseUncompressedPublicKey(curve, raw)
}
