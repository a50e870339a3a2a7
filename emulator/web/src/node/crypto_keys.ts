// The part of node:crypto that few use: keys, signatures, ciphers, agreements
// and certificates. It is loaded when something in it is first asked for.

export { Cipheriv, Decipheriv, createCipheriv, createDecipheriv } from "./cipher";
export { getCipherInfo, getCiphers } from "./cipher_list";
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
