package web

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/pem"
	"io"
	"math/big"
	"testing"

	"github.com/klauspost/compress/zstd"
)

func TestGroupsAreSafePrimesOfTheirSizes(t *testing.T) {
	for name, p := range groupPrimes() {
		if got, want := p.BitLen(), int(dhGroups[name].bits); got != want {
			t.Errorf("%s has %d bits, want %d", name, got, want)
		}
		const slow = 4096
		if p.BitLen() < slow && (!p.ProbablyPrime(1) || !new(big.Int).Rsh(p, 1).ProbablyPrime(1)) {
			t.Errorf("%s is no safe prime", name)
		}
	}
}

// A cipher that is taken on piece by piece gives what it gives at once.
func TestCiphersGoOnFromTheirStates(t *testing.T) {
	key, iv, text := make([]byte, 32), make([]byte, 16), make([]byte, 1000)
	for _, b := range [][]byte{key, iv, text} {
		rand.Read(b)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		t.Fatal(err)
	}
	padded := append(bytes.Clone(text), bytes.Repeat([]byte{8}, 8)...)
	cbc := make([]byte, len(padded))
	cipher.NewCBCEncrypter(block, iv).CryptBlocks(cbc, padded)
	ctr := make([]byte, len(text))
	cipher.NewCTR(block, iv).XORKeyStream(ctr, text)
	for name, want := range map[string][]byte{"aes-256-cbc": cbc, "aes-256-ctr": ctr} {
		sealed := inPieces(t, name, true, key, iv, text)
		if !bytes.Equal(sealed, want) {
			t.Errorf("%s in pieces gives %x, want %x", name, sealed, want)
		}
		if opened := inPieces(t, name, false, key, iv, sealed); !bytes.Equal(opened, text) {
			t.Errorf("%s opens as %x, want %x", name, opened, text)
		}
	}
}

func inPieces(t *testing.T, name string, encrypt bool, key, iv, data []byte) (out []byte) {
	t.Helper()
	var s cipherState
	copy(s.chain[:], iv)
	flags := 0
	if name == "aes-256-cbc" {
		flags = cipherPads
	}
	for size := 1; ; size++ {
		piece := data[:min(size, len(data))]
		data = data[len(piece):]
		if len(piece) == 0 {
			flags |= cipherFinal
		}
		part, err := s.step(name, encrypt, key, bytes.Clone(piece), flags)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, part...)
		if flags&cipherFinal != 0 {
			return out
		}
		again, err := readCipherState(s.bytes())
		if err != nil || again != s {
			t.Fatalf("the state %+v is read as %+v: %v", s, again, err)
		}
	}
}

func FuzzNodeKeys(f *testing.F) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		f.Fatal(err)
	}
	der := normalPrivate(key)
	sealed, err := encryptPKCS8(der, "aes-128-cbc", []byte("secret"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(pem.EncodeToMemory(&pem.Block{Type: "ENCRYPTED PRIVATE KEY", Bytes: sealed}), "pem", "")
	f.Add(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: normalPublic(&key.PublicKey)}), "pem", "spki")
	f.Add(normalPrivate(&dhKey{p: big.NewInt(23), g: big.NewInt(5), x: big.NewInt(6)}), "der", "pkcs8")
	f.Fuzz(func(t *testing.T, data []byte, format, kind string) {
		if private := readPrivate(data, format, kind, []byte("secret")); private != nil && normalPKCS8(private) == nil {
			t.Errorf("%x is read as a private key that cannot be read again", data)
		}
		if public := readPublic(data, format, kind); public != nil {
			if _, err := parseNodePublic(public); err != nil {
				t.Errorf("%x is read as a public key that cannot be read again: %v", data, err)
			}
		}
	})
}

func FuzzCertificates(f *testing.F) {
	f.Add([]byte("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"))
	f.Add([]byte{0x30, 0x03, 0x02, 0x01, 0x00})
	f.Fuzz(func(_ *testing.T, data []byte) {
		if cert := readCertificate(data); cert != nil {
			tellCertificate(cert)
		}
		nameTold(data)
	})
}

// A frame ends where it ends, whatever follows and however it comes.
func FuzzZstdFrames(f *testing.F) {
	f.Add([]byte("text"), []byte("junk"), true)
	f.Add([]byte{}, []byte{0x28, 0xb5, 0x2f, 0xfd}, false)
	f.Fuzz(func(t *testing.T, text, after []byte, checksum bool) {
		packed, err := packAll("zstdCompress", text, zipOptions{level: 3, checksum: checksum})
		if err != nil {
			t.Fatal(err)
		}
		got, err := unpackAll(unpackedModes["zstdDecompress"], append(packed, after...), len(text)+1, false, zipOptions{})
		if err != nil || !bytes.Equal(got, text) {
			t.Errorf("%q came back as %q: %v", text, got, err)
		}
		frame := &zstdFrame{in: bytes.NewReader(after)}
		if d, err := zstd.NewReader(frame, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(1<<20)); err == nil {
			_, _ = io.Copy(io.Discard, d)
			d.Close()
		}
	})
}
