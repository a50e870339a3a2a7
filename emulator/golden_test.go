package emulator_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"math/big"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/dodev/dodev/emulator"
	"github.com/dodev/dodev/emulator/config"
)

// goldenDir holds what the real runtime answered to the probe project in it. It
// lies beside the repository where there is one.
var goldenDir = filepath.Join("..", "..", "shared", "golden")

// leastEqual is how many answers may never be fewer than.
const leastEqual = 790

// A recording is one file of answers.
type recording struct {
	name     string // of the file
	Category string
	Backend  *string // nil when it was made by a client from outside
	Cases    []struct {
		Name     string
		Expected json.RawMessage
	}
}

// TestProbesAnswerAsTheRealRuntime asks the probe project every recorded
// question. testdata/golden.txt lists the answers that differ, and why; one that
// differs no more fails as well.
//
// Many probes look at what happens within milliseconds, and some within minutes,
// so they are asked where time passes only while all wait. Those that compute
// until time has passed are asked where it does.
func TestProbesAnswerAsTheRealRuntime(t *testing.T) {
	if underRace {
		t.Skip("it takes minutes")
	}
	if _, err := os.Stat(goldenDir); err != nil {
		t.Skip("the recorded answers of the real runtime are not beside the repository")
	}
	differing := readDifferences(t, filepath.Join("testdata", "golden.txt"))
	cfg, b := build(t, copyTree(t, goldenDir), config.Options{})
	recordings := readRecordings(t)
	answers := map[string]string{}
	answer := func(p *project, spinning bool) {
		for _, r := range recordings {
			for _, c := range r.Cases {
				if spins(c.Name) == spinning {
					answers[r.name+"/"+c.Name] = p.probe(r, c.Name)
				}
			}
		}
	}
	inBubble(t, cfg, b, func(p *project) { answer(p, false) }, localRuntime)
	if !testing.Short() {
		answer(serveBuilt(t, cfg, b, localRuntime), true)
	}
	equal := 0
	for _, r := range recordings {
		t.Run(r.name, func(t *testing.T) {
			for _, c := range r.Cases {
				name := r.name + "/" + c.Name
				got, asked := answers[name]
				if !asked {
					continue
				}
				t.Run(c.Name, func(t *testing.T) {
					if answersAlike(t, got, differing[name], c.Expected) {
						equal++
					}
				})
			}
		})
	}
	t.Logf("%d of %d answers are equal", equal, len(answers))
	if len(answers) == 819 && equal < leastEqual {
		t.Errorf("%d answers are equal, want at least %d", equal, leastEqual)
	}
}

// localRuntime asks for the ways of the runtime the answers are from.
func localRuntime(o *emulator.Options) {
	o.Limits, o.Isolates = emulator.Local, 1
	o.Offline = false
}

// spins reports whether a probe keeps the processor busy for a second or two.
func spins(name string) bool {
	return strings.HasSuffix(name, "_spin") || name == "date_now_across_storage"
}

// readRecordings reads what can be replayed: recordings by a client from outside
// cannot.
func readRecordings(t *testing.T) (all []recording) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(goldenDir, "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		r := decode[recording](t, string(data))
		r.name = strings.TrimSuffix(filepath.Base(file), ".json")
		if r.Backend != nil {
			all = append(all, r)
		}
	}
	return all
}

// readDifferences reads lines "CATEGORY/NAME: reason".
func readDifferences(t *testing.T, file string) map[string]string {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	out := map[string]string{}
	for lines := bufio.NewScanner(f); lines.Scan(); {
		line := lines.Text()
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		name, reason, ok := strings.Cut(line, ": ")
		if !ok {
			t.Fatalf("%s: a line without a reason: %s", file, line)
		}
		out[name] = reason
	}
	return out
}

// probe asks one question and gives the answer, whatever it is.
func (p *project) probe(r recording, name string) string {
	query := url.Values{"cat": {r.Category}, "name": {name}, "be": {*r.Backend}}
	res, err := p.try(request{path: "/run?" + query.Encode()})
	if err != nil {
		return mustJSON(map[string]string{"no answer": err.Error()})
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		return mustJSON(map[string]string{"no answer": err.Error()})
	}
	return masked(string(body))
}

func mustJSON(v any) string {
	data, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(data)
}

var (
	objectID = regexp.MustCompile(`("durableObjectId":")[0-9a-f]{64}`)
	internal = regexp.MustCompile(`(internal error; reference = )[0-9a-z]{24}`)
	uuid     = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}`)
)

// masked hides what is different each time.
func masked(answer string) string {
	answer = internal.ReplaceAllString(answer, "${1}<reference>")
	return uuid.ReplaceAllString(objectID.ReplaceAllString(answer, "${1}<64-hex id>"), "<uuid>")
}

// answersAlike reports whether an answer is the recorded one, and complains when
// that is not as expected.
func answersAlike(t *testing.T, got, reason string, want json.RawMessage) bool {
	t.Helper()
	same := sameJSON(t, got, string(want))
	switch {
	case same && reason != "":
		t.Errorf("the answer is right: take it off testdata/golden.txt")
	case !same && reason == "":
		t.Errorf("got %s\nwant %s", got, compact(want))
	}
	return same
}

func sameJSON(t *testing.T, got, want string) bool {
	t.Helper()
	w, err := parseOrdered(want)
	if err != nil {
		t.Fatal(err)
	}
	g, err := parseOrdered(got)
	return err == nil && sameOrdered(w, g, false)
}

func compact(data json.RawMessage) string {
	var b bytes.Buffer
	if json.Compact(&b, data) != nil {
		return string(data)
	}
	return b.String()
}

// ordered is JSON in which the order of keys counts: nil, bool, string,
// json.Number, []any or an orderedObject.
type orderedObject struct {
	keys   []string
	values []any
}

func parseOrdered(text string) (any, error) {
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	v, err := readOrdered(d)
	if err != nil {
		return nil, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("more after the end")
	}
	return v, nil
}

func readOrdered(d *json.Decoder) (any, error) {
	token, err := d.Token()
	if err != nil {
		return nil, err
	}
	switch token {
	case json.Delim('['):
		list := []any{}
		for d.More() {
			v, err := readOrdered(d)
			if err != nil {
				return nil, err
			}
			list = append(list, v)
		}
		_, err := d.Token()
		return list, err
	case json.Delim('{'):
		var object orderedObject
		for d.More() {
			key, err := d.Token()
			if err != nil {
				return nil, err
			}
			v, err := readOrdered(d)
			if err != nil {
				return nil, err
			}
			object.keys = append(object.keys, key.(string))
			object.values = append(object.values, v)
		}
		_, err := d.Token()
		return object, err
	}
	return token, nil
}

// timeKeys hold times, which are never quite the same.
var timeKeys = []string{"gaps", "gapsMs", "ms"}

// sameOrdered compares two answers. Loose numbers may differ by a third, or by
// 150.
func sameOrdered(want, got any, loose bool) bool {
	switch w := want.(type) {
	case orderedObject:
		g, ok := got.(orderedObject)
		if !ok || !slices.Equal(w.keys, g.keys) {
			return false
		}
		for i, key := range w.keys {
			if !sameOrdered(w.values[i], g.values[i], loose || slices.Contains(timeKeys, key)) {
				return false
			}
		}
		return true
	case []any:
		g, ok := got.([]any)
		return ok && slices.EqualFunc(w, g, func(a, b any) bool { return sameOrdered(a, b, loose) })
	case json.Number:
		g, ok := got.(json.Number)
		return ok && sameNumber(w, g, loose)
	}
	return want == got
}

func sameNumber(want, got json.Number, loose bool) bool {
	w, errW := want.Float64()
	g, errG := got.Float64()
	if errW != nil || errG != nil {
		return want == got
	}
	if loose {
		return math.Abs(w-g) <= max(150, math.Abs(w)/3)
	}
	return isWhole(want) == isWhole(got) && w == g
}

// isWhole reports whether a number is written without a fraction or exponent.
func isWhole(n json.Number) bool {
	_, ok := new(big.Int).SetString(n.String(), 10)
	return ok
}

func TestAnswersAreComparedByOrderAndLooselyByTime(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		want, got string
		same      bool
	}{
		{`{"a":1,"b":[2]}`, `{"a":1,"b":[2]}`, true},
		{`{"a":1,"b":2}`, `{"b":2,"a":1}`, false},
		{`{"a":1}`, `{"a":1.0}`, false},
		{`{"a":1}`, `{"a":true}`, false},
		{`[1,2]`, `[1]`, false},
		{`null`, `false`, false},
		{`{"gaps":[1000,10]}`, `{"gaps":[1300,150]}`, true},
		{`{"ms":{"x":1000}}`, `{"ms":{"x":1400}}`, false},
		{`{"x":1000}`, `{"x":1001}`, false},
	} {
		t.Run(fmt.Sprint(c.want, " ", c.got), func(t *testing.T) {
			t.Parallel()
			want, errW := parseOrdered(c.want)
			got, errG := parseOrdered(c.got)
			if err := errors.Join(errW, errG); err != nil {
				t.Fatal(err)
			}
			if same := sameOrdered(want, got, false); same != c.same {
				t.Errorf("same is %v, want %v", same, c.same)
			}
		})
	}
}
