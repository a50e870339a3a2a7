// What node:fs tells of files and folders.

import { fileConstants as constants } from "./constants";
import type { Node } from "./fs_tree";

export class Stats {
  [key: string]: any;
  constructor(node: Node, big: boolean) {
    const kind = node.kind === "folder" ? constants.S_IFDIR! : node.kind === "link" ? constants.S_IFLNK! : node.device ? constants.S_IFCHR! : constants.S_IFREG!;
    const access = node.kind !== "link" && node.writable ? 0o666 : 0o444;
    const value = (n: number) => (big ? BigInt(n) : n);
    Object.assign(this, {
      dev: value(node.kind === "file" && node.device ? 1 : 0), ino: value(0), mode: value(kind | access), nlink: value(1), uid: value(0), gid: value(0), rdev: value(0),
      size: value(node.kind === "file" ? node.data.length : 0), blksize: value(0), blocks: value(0), atimeMs: value(0), mtimeMs: value(0), ctimeMs: value(0), birthtimeMs: value(0),
      atime: new Date(0), mtime: new Date(0), ctime: new Date(0), birthtime: new Date(0),
    });
    Object.defineProperty(this, "node", { value: node });
  }
  isFile(): boolean { return this.node.kind === "file" && !this.node.device; }
  isDirectory(): boolean { return this.node.kind === "folder"; }
  isSymbolicLink(): boolean { return this.node.kind === "link"; }
  isCharacterDevice(): boolean { return Boolean(this.node.device); }
  isBlockDevice(): boolean { return false; }
  isFIFO(): boolean { return false; }
  isSocket(): boolean { return false; }
}

export class Dirent {
  name: string;
  parentPath: string;
  path: string;
  #kind: string | undefined;
  constructor(name: string, path: string, node: Node) {
    this.name = name;
    this.parentPath = this.path = path;
    this.#kind = node?.kind;
  }
  isFile(): boolean { return this.#kind === "file"; }
  isDirectory(): boolean { return this.#kind === "folder"; }
  isSymbolicLink(): boolean { return this.#kind === "link"; }
  isCharacterDevice(): boolean { return false; }
  isBlockDevice(): boolean { return false; }
  isFIFO(): boolean { return false; }
  isSocket(): boolean { return false; }
}

export class Dir {
  readonly path: string;
  #entries: Dirent[];
  constructor(entries: Dirent[], path: string) {
    this.#entries = entries;
    this.path = path;
  }
  readSync(): Dirent | null { return this.#entries.shift() ?? null; }
  async read(): Promise<Dirent | null> { return this.readSync(); }
  closeSync(): void {}
  async close(): Promise<void> {}
  async *[Symbol.asyncIterator](): AsyncGenerator<Dirent> {
    for (let entry; (entry = this.readSync()) !== null; ) yield entry;
  }
}
