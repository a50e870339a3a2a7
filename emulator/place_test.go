package emulator

import (
	"strings"
	"testing"

	"github.com/dodev/dodev/emulator/bundle"
)

func TestExcerptMarksThePlace(t *testing.T) {
	got := showExcerpt(bundle.Excerpt{Line: 10, Column: 3, First: 9, Lines: []string{"one", "\ttwo", "three"}})
	want := "   9 | one\n> 10 | \ttwo\n     | \t ^\n  11 | three"
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestExcerptOfALongLineShowsWhatIsAroundThePlace(t *testing.T) {
	line := strings.Repeat("a", 400) + "HERE" + strings.Repeat("b", 400)
	got := strings.Split(showExcerpt(bundle.Excerpt{Line: 1, Column: 401, First: 1, Lines: []string{line}}), "\n")
	shown, mark := []rune(got[0]), strings.IndexByte(got[1], '^')
	if len(shown) > 130 || shown[mark] != 'H' {
		t.Errorf("got\n%s\n%s", got[0], got[1])
	}
}
