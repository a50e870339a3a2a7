package web

import (
	"fmt"
	"testing"
	"time"
)

func TestCaches(t *testing.T) {
	runCases(t, []jsCase{
		{"keep what is put", `const c = caches.default; await c.put("http://x/a", new Response("body", { headers: { "cache-control": "max-age=60", "x-y": "z" } })); const r = await c.match("http://x/a"); return [await r.text(), r.headers.get("x-y"), r.headers.get("cf-cache-status"), r.status, await c.match("http://x/b") === undefined]`,
			`["body", "z", "HIT", 200, true]`},
		{"are apart by name", `const a = await caches.open("a"), b = await caches.open("b"); await a.put("http://x/", new Response("1")); return [await (await a.match("http://x/")).text(), await b.match("http://x/") === undefined, await a.delete("http://x/"), await a.delete("http://x/")]`,
			`["1", true, true, false]`},
		{"obey the response", `const c = caches.default; const kept = async (headers) => { await c.put("http://x/k", new Response("", { headers })); const k = await c.match("http://x/k") !== undefined; await c.delete("http://x/k"); return k }; return [await kept({ "cache-control": "no-store" }), await kept({ "cache-control": "private, max-age=9" }), await kept({ "cache-control": "max-age=0" }), await kept({ "set-cookie": "a=b" }), await kept({ "cache-control": "public, s-maxage=9" })]`,
			`[false, false, false, false, true]`},
		{"refuse what cannot be kept", `const fails = p => p.then(() => "kept", e => e.message); return [await fails(caches.default.put(new Request("http://x/", { method: "POST" }), new Response(""))), await fails(caches.default.put("http://x/", new Response("", { headers: { vary: "*" } })))]`,
			`["Cannot cache response to non-GET request.", "Cannot cache response with 'Vary: *' header."]`},
	})
}

func TestCacheForgetsWhatHasExpired(t *testing.T) {
	var c Cache
	start := time.Unix(1000, 0)
	c.put(cacheKey{"", "u"}, &cached{"r", []byte("b"), start.Add(time.Minute)}, start)
	if c.get(cacheKey{"", "u"}, start.Add(59*time.Second)) == nil {
		t.Error("a fresh response is gone")
	}
	if c.get(cacheKey{"", "u"}, start.Add(time.Minute)) != nil || c.size != 0 {
		t.Errorf("an expired response is still there, %d bytes", c.size)
	}
}

func TestCacheStaysWithinItsLimit(t *testing.T) {
	var c Cache
	start := time.Unix(1000, 0)
	for i := range 10 {
		key := cacheKey{"", fmt.Sprint(i)}
		c.put(key, &cached{"r", make([]byte, cacheLimit/4), start.Add(time.Hour)}, start)
		if c.get(key, start) == nil {
			t.Errorf("response %d was not kept", i)
		}
	}
	if c.size > cacheLimit {
		t.Errorf("cache holds %d bytes, limit %d", c.size, cacheLimit)
	}
}
