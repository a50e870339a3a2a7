package dodev

import (
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write generated files anew")

// states are what a row of the compatibility table can be in, and whether that
// is a claim, which something must prove.
var states = map[string]bool{
	"works":       true,
	"partly":      true,
	"differs":     true,
	"not yet":     false,
	"not planned": false,
}

// A row of the compatibility table. Its proofs are
//
//	row, row:ID        a probe in emulator/testdata/compat, of this row or another
//	script:NAME        a script of cmd/dodev/testdata/script
//	bed:BED/QUESTION   a question of emulator/testdata/BED, asked of the real
//	                   runtime too; it may be a pattern, as in path.Match
//	golden:CAT/NAME    recorded answers of the real runtime; a * ends a pattern
//	TestName           a Go test
type row struct {
	id, title, state, reason string
	proofs                   []string
}

// A section of the compatibility table.
type section struct {
	title string
	rows  []row
}

// TestCompatibility compares docs/compatibility.md with what
// docs/compatibility.tsv makes; -update writes it. Every claim must have a proof
// that exists.
func TestCompatibility(t *testing.T) {
	sections := readSections(t, "docs/compatibility.tsv")
	checkProofs(t, sections)
	got := formatSections(sections)
	const file = "docs/compatibility.md"
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	if text, err := os.ReadFile(file); err != nil || string(text) != got {
		t.Errorf("%s is not what docs/compatibility.tsv makes (%v); run go test . -run TestCompatibility -update", file, err)
	}
}

func readSections(t *testing.T, file string) (sections []section) {
	t.Helper()
	seen := map[string]bool{}
	for n, line := range readLines(t, file) {
		if title, ok := strings.CutPrefix(line, "# "); ok {
			sections = append(sections, section{title: title})
			continue
		}
		fields := strings.Split(line, "\t")
		if len(fields) != 5 || len(sections) == 0 {
			t.Fatalf("%s:%d: want id, title, state, reason and proofs, got %d fields", file, n+1, len(fields))
		}
		r := row{id: fields[0], title: fields[1], state: fields[2], reason: fields[3], proofs: strings.Fields(fields[4])}
		if _, ok := states[r.state]; !ok {
			t.Errorf("%s:%d: %s is in no known state: %q", file, n+1, r.id, r.state)
		}
		if seen[r.id] {
			t.Errorf("%s:%d: %s is there twice", file, n+1, r.id)
		}
		seen[r.id] = true
		last := &sections[len(sections)-1]
		last.rows = append(last.rows, r)
	}
	return sections
}

func readLines(t *testing.T, file string) []string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSuffix(strings.ReplaceAll(string(text), "\r\n", "\n"), "\n"), "\n")
}

// checkProofs complains of claims without proof and of proofs that are not
// there.
func checkProofs(t *testing.T, sections []section) {
	t.Helper()
	e := gatherEvidence(t)
	used := map[string]bool{}
	for _, s := range sections {
		for _, r := range s.rows {
			if states[r.state] != (len(r.proofs) > 0) {
				t.Errorf("%s is %q with %d proofs", r.id, r.state, len(r.proofs))
			}
			for _, proof := range r.proofs {
				if err := e.check(r.id, proof); err != "" {
					t.Errorf("%s: %s %s", r.id, proof, err)
				}
				if proof == "row" {
					used[r.id] = true
				}
				if id, ok := strings.CutPrefix(proof, "row:"); ok {
					used[id] = true
				}
			}
		}
	}
	for id := range e.probes {
		if !used[id] {
			t.Errorf("the probe %s proves no row", id)
		}
	}
}

// evidence is all that can prove a row.
type evidence struct {
	tests     map[string]bool
	probes    map[string]bool
	cases     []string        // that the real runtime has answered
	asked     []string        // questions of the beds
	differing map[string]bool // those that are answered otherwise
}

var (
	testFunc  = regexp.MustCompile(`(?m)^func (Test\w+)\(t \*testing\.T\)`)
	probeName = regexp.MustCompile(`(?m)^  ([A-Z]\d+): `)
)

func gatherEvidence(t *testing.T) evidence {
	t.Helper()
	e := evidence{tests: map[string]bool{}, probes: map[string]bool{}, differing: map[string]bool{}}
	err := fs.WalkDir(os.DirFS("."), ".", func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(file, "_test.go") {
			return err
		}
		text, err := os.ReadFile(file)
		for _, m := range testFunc.FindAllSubmatch(text, -1) {
			e.tests[string(m[1])] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	probes := strings.Join(readLines(t, "emulator/testdata/compat/src/rows.js"), "\n")
	for _, m := range probeName.FindAllStringSubmatch(probes, -1) {
		e.probes[m[1]] = true
	}
	e.cases = readLines(t, "testdata/golden-cases.txt")
	for _, line := range readLines(t, "emulator/testdata/golden.txt") {
		name, _, _ := strings.Cut(line, ":")
		category, test, _ := strings.Cut(name, "/")
		category, _, _ = strings.Cut(category, ".") // of the backend
		e.differing[category+"/"+test] = true
	}
	e.gatherBeds(t)
	return e
}

var questionOfBed = regexp.MustCompile(`(?m)^\{"question":"([^"]*)"`)

// gatherBeds finds the questions of the beds, and those answered otherwise under
// any configuration.
func (e *evidence) gatherBeds(t *testing.T) {
	t.Helper()
	lists, err := filepath.Glob("emulator/testdata/*/differences.txt")
	if err != nil {
		t.Fatal(err)
	}
	for _, list := range lists {
		dir := filepath.Dir(list)
		bed := "bed:" + filepath.Base(dir) + "/"
		recordings, err := filepath.Glob(filepath.Join(dir, "*.json"))
		if err != nil {
			t.Fatal(err)
		}
		for _, recording := range recordings {
			for _, m := range questionOfBed.FindAllStringSubmatch(strings.Join(readLines(t, recording), "\n"), -1) {
				e.asked = append(e.asked, bed+m[1])
			}
		}
		for _, line := range readLines(t, list) {
			name, _, _ := strings.Cut(line, ": ")
			if _, question, ok := strings.Cut(name, "/"); ok {
				e.differing[bed+question] = true
			}
		}
	}
}

// check says what is wrong with a proof, "" for nothing.
func (e evidence) check(id, proof string) string {
	kind, name, _ := strings.Cut(proof, ":")
	switch kind {
	case "row":
		if name == "" {
			name = id
		}
		if !e.probes[name] {
			return "is no probe of emulator/testdata/compat"
		}
		return ""
	case "script":
		if _, err := os.Stat("cmd/dodev/testdata/script/" + name + ".txtar"); err != nil {
			return "is no script of cmd/dodev/testdata/script"
		}
		return ""
	case "golden":
		return e.checkRecorded(e.cases, name)
	case "bed":
		return e.checkRecorded(e.asked, proof)
	}
	if !e.tests[proof] {
		return "is no test"
	}
	return ""
}

func (e evidence) checkRecorded(names []string, pattern string) string {
	found := false
	for _, name := range names {
		if ok, err := path.Match(pattern, name); err != nil || !ok {
			continue
		}
		found = true
		if e.differing[name] && !strings.HasSuffix(pattern, "*") {
			return "is answered otherwise"
		}
	}
	if !found {
		return "matches no recorded answer"
	}
	return ""
}

func formatSections(sections []section) string {
	var b strings.Builder
	b.WriteString(compatibilityHead)
	count := map[string]int{}
	for _, s := range sections {
		for _, r := range s.rows {
			count[r.state]++
		}
	}
	for _, state := range []string{"works", "partly", "differs", "not yet", "not planned"} {
		fmt.Fprintf(&b, "| %s | %d |\n", state, count[state])
	}
	for _, s := range sections {
		fmt.Fprintf(&b, "\n## %s\n\n| | | state | remark | proof |\n|---|---|---|---|---|\n", s.title)
		for _, r := range s.rows {
			fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", r.id, escapeCell(r.title), r.state, escapeCell(r.reason), formatProofs(r))
		}
	}
	return b.String()
}

const compatibilityHead = `<!-- Made of docs/compatibility.tsv: go test . -run TestCompatibility -update -->

# Compatibility

Every row of the Durable Objects API with what dodev does of it. A row that works, works partly or differs names what proves
it: a Go test, a script of the whole binary (` + "`script:`" + `), recorded answers of the real runtime (` + "`golden:`" + `), questions
that are asked of the real runtime in the same test run (` + "`bed:`" + `, of the projects in ` + "`emulator/testdata`" + `), or a probe of
` + "`emulator/testdata/compat`" + ` (` + "`row`" + `).

| state | rows |
|---|---|
`

func escapeCell(text string) string {
	return strings.NewReplacer("|", `\|`, "<", "&lt;", "#", `\#`).Replace(text)
}

// formatProofs shows the proofs in a steady order: tests, then the rest.
func formatProofs(r row) string {
	proofs := slices.Clone(r.proofs)
	slices.SortStableFunc(proofs, func(a, b string) int {
		return kindOfProof(a) - kindOfProof(b)
	})
	for i, proof := range proofs {
		proofs[i] = "`" + proof + "`"
	}
	return strings.Join(proofs, " ")
}

func kindOfProof(proof string) int {
	switch {
	case strings.HasPrefix(proof, "Test"):
		return 0
	case strings.HasPrefix(proof, "script:"):
		return 1
	case strings.HasPrefix(proof, "row"):
		return 2
	}
	return 3
}
