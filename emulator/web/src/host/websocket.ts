// Sockets. An end is the number of one end of a wire, on its way between
// isolates; a socket is this isolate's number of an end it has accepted. What
// arrives comes as the entries wsMessage, wsClosed and wsFailed; wsHangUp closes
// it for somebody else, and wsGone says that its owner is gone.
export interface WebSocketHost {
  // A new wire: the number of one end, that of the other is the next.
  wsPair(): number;
  // Begins delivery from an end. Relayed says that the end came with a response.
  wsAccept(end: number, relayed: boolean): number;
  // An end whose peer is gone.
  wsDead(): number;
  // Gives up an end that was not accepted.
  wsDrop(end: number): void;
  wsSend(socket: number, data: string | ArrayBuffer | ArrayBufferView): void;
  // Answers whether the other side is one that drops the connection at once
  // when both sides have closed.
  wsClose(socket: number, code: number, reason: string): boolean;
  // Drops the connection after what was sent.
  wsAbort(socket: number): void;
  // Tells the socket, after what was sent, that the connection is lost: an event
  // of its own.
  wsLost(socket: number): void;
  // Forgets a socket after what was sent.
  wsDone(socket: number): void;
  // An attachment as bytes, and back.
  wsSerialize(value: unknown): ArrayBuffer;
  wsDeserialize(data: ArrayBuffer): unknown;
  // Opens a socket to the outside. Completes with its end, protocol and
  // extensions, "" for none.
  wsOpen(url: string, protocols: string[]): number;
  // Has an opening fail that has not completed.
  wsOpenCancel(op: number): void;
}
