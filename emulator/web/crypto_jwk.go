package web

import (
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"

	"github.com/dodev/dodev/emulator/engine"
)

// A jwk is a JSON Web Key, RFC 7518 section 6, as far as it is the key itself.
type jwk struct {
	Type     string `json:"kty"`
	Curve    string `json:"crv,omitempty"`
	X        field  `json:"x,omitempty"`
	Y        field  `json:"y,omitempty"`
	N        field  `json:"n,omitempty"`
	E        field  `json:"e,omitempty"`
	D        field  `json:"d,omitempty"`
	P        field  `json:"p,omitempty"`
	Q        field  `json:"q,omitempty"`
	DP       field  `json:"dp,omitempty"`
	DQ       field  `json:"dq,omitempty"`
	QInverse field  `json:"qi,omitempty"`
}

// A field holds bytes, written as base64url.
type field []byte

func (f field) MarshalText() ([]byte, error) {
	return base64.RawURLEncoding.AppendEncode(nil, f), nil
}

func (f *field) UnmarshalText(text []byte) (err error) {
	*f, err = base64.RawURLEncoding.AppendDecode(nil, text)
	return err
}

func (f field) int() *big.Int { return new(big.Int).SetBytes(f) }

func keyToJWK(c engine.Call) error {
	der, private := c.Bytes(0), c.Bool(1)
	public, err := publicHalf(der, private)
	if err != nil {
		return err
	}
	key, err := publicJWK(public)
	if err != nil {
		return err
	}
	if private {
		half, err := privateKey(der)
		if err != nil {
			return err
		}
		if err := key.addPrivate(half); err != nil {
			return err
		}
	}
	text, err := json.Marshal(key)
	if err != nil {
		return fmt.Errorf("write a JSON Web Key: %w", err)
	}
	c.Return(engine.String(string(text)))
	return nil
}

func publicJWK(key any) (*jwk, error) {
	switch key := key.(type) {
	case *ecdsa.PublicKey:
		point, err := key.Bytes()
		if err != nil {
			return nil, fmt.Errorf("write a public key: %w", err)
		}
		size := len(point) / 2
		return &jwk{Type: "EC", Curve: key.Curve.Params().Name, X: point[1 : 1+size], Y: point[1+size:]}, nil
	case ed25519.PublicKey:
		return &jwk{Type: "OKP", Curve: "Ed25519", X: field(key)}, nil
	case *ecdh.PublicKey:
		return &jwk{Type: "OKP", Curve: "X25519", X: key.Bytes()}, nil
	case *rsa.PublicKey:
		return &jwk{Type: "RSA", N: key.N.Bytes(), E: big.NewInt(int64(key.E)).Bytes()}, nil
	}
	return nil, fmt.Errorf("no JSON Web Key for %T", key)
}

func (k *jwk) addPrivate(key any) error {
	switch key := key.(type) {
	case *ecdsa.PrivateKey:
		d, err := key.Bytes()
		if err != nil {
			return fmt.Errorf("write a private key: %w", err)
		}
		k.D = d
	case ed25519.PrivateKey:
		k.D = key.Seed()
	case *ecdh.PrivateKey:
		k.D = key.Bytes()
	case *rsa.PrivateKey:
		if len(key.Primes) != 2 {
			return engine.DOMException("NotSupportedError", "RSA keys of more than two primes have no JSON Web Key here.")
		}
		key.Precompute()
		k.D, k.P, k.Q = key.D.Bytes(), key.Primes[0].Bytes(), key.Primes[1].Bytes()
		k.DP, k.DQ, k.QInverse = key.Precomputed.Dp.Bytes(), key.Precomputed.Dq.Bytes(), key.Precomputed.Qinv.Bytes()
	}
	return nil
}

func keyFromJWK(c engine.Call) error {
	if der, err := parseJWK([]byte(c.String(0))); err == nil {
		c.Return(engine.Bytes(der))
	}
	return nil
}

// parseJWK gives PKCS #8 for a private key, SubjectPublicKeyInfo for a public
// one.
func parseJWK(text []byte) ([]byte, error) {
	var k jwk
	if err := json.Unmarshal(text, &k); err != nil {
		return nil, fmt.Errorf("read a JSON Web Key: %w", err)
	}
	if k.D != nil {
		key, err := k.private()
		if err != nil {
			return nil, err
		}
		return x509.MarshalPKCS8PrivateKey(key)
	}
	key, err := k.public()
	if err != nil {
		return nil, err
	}
	return x509.MarshalPKIXPublicKey(key)
}

func (k *jwk) public() (any, error) {
	switch k.Type {
	case "EC":
		return publicFromRaw(k.Curve, append(append([]byte{4}, k.X...), k.Y...))
	case "OKP":
		return publicFromRaw(k.Curve, k.X)
	case "RSA":
		n, e := k.N.int(), k.E.int()
		if n.Sign() == 0 || e.Sign() == 0 || e.BitLen() > 31 {
			return nil, errors.New("RSA key without modulus or exponent")
		}
		return &rsa.PublicKey{N: n, E: int(e.Int64())}, nil
	}
	return nil, fmt.Errorf("unknown key type %q", k.Type)
}

func (k *jwk) private() (any, error) {
	switch {
	case k.Type == "EC" && curveNamed(k.Curve) != nil:
		return ecdsa.ParseRawPrivateKey(curveNamed(k.Curve), k.D)
	case k.Type == "OKP" && k.Curve == "Ed25519" && len(k.D) == ed25519.SeedSize:
		return ed25519.NewKeyFromSeed(k.D), nil
	case k.Type == "OKP" && k.Curve == "X25519":
		return ecdh.X25519().NewPrivateKey(k.D)
	case k.Type == "RSA":
		public, err := k.public()
		if err != nil {
			return nil, err
		}
		key := &rsa.PrivateKey{PublicKey: *public.(*rsa.PublicKey), D: k.D.int(), Primes: []*big.Int{k.P.int(), k.Q.int()}}
		if err := key.Validate(); err != nil {
			return nil, fmt.Errorf("RSA key: %w", err)
		}
		key.Precompute()
		return key, nil
	}
	return nil, fmt.Errorf("unknown key type %q on curve %q", k.Type, k.Curve)
}
