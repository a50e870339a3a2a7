package config

import (
	"fmt"
	"strings"
	"testing"
)

// readDotenv returns the settings as lines of name=value, quoted.
func readDotenv(text string) (lines []string, settings []setting, diags Diagnostics) {
	report := &reporter{}
	settings = parseDotenv(newSource(".env", []byte(text)), report)
	for _, s := range settings {
		lines = append(lines, fmt.Sprintf("%s=%q", s.name, s.value))
	}
	return lines, settings, report.sorted(".env")
}

func TestDotenvReadsWhatWranglerReads(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"plain", "A=1\nB = two words  \n", `A="1" B="two words"`},
		{"empty", "A=\nB=\"\"\nC=", `A="" B="" C=""`},
		{"comment", "# A=1\nB=2 # two\nC=\"#3\" # three\nD=a#b", `B="2" C="#3" D="a"`},
		{"export", "export A=1\nexport  B=2\nexported=3", `A="1" B="2" exported="3"`},
		{"a variable called export", "export = 1", `export="1"`},
		{"names", "a.b-c_D=1", `a.b-c_D="1"`},
		{"colon", "A: 1\nB:2", `A="1"`},
		{"single quotes", `A='x\ny "z"'`, `A="x\\ny \"z\""`},
		{"double quotes", `A="x\ny\r'z'\t"`, `A="x\ny\r'z'\\t"`},
		{"back quotes", "A=`\"'\\n`", `A="\"'\\n"`},
		{"lines", "A=\"one\ntwo\"\nB='three\nfour'\nC=5", `A="one\ntwo" B="three\nfour" C="5"`},
		{"escaped quote", `A="say \"hi\""`, `A="say \\\"hi\\\""`},
		{"quotes inside", `A='it's'` + "\nB=it's", `A="it's" B="it's"`},
		{"backslash at the end", `A='C:\dir\'` + "\nB=1", `A="C:\\dir\\" B="1"`},
		{"more after quotes", `A="x" y`, `A="\"x\" y"`},
		{"carriage returns", "A=1\r\nB=\"x\r\ny\"\r\n", `A="1" B="x\ny"`},
		{"json", `A={"x": "y"}`, `A="{\"x\": \"y\"}"`},
		{"last line", "A=1\n\n  B=2", `A="1" B="2"`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			lines, _, _ := readDotenv(test.text)
			if got := strings.Join(lines, " "); got != test.want {
				t.Errorf("%q\ngot  %s\nwant %s", test.text, got, test.want)
			}
		})
	}
}

func TestDotenvPlacesNamesAndComplaints(t *testing.T) {
	_, settings, diags := readDotenv("A=\"1\n2\"\n  export B=3\n oops\n")
	if len(settings) != 2 || settings[1].pos != (Position{".env", 3, 10}) {
		t.Errorf("settings %+v, want B at 3:10", settings)
	}
	if len(diags) != 1 || diags[0].Pos != (Position{".env", 4, 2}) {
		t.Errorf("diagnostics %+v, want one at 4:2", diags)
	}
}

func TestExpansionFollowsWrangler(t *testing.T) {
	tests := []struct{ name, text, process, want string }{
		{"earlier", "A=1\nB=${A}2\nC=$B$A!", "", "1 12 121!"},
		{"later", "A=$B\nB=1", "", " 1"},
		{"itself", "A=x$A", "", "x"},
		{"fallback", "A=${X:-a}\nB=${X-b}\nC=${A:-c}\nD=${X:-${A}}", "", "a b a a"},
		{"alternative", "A=1\nB=${A:+yes}\nC=${X:+no}", "", "1 yes "},
		{"dollar", `A=\$B` + "\nC=cost 5$ ${", "", "$B cost 5$ ${"},
		{"process", "A=1\nB=$HOME", "A=2 HOME=/h", "2 /h"},
		{"name only", "A=1\nB=$A-$A_", "", "1 1-"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, settings, _ := readDotenv(test.text)
			expand(settings, environment(strings.Fields(test.process)), &reporter{})
			var got []string
			for _, s := range settings {
				got = append(got, s.value)
			}
			if joined := strings.Join(got, " "); joined != test.want {
				t.Errorf("got %q, want %q", joined, test.want)
			}
		})
	}
}

func TestExpansionThatDoublesForeverStops(t *testing.T) {
	var b strings.Builder
	b.WriteString("A0=0123456789\n")
	for i := range 40 {
		fmt.Fprintf(&b, "A%d=$A%d$A%d\n", i+1, i, i)
	}
	_, settings, _ := readDotenv(b.String())
	report := &reporter{}
	expand(settings, nil, report)
	if len(report.list) == 0 {
		t.Error("nothing was said")
	}
}

func FuzzDotenv(f *testing.F) {
	for _, seed := range []string{"A=1", "export A='x\ny' # c", "A=\"\\\"\n", "A=${A:-${B}}\nB=$A", "A: `x`\r\n=\n", `A=\$\${B}`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		_, settings, _ := readDotenv(text)
		for _, s := range settings {
			if s.name == "" || s.pos.Line < 1 || s.pos.Column < 1 {
				t.Errorf("%q gives %+v", text, s)
			}
		}
		expand(settings, map[string]string{"HOME": "/h"}, &reporter{})
		for _, s := range settings {
			if len(s.value) > maxExpanded+len(text) {
				t.Errorf("%q: a value of %d bytes", text, len(s.value))
			}
		}
	})
}
