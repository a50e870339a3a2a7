// node:zlib.

import * as nodeZlib from "node:zlib";
import { called, each, hex, outcomes, text } from "./all.js";

const { constants } = nodeZlib;
const long = text.repeat(200);
const dictionary = Buffer.from("the quick brown fox jumps over the lazy cat");
const read = async (stream, ...input) => {
  const parts = [];
  stream.on("data", (part) => parts.push(part));
  const end = new Promise((resolve, reject) => { stream.on("end", resolve); stream.on("error", reject); });
  for (const part of input) stream.write(part);
  stream.end();
  await end;
  return Buffer.concat(parts).toString();
};
const cut = (buffer) => buffer.subarray(0, buffer.length - 3);
const broken = (buffer) => { const b = Buffer.from(buffer); b[b.length >> 1] ^= 0x55; return b; };

const BR = {
  hello: hex("0b058068656c6c6f20776f726c6403"),
  params: (quality, more) => ({ params: { [constants.BROTLI_PARAM_QUALITY]: quality, ...more } }),
};
const Z = {
  // what the command line tool gives for "hello zstd"
  hello: hex("28b52ffd040051000068656c6c6f207a737464cfdb609c"),
};

export const zlib = {
  "dictionary": () => each([["deflate", "inflate"], ["deflateRaw", "inflateRaw"], ["gzip", "gunzip"]], ([there, back]) => {
    const packed = nodeZlib[`${there}Sync`](text, { dictionary });
    return nodeZlib[`${back}Sync`](packed, { dictionary }).toString();
  }),
  "dictionaryFixed": () => nodeZlib.inflateSync(hex("78bb612a0ff82b2152694a7e3a00613c0ffa"), { dictionary }).toString(),
  "dictionarySmaller": () => [nodeZlib.deflateSync(text, { dictionary }).length < nodeZlib.deflateSync(text).length, nodeZlib.deflateSync(text, { dictionary }).subarray(0, 6).toString("hex")],
  "dictionaryKinds": () => each([dictionary, new Uint8Array(dictionary), dictionary.buffer.slice(dictionary.byteOffset, dictionary.byteOffset + dictionary.length), "text", 1, null, {}, Buffer.alloc(0), undefined], (d) => outcomes(() => nodeZlib.deflateSync(text, { dictionary: d }).length > 0, () => nodeZlib.createDeflate({ dictionary: d }).constructor.name)),
  "dictionaryWrong": () => { const packed = nodeZlib.deflateSync(text, { dictionary }); return outcomes(() => nodeZlib.inflateSync(packed), () => nodeZlib.inflateSync(packed, { dictionary: Buffer.from("other") }), () => called((done) => nodeZlib.inflate(packed, done)), () => read(nodeZlib.createInflate(), packed), () => read(nodeZlib.createInflate({ dictionary: Buffer.from("other") }), packed), () => nodeZlib.inflateRawSync(nodeZlib.deflateRawSync(text, { dictionary })), () => nodeZlib.inflateSync(nodeZlib.deflateSync(text), { dictionary }).toString()); },
  "dictionaryStreams": async () => outcomes(...[["Deflate", "Inflate"], ["DeflateRaw", "InflateRaw"]].map(([there, back]) => async () => { const packed = nodeZlib[there[0].toLowerCase() + there.slice(1) + "Sync"](text, { dictionary }); return [await read(nodeZlib[`create${back}`]({ dictionary }), packed.subarray(0, 5), packed.subarray(5)), nodeZlib[back[0].toLowerCase() + back.slice(1) + "Sync"](await bytes(nodeZlib[`create${there}`]({ dictionary }), text), { dictionary }).toString()]; })),
  "dictionaryLater": async () => { const [error, packed] = await called((done) => nodeZlib.deflate(text, { dictionary }, done)); return [error, (await called((done) => nodeZlib.inflate(packed, { dictionary }, done)))[1].toString()]; },
  "options": () => each([{ level: 10 }, { level: "1" }, { windowBits: 7 }, { windowBits: 16 }, { memLevel: 0 }, { memLevel: 10 }, { strategy: 5 }, { strategy: -1 }, { chunkSize: 63 }, { maxOutputLength: 0 }, { maxOutputLength: 5 }, { flush: 9 }, { finishFlush: 9 }, { level: NaN }], (options) => outcomes(() => nodeZlib.deflateSync(text, options).length > 5, () => nodeZlib.createDeflate(options).constructor.name)),
  "info": () => outcomes(() => { const r = nodeZlib.deflateSync(text, { info: true }); return [Object.keys(r), r.engine.constructor.name, nodeZlib.inflateSync(r.buffer).toString()]; }, () => { const packed = nodeZlib.deflateSync(text); const r = nodeZlib.inflateSync(packed, { info: true }); return [Object.keys(r), r.engine.bytesWritten === packed.length, r.buffer.toString()]; }, async () => { const [error, r] = await called((done) => nodeZlib.gzip(text, { info: true }, done)); return [error, Object.keys(r)]; }),
  "strategies": () => each([0, 1, 2, 3, 4], (strategy) => nodeZlib.inflateSync(nodeZlib.deflateSync(long, { strategy })).toString() === long),
  "kinds": () => Object.keys(nodeZlib).filter((name) => typeof nodeZlib[name] === "function").map((name) => [name, nodeZlib[name].length]),
  "after": () => each([hex("00"), hex("0000"), Buffer.from("junk"), hex("1f"), hex("1f8b"), nodeZlib.gzipSync("more"), Buffer.concat([nodeZlib.gzipSync("more"), hex("00")]), Buffer.from([31, 139, 8, 0])], (more) => {
    const packed = Buffer.concat([nodeZlib.gzipSync("text"), more]);
    return outcomes(() => nodeZlib.gunzipSync(packed).toString(), () => nodeZlib.unzipSync(packed).toString(), () => read(nodeZlib.createGunzip(), packed), () => read(nodeZlib.createGunzip(), packed.subarray(0, 30), packed.subarray(30)));
  }),
  "afterOthers": () => outcomes(() => nodeZlib.inflateSync(Buffer.concat([nodeZlib.deflateSync("text"), Buffer.from("junk")])).toString(), () => nodeZlib.inflateRawSync(Buffer.concat([nodeZlib.deflateRawSync("text"), Buffer.from("junk")])).toString(), () => read(nodeZlib.createInflate(), Buffer.concat([nodeZlib.deflateSync("text"), Buffer.from("junk")]))),
  "streamEmpty": () => each(["Gunzip", "Inflate", "InflateRaw", "Unzip"], (name) => read(nodeZlib[`create${name}`]())),
  "callable": () => outcomes(() => nodeZlib.Gzip({}), () => new nodeZlib.Unzip().constructor.name),
  "cut": () => { const packed = nodeZlib.gzipSync(long); return outcomes(() => nodeZlib.gunzipSync(cut(packed)), () => nodeZlib.gunzipSync(cut(packed), { finishFlush: constants.Z_SYNC_FLUSH }).length, () => read(nodeZlib.createGunzip({ finishFlush: constants.Z_SYNC_FLUSH }), cut(packed)).then((out) => out.length), () => read(nodeZlib.createGunzip(), cut(packed))); },
  "members": () => { const s = nodeZlib.createDeflate(); return [typeof s.params, typeof s.reset, typeof s.flush, typeof s.close, s.bytesWritten, s.bytesRead, s._level, s._strategy, s._chunkSize]; },
};

async function bytes(stream, ...input) {
  const parts = [];
  stream.on("data", (part) => parts.push(part));
  const end = new Promise((resolve, reject) => { stream.on("end", resolve); stream.on("error", reject); });
  for (const part of input) stream.write(part);
  stream.end();
  await end;
  return Buffer.concat(parts);
}

const around = (there, back) => (data, options) => nodeZlib[`${back}Sync`](nodeZlib[`${there}Sync`](data, options)).toString("latin1");

/** What both formats are asked. */
const shared = ({ there, back, There, Back, fixed, levels }) => ({
  "roundTrip": () => each(["", "a", text, long, hex("00ff"), new Uint16Array([1, 2]), new ArrayBuffer(4)], (data) => { const out = around(there, back)(data); return [out.length, out.slice(0, 20)]; }),
  "fixed": () => nodeZlib[`${back}Sync`](fixed).toString(),
  "smaller": () => nodeZlib[`${there}Sync`](long).length < 200,
  "levels": () => each(levels, (options) => around(there, back)(long, options) === long),
  "wrongData": () => each([1, null, undefined, {}, []], (data) => outcomes(() => nodeZlib[`${there}Sync`](data), () => nodeZlib[`${back}Sync`](data), () => nodeZlib[there](data, () => {}))),
  "garbage": () => each(["", "text", hex("ff"), hex("00"), cut(fixed), broken(fixed), Buffer.concat([fixed, fixed]), Buffer.concat([fixed, hex("00")]), Buffer.concat([fixed, Buffer.from("junk")])], (data) => outcomes(() => nodeZlib[`${back}Sync`](data).toString(), () => called((done) => nodeZlib[back](data, done)), () => read(nodeZlib[`create${Back}`](), data))),
  "later": async () => { const [error, packed] = await called((done) => nodeZlib[there](long, done)); return [error, packed.length < 200, (await called((done) => nodeZlib[back](packed, {}, done)))[1].toString() === long]; },
  "withoutCallback": () => outcomes(() => nodeZlib[there](text), () => nodeZlib[back](text, {}), () => nodeZlib[there](text, 1, 2)),
  "streams": async () => { const packed = await bytes(nodeZlib[`create${There}`](), long.slice(0, 1000), long.slice(1000)); const halves = [packed.subarray(0, 7), packed.subarray(7, 8), packed.subarray(8)]; return [nodeZlib[`${back}Sync`](packed).toString() === long, (await read(nodeZlib[`create${Back}`](), ...halves)) === long]; },
  "streamEmpty": async () => [(await bytes(nodeZlib[`create${There}`]())).length > 0, await read(nodeZlib[`create${Back}`]()).catch((e) => e)],
  "piped": async () => { const back2 = nodeZlib[`create${Back}`](); const there2 = nodeZlib[`create${There}`](); there2.pipe(back2); there2.end(long); let out = ""; for await (const part of back2) out += part; return out === long; },
  "flushed": async () => { const s = nodeZlib[`create${There}`](); const parts = []; s.on("data", (part) => parts.push(part)); s.write(text); await new Promise((resolve) => s.flush(resolve)); const d = nodeZlib[`create${Back}`](); let out = ""; d.on("data", (part) => (out += part)); const seen = Buffer.concat(parts); d.write(seen); await new Promise((resolve) => setTimeout(resolve, 5)); s.end(); return [seen.length > 0, out]; },
  "params": () => each([{ params: 1 }, { params: { 1: "x" } }, { params: { 1000: 1 } }, { params: { [-1]: 1 } }, { params: { 2: 10 } }, { params: {} }, { chunkSize: 1 }, { flush: 77 }, { finishFlush: 77 }, { maxOutputLength: 0 }, { maxOutputLength: 10 }], (options) => outcomes(() => nodeZlib[`${there}Sync`](text, options).length > 10, () => nodeZlib[`${back}Sync`](fixed, options).length, () => nodeZlib[`create${There}`](options).constructor.name, () => nodeZlib[`create${Back}`](options).constructor.name)),
  "most": () => each([long.length - 1, long.length, long.length + 1], (maxOutputLength) => nodeZlib[`${back}Sync`](nodeZlib[`${there}Sync`](long), { maxOutputLength }).length),
  "cutAllowed": () => { const packed = nodeZlib[`${there}Sync`](long); return outcomes(() => nodeZlib[`${back}Sync`](cut(packed), { finishFlush: 1 }).length > 0, () => nodeZlib[`${back}Sync`](cut(packed)).length); },
  "info": () => outcomes(() => { const r = nodeZlib[`${there}Sync`](text, { info: true }); return [Object.keys(r), r.engine.constructor.name, nodeZlib[`${back}Sync`](r.buffer).toString()]; }),
  "callable": () => outcomes(() => nodeZlib[There]({}) instanceof nodeZlib[There], () => new nodeZlib[Back]().constructor.name, () => { const s = nodeZlib[`create${There}`](); return [s.bytesWritten, typeof s.reset, typeof s.params, typeof s.flush, typeof s.close]; }),
  "closed": async () => { const s = nodeZlib[`create${There}`](); await new Promise((resolve) => s.close(resolve)); return [s.destroyed]; },
});

export const brotli = {
  ...shared({ there: "brotliCompress", back: "brotliDecompress", There: "BrotliCompress", Back: "BrotliDecompress", fixed: BR.hello, levels: [0, 1, 4, 5, 9, 11].map((q) => BR.params(q)) }),
  "paramValues": () => each([BR.params(12), BR.params(-1), BR.params(5, { [constants.BROTLI_PARAM_LGWIN]: 10 }), BR.params(5, { [constants.BROTLI_PARAM_LGWIN]: 25 }), BR.params(5, { [constants.BROTLI_PARAM_LGWIN]: 9 }), BR.params(5, { [constants.BROTLI_PARAM_MODE]: 1 }), BR.params(5, { [constants.BROTLI_PARAM_MODE]: 7 }), BR.params(5, { [constants.BROTLI_PARAM_SIZE_HINT]: 100 }), BR.params(5, { [constants.BROTLI_PARAM_LGBLOCK]: 16 }), BR.params(5, { 50: 1 })], (options) => outcomes(() => nodeZlib.brotliDecompressSync(nodeZlib.brotliCompressSync(long, options)).length, () => nodeZlib.createBrotliCompress(options).constructor.name)),
};

export const zstd = {
  ...shared({ there: "zstdCompress", back: "zstdDecompress", There: "ZstdCompress", Back: "ZstdDecompress", fixed: Z.hello, levels: [-5, 1, 3, 9, 19, 22].map((level) => ({ params: { [constants.ZSTD_c_compressionLevel]: level } })) }),
  "paramValues": () => each([[100, 23], [100, 0], [101, 10], [101, 40], [201, 1], [201, 2], [200, 0], [400, 2], [107, 3], [160, 1], [999, 1]], ([key, value]) => outcomes(() => nodeZlib.zstdDecompressSync(nodeZlib.zstdCompressSync(long, { params: { [key]: value } })).length, () => nodeZlib.createZstdCompress({ params: { [key]: value } }).constructor.name)),
  "decoderParams": () => each([[100, 10], [100, 27], [100, 99], [101, 1]], ([key, value]) => outcomes(() => nodeZlib.zstdDecompressSync(Z.hello, { params: { [key]: value } }).toString(), () => nodeZlib.createZstdDecompress({ params: { [key]: value } }).constructor.name)),
  "pledged": () => each([text.length, text.length + 1, 1], (pledgedSrcSize) => nodeZlib.zstdDecompressSync(nodeZlib.zstdCompressSync(text, { pledgedSrcSize })).length),
  "checksum": () => { const packed = nodeZlib.zstdCompressSync(text, { params: { [constants.ZSTD_c_checksumFlag]: 1 } }); packed[packed.length - 1] ^= 1; return nodeZlib.zstdDecompressSync(packed).toString(); },
  "header": () => nodeZlib.zstdCompressSync(text).subarray(0, 4).toString("hex"),
};
