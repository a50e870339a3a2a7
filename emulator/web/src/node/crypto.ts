// node:crypto: digests, randoms and derived keys. What else the platform has
// there is exported too, and throws an error that names it.

import { Hash, Hmac, createHash, createHmac, getHashes, hash } from "./hash";
import { hkdf, hkdfSync, pbkdf2, pbkdf2Sync, scrypt, scryptSync } from "./derive";
import { notEmulated } from "./errors";
import {
  pseudoRandomBytes, randomBytes, randomFill, randomFillSync, randomInt, randomUUID, timingSafeEqual,
} from "./random";

const web: any = (globalThis as any).crypto;

const exports: any = {
  Hash, Hmac, createHash, createHmac, getHashes, hash,
  hkdf, hkdfSync, pbkdf2, pbkdf2Sync, scrypt, scryptSync,
  pseudoRandomBytes, randomBytes, randomFill, randomFillSync, randomInt, randomUUID, timingSafeEqual,
  webcrypto: web,
  subtle: web?.subtle,
  CryptoKey: (globalThis as any).CryptoKey,
  getRandomValues: (view: unknown) => web.getRandomValues(view),
  fips: true,
  getFips: () => true,
  secureHeapUsed: () => ({ total: 0, used: 0, utilization: 0, min: 0 }),
  getCurves: () => ["secp224r1", "prime256v1", "secp384r1", "secp521r1"],
  getCiphers: () => [],
  constants: Object.create(null),
};

const lacking = [
  "Certificate", "Cipher", "Cipheriv", "Decipher", "Decipheriv", "DiffieHellman", "DiffieHellmanGroup", "ECDH",
  "KeyObject", "PrivateKeyObject", "PublicKeyObject", "SecretKeyObject", "Sign", "Verify", "X509Certificate",
  "checkPrime", "checkPrimeSync", "createCipher", "createCipheriv", "createDecipher", "createDecipheriv",
  "createDiffieHellman", "createDiffieHellmanGroup", "createECDH", "createPrivateKey", "createPublicKey",
  "createSecretKey", "createSign", "createVerify", "diffieHellman", "generateKey", "generateKeyPair",
  "generateKeyPairSync", "generateKeySync", "generatePrime", "generatePrimeSync", "getCipherInfo",
  "getDiffieHellman", "privateDecrypt", "privateEncrypt", "publicDecrypt", "publicEncrypt", "setEngine", "setFips",
  "sign", "verify",
];

for (const name of lacking) {
  exports[name] = { [name]: function () { throw notEmulated(`node:crypto ${name}`); } }[name];
}

export default exports;
