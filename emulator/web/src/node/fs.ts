// node:fs and node:fs/promises: everything is synchronous inside, and the other
// forms are made of that.

import { Buffer } from "./buffer";
import { codedError, invalidArgType } from "./errors";
import { fileConstants as constants } from "./constants";
import { content, drop, existing, failure, find, newFile, newFolder, partsOf, place, put, type File, type Node } from "./fs_tree";
import { Dir, Dirent, Stats } from "./fs_stat";
import { Readable } from "./stream/readable";
import { nextTick } from "./stream/state";
import { Writable } from "./stream/writable";
import { checkFunction, checkInteger } from "./validate";

declare const URL: any;
const web: any = globalThis;

function pathOf(value: any, name = "path"): string {
  if (typeof value === "string") return value;
  if (value instanceof URL) return decodeURIComponent(value.pathname);
  if (value instanceof Uint8Array) return Buffer.from(value).toString();
  throw invalidArgType(name, ["string", "Buffer", "URL"], value);
}

const encodingOf = (options: any): string | undefined => (typeof options === "string" ? options : options?.encoding ?? undefined);
const shown = (data: any, options: any) => {
  const encoding = encodingOf(options);
  return encoding && encoding !== "buffer" ? data.toString(encoding) : data;
};

function bytesOf(data: any, options: any): any {
  if (typeof data === "string") return Buffer.from(data, encodingOf(options) ?? "utf8");
  if (ArrayBuffer.isView(data)) return Buffer.from(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  throw invalidArgType("data", ["string", "Buffer", "TypedArray", "DataView"], data);
}

// ---- descriptors ----

interface Open {
  file: File;
  place: number;
  append: boolean;
}

const open_ = new Map<number, Open>();
let lastFd = 2;

function opened(fd: any): Open {
  checkInteger(fd, "fd", 0, 2 ** 31 - 1);
  const found = open_.get(fd);
  if (found === undefined) throw failure("EBADF", "fd");
  return found;
}

function fileAt(path: string, call: string): File {
  const node = existing(path, call);
  if (node.kind !== "file") throw failure("EISDIR", call);
  return node;
}

function openSync(path: any, flags: any = "r"): number {
  const name = pathOf(path);
  const text = typeof flags === "string" ? flags : flags & constants.O_CREAT! ? (flags & constants.O_APPEND! ? "a" : flags & constants.O_TRUNC! ? "w" : "r+c") : "r";
  const found = find(name);
  if (found?.kind === "folder") throw failure("EISDIR", "open");
  if (found !== undefined && text.includes("x")) throw failure("EEXIST", "open");
  let file = found as File | undefined;
  if (file === undefined) {
    if (text.startsWith("r") && !text.endsWith("c")) throw failure("ENOENT", "open", name);
    file = newFile(Buffer.alloc(0));
    put(name, file, "open");
  } else if (!text.startsWith("r") || text.includes("+")) {
    if (!file.writable) throw failure("EPERM", "open");
    if (text.startsWith("w")) file.data = Buffer.alloc(0);
  }
  open_.set(++lastFd, { file, place: 0, append: text.startsWith("a") });
  return lastFd;
}

function writeAt(file: File, data: any, at: number): void {
  if (file.device) return;
  const size = Math.max(file.data.length, at + data.length);
  const next = Buffer.alloc(size);
  next.set(file.data);
  next.set(data, at);
  file.data = next;
}

function readSync(fd: any, buffer: any, offset: any = 0, length?: any, position?: any): number {
  if (typeof offset === "object" && offset !== null) ({ offset = 0, length, position } = offset);
  const o = opened(fd);
  const room = length ?? buffer.byteLength - offset;
  const from = position === null || position === undefined || position === -1 ? o.place : Number(position);
  const data = o.file.device ? content(o.file, room) : o.file.data.subarray(from, from + room);
  new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength).set(data, offset);
  if (position === null || position === undefined || position === -1) o.place += data.length;
  return data.length;
}

function writeSync(fd: any, data: any, offset?: any, length?: any, position?: any): number {
  const o = opened(fd);
  let bytes: any;
  if (typeof data === "string") {
    bytes = Buffer.from(data, typeof length === "string" ? length : "utf8");
    position = typeof offset === "number" ? offset : null;
  } else {
    if (typeof offset === "object" && offset !== null) ({ offset, length, position } = offset);
    bytes = bytesOf(data, undefined).subarray(offset ?? 0, (offset ?? 0) + (length ?? data.byteLength - (offset ?? 0)));
  }
  const at = o.append ? o.file.data.length : typeof position === "number" ? position : o.place;
  writeAt(o.file, bytes, at);
  if (typeof position !== "number") o.place = at + bytes.length;
  return bytes.length;
}

// ---- everything, synchronous ----

function remove(path: string, call: string, recursive: boolean, force: boolean): void {
  const node = find(path, false);
  if (node === undefined) {
    if (force) return;
    throw failure("ENOENT", call, path);
  }
  if (node.kind === "folder" && node.entries.size > 0 && !recursive) throw failure("ENOTEMPTY", call, partsOf(path).at(-1));
  drop(path, call);
}

function mkdirSync(path: any, options?: any): string | undefined {
  const name = pathOf(path);
  if (!options?.recursive) {
    const found = find(name);
    if (found?.kind === "folder") return undefined; // which Node.js refuses, and the platform does not
    if (found !== undefined) throw failure("EEXIST", "mkdir");
    put(name, newFolder(), "mkdir");
    return undefined;
  }
  let first: string | undefined;
  const parts = partsOf(name);
  for (let i = 1; i <= parts.length; i++) {
    const part = `/${parts.slice(0, i).join("/")}`;
    const found = find(part);
    if (found === undefined) {
      put(part, newFolder(), "mkdir");
      first ??= part;
    } else if (found.kind !== "folder") throw failure("ENOTDIR", "mkdir", part);
  }
  return first;
}

function readdirSync(path: any, options?: any): any[] {
  const name = pathOf(path);
  const node = existing(name, "readdir");
  if (node.kind !== "folder") throw failure("ENOTDIR", "readdir", name);
  const all: any[] = [];
  const add = (folder: typeof node, prefix: string, full: string) => {
    for (const [entry, child] of folder.entries) {
      all.push(options?.withFileTypes ? new Dirent(entry, full, child) : prefix + entry);
      if (options?.recursive && child.kind === "folder") add(child, `${prefix}${entry}/`, `${full}/${entry}`);
    }
  };
  add(node, "", name);
  return all;
}

function copyInto(node: Node): Node {
  if (node.kind === "file") return newFile(Buffer.from(node.data));
  if (node.kind === "link") return { ...node };
  const made = newFolder();
  for (const [name, child] of node.entries) made.entries.set(name, copyInto(child));
  return made;
}

const unsupported = () => {
  throw codedError(Error, "ERR_UNSUPPORTED_OPERATION", "The requested operation is unsupported");
};

const sync: Record<string, (...args: any[]) => any> = {
  accessSync: (path: any, mode = 0) => {
    const node = existing(pathOf(path), "access");
    if (mode & constants.W_OK! && node.kind !== "link" && !node.writable) throw failure("EPERM", "access");
  },
  existsSync: (path: any) => {
    try {
      return find(pathOf(path)) !== undefined;
    } catch {
      return false;
    }
  },
  appendFileSync: (path: any, data: any, options?: any) => {
    if (typeof path === "number") return void writeSync(path, data);
    const fd = openSync(path, "a");
    writeSync(fd, bytesOf(data, options));
    open_.delete(fd);
  },
  chmodSync: (path: any) => void existing(pathOf(path), "chmod"),
  chownSync: (path: any) => void existing(pathOf(path), "chown"),
  closeSync: (fd: any) => {
    opened(fd);
    open_.delete(fd);
  },
  copyFileSync: (from: any, to: any, mode = 0) => {
    const file = fileAt(pathOf(from), "copyFile");
    if (mode & constants.COPYFILE_EXCL! && find(pathOf(to)) !== undefined) throw failure("EEXIST", "copyFile");
    put(pathOf(to), newFile(Buffer.from(file.data)), "copyFile");
  },
  cpSync: (from: any, to: any, options: any = {}) => {
    const node = existing(pathOf(from), "cp");
    if (node.kind === "folder" && !options.recursive) throw codedError(Error, "ERR_FS_EISDIR", "Recursive option not enabled, cannot copy a directory");
    put(pathOf(to), copyInto(node), "cp");
  },
  fchmodSync: (fd: any) => void opened(fd),
  fchownSync: (fd: any) => void opened(fd),
  fdatasyncSync: (fd: any) => void opened(fd),
  fstatSync: (fd: any, options?: any) => new Stats(opened(fd).file, Boolean(options?.bigint)),
  fsyncSync: (fd: any) => void opened(fd),
  ftruncateSync: (fd: any, length = 0) => truncate(opened(fd).file, length),
  futimesSync: (fd: any) => void opened(fd),
  globSync: unsupported,
  lchmodSync: (path: any) => void existing(pathOf(path), "lchmod", false),
  lchownSync: (path: any) => void existing(pathOf(path), "lchown", false),
  lutimesSync: (path: any) => void existing(pathOf(path), "lutimes", false),
  linkSync: (from: any, to: any) => put(pathOf(to), existing(pathOf(from), "link"), "link"),
  lstatSync: (path: any, options?: any) => stat(path, options, false),
  mkdirSync,
  mkdtempSync: (prefix: any, options?: any) => {
    const suffix = web.crypto.randomUUID().replaceAll("-", "").slice(0, 6);
    mkdirSync(`${pathOf(prefix, "prefix")}${suffix}`);
    return shown(Buffer.from(`${pathOf(prefix)}${suffix}`), options ?? "utf8");
  },
  opendirSync: (path: any) => new Dir(readdirSync(path, { withFileTypes: true }), pathOf(path)),
  openSync,
  readdirSync,
  readFileSync: (path: any, options?: any) => {
    if (typeof path === "number") return shown(Buffer.from(opened(path).file.data), options);
    const name = pathOf(path);
    const node = existing(name, "readAll");
    if (node.kind !== "file") throw failure("EISDIR", "read");
    return shown(Buffer.from(node.data), options);
  },
  readlinkSync: (path: any) => {
    const node = existing(pathOf(path), "readlink", false);
    if (node.kind !== "link") throw failure("EINVAL", "readlink");
    return node.target;
  },
  readSync,
  readvSync: (fd: any, views: any[], position?: any) => {
    let total = 0;
    for (const view of views) total += readSync(fd, view, 0, view.byteLength, typeof position === "number" ? position + total : null);
    return total;
  },
  realpathSync: (path: any) => {
    const name = pathOf(path);
    existing(name, "realpath");
    return `/${partsOf(name).join("/")}`;
  },
  renameSync: (from: any, to: any) => {
    const node = existing(pathOf(from), "rename", false);
    place(pathOf(to), "rename");
    drop(pathOf(from), "rename");
    put(pathOf(to), node, "rename");
  },
  rmdirSync: (path: any, options?: any) => {
    const name = pathOf(path);
    if (existing(name, "rmdir").kind !== "folder") throw failure("ENOTDIR", "rmdir", name);
    remove(name, "rm", Boolean(options?.recursive), false);
  },
  rmSync: (path: any, options: any = {}) => {
    const name = pathOf(path);
    if (find(name, false)?.kind === "folder" && !options.recursive) {
      throw codedError(Error, "ERR_FS_EISDIR", `Path is a directory: rm returned EISDIR (is a directory) ${name}`);
    }
    remove(name, "rm", Boolean(options.recursive), Boolean(options.force));
  },
  statSync: (path: any, options?: any) => stat(path, options, true),
  statfsSync: () => ({ type: 0, bsize: 0, blocks: 0, bfree: 0, bavail: 0, files: 0, ffree: 0 }),
  symlinkSync: (target: any, path: any) => {
    if (find(pathOf(path), false) !== undefined) throw failure("EEXIST", "symlink");
    put(pathOf(path), { kind: "link", target: pathOf(target, "target") }, "symlink");
  },
  truncateSync: (path: any, length = 0) => truncate(typeof path === "number" ? opened(path).file : fileAt(pathOf(path), "truncate"), length),
  unlinkSync: (path: any) => {
    const name = pathOf(path);
    const node = find(name, false);
    if (node === undefined) throw codedError(Error, "ENOENT", "File not found");
    if (node.kind === "folder") throw failure("EPERM", "unlink");
    drop(name, "unlink");
  },
  utimesSync: (path: any) => void existing(pathOf(path), "utimes"),
  writeFileSync: (path: any, data: any, options?: any) => {
    if (typeof path === "number") return void writeSync(path, bytesOf(data, options));
    const fd = openSync(path, options?.flag ?? "w");
    try {
      writeSync(fd, bytesOf(data, options));
    } finally {
      open_.delete(fd);
    }
  },
  writeSync,
  writevSync: (fd: any, views: any[], position?: any) => {
    let total = 0;
    for (const view of views) total += writeSync(fd, view, 0, view.byteLength, typeof position === "number" ? position + total : undefined);
    return total;
  },
};

function stat(path: any, options: any, follow: boolean): Stats | undefined {
  const name = pathOf(path);
  const node = find(name, follow);
  if (node === undefined && options?.throwIfNoEntry === false) return undefined;
  return new Stats(node ?? existing(name, "stat", follow), Boolean(options?.bigint));
}

function truncate(file: File, length: number): void {
  const next = Buffer.alloc(length);
  next.set(file.data.subarray(0, length));
  file.data = next;
}

// ---- with callbacks, and promised ----

const results: Record<string, (value: any, args: any[]) => any[]> = {
  read: (count, args) => [count, args[1]], write: (count, args) => [count, args[1]], readv: (count, args) => [count, args[1]], writev: (count, args) => [count, args[1]],
};

const callbacks = Object.fromEntries(
  Object.entries(sync).map(([name, run]) => {
    const short = name.slice(0, -"Sync".length);
    const called = (...args: any[]) => {
      const callback = args.pop();
      checkFunction(callback, "cb");
      let outcome: any[];
      try {
        const value = run(...args);
        outcome = short === "exists" ? [value] : [null, ...(results[short]?.(value, args) ?? (value === undefined ? [] : [value]))];
      } catch (error: any) {
        if (error.code?.startsWith("ERR_INVALID_ARG")) throw error;
        outcome = [error];
      }
      nextTick(() => callback(...outcome));
    };
    return [short, called];
  }),
);

class FileHandle {
  readonly fd: number;
  constructor(fd: number) {
    this.fd = fd;
  }
  async appendFile(data: any, options?: any): Promise<void> { sync.appendFileSync!(this.fd, data, options); }
  async close(): Promise<void> { if (open_.has(this.fd)) sync.closeSync!(this.fd); }
  async datasync(): Promise<void> {}
  async sync(): Promise<void> {}
  async chmod(): Promise<void> {}
  async chown(): Promise<void> {}
  async utimes(): Promise<void> {}
  async read(buffer: any = Buffer.alloc(16384), ...rest: any[]): Promise<object> { return { bytesRead: readSync(this.fd, buffer, ...rest), buffer }; }
  async readFile(options?: any): Promise<any> { return sync.readFileSync!(this.fd, options); }
  async stat(options?: any): Promise<Stats> { return sync.fstatSync!(this.fd, options); }
  async truncate(length = 0): Promise<void> { sync.ftruncateSync!(this.fd, length); }
  async write(data: any, ...rest: any[]): Promise<object> { return { bytesWritten: writeSync(this.fd, data, ...rest), buffer: data }; }
  async writeFile(data: any, options?: any): Promise<void> { sync.writeFileSync!(this.fd, data, options); }
  createReadStream(options?: any): any { return new ReadStream(undefined, { ...options, fd: this.fd }); }
  createWriteStream(options?: any): any { return new WriteStream(undefined, { ...options, fd: this.fd }); }
  async [Symbol.asyncDispose](): Promise<void> { await this.close(); }
}

const promisedNames =
  "access appendFile chmod chown copyFile cp lchmod lchown link lstat lutimes mkdir mkdtemp opendir readFile readdir readlink realpath rename rm rmdir stat statfs symlink truncate unlink utimes writeFile";
export const promises: Record<string, any> = {
  FileHandle, constants,
  ...Object.fromEntries(promisedNames.split(" ").map((name) => [name, async (...args: any[]) => sync[`${name}Sync`]!(...(args[0] instanceof FileHandle ? [args[0].fd, ...args.slice(1)] : args))])),
  open: async (path: any, flags?: any) => new FileHandle(openSync(path, flags)),
  glob: unsupported,
  watch: unsupported,
};

// ---- streams ----

const ReadStream: any = function (this: any, path: any, options: any = {}) {
  if (!(this instanceof ReadStream)) return new ReadStream(path, options);
  if (typeof options === "string") options = { encoding: options };
  Readable.call(this, { highWaterMark: 64 * 1024, ...options });
  Object.assign(this, { path, fd: options.fd ?? null, start: options.start ?? 0, end: options.end ?? Infinity, pos: options.start ?? 0, bytesRead: 0, flags: options.flags ?? "r" });
};
Object.setPrototypeOf(ReadStream.prototype, Readable.prototype);
Object.setPrototypeOf(ReadStream, Readable);
Object.assign(ReadStream.prototype, {
  _construct(this: any, callback: (error?: any) => void) {
    try {
      this.fd ??= openSync(this.path, this.flags);
    } catch (error) {
      return callback(error);
    }
    callback();
    this.emit("open", this.fd);
    this.emit("ready");
  },
  _read(this: any, size: number) {
    const buffer = Buffer.alloc(Math.max(0, Math.min(size, this.end - this.pos + 1)));
    const read = readSync(this.fd, buffer, 0, buffer.length, this.pos);
    this.pos += read;
    this.bytesRead += read;
    this.push(read > 0 ? buffer.subarray(0, read) : null);
  },
  _destroy(this: any, error: any, callback: (error?: any) => void) {
    if (this.fd !== null) open_.delete(this.fd);
    callback(error);
  },
  close(this: any, callback?: () => void) {
    if (callback) this.once("close", callback);
    this.destroy();
  },
});

const WriteStream: any = function (this: any, path: any, options: any = {}) {
  if (!(this instanceof WriteStream)) return new WriteStream(path, options);
  if (typeof options === "string") options = { encoding: options };
  Writable.call(this, { ...options, decodeStrings: true });
  Object.assign(this, { path, fd: options.fd ?? null, pos: options.start, bytesWritten: 0, flags: options.flags ?? "w" });
};
Object.setPrototypeOf(WriteStream.prototype, Writable.prototype);
Object.setPrototypeOf(WriteStream, Writable);
Object.assign(WriteStream.prototype, {
  _construct: ReadStream.prototype._construct,
  _write(this: any, data: any, _encoding: string, callback: (error?: any) => void) {
    try {
      this.bytesWritten += writeSync(this.fd, data, 0, data.length, this.pos);
      if (this.pos !== undefined) this.pos += data.length;
    } catch (error) {
      return callback(error);
    }
    callback();
  },
  _destroy: ReadStream.prototype._destroy,
  close(this: any, callback?: () => void) {
    if (callback) this.once("close", callback);
    this.end();
  },
});

export default {
  constants, F_OK: constants.F_OK, R_OK: constants.R_OK, W_OK: constants.W_OK, X_OK: constants.X_OK, promises, Dirent, Dir, Stats,
  ...callbacks, ...sync,
  glob: unsupported, watch: unsupported, watchFile: unsupported, unwatchFile: () => {},
  openAsBlob: async (path: any, options: any = {}) => new web.Blob([sync.readFileSync!(path)], options),
  WriteStream, ReadStream, FileWriteStream: WriteStream, FileReadStream: ReadStream,
  createReadStream: (path: any, options?: any) => new ReadStream(path, options),
  createWriteStream: (path: any, options?: any) => new WriteStream(path, options),
};
