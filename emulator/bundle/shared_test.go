package bundle_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/dodev/dodev/emulator/config"
)

// said lists the variables of modules that classes are said to share, sorted,
// with the places where they are changed.
func said(t *testing.T, files string, classes ...string) string {
	t.Helper()
	b, cfg := build(t, files)
	for _, class := range classes {
		cfg.Bindings = append(cfg.Bindings, config.DurableObjectBinding{Name: class, Class: class})
	}
	var out []string
	for _, d := range b.SharedState(cfg) {
		name, rest, _ := strings.Cut(d.Message, " belongs to the module, and class ")
		class, _, _ := strings.Cut(rest, " ")
		out = append(out, fmt.Sprintf("%s:%d:%d %s %s", strings.Join(inputNames(cfg, []string{d.Pos.File}), ""), d.Pos.Line, d.Pos.Column, name, class))
	}
	slices.Sort(out)
	return strings.Join(out, "\n")
}

func TestModuleStateThatObjectsShareIsToldOf(t *testing.T) {
	got := said(t, `
-- src/index.ts --
import { DurableObject } from "cloudflare:workers";
import { bump, helper, peek } from "./helper";
import { counted } from "lib";

let visits = 0, other: number;
const users = new Map<string, number>();
const list: string[] = [];
const fixed = new Map([["a", 1]]);
export let shown = 1;
const memo = {} as Record<string, number>;
let lazy: object | undefined;
let byWorker = "";
const keep = new WeakMap<object, number>();
let unseen = 0;

export class Room extends DurableObject {
  static count = 0;
  hit(visits: number) {
    {
      const visits = 3;
      console.log(visits);
    }
    visits++;
    Room.count++;
    users.set("a", 1);
    return `+"`a${visits + `${users.size} } ${`${1}`}`} /x/ visits = 3`"+`;
  }
  me() {
    for (const users of [1]) console.log(users);
    other = 3;
    lazy ??= {};
    keep.set(this, 1);
    const half = visits / 2; // visits = 1 /
    list["push"]; list.push("x");
    fixed.get("a");
    ({ visits: half });
    return /ab}c`+"`"+`[/]/.test("x") ? bump() : helper() + peek() + counted() + byWorker + { shown }.shown;
  }
  set visits(v: number) {}
  get users() { return this.visits = 4; }
}
export class Other extends Room {
  me() { delete memo.a; [visits] = [1]; visits += 1; return 1; }
}
export default {
  async fetch() {
    byWorker = "x"; unseen++; memo.b = 1;
    return new Response();
  },
};
-- src/helper.ts --
let visits = 1;
export function bump() {
  if (visits > 1) { visits-- }
  return visits;
}
let n = 0;
export const helper = () => ++n;
let looked = 0;
export const peek = () => looked;
if (looked) { looked = 2; }
export const never = () => { looked = 1 };
-- node_modules/lib/index.js --
let calls = 0;
export const counted = () => ++calls;
`, "Room", "Other", "Missing")
	want := `src/helper.ts:3:21 "visits" "Room"
src/helper.ts:7:31 "n" "Room"
src/index.ts:24:5 "Room.count" "Room"
src/index.ts:25:5 "users" "Room"
src/index.ts:30:5 "other" "Room"
src/index.ts:34:19 "list" "Room"
src/index.ts:43:17 "memo" "Other"
src/index.ts:43:41 "visits" "Room"
src/index.ts:47:5 "byWorker" "Room"`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestCodeThatWasNotPrintedByTheBundlerIsNotJudged(t *testing.T) {
	for _, option := range []string{`"NoBundle": true`, `"Minify": true`} {
		got := said(t, `
-- cfg --
{`+option+`, "Main": "src/index.js", "Rules": [{"Type": "ESModule", "Globs": ["**/*.js"]}]}
-- src/index.js --
let visits = 0;
export class Room { hit() { visits++; } }
export default {};
`, "Room")
		if got != "" {
			t.Errorf("%s: got %s", option, got)
		}
	}
}
