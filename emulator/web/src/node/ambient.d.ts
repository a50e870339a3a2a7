// The globals that the files of this folder use as a Worker would, so that
// they see what node:async_hooks makes of them.

declare function queueMicrotask(callback: () => void): void;
declare const console: Record<"log" | "warn" | "error", (...args: unknown[]) => void>;
declare const EventTarget: { new (): object; prototype: object };
