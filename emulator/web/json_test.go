package web

import (
	"encoding/json"
	"testing"
)

func TestJSONIsRefusedInV8sWords(t *testing.T) {
	is := newIsolate(t, Options{})
	for text, want := range map[string]string{
		``:                          "Unexpected end of JSON input",
		`[`:                         "Unexpected end of JSON input",
		`{bad`:                      "Expected property name or '}' in JSON at position 1 (line 1 column 2)",
		`{"a":1,}`:                  "Expected double-quoted property name in JSON at position 7 (line 1 column 8)",
		`{"a" 1}`:                   "Expected ':' after property name in JSON at position 5 (line 1 column 6)",
		`{"a":1 2}`:                 "Expected ',' or '}' after property value in JSON at position 7 (line 1 column 8)",
		"[1\n 2]":                   "Expected ',' or ']' after array element in JSON at position 4 (line 2 column 2)",
		`1 2`:                       "Unexpected non-whitespace character after JSON at position 2 (line 1 column 3)",
		`"abc`:                      "Unterminated string in JSON at position 4 (line 1 column 5)",
		`"\x"`:                      "Bad escaped character in JSON at position 2 (line 1 column 3)",
		`"\u12"`:                    "Bad Unicode escape in JSON at position 5 (line 1 column 6)",
		"\"\n\"":                    "Bad control character in string literal in JSON at position 1 (line 1 column 2)",
		`-`:                         "No number after minus sign in JSON at position 1 (line 1 column 2)",
		`01`:                        "Unexpected number in JSON at position 1 (line 1 column 2)",
		`1.`:                        "Unterminated fractional number in JSON at position 2 (line 1 column 3)",
		`1e`:                        "Exponent part is missing a number in JSON at position 2 (line 1 column 3)",
		`undefined`:                 `"undefined" is not valid JSON`,
		`nope`:                      `Unexpected token 'o', "nope" is not valid JSON`,
		`<!DOCTYPE html><html>`:     `Unexpected token '<', "<!DOCTYPE "... is not valid JSON`,
		`[0,1,2,3,4,5,x,7,8,9,0,1]`: `Unexpected token 'x', ..."1,2,3,4,5,x,7,8,9,0,"... is not valid JSON`,
	} {
		got := is.eval(t, "try { JSON.parse("+quote(text)+"); } catch (e) { return [e.name, e.message, e instanceof SyntaxError]; }")
		if !sameJSON(t, got, `["SyntaxError",`+quote(want)+`,true]`) {
			t.Errorf("%q is refused with %s, want %s", text, got, want)
		}
	}
}

func TestJSONStillParses(t *testing.T) {
	runCases(t, []jsCase{
		{"values", `return JSON.parse(' {"a":[1,-2.5e3,true,null,"\\u00e9"]} ');`, `{"a":[1,-2500,true,null,"é"]}`},
		{"with a reviver", `return JSON.parse('{"a":1,"b":2}', (k, v) => (k === "a" ? undefined : v));`, `{"b":2}`},
		{"an exception of a reviver is its own", `try { JSON.parse("1", () => { throw new SyntaxError("mine"); }); } catch (e) { return e.message; }`, `"mine"`},
	})
}

// quote is a text as a string in JSON and JavaScript.
func quote(text string) string {
	out, err := json.Marshal(text)
	if err != nil {
		panic(err)
	}
	return string(out)
}
