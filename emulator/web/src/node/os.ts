// node:os: a machine about which nothing can be learned.

import { errorNumbers, priorities, signalNumbers } from "./constants";
import { invalidArgType } from "./errors";
import { checkInteger, checkNumber } from "./validate";

export default {
  EOL: "\n",
  devNull: "/dev/null",
  constants: {
    UV_UDP_REUSEADDR: 4,
    dlopen: { RTLD_LAZY: 1, RTLD_NOW: 2, RTLD_GLOBAL: 256, RTLD_LOCAL: 0, RTLD_DEEPBIND: 8 },
    errno: errorNumbers,
    signals: signalNumbers,
    priority: priorities,
  },
  availableParallelism: () => 1,
  arch: () => "x64",
  cpus: () => [],
  endianness: () => "LE",
  freemem: () => 0,
  getPriority(pid: unknown = 0): number {
    checkInteger(pid, "pid");
    return 0;
  },
  homedir: () => "/tmp/",
  hostname: () => "localhost",
  loadavg: () => [0, 0, 0],
  machine: () => "x86_64",
  networkInterfaces: () => ({}),
  platform: () => "linux",
  release: () => "",
  setPriority(pid: unknown, priority: unknown): void {
    if (priority === undefined && arguments.length < 2) [pid, priority] = [0, pid];
    checkNumber(pid, "pid");
    checkNumber(priority, "priority");
  },
  tmpdir: () => "/tmp/",
  totalmem: () => 0,
  type: () => "Linux",
  uptime: () => 0,
  userInfo(options?: unknown): object {
    if (options !== undefined && (typeof options !== "object" || options === null)) throw invalidArgType("options", "object", options);
    return { uid: 1000, gid: 1000, username: "worker", homedir: "/tmp", shell: "/bin/sh" };
  },
  version: () => "",
};
