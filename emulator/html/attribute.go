package html

import (
	"slices"
	"strings"
)

// attributeCondition asks for an attribute whose value is right.
func attributeCondition(name string, right func(value string) bool) condition {
	return func(t *tag, _ *siblings) bool {
		for i := range t.attributes {
			if a := &t.attributes[i]; strings.EqualFold(a.Name, name) {
				return right(a.Value)
			}
		}
		return false
	}
}

func words(value string) []string {
	return strings.FieldsFunc(value, func(c rune) bool { return c < 0x80 && isSpace(byte(c)) })
}

// caseless are the attributes whose values are compared without case, HTML
// Standard 4.16.2.
var caseless = names("accept accept-charset align alink axis bgcolor charset checked clear codetype color compact declare defer dir direction disabled enctype face frame hreflang http-equiv lang language link media method multiple nohref noresize noshade nowrap readonly rel rev rules scope scrolling selected shape target text type valign valuetype vlink")

// attribute reads a condition in brackets.
func (p *parser) attribute() (condition, error) {
	p.rest = p.rest[1:]
	p.spaces()
	if p.rest == "" {
		return nil, errEnd
	}
	if p.take("*|") {
		return nil, errNamespace
	}
	p.take("|")
	name := asciiLower(p.identifier())
	switch {
	case name == "":
		return nil, errNoAttribute
	case p.peek() == '|' && !strings.HasPrefix(p.rest, "|="):
		return nil, errNamespace
	}
	p.spaces()
	if p.rest == "" || p.take("]") {
		return attributeCondition(name, func(string) bool { return true }), nil
	}
	compare, err := p.operator()
	if err != nil {
		return nil, err
	}
	p.spaces()
	value, err := p.value()
	if err != nil {
		return nil, err
	}
	fold, err := p.caseFlag(caseless[name])
	if err != nil {
		return nil, err
	}
	if fold {
		value = asciiLower(value)
		return attributeCondition(name, func(have string) bool { return compare(asciiLower(have), value) }), nil
	}
	return attributeCondition(name, func(have string) bool { return compare(have, value) }), nil
}

type comparison func(have, want string) bool

var comparisons = []struct {
	mark    string
	compare comparison
}{
	{"=", func(have, want string) bool { return have == want }},
	{"~=", func(have, want string) bool { return slices.Contains(words(have), want) }},
	{"|=", func(have, want string) bool { return have == want || strings.HasPrefix(have, want+"-") }},
	{"^=", func(have, want string) bool { return want != "" && strings.HasPrefix(have, want) }},
	{"$=", func(have, want string) bool { return want != "" && strings.HasSuffix(have, want) }},
	{"*=", func(have, want string) bool { return want != "" && strings.Contains(have, want) }},
}

func (p *parser) operator() (comparison, error) {
	for _, c := range comparisons {
		if p.take(c.mark) {
			return c.compare, nil
		}
	}
	return nil, errAttributeEnd
}

// value reads what an attribute is compared with, an identifier or a string.
func (p *parser) value() (string, error) {
	quote := p.peek()
	switch quote {
	case 0:
		return "", errEnd
	case '"', '\'':
	default:
		if value := p.identifier(); value != "" {
			return value, nil
		}
		return "", errAttributeEnd
	}
	p.rest = p.rest[1:]
	var b strings.Builder
	for p.rest != "" && p.rest[0] != quote {
		if p.rest[0] == '\\' && len(p.rest) > 1 {
			p.escape(&b)
			continue
		}
		b.WriteByte(p.rest[0])
		p.rest = p.rest[1:]
	}
	p.take(string(quote))
	return b.String(), nil
}

// caseFlag reads what may stand before the closing bracket, and that.
func (p *parser) caseFlag(fold bool) (bool, error) {
	p.spaces()
	switch flag := asciiLower(p.identifier()); flag {
	case "i", "s":
		fold = flag == "i"
		p.spaces()
	case "":
	default:
		return false, errUnexpected
	}
	if p.rest != "" && !p.take("]") {
		return false, errUnexpected
	}
	return fold, nil
}
