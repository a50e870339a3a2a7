package devserver

import (
	"encoding/json"
	"net/http"
	"sync/atomic"
)

// A cfCache makes request.cf for requests. Nearly all clients of a dev server
// are alike, so the last one made mostly fits.
type cfCache struct {
	last atomic.Pointer[cfEntry]
}

type cfEntry struct {
	protocol, encoding string
	tls                bool
	text               string
}

// of is request.cf as JSON: what the deployed service tells of a visitor, for a
// plausible one whose place never changes.
func (c *cfCache) of(r *http.Request) string {
	want := cfEntry{protocol: r.Proto, encoding: r.Header.Get("Accept-Encoding"), tls: r.TLS != nil}
	if last := c.last.Load(); last != nil && last.protocol == want.protocol && last.encoding == want.encoding && last.tls == want.tls {
		return last.text
	}
	want.text = visitor(want)
	c.last.Store(&want)
	return want.text
}

func visitor(e cfEntry) string {
	cf := map[string]any{
		"clientAcceptEncoding":       e.encoding,
		"httpProtocol":               httpProtocol(e.protocol),
		"requestPriority":            "",
		"edgeRequestKeepAliveStatus": 1,
		"asn":                        13335,
		"asOrganization":             "dodev",
		"clientTcpRtt":               1,
		"colo":                       "LIS",
		"continent":                  "EU",
		"country":                    "PT",
		"isEUCountry":                "1",
		"city":                       "Lisbon",
		"region":                     "Lisbon",
		"regionCode":                 "11",
		"postalCode":                 "1000-001",
		"timezone":                   "Europe/Lisbon",
		"latitude":                   "38.71670",
		"longitude":                  "-9.13330",
		"tlsClientAuth": map[string]string{
			"certPresented": "0", "certVerified": "NONE", "certRevoked": "0",
			"certIssuerDN": "", "certIssuerDNLegacy": "", "certIssuerDNRFC2253": "", "certIssuerSerial": "", "certIssuerSKI": "",
			"certSubjectDN": "", "certSubjectDNLegacy": "", "certSubjectDNRFC2253": "",
			"certSerial": "", "certSKI": "", "certFingerprintSHA1": "", "certFingerprintSHA256": "",
			"certNotBefore": "", "certNotAfter": "",
		},
		"tlsCipher":  "",
		"tlsVersion": "",
		"botManagement": map[string]any{
			"score": 99, "verifiedBot": false, "staticResource": false, "corporateProxy": false, "detectionIds": []int{},
			"jsDetection": map[string]bool{"passed": false},
		},
	}
	if e.tls {
		cf["tlsCipher"], cf["tlsVersion"] = "AEAD-AES128-GCM-SHA256", "TLSv1.3"
	}
	text, err := json.Marshal(cf)
	if err != nil {
		return "" // not for strings and numbers
	}
	return string(text)
}

// httpProtocol names a protocol as the platform does.
func httpProtocol(proto string) string {
	if proto == "HTTP/2.0" {
		return "HTTP/2"
	}
	return proto
}
