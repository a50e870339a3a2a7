package emulator_test

import (
	"net/url"
	"path/filepath"
	"testing"
)

// TestRowsOfTheCompatibilityTable runs the probes of testdata/compat, each for
// the row of docs/compatibility.tsv whose id it has.
func TestRowsOfTheCompatibilityTable(t *testing.T) {
	p := serve(t, filepath.Join("testdata", "compat"))
	for _, id := range decode[[]string](t, p.get("/")) {
		t.Run(id, func(t *testing.T) {
			if status, body := p.ask(request{path: "/" + url.PathEscape(id)}); status != 200 {
				t.Errorf("%s", body)
			}
		})
	}
}
