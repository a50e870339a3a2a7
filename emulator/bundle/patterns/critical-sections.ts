/** The one method of AsyncLocalStorage that is needed here, and its reader. */
interface AsyncContext {
  run<T>(store: object, body: () => T): T;
  getStore(): object | undefined;
}

/**
 * Runs asynchronous bodies one at a time, in the order they came. A body that
 * is started inside another is part of it and does not wait.
 */
export class CriticalSections {
  #tail: Promise<unknown> = Promise.resolve();
  #current: object | undefined;
  readonly #context = newAsyncContext();

  /** Runs body when its turn comes, never before the caller has returned unless nested. */
  run<T>(body: () => Promise<T>): Promise<T> {
    if (this.#isInside()) return body();
    const result = this.#tail.then(() => this.#enter(body));
    this.#tail = result.catch(() => undefined);
    return result;
  }

  /** Resolves when no section is open or waiting; at once inside of one. */
  async idle(): Promise<void> {
    for (let seen; seen !== this.#tail && !this.#isInside(); ) {
      seen = this.#tail;
      await seen;
    }
  }

  async #enter<T>(body: () => Promise<T>): Promise<T> {
    const section = {};
    this.#current = section;
    try {
      return await (this.#context ? this.#context.run(section, body) : body());
    } finally {
      this.#current = undefined;
    }
  }

  // Without an async context nobody can tell who is calling while a section is
  // open. Taking the caller for a part of it can never lock a test up.
  #isInside(): boolean {
    if (this.#current === undefined) return false;
    return this.#context === undefined || this.#context.getStore() === this.#current;
  }
}

function newAsyncContext(): AsyncContext | undefined {
  const { process } = globalThis as { process?: { getBuiltinModule?(id: string): unknown } };
  const hooks = process?.getBuiltinModule?.("node:async_hooks") as
    | { AsyncLocalStorage: new () => AsyncContext }
    | undefined;
  return hooks && new hooks.AsyncLocalStorage();
}
