// High Resolution Time and User Timing. The clock counts from 1970 and only
// in whole milliseconds, as the platform's does locally.

import { illegalConstructor } from "./brand";
import { now } from "./clock";
import { defineOwnGlobal, expose } from "./frame";
import { EventTarget } from "./events";

const making = Symbol("making");

interface EntryInit {
  name: string;
  entryType: string;
  startTime: number;
  duration: number;
  detail?: unknown;
}

class PerformanceEntry {
  #init: EntryInit;
  constructor(key: unknown, init: EntryInit) {
    if (key !== making) throw illegalConstructor();
    this.#init = init;
  }
  get name(): string { return this.#init.name; }
  get entryType(): string { return this.#init.entryType; }
  get startTime(): number { return this.#init.startTime; }
  get duration(): number { return this.#init.duration; }
  get detail(): unknown { return this.#init.detail ?? null; }
  toJSON(): EntryInit {
    const { name, entryType, startTime, duration, detail } = this;
    return { name, entryType, startTime, duration, detail };
  }
}

interface MarkOptions {
  startTime?: number;
  detail?: unknown;
}

class PerformanceMark extends PerformanceEntry {
  constructor(name: string, options?: MarkOptions) {
    super(making, {
      name: `${name}`, entryType: "mark", startTime: options?.startTime ?? now(), duration: 0, detail: options?.detail,
    });
  }
}

class PerformanceMeasure extends PerformanceEntry {}
class PerformanceResourceTiming extends PerformanceEntry {}

class PerformanceObserverEntryList {
  constructor() { throw illegalConstructor(); }
  getEntries(): PerformanceEntry[] { return []; }
  getEntriesByType(_type: string): PerformanceEntry[] { return []; }
  getEntriesByName(_name: string, _type?: string): PerformanceEntry[] { return []; }
}

class PerformanceObserver {
  static get supportedEntryTypes(): string[] { return []; }
  constructor(_callback: unknown) {}
  observe(_options?: unknown): void {}
  disconnect(): void {}
  takeRecords(): PerformanceEntry[] { return []; }
}

interface MeasureOptions {
  start?: string | number;
  end?: string | number;
  duration?: number;
  detail?: unknown;
}

class Performance extends EventTarget {
  #entries: PerformanceEntry[] = [];

  constructor(key?: unknown) {
    if (key !== making) throw illegalConstructor();
    super();
  }

  get timeOrigin(): number { return 0; }
  get eventCounts(): Map<string, number> { return new Map(); }
  get nodeTiming(): object { return {}; }
  now(): number { return now(); }

  mark(name: string, options?: MarkOptions): PerformanceMark {
    const mark = new PerformanceMark(name, options);
    this.#entries.push(mark);
    return mark;
  }

  measure(name: string, from?: string | MeasureOptions, until?: string): PerformanceMeasure {
    const options = typeof from === "object" && from !== null ? from : { start: from, end: until };
    const end = this.#time(options.end) ?? now();
    const startTime = this.#time(options.start) ?? (options.duration !== undefined ? end - options.duration : 0);
    const duration = options.duration ?? end - startTime;
    const measure = new PerformanceMeasure(making, {
      name: `${name}`, entryType: "measure", startTime, duration, detail: (options as MeasureOptions).detail,
    });
    this.#entries.push(measure);
    return measure;
  }

  #time(mark: string | number | undefined): number | undefined {
    if (mark === undefined || typeof mark === "number") return mark;
    const found = this.#entries.findLast((e) => e.entryType === "mark" && e.name === mark);
    if (!found) throw new SyntaxError(`The mark '${mark}' does not exist.`);
    return found.startTime;
  }

  #clear(type: string, name?: string): void {
    this.#entries = this.#entries.filter((e) => e.entryType !== type || (name !== undefined && e.name !== name));
  }

  clearMarks(name?: string): void { this.#clear("mark", name); }
  clearMeasures(name?: string): void { this.#clear("measure", name); }
  clearResourceTimings(): void { this.#clear("resource"); }
  getEntries(): PerformanceEntry[] { return [...this.#entries]; }
  getEntriesByName(name: string, type?: string): PerformanceEntry[] {
    return this.#entries.filter((e) => e.name === name && (type === undefined || e.entryType === type));
  }
  getEntriesByType(type: string): PerformanceEntry[] { return this.#entries.filter((e) => e.entryType === type); }
  setResourceTimingBufferSize(_size: number): void {}
  markResourceTiming(): void {}
  eventLoopUtilization(): object { return { idle: 0, active: 0, utilization: 0 }; }
  timerify<F>(fn: F): F { return fn; }
  toJSON(): object { return { timeOrigin: this.timeOrigin }; }
}

const classes = {
  Performance, PerformanceEntry, PerformanceMark, PerformanceMeasure, PerformanceResourceTiming,
  PerformanceObserver, PerformanceObserverEntryList,
};
for (const [name, constructor] of Object.entries(classes)) expose(name, constructor);
defineOwnGlobal("performance", new Performance(making));
