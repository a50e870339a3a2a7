package web

import (
	"encoding/json"
	"os"
	"testing"
)

// TestHTMLRewriterAnswersAsTheRealRuntime asks what testdata/rewriter/cases.mjs
// asks, and compares with what the real runtime answered.
func TestHTMLRewriterAnswersAsTheRealRuntime(t *testing.T) {
	cases, err := os.ReadFile("testdata/rewriter/cases.mjs")
	if err != nil {
		t.Fatal(err)
	}
	recorded, err := os.ReadFile("testdata/rewriter/answers.json")
	if err != nil {
		t.Fatal(err)
	}
	var answers map[string]json.RawMessage
	if err := json.Unmarshal(recorded, &answers); err != nil {
		t.Fatal(err)
	}
	is := newIsolate(t, Options{})
	is.sources["cases"] = string(cases)
	var names []string
	if err := json.Unmarshal([]byte(is.eval(t, `return Object.keys((await import("cases")).cases)`)), &names); err != nil {
		t.Fatal(err)
	}
	if len(names) != len(answers) {
		t.Errorf("%d cases have %d answers", len(names), len(answers))
	}
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			quoted, _ := json.Marshal(name)
			got := is.eval(t, `return (await import("cases")).cases[`+string(quoted)+`]()`)
			if !sameJSON(t, got, string(answers[name])) {
				t.Errorf("got %s\nwant %s", got, answers[name])
			}
		})
	}
}
