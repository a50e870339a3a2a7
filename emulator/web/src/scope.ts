// Which scope runs: a module being evaluated has no request to act for, so it
// may neither start I/O nor see the time.

import { registerEntry } from "./frame";

const refusal =
  "Disallowed operation called within global scope. Asynchronous I/O (ex: fetch() or connect()), setting a timeout, and " +
  "generating random values are not allowed within global scope. To fix this error, perform this operation within a " +
  "handler. https://developers.cloudflare.com/workers/runtime-apis/handlers/";

let loading = false;

registerEntry({
  // The host says when modules begin and end being evaluated.
  loading(on: boolean) {
    loading = on;
  },
});

// atGlobalScope tells whether a module is being evaluated.
export function atGlobalScope(): boolean {
  return loading;
}

// requireHandler throws where I/O is not allowed.
export function requireHandler(): void {
  if (loading) throw new Error(refusal);
}
