package web

import (
	"strings"
	"testing"
	"testing/fstest"
)

func TestBootBundlesThePlatform(t *testing.T) {
	script, err := Boot(nil, Entry)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(script, "(function(__host){") {
		t.Errorf("script begins with %.40q, want a function of the host", script)
	}
}

func TestBootTakesAnOverlaysEntry(t *testing.T) {
	overlay := fstest.MapFS{
		"main.ts":      {Data: []byte(`import { entries } from "web/index"; import { extra } from "./lib/extra"; extra(); export { entries };`)},
		"lib/extra.ts": {Data: []byte(`export const extra = (): string => "from the overlay";`)},
	}
	script, err := Boot(overlay, "main")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(script, "from the overlay") {
		t.Error("the overlay's module is not in the script")
	}
}

func TestBootNamesThePlaceOfAnError(t *testing.T) {
	overlay := fstest.MapFS{"main.ts": {Data: []byte("export const entries = {};\nimport './absent'")}}
	_, err := Boot(overlay, "main")
	if err == nil || !strings.Contains(err.Error(), "absent") {
		t.Errorf("error is %v, want one that names the module", err)
	}
}
