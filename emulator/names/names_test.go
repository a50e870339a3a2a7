package names_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dodev/dodev/emulator/names"
	"github.com/dodev/dodev/emulator/object"
)

func TestNamesOutliveTheBook(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "names")
	space := object.NewNamespace("chat", "Room")
	refs := []object.Ref{space.Ref(space.FromName("lobby"), "lobby"), space.Ref(space.FromName("a b\n\"é\""), "a b\n\"é\"")}
	b := names.Open(dir)
	for _, ref := range refs {
		b.Note(ref)
		b.Note(ref)
		b.Note(space.Ref(ref.ID, "")) // does not make it nameless
	}
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	again := names.Open(dir)
	for _, ref := range refs {
		if got := again.Name(ref.Key()); got != ref.Name {
			t.Errorf("name %q, want %q", got, ref.Name)
		}
	}
	text, err := os.ReadFile(filepath.Join(dir, "chat-Room.txt"))
	if n := strings.Count(string(text), "\n"); err != nil || n != 2 {
		t.Errorf("%d lines (%v), want one for each object:\n%s", n, err, text)
	}
}

func TestABrokenLineIsPassedOver(t *testing.T) {
	dir := t.TempDir()
	space := object.NewNamespace("chat", "Room")
	ref := space.Ref(space.FromName("lobby"), "lobby")
	text := "half a li\n" + ref.ID.String() + " \"lobby\"\n" + ref.ID.String()[:20]
	if err := os.WriteFile(filepath.Join(dir, "chat-Room.txt"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	b := names.Open(dir)
	if got := b.Name(ref.Key()); got != "lobby" {
		t.Errorf("name %q, want lobby", got)
	}
	// Nor does it take the next one with it.
	next := space.Ref(space.FromName("attic"), "attic")
	b.Note(next)
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	if got := names.Open(dir).Name(next.Key()); got != "attic" {
		t.Errorf("name %q, want attic", got)
	}
}

func FuzzBook(f *testing.F) {
	space := object.NewNamespace("chat", "Room")
	ref := space.Ref(space.FromName("lobby"), "lobby")
	f.Add(ref.ID.String() + " \"lobby\"\n")
	f.Add("half a li")
	f.Add(ref.ID.String() + " \"lob")
	f.Fuzz(func(t *testing.T, text string) {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "chat-Room.txt"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		b := names.Open(dir)
		before := b.Name(ref.Key())
		next := space.Ref(space.FromName("next"), "next")
		b.Note(next)
		if err := b.Close(); err != nil {
			t.Fatal(err)
		}
		again := names.Open(dir)
		if got := again.Name(next.Key()); got != "next" {
			t.Errorf("after %q the next name is %q", text, got)
		}
		if got := again.Name(ref.Key()); got != before {
			t.Errorf("after %q and another one the name is %q, it was %q", text, got, before)
		}
	})
}
