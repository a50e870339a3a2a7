// What keeps what alive. Everything that is linked lives together, as compiled
// code can reach all of it; the host frees an owner when nothing of its kind can
// be reached any more.

import { hostOf } from "./host";
import type { WasmHost } from "./host/wasm";

export const host = hostOf<WasmHost>();

export interface WasmType {
  kind: Kind;
  signature?: string;
  value?: string;
  mutable?: boolean;
  min?: number;
  max?: number;
}

export const enum Kind {
  Function = 0,
  Table = 1,
  Memory = 2,
  Global = 3,
  Tag = 4,
}

const dropped = new FinalizationRegistry((owner: number) => host.wasmDrop(owner));

// A Lifetime is held by everything that belongs to an owner.
export class Lifetime {
  readonly #linked = new Set<Lifetime>();
  readonly held: unknown;

  // What is held lives as long.
  constructor(owner: number, held?: unknown) {
    this.held = held;
    dropped.register(this, owner);
  }

  link(other: Lifetime): void {
    if (other === this) return;
    this.#linked.add(other);
    other.#linked.add(this);
  }
}

// An Extern is a number of the host's with what scripts need to know of it.
export interface Extern {
  id: number;
  type: WasmType;
  life: Lifetime;
}
