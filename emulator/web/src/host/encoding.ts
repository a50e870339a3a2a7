export interface EncodingHost {
  utf8Encode(text: string): ArrayBuffer;
  // Decodes UTF-8; undefined when `fatal` and the bytes are malformed.
  utf8Decode(bytes: ArrayBuffer | ArrayBufferView, fatal: boolean): string | undefined;
  // The canonical name for a WHATWG label, or undefined.
  encodingName(label: string): string | undefined;
  // Decodes a whole input in a legacy encoding; undefined when `fatal` and the
  // bytes are malformed.
  decode(encoding: string, bytes: ArrayBuffer | ArrayBufferView, fatal: boolean): string | undefined;
  // Answers the number of trailing bytes that begin an unfinished character.
  unfinished(encoding: string, bytes: ArrayBuffer | ArrayBufferView): number;
  // undefined when the text is not base64 by the rules of atob.
  atob(text: string): string | undefined;
  // undefined when a character lies outside Latin-1.
  btoa(text: string): string | undefined;
}
