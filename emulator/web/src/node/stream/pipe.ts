// How a Readable flows into another stream.

import { prependListener } from "./legacy";
import { errorOrDestroy, nextTick } from "./state";

/** Readable.prototype.pipe. */
export function pipe(this: any, destination: any, options?: { end?: boolean }) {
  const source = this;
  const state = source._readableState;
  state.pipes.push(destination);
  const ends = options?.end !== false;
  const onend = () => destination.end();
  const done = ends ? onend : () => source.unpipe(destination);
  if (state.endEmitted) nextTick(done);
  else source.once("end", done);

  let drain: (() => void) | undefined;
  const pause = () => {
    state.awaitDrainWriters.add(destination);
    source.pause();
    if (drain !== undefined) return;
    drain = () => {
      state.awaitDrainWriters.delete(destination);
      if (state.awaitDrainWriters.size === 0 && source.listenerCount("data") > 0) source.resume();
    };
    destination.on("drain", drain);
  };
  const data = (chunk: unknown) => {
    if (destination.write(chunk) === false && state.pipes.includes(destination)) pause();
  };
  const error = (failure: any) => {
    source.unpipe(destination);
    destination.removeListener("error", error);
    if (destination.listenerCount("error") > 0) return;
    const s = destination._writableState ?? destination._readableState;
    if (s && !s.errorEmitted) errorOrDestroy(destination, failure);
    else destination.emit("error", failure);
  };
  const closed = () => {
    destination.removeListener("finish", finished);
    source.unpipe(destination);
  };
  const finished = () => {
    destination.removeListener("close", closed);
    source.unpipe(destination);
  };
  const unpiped = (readable: any, info: any) => {
    if (readable !== source || !info || info.hasUnpiped !== false) return;
    info.hasUnpiped = true;
    destination.removeListener("close", closed);
    destination.removeListener("finish", finished);
    if (drain) destination.removeListener("drain", drain);
    destination.removeListener("error", error);
    destination.removeListener("unpipe", unpiped);
    source.removeListener("end", done);
    source.removeListener("data", data);
    if (drain && state.awaitDrainWriters.size > 0 && destination._writableState?.needDrain !== false) drain();
  };
  destination.on("unpipe", unpiped);
  source.on("data", data);
  prependListener(destination, "error", error);
  destination.once("close", closed);
  destination.once("finish", finished);
  destination.emit("pipe", source);
  if (destination.writableNeedDrain === true) pause();
  else if (!state.flowing) source.resume();
  return destination;
}

/** Readable.prototype.unpipe. */
export function unpipe(this: any, destination?: any) {
  const { pipes } = this._readableState;
  if (pipes.length === 0) return this;
  const leaving = destination === undefined ? pipes.splice(0) : pipes.includes(destination) ? pipes.splice(pipes.indexOf(destination), 1) : [];
  if (destination === undefined) this.pause();
  else if (leaving.length > 0 && pipes.length === 0) this.pause();
  for (const one of leaving) one.emit("unpipe", this, { hasUnpiped: false });
  return this;
}
