package main

import (
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// writeClasses writes a project with a class, whose first migration created a
// class called Room; it may have more.
func writeClasses(t *testing.T, dir, class, more string) {
	t.Helper()
	code := `import { DurableObject } from "cloudflare:workers";
export class CLASS extends DurableObject {
  fetch() {
    const n = (this.ctx.storage.kv.get("n") ?? 0) + 1;
    this.ctx.storage.kv.put("n", n);
    return new Response("CLASS " + n);
  }
}
export default { fetch: (request, env) => env.ROOMS.getByName("lobby").fetch(request) };
`
	config := `name = "keys"
main = "index.js"
compatibility_date = "2026-11-01"
[[durable_objects.bindings]]
name = "ROOMS"
class_name = "CLASS"
[[migrations]]
tag = "v1"
new_sqlite_classes = ["Room"]
`
	for name, text := range map[string]string{"index.js": code, "wrangler.toml": config + more} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(strings.ReplaceAll(text, "CLASS", class)), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

const renamesRoom = "[[migrations]]\ntag = \"v2\"\nrenamed_classes = [{ from = \"Room\", to = \"Hall\" }]\n"

// answers compares what a server answers.
func answers(t *testing.T, url, want string) {
	t.Helper()
	res, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if got, err := io.ReadAll(res.Body); err != nil || string(got) != want {
		t.Errorf("got %q, %v, want %q", got, err, want)
	}
}

func TestAKeyAppliesWhatASaveWaitsFor(t *testing.T) {
	dir := t.TempDir()
	writeClasses(t, dir, "Room", "")
	c := inTerminal(t, dir, "serve", "--port", "0")
	url := c.await(readyPattern)[1]
	answers(t, url, "Room 1")
	c.press("m")
	c.await("every migration is applied")
	writeClasses(t, dir, "Hall", renamesRoom)
	c.await("held back")
	c.await("goes on with what is saved, or the key m")
	c.press("m")
	c.await("v2 +rename +Room → Hall +1 object")
	c.press("n")
	c.await("nothing was done")
	answers(t, url, "Room 2")
	c.press("m")
	c.press("y")
	c.await("migrations applied .*reloaded")
	answers(t, url, "Hall 3")
	c.press("q")
	c.awaitExit(exitDone)
}

func TestAStartAsksBeforeItMovesWhatIsStored(t *testing.T) {
	dir := t.TempDir()
	writeClasses(t, dir, "Room", "")
	c := inTerminal(t, dir, "serve", "--port", "0")
	answers(t, c.await(readyPattern)[1], "Room 1")
	c.press("q")
	c.awaitExit(exitDone)

	writeClasses(t, dir, "Hall", renamesRoom)
	c = inTerminal(t, dir, "serve", "--port", "0")
	c.await(`move and delete stored objects\? \[y/N\]`)
	c.press("y\n")
	answers(t, c.await(readyPattern)[1], "Hall 2")
	c.press("q")
	c.awaitExit(exitDone)
}

func TestOnATerminalNewAsksWhatBecameOfAClass(t *testing.T) {
	dir := t.TempDir()
	writeClasses(t, dir, "Hall", "")
	code, err := os.ReadFile(filepath.Join(dir, "index.js"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "index.js"), append(code, "export class Attic extends DurableObject {}\n"...), 0o644); err != nil {
		t.Fatal(err)
	}
	c := inTerminal(t, dir, "migrate", "new")
	c.await("Room is declared and no longer exported. What became of it\\?")
	c.await("1  it was renamed to Hall")
	c.await("2  it was renamed to Attic")
	c.press("1\n")
	c.await(`renamed_classes = \[\{ from = "Room", to = "Hall" \}\]`)
	c.await(`new_sqlite_classes = \["Attic"\]`)
	c.awaitExit(exitDone)
}
