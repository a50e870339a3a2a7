package bundle_test

import (
	"slices"
	"testing"

	"github.com/dodev/dodev/emulator/bundle"
)

const roomProject = `
-- src/index.ts --
import { Room } from "./room"
import { helper } from "pkg"
export { Room }
export default { helper }
-- src/room.ts --
interface State { n: number }

export class Room {
	state: State = { n: 0 }

	async fail(message: string): Promise<never> {
		throw new Error(message)
	}
}
-- node_modules/pkg/index.js --
export function helper() { throw new TypeError("in the package") }
`

func TestPlacesLeadBackToTheirFiles(t *testing.T) {
	b, _ := build(t, roomProject)
	for _, c := range []struct {
		text, file   string
		line, column int
	}{
		{"new Error(message)", "src/room.ts", 7, 9},
		{"throw new Error(message)", "src/room.ts", 7, 3},
		{`new TypeError("in the`, "node_modules/pkg/index.js", 1, 34},
	} {
		line, column := find(t, code(b), c.text)
		file, l, col, _, ok := b.Modules[0].Map.Lookup(line, column)
		if !ok || file != c.file || l != c.line || col != c.column {
			t.Errorf("%s came from %s:%d:%d (%v), want %s:%d:%d", c.text, file, l, col, ok, c.file, c.line, c.column)
		}
	}
	for _, line := range []int{-1, 0, 1, 2, 100000} {
		if file, _, _, _, ok := b.Modules[0].Map.Lookup(line, 5); ok {
			t.Errorf("line %d came from %s, want nowhere", line, file)
		}
	}
}

func TestStacksAreThoseOfTheSource(t *testing.T) {
	b, _ := build(t, roomProject)
	line, column := find(t, code(b), "new Error(message)")
	place := "index.js:" + itoa(line) + ":" + itoa(column)
	stack := "Error: at last (index.js:1:1)\n" +
		"    at fail (" + place + ")\n" +
		"    at <anonymous> (" + place + ")\n" +
		"    at " + place + "\n" +
		"    at __name (index.js:1:20)\n" +
		"    at forEach (native)\n" +
		"    at visit (index.js)\n" +
		"    at apply (native)\n" +
		"    at dispatch (dodev:boot.js:10:3)\n" +
		"    at dodev:boot.js:10:3\n" +
		"    at other (unknown.js:1:2)\n" +
		"    at odd (index.js)\n" +
		"    at odd (index.js:x:y)\n" +
		"    at eval (<input>:1:1)"
	want := "Error: at last (index.js:1:1)\n" +
		"    at fail (src/room.ts:7:9)\n" +
		"    at <anonymous> (src/room.ts:7:9)\n" +
		"    at src/room.ts:7:9\n" +
		"    at forEach (native)\n" +
		"    at visit (index.js)\n" +
		"    at other (unknown.js:1:2)\n" +
		"    at odd (index.js)\n" +
		"    at odd (index.js:x:y)\n" +
		"    at eval (<input>:1:1)"
	if got := b.MapStack(stack); got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
	if got := (&bundle.Bundle{}).MapStack(stack); !slices.Equal(lines(got), without(without(lines(stack), "dodev:"), "apply")) {
		t.Errorf("got of a bundle without modules:\n%s", got)
	}
}

func TestStacksOfLoweredCodeHaveNoHelpers(t *testing.T) {
	b, _ := build(t, `
-- src/index.ts --
import { AsyncLocalStorage } from "node:async_hooks"
export default {
  als: AsyncLocalStorage,
  async fetch() {
    throw new Error("lowered")
  },
}
`)
	row, col := find(t, code(b), `new Error("lowered")`)
	helper, at := find(t, code(b), "generator.next(") // in what drives the generators
	got := b.MapStack("    at fetch (index.js:" + itoa(row) + ":" + itoa(col) + ")\n    at next (native)\n    at step (index.js:" + itoa(helper) + ":" + itoa(at) + ")\n")
	if want := "    at fetch (src/index.ts:5:11)\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestRenamedThingsHaveTheirNames(t *testing.T) {
	b, _ := build(t, `
-- src/index.ts --
import { act as other } from "./other"
function act() { throw new Error("mine") }
export default { act, other }
-- src/other.ts --
export function act() { throw new Error("theirs") }
`)
	line, column := find(t, code(b), "act2(")
	if _, _, _, name, ok := b.Modules[0].Map.Lookup(line, column); !ok || name != "act" {
		t.Errorf("got name %q (%v), want act", name, ok)
	}
}

func TestExcerptsAreOfTheCodeThatWasBuilt(t *testing.T) {
	b, _ := build(t, roomProject)
	for _, c := range []struct {
		file         string
		line, around int
		first        int
		lines        []string
		ok           bool
	}{
		{"src/room.ts", 7, 1, 6, []string{"\tasync fail(message: string): Promise<never> {", "\t\tthrow new Error(message)", "\t}"}, true},
		{"src/room.ts", 1, 2, 1, []string{"interface State { n: number }", "", "export class Room {"}, true},
		{"src/index.ts", 4, 1, 3, []string{"export { Room }", "export default { helper }"}, true},
		{"src/room.ts", 100, 1, 0, nil, false},
		{"src/room.ts", 0, 1, 0, nil, false},
		{"src/none.ts", 1, 1, 0, nil, false},
	} {
		e, ok := b.Excerpt(c.file, c.line, 1, c.around)
		if ok != c.ok || e.First != c.first || !slices.Equal(e.Lines, c.lines) {
			t.Errorf("Excerpt(%q, %d, %d) = %d %q, %v; want %d %q, %v", c.file, c.line, c.around, e.First, e.Lines, ok, c.first, c.lines, c.ok)
		}
	}
}
