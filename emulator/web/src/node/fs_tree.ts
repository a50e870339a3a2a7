// The files that node:fs has: /tmp, which can be written and lasts as long as
// the isolate, /dev, and an empty /bundle.

import { Buffer } from "./buffer";
import { codedError } from "./errors";

export interface File {
  kind: "file";
  data: any;
  writable: boolean;
  device?: string;
}

export interface Folder {
  kind: "folder";
  entries: Map<string, Node>;
  writable: boolean;
}

export interface Link {
  kind: "link";
  target: string;
}

export type Node = File | Folder | Link;

const folder = (writable: boolean, entries: [string, Node][] = []): Folder => ({ kind: "folder", entries: new Map(entries), writable });
const device = (name: string): [string, Node] => [name, { kind: "file", data: Buffer.alloc(0), writable: name !== "zero", device: name }];

const root = folder(false, [
  ["bundle", folder(false)],
  ["tmp", folder(true)],
  ["dev", folder(false, [device("null"), device("zero"), device("full"), device("random")])],
]);

const words: Record<string, string> = {
  ENOENT: "no such file or directory", EEXIST: "file already exists", EISDIR: "illegal operation on a directory", ENOTDIR: "not a directory",
  EPERM: "operation not permitted", EBADF: "bad file descriptor", EINVAL: "invalid argument", ENOTEMPTY: "directory not empty", ELOOP: "too many symbolic links encountered",
};

export function failure(code: string, call: string, path?: string): any {
  const message = path === undefined ? `${words[code]}` : `${words[code]}, ${call} '${path}'`;
  return Object.assign(codedError(Error, code, message), { syscall: call, ...(path !== undefined && { path }) });
}

/** The parts of an absolute path, without dots. */
export function partsOf(path: string): string[] {
  const parts: string[] = [];
  for (const part of (path.startsWith("/") ? path : `/bundle/${path}`).split("/")) {
    if (part === "" || part === ".") continue;
    if (part === "..") parts.pop();
    else parts.push(part);
  }
  return parts;
}

/** What is at a path, undefined when nothing is. */
export function find(path: string, follow = true, depth = 0): Node | undefined {
  if (depth > 40) throw failure("ELOOP", "open", path);
  let node: Node = root;
  const parts = partsOf(path);
  for (const [i, part] of parts.entries()) {
    if (node.kind !== "folder") return undefined;
    const next: Node | undefined = node.entries.get(part);
    if (next === undefined) return undefined;
    if (next.kind === "link" && (follow || i < parts.length - 1)) {
      const base = `/${parts.slice(0, i).join("/")}`;
      const target = next.target.startsWith("/") ? next.target : `${base}/${next.target}`;
      return find([target, ...parts.slice(i + 1)].join("/"), follow, depth + 1);
    }
    node = next;
  }
  return node;
}

export function existing(path: string, call: string, follow = true): Node {
  const node = find(path, follow);
  if (node === undefined) throw failure("ENOENT", call, path);
  return node;
}

/** The folder that a path is in, and its name there. */
export function place(path: string, call: string): { folder: Folder; name: string } {
  const parts = partsOf(path);
  const name = parts.pop();
  if (name === undefined) throw failure("EPERM", call);
  const parent = find(`/${parts.join("/")}`);
  if (parent === undefined) throw failure("ENOENT", call, name);
  if (parent.kind !== "folder") throw failure("ENOTDIR", call, path);
  return { folder: parent, name };
}

/** Puts something where nothing was, or where it may take the place of what was. */
export function put(path: string, node: Node, call: string): void {
  const { folder, name } = place(path, call);
  if (!folder.writable) throw failure("EPERM", call);
  folder.entries.set(name, node);
}

export function drop(path: string, call: string): void {
  const { folder, name } = place(path, call);
  if (!folder.writable) throw failure("EPERM", call);
  folder.entries.delete(name);
}

/** What a file holds; a device gives what it gives. */
export function content(file: File, length = 0): any {
  switch (file.device) {
    case "zero": return Buffer.alloc(length);
    case "random": return (globalThis as any).crypto.getRandomValues(Buffer.alloc(length));
  }
  return file.data;
}

export const newFolder = () => folder(true);
export const newFile = (data: any): File => ({ kind: "file", data, writable: true });
