package devserver

import (
	"crypto/x509"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func listenTo(t *testing.T, a Address) net.Listener {
	t.Helper()
	l, err := Listen(a)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

func portOf(l net.Listener) int { return l.Addr().(*net.TCPAddr).Port }

func TestAPortThatWasAskedForAndIsTakenIsAnError(t *testing.T) {
	taken := portOf(listenTo(t, Address{}))
	_, err := Listen(Address{Port: taken})
	var port *PortError
	if !errors.As(err, &port) || !port.InUse() || port.Port != taken {
		t.Fatalf("the error is %v, want one about port %d in use", err, taken)
	}
	if want := "is in use on 127.0.0.1"; !strings.Contains(err.Error(), want) {
		t.Errorf("the error is %q, want it to say %q", err, want)
	}
}

func TestTheNextFreePortIsTakenWhenNoneWasAskedFor(t *testing.T) {
	taken := portOf(listenTo(t, Address{}))
	if got := portOf(listenTo(t, Address{Port: taken, Search: true})); got <= taken || got > taken+portsTried {
		t.Errorf("the port is %d, want one soon after %d", got, taken)
	}
}

func TestAnAddressThatIsNotThisMachinesIsAnError(t *testing.T) {
	_, err := Listen(Address{IP: "192.0.2.1"})
	if err == nil || !strings.Contains(err.Error(), "192.0.2.1") {
		t.Errorf("the error is %v, want one about 192.0.2.1", err)
	}
}

func TestURLIsWhereABrowserFindsAListener(t *testing.T) {
	for ip, prefix := range map[string]string{
		"": "https://127.0.0.1:", "localhost": "https://127.0.0.1:", "*": "https://127.0.0.1:", "127.0.0.1": "https://127.0.0.1:",
	} {
		if url := URL(listenTo(t, Address{IP: ip}), true); !strings.HasPrefix(url, prefix) {
			t.Errorf("the URL of %q is %q, want %q", ip, url, prefix)
		}
	}
}

func TestACertificateIsKeptWhileItFits(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "dodev")
	now := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	serial := func(ip string, at time.Time) string {
		t.Helper()
		cfg, err := Certificate(dir, ip, at)
		if err != nil {
			t.Fatal(err)
		}
		leaf, err := x509.ParseCertificate(cfg.Certificates[0].Certificate[0])
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"localhost", "127.0.0.1", "::1"} {
			if err := leaf.VerifyHostname(name); err != nil {
				t.Errorf("the certificate does not hold for %s: %v", name, err)
			}
		}
		return leaf.SerialNumber.String()
	}
	first := serial("127.0.0.1", now)
	if again := serial("0.0.0.0", now.Add(time.Hour)); again != first {
		t.Errorf("a certificate that fits was made anew")
	}
	other := serial("192.168.1.7", now)
	if other == first {
		t.Errorf("a certificate for another address was not made anew")
	}
	if old := serial("192.168.1.7", now.Add(certificateLife-certificateSpare+time.Minute)); old == other {
		t.Errorf("a certificate that is about to end was not made anew")
	}
	info, err := os.Stat(filepath.Join(dir, "https.pem"))
	if err != nil || info.Mode().Perm()&0o077 != 0 {
		t.Errorf("the key's file is %v, %v; want it for its owner only", info.Mode(), err)
	}
}
