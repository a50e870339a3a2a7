// Queuing strategies, Streams Standard §7.

import { expose } from "../frame";

export interface QueuingStrategyInit {
  highWaterMark: number;
}

const byteLength = (chunk: { byteLength: number }): number => chunk.byteLength;
const one = (): number => 1;

export class ByteLengthQueuingStrategy {
  readonly #highWaterMark: number;

  constructor(init: QueuingStrategyInit) {
    this.#highWaterMark = Number(init.highWaterMark);
  }

  get highWaterMark(): number {
    return this.#highWaterMark;
  }

  get size(): (chunk: any) => number {
    return byteLength;
  }
}

export class CountQueuingStrategy {
  readonly #highWaterMark: number;

  constructor(init: QueuingStrategyInit) {
    this.#highWaterMark = Number(init.highWaterMark);
  }

  get highWaterMark(): number {
    return this.#highWaterMark;
  }

  get size(): () => number {
    return one;
  }
}

expose("ByteLengthQueuingStrategy", ByteLengthQueuingStrategy);
expose("CountQueuingStrategy", CountQueuingStrategy);
