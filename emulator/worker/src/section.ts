// Critical sections: while one runs, only its own events reach the object.

import { registerEntry } from "web/frame";
import { outgoingHere } from "./errors";
import { host } from "./host";

interface Section<T> {
  transaction: boolean;
  run(section: number): T | Promise<T>;
  succeeded(): void; // told when run has
  aborted(): void; // told when it has thrown
  resets: boolean; // whether a throw resets the object
}

interface Waiting {
  life: number;
  section: Section<unknown>;
  resolve(value: unknown): void;
  reject(reason: unknown): void;
}

const waiting = new Map<number, Waiting>();
let nextToken = 1;

/** Runs a critical section of an object, in a turn of its own, as soon as those before it have ended. */
export function runSection<T>(life: number, section: Section<T>): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const token = nextToken++;
    waiting.set(token, { life, section, resolve: resolve as (v: unknown) => void, reject });
    host.section(life, token, section.transaction);
  });
}

async function run(token: number, number: number): Promise<void> {
  const { life, section, resolve, reject } = waiting.get(token)!;
  waiting.delete(token);
  let result: unknown;
  try {
    result = await section.run(number);
  } catch (error) {
    section.aborted();
    if (section.resets) host.sectionFail(life, number, ...outgoingHere(error));
    else host.sectionEnd(life, number, false);
    reject(error);
    return;
  }
  section.succeeded();
  host.sectionEnd(life, number, true);
  resolve(result);
}

registerEntry({ runSection: (token: number, number: number) => void run(token, number) });

/** ctx.blockConcurrencyWhile: a throw resets the object. */
export function blockConcurrencyWhile<T>(life: number, callback: () => T | Promise<T>): Promise<T> {
  return runSection(life, { transaction: false, run: () => callback(), succeeded: () => {}, aborted: () => {}, resets: true });
}
