package html_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/dodev/dodev/emulator/html"
)

func everything(t testing.TB) []html.Part {
	t.Helper()
	return []html.Part{
		{Selector: selector(t, "*"), Elements: true, Comments: true, Texts: true},
		{Comments: true, Texts: true, Doctypes: true},
	}
}

func selector(t testing.TB, text string) *html.Selector {
	t.Helper()
	s, err := html.ParseSelector(text)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// read feeds a document in pieces and joins the bytes of its tokens.
func read(t testing.TB, parts []html.Part, pieces ...[]byte) (tokens []html.Token, joined []byte, err error) {
	t.Helper()
	r := html.NewReader(parts)
	for i, piece := range pieces {
		some, err := r.Feed(piece, i == len(pieces)-1)
		for _, token := range some {
			joined = append(joined, token.Bytes...)
		}
		tokens = append(tokens, slices.Clone(some)...)
		if err != nil {
			return tokens, joined, err
		}
	}
	return tokens, joined, nil
}

var documents = []string{
	"", "<", "</", "<!", "<!-", "<!--", "<p", "<p a", "<p a=", "<p a='", "a&b<c", "<!doctype html PUBLIC 'a' \"b\">", "</p x='>'>",
	"<script><!-- <script> </script> --></script>", "<script><!--", "<title></titl</title>", "<svg><![CDATA[x]]]]></svg>", "<svg><title><b></svg>x",
	"<math><annotation-xml encoding=TEXT/HTML><p></math>", "<select><title>", "<plaintext></plaintext>", "\xff<p>\xc3</p>\xc3", "<ul><li n=1><li class='a b'></ul>",
	"<!-->a<!--->b<!----!>c<!-- d --!>", "<?php ?></ x>", "<a/b/c =d>", "<img/><br /><svg><a/></svg>",
}

func TestTheTokensInARowAreTheInput(t *testing.T) {
	for _, document := range documents {
		for cut := range len(document) + 1 {
			_, joined, err := read(t, everything(t), []byte(document[:cut]), []byte(document[cut:]))
			if want := document; err == nil && string(joined) != want {
				t.Errorf("%q cut at %d: got %q", want, cut, joined)
			}
		}
	}
}

func TestHowADocumentIsCutDoesNotMatter(t *testing.T) {
	seen := func(tokens []html.Token) string {
		var b strings.Builder
		for _, token := range tokens {
			switch token.Kind {
			case html.Start, html.End:
				b.WriteString("<" + token.Name + ">")
			case html.Text, html.Comment:
				b.WriteString(token.Text)
			}
		}
		return b.String()
	}
	for _, document := range documents {
		whole, _, _ := read(t, everything(t), []byte(document))
		var pieces [][]byte
		for i := range len(document) {
			pieces = append(pieces, []byte{document[i]})
		}
		cut, _, _ := read(t, everything(t), append(pieces, nil)...)
		if got, want := seen(cut), seen(whole); got != want {
			t.Errorf("%q byte by byte: got %q, want %q", document, got, want)
		}
	}
}

func TestSelectorsNeverMatchWithoutAnElement(t *testing.T) {
	tokens, _, err := read(t, []html.Part{{Selector: selector(t, "ul > li:nth-child(2)"), Elements: true}}, []byte("<ul><li>a<li>b</ul>text"))
	if err != nil {
		t.Fatal(err)
	}
	// The second item is within the first, which has no end tag.
	for _, token := range tokens {
		if token.Kind != html.Raw {
			t.Errorf("got %v %q, want raw bytes alone", token.Kind, token.Bytes)
		}
	}
}

func FuzzReader(f *testing.F) {
	for _, document := range documents {
		f.Add([]byte(document), 3)
	}
	f.Fuzz(func(t *testing.T, document []byte, cut int) {
		cut = max(0, min(cut, len(document)))
		_, joined, err := read(t, everything(t), document[:cut], document[cut:])
		if err == nil && !bytes.Equal(joined, document) {
			t.Errorf("got %q, want %q", joined, document)
		}
	})
}

func FuzzParseSelector(f *testing.F) {
	for _, text := range []string{"a > b", "[a='b' i]", ":not(.a, #b)", ":nth-child(2n+1)", "\\6c i", "*|a", "[a", "-", "."} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s, err := html.ParseSelector(text)
		if err == nil {
			_, _, _ = read(t, []html.Part{{Selector: s, Elements: true}}, []byte("<a b=c><b class=d></b></a>"))
		}
	})
}

func BenchmarkReader(b *testing.B) {
	document := []byte(strings.Repeat("<div class='a b'><p id=x>some text &amp; more</p><!-- c --><img src=y></div>\n", 1000))
	parts := []html.Part{{Selector: selector(b, "div.a > p"), Elements: true, Texts: true}}
	b.SetBytes(int64(len(document)))
	for b.Loop() {
		if _, _, err := read(b, parts, document); err != nil {
			b.Fatal(err)
		}
	}
}
