package migrate_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dodev/dodev/emulator/config"
	"github.com/dodev/dodev/emulator/migrate"
	"github.com/dodev/dodev/emulator/object"
	"github.com/dodev/dodev/sqlite"
	"github.com/dodev/dodev/sqlite/state"
)

var now = time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)

// A bed is a project with a state folder.
type bed struct {
	t      *testing.T
	dir    string
	folder state.Folder
}

func newBed(t *testing.T) *bed {
	dir := t.TempDir()
	return &bed{t: t, dir: dir, folder: state.Folder{Dir: filepath.Join(dir, "state")}}
}

// config is a Worker "app" unless the text names another.
func (b *bed) config(text string) *config.Config {
	b.t.Helper()
	if !strings.Contains(text, "name =") {
		text = "name = \"app\"\n" + text
	}
	path := filepath.Join(b.dir, "wrangler.toml")
	text = strings.Replace(text, "\n", "\nmain = \"index.js\"\ncompatibility_date = \"2026-11-01\"\n", 1)
	write(b.t, path, text)
	write(b.t, filepath.Join(b.dir, "index.js"), "")
	c, _, err := config.Load(path, config.Options{Now: now})
	if err != nil {
		b.t.Fatal(err)
	}
	return c
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
}

// store makes an object that holds a value and, if alarm is not zero, an alarm
// under a name.
func (b *bed) store(key string, id object.ID, value string, alarm time.Time, name string) {
	b.t.Helper()
	db := sqlite.OpenObject(sqlite.ObjectPath(b.folder.Namespace(key), id.String()), sqlite.Options{})
	err := db.Put("value", []byte(value))
	if err == nil && !alarm.IsZero() {
		err = db.SetAlarm(alarm)
	}
	if err == nil {
		err = db.Commit()
	}
	if err != nil || db.Close() != nil {
		b.t.Fatal(err)
	}
	index, err := sqlite.OpenIndex(b.folder.Namespace(key), sqlite.Options{})
	if err != nil {
		b.t.Fatal(err)
	}
	defer index.Close()
	if !alarm.IsZero() {
		if err := index.Set(sqlite.Alarm{ID: id.String(), At: alarm, Name: name}); err != nil {
			b.t.Fatal(err)
		}
	}
}

// stored is what an object holds, "" when it is not there.
func (b *bed) stored(key string, id object.ID) string {
	b.t.Helper()
	db := sqlite.OpenObject(sqlite.ObjectPath(b.folder.Namespace(key), id.String()), sqlite.Options{ReadOnly: true})
	defer db.Close()
	value, _, err := db.Get("value")
	if err != nil {
		b.t.Fatal(err)
	}
	return string(value)
}

func (b *bed) ledger() *migrate.Ledger {
	b.t.Helper()
	l, err := migrate.ReadLedger(b.folder)
	if err != nil {
		b.t.Fatal(err)
	}
	return l
}

func (b *bed) plan(configs ...*config.Config) *migrate.Plan {
	b.t.Helper()
	survey, err := migrate.TakeSurvey(b.folder)
	if err != nil {
		b.t.Fatal(err)
	}
	return migrate.Make(configs, b.ledger(), survey)
}

func (b *bed) apply(opts migrate.Options, configs ...*config.Config) migrate.Result {
	b.t.Helper()
	opts.Now = now
	r, err := b.plan(configs...).Apply(b.folder, opts)
	if err != nil {
		b.t.Fatal(err)
	}
	return r
}

func ns(key string) object.Namespace {
	script, class, _ := migrate.SplitKey(key)
	return object.NewNamespace(script, class)
}

func unique(key string, seed byte) object.ID {
	id, err := ns(key).Unique(bytes.NewReader(bytes.Repeat([]byte{seed}, 16)))
	if err != nil {
		panic(err)
	}
	return id
}

const v1 = `
[[migrations]]
tag = "v1"
new_sqlite_classes = ["ChatRoom"]
`

const v2 = v1 + `
[[migrations]]
tag = "v2"
renamed_classes = [{ from = "ChatRoom", to = "Room" }]
`

func TestARenamedClassKeepsItsObjects(t *testing.T) {
	b := newBed(t)
	b.apply(migrate.Options{}, b.config(v1))
	chat, room := ns("app-ChatRoom"), ns("app-Room")
	named, nameless, single := chat.FromName("lobby"), chat.FromName("attic"), unique("app-ChatRoom", 7)
	alarm := now.Add(time.Hour)
	b.store("app-ChatRoom", named, "named", alarm, "lobby")
	b.store("app-ChatRoom", nameless, "nameless", time.Time{}, "")
	b.store("app-ChatRoom", single, "single", time.Time{}, "")

	r := b.apply(migrate.Options{}, b.config(v2))
	if r.Nameless != 2 {
		t.Errorf("%d objects without a known name, want 2", r.Nameless)
	}
	for _, want := range []struct {
		id    object.ID
		value string
	}{{room.FromName("lobby"), "named"}, {room.Adopt(nameless), "nameless"}, {room.Adopt(single), "single"}} {
		if got := b.stored("app-Room", want.id); got != want.value {
			t.Errorf("%s holds %q, want %q", want.id, got, want.value)
		}
	}
	alarms, err := b.folder.Alarms("app-Room")
	if err != nil || len(alarms) != 1 || alarms[0] != (sqlite.Alarm{ID: room.FromName("lobby").String(), At: alarms[0].At, Name: "lobby"}) || !alarms[0].At.Equal(alarm) {
		t.Errorf("alarms %v, %v, want the one of lobby", alarms, err)
	}
	if keys, _ := b.folder.Namespaces(); !slices.Equal(keys, []string{"app-Room"}) {
		t.Errorf("folders %v, want app-Room alone", keys)
	}

	alias := migrate.NewAlias("app", "Room", b.ledger().Class("app", "Room"))
	for _, former := range []struct{ was, is object.ID }{
		{named, room.FromName("lobby")}, {nameless, room.Adopt(nameless)}, {single, room.Adopt(single)},
	} {
		if got, ok := alias.ByID(former.was); !ok || got != former.is {
			t.Errorf("the former id %s leads to %s, %t, want %s", former.was, got, ok, former.is)
		}
	}
	if got := alias.ByName("attic"); !slices.Contains(got, room.Adopt(nameless)) {
		t.Errorf("attic may lie at %v, want %s among them", got, room.Adopt(nameless))
	}
	if _, ok := alias.ByID(ns("other-Class").FromName("x")); ok {
		t.Error("an id of a stranger leads somewhere")
	}
}

func TestRenamedObjectsStayInTheirJurisdiction(t *testing.T) {
	b := newBed(t)
	b.apply(migrate.Options{}, b.config(v1))
	chat, _ := ns("app-ChatRoom").Jurisdiction("eu")
	room, _ := ns("app-Room").Jurisdiction("eu")
	b.store("app-ChatRoom", chat.FromName("lobby"), "named", now.Add(time.Hour), "lobby")
	b.store("app-ChatRoom", chat.FromName("attic"), "nameless", time.Time{}, "")
	b.apply(migrate.Options{}, b.config(v2))
	alias := migrate.NewAlias("app", "Room", b.ledger().Class("app", "Room"))
	for name, want := range map[string]struct {
		id    object.ID
		value string
	}{"lobby": {room.FromName("lobby"), "named"}, "attic": {room.Adopt(chat.FromName("attic")), "nameless"}} {
		if got := b.stored("app-Room", want.id); got != want.value {
			t.Errorf("%s holds %q, want %q", name, got, want.value)
		}
		if got, ok := alias.ByID(chat.FromName(name)); !ok || got != want.id {
			t.Errorf("the former id of %s leads to %s, %t, want %s", name, got, ok, want.id)
		}
		if in, ok := room.JurisdictionOf(want.id); !ok || in != "eu" {
			t.Errorf("%s is in %q, want eu", name, in)
		}
	}
}

func TestFormerIDsLeadThroughSeveralRenames(t *testing.T) {
	b := newBed(t)
	id := ns("app-ChatRoom").FromName("lobby")
	b.store("app-ChatRoom", id, "x", now.Add(time.Hour), "lobby")
	text := v1
	from := "ChatRoom"
	for i := range 5 {
		to := fmt.Sprintf("Room%d", i)
		text += fmt.Sprintf("\n[[migrations]]\ntag = \"r%d\"\nrenamed_classes = [{ from = %q, to = %q }]\n", i, from, to)
		from = to
		if i%2 == 0 { // sometimes two at once
			b.apply(migrate.Options{}, b.config(text))
		}
	}
	alias := migrate.NewAlias("app", "Room4", b.ledger().Class("app", "Room4"))
	for _, class := range []string{"ChatRoom", "Room0", "Room2", "Room3"} {
		was := ns("app-" + class).FromName("lobby")
		got, ok := alias.ByID(was)
		if class == "Room3" && !ok {
			continue // it never had that id: two renames were one move
		}
		if got != ns("app-Room4").FromName("lobby") {
			t.Errorf("its id as a %s leads to %s, %t", class, got, ok)
		}
	}
	if got := b.stored("app-Room4", ns("app-Room4").FromName("lobby")); got != "x" {
		t.Errorf("it holds %q", got)
	}
}

func TestTwoClassesCanSwapTheirNames(t *testing.T) {
	b := newBed(t)
	const start = "\n[[migrations]]\ntag = \"v1\"\nnew_sqlite_classes = [\"A\", \"B\"]\n"
	b.apply(migrate.Options{}, b.config(start))
	b.store("app-A", ns("app-A").FromName("x"), "was A", now.Add(time.Hour), "x")
	b.store("app-B", ns("app-B").FromName("x"), "was B", now.Add(time.Hour), "x")
	b.apply(migrate.Options{}, b.config(start+"\n[[migrations]]\ntag = \"v2\"\nrenamed_classes = [{from = \"A\", to = \"C\"}, {from = \"B\", to = \"A\"}, {from = \"C\", to = \"B\"}]\n"))
	if got := b.stored("app-A", ns("app-A").FromName("x")); got != "was B" {
		t.Errorf("A holds %q, want what B held", got)
	}
	if got := b.stored("app-B", ns("app-B").FromName("x")); got != "was A" {
		t.Errorf("B holds %q, want what A held", got)
	}
}

func TestADeletedClassGoesWithAllItStored(t *testing.T) {
	b := newBed(t)
	b.apply(migrate.Options{}, b.config(v1))
	b.store("app-ChatRoom", ns("app-ChatRoom").FromName("lobby"), "x", now.Add(time.Hour), "lobby")
	plan := b.plan(b.config(v1 + "\n[[migrations]]\ntag = \"v2\"\ndeleted_classes = [\"ChatRoom\"]\n"))
	if len(plan.Steps) != 1 || plan.Steps[0].Objects != 1 || plan.Steps[0].Alarms != 1 || plan.Safe() {
		t.Fatalf("plan %+v, want to delete one object with an alarm, which is not safe", plan.Steps)
	}
	if _, err := plan.Apply(b.folder, migrate.Options{Now: now}); err != nil {
		t.Fatal(err)
	}
	if keys, _ := b.folder.Namespaces(); len(keys) > 0 {
		t.Errorf("folders %v are left", keys)
	}
	if c := b.ledger().Class("app", "ChatRoom"); c != nil {
		t.Errorf("the ledger still has %+v", c)
	}
}

func TestAFolderWithoutALedgerIsAdopted(t *testing.T) {
	b := newBed(t)
	b.store("app-ChatRoom", ns("app-ChatRoom").FromName("lobby"), "left behind", time.Time{}, "")
	plan := b.plan(b.config(v2))
	var rename migrate.Step
	for _, s := range plan.Steps {
		if s.Kind == migrate.Rename {
			rename = s
		}
	}
	if rename.Objects != 1 {
		t.Fatalf("steps %v, want to rename one object that was left behind", plan.Steps)
	}

	fresh := newBed(t)
	fresh.store("app-Room", ns("app-Room").FromName("lobby"), "in place", time.Time{}, "")
	plan = fresh.plan(fresh.config(v2))
	if !plan.Safe() || plan.Problems.HasErrors() {
		t.Errorf("steps %v, problems %v, want to note only what the other tool has done", plan.Steps, plan.Problems)
	}
}

func TestTransferredObjectsGetTheOtherWorkersIDs(t *testing.T) {
	b := newBed(t)
	b.store("old-Room", ns("old-Room").FromName("lobby"), "x", now.Add(time.Hour), "lobby")
	b.apply(migrate.Options{}, b.config("\n[[migrations]]\ntag = \"v1\"\ntransferred_classes = [{ from = \"Room\", from_script = \"old\", to = \"Hall\" }]\n"))
	if got := b.stored("app-Hall", ns("app-Hall").FromName("lobby")); got != "x" {
		t.Errorf("the hall holds %q", got)
	}
}

func TestObjectsOfAFormerScriptNameAreOfferedAndTakenUpOnWish(t *testing.T) {
	b := newBed(t)
	b.store("former-ChatRoom", ns("former-ChatRoom").FromName("lobby"), "x", now.Add(time.Hour), "lobby")
	c := b.config(v1)
	plan := b.plan(c)
	if len(plan.Offers) != 1 || plan.Offers[0].From != "former" || plan.Offers[0].Objects != 1 {
		t.Fatalf("offers %+v, want the object of the script former", plan.Offers)
	}
	b.apply(migrate.Options{}, c)
	if got := b.stored("former-ChatRoom", ns("former-ChatRoom").FromName("lobby")); got != "x" {
		t.Error("it was taken up unasked")
	}
	b.apply(migrate.Options{Adopt: []string{"former"}}, c)
	if got := b.stored("app-ChatRoom", ns("app-ChatRoom").FromName("lobby")); got != "x" {
		t.Errorf("the adopted object holds %q", got)
	}
	alias := migrate.NewAlias("app", "ChatRoom", b.ledger().Class("app", "ChatRoom"))
	if got, _ := alias.ByID(ns("former-ChatRoom").FromName("lobby")); got != ns("app-ChatRoom").FromName("lobby") {
		t.Errorf("its former id leads to %s", got)
	}
}

func TestProblemsKeepAPlanFromBeingApplied(t *testing.T) {
	tests := []struct {
		name, before, after, code string
		store                     []string
	}{
		{name: "an applied migration is gone", before: v2, after: v1, code: "tag-missing"},
		{name: "a migration before an applied one", before: v1, after: "\n[[migrations]]\ntag = \"v0\"\nnew_classes = [\"X\"]\n" + v1, code: "tag-order"},
		{name: "an applied migration was changed", before: v1, after: strings.Replace(v1, "ChatRoom", "Other", 1), code: "tag-changed"},
		{name: "a deleted class is bound", before: v1, code: "class-bound",
			after: v1 + "\n[[migrations]]\ntag = \"v2\"\ndeleted_classes = [\"ChatRoom\"]\n[[durable_objects.bindings]]\nname = \"ROOMS\"\nclass_name = \"ChatRoom\"\n"},
		{name: "both names have objects", before: v1, after: v2, code: "class-exists", store: []string{"app-ChatRoom", "app-Room"}},
		{name: "another kind of storage", code: "storage-changed",
			before: "\n[exports.Room]\ntype = \"durable-object\"\nstorage = \"legacy-kv\"\n", after: "\n[exports.Room]\ntype = \"durable-object\"\nstorage = \"sqlite\"\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := newBed(t)
			b.apply(migrate.Options{}, b.config(tt.before))
			for _, key := range tt.store {
				b.store(key, ns(key).FromName("x"), "x", time.Time{}, "")
			}
			plan := b.plan(b.config(tt.after))
			i := slices.IndexFunc(plan.Problems, func(d config.Diagnostic) bool { return d.Code == tt.code })
			if i < 0 {
				t.Fatalf("problems %v, want %s", plan.Problems, tt.code)
			}
			d := plan.Problems[i]
			if d.Pos.File == "" || d.Hint == "" {
				t.Errorf("%+v has no place or no remedy", d)
			}
			if d.Severity == config.Warning {
				return
			}
			if _, err := plan.Apply(b.folder, migrate.Options{Now: now}); err == nil {
				t.Error("the plan was applied all the same")
			}
		})
	}
}

func TestAnExportsMapIsCarriedOut(t *testing.T) {
	b := newBed(t)
	b.apply(migrate.Options{}, b.config("\n[exports.ChatRoom]\ntype = \"durable-object\"\nstorage = \"sqlite\"\n"))
	b.store("app-ChatRoom", ns("app-ChatRoom").FromName("lobby"), "x", now.Add(time.Hour), "lobby")
	c := b.config("\n[exports.ChatRoom]\ntype = \"durable-object\"\nstate = \"renamed\"\nrenamed_to = \"Room\"\n[exports.Room]\ntype = \"durable-object\"\nstorage = \"sqlite\"\n")
	b.apply(migrate.Options{}, c)
	if got := b.stored("app-Room", ns("app-Room").FromName("lobby")); got != "x" {
		t.Errorf("the room holds %q", got)
	}
	if plan := b.plan(c); !plan.Done() {
		t.Errorf("steps %v are left", plan.Steps)
	}
}

func TestAPlanIsRefusedWhileTheFolderIsInUse(t *testing.T) {
	b := newBed(t)
	b.store("app-ChatRoom", ns("app-ChatRoom").FromName("lobby"), "x", time.Time{}, "")
	plan := b.plan(b.config(v2))
	index, err := sqlite.OpenIndex(b.folder.Namespace("app-ChatRoom"), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer index.Close()
	if _, err := plan.Apply(b.folder, migrate.Options{Now: now}); !errors.Is(err, sqlite.ErrLocked) {
		t.Errorf("got %v, want %v", err, sqlite.ErrLocked)
	}
}

func FuzzLedger(f *testing.F) {
	f.Add(`{"version":1,"scripts":{"app":{"applied":[{"tag":"v1","at":"2026-11-25T12:00:00Z","config":"x","steps":[]}],"classes":{"Room":{"sqlite":true,"former":["app-ChatRoom"],"moved":{}}}}}}`)
	f.Add(`{"version":2}`)
	f.Add(`{"version":1,"scripts":{"app":null}}`)
	f.Fuzz(func(t *testing.T, text string) {
		dir := t.TempDir()
		write(t, filepath.Join(dir, "dodev", "ledger.json"), text)
		l, err := migrate.ReadLedger(state.Folder{Dir: dir})
		if err != nil {
			return
		}
		for script, s := range l.Scripts {
			for class, c := range s.Classes {
				migrate.NewAlias(script, class, c).ByID(object.ID{})
			}
		}
	})
}

func TestAPlanThatIsOldByNowIsNotApplied(t *testing.T) {
	b := newBed(t)
	b.apply(migrate.Options{}, b.config(v1))
	b.store("app-ChatRoom", ns("app-ChatRoom").FromName("lobby"), "hello", time.Time{}, "")
	c := b.config(v2)
	first, second := b.plan(c), b.plan(c)
	if _, err := first.Apply(b.folder, migrate.Options{Now: now}); err != nil {
		t.Fatal(err)
	}
	before := b.ledger()
	if _, err := second.Apply(b.folder, migrate.Options{Now: now}); !errors.Is(err, migrate.ErrStale) {
		t.Errorf("applied twice: %v, want %v", err, migrate.ErrStale)
	}
	if now := b.ledger(); !reflect.DeepEqual(now, before) {
		t.Errorf("the ledger is %+v, want %+v", now, before)
	}
}
