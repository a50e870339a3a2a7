// The functions that Go supplies. Each concern declares its own part in
// host/<concern>.ts; only plain data crosses (numbers, strings, bytes, arrays
// of strings), so every validation happens on this side.

import type { ConsoleHost } from "./host/console";
import type { CryptoHost } from "./host/crypto";
import type { EncodingHost } from "./host/encoding";
import type { TimerHost } from "./host/timers";
import type { CloneHost } from "./host/clone";
import type { UrlHost } from "./host/url";

export interface Host
  extends ConsoleHost,
    CryptoHost,
    EncodingHost,
    TimerHost,
    CloneHost,
    UrlHost {}

declare const __host: unknown;

// Other concerns that have a part of their own import this with their type:
// `hostOf<BodyHost>()`.
export const hostOf = <T>(): T => __host as T;

export const host: Host = hostOf<Host>();
