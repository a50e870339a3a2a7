package registry

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

func open(t *testing.T, dir string, names ...string) *Registry {
	t.Helper()
	r, err := Open(dir, Peer{Protocol: 1, Address: "127.0.0.1:1", Secret: "s"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.Close)
	r.Register(names)
	return r
}

func wantFound(t *testing.T, r *Registry, name string, want bool) {
	t.Helper()
	if _, ok := r.Find(name); ok != want {
		t.Errorf("%s is found: %v, want %v", name, ok, want)
	}
}

func TestServersSeeOneAnothersWorkersUntilTheyEnd(t *testing.T) {
	dir := t.TempDir()
	a, b := open(t, dir, "a"), open(t, dir, "b", "c")
	wantFound(t, a, "b", true)
	wantFound(t, a, "a", false) // its own
	wantFound(t, b, "a", true)
	b.Register([]string{"b"})
	wantFound(t, a, "c", false)
	b.Close()
	wantFound(t, a, "b", false)
}

func TestANameBelongsToWhoRegisteredItFirst(t *testing.T) {
	dir := t.TempDir()
	first, second := open(t, dir, "a"), open(t, dir, "a")
	wantFound(t, first, "a", false)
	wantFound(t, second, "a", true)
	second.Close()
	if _, err := os.Stat(filepath.Join(dir, "a")); err != nil {
		t.Errorf("the entry of the first is gone: %v", err)
	}
}

func TestLeftoversAndRubbishAreNoWorkers(t *testing.T) {
	dir := t.TempDir()
	r := open(t, dir)
	old := filepath.Join(dir, "old")
	for file, text := range map[string]string{old: `{"instanceId": "x"}`, filepath.Join(dir, "rubbish"): "{"} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	long := time.Now().Add(-2 * stale)
	if err := os.Chtimes(old, long, long); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"old", "rubbish", "absent", "../" + filepath.Base(dir)} {
		wantFound(t, r, name, false)
	}
	r.Register([]string{"old"})
	wantFound(t, open(t, dir), "old", true) // it was taken over
}

func TestDirIsTheOneOtherToolsUse(t *testing.T) {
	for _, c := range []struct {
		env  map[string]string
		want string
	}{
		{map[string]string{"CLOUDFLARE_DEV_REGISTRY_PATH": "/r"}, "/r"},
		{map[string]string{"XDG_CONFIG_HOME": "/c"}, filepath.Join("/c", "cloudflare", "dev-registry", "v5")},
	} {
		if got := Dir(func(name string) string { return c.env[name] }); got != c.want {
			t.Errorf("%v: got %s, want %s", c.env, got, c.want)
		}
	}
}
