package config_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dodev/dodev/emulator/config"
)

const added, renamedAndDeleted = "a new class", "a renamed and a deleted class"

var changes = map[string]config.ClassChange{
	added:             {Tag: "v3", New: []string{"Hall"}},
	renamedAndDeleted: {Tag: "v3", Renamed: []config.Rename{{From: "Room", To: "Hall"}}, Deleted: []string{"Old"}},
}

// edits are files before and after a change. What all have is left out: the
// name and main module at the beginning.
var edits = []struct{ name, file, change, before, after string }{
	{"the last of several tables, before what follows", "wrangler.toml", added, `
# The first one.
[[migrations]]
tag = "v1" # long ago
new_sqlite_classes = ["Room",
  "Old"]

# Not about migrations.
[vars]
A = "b"
`, `
# The first one.
[[migrations]]
tag = "v1" # long ago
new_sqlite_classes = ["Room",
  "Old"]

[[migrations]]
tag = "v3"
new_sqlite_classes = ["Hall"]

# Not about migrations.
[vars]
A = "b"
`},
	{"the first migration of a file", "wrangler.toml", added, `
[vars]
A = "b"`, `
[vars]
A = "b"

[[migrations]]
tag = "v3"
new_sqlite_classes = ["Hall"]
`},
	{"all kinds at once", "wrangler.toml", renamedAndDeleted, `
[[migrations]]
tag = "v1"
new_sqlite_classes = ["Room", "Old"]
`, `
[[migrations]]
tag = "v1"
new_sqlite_classes = ["Room", "Old"]

[[migrations]]
tag = "v3"
deleted_classes = ["Old"]
renamed_classes = [{ from = "Room", to = "Hall" }]
`},
	{"an array over several lines", "wrangler.toml", renamedAndDeleted, `
migrations = [ # ours
  { tag = "v1", new_sqlite_classes = ["Room", "Old"] }, # "long" ago ]
]
`, `
migrations = [ # ours
  { tag = "v1", new_sqlite_classes = ["Room", "Old"] }, # "long" ago ]
  { tag = "v3", deleted_classes = ["Old"], renamed_classes = [{ from = "Room", to = "Hall" }] },
]
`},
	{"an array without a comma at its end", "wrangler.toml", added, `
migrations = [
  { tag = "v1", new_sqlite_classes = ["Room", "Old"] } # long ago
]
`, `
migrations = [
  { tag = "v1", new_sqlite_classes = ["Room", "Old"] }, # long ago
  { tag = "v3", new_sqlite_classes = ["Hall"] }
]
`},
	{"an array on one line", "wrangler.toml", added, `
migrations = [{ tag = "v1", new_sqlite_classes = ["Room", "Old"] }]
`, `
migrations = [{ tag = "v1", new_sqlite_classes = ["Room", "Old"] }, { tag = "v3", new_sqlite_classes = ["Hall"] }]
`},
	{"an exports map", "wrangler.toml", renamedAndDeleted, `
[exports.Room] # the hall of old
type = "durable-object"
storage = "sqlite"
[exports.Old]
storage = "legacy-kv"   # "old" # indeed
# the kind
type = "durable-object"

# Beyond.
[vars]
A = "b"
`, `
[exports.Room] # the hall of old
type = "durable-object"
state = "renamed"
renamed_to = "Hall"
[exports.Old]
state = "deleted"   # "old" # indeed
# the kind
type = "durable-object"

[exports.Hall]
type = "durable-object"
storage = "sqlite"

# Beyond.
[vars]
A = "b"
`},
	{"a list over several lines, with a comma at its end", "wrangler.jsonc", added, `
	// What was.
	"migrations": [
		{ "tag": "v1", "new_sqlite_classes": ["Room", "Old"] }, // long ago
	],
	"vars": { "A": "b" }, // kept
`, `
	// What was.
	"migrations": [
		{ "tag": "v1", "new_sqlite_classes": ["Room", "Old"] }, // long ago
		{ "tag": "v3", "new_sqlite_classes": ["Hall"] },
	],
	"vars": { "A": "b" }, // kept
`},
	{"a list on one line", "wrangler.json", renamedAndDeleted, `
  "migrations": [{ "tag": "v1", "new_sqlite_classes": ["Room", "Old"] }]
`, `
  "migrations": [{ "tag": "v1", "new_sqlite_classes": ["Room", "Old"] }, { "tag": "v3", "deleted_classes": ["Old"], "renamed_classes": [{ "from": "Room", "to": "Hall" }] }]
`},
	{"an empty list", "wrangler.json", added, `
  "migrations": []
`, `
  "migrations": [
    { "tag": "v3", "new_sqlite_classes": ["Hall"] }
  ]
`},
	{"no list", "wrangler.jsonc", added, `
  "vars": { "A": "b" } // kept
`, `
  "vars": { "A": "b" }, // kept
  "migrations": [
    { "tag": "v3", "new_sqlite_classes": ["Hall"] }
  ]
`},
	{"an exports map", "wrangler.jsonc", renamedAndDeleted, `
  "exports": {
    "Room": { "type": "durable-object", "storage": "sqlite" }, // the hall of old
    "Old": {
      // the kind
      "type": "durable-object",
      "storage": "legacy-kv", // not SQLite
    },
  },
`, `
  "exports": {
    "Room": { "type": "durable-object", "state": "renamed", "renamed_to": "Hall" }, // the hall of old
    "Old": {
      // the kind
      "type": "durable-object",
      "state": "deleted", // not SQLite
    },
    "Hall": { "type": "durable-object", "storage": "sqlite" },
  },
`},
}

// completed is the whole text of a file.
func completed(file, text string) string {
	if filepath.Ext(file) == ".toml" {
		return "name = \"app\"\nmain = \"index.js\"\ncompatibility_date = \"2026-11-01\"\n" + text
	}
	indent := text[1 : len(text)-len(strings.TrimLeft(text, "\n\t "))]
	return "{\n" + indent + "\"name\": \"app\", \"main\": \"index.js\",\n" + indent + "\"compatibility_date\": \"2026-11-01\"," + text + "}\n"
}

func TestAnEditKeepsAllThatItIsNotAbout(t *testing.T) {
	for _, tt := range edits {
		for _, end := range []string{"\n", "\r\n"} {
			t.Run(filepath.Ext(tt.file)+" "+tt.name, func(t *testing.T) {
				dir := t.TempDir()
				path := filepath.Join(dir, tt.file)
				text := strings.ReplaceAll(completed(tt.file, tt.before), "\n", end)
				for _, file := range []struct{ path, text string }{{path, text}, {filepath.Join(dir, "index.js"), ""}} {
					if err := os.WriteFile(file.path, []byte(file.text), 0o666); err != nil {
						t.Fatal(err)
					}
				}
				c, ds, err := config.Load(path, config.Options{})
				if err != nil || ds.HasErrors() {
					t.Fatal(err, ds)
				}
				before, after, err := c.Edit(changes[tt.change])
				if err != nil {
					t.Fatal(err)
				}
				if string(before) != text {
					t.Errorf("before is\n%s", before)
				}
				if want := strings.ReplaceAll(completed(tt.file, tt.after), "\n", end); string(after) != want {
					t.Errorf("got\n%s\nwant\n%s", after, want)
				}
			})
		}
	}
}

func TestWhatCannotBeEditedSaysWhatToAdd(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "wrangler.toml")
	text := "name = \"app\"\nmain = \"index.js\"\ncompatibility_date = \"2026-11-01\"\n[exports]\nRoom = { type = \"durable-object\", storage = \"sqlite\" }\n"
	if err := errors.Join(os.WriteFile(path, []byte(text), 0o666), os.WriteFile(filepath.Join(dir, "index.js"), nil, 0o666)); err != nil {
		t.Fatal(err)
	}
	c, _, err := config.Load(path, config.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err = c.Edit(changes[added]); !errors.Is(err, config.ErrByHand) || !strings.Contains(err.Error(), `new_sqlite_classes = ["Hall"]`) {
		t.Errorf("got %v, want what to add", err)
	}
}

func TestTheNextTagCountsOn(t *testing.T) {
	for last, want := range map[string]string{"": "v1", "v1": "v2", "v9": "v10", "007": "008", "first": "first2", "2026-11": "2026-12"} {
		c := &config.Config{}
		if last != "" {
			c.Migrations = []config.Migration{{Tag: last}}
		}
		if got := c.NextTag(); got != want {
			t.Errorf("after %q comes %q, want %q", last, got, want)
		}
	}
}
