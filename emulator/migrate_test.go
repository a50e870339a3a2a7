package emulator_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dodev/dodev/emulator"
	"github.com/dodev/dodev/emulator/config"
	"github.com/dodev/dodev/emulator/migrate"
	"github.com/dodev/dodev/sqlite/snapshot"
)

// classesProject has a class that counts, sleeps on sockets and knows its alarm,
// under the name CLASS, and another one that stays.
const classesProject = `
-- wrangler.toml --
name = "app"
main = "index.js"
compatibility_date = "2026-11-01"
[[durable_objects.bindings]]
name = "ROOMS"
class_name = "CLASS"
[[durable_objects.bindings]]
name = "OTHERS"
class_name = "Other"
[[migrations]]
tag = "v1"
new_sqlite_classes = ["Room", "Other"]
MIGRATIONS
-- index.js --
import { DurableObject } from "cloudflare:workers";
class Base extends DurableObject {
  add() { const n = (this.ctx.storage.kv.get("n") ?? 0) + 1; this.ctx.storage.kv.put("n", n); return this.constructor.name + " " + n; }
  get() { return this.constructor.name + " " + (this.ctx.storage.kv.get("n") ?? 0); }
  hex() { return String(this.ctx.id); }
  arm(at) { return this.ctx.storage.setAlarm(Number(at)); }
  alarm() { console.log("alarm of " + this.ctx.id.name + " in " + this.constructor.name); }
  fetch() { const pair = new WebSocketPair(); this.ctx.acceptWebSocket(pair[1]); return new Response(null, { status: 101, webSocket: pair[0] }); }
  webSocketMessage(ws, message) { ws.send(this.constructor.name + " heard " + message); }
}
export class CLASS extends Base {}
export class Other extends Base {}
export default {
  async fetch(request, env) {
    const [, kind, object, method, ...args] = new URL(request.url).pathname.split("/");
    const namespace = kind === "others" ? env.OTHERS : env.ROOMS;
    const stub = object.length === 64 ? namespace.get(namespace.idFromString(object)) : namespace.getByName(object);
    try {
      return request.headers.get("upgrade") ? stub.fetch(request) : new Response(String(await stub[method](...args)));
    } catch (error) {
      return new Response(String(error), { status: 500 });
    }
  },
};
`

// classes builds the project with a class, and migrations after the first.
func classes(t testing.TB, class, migrations string) emulator.Worker {
	t.Helper()
	cfg, b := build(t, extract(t, strings.NewReplacer("CLASS", class, "MIGRATIONS", migrations).Replace(classesProject)), config.Options{})
	return emulator.Worker{Config: cfg, Bundle: b}
}

const renaming = "[[migrations]]\ntag = \"v2\"\nrenamed_classes = [{ from = \"Room\", to = \"Hall\" }]\n"

// migrations serves a project to whose state its first migration is applied.
func migrations(t *testing.T, changes ...func(*emulator.Options)) (p *project, store snapshot.Store) {
	t.Helper()
	w := classes(t, "Room", "")
	p = serveBuilt(t, w.Config, w.Bundle, changes...)
	store = snapshot.Store{Dir: filepath.Join(t.TempDir(), "snapshots")}
	p.migrate(store, w)
	return p, store
}

// migrate applies what a Worker asks for, which must be done.
func (p *project) migrate(store snapshot.Store, w emulator.Worker) migrate.Result {
	p.t.Helper()
	r, info, err := p.Migrate(emulator.Migration{Workers: []emulator.Worker{w}, Snapshots: store, Agreed: agreed})
	if err != nil {
		p.t.Fatalf("migrate: %v", explained(err))
	}
	wait(p.t, "the old code to end", info.Moved)
	return r
}

func agreed(*migrate.Plan) error { return nil }

func TestARunningClassIsRenamedWithItsData(t *testing.T) {
	t.Parallel()
	for _, isolates := range []int{1, 3} {
		t.Run(fmt.Sprintf("%d isolates", isolates), func(t *testing.T) { renameWhileRunning(t, isolates) })
	}
}

func renameWhileRunning(t *testing.T, isolates int) {
	now := newClock()
	p, store := migrations(t, at(now), func(o *emulator.Options) { o.Isolates = isolates })
	id := p.get("/rooms/lobby/hex")
	p.asks(t, [][2]string{{"/rooms/lobby/add", "Room 1"}, {"/rooms/attic/add", "Room 1"}, {"/others/lobby/add", "Other 1"}, {"/rooms/lobby/arm/1800003600000"}}...)
	renamed, other := p.dial("/rooms/lobby"), p.dial("/others/lobby")

	r := p.migrate(store, classes(t, "Hall", renaming))
	if len(r.Steps) != 1 || r.Steps[0].Objects != 2 || r.Snapshot != "before-v2" {
		t.Errorf("did %+v, want 2 objects renamed and kept as before-v2", r)
	}
	renamed.expect("close 1012 the code was updated")
	other.send("x")
	other.expect("Other heard x")
	p.asks(t, [][2]string{
		{"/rooms/lobby/add", "Hall 2"}, {"/rooms/attic/get", "Hall 1"}, {"/others/lobby/get", "Other 1"},
		{"/rooms/" + id + "/get", "Hall 2"}, // an id that was stored under the former name
	}...)
	again := p.dial("/rooms/lobby")
	again.send("x")
	again.expect("Hall heard x")
	now.Advance(time.Hour)
	p.says("alarm of lobby in Hall")
}

func TestARunningClassIsDeletedWithItsData(t *testing.T) {
	t.Parallel()
	now := newClock()
	p, store := migrations(t, at(now))
	p.asks(t, [][2]string{{"/rooms/lobby/add", "Room 1"}, {"/rooms/lobby/arm/1800000060000"}, {"/others/lobby/add", "Other 1"}}...)
	s := p.dial("/rooms/lobby")
	p.migrate(store, classes(t, "Hall", "[[migrations]]\ntag = \"v2\"\ndeleted_classes = [\"Room\"]\nnew_sqlite_classes = [\"Hall\"]\n"))
	if got := s.next(); strings.HasPrefix(got, "close 1012") {
		t.Errorf("the socket of a deleted object got %q, want an end without a handshake", got)
	}
	p.asks(t, [][2]string{{"/rooms/lobby/get", "Hall 0"}, {"/others/lobby/get", "Other 1"}}...)
	if n := len(p.Objects().Alarms()); n != 0 {
		t.Errorf("%d alarms are pending, want none", n)
	}
}

func TestUndoingMigrationsOfARunningProjectBringsBackDataAndCode(t *testing.T) {
	t.Parallel()
	p, store := migrations(t)
	p.asks(t, [][2]string{{"/rooms/lobby/add", "Room 1"}}...)
	before := p.Running()
	p.migrate(store, classes(t, "Hall", renaming))
	p.asks(t, [][2]string{{"/rooms/lobby/add", "Hall 2"}, {"/rooms/new/add", "Hall 1"}}...)
	ledger, err := p.Ledger()
	if err != nil {
		t.Fatal(err)
	}
	undo, err := ledger.Undo(store)
	if err != nil {
		t.Fatal(err)
	}
	done, _, err := p.UndoMigrations(undo, before)
	if err != nil || done.Objects != 1 {
		t.Fatalf("undone: %+v, %v", done, err)
	}
	p.asks(t, [][2]string{{"/rooms/lobby/add", "Room 2"}, {"/rooms/new/get", "Room 0"}}...)
}

func TestAPlanThatIsNotAgreedToChangesNothing(t *testing.T) {
	t.Parallel()
	p, store := migrations(t)
	p.asks(t, [][2]string{{"/rooms/lobby/add", "Room 1"}}...)
	refused := errors.New("refused")
	_, _, err := p.Migrate(emulator.Migration{
		Workers: []emulator.Worker{classes(t, "Hall", renaming)}, Snapshots: store, Agreed: func(*migrate.Plan) error { return refused },
	})
	if !errors.Is(err, refused) {
		t.Errorf("got %v, want the refusal", err)
	}
	p.asks(t, [][2]string{{"/rooms/lobby/add", "Room 2"}}...)
}

func TestNoRequestFallsBetweenOldDataAndNewCode(t *testing.T) {
	t.Parallel()
	p, store := migrations(t)
	p.asks(t, [][2]string{{"/rooms/lobby/add", "Room 1"}}...)
	stop := make(chan struct{})
	var clients sync.WaitGroup
	for range 4 {
		clients.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				// A request that is under way may fail, as in a deploy; none
				// may find an object that has forgotten.
				if status, body := p.ask(request{path: "/rooms/lobby/get"}); status == 200 && body != "Room 1" && body != "Hall 1" {
					t.Errorf("a request found %q", body)
				}
			}
		})
	}
	p.migrate(store, classes(t, "Hall", renaming))
	close(stop)
	clients.Wait()
	p.asks(t, [][2]string{{"/rooms/lobby/get", "Hall 1"}}...)
	if _, err := os.Stat(filepath.Join(p.state, "v3", "do", "app-Room")); err == nil {
		t.Error("something is stored under the former name")
	}
}

// A process that is killed in the middle of applying migrations leaves what the
// next start makes wholly the one or the other.
func TestMigrationsOfARunningProjectOutliveItsDeath(t *testing.T) {
	t.Parallel()
	killed := errors.New("killed")
	for step := 0; ; step++ {
		state := t.TempDir()
		left, dead := -1, false
		p, store := migrations(t, inFolder(state), func(o *emulator.Options) {
			o.FailSteps(func() error {
				if dead = dead || left == 0; dead {
					return killed
				}
				left--
				return nil
			})
		})
		p.asks(t, [][2]string{{"/rooms/lobby/add", "Room 1"}, {"/rooms/attic/add", "Room 1"}}...)
		left = step
		w := classes(t, "Hall", renaming)
		_, _, err := p.Migrate(emulator.Migration{Workers: []emulator.Worker{w}, Snapshots: store, Agreed: agreed})
		left = -1
		closed(t, p)
		if err == nil {
			if step < 5 {
				t.Fatalf("only %d steps were taken", step)
			}
			return
		}
		if !errors.Is(err, killed) {
			t.Fatal(err)
		}
		dead = false
		next := serveBuilt(t, w.Config, w.Bundle, inFolder(state))
		plan, err := next.PlanMigrations([]*config.Config{w.Config})
		if err != nil {
			t.Fatal(err)
		}
		if !plan.Done() {
			next.migrate(store, w)
		}
		next.asks(t, [][2]string{{"/rooms/lobby/get", "Hall 1"}, {"/rooms/attic/get", "Hall 1"}}...)
		if t.Failed() {
			t.Fatal(fmt.Sprintf("killed before step %d", step))
		}
		closed(t, next)
	}
}
