package inspect_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/dodev/dodev/devserver/inspect"
	"github.com/dodev/dodev/devserver/inspect/inspecttest"
)

func noon() time.Time { return time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC) }

func TestObjectsAreFoundByEveryWayToWriteThem(t *testing.T) {
	f := inspecttest.Lively(noon, 3)
	s, err := f.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	lobby := s.Objects[2]
	for _, text := range []string{
		"ChatRoom/lobby", "ROOMS/lobby", "example:ChatRoom/lobby", "ChatRoom/" + lobby.ID, "ChatRoom/" + lobby.ID[:8], "ROOMS/" + strings.ToUpper(lobby.ID[:12]),
	} {
		got, err := s.Resolve(text, false)
		if err != nil || got.Ref != lobby.Ref || got.Label != "ChatRoom/lobby" {
			t.Errorf("Resolve(%q) = %+v, %v; want %v", text, got, err, lobby.Ref)
		}
	}
}

func TestAWrongNameSuggestsNearOnes(t *testing.T) {
	f := inspecttest.Lively(noon, 3)
	s, err := f.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		"ChatRoom/loby":     "ChatRoom/lobby",
		"ROOMS/atic":        "ROOMS/attic",
		"ChatRom/lobby":     "ChatRoom",
		"RateLimiter/user1": "RateLimiter/user:1",
		"ChatRoom":          "ChatRoom/attic",
	} {
		_, err := s.Resolve(text, false)
		e, ok := err.(*inspect.Error)
		if !ok || len(e.Near) == 0 || e.Near[0] != want {
			t.Errorf("Resolve(%q) fails with %#v, want it to suggest %s", text, err, want)
		}
	}
}

func TestOfSeveralWorkersTheOneThatGetsTheRequestsIsMeant(t *testing.T) {
	s := inspect.Snapshot{
		Project:    inspect.Project{Name: "front"},
		Namespaces: []inspect.Namespace{{Key: "back-Room", Script: "back", Class: "Room"}, {Key: "front-Room", Script: "front", Class: "Room"}},
	}
	for text, want := range map[string]string{"Room/x": "front-Room", "front:Room/x": "front-Room", "back:Room/x": "back-Room"} {
		if got, err := s.Resolve(text, true); err != nil || got.Ref.Namespace != want {
			t.Errorf("Resolve(%q) = %+v, %v; want an object of %s", text, got, err, want)
		}
	}
	s.Project.Name = "another"
	if _, err := s.Resolve("Room/x", true); inspect.CodeOf(err) != inspect.Invalid {
		t.Errorf("where none of them gets the requests: %v, want it refused", err)
	}
}

func TestOnlyWhatIsLikeANameIsSuggested(t *testing.T) {
	s, err := inspecttest.Lively(noon, 3).Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"ChatRoom/zzz", "RateLimiter/lobby", "Nothing/like-it"} {
		_, err := s.Resolve(text, false)
		if e, ok := err.(*inspect.Error); !ok || len(e.Near) > 0 {
			t.Errorf("Resolve(%q) fails with %#v, want it to suggest nothing", text, err)
		}
	}
}

func TestAnObjectThatIsNotThereGetsThePlatformsID(t *testing.T) {
	s := inspect.Snapshot{Namespaces: []inspect.Namespace{{Key: "tool-Count", Script: "tool", Class: "Count"}}}
	got, err := s.Resolve("Count/lobby", true)
	const want = "282e0e302cbaaeb57b30ef7fc14148a547ff6a1cb22aaf526d949b04177b0ccc"
	if err != nil || got.Ref.ID != want || got.Name != "lobby" || got.Found {
		t.Errorf("Resolve = %+v, %v; want the id %s", got, err, want)
	}
	byID, err := s.Resolve("Count/"+want, true)
	if err != nil || byID.Ref != got.Ref || byID.Name != "" {
		t.Errorf("by its id: %+v, %v; want %v", byID, err, got.Ref)
	}
}

func TestATreeShowsWhatJSONCannot(t *testing.T) {
	for value, want := range map[string]inspect.Node{
		`"a"`:                                    {Type: "string", Text: "a", Size: 1},
		`1.5`:                                    {Type: "number", Text: "1.5"},
		`{"$type":"bigint","value":"9"}`:         {Type: "bigint", Text: "9"},
		`{"$type":"undefined"}`:                  {Type: "undefined", Text: "undefined"},
		`{"$type":"Date","value":null}`:          {Type: "Date", Text: "Invalid Date"},
		`{"$type":"Uint8Array","base64":"AQI="}`: {Type: "Uint8Array", Text: "0102", Size: 2},
		`{"$type":"RegExp","source":"a+","flags":"g"}`:         {Type: "RegExp", Text: "/a+/g"},
		`{"$type":"Error","class":"TypeError","message":"no"}`: {Type: "TypeError", Text: "no"},
	} {
		got, err := inspect.ParseNode(json.RawMessage(value))
		if err != nil || got.Type != want.Type || got.Text != want.Text || got.Size != want.Size {
			t.Errorf("ParseNode(%s) = %+v, %v; want %+v", value, got, err, want)
		}
	}
}

func TestATreeKeepsTheOrderOfMembers(t *testing.T) {
	n, err := inspect.ParseNode(json.RawMessage(`{"$type":"Map","entries":[["z",{"b":1,"a":[true]}],[{"k":2},3]]}`))
	if err != nil {
		t.Fatal(err)
	}
	if len(n.Parts) != 2 || n.Parts[0].Key.Text != "z" || n.Parts[1].Key.Parts[0].Label != "k" {
		t.Fatalf("got %+v, want entries z and {k: 2}", n)
	}
	inner := n.Parts[0].Parts
	if len(inner) != 2 || inner[0].Label != "b" || inner[1].Label != "a" || inner[1].Parts[0].Type != "boolean" {
		t.Errorf("got %+v, want b before a", inner)
	}
}

func TestUndoTakesADiffBackUnlessTheKeyWasWrittenSince(t *testing.T) {
	f := inspecttest.Lively(noon, 0)
	s, _ := f.Snapshot(t.Context())
	lobby := s.Objects[2].Ref
	diffs, err := f.Edit(t.Context(), lobby, []inspect.Change{{Key: "last", Value: json.RawMessage(`1`)}, {Key: "new", Value: json.RawMessage(`2`), Expect: inspect.Absent}})
	if err != nil {
		t.Fatal(err)
	}
	f.Store(lobby, "fetch", "new", `3`)
	if _, err := f.Edit(t.Context(), lobby, []inspect.Change{diffs[1].Undo()}); inspect.CodeOf(err) != inspect.Conflict {
		t.Errorf("undoing what was written since gives %v, want a conflict", err)
	}
	if _, err := f.Edit(t.Context(), lobby, []inspect.Change{diffs[0].Undo()}); err != nil {
		t.Error(err)
	}
	if e, _ := f.Entry(t.Context(), lobby, "last"); e.Type != "Date" {
		t.Errorf("after the undo last is %+v, want the Date again", e)
	}
}

func TestAFollowerGetsOnlyItsTopics(t *testing.T) {
	f := inspecttest.Lively(noon, 1)
	s, _ := f.Snapshot(t.Context())
	lobby := s.Objects[2].Ref
	stream, err := f.Watch(t.Context(), inspect.Follow{Topics: []inspect.Topic{inspect.Stores, inspect.Logs}, Object: lobby})
	if err != nil {
		t.Fatal(err)
	}
	defer stream.Close()
	f.Step()
	var kinds []inspect.EventKind
	for range 2 {
		e, err := stream.Next(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		kinds = append(kinds, e.Kind)
	}
	if kinds[0] != inspect.StorageChanged || kinds[1] != inspect.LogWritten {
		t.Errorf("got %v, want storage and log", kinds)
	}
}

func TestATreeShowsNamesThatLookLikeOurs(t *testing.T) {
	n, err := inspect.ParseNode(json.RawMessage(`{"$type":"Object","properties":{"$type":"Date","value":"no"}}`))
	if err != nil || n.Type != "object" || len(n.Parts) != 2 || n.Parts[0].Label != "$type" || n.Parts[0].Text != "Date" {
		t.Errorf("got %+v, %v; want an object with a property $type", n, err)
	}
}

func TestATreeMarksWhatIsReferredTo(t *testing.T) {
	n, err := inspect.ParseNode(json.RawMessage(`{"$type":"Object","$id":1,"properties":{"self":{"$ref":1}}}`))
	if err != nil || n.Mark != "#1" || n.Parts[0].Type != "reference" || n.Parts[0].Text != n.Mark {
		t.Errorf("got %+v, %v; want the reference to have the object's mark", n, err)
	}
}

func TestATreeShowsWhereAnArrayIsEmpty(t *testing.T) {
	for value, want := range map[string]string{
		`{"$type":"Array","length":4,"properties":{"0":1,"2":3}}`:   "1 <1 empty> 3 <1 empty>",
		`{"$type":"Array","length":9,"properties":{}}`:              "<9 empty>",
		`{"$type":"Array","length":5,"properties":{"4":1,"tag":2}}`: "<4 empty> 1 tag=2",
	} {
		n, err := inspect.ParseNode(json.RawMessage(value))
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, p := range n.Parts {
			text := p.Text
			if p.Type == "hole" {
				text = "<" + text + ">"
			} else if _, err := strconv.Atoi(p.Label); err != nil {
				text = p.Label + "=" + text
			}
			got = append(got, text)
		}
		if text := strings.Join(got, " "); text != want {
			t.Errorf("%s is %s, want %s", value, text, want)
		}
	}
}

func TestNothingPrintableCanReachTheTerminal(t *testing.T) {
	for text, want := range map[string]string{
		"plain комната 🎉": "plain комната 🎉", "a\nb\tc": "a⏎b⇥c", "\x1b[2J\x00": "␛[2J␀", "\u202egpj.exe": "�gpj.exe", "\u009b1m\xff": "�1m�",
	} {
		if got := inspect.Printable(text); got != want {
			t.Errorf("%q is shown as %q, want %q", text, got, want)
		}
	}
}

func TestBytesAreShownByTheirBeginning(t *testing.T) {
	long := make([]byte, 100_000)
	for what, c := range map[string]struct {
		kind string
		data []byte
		want string
	}{
		"none":    {"Uint8Array", nil, ""},
		"few":     {"ArrayBuffer", []byte{1, 2, 255}, "01 02 ff"},
		"as many": {"DataView", []byte{1, 2, 3, 4}, "01 02 03 04"},
		"more":    {"Uint8Array", []byte{1, 2, 3, 4, 5}, "01 02 03 04 …"},
		"many":    {"Uint8ClampedArray", long, "00 00 00 00 …"},
	} {
		value := fmt.Sprintf(`{"$type":%q,"base64":%q}`, c.kind, base64.StdEncoding.EncodeToString(c.data))
		got, ok := inspect.Entry{Type: c.kind, Value: json.RawMessage(value)}.Hex(4)
		if !ok || got != c.want {
			t.Errorf("%s: %q, %v; want %q", what, got, ok, c.want)
		}
	}
	if got, ok := (inspect.Entry{Type: "string", Value: json.RawMessage(`"base64"`)}).Hex(4); ok {
		t.Errorf("a string is shown as bytes: %q", got)
	}
}

func TestASocketTellsWhatOpenedIt(t *testing.T) {
	for _, c := range []struct {
		socket inspect.Socket
		want   string
	}{
		{inspect.Socket{URL: "http://127.0.0.1:8787/rooms/lobby?user=a%20b"}, "/rooms/lobby?user=a%20b"},
		{inspect.Socket{URL: "wss://feed.example/v1", Outgoing: true}, "→ wss://feed.example/v1"},
		{inspect.Socket{}, ""},
		{inspect.Socket{URL: "http://[no"}, "http://[no"},
	} {
		if got := c.socket.OpenedBy(); got != c.want {
			t.Errorf("%+v: got %q, want %q", c.socket, got, c.want)
		}
	}
}

func TestSocketsAreClosedWithCodesAndReasonsThatCodeMayGive(t *testing.T) {
	for _, code := range []int{1000, 1001, 1011, 3000, 4999} {
		if why := inspect.WhyNoClose(code, strings.Repeat("x", 123)); why != "" {
			t.Errorf("code %d: %s", code, why)
		}
	}
	for _, code := range []int{-1, 0, 999, 1004, 1005, 1006, 1015, 5000} {
		if inspect.WhyNoClose(code, "") == "" {
			t.Errorf("code %d is taken", code)
		}
	}
	if inspect.WhyNoClose(1000, strings.Repeat("é", 62)) == "" {
		t.Error("a reason of 124 bytes is taken")
	}
}

func TestSocketsThatHoldAnObjectAreWhyItCannotLeaveMemory(t *testing.T) {
	p := inspect.Project{Live: true}
	for _, kind := range []inspect.ActionKind{inspect.Evict, inspect.Hibernate} {
		for holding, want := range []string{"", "a socket that cannot hibernate keeps it in memory", "2 sockets that cannot hibernate keep it in memory"} {
			if got := p.WhyNot(kind, inspect.Object{State: inspect.Idle, Sockets: 3, Holding: holding}); got != want {
				t.Errorf("%s with %d: got %q, want %q", kind, holding, got, want)
			}
		}
	}
}
