package worker

import "testing"

func TestRuntimeBundles(t *testing.T) {
	script, err := BootScript()
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d bytes", len(script))
}
