package emulator

import (
	"regexp"
	"strconv"
	"strings"
	"sync"

	"github.com/dodev/dodev/emulator/object"
	"github.com/dodev/dodev/emulator/worker"
)

// traps remembers the traps that were told of: each is worth saying once.
type traps struct {
	mu   sync.Mutex
	told map[string]bool
}

// first reports whether a trap was not told of before.
func (t *traps) first(key string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.told[key] {
		return false
	}
	if t.told == nil {
		t.told = map[string]bool{}
	}
	t.told[key] = true
	return true
}

// logTrap tells of a trap, once for each place that code gets there from. What packages do is their
// business: the place is where the project's own code comes in.
func (e *Emulator) logTrap(v *version, ref object.Ref, t worker.Trap) {
	stack := ownFrames(v.bundle.MapStack(t.Place))
	entry := Entry{Kind: Notice, Level: "warn", Code: string(t.Code), Object: v.label(ref), Frame: frameOf(stack)}
	if entry.Frame == "" {
		return
	}
	key := entry.Code + " " + stack
	switch {
	case t.Code == worker.MemoryOnly:
		entry.Frame = v.fieldPlace(stack, t.About)
		key += " " + ref.Namespace + " " + t.About
	case strings.Contains(stack, "\n"): // a wrapper's caller may be whom it concerns
		entry.Stack = stack
	}
	if !e.traps.first(key) {
		return
	}
	said, hint := trapWords(t)
	entry.Text = said + "\nhint: " + hint
	e.opts.Log(entry)
}

// ownFrames leaves out of a stack what comes before the project's own code, and
// what has no place.
func ownFrames(stack string) string {
	var own []string
	for line := range strings.Lines(stack) {
		_, _, _, ok := place(line)
		theirs := strings.Contains(line, "node_modules/") || strings.Contains(line, "(dodev/patterns/")
		if ok && (len(own) > 0 || !theirs) {
			own = append(own, strings.TrimRight(line, "\n"))
		}
	}
	return strings.Join(own, "\n")
}

// trapWords says what a trap is and what to do about it.
func trapWords(t worker.Trap) (said, hint string) {
	switch t.Code {
	case worker.WriteFailed:
		return "storage." + t.About + "() failed and is not awaited: nothing was stored, and the code went on as if it were",
			"await it, so that the error reaches whoever has to know"
	case worker.WriteNotAwaited:
		said = "storage." + t.About + "() is not awaited: should it fail, nobody is told"
		if t.About == "transaction" {
			said = "storage.transaction() is not awaited: what follows runs beside it, and should it fail, nobody is told"
		}
		return said, "await it, or hand its promise to ctx.waitUntil()"
	case worker.NearLimit:
		return t.About, "spread the data over several keys or rows"
	case worker.MemoryOnly:
		return "this." + t.About + " left memory with data that storage does not have, such as " + t.Detail,
			"store it and read it back in the constructor: a deployed object leaves memory when it is idle\n" +
				"      what can be made anew is best kept in a #private field, which is not looked at"
	}
	return string(t.Code), ""
}

// fieldPlace is where the first of some classes that sets a field does so, else
// where the first class begins. An engine's place of a class is in its file, and
// no more than that.
func (v *version) fieldPlace(classes, field string) string {
	begins := ""
	for line := range strings.Lines(classes) {
		_, name, _ := strings.Cut(strings.TrimSpace(line), "at ")
		name, _, _ = strings.Cut(name, " ")
		file, at, column, ok := place(line)
		if !ok || name == "" {
			continue
		}
		const all = 1 << 20
		source, ok := v.bundle.Excerpt(file, at, column, all)
		if !ok {
			continue
		}
		first := max(firstMatch(source.Lines, 0, regexp.MustCompile(`\bclass\s+`+regexp.QuoteMeta(name)+`\b`)), 0)
		if n := firstMatch(source.Lines, first, fieldSet(field)); n >= 0 {
			return file + ":" + strconv.Itoa(n+1) + ":" + strconv.Itoa(strings.Index(source.Lines[n], "this."+field)+1)
		}
		if begins == "" {
			begins = file + ":" + strconv.Itoa(first+1) + ":1"
		}
	}
	return begins
}

// fieldSet matches code that changes a field.
func fieldSet(field string) *regexp.Regexp {
	name := `this\.` + regexp.QuoteMeta(field) + `\b`
	return regexp.MustCompile(`\b` + name + `\S*\s*([-+*/%&|^?]{0,2}=[^=>]|\+\+|--)|\b` + name + `\S*\.(set|add|push|unshift|splice)\(|(\+\+|--)` + name)
}

// firstMatch is the first line from one on that an expression matches, counted
// from 0, or -1.
func firstMatch(lines []string, from int, expression *regexp.Regexp) int {
	for n := from; n < len(lines); n++ {
		if expression.MatchString(lines[n]) {
			return n
		}
	}
	return -1
}
