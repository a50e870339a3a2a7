// The components of a URL as patterns see them: their order, how a pattern's
// text is brought into the form of a URL's, and how it is told apart.

import { URL } from "../url";
import type { Options } from "./parts";

export const components = [
  "protocol", "username", "password", "hostname", "port", "pathname", "search", "hash",
] as const;
export type Component = (typeof components)[number];

export type Init = Partial<Record<Component, string>> & { baseURL?: string };

// Schemes whose URLs have a host and a path of segments, with their ports.
export const specialPorts: Record<string, string> = { http: "80", https: "443", ws: "80", wss: "443", ftp: "21", file: "" };

const plain = { delimiter: "", prefix: "" };

// optionsFor tells how a component is taken apart.
export function optionsFor(component: Component, opaquePath: boolean, ignoreCase: boolean): Options {
  if (component === "hostname") return { delimiter: ".", prefix: "", ignoreCase: false };
  if (component === "pathname") {
    return opaquePath ? { ...plain, ignoreCase } : { delimiter: "/", prefix: "/", ignoreCase };
  }
  return { ...plain, ignoreCase: ignoreCase && (component === "search" || component === "hash") };
}

// canonicalize gives a component's text as a URL would have it, and throws for
// one that no URL can have.
export function canonicalize(component: Component, value: string, protocol?: string): string {
  if (value === "") return value;
  if (component === "protocol") return new URL(`${value.replace(/:$/, "")}://dummy.test`).protocol.slice(0, -1);
  if (component === "hostname" && value.startsWith("[")) return ipv6(value);
  if (component === "pathname") return pathname(value, protocol);
  const url = new URL(component === "port" && protocol ? `${protocol}://dummy.test` : "http://dummy.test");
  if (component === "port") return port(url, value);
  url[component] = value;
  if (component === "hostname" && url.hostname === "dummy.test" && value !== "dummy.test") throw invalid(component, value);
  return component === "search" || component === "hash" ? url[component].slice(1) : url[component];
}

function invalid(component: Component, value: string): TypeError {
  return new TypeError(`Invalid ${component} "${value}" of a URL pattern.`);
}

function ipv6(value: string): string {
  if (!/^[[\]:0-9a-fA-F]*$/.test(value)) throw invalid("hostname", value);
  return value.toLowerCase();
}

function port(url: URL, value: string): string {
  if (!/^[0-9]+$/.test(value) || Number(value) > 65535) throw invalid("port", value);
  url.port = value;
  return url.port;
}

function pathname(value: string, protocol?: string): string {
  if (protocol !== undefined && protocol !== "" && !(protocol in specialPorts)) {
    return new URL(`${protocol}:${value}`).pathname;
  }
  // A path need not begin with a slash here; "/-" stands in for its beginning.
  const bare = !value.startsWith("/");
  const url = new URL("http://dummy.test");
  url.pathname = bare ? `/-${value}` : value;
  return bare ? url.pathname.slice(2) : url.pathname;
}
