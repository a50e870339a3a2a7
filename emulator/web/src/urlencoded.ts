// application/x-www-form-urlencoded, URL Standard section 5.1.

import { host } from "./host";

/** Names and values in turn. */
export type List = string[];

// parseQuery reads a query string without its question mark.
export function parseQuery(query: string): List {
  return query === "" ? [] : host.parseQuery(query);
}

// formatQuery is the inverse of parseQuery.
export function formatQuery(list: readonly string[]): string {
  let query = "";
  for (let i = 0; i < list.length; i += 2) {
    if (i > 0) query += "&";
    query += encode(list[i]!) + "=" + encode(list[i + 1]!);
  }
  return query;
}

const plain = /^[A-Za-z0-9*\-._]*$/;
const special = /%20|[!'()~]/g;

function encode(text: string): string {
  if (plain.test(text)) return text;
  return encodeURIComponent(text.toWellFormed()).replace(special, (c) =>
    c === "%20" ? "+" : `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
