// atob and btoa, HTML Standard section 8.3.

import { DOMException } from "./domexception";
import { defineGlobal } from "./frame";
import { host } from "./host";

const badBase64 =
  "atob() called with invalid base64-encoded data. (Only whitespace, '+', '/', alphanumeric ASCII, and up to two " +
  "terminal '=' signs when the input data length is divisible by 4 are allowed.)";
const badLatin1 = "btoa() can only operate on characters in the Latin1 (ISO/IEC 8859-1) range.";

export function atob(data: string): string {
  const text = host.atob(`${data}`);
  if (text === undefined) throw new DOMException(badBase64, "InvalidCharacterError");
  return text;
}

export function btoa(data: string): string {
  const text = host.btoa(`${data}`);
  if (text === undefined) throw new DOMException(badLatin1, "InvalidCharacterError");
  return text;
}

defineGlobal("atob", atob);
defineGlobal("btoa", btoa);
