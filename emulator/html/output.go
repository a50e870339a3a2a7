package html

import "unicode/utf8"

// output collects the tokens of one feeding.
type output struct {
	tree   *tree
	tokens []Token
	open   bool   // a text that somebody asked for has begun
	tail   []byte // of its bytes, the beginning of a character
	last   int    // number of the element handed out last
}

func (o *output) reset() { o.tokens = o.tokens[:0] }

func (o *output) take() []Token { return o.tokens }

// raw gives bytes that nobody asked for.
func (o *output) raw(b []byte) {
	if len(b) == 0 {
		return
	}
	o.flushTail()
	if n := len(o.tokens); n > 0 && o.tokens[n-1].Kind == Raw {
		o.tokens[n-1].Bytes = append(o.tokens[n-1].Bytes, b...)
		return
	}
	o.tokens = append(o.tokens, Token{Kind: Raw, Bytes: append([]byte(nil), b...)})
}

// add gives a token that parts asked for.
func (o *output) add(t Token, b []byte, parts []int) {
	t.Bytes, t.Parts = append([]byte(nil), b...), parts
	o.tokens = append(o.tokens, t)
}

// text gives a piece of text, without the beginning of a character at its end.
func (o *output) text(b []byte) {
	parts := o.tree.asking(func(p *Part) bool { return p.Texts })
	if len(parts) == 0 {
		o.raw(b)
		return
	}
	o.open = true
	if len(o.tail) > 0 {
		b = append(o.tail, b...)
		o.tail = nil
	}
	if n := unfinished(b); n > 0 {
		o.tail = append([]byte(nil), b[len(b)-n:]...)
		b = b[:len(b)-n]
	}
	if len(b) > 0 {
		o.add(Token{Kind: Text, Text: string(b)}, b, parts)
	}
}

// unfinished is how many bytes at the end of b begin a character.
func unfinished(b []byte) int {
	for n := 1; n <= 3 && n <= len(b); n++ {
		if c := b[len(b)-n]; utf8.RuneStart(c) {
			if c >= 0xc0 && !utf8.FullRune(b[len(b)-n:]) {
				return n
			}
			return 0
		}
	}
	return 0
}

// endText ends a text that has begun.
func (o *output) endText() {
	if !o.open {
		return
	}
	o.open = false
	o.flushTail()
	o.add(Token{Kind: Text, Last: true}, nil, o.tree.asking(func(p *Part) bool { return p.Texts }))
}

// flushTail gives the beginning of a character that does not go on.
func (o *output) flushTail() {
	if len(o.tail) == 0 {
		return
	}
	tail := o.tail
	o.tail = nil
	o.add(Token{Kind: Text, Text: string(tail)}, tail, o.tree.asking(func(p *Part) bool { return p.Texts }))
}

func (o *output) comment(b, text []byte) {
	o.endText()
	parts := o.tree.asking(func(p *Part) bool { return p.Comments })
	if len(parts) == 0 {
		o.raw(b)
		return
	}
	o.add(Token{Kind: Comment, Text: string(text)}, b, parts)
}

func (o *output) doctype(b []byte, t Token) {
	o.endText()
	parts := o.tree.asking(func(p *Part) bool { return p.Doctypes })
	if len(parts) == 0 {
		o.raw(b)
		return
	}
	o.add(t, b, parts)
}

// start gives a start tag and the namespace of its element.
func (o *output) start(b []byte, t *tag) (namespace string) {
	matched, e := o.tree.start(t)
	var parts []int
	for _, part := range matched {
		if o.tree.parts[part].Elements {
			parts = append(parts, part)
		}
	}
	if len(parts) == 0 {
		o.raw(b)
		return e.namespace
	}
	o.last++
	if e.item != nil {
		e.item.number = o.last
	}
	o.add(Token{
		Kind: Start, Name: t.name, Attributes: t.attributes, Closed: t.closed,
		HasContent: e.item != nil, Namespace: e.namespace, Element: o.last,
	}, b, parts)
	return e.namespace
}

func (o *output) end(b []byte, t *tag) {
	ends := o.tree.end(t.lower)
	if len(ends) == 0 {
		o.raw(b)
		return
	}
	o.add(Token{Kind: End, Name: t.name, Ends: ends}, b, nil)
}
