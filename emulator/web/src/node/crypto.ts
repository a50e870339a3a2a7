// node:crypto: digests and randoms. The rest is loaded when it is first asked
// for: see crypto_keys.ts.

import { later } from "../later";
import { Hash, Hmac, createHash, createHmac, getHashes, hash } from "./hash";
import { randomBytes, randomFill, randomFillSync, randomInt, randomUUID, timingSafeEqual } from "./random";
import { notImplemented } from "./unimplemented";

const web: any = (globalThis as any).crypto;

const rest = (): any => later("node/crypto_keys");

/** Functions of the rest, by their names and how many arguments they take. */
function forwarding(names: string): Record<string, any> {
  return Object.fromEntries(names.split(" ").map((entry) => {
    const [name, length] = entry.split(":") as [string, string];
    const made = { [name](...args: unknown[]): unknown { return rest()[name](...args); } }[name]!;
    return [name, Object.defineProperty(made, "length", { value: Number(length) })];
  }));
}

/** Classes of the rest. Whoever looks at more than a name gets the class itself. */
function classes(names: string): Record<string, any> {
  return Object.fromEntries(names.split(" ").map((entry) => {
    const [name, length] = entry.split(":") as [string, string];
    return [name, lazyClass(name, Number(length))];
  }));
}

function lazyClass(name: string, length: number): any {
  let Class: any;
  const shell: any = function () {};
  const load = () => {
    if (Class !== undefined) return;
    Class = rest()[name];
    shell.prototype = Class.prototype;
    Object.setPrototypeOf(shell, Object.getPrototypeOf(Class));
    for (const key of Reflect.ownKeys(Class)) {
      if (!Object.hasOwn(shell, key)) Object.defineProperty(shell, key, Object.getOwnPropertyDescriptor(Class, key)!);
    }
    Object.defineProperty(Class.prototype, "constructor", { value: lazy, writable: true, configurable: true });
  };
  const lazy: any = new Proxy(shell, {
    get(_, key) {
      if (key !== "name" && key !== "length") load();
      return Reflect.get(shell, key);
    },
    apply(_, self, args) {
      load();
      return Reflect.apply(Class, self, args);
    },
    construct(_, args, target) {
      load();
      return Reflect.construct(Class, args, target === lazy ? Class : target);
    },
    ownKeys() {
      load();
      return Reflect.ownKeys(shell);
    },
    getPrototypeOf() {
      load();
      return Reflect.getPrototypeOf(shell);
    },
  });
  Object.defineProperties(shell, { name: { value: name, configurable: true }, length: { value: length, configurable: true } });
  return lazy;
}

/** The constants, which are made when one is looked at. */
function lazyConstants(): object {
  const made = Object.create(null);
  const load = () => {
    if (Reflect.ownKeys(made).length === 0) Object.defineProperties(made, Object.getOwnPropertyDescriptors(rest().cryptoConstants()));
    return made;
  };
  return new Proxy(made, {
    get: (_, key) => Reflect.get(load(), key),
    has: (_, key) => Reflect.has(load(), key),
    ownKeys: () => Reflect.ownKeys(load()),
    getOwnPropertyDescriptor: (_, key) => Reflect.getOwnPropertyDescriptor(load(), key),
  });
}

/** Functions that only throw; arrow functions cannot be made instances of. */
const only = (name: string): any => ({ [name]: () => {
  throw notImplemented(name);
} })[name];

function bound(target: any, name: string): any {
  return Object.defineProperty(target[name].bind(target), "name", { value: `bound ${name}` });
}

function secureHeapUsed(): object {
  return { total: 0, used: 0, utilization: 0, min: 0 };
}

function getFips(): boolean {
  return true;
}

const setFips = function setFips(_: boolean): never {
  throw notImplemented("setFips");
};
const setEngine = function setEngine(_engine: string, _flags?: number): never {
  throw notImplemented("setEngine");
};

const getCurves = (): string[] => ["secp224r1", "prime256v1", "secp384r1", "secp521r1"];

const keys: any = {
  ...classes(
    "DiffieHellman:4 DiffieHellmanGroup:1 ECDH:1 KeyObject:0 PublicKeyObject:0 PrivateKeyObject:0 SecretKeyObject:0 Certificate:0 " +
      "X509Certificate:1 Sign:2 Verify:2 Cipheriv:3 Decipheriv:3",
  ),
  ...forwarding(
    "createDiffieHellman:4 createDiffieHellmanGroup:1 getDiffieHellman:1 diffieHellman:1 createECDH:1 generateKey:3 generateKeyPair:3 " +
      "generateKeyPairSync:1 generateKeySync:2 createPrivateKey:1 createPublicKey:1 createSecretKey:2 generatePrime:3 generatePrimeSync:1 " +
      "checkPrime:3 checkPrimeSync:1 getCiphers:0 createSign:2 createVerify:2 sign:4 verify:5 createCipheriv:3 createDecipheriv:3 " +
      "publicDecrypt:2 publicEncrypt:2 privateDecrypt:2 privateEncrypt:2 getCipherInfo:1 " +
      "hkdf:6 hkdfSync:5 pbkdf2:6 pbkdf2Sync:5 scrypt:4 scryptSync:4",
  ),
};
Object.defineProperty(keys.generateKeyPair, Symbol.for("nodejs.util.promisify.custom.args"), { value: ["publicKey", "privateKey"] });
Object.defineProperty(keys.getCiphers, "name", { value: "bound getCiphers" });

const values: any = {
  ...keys, constants: lazyConstants(), getRandomValues: bound(web, "getRandomValues"), pseudoRandomBytes: randomBytes, randomBytes,
  randomFillSync, randomFill, randomInt, randomUUID, Hash, Hmac, createHash, createHmac, getHashes, hash, getCurves, secureHeapUsed, setEngine, timingSafeEqual, getFips, setFips, subtle: web.subtle, webcrypto: web,
  CryptoKey: (globalThis as any).CryptoKey, createCipher: only("createCipher"), createDecipher: only("createDecipher"),
  Cipher: only("Cipher"), Decipher: only("Decipher"),
};

const order =
  "constants DiffieHellman DiffieHellmanGroup createDiffieHellman createDiffieHellmanGroup getDiffieHellman diffieHellman ECDH createECDH " +
  "KeyObject PublicKeyObject PrivateKeyObject SecretKeyObject generateKey generateKeyPair generateKeyPairSync generateKeySync createPrivateKey " +
  "createPublicKey createSecretKey getRandomValues pseudoRandomBytes randomBytes randomFillSync randomFill randomInt randomUUID generatePrime " +
  "generatePrimeSync checkPrime checkPrimeSync Hash Hmac createHash createHmac getHashes hash hkdf hkdfSync pbkdf2 pbkdf2Sync scrypt scryptSync " +
  "getCiphers getCurves secureHeapUsed setEngine timingSafeEqual getFips setFips fips subtle webcrypto Certificate X509Certificate createSign " +
  "createVerify sign verify Sign Verify Cipheriv Decipheriv createCipheriv createDecipheriv publicDecrypt publicEncrypt privateDecrypt " +
  "privateEncrypt getCipherInfo CryptoKey createCipher createDecipher Cipher Decipher";

const value: any = {};
for (const name of order.split(" ")) {
  if (name !== "fips") value[name] = values[name];
  else Object.defineProperty(value, name, { get: getFips, set: setFips, enumerable: true, configurable: true });
}

export default value;
