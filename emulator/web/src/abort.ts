// AbortController and AbortSignal, DOM Standard section 3.

import { illegalConstructor } from "./brand";
import { DOMException } from "./domexception";
import { Event, EventTarget, listenInTurn, trusted } from "./events";
import { requireHandler } from "./scope";
import { startTimer } from "./timers";

function failure(name: string, message: string): DOMException {
  return Object.assign(new DOMException(message, name), { retryable: true });
}

const abortError = () => failure("AbortError", "The operation was aborted");
const timeoutError = () => failure("TimeoutError", "The operation was aborted due to timeout");

const making = Symbol("making");
let trigger: (signal: AbortSignal, reason: unknown) => void;

// onAbort runs a step of the platform when a signal aborts, before its
// listeners. The answer undoes it.
export let onAbort: (signal: AbortSignal, step: (reason: unknown) => void) => () => void;

export class AbortSignal extends EventTarget {
  #aborted = false;
  #reason: unknown = undefined;
  #steps: Set<(reason: unknown) => void> | undefined;
  #onabort: unknown = null;
  #listener: ((event: Event) => unknown) | undefined; // calls what onabort holds

  static {
    trigger = (signal, reason) => {
      if (signal.#aborted) return;
      signal.#aborted = true;
      signal.#reason = reason;
      const steps = signal.#steps;
      signal.#steps = undefined;
      for (const step of steps ?? []) step(reason);
      signal.dispatchEvent(trusted(new Event("abort")));
    };
    onAbort = (signal, step) => {
      const steps = (signal.#steps ??= new Set());
      steps.add(step);
      return () => void steps.delete(step);
    };
  }

  constructor(key?: unknown) {
    if (key !== making) throw illegalConstructor();
    super();
  }

  static abort(reason: unknown = abortError()): AbortSignal {
    const signal = new AbortSignal(making);
    signal.#aborted = true;
    signal.#reason = reason;
    return signal;
  }

  static timeout(delay: number): AbortSignal {
    requireHandler();
    const signal = new AbortSignal(making);
    startTimer(delay, false, () => trigger(signal, timeoutError()));
    return signal;
  }

  static any(signals: Iterable<AbortSignal>): AbortSignal {
    const sources = [...signals];
    const aborted = sources.find((s) => s.aborted);
    if (aborted) return AbortSignal.abort(aborted.reason);
    const signal = new AbortSignal(making);
    const undo = sources.map((source) =>
      onAbort(source, (reason) => {
        for (const u of undo) u();
        trigger(signal, reason);
      }),
    );
    return signal;
  }

  get aborted(): boolean { return this.#aborted; }
  get reason(): any { return this.#reason; }
  get onabort(): unknown { return this.#onabort; }
  set onabort(handler: unknown) {
    this.#onabort = typeof handler === "function" || typeof handler === "object" ? handler : null;
    if (this.#onabort === null) this.#unlisten();
    else if (this.#listener === undefined) this.#listen();
  }

  #listen(): void {
    this.#listener = (event) => (typeof this.#onabort === "function" ? this.#onabort.call(this, event) : undefined);
    listenInTurn(this, "abort", this.#listener);
  }

  #unlisten(): void {
    if (this.#listener !== undefined) this.removeEventListener("abort", this.#listener);
    this.#listener = undefined;
  }

  throwIfAborted(): void {
    if (this.#aborted) throw this.#reason;
  }
}

export class AbortController {
  #signal: AbortSignal | undefined;

  get signal(): AbortSignal {
    return (this.#signal ??= new AbortSignal(making));
  }

  abort(reason: unknown = abortError()): void {
    trigger(this.signal, reason);
  }
}
