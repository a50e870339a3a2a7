package devserver

import (
	"compress/gzip"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/dodev/dodev/emulator"
)

// chunk is how much of a body is sent at a time.
const chunk = 32 << 10

// buffers are for copying bodies.
type buffers struct{ pool sync.Pool }

func (b *buffers) get() *[]byte {
	if buf, ok := b.pool.Get().(*[]byte); ok {
		return buf
	}
	buf := make([]byte, chunk)
	return &buf
}

func (b *buffers) put(buf *[]byte) { b.pool.Put(buf) }

// A known body says how long it is, so that its client can be told.
type known interface{ Len() int }

// An announced body says how long it will be, and comes piece by piece.
type announced interface{ Announced() (n int, ok bool) }

// sizeOf is how long a body is, -1 when that is not known, and whether it is all
// there.
func sizeOf(body io.Reader) (size int, whole bool) {
	switch body := body.(type) {
	case known:
		return body.Len(), true
	case announced:
		if n, ok := body.Announced(); ok {
			return n, false
		}
	}
	return -1, false
}

// respond sends a response. A body that breaks off cuts the connection, so that
// the client cannot take half of it for the whole.
func (s *Server) respond(w http.ResponseWriter, r *http.Request, res *emulator.Response) {
	if s.opts.Trace != nil {
		s.opts.Trace("devserver.(*Server).respond")
	}
	h := w.Header()
	copyHeader(h, res.Header)
	encode := s.encoding(h, r, res)
	size, whole := -1, false
	if !encode {
		size, whole = sizeOf(res.Body)
	}
	if bodiless(res.Status) {
		h.Del("Content-Length")
		w.WriteHeader(res.Status)
		return
	}
	switch {
	case size >= 0:
		h["Content-Length"] = []string{strconv.Itoa(size)}
	case r.Method != http.MethodHead:
		// The Worker's word on a body whose length is not known is not
		// trustworthy: code that changes a body often keeps its headers.
		h.Del("Content-Length")
	}
	w.WriteHeader(res.Status)
	if r.Method == http.MethodHead {
		return
	}
	if err := s.send(w, res.Body, whole, encode); err != nil {
		if s.opts.Trouble != nil && r.Context().Err() == nil {
			s.opts.Trouble(r.Method + " " + r.RequestURI + ": the body broke off: " + err.Error())
		}
		panic(http.ErrAbortHandler) // net/http's way to cut a connection
	}
}

// bodiless says that a status allows no body.
func bodiless(status int) bool {
	return status == http.StatusNoContent || status == http.StatusNotModified || status < 200
}

func copyHeader(to http.Header, from [][2]string) {
	for _, f := range from {
		name := http.CanonicalHeaderKey(f[0])
		if !hopByHop(name) {
			to[name] = append(to[name], f[1])
		}
	}
	if _, ok := to["Content-Type"]; !ok {
		to["Content-Type"] = nil // else net/http would guess one
	}
}

// encoding says whether the body must be compressed on its way out, which is so
// when the Worker gave it plain and named gzip. A client or an encoding that
// this does not serve gets it plain.
func (s *Server) encoding(h http.Header, r *http.Request, res *emulator.Response) bool {
	named := h["Content-Encoding"]
	if res.Encoded || len(named) == 0 || bodiless(res.Status) {
		return false
	}
	if len(named) == 1 && strings.EqualFold(named[0], "gzip") && accepts(r.Header["Accept-Encoding"], "gzip") {
		h.Del("Content-Length")
		return true
	}
	h.Del("Content-Encoding")
	return false
}

// accepts says whether the lines of an Accept header name something.
func accepts(lines []string, wanted string) bool {
	for _, line := range lines {
		for item := range strings.SplitSeq(line, ",") {
			name, weight, _ := strings.Cut(item, ";")
			if strings.EqualFold(strings.TrimSpace(name), wanted) {
				return strings.TrimSpace(weight) != "q=0"
			}
		}
	}
	return false
}

// send copies a body. Unless all of it is there, each piece goes out before the
// next is waited for.
func (s *Server) send(w http.ResponseWriter, body io.Reader, whole, encode bool) error {
	buf := s.buffers.get()
	defer s.buffers.put(buf)
	if encode {
		return sendGzip(w, body, *buf)
	}
	if whole {
		return copyPieces(w, body, *buf, func() error { return nil })
	}
	return copyPieces(w, body, *buf, http.NewResponseController(w).Flush)
}

func sendGzip(w http.ResponseWriter, body io.Reader, buf []byte) error {
	zip := gzip.NewWriter(w)
	flush := http.NewResponseController(w).Flush
	err := copyPieces(zip, body, buf, func() error {
		if err := zip.Flush(); err != nil {
			return err
		}
		return flush()
	})
	if err != nil {
		return err
	}
	return zip.Close()
}

// copyPieces copies a body and flushes after each piece but the last.
func copyPieces(w io.Writer, body io.Reader, buf []byte, flush func() error) error {
	for {
		n, readErr := body.Read(buf)
		if n > 0 {
			if _, err := w.Write(buf[:n]); err != nil {
				return err
			}
		}
		if readErr == io.EOF {
			return nil
		}
		if readErr != nil {
			return readErr
		}
		if err := flush(); err != nil {
			return err
		}
	}
}
