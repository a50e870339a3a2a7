package devserver

import (
	"net/http"
	"strings"

	"github.com/dodev/dodev/emulator"
)

// acceptEncoding is what a Worker sees whatever its client accepts, since the
// platform encodes for the client itself.
const acceptEncoding = "br, gzip"

// request turns a client's request into the Worker's. Values of one header keep
// their order; between headers net/http keeps none.
func (s *Server) request(r *http.Request) *emulator.Request {
	header := make([][2]string, 0, len(r.Header)+2)
	header = append(header, [2]string{"Host", r.Host})
	upgrading := isUpgrade(r)
	for name, values := range r.Header {
		if hopByHop(name) && !(upgrading && name == "Upgrade") {
			continue
		}
		if name == "Accept-Encoding" {
			header = append(header, [2]string{name, acceptEncoding})
			continue
		}
		for _, v := range values {
			header = append(header, [2]string{name, v})
		}
	}
	req := &emulator.Request{
		Method: r.Method,
		URL:    s.url(r),
		Header: header,
		Size:   r.ContentLength,
		CF:     s.cf.of(r),
		Done:   r.Context().Done(),
	}
	if r.ContentLength != 0 {
		req.Body = r.Body
	}
	return req
}

// url is the request's URL as its client wrote it.
func (s *Server) url(r *http.Request) string {
	if strings.HasPrefix(r.RequestURI, "/") {
		return s.origin + r.Host + r.RequestURI
	}
	if strings.Contains(r.RequestURI, "://") {
		return r.RequestURI // as a client of a proxy names it
	}
	return s.origin + r.Host + "/" // OPTIONS *
}

// hopByHop says whether a header concerns one connection only and so is no
// business of the Worker's.
func hopByHop(canonicalName string) bool {
	switch canonicalName {
	case "Connection", "Keep-Alive", "Proxy-Connection", "Te", "Trailer", "Transfer-Encoding", "Upgrade":
		return true
	}
	return false
}
