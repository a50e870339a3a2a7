// Package html cuts a stream of HTML into what handlers are interested in, for
// HTMLRewriter.
//
// A [Reader] is fed chunks and gives tokens: tags, text and comments that a
// [Part] asked for, and everything between them as raw bytes. The raw bytes of
// all tokens in a row are the input. It reads as the platform's parser does: no
// tree is built, elements begin and end where their tags are, and text comes in
// the pieces in which it was met.
//
// It knows nothing of JavaScript and changes nothing. A Reader belongs to one
// goroutine.
package html

// Kind is what a token is.
type Kind int

const (
	Raw     Kind = iota // bytes that no part asked for
	Start               // a start tag
	End                 // an end tag that ends content of elements handed out
	Text                // a piece of text
	Comment             // a comment
	Doctype             // a document type
)

// A Token is a piece of the input. Slices are the reader's until it is fed again.
type Token struct {
	Kind  Kind
	Bytes []byte // of the input
	Parts []int  // who asked for it, by their places

	Name       string // of a tag as it is written
	Attributes []Attribute
	Closed     bool   // a start tag that closes itself, by "/>"
	HasContent bool   // a start tag that may have an end tag
	Namespace  string // of a start tag's element
	Element    int    // number of a start tag's element, from 1

	// Ends are the elements handed out whose content ends with an end tag, the
	// innermost first.
	Ends []int

	Text string // of text and comments, as wrongly encoded as the input is
	Last bool   // the end of a text, which has no text itself

	// Of a document type; nil where it says nothing.
	DoctypeName, PublicID, SystemID *string
}

// An Attribute is one as it is written, with entities in its value.
type Attribute struct {
	Name, Value string
	Source      string
}

// A Part asks for tokens: those of elements that a selector matches and of
// their content, or with no selector those of the whole document.
type Part struct {
	Selector                            *Selector
	Elements, Comments, Texts, Doctypes bool
}

// An Error is of the input.
type Error string

func (e Error) Error() string { return string(e) }

// The namespaces of elements.
const (
	htmlSpace   = "http://www.w3.org/1999/xhtml"
	svgSpace    = "http://www.w3.org/2000/svg"
	mathMLSpace = "http://www.w3.org/1998/Math/MathML"
)
