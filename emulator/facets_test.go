package emulator_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dodev/dodev/emulator/config"
)

// facetsDir is a project that has its objects do all that can be done with
// facets, with what the real runtime answered.
var facetsDir = filepath.Join("testdata", "facets")

// recordFacets names where the real runtime runs the project, as
// "now=http://127.0.0.1:8787". Then the answers are recorded instead of
// compared.
const recordFacets = "DODEV_RECORD_FACETS"

var facetsConfigs = []rpcConfig{
	{"now", "wrangler.toml", func(q string) bool { return !needsExperiments(q) }},
	{"experimental", "wrangler.experimental.toml", needsExperiments},
}

// needsExperiments reports whether a question is about what the real runtime has
// behind a flag.
func needsExperiments(question string) bool {
	return strings.HasPrefix(question, "snap") || strings.HasPrefix(question, "plainSnap")
}

// TestFacetsAnswerAsInTheRealRuntime asks the project everything it knows.
// differences.txt lists the answers that differ, and why; one that differs no
// more fails as well.
func TestFacetsAnswerAsInTheRealRuntime(t *testing.T) {
	if where := os.Getenv(recordFacets); where != "" {
		recordAnswers(t, facetsDir, facetsConfigs, where)
	}
	differing := readDifferences(t, filepath.Join(facetsDir, "differences.txt"))
	for _, c := range facetsConfigs {
		t.Run(c.name, func(t *testing.T) { compareFacets(t, c, differing) })
	}
}

func compareFacets(t *testing.T, c rpcConfig, differing map[string]string) {
	dir := copyTree(t, facetsDir)
	write(t, filepath.Join(dir, "wrangler.toml"), read(t, filepath.Join(facetsDir, c.file)))
	cfg, b := build(t, dir, config.Options{})
	p, hasty := serveBuilt(t, cfg, b, localRuntime), serveBuilt(t, cfg, b, localRuntime, inHaste)
	for _, a := range decode[[]rpcAnswer](t, read(t, filepath.Join(facetsDir, c.name+".json"))) {
		evicts := strings.Contains(strings.ToLower(a.Question), "evict")
		if evicts && testing.Short() {
			continue
		}
		t.Run(a.Question, func(t *testing.T) {
			asked := p
			if evicts {
				t.Parallel()
				asked = hasty
			}
			asked.compare(t, a, differing[c.name+"/"+a.Question])
		})
	}
}
