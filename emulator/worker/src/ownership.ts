// Whose the stubs in a message are when it has been written.

import { host } from "./host";

/** Something to be disposed of. */
export interface Disposable {
  dispose(): void;
}

let argumentsStay: boolean | undefined;

// Those in the message being written that change hands, undefined when none do.
let handedOver: Disposable[] | undefined;

/** Notes a stub in the message being written. */
export function handOver(stub: Disposable): void {
  handedOver?.push(stub);
}

/** Whether what is in the message being written stays with the writer, too. */
export function staysMine(): boolean {
  return handedOver === undefined;
}

function writing<T>(changing: Disposable[] | undefined, write: () => T): T {
  const outer = handedOver;
  handedOver = changing;
  try {
    return write();
  } finally {
    handedOver = outer;
  }
}

/** Writes a result, whose stubs change hands, and gives those. */
export function writeResult(write: () => void): Disposable[] {
  const mine: Disposable[] = [];
  writing(mine, write);
  return mine;
}

/** Writes the arguments of a call. By an older date stubs in them change hands. */
export function writeArguments<T>(write: () => T): T {
  if ((argumentsStay ??= host.flag("rpc_params_dup_stubs"))) return writing(undefined, write);
  const mine: Disposable[] = [];
  try {
    return writing(mine, write);
  } finally {
    for (const stub of mine) stub.dispose();
  }
}
