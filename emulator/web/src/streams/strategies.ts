// Queuing strategies, Streams Standard §7.

import { wrongConstruction } from "../brand";
import { expose } from "../frame";

export interface QueuingStrategyInit {
  highWaterMark: number;
}

const byteLength = (chunk: { byteLength: number }): number => chunk.byteLength;
const one = (): number => 1;

function markOf(owner: string, init: QueuingStrategyInit): number {
  if (typeof init !== "object" || init === null) throw wrongConstruction(owner, 1, "QueuingStrategyInit");
  return Number(init.highWaterMark);
}

export class ByteLengthQueuingStrategy {
  readonly #highWaterMark: number;

  constructor(init: QueuingStrategyInit) {
    this.#highWaterMark = markOf("ByteLengthQueuingStrategy", init);
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
    this.#highWaterMark = markOf("CountQueuingStrategy", init);
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
