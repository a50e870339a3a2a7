// navigator: what the runtime says of itself.

import { illegalConstructor } from "./brand";
import { defineOwnGlobal, expose } from "./frame";

const making = Symbol("making");

class Navigator {
  declare readonly userAgent: string;

  constructor(key?: unknown) {
    if (key !== making) throw illegalConstructor();
    const about = {
      userAgent: "Cloudflare-Workers",
      hardwareConcurrency: 1,
      language: "en",
      languages: ["en"],
      platform: "Linux x86_64",
    };
    for (const [name, value] of Object.entries(about)) Object.defineProperty(this, name, { value, enumerable: true });
  }

  sendBeacon(url: string, data?: unknown): boolean {
    void (globalThis as any).fetch(url, { method: "POST", body: data });
    return true;
  }
}

expose("Navigator", Navigator);
defineOwnGlobal("navigator", new Navigator(making));
