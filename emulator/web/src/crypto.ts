// Crypto, Web Cryptography API section 10, and the platform's DigestStream.

import { illegalConstructor } from "./brand";
import type { DigestStream } from "./crypto/digest-stream";
import type { SubtleCrypto } from "./crypto/subtle";
import { DOMException } from "./domexception";
import { defineOwnGlobal, expose } from "./frame";
import { host } from "./host";
import { requireHandler } from "./scope";

// require is the bundler's: the module runs when it is first asked for.
declare const require: (path: string) => any;

const making = Symbol("making");

type IntegerView =
  | Int8Array | Uint8Array | Uint8ClampedArray | Int16Array | Uint16Array | Int32Array | Uint32Array
  | BigInt64Array | BigUint64Array;

function isIntegerView(view: unknown): view is IntegerView {
  return ArrayBuffer.isView(view) && !(view instanceof DataView) && !/^Float/.test(tagOf.call(view));
}

// The tag of a typed array cannot be claimed by another object.
const tagOf = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Uint8Array.prototype), Symbol.toStringTag)!.get!;

const mostRandomBytes = 65536;

export class Crypto {
  constructor(key?: unknown) {
    if (key !== making) throw illegalConstructor();
  }

  get subtle(): SubtleCrypto { return require("./crypto/subtle").subtle; }
  get DigestStream(): typeof DigestStream { return require("./crypto/digest-stream").DigestStream; }

  getRandomValues<T extends IntegerView>(view: T): T {
    if (!ArrayBuffer.isView(view)) {
      throw new TypeError("Failed to execute 'getRandomValues' on 'Crypto': parameter 1 is not of type 'ArrayBufferView'.");
    }
    if (!isIntegerView(view)) {
      throw new DOMException("ArrayBufferView argument to getRandomValues() must be an integer-typed view.", "TypeMismatchError");
    }
    if (view.byteLength > mostRandomBytes) {
      throw new DOMException(
        `getRandomValues() only accepts buffers of size <= 64K but provided ${view.byteLength} bytes.`, "QuotaExceededError",
      );
    }
    requireHandler();
    host.randomFill(view);
    return view;
  }

  randomUUID(): string {
    requireHandler();
    return host.randomUUID();
  }
}

expose("Crypto", Crypto);
defineOwnGlobal("crypto", new Crypto(making));
