package web

import (
	"bytes"
	"crypto"
	"crypto/dsa"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"strconv"

	"github.com/dodev/dodev/emulator/engine"
)

// nodeCurves are the curves that the platform has, by the names that OpenSSL
// gives them.
var nodeCurves = map[string]elliptic.Curve{
	"secp224r1": elliptic.P224(), "prime256v1": elliptic.P256(), "secp384r1": elliptic.P384(), "secp521r1": elliptic.P521(),
}

func nodeCurveName(curve elliptic.Curve) string {
	for name, c := range nodeCurves {
		if c == curve {
			return name
		}
	}
	return ""
}

// A dhKey is half of a pair of keys in a group; the private half has x.
type dhKey struct{ p, g, x, y *big.Int }

// dsaPrivate is a private DSA key, which can be told of and written.
type dsaPrivate struct{ dsa.PrivateKey }

// Public implements what crypto.Signer has of the kind.
func (k *dsaPrivate) Public() crypto.PublicKey { return &k.PublicKey }

// Public gives the other half.
func (k *dhKey) Public() crypto.PublicKey { return &dhKey{p: k.p, g: k.g, y: k.y} }

var (
	oidDSA = asn1.ObjectIdentifier{1, 2, 840, 10040, 4, 1}
	oidDH  = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 3, 1}
)

// A pkcs8 is PrivateKeyInfo, RFC 5208 section 5.
type pkcs8 struct {
	Version    int
	Algorithm  pkix.AlgorithmIdentifier
	PrivateKey []byte
}

// An spki is SubjectPublicKeyInfo, RFC 5280 section 4.1.
type spki struct {
	Algorithm pkix.AlgorithmIdentifier
	Key       asn1.BitString
}

type (
	dsaParameters struct{ P, Q, G *big.Int }
	dhParameters  struct{ P, G *big.Int }
)

type nodePrivate interface{ Public() crypto.PublicKey }

// parseNodePrivate reads PKCS #8, DSA and Diffie-Hellman keys included.
func parseNodePrivate(der []byte) (nodePrivate, error) {
	key, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		return parseRarePrivate(der)
	}
	private, ok := key.(nodePrivate)
	if !ok {
		return nil, fmt.Errorf("a %T has no public half", key)
	}
	return private, nil
}

func parseRarePrivate(der []byte) (nodePrivate, error) {
	var info pkcs8
	if _, err := asn1.Unmarshal(der, &info); err != nil {
		return nil, err
	}
	x := new(big.Int)
	if _, err := asn1.Unmarshal(info.PrivateKey, &x); err != nil {
		return nil, err
	}
	switch {
	case info.Algorithm.Algorithm.Equal(oidDSA):
		params, err := parseDSAParameters(info.Algorithm.Parameters.FullBytes)
		if err != nil || x.Sign() <= 0 {
			return nil, errors.New("malformed DSA key")
		}
		key := &dsaPrivate{dsa.PrivateKey{PublicKey: dsa.PublicKey{Parameters: params}, X: x}}
		key.Y = new(big.Int).Exp(key.G, x, key.P)
		return key, nil
	case info.Algorithm.Algorithm.Equal(oidDH):
		var params dhParameters
		if _, err := asn1.Unmarshal(info.Algorithm.Parameters.FullBytes, &params); err != nil || params.P.Sign() <= 0 {
			return nil, errors.New("malformed Diffie-Hellman key")
		}
		return &dhKey{p: params.P, g: params.G, x: x, y: new(big.Int).Exp(params.G, x, params.P)}, nil
	}
	return nil, errors.New("unknown kind of key")
}

func parseDSAParameters(der []byte) (dsa.Parameters, error) {
	var params dsaParameters
	_, err := asn1.Unmarshal(der, &params)
	if err == nil && (params.P.Sign() <= 0 || params.Q.Sign() <= 0 || params.G.Sign() <= 0) {
		err = errors.New("parameters are not positive")
	}
	return dsa.Parameters{P: params.P, Q: params.Q, G: params.G}, err
}

// parseNodePublic reads SubjectPublicKeyInfo, Diffie-Hellman keys included.
func parseNodePublic(der []byte) (any, error) {
	key, err := x509.ParsePKIXPublicKey(der)
	if err == nil {
		return key, nil
	}
	var info spki
	if _, err := asn1.Unmarshal(der, &info); err != nil || !info.Algorithm.Algorithm.Equal(oidDH) {
		return nil, errors.New("unknown kind of key")
	}
	var params dhParameters
	y := new(big.Int)
	if _, err := asn1.Unmarshal(info.Algorithm.Parameters.FullBytes, &params); err != nil {
		return nil, err
	}
	if _, err := asn1.Unmarshal(info.Key.Bytes, &y); err != nil {
		return nil, err
	}
	return &dhKey{p: params.P, g: params.G, y: y}, nil
}

// marshalNodePrivate writes what parseNodePrivate reads.
func marshalNodePrivate(key any) ([]byte, error) {
	switch key := key.(type) {
	case *dsaPrivate:
		return marshalRare(oidDSA, dsaParameters{key.P, key.Q, key.G}, func(algorithm pkix.AlgorithmIdentifier) (any, error) {
			x, err := asn1.Marshal(key.X)
			return pkcs8{Algorithm: algorithm, PrivateKey: x}, err
		})
	case *dhKey:
		return marshalRare(oidDH, dhParameters{key.p, key.g}, func(algorithm pkix.AlgorithmIdentifier) (any, error) {
			x, err := asn1.Marshal(key.x)
			return pkcs8{Algorithm: algorithm, PrivateKey: x}, err
		})
	}
	return x509.MarshalPKCS8PrivateKey(key)
}

func marshalNodePublic(key any) ([]byte, error) {
	bits := func(n *big.Int) func(pkix.AlgorithmIdentifier) (any, error) {
		return func(algorithm pkix.AlgorithmIdentifier) (any, error) {
			y, err := asn1.Marshal(n)
			return spki{Algorithm: algorithm, Key: asn1.BitString{Bytes: y, BitLength: 8 * len(y)}}, err
		}
	}
	switch key := key.(type) {
	case *dsa.PublicKey:
		return marshalRare(oidDSA, dsaParameters{key.P, key.Q, key.G}, bits(key.Y))
	case *dhKey:
		return marshalRare(oidDH, dhParameters{key.p, key.g}, bits(key.y))
	}
	return x509.MarshalPKIXPublicKey(key)
}

func marshalRare(oid asn1.ObjectIdentifier, params any, whole func(pkix.AlgorithmIdentifier) (any, error)) ([]byte, error) {
	der, err := asn1.Marshal(params)
	if err != nil {
		return nil, err
	}
	info, err := whole(pkix.AlgorithmIdentifier{Algorithm: oid, Parameters: asn1.RawValue{FullBytes: der}})
	if err != nil {
		return nil, err
	}
	return asn1.Marshal(info)
}

// nodeReadPrivate (data, format, type, passphrase) gives PKCS #8.
func nodeReadPrivate(c engine.Call) error {
	returnBytes(c, readPrivate(c.Bytes(1), c.String(2), c.String(3), passphraseOf(c, 4)))
	return nil
}

// passphraseOf is nil where none was given: an empty one is not that.
func passphraseOf(c engine.Call, i int) []byte {
	if c.Kind(i) != engine.KindBytes {
		return nil
	}
	return nonNil(c.Bytes(i))
}

func readPrivate(data []byte, format, kind string, passphrase []byte) []byte {
	if format == "pem" {
		block := firstBlock(data, isPrivateBlock)
		if block == nil {
			return nil
		}
		return privateOfBlock(block, passphrase)
	}
	if kind == "pkcs1" || kind == "sec1" {
		if key, err := x509.ParsePKCS1PrivateKey(data); err == nil {
			return normalPrivate(key)
		}
		if key, err := x509.ParseECPrivateKey(data); err == nil {
			return normalPrivate(key)
		}
	}
	if passphrase != nil {
		if plain, err := decryptPKCS8(data, passphrase); err == nil {
			data = plain
		}
	}
	return normalPKCS8(data)
}

// normalPKCS8 reads a private key and writes it in the one way there is.
func normalPKCS8(der []byte) []byte {
	key, err := parseNodePrivate(der)
	if err != nil {
		return nil
	}
	return normalPrivate(key)
}

func normalPrivate(key any) []byte {
	der, err := marshalNodePrivate(key)
	if err != nil {
		return nil
	}
	return der
}

func normalPublic(key any) []byte {
	der, err := marshalNodePublic(key)
	if err != nil {
		return nil
	}
	return der
}

// nodeReadPublic (data, format, type, passphrase) gives SubjectPublicKeyInfo,
// that of a certificate or a private key too.
func nodeReadPublic(c engine.Call) error {
	data, format, kind := c.Bytes(1), c.String(2), c.String(3)
	der := readPublic(data, format, kind)
	if der == nil {
		if private := readPrivate(data, format, kind, passphraseOf(c, 4)); private != nil {
			if key, err := parseNodePrivate(private); err == nil {
				der = normalPublic(key.Public())
			}
		}
	}
	returnBytes(c, der)
	return nil
}

func readPublic(data []byte, format, kind string) []byte {
	if format == "pem" {
		block := firstBlock(data, isPublicBlock)
		if block == nil {
			return nil
		}
		switch block.Type {
		case "RSA PUBLIC KEY":
			kind = "pkcs1"
		case "CERTIFICATE":
			cert, err := x509.ParseCertificate(block.Bytes)
			if err != nil {
				return nil
			}
			return normalPublic(cert.PublicKey)
		default:
			kind = "spki"
		}
		data = block.Bytes
	}
	if kind == "spki" {
		if key, err := parseNodePublic(data); err == nil {
			return normalPublic(key)
		}
		return nil
	}
	if key, err := x509.ParsePKCS1PublicKey(data); err == nil {
		return normalPublic(key)
	}
	return nil
}

// firstBlock finds the first block of PEM of a kind.
func firstBlock(data []byte, wanted func(kind string) bool) *pem.Block {
	for {
		block, rest := pem.Decode(data)
		if block == nil || wanted(block.Type) {
			return block
		}
		data = rest
	}
}

func isPublicBlock(kind string) bool {
	return kind == "PUBLIC KEY" || kind == "RSA PUBLIC KEY" || kind == "CERTIFICATE"
}

// nodePublicOf (pkcs8) gives the public half of a private key.
func nodePublicOf(c engine.Call) error {
	if key, err := parseNodePrivate(c.Bytes(1)); err == nil {
		returnBytes(c, normalPublic(key.Public()))
	}
	return nil
}

// nodePublicHalf reads a key of either kind and gives its public half.
func nodePublicHalf(der []byte, private bool) (any, error) {
	if !private {
		return parseNodePublic(der)
	}
	key, err := parseNodePrivate(der)
	if err != nil {
		return nil, err
	}
	return key.Public(), nil
}

// nodeTellKey (der, private) tells the kind of a key and what is said of such.
func nodeTellKey(c engine.Call) error {
	key, err := nodePublicHalf(c.Bytes(1), c.Bool(2))
	if err != nil {
		return nil
	}
	switch key := key.(type) {
	case *rsa.PublicKey:
		c.ReturnStrings([]string{"rsa", strconv.Itoa(key.N.BitLen()), hex.EncodeToString(big.NewInt(int64(key.E)).Bytes())})
	case *ecdsa.PublicKey:
		c.ReturnStrings([]string{"ec", nodeCurveName(key.Curve)})
	case ed25519.PublicKey:
		c.ReturnStrings([]string{"ed25519"})
	case *ecdh.PublicKey:
		c.ReturnStrings([]string{"x25519"})
	case *dsa.PublicKey:
		c.ReturnStrings([]string{"dsa", strconv.Itoa(key.P.BitLen()), strconv.Itoa(key.Q.BitLen())})
	case *dhKey:
		c.ReturnStrings([]string{"dh"})
	}
	return nil
}

// nodeSameKey (der, private, other, otherPrivate) compares public halves.
func nodeSameKey(c engine.Call) error {
	a, err := nodePublicHalf(c.Bytes(1), c.Bool(2))
	if err != nil {
		return nil
	}
	b, err := nodePublicHalf(c.Bytes(3), c.Bool(4))
	if err != nil {
		return nil
	}
	c.Return(engine.Bool(bytes.Equal(normalPublic(a), normalPublic(b))))
	return nil
}

// nodeGenerateKey (kind, bits, exponent) gives PKCS #8; kind is a curve, too.
func nodeGenerateKey(c engine.Call) error {
	kind := c.String(1)
	var key any
	var err error
	switch kind {
	case "rsa":
		key, err = generateRSA(c.Int(2), c.Int(3))
	case "ed25519":
		_, key, err = ed25519.GenerateKey(rand.Reader)
	case "x25519":
		key, err = ecdh.X25519().GenerateKey(rand.Reader)
	default:
		key, err = ecdsa.GenerateKey(nodeCurves[kind], rand.Reader)
	}
	if err == nil {
		returnBytes(c, normalPrivate(key))
	}
	return nil
}

// defaultExponent is the one that the standard library generates keys with.
const defaultExponent = 65537

// smallestRSA is the shortest modulus that the platform generates.
const smallestRSA = 256

func generateRSA(bits, exponent int) (*rsa.PrivateKey, error) {
	if bits < smallestRSA || exponent < 3 || exponent%2 == 0 {
		return nil, errors.New("no such keys")
	}
	if exponent == defaultExponent {
		return rsa.GenerateKey(rand.Reader, bits)
	}
	one, e := big.NewInt(1), big.NewInt(int64(exponent))
	for {
		p, err := rand.Prime(rand.Reader, (bits+1)/2)
		if err != nil {
			return nil, err
		}
		q, err := rand.Prime(rand.Reader, bits/2)
		if err != nil {
			return nil, err
		}
		n := new(big.Int).Mul(p, q)
		phi := new(big.Int).Mul(new(big.Int).Sub(p, one), new(big.Int).Sub(q, one))
		d := new(big.Int).ModInverse(e, phi)
		if d == nil || n.BitLen() != bits || p.Cmp(q) == 0 {
			continue
		}
		key := &rsa.PrivateKey{PublicKey: rsa.PublicKey{N: n, E: exponent}, D: d, Primes: []*big.Int{p, q}}
		key.Precompute()
		return key, key.Validate()
	}
}
