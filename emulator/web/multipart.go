package web

import (
	"bytes"
	"mime"
	"strings"

	"github.com/dodev/dodev/emulator/engine"
)

// A formPart is one part of a multipart/form-data body.
type formPart struct {
	name, filename, contentType string
	isFile, hasType             bool
	content                     []byte
}

// parseMultipart takes a multipart/form-data body apart, RFC 7578. Lines may end
// in LF alone, as on the platform.
func parseMultipart(body []byte, boundary string) ([]formPart, error) {
	delimiter := []byte("--" + boundary)
	at := bytes.Index(body, delimiter)
	if at < 0 {
		return nil, engine.TypeError("No initial boundary string (or you have a truncated message).")
	}
	rest := body[at+len(delimiter):]
	delimiter = append([]byte("\n"), delimiter...)
	var parts []formPart
	for {
		after, last, err := afterBoundary(rest)
		if err != nil || last {
			return parts, err
		}
		part, tail, err := parsePart(after, delimiter)
		if err != nil {
			return nil, err
		}
		parts = append(parts, part)
		rest = tail
	}
}

func afterBoundary(rest []byte) (after []byte, last bool, err error) {
	for _, end := range []string{"\n", "\r\n"} {
		if after, ok := bytes.CutPrefix(rest, []byte(end)); ok {
			return after, false, nil
		}
	}
	if bytes.HasPrefix(rest, []byte("--")) {
		return nil, true, nil
	}
	return nil, false, engine.TypeError("Boundary string was not succeeded by CRLF, LF, or '--'.")
}

func parsePart(b, delimiter []byte) (part formPart, tail []byte, err error) {
	header, rest, ok := cutHeader(b)
	if !ok {
		return part, nil, engine.TypeError("No multipart message header termination found.")
	}
	if err := part.readHeader(header); err != nil {
		return part, nil, err
	}
	content, tail, ok := bytes.Cut(rest, delimiter)
	if !ok {
		return part, nil, engine.TypeError("No subsequent boundary string after multipart message.")
	}
	part.content = bytes.TrimSuffix(content, []byte("\r"))
	return part, tail, nil
}

// cutHeader cuts after the first empty line.
func cutHeader(b []byte) (header, rest []byte, ok bool) {
	for at := 0; at < len(b); {
		i := bytes.IndexByte(b[at:], '\n')
		if i < 0 {
			return nil, nil, false
		}
		end := at + i + 1
		line := b[end:]
		if rest, found := bytes.CutPrefix(line, []byte("\r\n")); found {
			return b[:end], rest, true
		}
		if rest, found := bytes.CutPrefix(line, []byte("\n")); found {
			return b[:end], rest, true
		}
		at = end
	}
	return nil, nil, false
}

func (p *formPart) readHeader(header []byte) error {
	disposition := ""
	for line := range strings.Lines(string(header)) {
		line = strings.TrimRight(line, "\r\n")
		name, value, ok := strings.Cut(line, ":")
		if !ok || strings.Contains(line, "\r") {
			return engine.TypeError("FormData part had invalid headers.")
		}
		switch value = strings.TrimSpace(value); strings.ToLower(name) {
		case "content-disposition":
			disposition = value
		case "content-type":
			p.contentType, p.hasType = value, true
		}
	}
	if disposition == "" {
		return engine.TypeError("No valid Content-Disposition header found in FormData part.")
	}
	return p.readDisposition(disposition)
}

func (p *formPart) readDisposition(value string) error {
	kind, params, err := mime.ParseMediaType(value)
	if err != nil {
		return engine.TypeError("Invalid Content-Disposition header found in FormData part.")
	}
	if kind != "form-data" {
		return engine.TypeError("Content-Disposition header for FormData part must have the value \"form-data\", "+
			"possibly followed by parameters. Got: %q", kind)
	}
	name, ok := params["name"]
	if !ok {
		return engine.TypeError("Content-Disposition header in FormData part is missing a name.")
	}
	p.name = name // as it was sent: the platform leaves what encoders do to characters that a quoted name cannot hold
	p.filename, p.isFile = params["filename"]
	return nil
}

// multipart is the host function of host/body.ts.
func multipart(c engine.Call) error {
	parts, err := parseMultipart(c.Bytes(0), c.String(1))
	if err != nil {
		return err
	}
	return c.ReturnBuilt(func(s engine.Sink) error {
		s.BeginDense(4 * len(parts))
		for _, p := range parts {
			s.String(p.name)
			optional(s, p.filename, p.isFile)
			optional(s, p.contentType, p.hasType)
			s.Buffer(p.content)
		}
		s.EndDense(0, 4*len(parts))
		return nil
	})
}

func optional(s engine.Sink, text string, present bool) {
	if present {
		s.String(text)
	} else {
		s.Undefined()
	}
}
