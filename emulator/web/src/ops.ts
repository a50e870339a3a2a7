// Asynchronous work of the host. A host function that starts some answers its
// number; the promise of that number settles in a later turn.

import { makeError } from "./makeerror";

interface Waiter {
  resolve(value: unknown): void;
  reject(reason: unknown): void;
}

const waiters = new Map<number, Waiter>();

// wait gives the promise of an operation that a host function started.
export function wait<T = any>(op: number): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    waiters.set(op, { resolve: resolve as (v: unknown) => void, reject });
  });
}

// forget drops an operation that the host will not complete.
export function forget(op: number): void {
  waiters.delete(op);
}

function take(op: number): Waiter | undefined {
  const waiter = waiters.get(op);
  waiters.delete(op);
  return waiter;
}

export function settle(op: number, ...values: unknown[]): void {
  take(op)?.resolve(values.length > 1 ? values : values[0]);
}

export function fail(op: number, name: string, message: string, props?: string): void {
  take(op)?.reject(makeError(name, message, props));
}

/** Rejects an operation with a value that is already here. */
export function reject(op: number, reason: unknown): void {
  take(op)?.reject(reason);
}
