package object_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/dodev/dodev/emulator/object"
)

// ids of the real runtime, for script, class and name.
var named = []struct{ script, class, name, id string }{
	{"tool", "Count", "lobby", "282e0e302cbaaeb57b30ef7fc14148a547ff6a1cb22aaf526d949b04177b0ccc"},
	{"state", "Tables", "tables", "a37df5617f4bede19b2d4af9135c8ab576895e5bce2774da66b391c913c12826"},
	{"state", "Tables", "café 你", "3a2da3d575ba4aff4371eafa0ea578e340bcdcd8f46b444802ae39e38c6b8b6b"},
	{"state", "Values", "every kind", "9ccc1b8178d9836158c691f3a26d06900b431f38afd66c71be55513d1f77716b"},
}

func TestFromNameGivesTheRealRuntimesIDs(t *testing.T) {
	for _, tt := range named {
		ns := object.NewNamespace(tt.script, tt.class)
		if got := ns.FromName(tt.name).String(); got != tt.id {
			t.Errorf("%s/%s: id %s, want %s", ns.UniqueKey(), tt.name, got, tt.id)
		}
	}
}

func TestParseReadsBackOwnIDsInEitherCase(t *testing.T) {
	ns := object.NewNamespace("tool", "Count")
	unique, err := ns.Unique(bytes.NewReader(bytes.Repeat([]byte{7}, 16)))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []object.ID{ns.FromName("lobby"), ns.FromName(""), unique} {
		for _, s := range []string{want.String(), strings.ToUpper(want.String())} {
			if got, err := ns.Parse(s); err != nil || got != want {
				t.Errorf("Parse(%s) = %v, %v, want it back", s, got, err)
			}
		}
	}
}

func TestParseRefusesWhatIsNotAnIDOfTheNamespace(t *testing.T) {
	ns := object.NewNamespace("tool", "Count")
	other := object.NewNamespace("tool", "Other").FromName("lobby").String()
	tests := []struct {
		in   string
		want error
	}{
		{"", object.ErrNotHex},
		{"abc", object.ErrNotHex},
		{strings.Repeat("z", 64), object.ErrNotHex},
		{strings.Repeat("0", 66), object.ErrNotHex},
		{strings.Repeat("0123456789abcdef", 4), object.ErrOtherNamespace},
		{other, object.ErrOtherNamespace},
	}
	for _, tt := range tests {
		if _, err := ns.Parse(tt.in); !errors.Is(err, tt.want) {
			t.Errorf("Parse(%q) = %v, want %v", tt.in, err, tt.want)
		}
	}
}

func TestUniqueReportsAnEmptySourceOfRandomness(t *testing.T) {
	if _, err := object.NewNamespace("a", "B").Unique(strings.NewReader("short")); err == nil {
		t.Error("no error for 5 random bytes")
	}
}

func TestJurisdictionsHaveIDsOfTheirOwn(t *testing.T) {
	whole := object.NewNamespace("tool", "Count")
	seen := map[object.ID]string{whole.FromName("lobby"): "the whole namespace"}
	for _, name := range []string{"eu", "fedramp", "fedramp-high", "us"} {
		part, ok := whole.Jurisdiction(name)
		if !ok {
			t.Fatalf("no jurisdiction %s", name)
		}
		id := part.FromName("lobby")
		if other := seen[id]; other != "" {
			t.Errorf("%s has the id of %s", name, other)
		}
		seen[id] = name
		for _, ns := range []object.Namespace{whole, part} {
			if got, err := ns.Parse(id.String()); err != nil || got != id {
				t.Errorf("Parse of an id of %s: %v, %v", name, got, err)
			}
			if got, ok := ns.JurisdictionOf(id); !ok || got != name {
				t.Errorf("JurisdictionOf(%s) = %q, %v, want %q", id, got, ok, name)
			}
		}
		if ref := part.Ref(id, ""); ref.Namespace != whole.UniqueKey() {
			t.Errorf("objects of %s are in %s, want %s", name, ref.Namespace, whole.UniqueKey())
		}
	}
}

func TestAPartOfANamespaceRefusesOtherIDs(t *testing.T) {
	whole := object.NewNamespace("tool", "Count")
	eu, _ := whole.Jurisdiction("eu")
	us, _ := eu.Jurisdiction("us")
	back, _ := eu.Jurisdiction("")
	if back != whole {
		t.Error("a part without a jurisdiction is not the whole namespace")
	}
	for _, id := range []object.ID{whole.FromName("lobby"), us.FromName("lobby")} {
		if _, err := eu.Parse(id.String()); !errors.Is(err, object.ErrOtherJurisdiction) {
			t.Errorf("Parse = %v, want %v", err, object.ErrOtherJurisdiction)
		}
	}
	other, _ := object.NewNamespace("tool", "Other").Jurisdiction("eu")
	if _, err := eu.Parse(other.FromName("lobby").String()); !errors.Is(err, object.ErrOtherNamespace) {
		t.Errorf("Parse = %v, want %v", err, object.ErrOtherNamespace)
	}
}

func TestUnknownJurisdictionsAreRefused(t *testing.T) {
	for _, name := range []string{"mars", "EU", "eu ", "fed"} {
		if _, ok := object.NewNamespace("a", "B").Jurisdiction(name); ok {
			t.Errorf("there is a jurisdiction %q", name)
		}
	}
}

func TestRefsMeanTheSameObjectWhateverTheirName(t *testing.T) {
	ns := object.NewNamespace("tool", "Count")
	id := ns.FromName("lobby")
	a, b := ns.Ref(id, "lobby"), ns.Ref(id, "")
	if !a.Same(b) {
		t.Error("a ref with a name and one without differ")
	}
	if got, want := a.String(), "tool-Count/lobby"; got != want {
		t.Errorf("String() = %s, want %s", got, want)
	}
	if got, want := b.String(), "tool-Count/"+id.String(); got != want {
		t.Errorf("String() = %s, want %s", got, want)
	}
	if a.Same(object.NewNamespace("tool", "Other").Ref(id, "lobby")) {
		t.Error("refs of two namespaces are the same object")
	}
}

func FuzzParse(f *testing.F) {
	ns := object.NewNamespace("tool", "Count")
	for _, tt := range named {
		f.Add(tt.id)
		f.Add(strings.ToUpper(tt.id))
		f.Add(tt.id[1:])
	}
	f.Fuzz(func(t *testing.T, s string) {
		id, err := ns.Parse(s)
		switch {
		case err == nil && id.String() != strings.ToLower(s):
			t.Errorf("Parse(%q) gave %s", s, id)
		case err != nil && !errors.Is(err, object.ErrNotHex) && !errors.Is(err, object.ErrOtherNamespace):
			t.Errorf("Parse(%q): unexpected error %v", s, err)
		}
	})
}
