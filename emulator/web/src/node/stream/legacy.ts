// Stream, the oldest class, which all others come from.

import { EventEmitter } from "../events";

export const Stream: any = function Stream(this: any, options?: object) {
  EventEmitter.call(this, options);
};
Object.setPrototypeOf(Stream.prototype, EventEmitter.prototype);
Object.setPrototypeOf(Stream, EventEmitter);

/** Forwards data events to a destination, as streams did before there was read(). */
Stream.prototype.pipe = function pipe(this: any, destination: any, options?: { end?: boolean }) {
  const source = this;
  const data = (chunk: unknown) => {
    if (destination.writable && destination.write(chunk) === false) source.pause?.();
  };
  const drain = () => {
    if (source.readable) source.resume?.();
  };
  let ended = false;
  const end = () => {
    if (!ended) destination.end();
    ended = true;
  };
  const close = () => {
    if (!ended) destination.destroy?.();
    ended = true;
  };
  const error = function (this: any, failure: unknown) {
    cleanup();
    if (EventEmitter.listenerCount(this, "error") === 0) this.emit("error", failure);
  };
  const wired: [any, string, (...args: any[]) => void][] = [
    [source, "data", data], [destination, "drain", drain], [source, "error", error], [destination, "error", error],
  ];
  if (!destination._isStdio && options?.end !== false) wired.push([source, "end", end], [source, "close", close]);
  const cleanup = () => {
    for (const [emitter, name, listener] of wired) emitter.removeListener(name, listener);
  };
  for (const name of ["end", "close"]) wired.push([source, name, cleanup]);
  wired.push([destination, "close", cleanup]);
  for (const [emitter, name, listener] of wired) emitter.on(name, listener);
  destination.emit("pipe", source);
  return destination;
};

Stream.prototype.eventNames = function eventNames(this: any) {
  return Reflect.ownKeys(this._events ?? {}).filter((name) => this.listenerCount(name) > 0);
};

/** Has listeners run before those that are there. */
export function prependListener(emitter: any, event: string, listener: (...args: any[]) => void): void {
  if (typeof emitter.prependListener === "function") emitter.prependListener(event, listener);
  else emitter.on(event, listener);
}
