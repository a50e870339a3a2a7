package emulator_test

import (
	"bytes"
	"encoding/json"
	"flag"
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

var update = flag.Bool("update", false, "record the answers of the real runtime anew")

// A bed is a folder of testdata with projects of ours, whose answers must be
// those of the real runtime. It holds a recording of these for each of its
// configurations, CONFIGURATION.json, and in differences.txt the answers that
// differ, with the reasons. A project lists its questions at /list, see
// testdata/bed, which is laid beside its modules.
type bed struct {
	name    string
	configs []bedConfig
}

// A bedConfig is a way to run a bed's projects.
type bedConfig struct {
	name string
	// files configure the Workers, the one that gets the requests first.
	files []string
	// asks picks questions; nil is all.
	asks func(question string) bool
	// waits picks questions that take minutes, for a server whose time hastens;
	// the real runtime is only asked to record them.
	waits func(question string) bool
	// tooled picks questions whose answers are others with the tool in front of
	// the real runtime: they are recorded without it, by hand.
	tooled func(question string) bool
	// alone says that the answers tell who came first by milliseconds.
	alone bool
	// spread says that answers are the same with objects in several isolates.
	spread bool
	// deployed asks for the limits of the deployed service, which no runtime
	// has that one can run: -update records what dodev answers, to be read with
	// the documentation at hand.
	deployed bool
}

var beds = []bed{
	{"rpc", []bedConfig{
		{name: "now", files: []string{"wrangler.toml"}, spread: true},
		{name: "before", files: []string{"wrangler.2025.toml"}},
		{name: "signals", files: []string{"wrangler.signals.toml"}, asks: aboutSignals},
	}},
	{"workers", []bedConfig{
		{name: "now", files: []string{"web/wrangler.json", "rooms/wrangler.json"}, spread: true},
	}},
	{"facets", []bedConfig{
		{name: "now", files: []string{"wrangler.toml"}, asks: func(q string) bool { return !needsExperiments(q) }, waits: aboutEviction, spread: true},
		{name: "experimental", files: []string{"wrangler.experimental.toml"}, asks: needsExperiments, spread: true},
	}},
	{"flags", []bedConfig{
		{name: "now", files: []string{"wrangler.toml"}, tooled: listsFlags},
		{name: "refused", files: []string{"wrangler.refused.toml"}, tooled: listsFlags, asks: func(q string) bool { return !about("stubStorage")(q) }},
		{name: "asked", files: []string{"wrangler.asked.toml"}, tooled: listsFlags, asks: about("rpc", "signals", "stubStorage", "flags")},
		{name: "before", files: []string{"wrangler.before.toml"}, tooled: listsFlags, asks: about("relativeURL", "shortcuts", "exports", "closeReason", "rejection", "binaryType", "autoReply", "node", "flags")},
	}},
	{"objects", []bedConfig{
		{name: "now", files: []string{"wrangler.toml"}},
		{name: "deployed", files: []string{"wrangler.toml"}, asks: about("limits", "oldLimits", "misuse", "oldMisuse"), deployed: true},
	}},
	{"node", []bedConfig{
		{name: "now", files: []string{"wrangler.toml"}},
	}},
	{"traces", []bedConfig{
		{name: "now", files: []string{"wrangler.toml"}, alone: true},
	}},
}

func aboutSignals(question string) bool {
	return strings.Contains(strings.ToLower(question), "signal")
}

// listsFlags reports whether a question is about all flags, or those of node: the
// tool asks for some of its own.
func listsFlags(question string) bool {
	return question == "flags.list" || strings.HasPrefix(question, "node.")
}

func aboutEviction(question string) bool {
	return strings.Contains(strings.ToLower(question), "evict")
}

// needsExperiments reports whether a question is about what the real runtime has
// behind a flag.
func needsExperiments(question string) bool {
	return strings.HasPrefix(question, "snap") || strings.HasPrefix(question, "plainSnap")
}

func bedNamed(name string) bed {
	return beds[slices.IndexFunc(beds, func(b bed) bool { return b.name == name })]
}

func (b bed) configNamed(name string) bedConfig {
	return b.configs[slices.IndexFunc(b.configs, func(c bedConfig) bool { return c.name == name })]
}

// A question is one that a bed lists.
type question struct {
	Name string `json:"name"`
	// Steps are what a client outside does; without them the project is asked.
	Steps []step `json:"steps"`
}

// UnmarshalJSON reads a question that is a name only, too.
func (q *question) UnmarshalJSON(data []byte) error {
	if json.Unmarshal(data, &q.Name) == nil {
		return nil
	}
	type whole question
	return json.Unmarshal(data, (*whole)(q))
}

// A bedAnswer is what the real runtime answered to a question.
type bedAnswer struct {
	Question string          `json:"question"`
	Answer   json.RawMessage `json:"answer"`
}

// TestBedsAnswerAsTheRealRuntime asks the projects of each bed everything they
// know. Where the real runtime can be run, it is asked the same, and its
// recorded answers are checked, or with -update made. An answer that is said to
// differ and does not fails as well.
func TestBedsAnswerAsTheRealRuntime(t *testing.T) {
	tool, live := realRuntime(t)
	if *update && !live {
		t.Fatal("answers are recorded where the real runtime can be run: see CONTRIBUTING.md")
	}
	for _, b := range beds {
		differing := readDifferences(t, filepath.Join(b.dir(), "differences.txt"))
		for _, c := range b.configs {
			t.Run(b.name+"/"+c.name, func(t *testing.T) {
				if !live && !c.alone { // the tool wants the machine for itself, too
					t.Parallel()
				}
				r := bedRun{t: t, bed: b, config: c, differing: differing, isolates: 1, here: serveBed(t, b, c, 1)}
				if live && !c.deployed {
					r.real = tool.serveBed(t, b, c)
				}
				r.run()
			})
			if c.spread && !testing.Short() && !*update {
				t.Run(b.name+"/"+c.name+"/spread", func(t *testing.T) {
					t.Parallel()
					r := bedRun{t: t, bed: b, config: c, differing: differing, isolates: 3, here: serveBed(t, b, c, 3)}
					r.run()
				})
			}
		}
	}
}

func (b bed) dir() string { return filepath.Join("testdata", b.name) }

func (b bed) recording(c bedConfig) string { return filepath.Join(b.dir(), c.name+".json") }

// copied lays the bed's projects, and what all beds share, into a folder of the
// test's.
func (b bed) copied(t *testing.T, c bedConfig) (dir string) {
	t.Helper()
	dir = copyTree(t, b.dir())
	for _, file := range c.files {
		modules := filepath.Join(dir, filepath.Dir(file), "src")
		for _, shared := range []string{"bed.js", "show.js"} {
			install(t, filepath.Join("testdata", "bed", shared), filepath.Join(modules, shared))
		}
	}
	return dir
}

// A bedServer is where a bed's projects run.
type bedServer struct {
	t     *testing.T
	url   string
	state string
	stop  func()
}

// serveBed runs a bed's projects in dodev, for clients outside.
func serveBed(t *testing.T, b bed, c bedConfig, isolates int, changes ...func(*emulator.Options)) *bedServer {
	t.Helper()
	p := serveBedConfig(t, b, c, isolates, changes...)
	return &bedServer{t: t, url: listen(t, p), state: p.state, stop: func() { closed(t, p) }}
}

func serveBedConfig(t *testing.T, b bed, c bedConfig, isolates int, changes ...func(*emulator.Options)) *project {
	t.Helper()
	dir := b.copied(t, c)
	var workers []emulator.Worker
	for _, file := range c.files {
		cfg, code := buildFile(t, filepath.Join(dir, file), config.Options{})
		workers = append(workers, emulator.Worker{Config: cfg, Bundle: code})
	}
	changes = append([]func(*emulator.Options){localRuntime, func(o *emulator.Options) {
		o.Workers, o.Isolates = workers, isolates
		if c.deployed {
			o.Limits = emulator.Production
		}
	}}, changes...)
	return serveBuilt(t, nil, nil, changes...)
}

// A bedRun asks the questions of a bed.
type bedRun struct {
	t         *testing.T
	bed       bed
	config    bedConfig
	differing map[string]string
	isolates  int
	here      *bedServer
	real      *bedServer // nil where it cannot be run
	recorded  map[string]json.RawMessage
	asked     []string    // what would be, if it is among what -run picks
	answered  []bedAnswer // by the real runtime
}

func (r *bedRun) run() {
	questions, waiting := r.questions()
	if !*update {
		r.readRecorded()
	}
	start := time.Now()
	for _, q := range questions {
		r.asked = append(r.asked, q.Name)
		r.t.Run(q.Name, func(t *testing.T) {
			r.compare(t, q.Name, func(s *bedServer) string { return s.ask(q) })
		})
	}
	r.compareWaiting(waiting)
	r.compareFiles()
	r.t.Logf("%d questions in %v", len(questions), time.Since(start).Round(time.Second))
	if *update {
		r.record()
	}
}

// authority is whose answers are recorded.
func (r *bedRun) authority() *bedServer {
	if r.config.deployed {
		return r.here
	}
	return r.real
}

// questions are those to ask, and those to wait for.
func (r *bedRun) questions() (all, waiting []question) {
	for _, q := range decode[[]question](r.t, r.here.get("/list")) {
		switch c := r.config; {
		case c.asks != nil && !c.asks(q.Name):
		case c.waits != nil && c.waits(q.Name):
			waiting = append(waiting, q)
		default:
			all = append(all, q)
		}
	}
	return all, waiting
}

// compareWaiting asks questions that take minutes, all at once.
func (r *bedRun) compareWaiting(questions []question) {
	if len(questions) == 0 {
		return
	}
	if testing.Short() {
		for _, q := range questions {
			delete(r.recorded, q.Name)
		}
		return
	}
	usual, real := r.here, r.real
	r.here = serveBed(r.t, r.bed, r.config, r.isolates, inHaste)
	if !*update {
		r.real = nil
	}
	answers := map[string]<-chan string{}
	for _, q := range questions {
		answers[q.Name] = r.here.askLater(q)
	}
	for _, q := range questions {
		r.asked = append(r.asked, q.Name)
		r.t.Run(q.Name, func(t *testing.T) {
			r.compare(t, q.Name, func(s *bedServer) string {
				if s == r.here {
					return <-answers[q.Name]
				}
				return s.ask(q)
			})
		})
	}
	r.here, r.real = usual, real
}

func (r *bedRun) readRecorded() {
	r.recorded = map[string]json.RawMessage{}
	for _, a := range decode[[]bedAnswer](r.t, read(r.t, r.bed.recording(r.config))) {
		r.recorded[a.Question] = a.Answer
	}
	r.t.Cleanup(func() {
		for name := range r.recorded {
			if !slices.Contains(r.asked, name) { // -run may pick a few
				r.t.Errorf("%s has a recorded answer and is not asked", name)
			}
		}
	})
}

// compare asks a question, again when the answers are not alike: some look at
// what has happened after some milliseconds.
func (r *bedRun) compare(t *testing.T, name string, ask func(*bedServer) string) {
	t.Helper()
	tooled := r.config.tooled != nil && r.config.tooled(name)
	if tooled && *update {
		return
	}
	want, known := string(r.recorded[name]), r.recorded[name] != nil
	delete(r.recorded, name)
	if *update {
		want, known = mostOf(3, func() string { return ask(r.authority()) }), true
		r.answered = append(r.answered, bedAnswer{name, json.RawMessage(want)})
	}
	if !known {
		t.Fatal("no answer is recorded: see CONTRIBUTING.md")
	}
	reason := r.differing[r.config.name+"/"+name]
	alike(t, func() string { return ask(r.here) }, want, reason)
	if r.real != nil && !*update && !tooled && !alike(t, func() string { return ask(r.real) }, want, "") {
		t.Log("that is what the real runtime answers now: record it anew")
	}
}

// alike asks until the answer is the wanted one, or one that is to differ.
func alike(t *testing.T, ask func() string, want, reason string) bool {
	t.Helper()
	var got string
	for range attempts {
		got = ask()
		if sameJSON(t, got, want) {
			if reason != "" {
				t.Error("the answer is right: take it off differences.txt")
			}
			return reason == ""
		}
		if reason != "" {
			return true
		}
	}
	t.Errorf("got %s\nwant %s", got, compact(json.RawMessage(want)))
	return false
}

// record writes what the real runtime answered, an answer a line. Where not all
// was asked, the recording keeps the rest.
func (r *bedRun) record() {
	var answers []bedAnswer
	if text, err := os.ReadFile(r.bed.recording(r.config)); err == nil {
		answers = decode[[]bedAnswer](r.t, string(text))
	}
	var all []bedAnswer
	if len(r.answered) < len(r.asked) {
		r.keep(answers)
	}
	for _, name := range r.asked {
		for _, from := range [][]bedAnswer{r.answered, answers} {
			if i := slices.IndexFunc(from, func(a bedAnswer) bool { return a.Question == name }); i >= 0 {
				all = append(all, from[i])
				break
			}
		}
	}
	lines := make([]string, len(all))
	for i, a := range all {
		lines[i] = mustJSON(a)
	}
	write(r.t, r.bed.recording(r.config), "[\n"+strings.Join(lines, ",\n")+"\n]\n")
}

// keep has the recording keep the answers about files that were not left, as not
// all was asked.
func (r *bedRun) keep(answers []bedAnswer) {
	for _, a := range answers {
		if !slices.Contains(r.asked, a.Question) && strings.HasPrefix(a.Question, filesPrefix) {
			r.asked = append(r.asked, a.Question)
		}
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

// ask gives the answer to a question as JSON.
func (s *bedServer) ask(q question) string {
	if q.Steps != nil {
		return masked(mustJSON(s.take(q.Steps)))
	}
	body, err := s.try("/run?name=" + url.QueryEscape(q.Name))
	if err != nil {
		return mustJSON(map[string]string{"no answer": err.Error()})
	}
	return masked(body)
}

// askLater asks a question and gives the answer when it comes, as often as that
// is wanted.
func (s *bedServer) askLater(q question) <-chan string {
	answers := make(chan string, attempts)
	go func() {
		answer := s.ask(q)
		for range attempts {
			answers <- answer
		}
	}()
	return answers
}

func (s *bedServer) get(path string) string {
	s.t.Helper()
	body, err := s.try(path)
	if err != nil {
		s.t.Fatalf("GET %s: %v", path, err)
	}
	return body
}

// try gives the body of an answer that is JSON.
func (s *bedServer) try(path string) (string, error) {
	client := http.Client{Timeout: patience}
	res, err := client.Get(s.url + path)
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err == nil && !json.Valid(body) {
		err = fmt.Errorf("%s: %s", res.Status, bytes.TrimSpace(body))
	}
	return string(body), err
}
