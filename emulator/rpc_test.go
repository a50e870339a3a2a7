package emulator_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dodev/dodev/emulator"
	"github.com/dodev/dodev/emulator/config"
)

// rpcDir is a project that calls its objects in all ways there are, with what
// the real runtime answered.
var rpcDir = filepath.Join("testdata", "rpc")

// recordRPC names where the real runtime runs the project with each of its
// configurations, as "now=http://127.0.0.1:8787 before=… signals=…". Then the
// answers are recorded instead of compared.
const recordRPC = "DODEV_RECORD_RPC"

// An rpcConfig is a configuration the project is asked with.
type rpcConfig struct {
	name, file string
	asks       func(question string) bool
}

var rpcConfigs = []rpcConfig{
	{"now", "wrangler.toml", func(string) bool { return true }},
	{"before", "wrangler.2025.toml", func(string) bool { return true }},
	{"signals", "wrangler.signals.toml", func(q string) bool { return strings.Contains(strings.ToLower(q), "signal") }},
}

// rpcAnswer is what the real runtime answered to a question.
type rpcAnswer struct {
	Question string          `json:"question"`
	Answer   json.RawMessage `json:"answer"`
}

// TestCallsAnswerAsInTheRealRuntime asks the project everything it knows.
// differences.txt lists the answers that differ, and why; one that differs no
// more fails as well.
func TestCallsAnswerAsInTheRealRuntime(t *testing.T) {
	if where := os.Getenv(recordRPC); where != "" {
		recordAnswers(t, rpcDir, rpcConfigs, where)
	}
	differing := readDifferences(t, filepath.Join(rpcDir, "differences.txt"))
	for _, c := range rpcConfigs {
		answers := decode[[]rpcAnswer](t, read(t, filepath.Join(rpcDir, c.name+".json")))
		for _, isolates := range []int{1, 3} {
			if isolates > 1 && (c.name != "now" || testing.Short()) {
				continue
			}
			t.Run(fmt.Sprintf("%s/%d", c.name, isolates), func(t *testing.T) {
				t.Parallel()
				p := serveConfig(t, rpcDir, c, isolates)
				for _, a := range answers {
					t.Run(a.Question, func(t *testing.T) {
						p.compare(t, a, differing[c.name+"/"+a.Question])
					})
				}
			})
		}
	}
}

// serveConfig runs the project in a folder with one of its configurations.
func serveConfig(t *testing.T, from string, c rpcConfig, isolates int, changes ...func(*emulator.Options)) *project {
	t.Helper()
	dir := copyTree(t, from)
	write(t, filepath.Join(dir, "wrangler.toml"), read(t, filepath.Join(from, c.file)))
	cfg, b := build(t, dir, config.Options{})
	changes = append([]func(*emulator.Options){localRuntime, func(o *emulator.Options) { o.Isolates = isolates }}, changes...)
	return serveBuilt(t, cfg, b, changes...)
}

// compare asks a question, again when the answer is not the recorded one: some
// look at what has happened after some milliseconds.
func (p *project) compare(t *testing.T, a rpcAnswer, reason string) {
	t.Helper()
	var got string
	for range attempts {
		got = p.answer(a.Question)
		if sameJSON(t, got, string(a.Answer)) {
			if reason != "" {
				t.Error("the answer is right: take it off differences.txt")
			}
			return
		}
		if reason != "" {
			return
		}
	}
	t.Errorf("got %s\nwant %s", got, compact(a.Answer))
}

func (p *project) answer(question string) string {
	res, err := p.try(request{path: "/run?name=" + url.QueryEscape(question)})
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

// recordAnswers writes what the real runtime answers, most of three times.
func recordAnswers(t *testing.T, dir string, configs []rpcConfig, where string) {
	t.Helper()
	for _, at := range strings.Fields(where) {
		name, base, _ := strings.Cut(at, "=")
		n := slices.IndexFunc(configs, func(c rpcConfig) bool { return c.name == name })
		if n < 0 {
			t.Fatalf("no configuration is named %q", name)
		}
		var lines []string
		for _, question := range decode[[]string](t, getReal(t, base+"/list")) {
			if !configs[n].asks(question) {
				continue
			}
			answer := rpcAnswer{question, json.RawMessage(mostOf(3, func() string {
				return masked(getReal(t, base+"/run?name="+url.QueryEscape(question)))
			}))}
			lines = append(lines, mustJSON(answer))
		}
		write(t, filepath.Join(dir, name+".json"), "[\n"+strings.Join(lines, ",\n")+"\n]\n")
	}
}

// mostOf is the answer given most often, the first of those.
func mostOf(times int, ask func() string) (most string) {
	count := map[string]int{}
	var order []string
	for range times {
		answer := ask()
		if count[answer]++; count[answer] == 1 {
			order = append(order, answer)
		}
	}
	for _, answer := range order {
		if count[answer] > count[most] {
			most = answer
		}
	}
	return most
}

func getReal(t *testing.T, address string) string {
	t.Helper()
	client := http.Client{Timeout: time.Minute}
	res, err := client.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var b bytes.Buffer
	if _, err := b.ReadFrom(res.Body); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestCallsLeaveNothingBehind passes functions, targets, streams and results
// with stubs to and fro: not one reference is left when the requests are over.
func TestCallsLeaveNothingBehind(t *testing.T) {
	t.Parallel()
	calls := 10_000
	if testing.Short() || underRace {
		calls = 1000
	}
	for _, isolates := range []int{1, 3} {
		t.Run(fmt.Sprint(isolates), func(t *testing.T) {
			p := serveConfig(t, rpcDir, rpcConfigs[0], isolates)
			p.get("/pass?calls=100")
			objects := p.Memory().Objects
			for range calls / 100 {
				p.get("/pass?calls=100")
			}
			late := time.Now().Add(patience)
			for p.References() > 0 && time.Now().Before(late) {
				time.Sleep(time.Millisecond)
			}
			if n := p.References(); n > 0 {
				t.Errorf("%d references are left", n)
			}
			if now := p.Memory().Objects; now > objects+objects/10+500 {
				t.Errorf("%d engine objects are alive, %d before", now, objects)
			}
		})
	}
}
