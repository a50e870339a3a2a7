// What the engine has and TypeScript does not describe yet.

interface Base64Options {
  alphabet?: "base64" | "base64url";
  omitPadding?: boolean;
}

interface Uint8Array {
  toBase64(options?: Base64Options): string;
  toHex(): string;
}

interface Uint8ArrayConstructor {
  fromBase64(text: string, options?: Base64Options): Uint8Array;
  fromHex(text: string): Uint8Array;
}
