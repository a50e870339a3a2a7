// What Go supplies to the object runtime. Objects are known by the number of
// their present life; a call for a life that has ended does not return.

import { hostOf } from "web/host";

export type Body = string | ArrayBuffer | undefined;

export interface WorkerHost {
  // The content of a text or data module of the bundle, undefined for others.
  moduleData(name: string): string | ArrayBuffer | undefined;

  // Whether a compatibility flag is on, by name or by date.
  flag(name: string): boolean;

  // ---- identity: ns is the number of a namespace, the same for all Workers, and with a jurisdiction its part ----
  idFromName(ns: number, jurisdiction: string | undefined, name: string): string;
  idFromString(ns: number, jurisdiction: string | undefined, text: string): string;
  newUniqueId(ns: number, jurisdiction: string | undefined, method: string): string;
  // Throws, in the name of a method, when there is no such jurisdiction.
  jurisdiction(ns: number, jurisdiction: string | undefined, method: string): void;
  jurisdictionOf(ns: number, id: string): string | undefined;
  // The Worker and the class of a namespace, and the namespace of these, -1 where it is not known.
  namespaceName(ns: number): string[];
  namespaceNamed(script: string, className: string): number;

  // ---- calls out; each answers an operation. Location is where an object was asked to be kept ----
  objectFetch(ns: number, id: string, name: string | undefined, method: string, url: string, headers: string, body: Body, pipe: number, cf: string, location?: string): number;
  objectCall(ns: number, id: string, name: string | undefined, path: string, call: boolean, args: unknown[], location?: string): number;
  // A script of "" is this Worker, an entrypoint of "" the default one.
  serviceFetch(script: string, entrypoint: string, props: object | undefined, method: string, url: string, headers: string, body: Body, pipe: number, cf: string): number;
  serviceCall(script: string, entrypoint: string, props: object | undefined, path: string, call: boolean, args: unknown[]): number;
  // Gives up a request: nobody waits for the response any more.
  exchangeAbort(op: number): void;
  // A call on the result of an operation that is on.
  pipelineCall(op: number, path: string, call: boolean, args: unknown[]): number;

  // ---- facets, by numbers of this isolate's that facetDrop takes back ----
  facetDepth(life: number): number; // of a facet of the object
  facetOpen(life: number, name: string): number;
  facetDrop(facet: number): void;
  // Calls the entry facetStart with the facet's number, in a turn of life, unless somebody has begun before.
  facetBegin(life: number, facet: number): boolean;
  facetBecome(life: number, facet: number, className: string, id: string, hasId: boolean, name: string | undefined, jurisdiction: string | undefined, props: object): void;
  // See Outgoing.
  facetRefuse(life: number, facet: number, thrown: unknown, name: string, message: string, stack: string, className: string, crossing: string, props: string): void;
  facetFetch(life: number, facet: number, method: string, url: string, headers: string, body: Body, pipe: number, cf: string): number;
  facetCall(life: number, facet: number, path: string, call: boolean, args: unknown[]): number;
  facetAbort(life: number, name: string, thrown: unknown, errorName: string, message: string, stack: string, className: string, crossing: string, props: string): void;
  facetDelete(life: number, name: string): void;
  facetClone(life: number, from: string, to: string): void;

  // ---- references, by their handles, and what they refer to ----
  capCall(handle: number, path: string, call: boolean, args: unknown[]): number;
  // A new capability; sent says that its first use goes with the message being written.
  capExport(sent: boolean): number;
  capUnexport(cap: number): void;
  // Takes a reference out of the message being read, or a use of our own; a handle.
  capReceive(isolate: number, cap: number): number;
  capSend(handle: number): void;
  capDup(handle: number): number;
  capDrop(handle: number): void;
  isolate(): number;

  // ---- answers to calls in ----
  // What a promise was fulfilled with, undefined when it was not.
  fulfilled(promise: unknown): unknown;
  respond(call: number, status: number, statusText: string, headers: string, body: Body, pipe: number, raw: boolean, socket: number): void;
  // Whether calls were made on the result that is about to be replied.
  pipelined(call: number): boolean;
  // Pipeline is the capability for calls on the result, -1 for the reference that the value is, 0 for none. With
  // disposer it lasts until the caller disposes of the result.
  reply(call: number, value: unknown, pipeline: number, disposer: boolean): void;
  // See Outgoing.
  fail(call: number, thrown: unknown, name: string, message: string, stack: string, className: string, crossing: string, props: string): void;

  // ---- the state of an object ----
  abort(life: number, message: string, retryAlarm: boolean): never;
  // Begins an operation that lasts until opEnd, as waitUntil does.
  opBegin(): number;
  opEnd(op: number): void;
  // Calls the entry runSection with token and the section's number, in a turn.
  section(life: number, token: number, transaction: boolean): void;
  sectionRollback(life: number, section: number): void;
  sectionEnd(life: number, section: number, commit: boolean): void;
  // Ends a section with an error that resets the object.
  constructorThrew(life: number, thrown: unknown, name: string, message: string, stack: string, className: string, crossing: string, props: string): never;
  sectionFail(life: number, section: number, thrown: unknown, name: string, message: string, stack: string, className: string, crossing: string, props: string): void;
  uncaught(name: string, message: string, stack: string): void;
  // Tells the developer of a trap: its code, what it is about, and its place.
  trap(life: number, code: string, about: string, place: string): void;

  // ---- key-value storage ----
  kvGet(life: number, key: string): unknown;
  kvGetMany(life: number, keys: string[]): unknown[]; // keys and values in turn
  kvPut(life: number, key: string, value: unknown): string | undefined; // see nearLimit
  kvDelete(life: number, key: string): boolean;
  kvDeleteMany(life: number, keys: string[]): number;
  // Keys and values in turn.
  kvList(life: number, start: string | undefined, startAfter: string | undefined, end: string | undefined, prefix: string | undefined, reverse: boolean, limit: number): unknown[];
  kvLimits(life: number, count: number): string | undefined; // see nearLimit
  // Says whether what is written from now on need not be durable before what is sent after it leaves.
  unconfirmed(life: number, on: boolean): void;
  deleteAll(life: number): void;
  sync(life: number): number;
  savepoint(life: number): number;
  release(life: number, level: number): void;
  rollbackTo(life: number, level: number): void;
  getAlarm(life: number): number | null;
  setAlarm(life: number, time: number): void;
  deleteAlarm(life: number): void;
  bookmark(life: number): string;
  bookmarkForTime(life: number, time: number): string;
  restoreOnNextSession(life: number, bookmark: string): string; // the bookmark that undoes it
  snapshot(life: number, bookmark: string): number; // an operation that gives its number; the bookmark "" is now
  restoreBegin(life: number): void;
  restoreData(life: number, key: string, value: unknown): number; // to be stored by restoreSnapshot; its size in bytes
  restoreSnapshot(life: number, snapshot: number): string; // the bookmark that undoes it

  // ---- SQL ----
  sqlExec(life: number, query: string, bindings: unknown[]): number; // a cursor
  sqlNearLimit(bytes: number): string | undefined; // see nearLimit
  sqlColumns(cursor: number): string[];
  sqlNext(cursor: number): unknown[] | undefined;
  sqlRowsRead(cursor: number): number;
  sqlRowsWritten(cursor: number): number;
  sqlClose(cursor: number): void;
  sqlSize(life: number): number;

  // ---- hibernatable sockets: socket is the object's number for it ----
  socketAccept(life: number, end: number, tags: string[]): number;
  socketList(life: number, tag: string | undefined): string; // numbers, comma separated
  socketTags(life: number, socket: number): string[];
  socketSend(life: number, socket: number, data: string | ArrayBuffer | ArrayBufferView): void;
  socketClose(life: number, socket: number, code: number, reason: string): void;
  // A value of readyState, 0 for a socket that the object has forgotten.
  socketState(life: number, socket: number): number;
  socketAttach(life: number, socket: number, value: unknown): string | undefined; // see nearLimit
  socketAttachment(life: number, socket: number): unknown;
  socketAutoTime(life: number, socket: number): number | null;
  setAutoResponse(life: number, request: string | undefined, response: string | undefined): void;
  getAutoResponse(life: number): string[] | undefined;
  setEventTimeout(life: number, ms: number): void;
  getEventTimeout(life: number): number;
}

export const host = hostOf<WorkerHost>();
