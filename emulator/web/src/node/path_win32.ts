// path.win32.

import { checkString } from "./validate";
import {
  formatWith, globToRegExp, resolveDots, splitExtension, withoutSuffix, type Parsed,
} from "./path_common";

const slashes = /[\\/]+/;
const trailingSlashes = /[\\/]+$/;

export const sep = "\\";
export const delimiter = ";";

// A Root is how a path begins: the drive or share it is on, and the whole
// prefix as it is written.
interface Root {
  device: string;
  written: string;
  absolute: boolean;
}

function rootOf(path: string): Root {
  const share = /^[\\/]{2}([^\\/]+)[\\/]+([^\\/]+)[\\/]?/.exec(path);
  if (share) return { device: `\\\\${share[1]}\\${share[2]}`, written: share[0], absolute: true };
  if (/^[\\/]/.test(path)) return { device: "", written: path[0]!, absolute: true };
  const drive = /^([A-Za-z]:)([\\/]?)/.exec(path);
  if (drive) return { device: drive[1]!, written: drive[0], absolute: drive[2] !== "" };
  return { device: "", written: "", absolute: false };
}

export function resolve(...paths: string[]): string {
  let device = "";
  let tail = "";
  let absolute = false;
  for (let i = paths.length - 1; i >= -1; --i) {
    // A Worker has no folder of its own, and no drives: paths start at "\".
    const path = i >= 0 ? paths[i]! : "\\";
    checkString(path, `paths[${i}]`);
    if (path.length === 0) continue;
    const root = rootOf(path);
    if (root.device !== "") {
      if (device === "") device = root.device;
      else if (device.toLowerCase() !== root.device.toLowerCase()) continue;
    }
    if (!absolute) {
      tail = `${path.slice(root.written.length)}\\${tail}`;
      absolute = root.absolute;
    }
    if (absolute && device !== "") break;
  }
  tail = resolveDots(tail, absolute, "\\", slashes);
  return absolute ? `${device}\\${tail}` : `${device}${tail}` || ".";
}

export function normalize(path: string): string {
  checkString(path, "path");
  if (path.length === 0) return ".";
  const root = rootOf(path);
  const rest = path.slice(root.written.length);
  let tail = resolveDots(rest, root.absolute, "\\", slashes);
  if (tail.length === 0 && !root.absolute) tail = ".";
  if (tail.length > 0 && /[\\/]$/.test(rest)) tail += "\\";
  return root.absolute ? `${root.device}\\${tail}` : `${root.device}${tail}`;
}

export function isAbsolute(path: string): boolean {
  checkString(path, "path");
  return rootOf(path).absolute;
}

export function join(...paths: string[]): string {
  for (const path of paths) checkString(path, "path");
  const parts = paths.filter((path) => path.length > 0);
  if (parts.length === 0) return ".";
  let joined = parts.join("\\");
  // Parts that meet must not make a share of what was none: only a first part
  // that begins with exactly two slashes and a name means one.
  const first = parts[0]!;
  const meansShare = /^[\\/]{2}[^\\/]/.test(first);
  if (!meansShare) joined = joined.replace(/^[\\/]{2,}/, "\\");
  return normalize(joined);
}

export function relative(from: string, to: string): string {
  checkString(from, "from");
  checkString(to, "to");
  const [a, b] = [resolve(from), resolve(to)];
  if (a.toLowerCase() === b.toLowerCase()) return "";
  const source = a.split(slashes).filter(Boolean);
  const target = b.split(slashes).filter(Boolean);
  let shared = 0;
  while (
    shared < source.length && shared < target.length &&
    source[shared]!.toLowerCase() === target[shared]!.toLowerCase()
  ) ++shared;
  if (shared === 0 && (rootOf(a).device !== "" || rootOf(b).device !== "")) return b;
  return [...source.slice(shared).map(() => ".."), ...target.slice(shared)].join("\\");
}

export function toNamespacedPath(path: string): string {
  if (typeof path !== "string" || path.length === 0) return path;
  const resolved = resolve(path);
  if (resolved.length <= 2) return path;
  if (/^\\\\[^.?]/.test(resolved)) return `\\\\?\\UNC\\${resolved.slice(2)}`;
  return /^[A-Za-z]:\\/.test(resolved) ? `\\\\?\\${resolved}` : resolved;
}

export function dirname(path: string): string {
  checkString(path, "path");
  if (path.length === 0) return ".";
  const { written } = rootOf(path);
  const rest = path.slice(written.length).replace(trailingSlashes, "");
  const cut = lastSlash(rest);
  if (cut < 0) return written || ".";
  return written + rest.slice(0, cut);
}

export function basename(path: string, suffix?: string): string {
  if (suffix !== undefined) checkString(suffix, "suffix");
  checkString(path, "path");
  const start = /^[A-Za-z]:/.test(path) ? 2 : 0;
  const trimmed = path.slice(start).replace(trailingSlashes, "");
  return path === suffix ? "" : withoutSuffix(trimmed.slice(lastSlash(trimmed) + 1), suffix);
}

export function extname(path: string): string {
  checkString(path, "path");
  return splitExtension(basename(path))[1];
}

export function format(parsed: Partial<Parsed>): string {
  return formatWith("\\", parsed);
}

export function parse(path: string): Parsed {
  checkString(path, "path");
  const root = rootOf(path).written;
  const rest = path.slice(root.length).replace(trailingSlashes, "");
  const cut = lastSlash(rest);
  const base = rest.slice(cut + 1);
  const [name, ext] = splitExtension(base);
  return { root, dir: cut < 0 ? root : root + rest.slice(0, cut), base, ext, name };
}

export function matchesGlob(path: string, pattern: string): boolean {
  checkString(path, "path");
  checkString(pattern, "pattern");
  return globToRegExp(pattern, "\\").test(path);
}

function lastSlash(path: string): number {
  return Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\"));
}
