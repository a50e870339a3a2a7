package bundle

import (
	"strings"
	"testing"
)

func TestTokensLeaveOutWhatIsText(t *testing.T) {
	tests := []struct{ source, want string }{
		{"a = b /c/ d", "a = b / c / d"},
		{"return /c/.test(x)", "return 0 . test ( x )"},
		{"x = /[/}]\\//g / 2", "x = 0 / 0"},
		{"'a\\'b' + \"}\"", "0 + 0"},
		{"`a${b + `${c}`}d` / 2", "0 + ( b + 0 + ( c ) 0 ) 0 / 0"},
		{"f(`${{ a: 1 }}`)", "f ( 0 + ( { a : 0 } ) 0 )"},
		{"a?.b ??= 1.5e3 // x\n/* y */ --c", "a ?. b ??= 0 -- c"},
		{"this.#n++", "this . # ++"},
		{"`unended ${", "0 + ("},
		{"/* unended", ""},
	}
	for _, tt := range tests {
		var got []string
		for _, tok := range tokens(tt.source) {
			got = append(got, tok.text)
		}
		if text := strings.Join(got, " "); text != tt.want {
			t.Errorf("%s\n got %s\nwant %s", tt.source, text, tt.want)
		}
	}
}

func FuzzParseModule(f *testing.F) {
	for _, seed := range []string{"var a = `x${b + `${c}`}y` / 2", "class A { m() { n++ } } var n;", "export { A as B", "var A = class", "`${", "'\\", "a[", "delete"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, source string) {
		m := parseModule(source)
		for _, s := range m.statements {
			m.writes(s)
		}
		for name := range m.declared {
			m.reach(name)
		}
	})
}
