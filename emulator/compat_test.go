package emulator_test

import (
	"fmt"
	"net/url"
	"path/filepath"
	"testing"

	"github.com/dodev/dodev/emulator/config"
)

// TestRowsOfTheCompatibilityTable runs the probes of testdata/compat, each for
// the row of docs/compatibility.tsv whose id it has.
func TestRowsOfTheCompatibilityTable(t *testing.T) {
	cfg, b := build(t, filepath.Join("testdata", "compat"), config.Options{})
	var ids []string
	troubles := map[string]string{}
	inBubble(t, cfg, b, func(p *project) {
		ids = decode[[]string](t, p.get("/"))
		for _, id := range ids {
			if underRace && id == sockets32768 {
				continue
			}
			if status, body := p.ask(request{path: "/" + url.PathEscape(id)}); status != 200 {
				troubles[id] = fmt.Sprintf("status %d: %s", status, body)
			}
		}
	})
	for _, id := range ids {
		t.Run(id, func(t *testing.T) {
			if underRace && id == sockets32768 {
				t.Skip("32,768 sockets take more than the 30 s of CPU that a turn may have")
			}
			if trouble := troubles[id]; trouble != "" {
				t.Error(trouble)
			}
		})
	}
}

// sockets32768 is the row that asks for as many sockets as an object may have.
const sockets32768 = "N20"
