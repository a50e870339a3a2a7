// Response, Fetch Standard §5.5.

import type { AbortSignal } from "./abort";
import { Body, Kind, Message, copyCf, inside, insideIn, insideOf } from "./body";
import { expose } from "./frame";
import { headersMember, type Headers, type HeadersInit } from "./headers";
import { Payload, type BodyInit } from "./payload";
import { checkEncoding, withLength } from "./request";
import { defaultStatusText } from "./status";
import { parseHref } from "./url";

export interface ResponseInit {
  status?: number;
  statusText?: string;
  headers?: HeadersInit;
  cf?: unknown;
  webSocket?: object | null;
  encodeBody?: string;
}

/**
 * What a response leaves the isolate as. Headers are in the host's form; raw
 * says that the body is already encoded as Content-Encoding has it.
 */
export type HostResponse = [
  status: number,
  statusText: string,
  headers: string,
  body: string | ArrayBuffer | undefined,
  pipe: number,
  raw: boolean,
  webSocket: object | null,
];

class ResponseState extends Message {
  declare status: number;
  declare statusText: string | undefined;
  declare type: string;
  declare url: string;
  declare redirected: boolean;
  declare cf: unknown;
  declare webSocket: object | null;
  declare raw: boolean;
}

Object.assign(ResponseState.prototype, {
  kind: Kind.Response,
  status: 200,
  statusText: undefined,
  type: "default",
  url: "",
  redirected: false,
  cf: undefined,
  webSocket: null,
  raw: false,
});

const common = ResponseState.prototype;
// What those that reach an isolate have in common besides.
const arriving: ResponseState = Object.assign(Object.create(common), { immutable: true, statusText: "OK" });
const stateOf = insideOf<ResponseState>(Kind.Response);
const stateIn = insideIn<ResponseState>(Kind.Response);

export class Response extends Body {
  static error(): Response {
    const state: ResponseState = Object.create(common);
    state.status = 0;
    state.type = "error";
    state.immutable = true;
    return new Response(inside as never, state as never);
  }

  static redirect(url: string, status: number = 302): Response {
    if (![301, 302, 303, 307, 308].includes(status)) {
      throw new RangeError(
        `${status} is not a redirect status code. It must be one of: 301, 302, 303, 307, or 308.`,
      );
    }
    const href = parseHref(String(url));
    if (href === undefined) throw new TypeError(`Unable to parse URL: ${url}`);
    const state: ResponseState = Object.create(common);
    state.status = status;
    state.rawHeaders = `location\n${href}`;
    state.immutable = true;
    return new Response(inside as never, state as never);
  }

  static json(value: unknown, init?: ResponseInit | Response): Response {
    const state: ResponseState = Object.create(common);
    if (init !== undefined && init !== null) apply(state, init);
    state.payload = checkedBody(state, Payload.text(String(JSON.stringify(value))));
    if (init === undefined) state.rawHeaders = "content-type\napplication/json";
    else if (!state.headers.has("content-type")) state.headers.set("content-type", "application/json");
    return new Response(inside as never, state as never);
  }

  constructor(body?: BodyInit | null, init?: ResponseInit | Response) {
    super((body as unknown) === inside ? (init as unknown as Message) : build(body, init));
  }

  get status(): number {
    return stateOf(this).status;
  }

  get statusText(): string {
    return stateOf(this).statusText ?? "";
  }

  get headers(): Headers {
    return stateOf(this).headers;
  }

  get ok(): boolean {
    const { status } = stateOf(this);
    return status >= 200 && status < 300;
  }

  get redirected(): boolean {
    return stateOf(this).redirected;
  }

  get url(): string {
    return stateOf(this).url;
  }

  get webSocket(): object | null {
    return stateOf(this).webSocket;
  }

  get cf(): unknown {
    return stateOf(this).cf;
  }

  get type(): string {
    return stateOf(this).type;
  }

  clone(): Response {
    const state = stateOf(this);
    if (state.webSocket !== null) throw new TypeError("Cannot clone a response to a WebSocket handshake.");
    const payload = state.payload?.clone() ?? null;
    const copy: ResponseState = Object.create(common);
    copyInto(copy, state);
    copy.payload = payload;
    copy.type = state.type;
    copy.url = state.url;
    copy.redirected = state.redirected;
    return new Response(inside as never, copy as never);
  }
}

expose("Response", Response);

function build(body: BodyInit | null | undefined, init: ResponseInit | Response | undefined): ResponseState {
  const state: ResponseState = Object.create(common);
  if (init !== undefined && init !== null) apply(state, init);
  if (body === undefined || body === null) return state;
  state.setBody(body);
  if (state.status !== 200) state.payload = checkedBody(state, state.payload ?? undefined);
  return state;
}

/** A body that the status may have: empty data counts as none. */
function checkedBody(state: ResponseState, payload: Payload | undefined): Payload | null {
  if (payload === undefined) return null;
  const { status } = state;
  if (status !== 101 && status !== 204 && status !== 205 && status !== 304) return payload;
  if (payload.rewindable && payload.length === 0) return null;
  throw new TypeError("Response with null body status (101, 204, 205, or 304) cannot have a body.");
}

function apply(state: ResponseState, init: ResponseInit | Response): void {
  if (init instanceof Response) copyInto(state, stateOf(init));
  else applyInit(state, init);
  const { status } = state;
  if (state.webSocket === null) {
    if (!(status >= 200 && status <= 599)) {
      throw new RangeError(
        "Responses may only be constructed with status codes in the range 200 to 599, inclusive.",
      );
    }
  } else if (status !== 101) {
    throw new RangeError("Responses with a WebSocket must have status code 101.");
  }
  if (state.statusText !== undefined && /[\0-\x1f]/.test(state.statusText)) throw new TypeError("Invalid statusText");
}

function applyInit(state: ResponseState, init: ResponseInit): void {
  if (typeof init !== "object") {
    throw new TypeError("Failed to construct 'Response': constructor parameter 2 is not of type 'ResponseInit or Response'.");
  }
  if (init.status !== undefined) state.status = Math.trunc(Number(init.status)) || 0;
  if (init.statusText !== undefined) state.statusText = String(init.statusText);
  if (init.encodeBody !== undefined) state.raw = checkEncoding("encodeBody", init.encodeBody);
  if (init.headers !== undefined) state.headers = headersMember(init.headers, "InitializerDict");
  if (init.cf !== undefined) state.cf = copyCf(init.cf);
  if (init.webSocket !== undefined && init.webSocket !== null) state.webSocket = init.webSocket;
}

function copyInto(state: ResponseState, other: ResponseState): void {
  state.status = other.status;
  state.statusText = other.statusText;
  state.copyHeaders(other);
  state.cf = copyCf(other.cf);
  state.webSocket = other.webSocket;
  state.raw = other.raw;
}

/** A response that reached this isolate. What it is made of is looked at when asked for. */
export function responseFromHost(
  status: number,
  statusText: string,
  headers: string,
  body: ArrayBuffer | string | undefined,
  pipe: number,
  url: string,
  webSocket?: object,
): Response {
  const state: ResponseState = Object.create(arriving);
  if (status !== 200) state.status = status;
  if (statusText !== "OK") state.statusText = statusText;
  state.rawHeaders = headers;
  state.url = url;
  if (pipe > 0 || body !== undefined) state.setHostBody(body, pipe);
  if (webSocket !== undefined) state.webSocket = webSocket;
  return new Response(inside as never, state as never);
}

/** A response as it leaves the isolate, its body used from then on; undefined for anything else. */
export function responseToHost(response: unknown): HostResponse | undefined {
  const state = stateIn(response);
  if (state === undefined) return undefined;
  const { status } = state;
  const statusText = state.statusText ?? defaultStatusText(status);
  const text = state.takeText();
  if (text !== undefined) return [status, statusText, state.hostHeaders, text, 0, state.raw, state.webSocket];
  const { payload } = state;
  if (payload === null) return [status, statusText, state.hostHeaders, undefined, 0, state.raw, state.webSocket];
  const { data, pipe } = payload.toHost();
  const headers = pipe === 0 ? state.hostHeaders : withLength(state.hostHeaders, payload.length);
  return [status, statusText, headers, data, pipe, state.raw, state.webSocket];
}

/** Whether a value is a Response of this isolate. */
export function isResponse(value: unknown): value is Response {
  return stateIn(value) !== undefined;
}

/** Ends the body of a response when signal aborts. */
export function endWithSignal(response: Response, signal: AbortSignal): void {
  const state = stateOf(response);
  if (state.payload !== null) state.payload = state.payload.abortable(signal);
}

/** Marks a response as what a chain of redirects ended with. */
export function markRedirected(response: Response): void {
  stateOf(response).redirected = true;
}
