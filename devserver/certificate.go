package devserver

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"
)

// Certificates live long enough to be trusted once, and are made anew well
// before browsers refuse them.
const (
	certificateLife  = 365 * 24 * time.Hour
	certificateSpare = 14 * 24 * time.Hour
)

// Certificate gives a TLS configuration with a certificate of this machine's
// own, which is kept in dir for the next time, or nowhere when dir is "". It
// holds for localhost, the loopback addresses and ip.
func Certificate(dir, ip string, now time.Time) (*tls.Config, error) {
	file := filepath.Join(dir, "https.pem")
	if dir != "" {
		if cert, err := readCertificate(file); err == nil && fits(cert, ip, now) {
			return tlsConfig(cert), nil
		}
	}
	text, err := makeCertificate(ip, now)
	if err != nil {
		return nil, fmt.Errorf("make a certificate for https: %w", err)
	}
	cert, err := tls.X509KeyPair(text, text)
	if err != nil {
		return nil, fmt.Errorf("make a certificate for https: %w", err)
	}
	if dir != "" {
		if err := keepCertificate(file, text); err != nil {
			return nil, fmt.Errorf("keep the certificate for https: %w", err)
		}
	}
	return tlsConfig(cert), nil
}

func tlsConfig(cert tls.Certificate) *tls.Config {
	return &tls.Config{
		Certificates: []tls.Certificate{cert},
		MinVersion:   tls.VersionTLS12,
		NextProtos:   []string{"http/1.1"},
	}
}

func readCertificate(file string) (tls.Certificate, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return tls.Certificate{}, err
	}
	return tls.X509KeyPair(text, text)
}

// fits says whether a certificate that was kept can still be used.
func fits(cert tls.Certificate, ip string, now time.Time) bool {
	leaf, err := x509.ParseCertificate(cert.Certificate[0])
	if err != nil || now.Before(leaf.NotBefore) || now.Add(certificateSpare).After(leaf.NotAfter) {
		return false
	}
	parsed := net.ParseIP(ip)
	return parsed == nil || parsed.IsUnspecified() || leaf.VerifyHostname(ip) == nil
}

// makeCertificate gives certificate and key as PEM.
func makeCertificate(ip string, now time.Time) ([]byte, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{
		SerialNumber:          serial,
		Subject:               pkix.Name{CommonName: "dodev on this machine"},
		NotBefore:             now.Add(-time.Hour),
		NotAfter:              now.Add(certificateLife),
		KeyUsage:              x509.KeyUsageDigitalSignature,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		BasicConstraintsValid: true,
		DNSNames:              []string{"localhost"},
		IPAddresses:           []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback},
	}
	if parsed := net.ParseIP(ip); parsed != nil && !parsed.IsUnspecified() && !parsed.IsLoopback() {
		template.IPAddresses = append(template.IPAddresses, parsed)
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return nil, err
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	return append(text, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})...), nil
}

// keepCertificate writes the file as a whole or not at all.
func keepCertificate(file string, text []byte) error {
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	temporary := file + ".new"
	if err := os.WriteFile(temporary, text, 0o600); err != nil {
		return err
	}
	return os.Rename(temporary, file)
}
