// node:dns. The host asks, within what --offline allows.

import { codedError, invalidArgType } from "./errors";
import { nodeHost } from "./host";
import { isIP } from "./net";
import { wait } from "../ops";
import { notImplemented } from "./unimplemented";
import { checkFunction, checkString } from "./validate";

const errorNames =
  "ADDRGETNETWORKPARAMS BADFAMILY BADFLAGS BADHINTS BADNAME BADQUERY BADRESP BADSTR CANCELLED CONNREFUSED DESTRUCTION FILE FORMERR LOADIPHLPAPI NODATA NOMEM NONAME NOTFOUND NOTIMP NOTINITIALIZED REFUSED SERVFAIL TIMEOUT";
const constants: Record<string, string | number> = {
  ...Object.fromEntries(errorNames.split(" ").map((name) => [name, `E${name}`])), EOF: "EOF", ADDRCONFIG: 1024, ALL: 256, V4MAPPED: 2048,
};

function failure(code: string, kind: string, name: string): any {
  const syscall = `query${kind[0]!.toUpperCase()}${kind.slice(1).toLowerCase()}`;
  return Object.assign(codedError(Error, code, `${syscall} ${code} ${name}`), { syscall, hostname: name });
}

async function ask(kind: string, name: any): Promise<any> {
  checkString(name, "name");
  const found = JSON.parse(await wait<string>(nodeHost.nodeDns(kind, name)));
  if (found.code !== undefined) throw failure(found.code, kind, name);
  return found.records;
}

const withTTL = (records: string[], options: any) => (options?.ttl ? records.map((address) => ({ address, ttl: 0 })) : records);

async function lookupAll(name: any, options: any): Promise<{ address: string; family: number }[]> {
  const family = Number(options.family ?? 0);
  const literal = isIP(name);
  if (literal !== 0) return [{ address: name, family: literal }];
  const addresses: string[] = await ask("A", name);
  const found = addresses.map((address) => ({ address, family: isIP(address) })).filter((one) => family === 0 || one.family === family);
  if (found.length === 0) throw failure("ENOTFOUND", "A", name);
  return found;
}

const optionsOf = (options: any) => (typeof options === "number" ? { family: options } : options ?? {});

async function lookup(name: any, options?: any): Promise<any> {
  if (typeof name !== "string" && name !== null && name !== undefined) throw invalidArgType("hostname", "string", name);
  const given = optionsOf(options);
  const all = await lookupAll(name, given);
  return given.all ? all : all[0];
}

const asked: Record<string, (name: string, options?: any) => Promise<any>> = {
  resolve4: async (name, options) => withTTL((await ask("A", name)).filter((address: string) => isIP(address) === 4), options),
  resolve6: async (name, options) => withTTL((await ask("AAAA", name)).filter((address: string) => isIP(address) === 6), options),
  resolveCname: (name) => ask("CNAME", name),
  resolveMx: (name) => ask("MX", name),
  resolveNs: (name) => ask("NS", name),
  resolveSrv: (name) => ask("SRV", name),
  resolveTxt: (name) => ask("TXT", name),
  resolvePtr: (name) => ask("PTR", name),
  reverse: (name) => ask("PTR", name),
};
const unasked = ["resolveAny", "resolveCaa", "resolveNaptr", "resolveSoa"];
for (const name of unasked) {
  asked[name] = async () => {
    throw notImplemented(`dns.${name}`);
  };
}

async function resolve(name: string, kind: any = "A"): Promise<any> {
  if (kind === "A" || kind === "AAAA") return asked[kind === "A" ? "resolve4" : "resolve6"]!(name);
  const method = asked[`resolve${String(kind)[0]}${String(kind).slice(1).toLowerCase()}`];
  if (method === undefined) throw codedError(TypeError, "ERR_INVALID_ARG_VALUE", `The argument 'rrtype' is invalid. Received '${kind}'`);
  return method(name);
}

const servers = ["1.1.1.1", "2606:4700:4700::1111", "1.0.0.1", "2606:4700:4700::1001"];
const shared = {
  getServers: () => [...servers],
  setServers: () => {
    throw new Error("Not implemented");
  },
  setDefaultResultOrder: () => {
    throw new Error("Not implemented");
  },
  getDefaultResultOrder: () => "verbatim",
};

/** A function with a callback of one that promises. */
function calling(promised: (...args: any[]) => Promise<any>, spread?: (value: any, args: any[]) => any[]) {
  return (...args: any[]) => {
    const callback = args.pop();
    checkFunction(callback, "callback");
    promised(...args).then((value) => callback(null, ...(spread ? spread(value, args) : [value])), (error) => callback(error));
  };
}

class PromiseResolver {
  cancel(): void {}
  setLocalAddress(): void {}
}
Object.defineProperty(PromiseResolver, "name", { value: "Resolver" });
class Resolver {
  cancel(): void {}
  setLocalAddress(): void {}
}
const called = Object.fromEntries(Object.entries({ ...asked, resolve }).map(([name, method]) => [name, calling(method as never)]));
Object.assign(PromiseResolver.prototype, asked, { resolve }, shared);
Object.assign(Resolver.prototype, called, shared);

async function lookupService(): Promise<never> {
  throw new Error("Not implemented");
}

export const promises = { ...shared, lookup, lookupService, resolve, ...asked, Resolver: PromiseResolver, ...constants };

export default {
  ...shared,
  lookup: calling(lookup, (value, [, options]) => (optionsOf(options).all ? [value] : [value.address, value.family])),
  lookupService: calling(lookupService),
  ...called, Resolver, promises, ...constants,
};
