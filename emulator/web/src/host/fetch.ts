export interface FetchHost {
  // Sends a request; headers as in headers.ts. The body is data, or the number
  // of a pipe when pipe is not zero. Completes with status, status text,
  // headers and the number of the pipe with the response's body, 0 for none;
  // and with the end of a socket when the request asked for one and got it.
  fetch(method: string, url: string, headers: string, body: ArrayBufferView | string | undefined, pipe: number): number;
  // Gives up a fetch that has not completed; its promise never settles.
  fetchAbort(op: number): void;
}
