package web

import (
	"crypto"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"math/big"

	"github.com/dodev/dodev/emulator/engine"
)

// hashID names a hash for the functions that need to know which it was.
func hashID(name string) crypto.Hash {
	switch name {
	case "SHA-1":
		return crypto.SHA1
	case "SHA-256":
		return crypto.SHA256
	case "SHA-384":
		return crypto.SHA384
	case "SHA-512":
		return crypto.SHA512
	}
	return crypto.MD5
}

func sign(c engine.Call) error {
	scheme, hash, data := c.String(0), c.String(1), c.Bytes(3)
	key, err := privateKey(c.Bytes(2))
	if err != nil {
		return err
	}
	var signature []byte
	switch key := key.(type) {
	case *ecdsa.PrivateKey:
		signature, err = signECDSA(key, sum(hash, data))
	case ed25519.PrivateKey:
		signature = ed25519.Sign(key, data)
	case *rsa.PrivateKey:
		signature, err = signRSA(scheme, hash, key, sum(hash, data), c.Int(4))
	}
	if err == nil && signature != nil {
		c.Return(engine.Bytes(signature))
	}
	return nil
}

// signECDSA gives r and s side by side, each as long as the curve's order.
func signECDSA(key *ecdsa.PrivateKey, digest []byte) ([]byte, error) {
	r, s, err := ecdsa.Sign(rand.Reader, key, digest)
	if err != nil {
		return nil, err
	}
	size := (key.Curve.Params().BitSize + 7) / 8
	signature := make([]byte, 2*size)
	r.FillBytes(signature[:size])
	s.FillBytes(signature[size:])
	return signature, nil
}

func signRSA(scheme, hash string, key *rsa.PrivateKey, digest []byte, salt int) ([]byte, error) {
	if scheme == "RSA-PSS" {
		return rsa.SignPSS(rand.Reader, key, hashID(hash), digest, &rsa.PSSOptions{SaltLength: salt})
	}
	return rsa.SignPKCS1v15(nil, key, hashID(hash), digest)
}

func verify(c engine.Call) error {
	scheme, hash, signature, data := c.String(0), c.String(1), c.Bytes(3), c.Bytes(4)
	key, err := anyPublicKey(c.Bytes(2))
	if err != nil {
		return err
	}
	valid := false
	switch key := key.(type) {
	case *ecdsa.PublicKey:
		half := len(signature) / 2
		if len(signature) == 2*((key.Curve.Params().BitSize+7)/8) {
			r, s := new(big.Int).SetBytes(signature[:half]), new(big.Int).SetBytes(signature[half:])
			valid = ecdsa.Verify(key, sum(hash, data), r, s)
		}
	case ed25519.PublicKey:
		valid = ed25519.Verify(key, data, signature)
	case *rsa.PublicKey:
		valid = verifyRSA(scheme, hash, key, sum(hash, data), signature, c.Int(5)) == nil
	}
	c.Return(engine.Bool(valid))
	return nil
}

func verifyRSA(scheme, hash string, key *rsa.PublicKey, digest, signature []byte, salt int) error {
	if scheme == "RSA-PSS" {
		return rsa.VerifyPSS(key, hashID(hash), digest, signature, &rsa.PSSOptions{SaltLength: salt})
	}
	return rsa.VerifyPKCS1v15(key, hashID(hash), digest, signature)
}

func rsaOAEP(c engine.Call) error {
	encrypt, hash, der, label, data := c.Bool(0), newHash(c.String(1))(), c.Bytes(2), c.Bytes(3), c.Bytes(4)
	var out []byte
	var err error
	if encrypt {
		if key, ok := publicOrNil(der).(*rsa.PublicKey); ok {
			out, err = rsa.EncryptOAEP(hash, rand.Reader, key, data, label)
		}
	} else {
		half, failed := privateKey(der)
		if failed != nil {
			return failed
		}
		if key, ok := half.(*rsa.PrivateKey); ok {
			out, err = rsa.DecryptOAEP(hash, nil, key, data, label)
		}
	}
	if err == nil && out != nil {
		c.Return(engine.Bytes(out))
	}
	return nil
}

func publicOrNil(der []byte) any {
	key, err := anyPublicKey(der)
	if err != nil {
		return nil
	}
	return key
}

// agree computes a shared secret, nothing when the keys do not fit together.
func agree(c engine.Call) error {
	half, err := privateKey(c.Bytes(0))
	if err != nil {
		return err
	}
	own, other := agreementKey(half), agreementPublic(publicOrNil(c.Bytes(1)))
	if own == nil || other == nil {
		return nil
	}
	if secret, err := own.ECDH(other); err == nil {
		c.Return(engine.Bytes(secret))
	}
	return nil
}

func agreementKey(key any) *ecdh.PrivateKey {
	switch key := key.(type) {
	case *ecdh.PrivateKey:
		return key
	case *ecdsa.PrivateKey:
		if k, err := key.ECDH(); err == nil {
			return k
		}
	}
	return nil
}

func agreementPublic(key any) *ecdh.PublicKey {
	switch key := key.(type) {
	case *ecdh.PublicKey:
		return key
	case *ecdsa.PublicKey:
		if k, err := key.ECDH(); err == nil {
			return k
		}
	}
	return nil
}
