package worker

import (
	"encoding/json"
	"fmt"

	"github.com/dodev/dodev/emulator/durable"
	"github.com/dodev/dodev/emulator/engine"
	"github.com/dodev/dodev/emulator/object"
)

// A Trap is something that works here and may fail deployed.
type Trap struct {
	Code   TrapCode
	About  string // what it concerns: a method, a value, a field
	Detail string
	Place  string // lines of a stack, "" when it has none
}

// TrapCode tells traps apart.
type TrapCode string

const (
	// WriteFailed: a write failed and its promise was never used. About is the
	// method. It is found without Setup.Strict, too, for it is a mistake.
	WriteFailed TrapCode = "write-failed"
	// WriteNotAwaited: the promise of a write was never used. About is the
	// method.
	WriteNotAwaited TrapCode = "write-not-awaited"
	// NearLimit: a value was stored that is close to what the deployed service
	// takes, or beyond it. About says so. What is beyond is found without
	// Setup.Strict, too.
	NearLimit TrapCode = "near-limit"
	// MemoryOnly: an instance left memory with data that storage does not have.
	// About is the field, Detail a sample, Place those of the class and the classes
	// it extends, a line each: "    at Room (src/room.ts:7:1)".
	MemoryOnly TrapCode = "memory-only"
)

// trap reports a trap of a life, nil when that is over.
func (i *Isolate) trap(life *durable.Life, t Trap) {
	var ref object.Ref
	if life != nil {
		ref = life.Ref()
	}
	i.w.setup.Trap(ref, t)
}

// nearLimit says that a stored value is close to a limit of the deployed
// service, or beyond it; "" when it is not.
func (i *Isolate) nearLimit(life *durable.Life, key string, value int) string {
	limits := i.w.setup.Deployed
	if len(key)+value < min(limits.Key, limits.Value, limits.Pair)/2 {
		return "" // as nearly always
	}
	if i.storesSQL(life) {
		return i.near("a key and its value have %d bytes", len(key)+value, limits.Pair)
	}
	if said := i.near("a key has %d bytes", len(key), limits.Key); said != "" {
		return said
	}
	return i.near("a value has %d bytes", value, limits.Value)
}

// near says that something is close to a limit, with Setup.Strict, or beyond it.
func (i *Isolate) near(what string, size, limit int) string {
	switch {
	case size > limit:
		return fmt.Sprintf(what+": the deployed service refuses more than %d", size, limit)
	case i.w.setup.Strict && size > limit-limit/10:
		return fmt.Sprintf(what+", of %d that the deployed service takes", size, limit)
	}
	return ""
}

// returnNear has a host function return what near says, if anything.
func (i *Isolate) returnNear(c engine.Call, said string) {
	if said != "" {
		c.Return(engine.String(said))
	}
}

// maxLost is how many fields of one instance are reported.
const maxLost = 5

// reportLost reports the data that an instance takes with it as it leaves
// memory. What cannot be judged for certain is not reported.
func (i *Isolate) reportLost(life *durable.Life, number int) {
	answer, err := i.vm.Call("gained", engine.Int(number))
	if err != nil || answer.Text() == "" {
		return
	}
	var fields []lostField
	var place string
	if err := json.Unmarshal([]byte(answer.Text()), &[]any{&fields, &place}); err != nil || len(fields) == 0 {
		return
	}
	kept, ok := i.storedLeaves(life)
	if !ok {
		return
	}
	reported := 0
	for _, f := range fields {
		for _, leaf := range f.Leaves {
			if kept.has(leaf) {
				continue
			}
			i.trap(life, Trap{Code: MemoryOnly, About: f.Name, Detail: sample(leaf), Place: place})
			reported++
			break
		}
		if reported == maxLost {
			return
		}
	}
}

// A lostField is a field of an instance with the numbers and texts it holds by
// now that it did not hold at first.
type lostField struct {
	Name   string
	Leaves []any
}

// sample shows a leaf, shortened.
func sample(leaf any) string {
	text, isText := leaf.(string)
	if !isText {
		return numberText(leaf.(float64))
	}
	const most = 40
	if runes := []rune(text); len(runes) > most {
		text = string(runes[:most]) + "…"
	}
	return fmt.Sprintf("%q", text)
}
