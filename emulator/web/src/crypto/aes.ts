// The AES family, Web Cryptography API sections 24 to 27 and RFC 3394.

import { host } from "../host";
import { bytesMember, dataError, notSupported, operationError, required, type Bytes, type Params, type Scheme } from "./algorithm";
import { checkUsages, makeKey, materialOf, type CryptoKey, type Usage } from "./key";
import { exportSecret, importSecret } from "./secret";

const cipherUsages: Usage[] = ["encrypt", "decrypt", "wrapKey", "unwrapKey"];
const none = new Uint8Array(0);

function scheme(name: string, allowed: Usage[], extra: Partial<Scheme>): Scheme {
  const make = (material: ArrayBuffer, extractable: boolean, usages: string[], operation: string): CryptoKey =>
    makeKey({
      type: "secret", material, extractable,
      algorithm: { name, length: material.byteLength * 8 },
      usages: checkUsages(operation, name, usages, allowed),
    });
  const jwkName = (bits: number) => `A${bits}${name.slice("AES-".length)}`;
  return {
    generate(params, extractable, usages) {
      const length = Number(required(params, "length"));
      if (![128, 192, 256].includes(length)) {
        throw operationError(`Generated AES key length must be 128, 192, or 256 bits but requested ${length}.`);
      }
      const material = new Uint8Array(length / 8);
      host.randomFill(material);
      return make(material.buffer, extractable, usages, "generate");
    },
    import(format, data, _params, extractable, usages) {
      checkUsages("import secret", name, usages, allowed);
      const material = importSecret(format, data, { alg: jwkName, use: "enc", usages });
      if (![16, 24, 32].includes(material.byteLength)) {
        throw dataError(
          `Imported AES key length must be 128, 192, or 256 bits but provided ${material.byteLength * 8}.`,
        );
      }
      return make(material, extractable, usages, "import secret");
    },
    export(format, key) {
      if (format === "raw-secret") return exportSecret("raw", key, "");
      if (format !== "raw" && format !== "jwk") {
        throw notSupported(`${name} key only supports exporting "raw", "raw-secret" & "jwk", not "${format}".`);
      }
      return exportSecret(format, key, jwkName(key.algorithm.length!));
    },
    ...extra,
  };
}

type Settings = (params: Params) => { iv: Bytes; extra?: Bytes; bits: number };

function cipher(mode: string, settings: Settings, check?: (data: Bytes, bits: number) => void): Scheme {
  const run = (encrypt: boolean, params: Params, key: CryptoKey, data: Bytes): ArrayBuffer => {
    const { iv, extra = none, bits } = settings(params);
    if (!encrypt) check?.(data, bits);
    const result = host.aes(mode, encrypt, materialOf(key), iv, data, extra, bits);
    if (result === undefined) throw failed(mode, data, bits);
    return result;
  };
  return scheme(`AES-${mode}`, cipherUsages, {
    encrypt: (params, key, data) => run(true, params, key, data),
    decrypt: (params, key, data) => run(false, params, key, data),
  });
}

// failed words it as the platform does, which counts the bytes without a tag.
function failed(mode: string, data: Bytes, tagBits: number): Error {
  const length = data.byteLength - tagBits / 8;
  return operationError(
    "Decryption failed. This could be due to a ciphertext authentication failure, bad padding, incorrect CryptoKey, or " +
      `another algorithm-specific reason. Input length was ${length}, output length expected to be ${mode === "GCM" ? length : 0} for AES-${mode}`,
  );
}

export const aesGCM = cipher(
  "GCM",
  (params) => {
    const iv = bytesMember(params, "iv", "EncryptAlgorithm");
    if (iv.byteLength === 0) throw operationError("AES-GCM IV must not be empty.");
    const bits = params.tagLength ?? 128;
    if (![32, 64, 96, 104, 112, 120, 128].includes(bits)) throw operationError(`Invalid AES-GCM tag length ${bits}.`);
    return { iv, extra: params.additionalData, bits };
  },
  (data, bits) => {
    if (data.byteLength >= bits / 8) return;
    throw operationError(
      `Ciphertext length of ${data.byteLength * 8} bits must be greater than or equal to the size of the AES-GCM tag length of ${bits} bits.`,
    );
  },
);

export const aesCBC = cipher("CBC", (params) => {
  const iv = bytesMember(params, "iv", "EncryptAlgorithm");
  if (iv.byteLength !== 16) throw operationError(`AES-CBC IV must be 16 bytes long (provided ${iv.byteLength} bytes).`);
  return { iv, bits: 0 };
});

export const aesCTR = cipher("CTR", (params) => {
  const { counter, length } = params;
  if (counter === undefined) throw new TypeError('Missing "counter" member in "algorithm".');
  if (counter.byteLength !== 16) throw operationError(`Counter must have length of 16 bytes (provided ${counter.byteLength}).`);
  if (length === undefined) throw new TypeError('Missing "length" member in "algorithm".');
  if (!(length > 0 && length <= 128)) throw operationError(`Invalid counter of ${length} bits length provided.`);
  return { iv: counter, bits: length };
});

export const aesKW = scheme("AES-KW", ["wrapKey", "unwrapKey"], {
  wrap(key, data) {
    const wrapped = data.byteLength % 8 === 0 ? host.aesWrap(true, materialOf(key), data) : undefined;
    if (wrapped === undefined) {
      throw operationError(
        `Unwrapped key bit length must be a multiple of 64 bits but unwrapped key has a length of ${data.byteLength * 8} bits.`,
      );
    }
    return wrapped;
  },
  unwrap(key, data) {
    if (data.byteLength % 8 !== 0) {
      throw operationError(`Provided a wrapped key to unwrap that is ${data.byteLength * 8} bits which isn't a multiple of 64 bits.`);
    }
    const unwrapped = host.aesWrap(false, materialOf(key), data);
    if (unwrapped === undefined) throw operationError("AES-KW key unwrapping failed.");
    return unwrapped;
  },
});
