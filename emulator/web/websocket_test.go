package web

import (
	"testing"
)

func TestPairsOfSockets(t *testing.T) {
	const pair = `const [a, b] = new WebSocketPair(); a.accept(); b.accept(); const wait = () => new Promise(r => setTimeout(r, 3)); `
	runCases(t, []jsCase{
		{"echo", pair + `const ev = []; b.addEventListener("message", e => { ev.push(["b", e.data, e.type, e.origin]); b.send("re:" + e.data) }); a.addEventListener("message", e => ev.push(["a", e.data])); a.send("hi"); await wait(); return ev`,
			`[["b", "hi", "message", null], ["a", "re:hi"]]`},
	})
}
