// FormData, XMLHttpRequest Standard §5, and its form on the wire.

import { expose } from "./frame";
import { Blob, File, blobBytes, isBlob } from "./blob";
import { illegalInvocation, missingArgument } from "./brand";
import { utf8Decode, utf8Encode } from "./utf8";
import { hostOf } from "./host";
import type { BodyHost } from "./host/body";
import { parseMimeType } from "./mime";
import { concat } from "./streams/shared";
import { URLSearchParams } from "./urlsearchparams";

const host = hostOf<BodyHost>();

export type FormDataEntry = File | string;

/** Whether a value is a FormData of this isolate. */
export let isFormData: (value: unknown) => value is FormData;
let entriesOf: (form: FormData) => [string, FormDataEntry][];

export class FormData {
  #entries: [string, FormDataEntry][] = [];

  static {
    isFormData = (value): value is FormData => typeof value === "object" && value !== null && #entries in value;
    entriesOf = (form) => {
      if (!isFormData(form)) throw illegalInvocation();
      return form.#entries;
    };
  }

  append(name: string, value: Blob | string, filename?: string): void {
    if (arguments.length < 2) throw missing("append", arguments.length, "string", entryType);
    entriesOf(this).push([String(name), entryValue(name, value, filename)]);
  }

  delete(name: string): void {
    if (arguments.length < 1) throw missing("delete", 0, "string");
    name = String(name);
    this.#entries = entriesOf(this).filter(([key]) => key !== name);
  }

  get(name: string): FormDataEntry | null {
    if (arguments.length < 1) throw missing("get", 0, "string");
    name = String(name);
    return entriesOf(this).find(([key]) => key === name)?.[1] ?? null;
  }

  getAll(name: string): FormDataEntry[] {
    if (arguments.length < 1) throw missing("getAll", 0, "string");
    name = String(name);
    return entriesOf(this)
      .filter(([key]) => key === name)
      .map(([, value]) => value);
  }

  has(name: string): boolean {
    if (arguments.length < 1) throw missing("has", 0, "string");
    name = String(name);
    return entriesOf(this).some(([key]) => key === name);
  }

  set(name: string, value: Blob | string, filename?: string): void {
    if (arguments.length < 2) throw missing("set", arguments.length, "string", entryType);
    name = String(name);
    const entry: [string, FormDataEntry] = [name, entryValue(name, value, filename)];
    const at = entriesOf(this).findIndex(([key]) => key === name);
    if (at < 0) {
      this.#entries.push(entry);
      return;
    }
    this.#entries[at] = entry;
    this.#entries = this.#entries.filter(([key], i) => i <= at || key !== name);
  }

  forEach(callback: (value: FormDataEntry, name: string, form: FormData) => void, thisArg?: unknown): void {
    if (typeof callback !== "function") throw missing("forEach", 0, "function");
    for (const [name, value] of this.entries()) callback.call(thisArg, value, name, this);
  }

  entries(): IterableIterator<[string, FormDataEntry]> {
    return entriesOf(this)
      .map(([name, value]): [string, FormDataEntry] => [name, value])
      .values();
  }

  keys(): IterableIterator<string> {
    return entriesOf(this)
      .map(([name]) => name)
      .values();
  }

  values(): IterableIterator<FormDataEntry> {
    return entriesOf(this)
      .map(([, value]) => value)
      .values();
  }

  declare [Symbol.iterator]: () => IterableIterator<[string, FormDataEntry]>;
}

const entryType = "File or Blob or string";

function missing(method: string, given: number, ...types: string[]): TypeError {
  return missingArgument(method, "FormData", given, ...types);
}

Object.defineProperty(FormData.prototype, Symbol.iterator, {
  value: FormData.prototype.entries,
  configurable: true,
  writable: true,
});

function entryValue(field: string, value: Blob | string, filename: string | undefined): FormDataEntry {
  if (!isBlob(value)) {
    const text = String(value);
    return text.isWellFormed() ? text : text.toWellFormed();
  }
  if (value instanceof File && filename === undefined) return value;
  return new File([value], filename ?? field, { type: value.type });
}

/** A form as multipart/form-data, RFC 7578, with the boundary between its parts. */
export function encodeForm(form: FormData): { bytes: Uint8Array<ArrayBuffer>; boundary: string } {
  const boundary = newBoundary();
  const pieces: Uint8Array[] = [];
  for (const [name, value] of entriesOf(form)) {
    let head = `--${boundary}\r\nContent-Disposition: form-data; name="${quoted(name)}"`;
    if (typeof value === "string") {
      pieces.push(utf8Encode(`${head}\r\n\r\n${value}\r\n`));
      continue;
    }
    head += `; filename="${quoted(value.name)}"\r\nContent-Type: ${value.type || "application/octet-stream"}\r\n\r\n`;
    pieces.push(utf8Encode(head), blobBytes(value), utf8Encode("\r\n"));
  }
  pieces.push(utf8Encode(`--${boundary}--`));
  return { bytes: concat(pieces), boundary };
}

function newBoundary(): string {
  let boundary = "";
  for (let i = 0; i < 4; i++) {
    boundary += Math.floor(Math.random() * 2 ** 32)
      .toString(16)
      .padStart(8, "0");
  }
  return boundary;
}

function quoted(name: string): string {
  if (name.endsWith("\\")) throw new TypeError("Name or filename can't end with backslash");
  return name.replaceAll('"', "%22").replaceAll("\n", "%0A").replaceAll("\\", "\\\\");
}

/** The form that a body of the given Content-Type holds. */
export function decodeForm(body: Uint8Array, contentType: string): FormData {
  const { essence, parameters } = parseMimeType(contentType);
  if (essence === "multipart/form-data") return decodeMultipart(body, parameters.get("boundary"));
  if (essence === "application/x-www-form-urlencoded") return decodeUrlEncoded(body, parameters.get("charset"));
  throw new TypeError(
    "Unrecognized Content-Type header value. FormData can only parse the following MIME types: " +
      "multipart/form-data, application/x-www-form-urlencoded",
  );
}

function decodeMultipart(body: Uint8Array, boundary: string | undefined): FormData {
  if (boundary === undefined) {
    throw new TypeError(
      "No boundary string in Content-Type header. The multipart/form-data MIME type requires a boundary parameter, " +
        "e.g. 'Content-Type: multipart/form-data; boundary=\"abcd\"'. See RFC 7578, section 4.",
    );
  }
  const form = new FormData();
  const entries = entriesOf(form);
  const parts = host.multipart(body, boundary);
  for (let i = 0; i < parts.length; i += 4) {
    const [name, filename, type, content] = parts.slice(i, i + 4) as [string, string?, string?, ArrayBuffer?];
    if (filename === undefined) entries.push([name, utf8Decode(new Uint8Array(content!))]);
    else entries.push([name, new File([content!], filename, { type: type ?? "" })]);
  }
  return form;
}

function decodeUrlEncoded(body: Uint8Array, charset: string | undefined): FormData {
  if (charset !== undefined && !/^(utf-?8|unicode-1-1-utf-8)$/i.test(charset)) {
    throw new TypeError("Non-utf-8 application/x-www-form-urlencoded body.");
  }
  const form = new FormData();
  for (const [name, value] of new URLSearchParams(utf8Decode(body))) form.append(name, value);
  return form;
}

expose("FormData", FormData);
