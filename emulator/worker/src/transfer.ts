// How web objects cross in a call: bodies as pipes, the rest as plain data.

import { Blob, blobBytes } from "web/blob";
import { Mode, registerHostType, registerReviver, type Described } from "web/frame";
import { Headers } from "web/headers";
import { Request, requestFromHost, requestToHost } from "web/request";
import { Response, responseFromHost, responseToHost } from "web/response";
import { ReadableStream } from "web/streams/readable";
import type { Body } from "./host";

const tags = { stream: 110, request: 111, response: 112, headers: 113, blob: 114 };

const streamRefused = "ReadableStream can only be serialized for RPC.";

registerHostType(ReadableStream, (stream: ReadableStream, mode): Described => {
  if (mode !== Mode.RPC) return streamRefused;
  const [, , , body, pipe] = responseToHost(new Response(stream as never));
  return [tags.stream, [body, pipe]];
});
registerReviver(tags.stream, ([body, pipe]: [Body, number]) => responseFromHost(200, "", "", body, pipe, "").body);

registerHostType(Request, (request: Request, mode): Described => {
  if (mode !== Mode.RPC && request.body !== null) return streamRefused;
  return [tags.request, requestToHost(request)];
});
registerReviver(tags.request, (parts: [string, string, string, Body, number, string]) => requestFromHost(...parts));

registerHostType(Response, (response: Response, mode): Described => {
  if (response.webSocket !== null) return 'Could not serialize object of type "WebSocket". This type does not support serialization.';
  if (mode !== Mode.RPC && response.body !== null) return streamRefused;
  return [tags.response, responseToHost(response)];
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
