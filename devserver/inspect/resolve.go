package inspect

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/dodev/dodev/emulator/object"
)

// A Finding is what somebody wrote to name an object.
type Finding struct {
	Text    string `json:"text"`
	MayMake bool   `json:"mayMake,omitempty"` // the object need not be there
	// Folder is what an error calls the state folder, "" for its path.
	Folder string `json:"folder,omitempty"`
}

// A Target is an object that somebody named. It need not be there.
type Target struct {
	Ref   Ref    `json:"object"`
	Name  string `json:"name,omitempty"` // "" when it was named by its id and has no known name
	Label string `json:"label"`
	Found bool   `json:"found"` // it is among the objects that there are
}

// Resolve finds the object that a text names: "Class/name", "BINDING/name",
// "Class/<64 hex digits>" or "Class/<unique prefix of them>", after "script:"
// when several Workers have the class. A name wins over a prefix. The error is
// an *Error with names like the one that was not found.
//
// An object that is named in full but is not there is found all the same when
// make says so, with Found false.
func (s Snapshot) Resolve(text string, mayMake bool) (Target, error) {
	class, rest, ok := strings.Cut(text, "/")
	if !ok || class == "" || rest == "" {
		return Target{}, &Error{Code: Invalid, Message: fmt.Sprintf("%q is no object: write Class/name or Class/id", text), Near: s.near(text)}
	}
	spaces, err := s.Spaces(class)
	if err != nil {
		return Target{}, err
	}
	if t, ok := s.named(spaces, rest); ok {
		return t, nil
	}
	if t, ok, err := s.prefixed(spaces, text, rest); ok || err != nil {
		return t, err
	}
	if mayMake && len(spaces) == 1 {
		return s.made(spaces[0], rest)
	}
	return Target{}, &Error{
		Code: NotFound, Message: fmt.Sprintf("no object %s in %s", text, s.Project.State), Near: s.near(text),
	}
}

// Find finds among the objects what was written, as [Snapshot.Resolve] does.
func (s Snapshot) Find(f Finding) (Target, error) {
	s.Project.State = cmp.Or(f.Folder, s.Project.State)
	return s.Resolve(f.Text, f.MayMake)
}

// Named finds the object that a text names in full, as Resolve does, but takes
// the beginning of an id for a name: what data says must not depend on which
// objects are there. The object need not be there.
func (s Snapshot) Named(text string) (Target, error) {
	class, rest, ok := strings.Cut(text, "/")
	if !ok || class == "" || rest == "" {
		return Target{}, &Error{Code: Invalid, Message: fmt.Sprintf("%q is no object: write Class/name or Class/id", text)}
	}
	spaces, err := s.Spaces(class)
	if err != nil {
		return Target{}, err
	}
	if t, ok := s.named(spaces, rest); ok {
		return t, nil
	}
	if len(rest) == 64 {
		if t, ok, err := s.prefixed(spaces, text, rest); ok || err != nil {
			return t, err
		}
		_, wrong := spaces[0].namespace().Parse(strings.ToLower(rest))
		if errors.Is(wrong, object.ErrOtherNamespace) || errors.Is(wrong, object.ErrOtherJurisdiction) {
			return Target{}, &Error{Code: Invalid, Message: fmt.Sprintf("%s is the id of no object of %s", rest, spaces[0].Class)}
		}
	}
	return s.made(spaces[0], rest)
}

// Spaces finds the namespaces of a class or binding, which may follow
// "script:". Without, that of the Worker which gets the requests is meant, whose
// objects have no script in their label either.
func (s Snapshot) Spaces(class string) ([]Namespace, error) {
	script, name, scripted := strings.Cut(class, ":")
	if !scripted {
		script, name = "", class
	}
	var found []Namespace
	for _, ns := range s.Namespaces {
		if (script == "" || ns.Script == script) && (ns.Class == name || slices.Contains(ns.Bindings, name)) {
			found = append(found, ns)
		}
	}
	if i := slices.IndexFunc(found, func(ns Namespace) bool { return ns.Script == s.Project.Name }); len(found) > 1 && i >= 0 {
		found = found[i : i+1]
	}
	switch {
	case len(found) == 0:
		var names []string
		for _, ns := range s.Namespaces {
			names = append(append(names, ns.Class), ns.Bindings...)
		}
		return nil, &Error{Code: NotFound, Message: fmt.Sprintf("no class or binding %s", class), Near: Nearest(name, names)}
	case len(found) > 1:
		var ways []string
		for _, ns := range found {
			ways = append(ways, ns.Script+":"+ns.Class)
		}
		return nil, &Error{Code: Invalid, Message: fmt.Sprintf("several Workers have %s", class), Near: ways}
	}
	return found, nil
}

func (s Snapshot) named(spaces []Namespace, name string) (Target, bool) {
	for _, o := range s.Objects {
		if o.Name == name && o.Name != "" && o.Ref.Namespace == spaces[0].Key {
			return o.target(), true
		}
	}
	// Its id tells, too, when nobody remembered the name.
	id := spaces[0].namespace().FromName(name).String()
	for _, o := range s.Objects {
		if o.ID == id && o.Ref.Namespace == spaces[0].Key {
			t := o.target()
			t.Name, t.Label = name, strings.TrimSuffix(o.Label, o.ID)+name
			return t, true
		}
	}
	return Target{}, false
}

func (s Snapshot) prefixed(spaces []Namespace, text, prefix string) (Target, bool, error) {
	prefix = strings.ToLower(prefix)
	if strings.Trim(prefix, "0123456789abcdef") != "" {
		return Target{}, false, nil
	}
	var found []Object
	for _, o := range s.Objects {
		if o.Ref.Namespace == spaces[0].Key && strings.HasPrefix(o.ID, prefix) {
			found = append(found, o)
		}
	}
	switch len(found) {
	case 0:
		return Target{}, false, nil
	case 1:
		return found[0].target(), true, nil
	}
	var ways []string
	for _, o := range found[:min(len(found), maxNear)] {
		ways = append(ways, o.Class+"/"+o.ID)
	}
	return Target{}, false, &Error{Code: Invalid, Message: fmt.Sprintf("%d objects have an id that begins as %s", len(found), text), Near: ways}
}

// made is an object that is yet to be.
func (s Snapshot) made(ns Namespace, rest string) (Target, error) {
	t := Target{Ref: Ref{Namespace: ns.Key}, Label: ns.Class + "/" + rest}
	if id, err := ns.namespace().Parse(strings.ToLower(rest)); err == nil {
		t.Ref.ID = id.String()
		return t, nil
	}
	t.Ref.ID, t.Name = ns.namespace().FromName(rest).String(), rest
	return t, nil
}

func (n Namespace) namespace() object.Namespace { return object.NewNamespace(n.Script, n.Class) }

func (o Object) target() Target { return Target{Ref: o.Ref, Name: o.Name, Label: o.Label, Found: true} }

// near are objects named like a text: of its class, when it names one.
func (s Snapshot) near(text string) []string {
	class, rest, _ := strings.Cut(text, "/")
	spaces, err := s.Spaces(class)
	if err != nil {
		var labels []string
		for _, o := range s.Objects {
			labels = append(labels, o.Label)
		}
		return Nearest(text, labels)
	}
	var names []string
	for _, o := range s.Objects {
		if o.Ref.Namespace == spaces[0].Key {
			names = append(names, cmp.Or(o.Name, o.ID))
		}
	}
	near := names[:min(len(names), maxNear)]
	if rest != "" {
		near = Nearest(rest, names)
	}
	var out []string
	for _, name := range near {
		out = append(out, class+"/"+name)
	}
	return out
}

// maxNear is how many names are suggested.
const maxNear = 3

// Nearest are the names most like a text, best first, none that is unlike it.
func Nearest(text string, names []string) []string {
	type guess struct {
		name     string
		distance int
	}
	limit := max(2, len(text)/4)
	var guesses []guess
	for _, name := range names {
		d := distance(strings.ToLower(text), strings.ToLower(name), limit)
		if d <= limit {
			guesses = append(guesses, guess{name, d})
		}
	}
	slices.SortStableFunc(guesses, func(a, b guess) int { return cmp.Compare(a.distance, b.distance) })
	var out []string
	for _, g := range guesses {
		if !slices.Contains(out, g.name) && len(out) < maxNear {
			out = append(out, g.name)
		}
	}
	return out
}

// distance is how many letters must be put in, left out, changed or swapped
// with their neighbour to make one text of another; more than limit is
// limit+1.
func distance(a, b string, limit int) int {
	if len(a)-len(b) > limit || len(b)-len(a) > limit {
		return limit + 1
	}
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := range len(a) {
		row[0] = i + 1
		for j := range len(b) {
			step := 1
			if a[i] == b[j] {
				step = 0
			}
			row[j+1] = min(last[j]+step, last[j+1]+1, row[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, last, row = last, row, before
	}
	return min(last[len(b)], limit+1)
}

// LabelOf is how people write an object, which need not be there.
func (s Snapshot) LabelOf(ref Ref, name string) string {
	first := ""
	ns := Unknown(ref.Namespace)
	for _, known := range s.Namespaces {
		if known.Known && first == "" {
			first = known.Script
		}
		if known.Key == ref.Namespace {
			ns = known
		}
	}
	return Object{Script: ns.Script, Class: ns.Class, ID: ref.ID, Name: name}.LabelIn(first)
}
