// The ciphers of node:crypto.

import { invalidArgType } from "./errors";
import { checkObject } from "./validate";

export interface CipherInfo {
  name: string;
  nid: number;
  blockSize: number;
  ivLength: number;
  keyLength: number;
  mode: string;
}

// NAME NID BLOCK IV KEY MODE; of those whose name is another one it is last.
const listed = `AES-128-CBC 419 16 16 16 cbc,AES-192-CBC 423 16 16 24 cbc,AES-256-CBC 427 16 16 32 cbc,AES-128-CTR 904 1 16 16 ctr,
AES-192-CTR 905 1 16 24 ctr,AES-256-CTR 906 1 16 32 ctr,AES-128-ECB 418 16 0 16 ecb,AES-192-ECB 422 16 0 24 ecb,AES-256-ECB 426 16 0 32 ecb,
AES-128-OFB 420 1 16 16 ofb,AES-192-OFB 424 1 16 24 ofb,AES-256-OFB 428 1 16 32 ofb,AES-128-GCM 895 1 12 16 gcm id-aes128-GCM,
AES-192-GCM 898 1 12 24 gcm id-aes192-GCM,AES-256-GCM 901 1 12 32 gcm id-aes256-GCM,DES-CBC 31 8 8 8 cbc,DES-ECB 29 8 0 8 ecb,
DES-EDE 32 8 0 16 ecb,DES-EDE-CBC 43 8 8 16 cbc,DES-EDE3-CBC 44 8 8 24 cbc,RC2-CBC 37 8 8 16 cbc,RC4 5 1 0 16 stream`;

// Those that are only known by small letters, and take all data at once.
const listedAEADs = `aes-128-eax 0 1 16 16 stream,aes-128-ccm-matter 0 1 13 16 ccm,aes-128-ccm-bluetooth-8 0 1 13 16 ccm,
aes-256-gcm-randnonce 0 1 0 32 gcm,aes-256-eax 0 1 16 32 stream,aes-256-gcm-siv 0 1 12 32 gcm,aes-256-ctr-hmac-sha256 0 1 12 64 ctr,
chacha20-poly1305 950 1 12 32 stream,aes-128-gcm-randnonce 0 1 0 16 gcm,aes-128-gcm-siv 0 1 12 16 gcm,aes-128-ccm-bluetooth 0 1 13 16 ccm,
aes-128-ctr-hmac-sha256 0 1 12 48 ctr,xchacha20-poly1305 0 1 24 32 stream`;

function read(list: string): CipherInfo[] {
  return list.split(/,\n?/).map((line) => {
    const [key, nid, blockSize, ivLength, keyLength, mode, name] = line.split(" ") as [string, string, string, string, string, string, string?];
    return { key, name: name ?? key, nid: +nid, blockSize: +blockSize, ivLength: +ivLength, keyLength: +keyLength, mode } as any;
  });
}

const whole = read(listed) as (CipherInfo & { key: string })[];
const aeads = read(listedAEADs) as (CipherInfo & { key: string })[];

export interface Found {
  /** The host's name. */
  name: string;
  info: CipherInfo;
  /** Whether all data is to come at once. */
  once: boolean;
}

/** A cipher by its name in any letters, or by its number. */
export function findCipher(nameOrId: string | number): Found | undefined {
  const fits = typeof nameOrId === "number"
    ? (c: CipherInfo) => c.nid === nameOrId && nameOrId !== 0
    : (c: CipherInfo & { key: string }) => c.key.toLowerCase() === nameOrId.toLowerCase();
  let once = false;
  let found = whole.find(fits);
  if (found === undefined && typeof nameOrId === "string") {
    found = aeads.find((c) => c.key === nameOrId);
    once = true;
  }
  if (found === undefined) return undefined;
  const { key, name, nid, blockSize, ivLength, keyLength, mode } = found;
  return { name: key.toLowerCase(), info: { name, nid, blockSize, ivLength, keyLength, mode }, once };
}

export function getCiphers(): string[] {
  const keys = whole.map(({ key }) => key);
  const both = ["aes-128-gcm", "aes-192-gcm", "aes-256-gcm"];
  return [...keys, ...keys.map((key) => key.toLowerCase()), ...aeads.map(({ key }) => key), ...both];
}
Object.defineProperty(getCiphers, "name", { value: "bound getCiphers" });

export function getCipherInfo(nameOrId: any, ...rest: any[]): CipherInfo | undefined {
  const options = rest[0] === undefined ? {} : rest[0];
  if (typeof nameOrId !== "string" && typeof nameOrId !== "number") throw invalidArgType("nameOrId", ["string", "number"], nameOrId);
  checkObject(options, "options");
  const found = findCipher(nameOrId);
  if (found === undefined || found.once) return found?.info;
  const { info } = found;
  const { keyLength = info.keyLength, ivLength = info.ivLength } = options as any;
  if (keyLength !== info.keyLength && !(found.name === "rc4" && keyLength > 0)) return undefined;
  if (ivLength !== info.ivLength && !(info.mode === "gcm" && ivLength > 0)) return undefined;
  return { ...info, keyLength, ivLength };
}
