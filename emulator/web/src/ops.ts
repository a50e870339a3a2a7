// Asynchronous work of the host. A host function that starts some answers its
// number; the promise of that number settles in a later turn.

import { makeError } from "./makeerror";

/** What waits for an operation. */
export interface Waiter<T> extends PromiseWithResolvers<T> {
  /** Is told of the end, before those who wait for the promise are. */
  told?: { arrived?(value: unknown): void; failed?(reason: unknown): void };
}

const waiters = new Map<number, Waiter<any>>();

// The functions of the promise made last. One executor serves all promises.
let resolving: Waiter<any>["resolve"];
let rejecting: Waiter<any>["reject"];
const keep = (resolve: typeof resolving, reject: typeof rejecting) => {
  resolving = resolve;
  rejecting = reject;
};

// expect has a promise settle with an operation that a host function started.
export function expect<T>(op: number): Waiter<T> {
  const waiter = { promise: new Promise<T>(keep), resolve: resolving, reject: rejecting };
  waiters.set(op, waiter);
  return waiter;
}

// wait gives the promise of such an operation.
export function wait<T = any>(op: number): Promise<T> {
  return expect<T>(op).promise;
}

// forget drops an operation that the host will not complete.
export function forget(op: number): void {
  waiters.delete(op);
}

/** What waits for an operation that has ended; undefined when nobody does. */
export function take<W extends Waiter<any> = Waiter<any>>(op: number): W | undefined {
  const waiter = waiters.get(op);
  waiters.delete(op);
  return waiter as W | undefined;
}

export function settle(op: number, ...values: unknown[]): void {
  resolve(op, values.length > 1 ? values : values[0]);
}

/** Completes an operation with a value that is already here. */
export function resolve(op: number, value: unknown): void {
  const waiter = take(op);
  waiter?.told?.arrived?.(value);
  waiter?.resolve(value);
}

export function fail(op: number, name: string, message: string, props?: string): void {
  reject(op, makeError(name, message, props));
}

/** Rejects an operation with a value that is already here. */
export function reject(op: number, reason: unknown): void {
  const waiter = take(op);
  waiter?.told?.failed?.(reason);
  waiter?.reject(reason);
}
