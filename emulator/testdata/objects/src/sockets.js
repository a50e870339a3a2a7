// WebSockets from inside an object: pairs, states, what is refused.

import { outcome } from "./show.js";

const pair = () => Object.values(new WebSocketPair());
const heard = (ws, log, name) => {
  ws.addEventListener("message", ({ data }) => log.push([name, "message", typeof data === "string" ? data : Object.prototype.toString.call(data)]));
  ws.addEventListener("close", (e) => log.push([name, "close", e.code, e.reason, e.wasClean]));
  ws.addEventListener("error", (e) => log.push([name, "error", e.message]));
};
const both = (log) => { const [a, b] = pair(); a.accept(); b.accept(); heard(a, log, "a"); heard(b, log, "b"); return [a, b]; };
const settle = () => scheduler.wait(10);
const messages = (...list) => async () => { const log = []; const [a] = both(log); const sent = []; for (const message of list) sent.push(await outcome(() => a.send(message))); await settle(); return [sent, log]; };
const closing = (...args) => async () => { const log = []; const [a, b] = both(log); const result = await outcome(() => a.close(...args)); await settle(); return [result, log, a.readyState, b.readyState]; };

export default {
  pairShape: () => { const p = new WebSocketPair(); return [Object.keys(p), Object.prototype.toString.call(p), p.constructor.name, p[0] instanceof WebSocket, [...p].length, Array.isArray(p)]; },
  pairWithoutNew: () => outcome(() => WebSocketPair()),
  socketShape: () => { const [a] = pair(); return [Object.prototype.toString.call(a), a.constructor.name, Object.keys(a), a.readyState, a.url, a.protocol, a.extensions, a.binaryType, a instanceof EventTarget]; },
  socketConstants: () => ["CONNECTING", "OPEN", "CLOSING", "CLOSED", "READY_STATE_CONNECTING", "READY_STATE_OPEN", "READY_STATE_CLOSING", "READY_STATE_CLOSED"].map((name) => [WebSocket[name], WebSocket.prototype[name]]),
  socketMethods: () => ["accept", "send", "close", "serializeAttachment", "deserializeAttachment", "addEventListener"].map((name) => [typeof WebSocket.prototype[name], WebSocket.prototype[name]?.length]),
  socketConstructed: async () => [await outcome(() => new WebSocket()), await outcome(() => new WebSocket("not a url")), await outcome(() => new WebSocket("ftp://h/")), await outcome(() => new WebSocket("ws://h/#fragment")), await outcome(() => new WebSocket("ws://h/", "bad protocol")), await outcome(() => new WebSocket("ws://h/", ["a", "a"]))],
  sendText: messages("text", "", "é\u{1f600}"),
  sendBytes: messages(new Uint8Array([1]), new ArrayBuffer(2), new DataView(new ArrayBuffer(1)), new Uint16Array([1])),
  sendOthers: messages(5, null, true, { a: 1 }, ["x"]),
  sendNothing: async () => { const [a] = both([]); return outcome(() => a.send()); },
  sendBlob: messages(new Blob(["x"])),
  sendBeforeAccept: async () => { const [a] = pair(); return outcome(() => a.send("x")); },
  sendToUnaccepted: async () => { const [a, b] = pair(); const log = []; a.accept(); a.send("early"); await settle(); heard(b, log, "b"); b.accept(); await settle(); return log; },
  sendAfterClose: async () => { const [a] = both([]); a.close(); return [await outcome(() => a.send("x")), a.readyState]; },
  sendAfterPeerClosed: async () => { const log = []; const [a, b] = both(log); b.close(1000, "x"); await settle(); return [await outcome(() => a.send("x")), a.readyState, log]; },
  closeWithoutCode: closing(),
  closeWithCode: closing(1000),
  closeWithReason: closing(4000, "the reason"),
  closeWithLongReason: closing(4000, "x".repeat(123)),
  closeWithTooLongReason: closing(4000, "x".repeat(124)),
  closeWithTooManyBytes: closing(4000, "é".repeat(62)),
  closeWithReasonOnly: closing(undefined, "reason"),
  closeWithNull: closing(null),
  closeWithText: closing("4000"),
  closeWithFloat: closing(4000.9),
  closeWithBadCodes: async () => { const out = []; for (const code of [0, 1, 999, 1001, 1004, 1005, 1006, 1011, 1015, 1016, 2999, 3000, 4999, 5000, 65536, -1, NaN]) { const [a] = both([]); out.push([code, await outcome(() => a.close(code))]); } return out; },
  closeTwice: async () => { const log = []; const [a] = both(log); a.close(4000, "one"); const second = await outcome(() => a.close(4001, "two")); await settle(); return [second, log]; },
  closeBeforeAccept: async () => { const [a] = pair(); return outcome(() => a.close()); },
  closeBoth: async () => { const log = []; const [a, b] = both(log); a.close(4001, "a"); b.close(4002, "b"); await settle(); return [log, a.readyState, b.readyState]; },
  closeAnswered: async () => { const log = []; const [a, b] = both(log); b.addEventListener("close", () => b.close(4009, "answer")); a.close(4001, "a"); await settle(); return [log, a.readyState, b.readyState]; },
  acceptTwice: async () => { const [a] = pair(); a.accept(); return outcome(() => a.accept()); },
  acceptHalfOpen: async () => { const log = []; const [a, b] = pair(); a.accept(); b.accept({ allowHalfOpen: true }); heard(a, log, "a"); heard(b, log, "b"); a.close(4001, "a"); await settle(); const state = b.readyState; b.send("still"); b.close(4002, "b"); await settle(); return [state, log]; },
  handlers: async () => { const log = []; const [a, b] = pair(); a.accept(); b.accept(); b.onmessage = (e) => log.push(["on", e.data]); b.onclose = (e) => log.push(["onclose", e.code]); a.send("x"); a.close(4000); await settle(); return [log, typeof b.onmessage, b.onopen === undefined]; },
  handlerThrows: async () => { const log = []; const [a, b] = both(log); b.addEventListener("message", () => { throw new Error("in handler"); }); a.send("one"); await settle(); a.send("two"); await settle(); return log; },
  handlerOnce: async () => { const log = []; const [a, b] = pair(); a.accept(); b.accept(); b.addEventListener("message", ({ data }) => log.push(data), { once: true }); a.send("1"); a.send("2"); await settle(); return log; },
  eventShapes: async () => { const events = []; const [a, b] = pair(); a.accept(); b.accept(); for (const type of ["message", "close"]) b.addEventListener(type, (e) => events.push([e.type, e.constructor.name, Object.prototype.toString.call(e), e.target === b, Object.keys(e)])); a.send("x"); a.close(); await settle(); return events; },
  eventConstructed: async () => [new MessageEvent("message", { data: 5 }).data, new CloseEvent("close", { code: 4000, reason: "r", wasClean: true }).code, await outcome(() => new MessageEvent("message").data), new CloseEvent("close").wasClean],
  binaryTypes: async () => { const log = []; const [a, b] = both(log); const out = [b.binaryType]; a.send(new Uint8Array([1])); await settle(); b.binaryType = "arraybuffer"; a.send(new Uint8Array([1])); await settle(); out.push(b.binaryType, await outcome(() => { b.binaryType = "nonsense"; return b.binaryType; })); return [out, log]; },
  manyMessages: async () => { const got = []; const [a, b] = pair(); a.accept(); b.accept(); b.addEventListener("message", ({ data }) => got.push(Number(data))); for (let i = 0; i < 200; i++) a.send(String(i)); await settle(); await settle(); return [got.length, got.every((n, i) => n === i)]; },
  echoAcross: async () => { const got = []; const [a, b] = pair(); a.accept(); b.accept(); b.addEventListener("message", ({ data }) => b.send(`${data}!`)); a.addEventListener("message", ({ data }) => got.push(data)); a.send("x"); await settle(); return got; },

  hibernating: async ({ ctx }) => { const [client, server] = pair(); const accepted = ctx.acceptWebSocket(server, ["one", "two"]); return [accepted, ctx.getWebSockets().length, ctx.getWebSockets("one")[0] === server, ctx.getTags(server), server.readyState, client.readyState]; },
  hibernatingSends: async ({ ctx }) => { const log = []; const [client, server] = pair(); ctx.acceptWebSocket(server); client.accept(); heard(client, log, "client"); server.send("text"); server.send(new Uint8Array([1])); server.close(4001, "done"); await settle(); return [log, ctx.getWebSockets().length, server.readyState]; },
  hibernatingListens: async ({ ctx }) => { const [, server] = pair(); ctx.acceptWebSocket(server); return outcome(() => server.addEventListener("message", () => {})); },
  hibernatingTagsOfNumbers: async ({ ctx }) => { const [, server] = pair(); return [await outcome(() => ctx.acceptWebSocket(server, [1, null, true])), await outcome(() => ctx.getTags(server))]; },
  hibernatingTagsOfText: async ({ ctx }) => { const [, server] = pair(); return [await outcome(() => ctx.acceptWebSocket(server, "tags")), await outcome(() => ctx.getTags(server))]; },
  hibernatingTagsOfSet: async ({ ctx }) => { const [, server] = pair(); return [await outcome(() => ctx.acceptWebSocket(server, new Set(["a"]))), await outcome(() => ctx.getTags(server))]; },
  hibernatingNothing: async ({ ctx }) => [await outcome(() => ctx.acceptWebSocket()), await outcome(() => ctx.acceptWebSocket({})), await outcome(() => ctx.acceptWebSocket(new WebSocketPair()))],
  hibernatingBothEnds: async ({ ctx }) => { const [client, server] = pair(); ctx.acceptWebSocket(server); return outcome(() => ctx.acceptWebSocket(client)); },
  hibernatingOrder: async ({ ctx }) => { const all = Array.from({ length: 5 }, () => pair()); all.forEach(([, server], i) => ctx.acceptWebSocket(server, [String(i), i % 2 ? "odd" : "even"])); return [ctx.getWebSockets().map((ws) => ctx.getTags(ws)[0]), ctx.getWebSockets("even").map((ws) => ctx.getTags(ws)[0]), ctx.getWebSockets("none")]; },
  hibernatingAttachment: async ({ ctx }) => { const [client, server] = pair(); ctx.acceptWebSocket(server); const before = server.deserializeAttachment(); const value = { list: [1], when: new Date(0), map: new Map([[1, 2]]) }; server.serializeAttachment(value); value.list.push(2); return [before, server.deserializeAttachment(), server.deserializeAttachment() === server.deserializeAttachment(), client.deserializeAttachment()]; },
  hibernatingAttachmentOfNothing: async ({ ctx }) => { const [, server] = pair(); ctx.acceptWebSocket(server); return [await outcome(() => server.serializeAttachment()), await outcome(() => server.deserializeAttachment()), await outcome(() => server.serializeAttachment(null)), server.deserializeAttachment()]; },
  attachmentBeforeAccepting: async ({ ctx }) => { const [, server] = pair(); server.serializeAttachment("early"); ctx.acceptWebSocket(server); return server.deserializeAttachment(); },
  timestampOfNone: async ({ ctx }) => { const [, server] = pair(); ctx.acceptWebSocket(server); return [ctx.getWebSocketAutoResponseTimestamp(server), await outcome(() => ctx.getWebSocketAutoResponseTimestamp()), await outcome(() => ctx.getWebSocketAutoResponseTimestamp(pair()[0]))]; },
  socketCloned: () => outcome(() => structuredClone(pair()[0])),
  socketInResponse: async () => { const [client] = pair(); const r = new Response(null, { status: 101, webSocket: client }); return [r.status, r.webSocket === client, await outcome(() => r.clone()), await outcome(() => new Response(null, { webSocket: client })), await outcome(() => new Response("x", { status: 101, webSocket: client })), await outcome(() => new Response(null, { status: 101 }))]; },
};
