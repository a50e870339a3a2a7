package web

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/transform"

	"github.com/dodev/dodev/emulator/engine"
	"github.com/dodev/dodev/emulator/html"
)

// A rewriter reads the document of one HTMLRewriter.
type rewriter struct {
	reader  *html.Reader
	charset encoding.Encoding // nil for UTF-8
	decode  *encoding.Decoder
	tail    []byte // of a chunk, the beginning of a character
}

// registerRewriter adds the functions of host/rewriter.ts.
func (h *host) registerRewriter() {
	open, last := map[int]*rewriter{}, 0
	h.vm.Func("rewriterSelector", func(c engine.Call) error {
		_, err := html.ParseSelector(usv(c.String(0)))
		return parserError(err)
	})
	h.vm.Func("rewriterOpen", func(c engine.Call) error {
		parts, err := rewriterParts(c.Strings(0), c.Strings(1))
		if err != nil {
			return err
		}
		last++
		r := &rewriter{reader: html.NewReader(parts)}
		if name := c.String(2); name != "utf-8" {
			r.charset = lookup(name)
			r.decode = r.charset.NewDecoder()
		}
		open[last] = r
		c.Return(engine.Int(last))
		return nil
	})
	h.vm.Func("rewriterFeed", func(c engine.Call) error {
		r := open[c.Int(0)]
		if r == nil {
			return engine.TypeError("This document has ended.")
		}
		return r.feed(c)
	})
	h.vm.Func("rewriterEncode", func(c engine.Call) error {
		data := c.Bytes(1)
		if r := open[c.Int(0)]; r != nil && r.charset != nil {
			encoder := encoding.HTMLEscapeUnsupported(r.charset.NewEncoder())
			if encoded, err := encoder.Bytes(data); err == nil {
				data = encoded
			}
		}
		c.Return(engine.Bytes(data))
		return nil
	})
	h.vm.Func("rewriterClose", func(c engine.Call) error {
		delete(open, c.Int(0))
		return nil
	})
}

func parserError(err error) error {
	if err == nil {
		return nil
	}
	return engine.TypeError("Parser error: %s", err)
}

// rewriterParts reads what handlers ask for.
func rewriterParts(selectors, wants []string) ([]html.Part, error) {
	parts := make([]html.Part, len(selectors))
	for i, text := range selectors {
		p := &parts[i]
		for want := range strings.FieldsSeq(wants[i]) {
			switch want {
			case "element":
				p.Elements = true
			case "comments":
				p.Comments = true
			case "text":
				p.Texts = true
			case "doctype":
				p.Doctypes = true
			}
		}
		if text == "" {
			continue
		}
		selector, err := html.ParseSelector(usv(text))
		if err != nil {
			return nil, parserError(err)
		}
		p.Selector = selector
	}
	return parts, nil
}

func (r *rewriter) feed(c engine.Call) error {
	data, end := c.Bytes(1), c.Bool(2)
	if r.charset != nil {
		data = r.decoded(data, end)
	}
	tokens, err := r.reader.Feed(data, end)
	return c.ReturnBuilt(func(s engine.Sink) error {
		n := len(tokens)
		if err != nil {
			n++
		}
		s.BeginDense(n)
		for i := range tokens {
			feedToken(record{s}, &tokens[i])
		}
		if err != nil {
			record{s}.of(-1, 2, func() { s.String(err.Error()) })
		}
		s.EndDense(0, n)
		return nil
	})
}

// decoded is a chunk of another charset in UTF-8.
func (r *rewriter) decoded(data []byte, end bool) []byte {
	data = append(r.tail, data...)
	out := make([]byte, 0, len(data)*3+16)
	out = out[:cap(out)]
	written, read, err := r.decode.Transform(out, data, end)
	r.tail = nil
	if err == transform.ErrShortSrc {
		r.tail = append([]byte(nil), data[read:]...)
	}
	return out[:written]
}

// A record writes a token in the form of src/rewriter/records.ts.
type record struct{ engine.Sink }

func (s record) of(kind, length int, rest func()) {
	s.BeginDense(length)
	s.Int(int32(kind))
	rest()
	s.EndDense(0, length)
}

func (s record) numbers(list []int) {
	s.BeginDense(len(list))
	for _, n := range list {
		s.Int(int32(n))
	}
	s.EndDense(0, len(list))
}

func (s record) optional(text *string) {
	if text == nil {
		s.Null()
		return
	}
	s.text(*text)
}

func (s record) text(text string) {
	if !utf8.ValidString(text) {
		text = string(repairUTF8([]byte(text)))
	}
	s.String(text)
}

func (s record) attributes(list []html.Attribute) {
	s.BeginDense(len(list) * 3)
	for _, a := range list {
		s.text(a.Name)
		s.text(a.Value)
		s.text(a.Source)
	}
	s.EndDense(0, len(list)*3)
}

func feedToken(s record, t *html.Token) {
	switch t.Kind {
	case html.Raw:
		s.of(int(t.Kind), 2, func() { s.Buffer(t.Bytes) })
	case html.Start:
		s.of(int(t.Kind), 9, func() {
			s.numbers(t.Parts)
			s.Buffer(t.Bytes)
			s.text(t.Name)
			s.attributes(t.Attributes)
			s.Bool(t.Closed)
			s.Bool(t.HasContent)
			s.String(t.Namespace)
			s.Int(int32(t.Element))
		})
	case html.End:
		s.of(int(t.Kind), 4, func() {
			s.Buffer(t.Bytes)
			s.text(t.Name)
			s.numbers(t.Ends)
		})
	case html.Text:
		s.of(int(t.Kind), 4, func() {
			s.numbers(t.Parts)
			s.text(t.Text)
			s.Bool(t.Last)
		})
	case html.Comment:
		s.of(int(t.Kind), 4, func() {
			s.numbers(t.Parts)
			s.Buffer(t.Bytes)
			s.text(t.Text)
		})
	case html.Doctype:
		s.of(int(t.Kind), 6, func() {
			s.numbers(t.Parts)
			s.Buffer(t.Bytes)
			s.optional(t.DoctypeName)
			s.optional(t.PublicID)
			s.optional(t.SystemID)
		})
	}
}
