// events.addAbortListener, which the iterators use too.

import { checkAbortSignal, checkFunction } from "./validate";
import { invalidArgType } from "./errors";

type Disposer = { [Symbol.dispose](): void };

const dispose: symbol = (Symbol as any).dispose ?? Symbol.for("nodejs.dispose");

// addAbortListener calls listener when signal aborts, even if it already has.
export function addAbortListener(signal: any, listener: (event?: any) => void): Disposer {
  if (signal === undefined) throw invalidArgType("signal", "AbortSignal", signal);
  checkAbortSignal(signal, "signal");
  checkFunction(listener, "listener");
  if (signal.aborted) {
    queueMicrotask(() => listener());
    return { [dispose]() {} } as unknown as Disposer;
  }
  signal.addEventListener("abort", listener, { once: true });
  return { [dispose]: () => signal.removeEventListener("abort", listener) } as unknown as Disposer;
}
