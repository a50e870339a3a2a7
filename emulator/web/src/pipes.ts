// Streams on both ends of a pipe, see host/body.ts.

import { onAbort, type AbortSignal } from "./abort";
import { DOMException } from "./domexception";
import { hostOf } from "./host";
import type { BodyHost } from "./host/body";
import { forget, wait } from "./ops";
import { ByteSource } from "./streams/byte-source";
import { ReadableCore, type ReaderCore } from "./streams/readable-core";
import { asBytes, handled } from "./streams/shared";

const host = hostOf<BodyHost>();

/** The class, message and further properties (JSON) of a thrown value, as the host takes them. */
export type ErrorParts = [name: string, message: string, props: string];

const classes = new Set(["TypeError", "RangeError", "SyntaxError", "ReferenceError", "EvalError", "URIError"]);

/** An error in plain data, for whoever is on the other side. */
export function errorParts(reason: unknown, extra?: Record<string, unknown>): ErrorParts {
  if (!(reason instanceof Error) && !(reason instanceof DOMException)) {
    return ["Error", describe(reason), propsOf({}, extra)];
  }
  if (reason instanceof DOMException) return [`DOMException:${reason.name}`, reason.message, propsOf({}, extra)];
  return [classes.has(reason.name) ? reason.name : "Error", String(reason.message), propsOf(reason, extra)];
}

function describe(value: unknown): string {
  try {
    return String(value);
  } catch {
    return "unknown error";
  }
}

function propsOf(source: object, extra: Record<string, unknown> | undefined): string {
  try {
    const props = JSON.stringify({ ...source, ...extra });
    return props === "{}" ? "" : props;
  } catch {
    return extra === undefined ? "" : JSON.stringify(extra);
  }
}

/** The reading end of a pipe. When it is lost unread, the writer is told that nobody reads. */
export class PipeEnd {
  constructor(readonly pipe: number) {
    lost.register(this, pipe, this);
    host.pipeHold(pipe);
  }

  /** The number of the pipe, which is read by whoever asked for it. */
  take(): number {
    lost.unregister(this);
    return this.pipe;
  }

  /** The number of the pipe, to be read elsewhere. */
  pass(): number {
    host.pipePass(this.pipe);
    return this.take();
  }
}

const lost = new FinalizationRegistry((pipe: number) => {
  host.pipeCancel(pipe, "Error", "The body was never read.", "");
});

/** The stream of what comes out of a pipe. It ends early when signal aborts. */
export function readPipe(end: PipeEnd, signal?: AbortSignal): ReadableCore {
  const core = new ReadableCore();
  const source = new ByteSource(core);
  const cancel = (reason: unknown) => host.pipeCancel(end.pipe, ...errorParts(reason));
  const undo = signal && onAbort(signal, (reason) => {
    cancel(reason);
    source.error(reason);
  });
  source.begin({
    pull: async () => {
      const chunk = await wait<ArrayBuffer | undefined>(host.pipeRead(end.pipe));
      if (core.state !== "readable") return;
      if (chunk !== undefined) return source.enqueue(new Uint8Array(chunk));
      undo?.();
      source.close();
      if (source.firstPending !== undefined) source.respond(0);
    },
    cancel,
  });
  return core;
}

/** How a stream goes through a pipe. */
export interface PipeRules {
  /** The bytes of a chunk, undefined for one that cannot be sent. */
  bytes(chunk: unknown): Uint8Array | undefined;
  /** What the reader learns when the stream fails. */
  failed(error: unknown): ErrorParts;
  /** Whether it learns that at once, not after the bytes before. */
  abrupt: boolean;
  /** What the reader learns when the stream is gone with its owner; undefined is why that has ended. */
  gone?: string;
  /** What the stream is told when nobody reads on. */
  cancelled(reason: unknown): unknown;
}

/** The rules for bodies. */
const bodyRules: PipeRules = {
  bytes: asBytes,
  failed: (error) => errorParts(error, { remote: true }),
  abrupt: false,
  cancelled: (reason) => reason,
};

/** Writes a stream into a new pipe, from now on, and answers the pipe's number. */
export function writePipe(core: ReadableCore, rules = bodyRules): number {
  const reader = core.acquire();
  core.whole = true;
  const pipe = host.pipeOpen(core.length);
  void new Pump(reader, pipe, rules).run();
  return pipe;
}

class Pump {
  #gone = false;

  constructor(
    readonly reader: ReaderCore,
    readonly pipe: number,
    readonly rules: PipeRules,
  ) {}

  async run(): Promise<void> {
    const { pipe } = this;
    const watch = host.pipeWatch(pipe, this.rules.gone);
    wait(watch).catch((reason) => {
      this.#gone = true;
      handled(this.reader.cancel(this.rules.cancelled(reason)));
    });
    try {
      await this.#copy();
      if (!this.#gone) host.pipeClose(pipe);
    } catch (error) {
      if (this.#gone) return;
      host.pipeFail(pipe, ...this.rules.failed(error), this.rules.abrupt);
      handled(this.reader.cancel(error));
    } finally {
      forget(watch);
    }
  }

  async #copy(): Promise<void> {
    for (;;) {
      const chunk = await this.#read();
      if (chunk === undefined || this.#gone) return;
      if (!host.pipeWrite(this.pipe, chunk)) await wait(host.pipeDrained(this.pipe));
    }
  }

  #read(): Promise<Uint8Array | undefined> {
    return new Promise((resolve, reject) => {
      this.reader.read({
        chunk: (chunk) => {
          const bytes = this.rules.bytes(chunk);
          if (bytes !== undefined) resolve(bytes);
          else reject(new TypeError("This ReadableStream did not return bytes."));
        },
        close: () => resolve(undefined),
        error: reject,
      });
    });
  }
}
