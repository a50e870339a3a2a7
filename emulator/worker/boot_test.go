package worker

import "testing"

func TestRuntimeBundles(t *testing.T) {
	first, later, err := BootScripts()
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d bytes, and %d bytes later", len(first), len(later))
}
