// node:tty, and the streams that stand for the terminal.

import { codedError } from "./errors";
import { Readable } from "./stream/readable";
import { Writable } from "./stream/writable";

/** A stream to the console, by lines. */
export const SyncWriteStream: any = function (this: any, fd: number) {
  Writable.call(this, { autoDestroy: true, decodeStrings: false });
  Object.assign(this, { fd, readable: false, _type: "fs", _isStdio: true, rest: "" });
};
Object.setPrototypeOf(SyncWriteStream.prototype, Writable.prototype);
SyncWriteStream.prototype._write = function (this: any, chunk: any, encoding: string, callback: () => void) {
  const lines = (this.rest + (typeof chunk === "string" ? chunk : chunk.toString(encoding === "buffer" ? "utf8" : encoding))).split("\n");
  this.rest = lines.pop()!;
  for (const line of lines) (this.fd === 2 ? console.error : console.log)(line);
  // A line that was not ended is shown when the code that runs now has run.
  if (this.rest !== "") {
    queueMicrotask(() => {
      if (this.rest === "") return;
      (this.fd === 2 ? console.error : console.log)(this.rest);
      this.rest = "";
    });
  }
  callback();
};

const ReadStream: any = function (this: any, fd: number) {
  if (!(this instanceof ReadStream)) return new ReadStream(fd);
  Readable.call(this);
  Object.assign(this, { fd, isRaw: false, isTTY: false });
};
Object.setPrototypeOf(ReadStream.prototype, Readable.prototype);
ReadStream.prototype._read = function (this: any) {
  this.push(null);
};
ReadStream.prototype.setRawMode = function (this: any, mode: boolean) {
  this.isRaw = mode;
  return this;
};

const WriteStream: any = function (this: any, fd: number) {
  if (!(this instanceof WriteStream)) return new WriteStream(fd);
  SyncWriteStream.call(this, fd);
  Object.assign(this, { isTTY: true, columns: 0, rows: 0 });
};
Object.setPrototypeOf(WriteStream.prototype, SyncWriteStream.prototype);
for (const name of ["clearLine", "clearScreenDown", "cursorTo", "moveCursor"]) {
  WriteStream.prototype[name] = (...args: any[]) => {
    const callback = args.at(-1);
    if (typeof callback === "function") callback();
    return true;
  };
}
Object.assign(WriteStream.prototype, { getColorDepth: () => 8, hasColors: () => false, getWindowSize(this: any) { return [this.columns, this.rows]; } });

export default { isatty: () => false, ReadStream, WriteStream };
export { ReadStream };

export function notAStream(): Error {
  return codedError(TypeError, "ERR_CONSOLE_WRITABLE_STREAM", "Console expects a writable stream instance for stdout");
}
