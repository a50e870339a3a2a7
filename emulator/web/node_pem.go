package web

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/des"
	"crypto/ecdsa"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/json"
	"encoding/pem"
	"errors"
	"strings"

	"github.com/dodev/dodev/emulator/engine"
)

func isPrivateBlock(kind string) bool {
	return kind == "PRIVATE KEY" || strings.HasSuffix(kind, " PRIVATE KEY")
}

// privateOfBlock reads a private key of PEM, whose type says what it is.
func privateOfBlock(block *pem.Block, passphrase []byte) []byte {
	der := block.Bytes
	if x509.IsEncryptedPEMBlock(block) { // old as it is, keys are found in it
		plain, err := x509.DecryptPEMBlock(block, passphrase)
		if err != nil || len(passphrase) == 0 {
			return nil
		}
		der = plain
	}
	switch block.Type {
	case "RSA PRIVATE KEY":
		if key, err := x509.ParsePKCS1PrivateKey(der); err == nil {
			return normalPrivate(key)
		}
	case "EC PRIVATE KEY":
		if key, err := x509.ParseECPrivateKey(der); err == nil {
			return normalPrivate(key)
		}
	case "ENCRYPTED PRIVATE KEY":
		if plain, err := decryptPKCS8(der, passphrase); err == nil {
			return normalPKCS8(plain)
		}
	case "PRIVATE KEY":
		return normalPKCS8(der)
	}
	return nil
}

// ---- encrypted PKCS #8, RFC 5958 section 3 and RFC 8018 section 6.2 ----

type encryptedKey struct {
	Algorithm pkix.AlgorithmIdentifier
	Data      []byte
}

type pbes2 struct{ Derive, Cipher pkix.AlgorithmIdentifier }

type pbkdf2Parameters struct {
	Salt       []byte
	Iterations int
	Length     int                      `asn1:"optional"`
	Hash       pkix.AlgorithmIdentifier `asn1:"optional"`
}

var (
	oidPBES2  = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 5, 13}
	oidPBKDF2 = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 5, 12}
)

// keyHashes are what keys are derived by, named by OIDs; the first by default.
var keyHashes = []struct {
	oid    asn1.ObjectIdentifier
	digest string
}{
	{asn1.ObjectIdentifier{1, 2, 840, 113549, 2, 7}, "sha1"},
	{asn1.ObjectIdentifier{1, 2, 840, 113549, 2, 8}, "sha224"},
	{asn1.ObjectIdentifier{1, 2, 840, 113549, 2, 9}, "sha256"},
	{asn1.ObjectIdentifier{1, 2, 840, 113549, 2, 10}, "sha384"},
	{asn1.ObjectIdentifier{1, 2, 840, 113549, 2, 11}, "sha512"},
}

// keyCiphers are what keys are encrypted with, all in CBC mode.
var keyCiphers = []struct {
	name   string
	oid    asn1.ObjectIdentifier
	size   int
	make   func([]byte) (cipher.Block, error)
	legacy x509.PEMCipher
}{
	{"aes-128-cbc", asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 1, 2}, 16, aes.NewCipher, x509.PEMCipherAES128},
	{"aes-192-cbc", asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 1, 22}, 24, aes.NewCipher, x509.PEMCipherAES192},
	{"aes-256-cbc", asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 1, 42}, 32, aes.NewCipher, x509.PEMCipherAES256},
	{"des-ede3-cbc", asn1.ObjectIdentifier{1, 2, 840, 113549, 3, 7}, 24, des.NewTripleDESCipher, x509.PEMCipher3DES},
}

// keyIterations is how often the platform hashes a passphrase.
const keyIterations = 2048

func decryptPKCS8(der, passphrase []byte) ([]byte, error) {
	var sealed encryptedKey
	var params pbes2
	var derive pbkdf2Parameters
	var iv []byte
	if _, err := asn1.Unmarshal(der, &sealed); err != nil {
		return nil, err
	}
	if !sealed.Algorithm.Algorithm.Equal(oidPBES2) || passphrase == nil {
		return nil, errors.New("cannot be decrypted")
	}
	if _, err := asn1.Unmarshal(sealed.Algorithm.Parameters.FullBytes, &params); err != nil {
		return nil, err
	}
	if _, err := asn1.Unmarshal(params.Derive.Parameters.FullBytes, &derive); err != nil {
		return nil, err
	}
	if _, err := asn1.Unmarshal(params.Cipher.Parameters.FullBytes, &iv); err != nil {
		return nil, err
	}
	digest := keyHashes[0].digest
	if len(derive.Hash.Algorithm) > 0 {
		digest = ""
		for _, h := range keyHashes {
			if h.oid.Equal(derive.Hash.Algorithm) {
				digest = h.digest
			}
		}
	}
	for _, k := range keyCiphers {
		if k.oid.Equal(params.Cipher.Algorithm) && digest != "" && derive.Iterations > 0 {
			block, err := keyBlock(k.make, k.size, digest, passphrase, derive.Salt, derive.Iterations)
			if err != nil {
				return nil, err
			}
			return openCBC(block, iv, sealed.Data)
		}
	}
	return nil, errors.New("unknown cipher")
}

func keyBlock(make func([]byte) (cipher.Block, error), size int, digest string, passphrase, salt []byte, iterations int) (cipher.Block, error) {
	key, err := pbkdf2.Key(digestMaker(digest), string(passphrase), salt, iterations, size)
	if err != nil {
		return nil, err
	}
	return make(key)
}

func openCBC(block cipher.Block, iv, data []byte) ([]byte, error) {
	size := block.BlockSize()
	if len(iv) != size || len(data) == 0 || len(data)%size != 0 {
		return nil, errors.New("not whole blocks")
	}
	plain := bytes.Clone(data)
	cipher.NewCBCDecrypter(block, iv).CryptBlocks(plain, plain)
	return unpad(plain, size)
}

// unpad takes padding of PKCS #7 off.
func unpad(data []byte, size int) ([]byte, error) {
	pad := int(data[len(data)-1])
	if pad == 0 || pad > size || !bytes.HasSuffix(data, bytes.Repeat([]byte{byte(pad)}, pad)) {
		return nil, errors.New("wrong padding")
	}
	return data[:len(data)-pad], nil
}

func encryptPKCS8(der []byte, name string, passphrase []byte) ([]byte, error) {
	for _, k := range keyCiphers {
		if k.name != name {
			continue
		}
		salt := make([]byte, 16)
		rand.Read(salt) // never fails
		block, err := keyBlock(k.make, k.size, keyHashes[0].digest, passphrase, salt, keyIterations)
		if err != nil {
			return nil, err
		}
		iv := make([]byte, block.BlockSize())
		rand.Read(iv)
		pad := len(iv) - len(der)%len(iv)
		data := append(bytes.Clone(der), bytes.Repeat([]byte{byte(pad)}, pad)...)
		cipher.NewCBCEncrypter(block, iv).CryptBlocks(data, data)
		derive, err := identifier(oidPBKDF2, struct {
			Salt       []byte
			Iterations int
		}{salt, keyIterations})
		if err != nil {
			return nil, err
		}
		with, err := identifier(k.oid, iv)
		if err != nil {
			return nil, err
		}
		algorithm, err := identifier(oidPBES2, pbes2{derive, with})
		if err != nil {
			return nil, err
		}
		return asn1.Marshal(encryptedKey{algorithm, data})
	}
	return nil, errors.New("unknown cipher")
}

func identifier(oid asn1.ObjectIdentifier, params any) (pkix.AlgorithmIdentifier, error) {
	der, err := asn1.Marshal(params)
	return pkix.AlgorithmIdentifier{Algorithm: oid, Parameters: asn1.RawValue{FullBytes: der}}, err
}

// ---- writing ----

// nodeWriteKey (der, private, format, type, cipher, passphrase) writes a key as
// DER or PEM.
func nodeWriteKey(c engine.Call) error {
	der, private, format, kind, name := c.Bytes(1), c.Bool(2), c.String(3), c.String(4), c.String(5)
	var block *pem.Block
	if private {
		block = privateBlock(der, kind)
	} else {
		block = publicBlock(der, kind)
	}
	if block == nil {
		return nil
	}
	if name != "" {
		var err error
		if block, err = encryptBlock(block, name, passphraseOf(c, 6)); err != nil {
			return nil
		}
	}
	if format == "pem" {
		returnBytes(c, pem.EncodeToMemory(block))
	} else {
		returnBytes(c, block.Bytes)
	}
	return nil
}

func privateBlock(der []byte, kind string) *pem.Block {
	key, err := parseNodePrivate(der)
	if err != nil {
		return nil
	}
	switch kind {
	case "pkcs8":
		if _, ok := key.(*dhKey); ok {
			return nil // as on the platform
		}
		return &pem.Block{Type: "PRIVATE KEY", Bytes: der}
	case "pkcs1":
		if key, ok := key.(*rsa.PrivateKey); ok {
			return &pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}
		}
	case "sec1":
		if key, ok := key.(*ecdsa.PrivateKey); ok {
			if der, err := x509.MarshalECPrivateKey(key); err == nil {
				return &pem.Block{Type: "EC PRIVATE KEY", Bytes: der}
			}
		}
	}
	return nil
}

// publicBlock takes every type but pkcs1 for SubjectPublicKeyInfo, as the
// platform does.
func publicBlock(der []byte, kind string) *pem.Block {
	key, err := parseNodePublic(der)
	if err != nil {
		return nil
	}
	switch key := key.(type) {
	case *dhKey:
		return nil // as on the platform
	case *rsa.PublicKey:
		if kind == "pkcs1" {
			return &pem.Block{Type: "RSA PUBLIC KEY", Bytes: x509.MarshalPKCS1PublicKey(key)}
		}
	}
	return &pem.Block{Type: "PUBLIC KEY", Bytes: der}
}

func encryptBlock(block *pem.Block, name string, passphrase []byte) (*pem.Block, error) {
	if block.Type == "PRIVATE KEY" {
		der, err := encryptPKCS8(block.Bytes, name, passphrase)
		return &pem.Block{Type: "ENCRYPTED PRIVATE KEY", Bytes: der}, err
	}
	for _, k := range keyCiphers {
		if k.name == name {
			return x509.EncryptPEMBlock(rand.Reader, block.Type, block.Bytes, passphrase, k.legacy)
		}
	}
	return nil, errors.New("unknown cipher")
}

// ---- JSON Web Keys ----

// nodeWriteJWK (der, private) gives the members of a JSON Web Key as JSON.
func nodeWriteJWK(c engine.Call) error {
	der, private := c.Bytes(1), c.Bool(2)
	public, err := nodePublicHalf(der, private)
	if err != nil {
		return nil
	}
	key, err := publicJWK(public)
	if err != nil {
		return nil
	}
	if key.Type == "EC" && key.Curve == "P-224" {
		key.Curve = "" // which the platform has no name for
	}
	if private {
		half, err := parseNodePrivate(der)
		if err != nil {
			return nil
		}
		if err := key.addPrivate(half); err != nil {
			return nil
		}
	}
	text, err := json.Marshal(key)
	if err == nil {
		c.Return(engine.String(string(text)))
	}
	return nil
}

// nodeReadJWK (json, private) gives what readPrivate and readPublic do.
func nodeReadJWK(c engine.Call) error {
	var k jwk
	if err := json.Unmarshal([]byte(c.String(1)), &k); err != nil {
		return nil
	}
	public, err := k.public()
	if c.Bool(2) {
		if err != nil && k.Type != "OKP" {
			return nil
		}
		if key, err := k.private(); err == nil {
			returnBytes(c, normalPrivate(key))
		}
		return nil
	}
	if err == nil {
		returnBytes(c, normalPublic(public))
	}
	return nil
}
