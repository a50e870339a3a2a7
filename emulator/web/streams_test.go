package web

import "testing"

func TestReadableStreams(t *testing.T) {
	runCases(t, []jsCase{
		{"chunks are read in order and then it is done", `
			const s = new ReadableStream({ start(c) { c.enqueue(1); c.enqueue(2); c.close(); } });
			const r = s.getReader();
			return [await r.read(), await r.read(), (await r.read()).done];`,
			`[{"value":1,"done":false},{"value":2,"done":false},true]`},
		{"pull is called as long as there is room", `
			let pulls = 0;
			new ReadableStream({ pull(c) { pulls++; c.enqueue(pulls); } }, { highWaterMark: 3 });
			await new Promise(r => setTimeout(r)); return pulls;`, `3`},
		{"pull waits for its own promise", `
			let running = 0, most = 0;
			const s = new ReadableStream({ async pull(c) { most = Math.max(most, ++running); await null; running--; c.enqueue(1); } });
			const r = s.getReader(); await Promise.all([r.read(), r.read(), r.read()]); return most;`, `1`},
		{"an error reaches reads and closed", `
			const s = new ReadableStream({ start(c) { c.error(new RangeError("no")); } });
			const r = s.getReader(); const out = [];
			await r.read().catch(e => out.push(e.name)); await r.closed.catch(e => out.push(e.message)); return out;`,
			`["RangeError","no"]`},
		{"a throw of start fails the stream", `
			const s = new ReadableStream({ start() { throw new RangeError("x"); } });
			return s.getReader().read().catch(e => e.name);`, `"RangeError"`},
		{"cancel reaches the source with its reason", `
			let got; const s = new ReadableStream({ cancel(r) { got = r; } });
			await s.cancel("why"); return [got, (await s.getReader().read()).done];`, `["why",true]`},
		{"a locked stream gives no second reader", `
			const s = new ReadableStream(); s.getReader();
			const out = [s.locked];
			try { s.getReader(); } catch (e) { out.push(e.message); }
			await s.cancel().catch(e => out.push(e.message)); return out;`,
			`[true,"This ReadableStream is currently locked to a reader.","This ReadableStream is currently locked to a reader."]`},
		{"releasing a reader rejects its reads", `
			const s = new ReadableStream(); const r = s.getReader(); const p = r.read(); r.releaseLock();
			return [s.locked, await p.catch(e => e.message), await r.closed.catch(e => e.name)];`,
			`[false,"This ReadableStream reader has been released.","TypeError"]`},
		{"enqueue after close is refused", `
			let c; new ReadableStream({ start(x) { c = x; } }); c.close();
			try { c.enqueue(1); } catch (e) { return [e.name, e.message]; }`, `["TypeError","Unable to enqueue"]`},
		{"size counts against the high water mark", `
			let c; new ReadableStream({ start(x) { c = x; } }, { highWaterMark: 10, size: (x) => x });
			c.enqueue(4); return c.desiredSize;`, `6`},
		{"a bad size errors the stream", `
			let c; const s = new ReadableStream({ start(x) { c = x; } }, { size: () => -1 }); let n;
			try { c.enqueue(4); } catch (e) { n = e.name; }
			return [n, await s.getReader().read().catch(e => e.name)];`, `["TypeError","TypeError"]`},
		{"async iteration reads all and lets go", `
			const s = ReadableStream.from([1, Promise.resolve(2), 3]); const out = [];
			for await (const x of s) out.push(x); return [out, s.locked];`, `[[1,2,3],false]`},
		{"leaving async iteration cancels", `
			let why = "not"; const s = new ReadableStream({ pull(c) { c.enqueue(1); }, cancel() { why = "cancelled"; } });
			for await (const x of s) break; return [why, s.locked];`, `["cancelled",false]`},
		{"preventCancel keeps a stream that iteration left", `
			const s = new ReadableStream({ pull(c) { c.enqueue(1); } });
			for await (const x of s.values({ preventCancel: true })) break; return (await s.getReader().read()).value;`, `1`},
		{"from calls return of its iterator when cancelled", `
			let ended; async function* g() { try { yield 1; yield 2; } finally { ended = true; } }
			const s = ReadableStream.from(g()); const r = s.getReader(); await r.read(); await r.cancel(); return ended;`, `true`},
		{"tee gives both all chunks", `
			const [a, b] = new ReadableStream({ start(c) { c.enqueue("x"); c.enqueue("y"); c.close(); } }).tee();
			const all = async (s) => { const out = []; for await (const x of s) out.push(x); return out; };
			return await Promise.all([all(a), all(b)]);`, `[["x","y"],["x","y"]]`},
		{"tee cancels its source when both branches were", `
			let why; const [a, b] = new ReadableStream({ cancel(r) { why = r; } }).tee();
			await Promise.all([a.cancel(1), b.cancel(2)]); return why;`, `[1,2]`},
		{"tee of bytes gives bytes of their own", `
			const [a, b] = new ReadableStream({ type: "bytes", start(c) { c.enqueue(new Uint8Array([1, 2])); c.close(); } }).tee();
			const x = (await a.getReader().read()).value; x[0] = 9;
			const y = (await b.getReader({ mode: "byob" }).read(new Uint8Array(4))).value; return [[...x], [...y]];`, `[[9,2],[1,2]]`},
	})
}

func TestByteStreams(t *testing.T) {
	runCases(t, []jsCase{
		{"a lent buffer is filled by respond", `
			const s = new ReadableStream({ type: "bytes", pull(c) { c.byobRequest.view.set([1, 2, 3]); c.byobRequest.respond(3); } });
			const { value, done } = await s.getReader({ mode: "byob" }).read(new Uint8Array(8));
			return [[...value], value.buffer.byteLength, done];`, `[[1,2,3],8,false]`},
		{"what does not fit is kept for the next read", `
			const s = new ReadableStream({ type: "bytes", start(c) { c.enqueue(new Uint8Array([1, 2, 3])); c.close(); } });
			const r = s.getReader({ mode: "byob" }); const a = await r.read(new Uint8Array(2)); const b = await r.read(new Uint8Array(2));
			const c = await r.read(new Uint8Array(2)); return [[...a.value], [...b.value], [...c.value], c.done];`, `[[1,2],[3],[],true]`},
		{"min waits for enough", `
			let n = 0; const s = new ReadableStream({ type: "bytes", pull(c) { c.enqueue(new Uint8Array([++n])); } });
			const r = s.getReader({ mode: "byob" }); return [...(await r.read(new Uint8Array(4), { min: 3 })).value];`, `[1,2,3]`},
		{"readAtLeast is read with min", `
			let n = 0; const s = new ReadableStream({ type: "bytes", pull(c) { c.enqueue(new Uint8Array([++n])); } });
			return [...(await s.getReader({ mode: "byob" }).readAtLeast(2, new Uint8Array(4))).value];`, `[1,2]`},
		{"elements of several bytes are filled whole", `
			const s = new ReadableStream({ type: "bytes", start(c) { c.enqueue(new Uint8Array([1, 0, 2])); c.enqueue(new Uint8Array([0])); c.close(); } });
			const r = s.getReader({ mode: "byob" }); return [...(await r.read(new Uint16Array(3))).value];`, `[1,2]`},
		{"autoAllocateChunkSize lends buffers to plain readers", `
			const s = new ReadableStream({ type: "bytes", autoAllocateChunkSize: 4, pull(c) { c.byobRequest.view[0] = 7; c.byobRequest.respond(1); } });
			const { value } = await s.getReader().read(); return [...value, value.buffer.byteLength];`, `[7,4]`},
		{"an empty view is refused", `
			const s = new ReadableStream({ type: "bytes" });
			return s.getReader({ mode: "byob" }).read(new Uint8Array(0)).catch(e => e.message);`,
			`"You must call read() on a \"byob\" reader with a positive-sized TypedArray object."`},
		{"a stream of values has no byob reader", `
			try { new ReadableStream().getReader({ mode: "byob" }); } catch (e) { return e.message; }`,
			`"This ReadableStream does not support BYOB reads."`},
		{"a used request is invalid", `
			let q; const s = new ReadableStream({ type: "bytes", pull(c) { q = c.byobRequest; q.view[0] = 1; q.respond(1); } });
			await s.getReader({ mode: "byob" }).read(new Uint8Array(1));
			try { q.respond(1); } catch (e) { return [q.view, e.message]; }`, `[null,"This ReadableStreamBYOBRequest has been invalidated."]`},
		{"closing ends a pending byob read with its buffer", `
			let c; const s = new ReadableStream({ type: "bytes", start(x) { c = x; } });
			const p = s.getReader({ mode: "byob" }).read(new Uint8Array(4)); c.close(); c.byobRequest.respond(0);
			const { value, done } = await p; return [value.byteLength, value.buffer.byteLength, done];`, `[0,4,true]`},
	})
}

func TestWritableStreams(t *testing.T) {
	runCases(t, []jsCase{
		{"writes are handed over one at a time", `
			const out = []; const w = new WritableStream({ async write(x) { out.push("<" + x); await null; out.push(x + ">"); }, close() { out.push("end"); } }).getWriter();
			w.write(1); w.write(2); await w.close(); return out;`, `["<1","1>","<2","2>","end"]`},
		{"ready and desiredSize tell of backpressure", `
			let go; const w = new WritableStream({ write: () => new Promise(r => { go = r; }) }, { highWaterMark: 1 }).getWriter();
			const before = w.desiredSize; await w.ready; w.write(1); const during = w.desiredSize; let ready = false; w.ready.then(() => { ready = true; });
			await null; const waiting = ready; go(); await w.ready; return [before, during, waiting, w.desiredSize];`, `[1,0,false,1]`},
		{"a failed write errors the stream", `
			const w = new WritableStream({ write() { throw new RangeError("full"); } }).getWriter();
			return [await w.write(1).catch(e => e.name), await w.closed.catch(e => e.message), await w.write(2).catch(e => e.message)];`,
			`["RangeError","full","full"]`},
		{"abort reaches the sink and rejects what was queued", `
			let why, go; const w = new WritableStream({ write: () => new Promise(r => { go = r; }), abort(r) { why = r; } }).getWriter();
			await w.ready; w.write(1); const q = w.write(2); const p = w.abort("r"); go(); return [await q.catch(e => e), await p, why];`, `["r",null,"r"]`},
		{"the controller's signal aborts", `
			let signal; const s = new WritableStream({ start(c) { signal = c.signal; } }); await s.abort("why"); return [signal.aborted, signal.reason];`, `[true,"why"]`},
		{"writing after close is refused", `
			const w = new WritableStream().getWriter(); await w.close();
			return [await w.write(1).catch(e => e.message), await w.close().catch(e => e.message)];`,
			`["This WritableStream has been closed.","This WritableStream has been closed."]`},
		{"a locked stream gives no second writer", `
			const s = new WritableStream(); s.getWriter(); const out = [s.locked];
			try { s.getWriter(); } catch (e) { out.push(e.message); } return out;`, `[true,"This WritableStream is currently locked to a writer."]`},
		{"controller.error fails the next write", `
			let c; const w = new WritableStream({ start(x) { c = x; } }).getWriter(); c.error(new RangeError("e"));
			return await w.write(1).catch(e => e.message);`, `"e"`},
	})
}

func TestPipingStreams(t *testing.T) {
	runCases(t, []jsCase{
		{"pipeTo moves all and closes", `
			const out = []; await ReadableStream.from([1, 2]).pipeTo(new WritableStream({ write(x) { out.push(x); }, close() { out.push("end"); } })); return out;`, `[1,2,"end"]`},
		{"preventClose leaves the sink open", `
			const out = []; const w = new WritableStream({ write(x) { out.push(x); }, close() { out.push("end"); } });
			await ReadableStream.from([1]).pipeTo(w, { preventClose: true }); await w.getWriter().write(2); return out;`, `[1,2]`},
		{"an error of the source aborts the sink", `
			let why; const r = new ReadableStream({ start(c) { c.error(new RangeError("s")); } });
			const p = await r.pipeTo(new WritableStream({ abort(e) { why = e.message; } })).catch(e => e.name); return [p, why];`, `["RangeError","s"]`},
		{"an error of the sink cancels the source", `
			let why; const r = new ReadableStream({ pull(c) { c.enqueue(1); }, cancel(e) { why = e.message; } });
			const p = await r.pipeTo(new WritableStream({ write() { throw new RangeError("w"); } })).catch(e => e.name); return [p, why];`, `["RangeError","w"]`},
		{"a signal stops the pipe and both ends", `
			const out = []; const a = new AbortController();
			const r = new ReadableStream({ cancel(e) { out.push("cancel " + e); } }); const w = new WritableStream({ abort(e) { out.push("abort " + e); } });
			const p = r.pipeTo(w, { signal: a.signal }); a.abort("now"); out.push(await p.catch(e => e)); return [out.sort(), r.locked, w.locked];`,
			`[["abort now","cancel now","now"],false,false]`},
		{"the ends are unlocked afterwards", `
			const r = ReadableStream.from([]); const w = new WritableStream(); await r.pipeTo(w, { preventClose: true }); return [r.locked, w.locked];`, `[false,false]`},
		{"pipeThrough answers the readable end", `
			const out = []; const up = new TransformStream({ transform(x, c) { c.enqueue(x * 2); }, flush(c) { c.enqueue("end"); } });
			for await (const x of ReadableStream.from([1, 2]).pipeThrough(up)) out.push(x); return out;`, `[2,4,"end"]`},
		{"a throw of transform fails both ends", `
			const t = new TransformStream({ transform() { throw new RangeError("t"); } }); const w = t.writable.getWriter(); const r = t.readable.getReader();
			return [await Promise.all([w.write(1).catch(e => e.message), r.read().catch(e => e.message)])];`, `[["t","t"]]`},
		{"terminate closes the readable and errors the writable end", `
			const t = new TransformStream({ transform(x, c) { c.enqueue(x); c.terminate(); } }); const w = t.writable.getWriter(); const r = t.readable.getReader();
			w.write(1).catch(() => {}); const a = await r.read(); const b = await r.read(); return [a.value, b.done, await w.write(2).catch(e => e.name)];`, `[1,true,"TypeError"]`},
		{"a transform without a transformer passes chunks on", `
			const t = new TransformStream(); const w = t.writable.getWriter(); w.write("a"); w.close(); const out = []; for await (const x of t.readable) out.push(x); return out;`, `["a"]`},
		{"cancelling the readable end errors the writable one", `
			let why; const t = new TransformStream({ cancel(r) { why = r; } }); await t.readable.cancel("c");
			return [why, await t.writable.getWriter().closed.catch(e => e)];`, `["c","c"]`},
	})
}

func TestByteTransforms(t *testing.T) {
	runCases(t, []jsCase{
		{"an identity stream passes bytes and strings on", `
			const t = new IdentityTransformStream(); const w = t.writable.getWriter(); const r = t.readable.getReader();
			w.write(new Uint8Array([1])); w.write("é"); w.close();
			return [[...(await r.read()).value], [...(await r.read()).value], (await r.read()).done];`, `[[1],[195,169],true]`},
		{"a write waits until somebody reads", `
			const t = new IdentityTransformStream(); const w = t.writable.getWriter(); let wrote = false;
			w.write("x").then(() => { wrote = true; }); await new Promise(r => setTimeout(r, 1)); const before = wrote;
			await t.readable.getReader().read(); await new Promise(r => setTimeout(r, 1)); return [before, wrote];`, `[false,true]`},
		{"an identity stream takes no other values", `
			const w = new IdentityTransformStream().writable.getWriter(); return await w.write({}).catch(e => e.name);`, `"TypeError"`},
		{"a fixed-length stream wants no more", `
			const t = new FixedLengthStream(2); t.readable.getReader().read().catch(() => {});
			return await t.writable.getWriter().write("abc").catch(e => e.message);`, `"Attempt to write too many bytes through a FixedLengthStream."`},
		{"a fixed-length stream wants no less", `
			const t = new FixedLengthStream(2); const got = t.readable.getReader().read().catch(e => e.message);
			await t.writable.getWriter().close(); return got;`, `"FixedLengthStream did not see all expected bytes before close()."`},
		{"text is encoded over chunk borders", `
			const t = new TextEncoderStream(); const w = t.writable.getWriter(); w.write("a\ud83d"); w.write("\ude00"); w.write("\ud83d"); w.close();
			const out = []; for await (const x of t.readable) out.push(...x); return out;`, `[97,240,159,152,128,239,191,189]`},
		{"text is decoded over chunk borders", `
			const t = new TextDecoderStream(); const w = t.writable.getWriter(); w.write(new Uint8Array([0x61, 0xc3])); w.write(new Uint8Array([0xa9])); w.close();
			let out = ""; for await (const x of t.readable) out += x; return [out, t.encoding, t.fatal, t.ignoreBOM];`, `["aé","utf-8",false,false]`},
		{"every format is undone by its reverse", `
			const out = [];
			for (const f of ["gzip", "deflate", "deflate-raw"]) {
				const z = new Response("hello ".repeat(1000)).body.pipeThrough(new CompressionStream(f));
				const b = await new Response(z).bytes(); const cut = new DecompressionStream(f); const w = cut.writable.getWriter();
				for (const x of b) w.write(new Uint8Array([x])).catch(() => {}); w.close();
				out.push((await new Response(cut.readable).text()) === "hello ".repeat(1000), b.length < 200);
			} return out;`, `[true,true,true,true,true,true]`},
		{"a cut-off input is an error", `
			const b = await new Response(new Response("hello").body.pipeThrough(new CompressionStream("gzip"))).bytes();
			return await new Response(new Response(b.slice(0, -3)).body.pipeThrough(new DecompressionStream("gzip"))).text().catch(e => e.message);`,
			`"Called close() on a decompression stream with incomplete data"`},
		{"bytes after the end are an error", `
			const b = await new Response(new Response("hello").body.pipeThrough(new CompressionStream("gzip"))).bytes();
			return await new Response(new Blob([b, "x"]).stream().pipeThrough(new DecompressionStream("gzip"))).text().catch(e => e.message);`,
			`"Trailing bytes after end of compressed data"`},
		{"what is not compressed is an error", `
			return await new Response(new Blob(["not at all compressed"]).stream().pipeThrough(new DecompressionStream("gzip"))).text().catch(e => [e.name, e.message]);`,
			`["TypeError","Decompression failed."]`},
		{"an unknown format is refused", `try { new CompressionStream("br"); } catch (e) { return e.message; }`,
			`"The compression format must be either 'deflate', 'deflate-raw' or 'gzip'."`},
	})
}
