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
			if underRace && id == "N20" {
				t.Skip("32,768 sockets take more than the 30 s of CPU that a turn may have")
			}
			if status, body := p.ask(request{path: "/" + url.PathEscape(id)}); status != 200 {
				t.Errorf("%s", body)
			}
		})
	}
}
