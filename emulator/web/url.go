package web

import (
	"net/netip"
	"strconv"
	"strings"

	"github.com/nlnwa/whatwg-url/url"

	"github.com/dodev/dodev/emulator/engine"
)

func (h *host) registerURL() {
	parser := url.NewParser()
	h.vm.Func("parseURL", func(c engine.Call) error {
		var base *string
		if c.Kind(1) == engine.KindString {
			text := usv(c.String(1))
			base = &text
		}
		if parts := parseURL(parser, usv(c.String(0)), base); parts != nil {
			c.ReturnStrings(parts)
		}
		return nil
	})
	h.vm.Func("parseQuery", func(c engine.Call) error {
		c.ReturnStrings(parseQuery(usv(c.String(0))))
		return nil
	})
	h.vm.Func("setURLPart", func(c engine.Call) error {
		c.ReturnStrings(setURLPart(parser, c.String(0), c.String(1), usv(c.String(2))))
		return nil
	})
}

// parseURL gives the parts of a URL in the order of src/host/url.ts, or nil
// when the text is no URL.
func parseURL(parser url.Parser, text string, base *string) []string {
	if base == nil {
		if parts := parseSimpleURL(text); parts != nil {
			return parts
		}
		u, err := parser.Parse(text)
		if err != nil {
			return nil
		}
		return urlParts(parser, u)
	}
	u, err := parser.ParseRef(*base, text)
	if err != nil {
		return nil
	}
	return urlParts(parser, u)
}

// parseQuery gives the names and values, in turn, that a query string holds,
// URL Standard section 5.1.
func parseQuery(query string) []string {
	list := make([]string, 0, 8)
	for part := range strings.SplitSeq(query, "&") {
		if part != "" {
			name, value, _ := strings.Cut(part, "=")
			list = append(list, unescapeQuery(name), unescapeQuery(value))
		}
	}
	return list
}

// unescapeQuery keeps what is no escape, and replaces what is no UTF-8.
func unescapeQuery(text string) string {
	if !strings.ContainsAny(text, "%+") {
		return text
	}
	out := make([]byte, 0, len(text))
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '+':
			out = append(out, ' ')
		case c == '%' && i+2 < len(text) && isHex(text[i+1]) && isHex(text[i+2]):
			b, _ := strconv.ParseUint(text[i+1:i+3], 16, 8)
			out = append(out, byte(b))
			i += 2
		default:
			out = append(out, c)
		}
	}
	return string(repairUTF8(out))
}

func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}

func urlParts(parser url.Parser, u *url.Url) []string {
	return []string{
		u.Href(false), u.Protocol(), u.Username(), u.Password(), u.Hostname(), u.Port(),
		u.Pathname(), u.Search(), u.Hash(), urlOrigin(parser, u),
	}
}

// urlOrigin is the serialized origin, URL Standard section 4.7.
func urlOrigin(parser url.Parser, u *url.Url) string {
	switch u.Scheme() {
	case "http", "https", "ws", "wss", "ftp":
		return u.Protocol() + "//" + u.Host()
	case "blob":
		if inner, err := parser.Parse(u.Pathname()); err == nil && (inner.Scheme() == "http" || inner.Scheme() == "https") {
			return urlOrigin(parser, inner)
		}
	}
	return "null"
}

// setURLPart gives the parts after one was set; what cannot be set is left.
func setURLPart(parser url.Parser, href, part, value string) []string {
	u, err := parser.Parse(href)
	if err != nil {
		return nil
	}
	set := map[string]func(string){
		"protocol": u.SetProtocol,
		"username": u.SetUsername,
		"password": u.SetPassword,
		"host":     u.SetHost,
		"hostname": u.SetHostname,
		"port":     u.SetPort,
		"pathname": u.SetPathname,
		"search":   u.SetSearch,
		"hash":     u.SetHash,
	}[part]
	if set != nil {
		set(value)
	}
	return urlParts(parser, u)
}

// parseSimpleURL takes apart what most requests have: an http URL in normal
// form, without anything that parsing would change. It answers nil for others.
func parseSimpleURL(text string) []string {
	protocol, standardPort := "http:", "80"
	rest, ok := strings.CutPrefix(text, "http://")
	if !ok {
		protocol, standardPort = "https:", "443"
		if rest, ok = strings.CutPrefix(text, "https://"); !ok {
			return nil
		}
	}
	slash := strings.IndexByte(rest, '/')
	if slash <= 0 {
		return nil
	}
	authority, path := rest[:slash], rest[slash:]
	hostname, port, hasPort := strings.Cut(authority, ":")
	if !simpleHost(hostname) || hasPort && (!simplePort(port) || port == standardPort) {
		return nil
	}
	pathname, search, ok := simplePath(path)
	if !ok {
		return nil
	}
	return []string{text, protocol, "", "", hostname, port, pathname, search, "", text[:len(protocol)+2+slash]}
}

// simpleHost accepts names in lower case that are no address, and dotted IPv4
// addresses in normal form.
func simpleHost(host string) bool {
	if host == "" || host[0] == '-' || strings.Contains(host, "xn--") || strings.Contains(host, "..") {
		return false
	}
	for i := range len(host) {
		c := host[i]
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '.' && c != '-' {
			return false
		}
	}
	last := host[strings.LastIndexByte(host, '.')+1:]
	if last != "" && last[0] >= 'a' {
		return true
	}
	_, err := netip.ParseAddr(host)
	return err == nil
}

func simplePort(port string) bool {
	if port == "" || len(port) > 4 || port[0] == '0' {
		return false
	}
	return strings.Trim(port, "0123456789") == ""
}

// simplePath splits a path from its query when neither holds anything to be
// escaped, nor the path a segment that begins with a dot.
func simplePath(path string) (pathname, search string, ok bool) {
	pathname = path
	for i := range len(path) {
		c := path[i]
		switch {
		case c >= 'a' && c <= 'z', c >= '0' && c <= '9', c >= 'A' && c <= 'Z':
		case c == '.' && path[max(i-1, 0)] == '/' && search == "":
			return "", "", false
		case c == '/', c == '-', c == '_', c == '.', c == '~', c == '=', c == '&', c == '+', c == ',', c == ':', c == '@', c == '!', c == '$', c == ';', c == '*', c == '(', c == ')':
		case c == '?' && search == "":
			if pathname, search = path[:i], path[i:]; search == "?" {
				search = ""
			}
		default:
			return "", "", false
		}
	}
	return pathname, search, true
}
