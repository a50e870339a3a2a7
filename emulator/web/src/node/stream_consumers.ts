// node:stream/consumers.

import { Buffer } from "./buffer";

declare const Blob: { new (parts: unknown[]): object };

async function bytes(stream: any): Promise<any> {
  const chunks: any[] = [];
  for await (const chunk of stream) chunks.push(typeof chunk === "string" ? Buffer.from(chunk) : chunk);
  return Buffer.concat(chunks);
}

declare const TextDecoder: { new (): { decode(chunk?: unknown, options?: object): string } };

async function text(stream: any): Promise<string> {
  const decoder = new TextDecoder();
  let all = "";
  for await (const chunk of stream) all += typeof chunk === "string" ? chunk : decoder.decode(chunk, { stream: true });
  return all + decoder.decode();
}

export default {
  async arrayBuffer(stream: any): Promise<ArrayBuffer> {
    const all = await bytes(stream);
    return all.buffer.slice(all.byteOffset, all.byteOffset + all.byteLength);
  },
  async blob(stream: any): Promise<object> {
    return new Blob([await bytes(stream)]);
  },
  buffer: bytes,
  text,
  async json(stream: any): Promise<unknown> {
    return JSON.parse(await text(stream));
  },
};
