// node:diagnostics_channel.

import { invalidArgType } from "./errors";
import { checkFunction } from "./validate";

type Listener = (message: unknown, name: string | symbol) => void;

export class Channel {
  readonly name: string | symbol;
  _subscribers: Listener[] | undefined;
  #stores = new Map<any, ((data: any) => any) | undefined>();

  constructor(name: string | symbol) {
    this.name = name;
    this._subscribers = undefined;
  }

  get hasSubscribers(): boolean {
    return (this._subscribers?.length ?? 0) + this.#stores.size > 0;
  }
  subscribe(listener: Listener): void {
    checkFunction(listener, "subscription");
    this._subscribers = [...(this._subscribers ?? []), listener];
  }
  unsubscribe(listener: Listener): boolean {
    const at = this._subscribers?.indexOf(listener) ?? -1;
    if (at < 0) return false;
    this._subscribers = this._subscribers!.toSpliced(at, 1);
    return true;
  }
  bindStore(store: any, transform?: (data: any) => any): void {
    this.#stores.set(store, transform);
  }
  unbindStore(store: any): boolean {
    return this.#stores.delete(store);
  }
  publish(data: unknown): void {
    for (const listener of this._subscribers ?? []) {
      try {
        listener(data, this.name);
      } catch (error) {
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }
  runStores(data: any, fn: (...args: any[]) => any, self?: unknown, ...args: any[]): any {
    let run = () => {
      this.publish(data);
      return Reflect.apply(fn, self, args);
    };
    for (const [store, transform] of this.#stores) {
      const inner = run;
      run = () => store.run(transform ? transform(data) : data, inner);
    }
    return run();
  }
}

const channels = new Map<string | symbol, Channel>();

function channel(name: any): Channel {
  let found = channels.get(name);
  if (found !== undefined) return found;
  if (typeof name !== "string" && typeof name !== "symbol") throw invalidArgType("channel", ["string", "symbol"], name);
  found = new Channel(name);
  channels.set(name, found);
  return found;
}

const events = ["start", "end", "asyncStart", "asyncEnd", "error"] as const;
type Event = (typeof events)[number];

export class TracingChannel {
  declare start: Channel;
  declare end: Channel;
  declare asyncStart: Channel;
  declare asyncEnd: Channel;
  declare error: Channel;

  constructor(named: any) {
    for (const event of events) {
      const value = typeof named === "string" ? channel(`tracing:${named}:${event}`) : named?.[event];
      if (!(value instanceof Channel)) throw invalidArgType(`nameOrChannels.${event}`, ["Channel"], value);
      Object.defineProperty(this, event, { value });
    }
  }
  get hasSubscribers(): boolean {
    return events.some((event) => this[event].hasSubscribers);
  }
  subscribe(listeners: Partial<Record<Event, Listener>>): void {
    for (const event of events) if (listeners[event]) this[event].subscribe(listeners[event]);
  }
  unsubscribe(listeners: Partial<Record<Event, Listener>>): boolean {
    let all = true;
    for (const event of events) if (listeners[event] && !this[event].unsubscribe(listeners[event])) all = false;
    return all;
  }
  traceSync(fn: (...args: any[]) => any, context: any = {}, self?: unknown, ...args: any[]): any {
    if (!this.hasSubscribers) return Reflect.apply(fn, self, args);
    return this.start.runStores(context, () => {
      try {
        return (context.result = Reflect.apply(fn, self, args));
      } catch (error) {
        context.error = error;
        this.error.publish(context);
        throw error;
      } finally {
        this.end.publish(context);
      }
    });
  }
  tracePromise(fn: (...args: any[]) => any, context: any = {}, self?: unknown, ...args: any[]): any {
    if (!this.hasSubscribers) return Reflect.apply(fn, self, args);
    const settled = (key: "result" | "error", value: any) => {
      context[key] = value;
      if (key === "error") this.error.publish(context);
      this.asyncStart.publish(context);
      this.asyncEnd.publish(context);
    };
    return this.start.runStores(context, () => {
      try {
        return Promise.resolve(Reflect.apply(fn, self, args)).then(
          (value) => {
            settled("result", value);
            return value;
          },
          (error) => {
            settled("error", error);
            throw error;
          },
        );
      } catch (error) {
        context.error = error;
        this.error.publish(context);
        throw error;
      } finally {
        this.end.publish(context);
      }
    });
  }
  traceCallback(fn: (...args: any[]) => any, position = -1, context: any = {}, self?: unknown, ...args: any[]): any {
    if (!this.hasSubscribers) return Reflect.apply(fn, self, args);
    const callback = args.at(position);
    checkFunction(callback, "callback");
    const wrapped = (error: any, result: any, ...more: any[]) => {
      if (error) {
        context.error = error;
        this.error.publish(context);
      } else {
        context.result = result;
      }
      this.asyncStart.runStores(context, () => {
        try {
          return callback(error, result, ...more);
        } finally {
          this.asyncEnd.publish(context);
        }
      });
    };
    args.splice(position, 1, wrapped);
    return this.start.runStores(context, () => {
      try {
        return Reflect.apply(fn, self, args);
      } catch (error) {
        context.error = error;
        this.error.publish(context);
        throw error;
      } finally {
        this.end.publish(context);
      }
    });
  }
}

export default {
  hasSubscribers: (name: any) => channels.get(name)?.hasSubscribers ?? false,
  channel,
  subscribe: (name: any, listener: Listener) => channel(name).subscribe(listener),
  unsubscribe: (name: any, listener: Listener) => void channel(name).unsubscribe(listener),
  tracingChannel: (named: any) => new TracingChannel(named),
  Channel,
};
