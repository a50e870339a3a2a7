package tui

import (
	"slices"
	"strings"
	"unicode"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
)

// A field is a line that somebody types. Its cursor does not blink: nothing
// moves that has not changed.
type field struct {
	runes []rune
	at    int // the cursor, before this rune
	from  int // the first rune in sight
}

func newField(text string) field {
	var f field
	f.set(text)
	return f
}

// text is what was typed.
func (f *field) text() string { return string(f.runes) }

// set replaces the text, with the cursor behind it.
func (f *field) set(text string) {
	f.runes = []rune(text)
	f.at = len(f.runes)
}

// before is the text up to the cursor.
func (f *field) before() string { return string(f.runes[:f.at]) }

// insert replaces the last n runes before the cursor.
func (f *field) insert(text string, n int) {
	put := []rune(text)
	start := max(0, f.at-n)
	f.runes = slices.Replace(f.runes, start, f.at, put...)
	f.at = start + len(put)
}

// paste takes what was pasted. A field has one line.
func (f *field) paste(text string) {
	f.insert(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, text), 0)
}

// press takes a key, and says whether it was one of a field's.
func (f *field) press(key tea.KeyPressMsg) bool {
	switch key.String() {
	case "backspace", "ctrl+h":
		f.erase(f.at-1, f.at)
	case "delete", "ctrl+d":
		f.erase(f.at, f.at+1)
	case "left", "ctrl+b":
		f.at = max(0, f.at-1)
	case "right", "ctrl+f":
		f.at = min(len(f.runes), f.at+1)
	case "home", "ctrl+a":
		f.at = 0
	case "end", "ctrl+e":
		f.at = len(f.runes)
	case "ctrl+w", "alt+backspace":
		f.erase(f.wordStart(), f.at)
	case "ctrl+u":
		f.erase(0, f.at)
	case "ctrl+k":
		f.erase(f.at, len(f.runes))
	case "alt+b", "alt+left", "ctrl+left":
		f.at = f.wordStart()
	case "alt+f", "alt+right", "ctrl+right":
		f.at = f.wordEnd()
	default:
		if key.Text == "" {
			return false
		}
		f.insert(key.Text, 0)
	}
	return true
}

func (f *field) erase(from, to int) {
	from, to = max(0, from), min(len(f.runes), to)
	if from < to {
		f.runes = slices.Delete(f.runes, from, to)
		f.at = from
	}
}

func (f *field) wordStart() int {
	i := f.at
	for i > 0 && f.runes[i-1] == ' ' {
		i--
	}
	for i > 0 && f.runes[i-1] != ' ' {
		i--
	}
	return i
}

func (f *field) wordEnd() int {
	i := f.at
	for i < len(f.runes) && f.runes[i] == ' ' {
		i++
	}
	for i < len(f.runes) && f.runes[i] != ' ' {
		i++
	}
	return i
}

// render draws the field so wide, with the cursor in sight. Of a long text it
// looks at what is in sight alone.
func (f *field) render(width int) string {
	f.from = min(f.from, f.at)
	f.from = max(f.from, f.at-width) // a rune has a cell or two, or none
	for f.from < f.at && ansi.StringWidth(plain(string(f.runes[f.from:f.at]))) >= width {
		f.from++
	}
	here, after := " ", ""
	if f.at < len(f.runes) {
		here = plain(string(f.runes[f.at]))
		after = plain(string(f.runes[f.at+1 : min(len(f.runes), f.at+1+width)]))
	}
	block := paint(ansi.NewStyle().Reverse(true).String())
	return fit(plain(string(f.runes[f.from:f.at]))+block.on(here)+after, width)
}
