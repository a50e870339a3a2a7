package html

import (
	"slices"
	"strconv"
	"strings"
)

// A Selector says which elements are meant.
type Selector struct{ alternatives [][]compound }

// A compound is what one element must be, and how it stands to the element
// that the compound before it means.
type compound struct {
	child      bool // of it, or else anywhere within it
	conditions []condition
}

// A condition is asked of an element among others.
type condition func(*tag, *siblings) bool

// What is wrong with a selector, in the platform's words.
const (
	errUnexpected   = Error("Unexpected token in selector.")
	errEnd          = Error("Unexpected end of selector.")
	errEmpty        = Error("The selector is empty.")
	errDangling     = Error("Dangling combinator in selector.")
	errNoAttribute  = Error("Missing attribute name in attribute selector.")
	errAttributeEnd = Error("Unexpected token in the attribute selector.")
	errPseudo       = Error("Unsupported pseudo-class or pseudo-element in selector.")
	errNamespace    = Error("Selectors with explicit namespaces are not supported.")
	errClass        = Error("Invalid or unescaped class name in selector.")
)

// ParseSelector reads a list of selectors.
func ParseSelector(text string) (*Selector, error) {
	p := &parser{rest: text}
	alternatives, err := p.list(false)
	if err != nil {
		return nil, err
	}
	return &Selector{alternatives}, nil
}

type parser struct{ rest string }

func (p *parser) peek() byte {
	if p.rest == "" {
		return 0
	}
	return p.rest[0]
}

func (p *parser) take(mark string) bool {
	rest, ok := strings.CutPrefix(p.rest, mark)
	if ok {
		p.rest = rest
	}
	return ok
}

func (p *parser) spaces() bool {
	trimmed := strings.TrimLeft(p.rest, " \t\n\f\r")
	found := len(trimmed) < len(p.rest)
	p.rest = trimmed
	return found
}

// list reads alternatives up to the end, or to the bracket that closes a
// negation, in which they must be simple.
func (p *parser) list(negated bool) ([][]compound, error) {
	var all [][]compound
	for {
		complex, err := p.complex(negated)
		if err != nil {
			return nil, err
		}
		all = append(all, complex)
		if p.take(",") {
			continue
		}
		if p.rest == "" || negated && p.take(")") {
			return all, nil
		}
		return nil, errUnexpected
	}
}

func (p *parser) complex(negated bool) ([]compound, error) {
	p.spaces()
	var all []compound
	child := false
	for {
		conditions, err := p.conditions()
		switch {
		case err != nil:
			return nil, err
		case conditions == nil && len(all) == 0:
			return nil, errEmpty
		case conditions == nil:
			return nil, errDangling
		}
		all = append(all, compound{child, conditions})
		spaced := p.spaces()
		switch c := p.peek(); {
		case c == 0 || c == ',' || c == ')' && negated:
			return all, nil
		case c == '+' || c == '~':
			return nil, Error("Unsupported combinator `" + string(c) + "` in selector.")
		case negated && (spaced || c == '>'):
			return nil, errPseudo
		case c == '>':
			p.rest = p.rest[1:]
			p.spaces()
			child = true
		case !spaced:
			return nil, errUnexpected
		default:
			child = false
		}
	}
}

// conditions reads what is said of one element, nil when nothing is.
func (p *parser) conditions() ([]condition, error) {
	var all []condition
	switch {
	case p.take("*"):
		all = append(all, func(*tag, *siblings) bool { return true })
		if p.take("|") {
			all = nil
			return p.afterNamespace()
		}
	case p.take("|"):
		// Of no namespace, in which there are no elements.
		all, err := p.afterNamespace()
		return append(all, func(*tag, *siblings) bool { return false }), err
	default:
		if name := p.identifier(); name != "" {
			if p.peek() == '|' && !strings.HasPrefix(p.rest, "||") {
				return nil, errNamespace
			}
			name = asciiLower(name)
			all = append(all, func(t *tag, _ *siblings) bool { return t.lower == name })
		}
	}
	return p.simple(all)
}

func (p *parser) afterNamespace() ([]condition, error) {
	if p.take("*") {
		return p.simple([]condition{func(*tag, *siblings) bool { return true }})
	}
	name := asciiLower(p.identifier())
	if name == "" {
		return nil, errUnexpected
	}
	return p.simple([]condition{func(t *tag, _ *siblings) bool { return t.lower == name }})
}

// simple reads ids, classes, attributes and pseudo-classes.
func (p *parser) simple(all []condition) ([]condition, error) {
	for {
		var next condition
		var err error
		switch p.peek() {
		case '#':
			name := p.named()
			if name == "" {
				return all, nil
			}
			next = attributeCondition("id", func(value string) bool { return value == name })
		case '.':
			switch {
			case len(p.rest) == 1:
				return nil, errEnd
			case isDigit(p.rest[1]): // a number
				return all, nil
			}
			name := p.named()
			if name == "" {
				return nil, errClass
			}
			next = attributeCondition("class", func(value string) bool { return slices.Contains(words(value), name) })
		case '[':
			next, err = p.attribute()
		case ':':
			next, err = p.pseudo()
		default:
			return all, nil
		}
		if err != nil {
			return nil, err
		}
		all = append(all, next)
	}
}

// named reads the identifier after a mark, with it; nothing when there is none.
func (p *parser) named() string {
	after := &parser{rest: p.rest[1:]}
	name := after.identifier()
	if name != "" {
		p.rest = after.rest
	}
	return name
}

func (p *parser) pseudo() (condition, error) {
	p.rest = p.rest[1:]
	name := asciiLower(p.identifier())
	function := p.take("(")
	switch {
	case name == "first-child" && !function:
		return nth{0, 1}.child, nil
	case name == "first-of-type" && !function:
		return nth{0, 1}.ofType, nil
	case name == "not" && function:
		return p.negation()
	case name == "nth-child" && function:
		n, err := p.nth()
		return n.child, err
	case name == "nth-of-type" && function:
		n, err := p.nth()
		return n.ofType, err
	}
	return nil, errPseudo
}

func (p *parser) negation() (condition, error) {
	alternatives, err := p.list(true)
	if err != nil {
		return nil, err
	}
	return func(t *tag, s *siblings) bool {
		return !slices.ContainsFunc(alternatives, func(one []compound) bool { return one[0].holds(t, s) })
	}, nil
}

func (c *compound) holds(t *tag, s *siblings) bool {
	for _, condition := range c.conditions {
		if !condition(t, s) {
			return false
		}
	}
	return true
}

// nth are the places a*k+b.
type nth struct{ a, b int }

func (n nth) child(_ *tag, s *siblings) bool { return n.has(s.all) }

func (n nth) ofType(t *tag, s *siblings) bool { return n.has(s.byName[t.lower]) }

func (n nth) has(place int) bool {
	if n.a == 0 {
		return place == n.b
	}
	return (place-n.b)%n.a == 0 && (place-n.b)/n.a >= 0
}

func (p *parser) nth() (nth, error) {
	text, rest, closed := strings.Cut(p.rest, ")")
	if !closed {
		rest = ""
	}
	p.rest = rest
	text = strings.ReplaceAll(asciiLower(strings.TrimSpace(text)), " ", "")
	switch text {
	case "":
		return nth{}, errEnd
	case "odd":
		return nth{2, 1}, nil
	case "even":
		return nth{2, 0}, nil
	}
	step, offset, repeated := strings.Cut(text, "n")
	if !repeated {
		b, err := strconv.Atoi(text)
		return nth{0, b}, unexpected(err)
	}
	switch step {
	case "", "+", "-":
		step += "1"
	}
	a, err := strconv.Atoi(step)
	b := 0
	if err == nil && offset != "" {
		b, err = strconv.Atoi(offset)
	}
	return nth{a, b}, unexpected(err)
}

func unexpected(err error) error {
	if err != nil {
		return errUnexpected
	}
	return nil
}

// identifier reads a name, with its escapes undone; "" when there is none.
func (p *parser) identifier() string {
	var b strings.Builder
	for p.rest != "" {
		c := p.rest[0]
		switch {
		case c == '\\' && len(p.rest) > 1:
			p.escape(&b)
			continue
		case isLetter(c) || c == '_' || c >= 0x80:
		case c == '-' && (b.Len() > 0 || len(p.rest) > 1 && p.rest[1] != ' ' && !isDigit(p.rest[1])):
		case isDigit(c) && b.Len() > 0:
		default:
			return b.String()
		}
		b.WriteByte(c)
		p.rest = p.rest[1:]
	}
	return b.String()
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// escape reads a backslash and what it stands before.
func (p *parser) escape(b *strings.Builder) {
	p.rest = p.rest[1:]
	n := 0
	for n < len(p.rest) && n < 6 && strings.IndexByte("0123456789abcdefABCDEF", p.rest[n]) >= 0 {
		n++
	}
	if n == 0 {
		b.WriteByte(p.rest[0])
		p.rest = p.rest[1:]
		return
	}
	code, _ := strconv.ParseUint(p.rest[:n], 16, 32)
	b.WriteRune(rune(code))
	p.rest = strings.TrimPrefix(p.rest[n:], " ")
}

func asciiLower(s string) string {
	for i := range len(s) {
		if 'A' <= s[i] && s[i] <= 'Z' {
			b := []byte(s)
			for j := range b {
				if 'A' <= b[j] && b[j] <= 'Z' {
					b[j] |= 0x20
				}
			}
			return string(b)
		}
	}
	return s
}
