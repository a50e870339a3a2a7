package web

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/dodev/dodev/emulator/engine"
)

// A certificateTold is what X509Certificate tells of a certificate.
type certificateTold struct {
	Raw            []byte     `json:"raw"`
	PEM            string     `json:"pem"`
	Subject        string     `json:"subject"`
	SubjectParts   [][]string `json:"subjectParts"`
	SubjectAltName *string    `json:"subjectAltName,omitempty"`
	Issuer         string     `json:"issuer"`
	IssuerParts    [][]string `json:"issuerParts"`
	InfoAccess     *string    `json:"infoAccess,omitempty"`
	ValidFrom      string     `json:"validFrom"`
	ValidTo        string     `json:"validTo"`
	Fingerprint    string     `json:"fingerprint"`
	Fingerprint256 string     `json:"fingerprint256"`
	Fingerprint512 string     `json:"fingerprint512"`
	KeyUsage       []string   `json:"keyUsage,omitempty"`
	SerialNumber   string     `json:"serialNumber"`
	CA             bool       `json:"ca"`
	PublicKey      []byte     `json:"publicKey,omitempty"`
	Hosts          []string   `json:"hosts"`
	Emails         []string   `json:"emails"`
	Addresses      []string   `json:"addresses"`
	Key            keyTold    `json:"key"`
}

// A keyTold is what the object of old tells of a certificate's key.
type keyTold struct {
	Modulus   string `json:"modulus,omitempty"`
	Exponent  string `json:"exponent,omitempty"`
	Bits      int    `json:"bits,omitempty"`
	PubKey    []byte `json:"pubkey,omitempty"`
	Asn1Curve string `json:"asn1Curve,omitempty"`
	NistCurve string `json:"nistCurve,omitempty"`
}

func readCertificate(data []byte) *x509.Certificate {
	isCertificate := func(kind string) bool {
		return kind == "CERTIFICATE" || kind == "X509 CERTIFICATE" || kind == "TRUSTED CERTIFICATE"
	}
	if block := firstBlock(data, isCertificate); block != nil {
		data = block.Bytes
	}
	cert, err := x509.ParseCertificate(data)
	if err != nil {
		return nil
	}
	return cert
}

// nodeCertificate (data) tells of a certificate as JSON, undefined when it is
// none.
func nodeCertificate(c engine.Call) error {
	cert := readCertificate(c.Bytes(1))
	if cert == nil {
		return nil
	}
	text, err := json.Marshal(tellCertificate(cert))
	if err != nil {
		return fmt.Errorf("tell of a certificate: %w", err)
	}
	c.Return(engine.String(string(text)))
	return nil
}

func tellCertificate(cert *x509.Certificate) certificateTold {
	one, two, five := sha1.Sum(cert.Raw), sha256.Sum256(cert.Raw), sha512.Sum512(cert.Raw)
	told := certificateTold{
		Raw:            cert.Raw,
		PEM:            string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert.Raw})),
		ValidFrom:      certificateTime(cert.NotBefore),
		ValidTo:        certificateTime(cert.NotAfter),
		Fingerprint:    fingerprint(one[:]),
		Fingerprint256: fingerprint(two[:]),
		Fingerprint512: fingerprint(five[:]),
		SerialNumber:   strings.ToUpper(hex.EncodeToString(cert.SerialNumber.Bytes())),
		CA:             cert.BasicConstraintsValid && cert.IsCA,
		PublicKey:      normalPublic(cert.PublicKey),
		Hosts:          cert.DNSNames,
		Emails:         cert.EmailAddresses,
		Key:            tellCertificateKey(cert.PublicKey),
	}
	told.Subject, told.SubjectParts = nameTold(cert.RawSubject)
	told.Issuer, told.IssuerParts = nameTold(cert.RawIssuer)
	for _, ip := range cert.IPAddresses {
		told.Addresses = append(told.Addresses, ip.String())
	}
	if len(cert.EmailAddresses) == 0 {
		for _, part := range told.SubjectParts {
			if part[0] == "emailAddress" {
				told.Emails = append(told.Emails, part[1])
			}
		}
	}
	for _, extension := range cert.Extensions {
		told.extend(extension)
	}
	return told
}

var (
	oidAltName     = asn1.ObjectIdentifier{2, 5, 29, 17}
	oidKeyPurposes = asn1.ObjectIdentifier{2, 5, 29, 37}
	oidInfoAccess  = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 1, 1}
)

func (t *certificateTold) extend(extension pkix.Extension) {
	switch {
	case extension.Id.Equal(oidAltName):
		var names []asn1.RawValue
		if _, err := asn1.Unmarshal(extension.Value, &names); err == nil {
			var told []string
			for _, name := range names {
				told = append(told, generalName(name))
			}
			t.SubjectAltName = new(string)
			*t.SubjectAltName = strings.Join(told, ", ")
		}
	case extension.Id.Equal(oidInfoAccess):
		var accesses []struct {
			Method   asn1.ObjectIdentifier
			Location asn1.RawValue
		}
		if _, err := asn1.Unmarshal(extension.Value, &accesses); err == nil {
			t.InfoAccess = new(string)
			for _, a := range accesses {
				*t.InfoAccess += accessMethod(a.Method) + " - " + generalName(a.Location) + "\n"
			}
		}
	case extension.Id.Equal(oidKeyPurposes):
		var purposes []asn1.ObjectIdentifier
		if _, err := asn1.Unmarshal(extension.Value, &purposes); err == nil {
			for _, p := range purposes {
				t.KeyUsage = append(t.KeyUsage, p.String())
			}
		}
	}
}

func accessMethod(oid asn1.ObjectIdentifier) string {
	switch oid.String() {
	case "1.3.6.1.5.5.7.48.1":
		return "OCSP"
	case "1.3.6.1.5.5.7.48.2":
		return "CA Issuers"
	}
	return oid.String()
}

func certificateTime(t time.Time) string { return t.UTC().Format("Jan _2 15:04:05 2006 GMT") }

func fingerprint(digest []byte) string {
	parts := make([]string, len(digest))
	for i, b := range digest {
		parts[i] = fmt.Sprintf("%02X", b)
	}
	return strings.Join(parts, ":")
}

func tellCertificateKey(key any) keyTold {
	switch key := key.(type) {
	case *rsa.PublicKey:
		return keyTold{
			Modulus: strings.ToUpper(hex.EncodeToString(key.N.Bytes())), Exponent: "0x" + strconv.FormatInt(int64(key.E), 16),
			Bits: key.N.BitLen(), PubKey: normalPublic(key),
		}
	case *ecdsa.PublicKey:
		point, err := key.Bytes()
		if err != nil {
			return keyTold{}
		}
		params := key.Curve.Params()
		return keyTold{Bits: params.N.BitLen(), PubKey: point, Asn1Curve: nodeCurveName(key.Curve), NistCurve: params.Name}
	}
	return keyTold{}
}

// ---- names ----

// attributeNames are the short names of what names are made of.
var attributeNames = map[string]string{
	"2.5.4.3": "CN", "2.5.4.4": "SN", "2.5.4.5": "serialNumber", "2.5.4.6": "C", "2.5.4.7": "L", "2.5.4.8": "ST", "2.5.4.9": "street",
	"2.5.4.10": "O", "2.5.4.11": "OU", "2.5.4.12": "title", "2.5.4.13": "description", "2.5.4.15": "businessCategory",
	"2.5.4.17": "postalCode", "2.5.4.41": "name", "2.5.4.42": "GN", "2.5.4.43": "initials", "2.5.4.44": "generationQualifier",
	"2.5.4.46": "dnQualifier", "2.5.4.65": "pseudonym", "2.5.4.97": "organizationIdentifier",
	"1.2.840.113549.1.9.1": "emailAddress", "1.2.840.113549.1.9.2": "unstructuredName", "0.9.2342.19200300.100.1.1": "UID",
	"0.9.2342.19200300.100.1.25": "DC", "1.3.6.1.4.1.311.60.2.1.1": "jurisdictionL", "1.3.6.1.4.1.311.60.2.1.2": "jurisdictionST",
	"1.3.6.1.4.1.311.60.2.1.3": "jurisdictionC",
}

// nameTold gives a name as lines, and its parts.
func nameTold(der []byte) (text string, parts [][]string) {
	var sequence pkix.RDNSequence
	if _, err := asn1.Unmarshal(der, &sequence); err != nil {
		return "", nil
	}
	var lines []string
	for _, set := range sequence {
		var line []string
		for _, attribute := range set {
			name, value := attribute.Type.String(), fmt.Sprint(attribute.Value)
			if short, ok := attributeNames[name]; ok {
				name = short
			}
			line = append(line, name+"="+escapeValue(value))
			parts = append(parts, []string{name, value})
		}
		lines = append(lines, strings.Join(line, " + "))
	}
	return strings.Join(lines, "\n"), parts
}

// escapeValue escapes as RFC 2253 section 2.4 says, and control characters.
func escapeValue(value string) string {
	var b strings.Builder
	for i, r := range value {
		atEnd := i == 0 || i == len(value)-1
		switch {
		case r < ' ' || r == 0x7f:
			fmt.Fprintf(&b, "\\%02X", r)
			continue
		case strings.ContainsRune(",+\"\\<>;", r), r == ' ' && atEnd, r == '#' && i == 0:
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// The kinds of GeneralName, RFC 5280 section 4.2.1.6, by their tags.
const (
	nameOther = iota
	nameEmail
	nameHost
	nameX400
	nameDirectory
	nameEDIParty
	nameURI
	nameAddress
	nameRegistered
)

func generalName(name asn1.RawValue) string {
	switch name.Tag {
	case nameHost:
		return "DNS:" + safeName(name.Bytes)
	case nameEmail:
		return "email:" + safeName(name.Bytes)
	case nameURI:
		return "URI:" + safeName(name.Bytes)
	case nameAddress:
		return "IP Address:" + addressTold(name.Bytes)
	case nameDirectory:
		text, _ := nameTold(name.Bytes)
		lines := strings.Split(text, "\n")
		slices.Reverse(lines)
		return "DirName:" + safeName([]byte(strings.Join(lines, ",")))
	case nameRegistered:
		return "Registered ID:" + registered(name.Bytes)
	case nameX400:
		return "X400Name:<unsupported>"
	case nameEDIParty:
		return "EdiPartyName:<unsupported>"
	}
	return "othername:<unsupported>"
}

func registered(der []byte) string {
	var oid asn1.ObjectIdentifier
	whole, err := asn1.Marshal(asn1.RawValue{Tag: asn1.TagOID, Bytes: der})
	if err == nil {
		_, err = asn1.Unmarshal(whole, &oid)
	}
	if err != nil {
		return ""
	}
	return oid.String()
}

func addressTold(b []byte) string {
	switch len(b) {
	case net.IPv4len:
		return net.IP(b).String()
	case net.IPv6len:
		parts := make([]string, 0, net.IPv6len/2)
		for i := 0; i < len(b); i += 2 {
			parts = append(parts, fmt.Sprintf("%X", uint16(b[i])<<8|uint16(b[i+1])))
		}
		return strings.Join(parts, ":")
	}
	return "<invalid>"
}

// safeName gives a name as it is, or as a JSON string when something in it could
// be taken for what stands between names.
func safeName(name []byte) string {
	safe := func(b byte) bool { return b >= ' ' && b <= '~' && !strings.ContainsRune("\"\\,'", rune(b)) }
	if bytes.IndexFunc(name, func(r rune) bool { return r > '~' || !safe(byte(r)) }) < 0 {
		return string(name)
	}
	var b strings.Builder
	b.WriteByte('"')
	for _, c := range name {
		switch {
		case c == '\\' || c == '"':
			b.WriteByte('\\')
			b.WriteByte(c)
		case c >= ' ' && c != ',' && c <= '~':
			b.WriteByte(c)
		default:
			fmt.Fprintf(&b, `\u%04x`, c)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// ---- what certificates have to do with others ----

// nodeCertificateIssued (certificate, issuer) tells whether one was issued by
// the other, without looking at the signature.
func nodeCertificateIssued(c engine.Call) error {
	cert, issuer := readCertificate(c.Bytes(1)), readCertificate(c.Bytes(2))
	if cert == nil || issuer == nil {
		return nil
	}
	sameName := bytes.Equal(cert.RawIssuer, issuer.RawSubject)
	sameKey := len(cert.AuthorityKeyId) == 0 || len(issuer.SubjectKeyId) == 0 || bytes.Equal(cert.AuthorityKeyId, issuer.SubjectKeyId)
	mayIssue := issuer.KeyUsage == 0 || issuer.KeyUsage&x509.KeyUsageCertSign != 0
	c.Return(engine.Bool(sameName && sameKey && mayIssue))
	return nil
}

// nodeCertificateVerified (certificate, spki) checks the signature.
func nodeCertificateVerified(c engine.Call) error {
	cert := readCertificate(c.Bytes(1))
	key, err := parseNodePublic(c.Bytes(2))
	if cert == nil || err != nil {
		return nil
	}
	signer := x509.Certificate{PublicKey: key}
	c.Return(engine.Bool(signer.CheckSignature(cert.SignatureAlgorithm, cert.RawTBSCertificate, cert.Signature) == nil))
	return nil
}

// nodeCertificateMatches (certificate, pkcs8) tells whether a private key is that
// of a certificate.
func nodeCertificateMatches(c engine.Call) error {
	cert := readCertificate(c.Bytes(1))
	key, err := parseNodePrivate(c.Bytes(2))
	if cert == nil || err != nil {
		return nil
	}
	c.Return(engine.Bool(bytes.Equal(normalPublic(cert.PublicKey), normalPublic(key.Public()))))
	return nil
}

// ---- SignedPublicKeyAndChallenge ----

type spkac struct {
	Signed struct {
		Key       asn1.RawValue
		Challenge string `asn1:"ia5"`
	}
	Algorithm pkix.AlgorithmIdentifier
	Signature asn1.BitString
}

// nodeSPKAC (what, der) gives the challenge or the key, as PEM, of what browsers
// sent.
func nodeSPKAC(c engine.Call) error {
	var signed spkac
	if _, err := asn1.Unmarshal(c.Bytes(2), &signed); err != nil {
		return nil
	}
	if c.String(1) == "challenge" {
		returnBytes(c, []byte(signed.Signed.Challenge))
		return nil
	}
	key, err := parseNodePublic(signed.Signed.Key.FullBytes)
	if err == nil {
		returnBytes(c, pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: normalPublic(key)}))
	}
	return nil
}
