// What connect() takes: an address and options, and the words for wrong ones.

import { URL } from "./url";

export type SecureTransport = "off" | "on" | "starttls";

export interface SocketAddress {
  hostname: string;
  port: number;
}

export interface SocketOptions {
  secureTransport?: string;
  allowHalfOpen?: boolean;
  highWaterMark?: number | bigint;
}

const supported = /^[-A-Za-z0-9._:[\]]{1,260}$/;

/** The address in one piece, and its host alone. */
export function checkAddress(address: unknown): { hostname: string; text: string } {
  if (address === undefined || address === null) {
    throw new TypeError("Cannot initialize N7workerd3api13SocketAddressE with required members from an undefined or null value.");
  }
  const text = typeof address === "object" ? joined(address as SocketAddress) : String(address);
  const url = URL.parse(`fake://${text}`);
  if (url === null) throw new TypeError("Specified address could not be parsed.");
  if (url.hostname === "") throw new TypeError("Specified address is missing hostname.");
  if (url.port === "") throw new TypeError("Specified address is missing port.");
  if (!supported.test(text)) throw new TypeError("Specified address is empty string, contains unsupported characters or is too long.");
  return { hostname: url.hostname.replace(/^\[|\]$/g, ""), text };
}

function joined({ hostname, port }: SocketAddress): string {
  const number = Math.trunc(Number(port));
  if (!Number.isFinite(number)) throw new TypeError("The value cannot be converted because it is not an integer.");
  if (number < 0) throw new TypeError("The value cannot be converted because it is negative and this API expects a positive number.");
  return `${hostname}:${number}`;
}

export function checkOptions(options: unknown, owner: string): { secureTransport: SecureTransport; allowHalfOpen: boolean } {
  if (options === undefined || options === null) return { secureTransport: "off", allowHalfOpen: false };
  if (typeof options !== "object") throw new TypeError(`Failed to execute 'connect' on '${owner}': parameter 2 is not of type 'SocketOptions'.`);
  const { secureTransport = "off", allowHalfOpen = false, highWaterMark } = options as SocketOptions;
  if (highWaterMark !== undefined && Number.isNaN(Number(highWaterMark))) {
    throw new TypeError("The value cannot be converted because it is not an integer.");
  }
  const wanted = String(secureTransport);
  if (wanted !== "off" && wanted !== "on" && wanted !== "starttls") {
    throw new TypeError(`Unsupported value in secureTransport socket option: ${wanted}`);
  }
  return { secureTransport: wanted, allowHalfOpen: Boolean(allowHalfOpen) };
}
