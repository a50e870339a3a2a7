// The controller of streams of bytes, Streams Standard §4.7: it can fill the
// buffers that "bring your own buffer" readers lend it.

import type { SourceSteps } from "./default-source";
import type { BytesSource, ReadIntoRequest, ReadRequest, ReadableCore } from "./readable-core";
import { promiseCall } from "./shared";

type ViewConstructor = new (buffer: ArrayBuffer, offset: number, length: number) => ArrayBufferView;

/** A view waiting to be filled, in the standard a pull-into descriptor. */
export interface PullInto {
  buffer: ArrayBuffer;
  offset: number;
  length: number;
  filled: number;
  minimum: number;
  elementSize: number;
  view: ViewConstructor;
  reader: "default" | "byob" | "none";
}

interface Chunk {
  buffer: ArrayBuffer;
  offset: number;
  length: number;
}

export class ByteSource implements BytesSource {
  #queue: Chunk[] = [];
  #total = 0;
  #pending: PullInto[] = [];
  #steps: SourceSteps = {};
  #started = false;
  #closeRequested = false;
  #pulling = false;
  #pullAgain = false;
  /** Called when the view given out as byobRequest may no longer be used. */
  onInvalidate: (() => void) | undefined = undefined;

  constructor(
    readonly stream: ReadableCore,
    readonly highWaterMark = 0,
    readonly autoAllocate: number | undefined = undefined,
  ) {
    stream.source = this;
  }

  /** Begins to ask steps for bytes. A throw of start fails the stream, as on the platform. */
  begin(steps: SourceSteps): void {
    this.#steps = steps;
    promiseCall(() => steps.start?.()).then(
      () => {
        this.#started = true;
        this.#callPull();
      },
      (reason) => this.error(reason),
    );
  }

  get desiredSize(): number | null {
    if (this.stream.state === "errored") return null;
    if (this.stream.state === "closed") return 0;
    return this.highWaterMark - this.#total;
  }

  get canCloseOrEnqueue(): boolean {
    return !this.#closeRequested && this.stream.state === "readable";
  }

  /** The view to be filled next, or undefined when no reader waits with one. */
  get firstPending(): PullInto | undefined {
    return this.#pending[0];
  }

  close(): void {
    if (!this.canCloseOrEnqueue) return;
    if (this.#total > 0) {
      this.#closeRequested = true;
      return;
    }
    const first = this.#pending[0];
    if (first !== undefined && first.filled % first.elementSize !== 0) {
      const error = new TypeError("This ReadableStream was closed with a partial read pending.");
      this.error(error);
      throw error;
    }
    this.#finish();
  }

  error(reason: unknown): void {
    if (this.stream.state !== "readable") return;
    this.#dropPending();
    this.#clearQueue();
    this.#steps = {};
    this.stream.fail(reason);
  }

  /** Takes the bytes of view; its buffer is detached from whoever had it. */
  enqueue(view: ArrayBufferView): void {
    if (!this.canCloseOrEnqueue) return;
    const { byteOffset, byteLength } = view;
    const buffer = (view.buffer as ArrayBuffer).transfer();
    const first = this.#pending[0];
    if (first !== undefined) {
      this.#invalidate();
      first.buffer = first.buffer.transfer();
      if (first.reader === "none") this.#queueDetached(first);
    }
    this.#deliver({ buffer, offset: byteOffset, length: byteLength });
    this.#callPull();
  }

  #deliver(chunk: Chunk): void {
    const reader = this.stream.reader;
    if (reader === undefined) {
      this.#push(chunk);
    } else if (reader.byob) {
      this.#push(chunk);
      for (const filled of this.#fillPending()) this.#commit(filled);
    } else {
      this.#serveReads(reader.reads);
      if (reader.reads.length === 0) return this.#push(chunk);
      if (this.#pending.length > 0) this.#shiftPending();
      reader.reads.shift()!.chunk(new Uint8Array(chunk.buffer, chunk.offset, chunk.length));
    }
  }

  #serveReads(reads: ReadRequest[]): void {
    while (reads.length > 0 && this.#total > 0) this.#readFromQueue(reads.shift()!);
  }

  pullSteps(request: ReadRequest): void {
    if (this.#total > 0) return this.#readFromQueue(request);
    if (this.autoAllocate !== undefined) {
      this.#pending.push({
        buffer: new ArrayBuffer(this.autoAllocate),
        offset: 0,
        length: this.autoAllocate,
        filled: 0,
        minimum: 1,
        elementSize: 1,
        view: Uint8Array,
        reader: "default",
      });
    }
    this.stream.reader!.reads.push(request);
    this.#callPull();
  }

  cancelSteps(reason: unknown): Promise<unknown> {
    this.#dropPending();
    this.#clearQueue();
    const cancel = this.#steps.cancel;
    this.#steps = {};
    return cancel === undefined ? Promise.resolve() : promiseCall(() => cancel(reason));
  }

  releaseSteps(): void {
    const first = this.#pending[0];
    if (first === undefined) return;
    first.reader = "none";
    this.#pending = [first];
  }

  pullInto(view: ArrayBufferView, min: number, request: ReadIntoRequest): void {
    let into: PullInto;
    try {
      into = pullIntoOf(view, min);
    } catch (error) {
      return request.error(error);
    }
    const { stream } = this;
    if (this.#pending.length > 0) {
      this.#pending.push(into);
      stream.reader!.readIntos.push(request);
      return;
    }
    if (stream.state === "closed") return request.close(new into.view(into.buffer, into.offset, 0));
    if (this.#total > 0) {
      if (this.#fillFromQueue(into)) {
        const filled = filledView(into);
        this.#afterQueueShrank();
        return request.chunk(filled);
      }
      if (this.#closeRequested) {
        const error = new TypeError("This ReadableStream was closed with a partial read pending.");
        this.error(error);
        return request.error(error);
      }
    }
    this.#pending.push(into);
    stream.reader!.readIntos.push(request);
    this.#callPull();
  }

  /** Tells that written bytes of the first pending view are there. */
  respond(written: number): void {
    const first = this.#pending[0]!;
    if (this.stream.state === "closed") {
      if (written !== 0) throw new TypeError("The bytesWritten must be zero after the stream is closed.");
    } else {
      if (written === 0) throw new TypeError("The bytesWritten must be more than zero while the stream is open.");
      if (first.filled + written > first.length) {
        throw new RangeError(`Too many bytes [${written}] in response to a BYOB read request.`);
      }
    }
    first.buffer = first.buffer.transfer();
    this.#responded(written);
  }

  /** As respond, with a view that stands for the pending one, its buffer moved. */
  respondWithNewView(view: ArrayBufferView): void {
    const first = this.#pending[0]!;
    const closed = this.stream.state === "closed";
    if (closed && view.byteLength !== 0) {
      throw new TypeError("The view byte length must be zero after the stream is closed.");
    }
    if (!closed && view.byteLength === 0) {
      throw new TypeError("The view byte length must be more than zero while the stream is open.");
    }
    if (first.offset + first.filled !== view.byteOffset) {
      throw new RangeError("The given view has an invalid byte offset.");
    }
    if (first.buffer.byteLength !== 0 && first.buffer.byteLength !== view.buffer.byteLength) {
      throw new RangeError("The underlying ArrayBuffer is not the correct length.");
    }
    if (first.filled + view.byteLength > first.length) throw new RangeError("The view is not the correct length.");
    const { byteLength } = view;
    first.buffer = (view.buffer as ArrayBuffer).transfer();
    this.#responded(byteLength);
  }

  #responded(written: number): void {
    const first = this.#pending[0]!;
    this.#invalidate();
    if (this.stream.state === "closed") this.#respondClosed(first);
    else this.#respondReadable(first, written);
    this.#callPull();
  }

  #respondClosed(first: PullInto): void {
    if (first.reader === "none") this.#shiftPending();
    const reader = this.stream.reader;
    if (!reader?.byob) return;
    const done = this.#pending.splice(0, reader.readIntos.length);
    for (const into of done) this.#commit(into);
  }

  #respondReadable(first: PullInto, written: number): void {
    first.filled += written;
    if (first.reader === "none") {
      this.#queueDetached(first);
      for (const filled of this.#fillPending()) this.#commit(filled);
      return;
    }
    if (first.filled < first.minimum) return;
    this.#shiftPending();
    const remainder = first.filled % first.elementSize;
    if (remainder > 0) {
      const end = first.offset + first.filled;
      this.#push({ buffer: first.buffer.slice(end - remainder, end), offset: 0, length: remainder });
      first.filled -= remainder;
    }
    const more = this.#fillPending();
    this.#commit(first);
    for (const filled of more) this.#commit(filled);
  }

  /** Hands a filled view to the request it was pending for. */
  #commit(into: PullInto): void {
    const reader = this.stream.reader!;
    const done = this.stream.state === "closed";
    const view = filledView(into);
    if (into.reader === "default") {
      const request = reader.reads.shift()!;
      if (done) request.close();
      else request.chunk(view);
    } else {
      const request = reader.readIntos.shift()!;
      if (done) request.close(view);
      else request.chunk(view);
    }
  }

  #fillPending(): PullInto[] {
    const filled: PullInto[] = [];
    while (this.#pending.length > 0 && this.#total > 0) {
      const first = this.#pending[0]!;
      if (!this.#fillFromQueue(first)) break;
      this.#shiftPending();
      filled.push(first);
    }
    return filled;
  }

  /** Copies from the queue; true when the view now holds enough to be handed out. */
  #fillFromQueue(into: PullInto): boolean {
    const most = into.filled + Math.min(this.#total, into.length - into.filled);
    const aligned = most - (most % into.elementSize);
    const ready = aligned >= into.minimum;
    let rest = (ready ? aligned : most) - into.filled;
    const target = new Uint8Array(into.buffer);
    while (rest > 0) {
      const head = this.#queue[0]!;
      const count = Math.min(rest, head.length);
      target.set(new Uint8Array(head.buffer, head.offset, count), into.offset + into.filled);
      if (count === head.length) this.#queue.shift();
      else {
        head.offset += count;
        head.length -= count;
      }
      this.#total -= count;
      into.filled += count;
      rest -= count;
    }
    return ready;
  }

  #readFromQueue(request: ReadRequest): void {
    const chunk = this.#queue.shift()!;
    this.#total -= chunk.length;
    this.#afterQueueShrank();
    request.chunk(new Uint8Array(chunk.buffer, chunk.offset, chunk.length));
  }

  #afterQueueShrank(): void {
    if (this.#total === 0 && this.#closeRequested) this.#finish();
    else this.#callPull();
  }

  #queueDetached(into: PullInto): void {
    if (into.filled > 0) {
      const copy = into.buffer.slice(into.offset, into.offset + into.filled);
      this.#push({ buffer: copy, offset: 0, length: copy.byteLength });
    }
    this.#shiftPending();
  }

  #push(chunk: Chunk): void {
    this.#queue.push(chunk);
    this.#total += chunk.length;
  }

  #clearQueue(): void {
    this.#queue = [];
    this.#total = 0;
  }

  #shiftPending(): void {
    this.#pending.shift();
  }

  #dropPending(): void {
    this.#invalidate();
    this.#pending = [];
  }

  #invalidate(): void {
    this.onInvalidate?.();
    this.onInvalidate = undefined;
  }

  #finish(): void {
    this.#steps = {};
    this.stream.close();
  }

  #shouldPull(): boolean {
    if (!this.canCloseOrEnqueue || !this.#started) return false;
    const reader = this.stream.reader;
    if (reader !== undefined && (reader.reads.length > 0 || reader.readIntos.length > 0)) return true;
    return this.desiredSize! > 0;
  }

  #callPull(): void {
    const pull = this.#steps.pull;
    if (pull === undefined || !this.#shouldPull()) return;
    if (this.#pulling) {
      this.#pullAgain = true;
      return;
    }
    this.#pulling = true;
    promiseCall(pull).then(
      () => {
        this.#pulling = false;
        if (!this.#pullAgain) return;
        this.#pullAgain = false;
        this.#callPull();
      },
      (reason) => this.error(reason),
    );
  }
}

function pullIntoOf(view: ArrayBufferView, min: number): PullInto {
  const elementSize = view instanceof DataView ? 1 : (view as Uint8Array).BYTES_PER_ELEMENT;
  const { byteOffset, byteLength } = view;
  const constructor = view.constructor as new (buffer: ArrayBuffer, offset: number, length: number) => ArrayBufferView;
  return {
    buffer: (view.buffer as ArrayBuffer).transfer(),
    offset: byteOffset,
    length: byteLength,
    filled: 0,
    minimum: min * elementSize,
    elementSize,
    view: constructor,
    reader: "byob",
  };
}

function filledView(into: PullInto): ArrayBufferView {
  return new into.view(into.buffer.transfer(), into.offset, into.filled / into.elementSize);
}
