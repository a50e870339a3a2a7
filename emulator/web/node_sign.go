package web

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/subtle"
	"encoding/asn1"
	"encoding/binary"
	"errors"
	"hash"
	"math/big"

	"github.com/dodev/dodev/emulator/engine"
)

// nodeHashIDs name digests for the functions that need to know which it was;
// those are the ones that RSA signs.
var nodeHashIDs = map[string]crypto.Hash{
	"md5": crypto.MD5, "sha1": crypto.SHA1, "sha224": crypto.SHA224, "sha256": crypto.SHA256, "sha384": crypto.SHA384,
	"sha512": crypto.SHA512, "md5-sha1": crypto.MD5SHA1,
}

// The paddings of RSA, by OpenSSL's numbers.
const (
	paddingPKCS1 = 1
	paddingNone  = 3
	paddingOAEP  = 4
	paddingPSS   = 6
)

// The salt lengths of PSS that are no lengths.
const (
	saltAsDigest = -1
	saltAuto     = -2
)

// flatEncoding has the two numbers of a signature side by side.
const flatEncoding = "ieee-p1363"

// nodeSign (pkcs8, digest name, digest, padding, salt, encoding) signs; a key of
// Ed25519 takes the data itself.
func nodeSign(c engine.Call) error {
	key, err := parseNodePrivate(c.Bytes(1))
	if err != nil {
		return nil
	}
	name, digest := c.String(2), c.Bytes(3)
	var signature []byte
	switch key := key.(type) {
	case *rsa.PrivateKey:
		signature, err = nodeSignRSA(key, name, digest, c.Int(4), c.Int(5))
	case *ecdsa.PrivateKey:
		if c.String(6) == flatEncoding {
			signature, err = signECDSA(key, digest)
		} else {
			signature, err = ecdsa.SignASN1(rand.Reader, key, digest)
		}
	case ed25519.PrivateKey:
		signature = ed25519.Sign(key, digest)
	}
	if err == nil {
		returnBytes(c, signature)
	}
	return nil
}

func nodeSignRSA(key *rsa.PrivateKey, name string, digest []byte, padding, salt int) ([]byte, error) {
	if padding != paddingPSS {
		id, ok := nodeHashIDs[name]
		if !ok {
			return nil, errors.New("a digest that cannot be signed")
		}
		return rsa.SignPKCS1v15(nil, key, id, digest)
	}
	return signPSS(key, name, digest, salt)
}

// nodeVerify (spki, digest name, digest, signature, padding, salt, encoding).
func nodeVerify(c engine.Call) error {
	key, err := parseNodePublic(c.Bytes(1))
	if err != nil {
		return nil
	}
	name, digest, signature := c.String(2), c.Bytes(3), c.Bytes(4)
	valid := false
	switch key := key.(type) {
	case *rsa.PublicKey:
		valid = nodeVerifyRSA(key, name, digest, signature, c.Int(5), c.Int(6))
	case *ecdsa.PublicKey:
		if c.String(7) == flatEncoding {
			signature = signatureDER(key, signature)
		}
		valid = ecdsa.VerifyASN1(key, digest, signature)
	case ed25519.PublicKey:
		valid = ed25519.Verify(key, digest, signature)
	}
	c.Return(engine.Bool(valid))
	return nil
}

func nodeVerifyRSA(key *rsa.PublicKey, name string, digest, signature []byte, padding, salt int) bool {
	if padding == paddingPSS {
		return verifyPSS(key, name, digest, signature, salt)
	}
	id, ok := nodeHashIDs[name]
	return ok && rsa.VerifyPKCS1v15(key, id, digest, signature) == nil
}

// signatureDER puts r and s, which lie side by side, into a sequence; nil when
// they are of another length than the curve's.
func signatureDER(key *ecdsa.PublicKey, flat []byte) []byte {
	size := (key.Curve.Params().BitSize + 7) / 8
	if len(flat) != 2*size {
		return nil
	}
	der, err := asn1.Marshal(struct{ R, S *big.Int }{new(big.Int).SetBytes(flat[:size]), new(big.Int).SetBytes(flat[size:])})
	if err != nil {
		return nil
	}
	return der
}

// ---- PSS ----

// A digest that PSS is used with need not have a crypto.Hash: the standard
// library wants one, and takes no salt to mean any. Both are told apart here.

func signPSS(key *rsa.PrivateKey, name string, digest []byte, salt int) ([]byte, error) {
	fresh := digestMaker(name)
	if salt == 0 {
		padded := unsaltedPSS(fresh(), digest, key.N.BitLen())
		if padded == nil {
			return nil, errors.New("key too short")
		}
		return rawPrivate(key, padded)
	}
	id, ok := nodeHashIDs[name]
	if !ok {
		return nil, errors.New("a digest that cannot be signed")
	}
	return rsa.SignPSS(rand.Reader, key, id, digest, &rsa.PSSOptions{SaltLength: pssLength(salt)})
}

func verifyPSS(key *rsa.PublicKey, name string, digest, signature []byte, salt int) bool {
	if salt == 0 {
		padded := unsaltedPSS(digestMaker(name)(), digest, key.N.BitLen())
		recovered, err := rawPublic(key, signature)
		return err == nil && padded != nil && subtle.ConstantTimeCompare(trimZeros(padded), trimZeros(recovered)) == 1
	}
	id, ok := nodeHashIDs[name]
	return ok && rsa.VerifyPSS(key, id, digest, signature, &rsa.PSSOptions{SaltLength: pssLength(salt)}) == nil
}

func pssLength(salt int) int {
	switch salt {
	case saltAuto:
		return rsa.PSSSaltLengthAuto
	case saltAsDigest:
		return rsa.PSSSaltLengthEqualsHash
	}
	return salt
}

// unsaltedPSS is EMSA-PSS-ENCODE of RFC 8017 section 9.1.1 with an empty salt,
// which makes it a function of the digest; nil when the key is too short.
func unsaltedPSS(h hash.Hash, digest []byte, bits int) []byte {
	size := (bits - 1 + 7) / 8
	if size < len(digest)+2 {
		return nil
	}
	h.Write(make([]byte, 8))
	h.Write(digest)
	inner := h.Sum(nil)
	db := make([]byte, size-len(inner)-1)
	db[len(db)-1] = 1
	maskMGF1(db, h, inner)
	db[0] &= 0xff >> (8*size - (bits - 1))
	return append(append(db, inner...), 0xbc)
}

// maskMGF1 combines data with a mask that a digest makes of a seed, RFC 8017
// appendix B.2.1.
func maskMGF1(data []byte, h hash.Hash, seed []byte) {
	for counter := uint32(0); len(data) > 0; counter++ {
		h.Reset()
		h.Write(seed)
		h.Write(binary.BigEndian.AppendUint32(nil, counter))
		n := subtle.XORBytes(data, data, h.Sum(nil))
		data = data[n:]
	}
}

func trimZeros(b []byte) []byte { return bytes.TrimLeft(b, "\x00") }

// ---- encryption with RSA ----

// nodeRSA (operation, der, padding, hash, label, data) encrypts and decrypts,
// with either half.
func nodeRSA(c engine.Call) error {
	operation, der, padding, data := c.String(1), c.Bytes(2), c.Int(3), c.Bytes(6)
	var out []byte
	var err error
	switch operation {
	case "publicEncrypt", "publicDecrypt":
		key, ok := publicOrNil(der).(*rsa.PublicKey)
		if !ok {
			return nil
		}
		if operation == "publicEncrypt" {
			out, err = encryptRSA(key, padding, c.String(4), c.Bytes(5), data)
		} else {
			out, err = recoverRSA(key, padding, data)
		}
	default:
		private, failed := parseNodePrivate(der)
		key, ok := private.(*rsa.PrivateKey)
		if failed != nil || !ok {
			return nil
		}
		if operation == "privateDecrypt" {
			out, err = decryptRSA(key, padding, c.String(4), c.Bytes(5), data)
		} else {
			out, err = sealRSA(key, padding, data)
		}
	}
	if err == nil {
		returnBytes(c, nonNil(out))
	}
	return nil
}

func encryptRSA(key *rsa.PublicKey, padding int, name string, label, data []byte) ([]byte, error) {
	switch padding {
	case paddingPKCS1:
		return rsa.EncryptPKCS1v15(rand.Reader, key, data)
	case paddingOAEP:
		return rsa.EncryptOAEP(digestMaker(name)(), rand.Reader, key, data, label)
	}
	return rawPublic(key, data)
}

func decryptRSA(key *rsa.PrivateKey, padding int, name string, label, data []byte) ([]byte, error) {
	switch padding {
	case paddingPKCS1:
		return rsa.DecryptPKCS1v15(nil, key, data)
	case paddingOAEP:
		return rsa.DecryptOAEP(digestMaker(name)(), nil, key, data, label)
	}
	return rawPrivate(key, data)
}

// sealRSA is what the platform calls encryption with a private key: a signature
// of data that no digest was taken of.
func sealRSA(key *rsa.PrivateKey, padding int, data []byte) ([]byte, error) {
	if padding == paddingPKCS1 {
		return rsa.SignPKCS1v15(nil, key, 0, data)
	}
	return rawPrivate(key, data)
}

// recoverRSA gives the data that sealRSA was given.
func recoverRSA(key *rsa.PublicKey, padding int, data []byte) ([]byte, error) {
	plain, err := rawPublic(key, data)
	if err != nil || padding != paddingPKCS1 {
		return plain, err
	}
	// RFC 8017 section 9.2: 00 01 FF … 00 and the data.
	rest, ok := bytes.CutPrefix(plain, []byte{0, 1})
	filled := bytes.TrimLeft(rest, "\xff")
	const leastFilled = 8
	if !ok || len(rest)-len(filled) < leastFilled || len(filled) == 0 || filled[0] != 0 {
		return nil, errors.New("wrong padding")
	}
	return filled[1:], nil
}

// rawPublic raises data, which is as long as the modulus and less than it, to
// the public exponent.
func rawPublic(key *rsa.PublicKey, data []byte) ([]byte, error) {
	return rawRSA(key.N, big.NewInt(int64(key.E)), data)
}

func rawPrivate(key *rsa.PrivateKey, data []byte) ([]byte, error) {
	return rawRSA(key.N, key.D, data)
}

func rawRSA(n, exponent *big.Int, data []byte) ([]byte, error) {
	size := (n.BitLen() + 7) / 8
	m := new(big.Int).SetBytes(data)
	if len(data) != size || m.Cmp(n) >= 0 {
		return nil, errors.New("not a number below the modulus")
	}
	return m.Exp(m, exponent, n).FillBytes(make([]byte, size)), nil
}
