// The part of node:crypto that fewer use: keys, signatures, ciphers, agreements,
// certificates, and what is derived of passwords. It is loaded when something in it is first asked for.

export { Cipheriv, Decipheriv, createCipheriv, createDecipheriv } from "./cipher";
export { getCipherInfo, getCiphers } from "./cipher_list";
export { cryptoConstants } from "./crypto_constants";
export { hkdf, hkdfSync, pbkdf2, pbkdf2Sync, scrypt, scryptSync } from "./derive";
export {
  DiffieHellman, DiffieHellmanGroup, createDiffieHellman, createDiffieHellmanGroup, diffieHellman, getDiffieHellman,
} from "./diffie_hellman";
export { ECDH, createECDH } from "./ecdh";
export { KeyObject, PrivateKeyObject, PublicKeyObject, SecretKeyObject, createSecretKey } from "./key";
export { generateKey, generateKeyPair, generateKeyPairSync, generateKeySync } from "./key_generate";
export { createPrivateKey, createPublicKey } from "./key_import";
export { checkPrime, checkPrimeSync, generatePrime, generatePrimeSync } from "./prime";
export { privateDecrypt, privateEncrypt, publicDecrypt, publicEncrypt } from "./rsa";
export { Sign, Verify, createSign, createVerify, sign, verify } from "./sign";
export { Certificate } from "./spkac";
export { X509Certificate } from "./x509";
