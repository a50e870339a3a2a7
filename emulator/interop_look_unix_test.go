//go:build unix

package emulator_test

import (
	"encoding/json"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/dodev/dodev/devserver/inspect"
	"github.com/dodev/dodev/devserver/inspect/files"
	"github.com/dodev/dodev/emulator/config"
)

func TestWhatWranglerHasOpenIsReadAndLeftAlone(t *testing.T) {
	tool := findWrangler(t)
	dir, state := extract(t, read(t, filepath.Join("testdata", "interop.txtar"))), t.TempDir()
	running := tool.dev(t, dir, state)
	running.mustGet("/write?by=wrangler")
	running.mustGet("/increment")

	cfg, _ := build(t, dir, config.Options{})
	folder := files.Open(inspect.Project{State: state}, state, cfg)
	defer folder.Close()
	s, err := folder.Snapshot(t.Context())
	if err != nil || len(s.Objects) == 0 {
		t.Fatalf("%d objects, %v", len(s.Objects), err)
	}
	var labels []string
	var found strings.Builder
	for _, o := range s.Objects {
		labels = append(labels, o.Label)
		page, err := folder.Keys(t.Context(), o.Ref, inspect.KeyQuery{})
		if err != nil {
			t.Fatalf("%s: %v", o.Label, err)
		}
		for _, e := range page.Entries {
			if e.Damaged != "" {
				t.Errorf("%s: %q cannot be read: %s", o.Label, e.Key, e.Damaged)
			}
			found.Write(e.Value)
		}
		_, err = folder.Edit(t.Context(), o.Ref, []inspect.Change{{Key: "ours", Value: json.RawMessage("1")}})
		if inspect.CodeOf(err) != inspect.Locked {
			t.Errorf("%s: an edit beside wrangler dev gives %v, want it refused as locked", o.Label, err)
		}
	}
	if want := []string{"Pairs/one", "Tables/one", "Tables/zwei \u4f60"}; !slices.Equal(labels, want) {
		t.Errorf("objects %q, want %q", labels, want)
	}
	for _, part := range []string{`"$type":"Map"`, `"$type":"Date"`, `"$type":"bigint"`, `"$type":"Uint8Array"`, `"class":"RangeError"`, `"$ref":`} {
		if !strings.Contains(found.String(), part) {
			t.Errorf("no %s among what it stored: %s", part, &found)
		}
	}
	before := running.mustGet("/read")
	running.mustGet("/increment")
	if after := running.mustGet("/read"); after == before {
		t.Error("after it was looked at, wrangler dev stores nothing any more")
	}
}
