// What path.posix and path.win32 share.

import { checkObject } from "./validate";

export interface Parsed {
  root: string;
  dir: string;
  base: string;
  ext: string;
  name: string;
}

// resolveDots takes "." and ".." out of a path, given what separates its parts.
// ".." above the start is kept where the path is relative.
export function resolveDots(path: string, absolute: boolean, separator: string, isSeparator: RegExp): string {
  const out: string[] = [];
  for (const part of path.split(isSeparator)) {
    if (part === "" || part === ".") continue;
    if (part !== "..") {
      out.push(part);
    } else if (out.length > 0 && out[out.length - 1] !== "..") {
      out.pop();
    } else if (!absolute) {
      out.push("..");
    }
  }
  return out.join(separator);
}

// splitExtension cuts a file name before its last dot, unless that dot is the
// first character or the name is "..".
export function splitExtension(base: string): [name: string, ext: string] {
  const dot = base.lastIndexOf(".");
  return dot <= 0 || base === ".." ? [base, ""] : [base.slice(0, dot), base.slice(dot)];
}

// withoutSuffix takes a suffix off a file name, unless it is the whole name.
export function withoutSuffix(base: string, suffix: string | undefined): string {
  return suffix && base !== suffix && base.endsWith(suffix) ? base.slice(0, -suffix.length) : base;
}

export function formatWith(separator: string, parsed: Partial<Parsed>): string {
  checkObject(parsed, "pathObject");
  const dir = parsed.dir || parsed.root;
  const ext = parsed.ext ? (parsed.ext[0] === "." ? parsed.ext : `.${parsed.ext}`) : "";
  const base = parsed.base || `${parsed.name || ""}${ext}`;
  if (!dir) return base;
  return dir === parsed.root ? `${dir}${base}` : `${dir}${separator}${base}`;
}

// globToRegExp turns a pattern with *, ?, [..], {..} and ** into a RegExp over
// paths whose separator is the given one.
export function globToRegExp(pattern: string, separator: string): RegExp {
  const slash = separator === "\\" ? "[\\\\/]" : "/";
  const other = separator === "\\" ? "[^\\\\/]" : "[^/]";
  const hidden = "(?!\\.)";
  let out = "";
  let braces = 0;
  for (let i = 0; i < pattern.length; ++i) {
    const c = pattern[i]!;
    const atStart = i === 0 || "/{,".includes(pattern[i - 1]!);
    if (c === "*" && pattern[i + 1] === "*" && atStart && (i + 2 === pattern.length || pattern[i + 2] === "/")) {
      const last = i + 2 === pattern.length;
      out += last ? `(?:${hidden}${other}*(?:${slash}${hidden}${other}*)*)` : `(?:${hidden}${other}+${slash})*`;
      i += last ? 1 : 2;
    } else if (c === "*") {
      out += `${atStart ? hidden : ""}${other}*`;
    } else if (c === "?") {
      out += other;
    } else if (c === "[" && pattern.indexOf("]", i + 2) > 0) {
      const end = pattern.indexOf("]", i + 2);
      const body = pattern.slice(i + 1, end).replace(/\\/g, "\\\\").replace(/^!/, "^");
      out += `[${body}]`;
      i = end;
    } else if (c === "{" && pattern.indexOf("}", i) > 0) {
      out += "(?:";
      ++braces;
    } else if (c === "}" && braces > 0) {
      out += ")";
      --braces;
    } else if (c === "," && braces > 0) {
      out += "|";
    } else {
      out += c === "/" ? slash : c.replace(/[\\^$.*+?()[\]{}|]/, "\\$&");
    }
  }
  return new RegExp(`^${out}$`);
}
