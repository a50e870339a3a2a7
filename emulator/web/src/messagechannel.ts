// MessageChannel, HTML Standard section 9.4, within one isolate.

import { illegalConstructor } from "./brand";
import { EventTarget, MessageEvent, trusted } from "./events";
import { expose } from "./frame";
import { structuredClone, type CloneOptions } from "./structured-clone";
import { startTimer } from "./timers";

const making = Symbol("making");
let entangle: (a: MessagePort, b: MessagePort) => void;

export class MessagePort extends EventTarget {
  #peer: MessagePort | undefined;
  #waiting: unknown[] | undefined = []; // until the port is started
  #onmessage: unknown = null;

  static {
    entangle = (a, b) => {
      a.#peer = b;
      b.#peer = a;
    };
  }

  constructor(key?: unknown) {
    if (key !== making) throw illegalConstructor();
    super();
  }

  get onmessage(): unknown { return this.#onmessage; }
  set onmessage(handler: unknown) {
    this.#onmessage = typeof handler === "function" ? handler : null;
    this.start();
  }

  postMessage(message: unknown, options?: CloneOptions | ArrayBuffer[]): void {
    const copy = structuredClone(message, Array.isArray(options) ? { transfer: options } : options);
    const peer = this.#peer;
    if (peer) peer.#receive(copy);
  }

  start(): void {
    const waiting = this.#waiting ?? [];
    this.#waiting = undefined;
    for (const message of waiting) this.#receive(message);
  }

  close(): void {
    if (this.#peer) this.#peer.#peer = undefined;
    this.#peer = undefined;
  }

  #receive(data: unknown): void {
    if (this.#waiting) {
      this.#waiting.push(data);
      return;
    }
    startTimer(0, false, () => void this.dispatchEvent(trusted(new MessageEvent("message", { data }))));
  }
}

export class MessageChannel {
  declare readonly port1: MessagePort;
  declare readonly port2: MessagePort;

  constructor() {
    const ports = { port1: new MessagePort(making), port2: new MessagePort(making) };
    entangle(ports.port1, ports.port2);
    for (const [name, value] of Object.entries(ports)) Object.defineProperty(this, name, { value, enumerable: true });
  }
}

expose("MessagePort", MessagePort);
expose("MessageChannel", MessageChannel);
