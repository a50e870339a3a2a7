// The iterator of a Readable.

// require is the bundler's; the modules need each other.
declare const require: (path: string) => any;

export const learnEnd = () => (require("./finished") as typeof import("./finished")).eos as (...args: any[]) => () => void;

// Not a generator: leaving a loop destroys the stream there and then.
export function iterate(stream: any, destroyOnReturn: boolean): AsyncIterableIterator<any> {
  let wake: () => void = () => {};
  let over: unknown = undefined; // null at the end, or an error
  let left = false;
  const notify = () => wake();
  stream.on("readable", notify);
  const stop = learnEnd()(stream, { writable: false }, (error: any) => {
    over = error ? error : null;
    wake();
  });
  const leave = (error?: unknown) => {
    if (left) return;
    left = true;
    if (error || (destroyOnReturn && (over === undefined || stream._readableState.autoDestroy))) {
      stream.destroy(error || null);
    } else {
      stream.off("readable", notify);
      stop();
    }
  };
  const next = async (): Promise<IteratorResult<any>> => {
    while (!left) {
      const chunk = stream.destroyed ? null : stream.read();
      if (chunk !== null) return { value: chunk, done: false };
      if (over !== undefined) {
        const error = over;
        leave(error);
        if (error) throw error;
        break;
      }
      await new Promise<void>((resolve) => (wake = resolve));
    }
    return { value: undefined, done: true };
  };
  let last: Promise<unknown> = Promise.resolve();
  return {
    next: () => (last = last.then(next, next)) as Promise<IteratorResult<any>>,
    async return(value?: any) {
      leave();
      return { value, done: true };
    },
    async throw(error?: any) {
      leave(error);
      throw error;
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
