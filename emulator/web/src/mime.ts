// MIME types, MIME Sniffing Standard §4.

export interface MimeType {
  essence: string;
  parameters: Map<string, string>;
}

const parameter = /;\s*([^=;\s]+)=(?:"((?:[^"\\]|\\.)*)"|([^;]*))/g;

/** A Content-Type taken apart. */
export function parseMimeType(value: string): MimeType {
  const parameters = new Map<string, string>();
  const end = value.indexOf(";");
  const essence = (end < 0 ? value : value.slice(0, end)).trim().toLowerCase();
  if (end >= 0) {
    for (const [, name, quoted, plain] of value.slice(end).matchAll(parameter)) {
      const text = quoted === undefined ? plain!.trim() : quoted.replace(/\\(.)/g, "$1");
      if (!parameters.has(name!.toLowerCase())) parameters.set(name!.toLowerCase(), text);
    }
  }
  return { essence, parameters };
}
