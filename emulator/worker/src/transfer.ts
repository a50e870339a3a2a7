// How web objects cross in a call: bodies as pipes, the rest as plain data.

import { AbortController, AbortSignal, onAbort } from "web/abort";
import { Blob, blobBytes } from "web/blob";
import { Mode, registerHostType, registerReviver, type Described } from "web/frame";
import { Headers } from "web/headers";
import { wait } from "web/ops";
import { Request, requestFromMessage, requestToMessage, signalOf, type RequestMessage } from "web/request";
import { Response, responseFromHost, responseToHost } from "web/response";
import { host, type Body } from "./host";
import { exportTarget, Members, StubCore } from "./rpc-stub";

const tags = { request: 111, response: 112, headers: 113, blob: 114, signal: 116 };

const streamRefused = "ReadableStream can only be serialized for RPC.";

const signalRefused = () => (host.flag("enable_abortsignal_rpc") ? undefined : "AbortSignal serialization is not enabled.");

registerHostType(Request, (request: Request, mode): Described => {
  if (mode !== Mode.RPC && request.body !== null) return streamRefused;
  const signal = signalOf(request);
  const refused = signal === undefined ? undefined : signalRefused();
  return refused ?? [tags.request, [...requestToMessage(request), signal]];
});
registerReviver(tags.request, (parts: [...request: RequestMessage, signal: AbortSignal | undefined]) => {
  const signal = parts.pop() as AbortSignal | undefined;
  const request = requestFromMessage(...(parts as unknown as RequestMessage));
  return signal === undefined ? request : new Request(request, { signal });
});

registerHostType(Response, (response: Response, mode): Described => {
  if (response.webSocket !== null) return 'Could not serialize object of type "WebSocket". This type does not support serialization.';
  if (mode !== Mode.RPC && response.body !== null) return streamRefused;
  const [status, , headers, body, pipe] = responseToHost(response)!;
  return [tags.response, [status, response.statusText, headers, body, pipe]];
});
registerReviver(tags.response, ([status, statusText, headers, body, pipe]: [number, string, string, Body, number]) =>
  responseFromHost(status, statusText, headers, body, pipe, ""),
);

registerHostType(Headers, (headers: Headers): Described => [tags.headers, [...headers].flat()]);
registerReviver(tags.headers, (flat: string[]) => {
  const headers = new Headers();
  for (let i = 0; i < flat.length; i += 2) headers.append(flat[i]!, flat[i + 1]!);
  return headers;
});

registerHostType(Blob, (blob: Blob): Described => [tags.blob, [blobBytes(blob), blob.type]]);
registerReviver(tags.blob, ([bytes, type]: [Uint8Array<ArrayBuffer>, string]) => new Blob([bytes], { type }));

// A signal that may still abort is asked for its reason, by a call that waits.
registerHostType(AbortSignal, (signal: AbortSignal, mode): Described => {
  if (mode !== Mode.RPC) return "AbortSignal can only be serialized for RPC.";
  const refused = signalRefused();
  if (refused !== undefined) return refused;
  if (signal.aborted) return [tags.signal, [signal.reason, 0, 0]];
  const aborted = new Promise((resolve) => onAbort(signal, (reason) => resolve([reason])));
  const cap = exportTarget({ aborted: () => aborted }, Members.Own, true);
  return [tags.signal, [undefined, host.isolate(), cap]];
});
registerReviver(tags.signal, ([reason, isolate, cap]: [unknown, number, number]) => {
  if (cap === 0) return AbortSignal.abort(reason);
  const controller = new AbortController();
  const core = new StubCore(isolate, cap, host.capReceive(isolate, cap));
  wait<[unknown]>(core.start(["aborted"], true, [])).then(
    ([reason]) => controller.abort(reason),
    () => {}, // whoever could have aborted it is gone
  );
  core.dispose();
  return controller.signal;
});
