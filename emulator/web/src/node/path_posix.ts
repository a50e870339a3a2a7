// path.posix.

import { checkString } from "./validate";
import {
  formatWith, globToRegExp, resolveDots, splitExtension, withoutSuffix, type Parsed,
} from "./path_common";

const slashes = /\/+/;

export const sep = "/";
export const delimiter = ":";

export function resolve(...paths: string[]): string {
  let resolved = "";
  let absolute = false;
  for (let i = paths.length - 1; i >= -1 && !absolute; --i) {
    // A Worker has no folder of its own: relative paths start at the root.
    const path = i >= 0 ? paths[i]! : "/";
    checkString(path, `paths[${i}]`);
    if (path.length === 0) continue;
    resolved = `${path}/${resolved}`;
    absolute = path.startsWith("/");
  }
  return `/${resolveDots(resolved, true, "/", slashes)}`;
}

export function normalize(path: string): string {
  checkString(path, "path");
  if (path.length === 0) return ".";
  const absolute = path.startsWith("/");
  const trailing = path.endsWith("/");
  let clean = resolveDots(path, absolute, "/", slashes);
  if (clean.length === 0) {
    if (absolute) return "/";
    return trailing ? "./" : ".";
  }
  if (trailing) clean += "/";
  return absolute ? `/${clean}` : clean;
}

export function isAbsolute(path: string): boolean {
  checkString(path, "path");
  return path.startsWith("/");
}

export function join(...paths: string[]): string {
  for (const path of paths) checkString(path, "path");
  const joined = paths.filter((path) => path.length > 0).join("/");
  return joined.length === 0 ? "." : normalize(joined);
}

export function relative(from: string, to: string): string {
  checkString(from, "from");
  checkString(to, "to");
  const source = resolve(from).split(slashes).filter(Boolean);
  const target = resolve(to).split(slashes).filter(Boolean);
  let shared = 0;
  while (shared < source.length && shared < target.length && source[shared] === target[shared]) ++shared;
  return [...source.slice(shared).map(() => ".."), ...target.slice(shared)].join("/");
}

export function toNamespacedPath(path: string): string {
  return path;
}

export function dirname(path: string): string {
  checkString(path, "path");
  if (path.length === 0) return ".";
  const root = path.startsWith("/");
  const trimmed = path.replace(/\/+$/, "");
  const cut = trimmed.lastIndexOf("/");
  if (cut < 0) return root ? "/" : ".";
  if (cut === 0) return "/";
  // The last slash alone is taken, as two at the start mean something else.
  const dir = trimmed.slice(0, cut);
  return dir === "/" && path.startsWith("//") ? "//" : dir;
}

export function basename(path: string, suffix?: string): string {
  if (suffix !== undefined) checkString(suffix, "suffix");
  checkString(path, "path");
  const trimmed = path.replace(/\/+$/, "");
  return path === suffix ? "" : withoutSuffix(trimmed.slice(trimmed.lastIndexOf("/") + 1), suffix);
}

export function extname(path: string): string {
  checkString(path, "path");
  return splitExtension(basename(path))[1];
}

export function format(parsed: Partial<Parsed>): string {
  return formatWith("/", parsed);
}

export function parse(path: string): Parsed {
  checkString(path, "path");
  const root = path.startsWith("/") ? "/" : "";
  const base = basename(path);
  const [name, ext] = splitExtension(base);
  const trimmed = path.replace(/\/+$/, "");
  const cut = trimmed.lastIndexOf("/");
  const dir = cut > 0 ? trimmed.slice(0, cut) : root;
  return { root, dir, base, ext, name };
}

export function matchesGlob(path: string, pattern: string): boolean {
  checkString(path, "path");
  checkString(pattern, "pattern");
  return globToRegExp(pattern, "/").test(path);
}
