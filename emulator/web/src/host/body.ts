// Pipes are bodies that Go carries from one writer to one reader. Each has a
// number that any isolate can use.
export interface BodyHost {
  // An operation that completes in the next turn: reading a body that came from
  // outside lets other events in, even when its bytes are at hand.
  bodyTurn(): number;
  // Makes a pipe that this isolate writes; length is how many bytes there will be, where that is known.
  pipeOpen(length: number | undefined): number;
  // Writes bytes or a string as UTF-8; false when the writer should wait for
  // pipeDrained before it writes more.
  pipeWrite(pipe: number, data: ArrayBufferView | string): boolean;
  // Completes when there is room again.
  pipeDrained(pipe: number): number;
  // Fails when the reader has gone, with its reason, and never completes else.
  // It keeps the writer alive until pipeClose or pipeFail. When the writer's owner
  // ends, the reader gets an Error with the text gone, or why that has ended.
  pipeWatch(pipe: number, gone: string | undefined): number;
  pipeClose(pipe: number): void;
  // With abrupt what has not been read is lost.
  pipeFail(pipe: number, name: string, message: string, props: string, abrupt: boolean): void;
  // The pipe's reader is a script of the current owner, who gives it up when gone.
  pipeHold(pipe: number): void;
  // Its reader is somebody else from now on.
  pipePass(pipe: number): void;
  // Completes with the next bytes, or undefined at the end.
  pipeRead(pipe: number): number;
  // Completes with all bytes, or with their text decoded as UTF-8.
  pipeReadAll(pipe: number, asText: boolean): number;
  // Tells the writer that nobody will read on.
  pipeCancel(pipe: number, name: string, message: string, props: string): void;
  // The parts of a multipart body: name, file name, type and content in turn,
  // file name and type undefined for a plain field.
  multipart(body: ArrayBufferView, boundary: string): unknown[];
}
