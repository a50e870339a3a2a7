package html

import (
	"fmt"
	"slices"
	"strings"
)

// tree knows which elements are open, and what they mean for what is in them.
type tree struct {
	parts  []Part
	match  matcher
	active []int // how many open elements a part has
	root   siblings
	open   []*item
	spaces []string // namespaces entered, the present one last
	guards guarding
}

// An item is an open element.
type item struct {
	name     string
	number   int // when it was handed out
	parts    []int
	entered  bool // a namespace, which ends with it
	reached  []uint64
	above    []uint64
	children siblings
}

// siblings count the elements next to one another.
type siblings struct {
	all    int
	byName map[string]int
}

func newTree(parts []Part) tree {
	return tree{parts: parts, match: newMatcher(parts), active: make([]int, len(parts))}
}

// asking lists the parts that want something here.
func (t *tree) asking(want func(*Part) bool) []int {
	var asking []int
	for i := range t.parts {
		p := &t.parts[i]
		if want(p) && (p.Selector == nil || t.active[i] > 0) {
			asking = append(asking, i)
		}
	}
	return asking
}

func (t *tree) namespace() string {
	if len(t.spaces) == 0 {
		return htmlSpace
	}
	return t.spaces[len(t.spaces)-1]
}

// foreign reports whether what comes is no HTML.
func (t *tree) foreign() bool { return t.namespace() != htmlSpace }

func (t *tree) parent() *item {
	if len(t.open) == 0 {
		return nil
	}
	return t.open[len(t.open)-1]
}

// begun is an element that has begun; item is nil when it has no content.
type begun struct {
	item      *item
	namespace string
}

// start opens an element and tells which parts it matches.
func (t *tree) start(tag *tag) ([]int, begun) {
	entered := t.enter(tag)
	e := begun{namespace: t.namespace()}
	parent := t.parent()
	around := &t.root
	if parent != nil {
		around = &parent.children
	}
	around.all++
	if around.byName == nil {
		around.byName = map[string]int{}
	}
	around.byName[tag.lower]++
	found, reached := t.match.match(tag, around, parent)
	if t.hasNoContent(tag) {
		if entered {
			t.spaces = t.spaces[:len(t.spaces)-1]
		}
		return found, e
	}
	e.item = &item{name: tag.lower, parts: found, entered: entered, reached: reached, above: above(parent)}
	for _, part := range found {
		t.active[part]++
	}
	t.open = append(t.open, e.item)
	if inner := integration(tag, e.namespace); inner {
		t.spaces = append(t.spaces, htmlSpace)
		e.item.entered = true
	}
	return found, e
}

// above is what was reached by an element's ancestors.
func above(parent *item) []uint64 {
	if parent == nil {
		return nil
	}
	all := slices.Clone(parent.reached)
	for i := range parent.above {
		all[i] |= parent.above[i]
	}
	return all
}

func (t *tree) hasNoContent(tag *tag) bool {
	if t.foreign() {
		return tag.closed
	}
	return void[tag.lower]
}

// end closes the elements that an end tag ends, and gives those handed out.
func (t *tree) end(name string) []int {
	t.guards.end(name)
	at := len(t.open) - 1
	for at >= 0 && t.open[at].name != name {
		at--
	}
	if at < 0 {
		return nil
	}
	var numbers []int
	for i := len(t.open) - 1; i >= at; i-- {
		closing := t.open[i]
		if closing.number > 0 {
			numbers = append(numbers, closing.number)
		}
		for _, part := range closing.parts {
			t.active[part]--
		}
		if closing.entered {
			t.spaces = t.spaces[:len(t.spaces)-1]
		}
	}
	t.open = t.open[:at]
	return numbers
}

// enter notes that an element begins a namespace, or breaks out of one.
func (t *tree) enter(tag *tag) bool {
	switch {
	case t.foreign() && breaksOut(tag):
		t.leave()
	case !t.foreign() && tag.lower == "svg":
		t.spaces = append(t.spaces, svgSpace)
		return true
	case !t.foreign() && tag.lower == "math":
		t.spaces = append(t.spaces, mathMLSpace)
		return true
	}
	return false
}

// leave ends the foreign elements that are open.
func (t *tree) leave() {
	for i := len(t.open) - 1; i >= 0 && t.foreign(); i-- {
		if t.open[i].entered {
			t.open[i].entered = false
			t.spaces = t.spaces[:len(t.spaces)-1]
		}
	}
}

// integration reports whether an element of another namespace has HTML in it.
func integration(tag *tag, space string) bool {
	switch space {
	case svgSpace:
		return tag.lower == "desc" || tag.lower == "title" || tag.lower == "foreignobject"
	case mathMLSpace:
		switch tag.lower {
		case "mi", "mo", "mn", "ms", "mtext":
			return true
		case "annotation-xml":
			for _, a := range tag.attributes {
				if strings.EqualFold(a.Name, "encoding") {
					return strings.EqualFold(a.Value, "text/html") || strings.EqualFold(a.Value, "application/xhtml+xml")
				}
			}
		}
	}
	return false
}

func breaksOut(tag *tag) bool {
	if tag.lower == "font" {
		return slices.ContainsFunc(tag.attributes, func(a Attribute) bool {
			return strings.EqualFold(a.Name, "color") || strings.EqualFold(a.Name, "face") || strings.EqualFold(a.Name, "size")
		})
	}
	return outside[tag.lower]
}

func names(list string) map[string]bool {
	set := map[string]bool{}
	for name := range strings.FieldsSeq(list) {
		set[name] = true
	}
	return set
}

// void are the elements without content.
var void = names("area base basefont bgsound br col embed frame hr img input keygen link meta param source track wbr")

// outside are the elements that end a foreign part, HTML Standard 13.2.6.5.
var outside = names("b big blockquote body br center code dd div dl dt em embed h1 h2 h3 h4 h5 h6 head hr i img li listing menu meta nobr ol p pre ruby s small span strong strike sub sup table tt u ul var")

// textual are the elements whose content is text.
var textual = names("textarea title plaintext script style iframe xmp noembed noframes noscript")

// guarding refuses documents in which it cannot be told, without a tree, whether
// content is text.
type guarding int

const (
	anywhere guarding = iota
	inSelect
	inFrameset
)

func (g *guarding) start(name string) error {
	switch *g {
	case anywhere:
		if name == "select" {
			*g = inSelect
		} else if name == "frameset" {
			*g = inFrameset
		}
	case inSelect:
		switch name {
		case "select", "textarea", "input", "keygen":
			*g = anywhere
		case "script":
		default:
			return ambiguous(name)
		}
	case inFrameset:
		if name != "noframes" {
			return ambiguous(name)
		}
	}
	return nil
}

func ambiguous(name string) error {
	if !textual[name] {
		return nil
	}
	return Error(fmt.Sprintf("The parser has encountered a text content tag (`<%s>`) in the context where it is ambiguous whether this tag should be ignored or not. And, thus, it is unclear whether consequent content should be parsed as raw text or HTML markup.\n\nThis error occurs due to the limited capabilities of the streaming parsing. However, almost all of the cases of this error are caused by a non-conforming markup (e.g. a `<script>` element in `<select>` element).", name))
}

func (g *guarding) end(name string) {
	if *g == inSelect && name == "select" {
		*g = anywhere
	}
}

func (t *tree) guard(name string) error {
	if t.foreign() {
		return nil
	}
	return t.guards.start(name)
}
