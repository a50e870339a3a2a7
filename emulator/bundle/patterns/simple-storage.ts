import type { CriticalSections } from "./critical-sections";

/** How many keys one call may name. */
const MAX_PAIRS = 128;

/** What an object has stored. Values are clones that nobody else holds. */
class Rows {
  values = new Map<string, unknown>();
  alarm: number | null = null;

  copy(): Rows {
    const copy = new Rows();
    copy.restore(this);
    return copy;
  }

  restore(saved: Rows): void {
    this.values = new Map(saved.values);
    this.alarm = saved.alarm;
  }

  get(key: string): unknown {
    return structuredClone(this.values.get(storedKey(key)));
  }

  /** The rows that list() would give, in its order. */
  select(options: SyncKvListOptions = {}): [string, unknown][] {
    checkListOptions(options);
    const { start, startAfter, end, prefix, reverse, limit } = options;
    const chosen = [...this.values.keys()].filter(
      (key) =>
        (start === undefined || compareKeys(key, start) >= 0) &&
        (startAfter === undefined || compareKeys(key, startAfter) > 0) &&
        (end === undefined || compareKeys(key, end) < 0) &&
        (prefix === undefined || key.startsWith(prefix)),
    );
    chosen.sort(reverse ? (a, b) => compareKeys(b, a) : compareKeys);
    return chosen.slice(0, limit).map((key) => [key, this.get(key)]);
  }
}

/** The operations that a storage and a transaction share. */
abstract class Operations {
  protected readonly rows: Rows;

  constructor(rows: Rows) {
    this.rows = rows;
  }

  /** Throws if the operation of that name is not possible any more. */
  protected check(_operation: string): void {}

  /** Throws if the object could not receive an alarm. */
  protected checkAlarmHandler(): void {}

  get<T = unknown>(key: string, options?: DurableObjectGetOptions): Promise<T | undefined>;
  get<T = unknown>(keys: string[], options?: DurableObjectGetOptions): Promise<Map<string, T>>;
  async get(key: string | string[]): Promise<unknown> {
    this.check("get()");
    if (!Array.isArray(key)) return this.rows.get(key);
    checkPairs(key.length);
    const found = [...new Set(key.map(storedKey))].filter((each) => this.rows.values.has(each));
    return new Map(found.sort(compareKeys).map((each) => [each, this.rows.get(each)]));
  }

  put<T>(key: string, value: T, options?: DurableObjectPutOptions): Promise<void>;
  put<T>(entries: Record<string, T>, options?: DurableObjectPutOptions): Promise<void>;
  async put(key: string | Record<string, unknown>, value?: unknown): Promise<void> {
    this.check("put()");
    if (typeof key === "object" && key !== null) return this.#putAll(key);
    if (value === undefined) throw new TypeError("put() called with undefined value.");
    this.rows.values.set(storedKey(key), structuredClone(value));
  }

  #putAll(entries: Record<string, unknown>): void {
    const given = Object.entries(entries).filter(([, value]) => value !== undefined);
    checkPairs(given.length);
    // All are cloned before the first is stored: one that cannot be leaves nothing behind.
    const clones = given.map(([key, value]) => [storedKey(key), structuredClone(value)] as const);
    for (const [key, value] of clones) this.rows.values.set(key, value);
  }

  delete(key: string, options?: DurableObjectPutOptions): Promise<boolean>;
  delete(keys: string[], options?: DurableObjectPutOptions): Promise<number>;
  async delete(key: string | string[]): Promise<any> {
    this.check("delete()");
    if (!Array.isArray(key)) return this.rows.values.delete(storedKey(key));
    checkPairs(key.length);
    return key.filter((each) => this.rows.values.delete(storedKey(each))).length;
  }

  async list<T = unknown>(options?: DurableObjectListOptions): Promise<Map<string, T>> {
    this.check("list()");
    return new Map(this.rows.select(options ?? {})) as Map<string, T>;
  }

  async getAlarm(): Promise<number | null> {
    this.check("getAlarm()");
    return this.rows.alarm;
  }

  async setAlarm(scheduledTime: number | Date): Promise<void> {
    this.check("setAlarm()");
    const time = alarmTime(scheduledTime);
    this.checkAlarmHandler();
    this.rows.alarm = time;
  }

  async deleteAlarm(): Promise<void> {
    this.check("deleteAlarm()");
    this.rows.alarm = null;
  }
}

/** `ctx.storage` in memory. What only a database can do says so when it is used. */
export class SimpleStorage extends Operations implements DurableObjectStorage {
  readonly kv: SyncKvStorage;
  readonly #sections: CriticalSections;
  readonly #hasAlarmHandler: () => boolean;

  constructor(sections: CriticalSections, hasAlarmHandler: () => boolean) {
    super(new Rows());
    this.#sections = sections;
    this.#hasAlarmHandler = hasAlarmHandler;
    this.kv = new SimpleSyncKv(this.rows);
  }

  get sql(): SqlStorage {
    throw new Error("SimpleState has no SQL database. Test code that uses storage.sql in a Workers runtime.");
  }

  protected override checkAlarmHandler(): void {
    if (this.#hasAlarmHandler()) return;
    throw new TypeError("Your Durable Object class must have an alarm() handler in order to call setAlarm()");
  }

  /** Takes the alarm off, as the platform does before it delivers it. */
  takeAlarm(): number | null {
    const time = this.rows.alarm;
    this.rows.alarm = null;
    return time;
  }

  async deleteAll(): Promise<void> {
    this.rows.restore(new Rows());
  }

  transaction<T>(closure: (txn: DurableObjectTransaction) => Promise<T>): Promise<T> {
    return this.#sections.run(async () => {
      const txn = new SimpleTransaction(this.rows, () => this.checkAlarmHandler());
      try {
        const result = await closure(txn);
        txn.commit();
        return result;
      } catch (error) {
        txn.rollback();
        throw error;
      }
    });
  }

  transactionSync<T>(closure: () => T): T {
    const saved = this.rows.copy();
    try {
      return closure();
    } catch (error) {
      this.rows.restore(saved);
      throw error;
    }
  }

  async sync(): Promise<void> {}

  async getCurrentBookmark(): Promise<string> {
    throw noRecovery();
  }

  async getBookmarkForTime(): Promise<string> {
    throw noRecovery();
  }

  async onNextSessionRestoreBookmark(): Promise<string> {
    throw noRecovery();
  }
}

class SimpleTransaction extends Operations implements DurableObjectTransaction {
  readonly #saved: Rows;
  readonly #alarmCheck: () => void;
  #outcome: "open" | "committed" | "rolled back" = "open";

  constructor(rows: Rows, checkAlarmHandler: () => void) {
    super(rows);
    this.#saved = rows.copy();
    this.#alarmCheck = checkAlarmHandler;
  }

  protected override check(operation: string): void {
    if (this.#outcome === "rolled back") {
      throw new Error(`Cannot ${operation} on rolled back transaction`);
    }
    if (this.#outcome === "committed") {
      throw new Error(
        `Cannot call ${operation} on transaction that has already committed: ` +
          "did you move `txn` outside of the closure?",
      );
    }
  }

  protected override checkAlarmHandler(): void {
    this.#alarmCheck();
  }

  /** Puts everything back as it was when the transaction began. Calling it again is harmless. */
  rollback(): void {
    if (this.#outcome === "rolled back") return;
    this.check("rollback()");
    this.rows.restore(this.#saved);
    this.#outcome = "rolled back";
  }

  /** Keeps what was written, unless it was rolled back before. */
  commit(): void {
    if (this.#outcome === "open") this.#outcome = "committed";
  }

  async deleteAll(): Promise<never> {
    throw new Error("Cannot call deleteAll() within a transaction");
  }
}

class SimpleSyncKv implements SyncKvStorage {
  readonly #rows: Rows;

  constructor(rows: Rows) {
    this.#rows = rows;
  }

  get<T = unknown>(key: string): T | undefined {
    return this.#rows.get(key) as T | undefined;
  }

  put<T>(key: string, value: T): void {
    this.#rows.values.set(storedKey(key), structuredClone(value));
  }

  delete(key: string): boolean {
    return this.#rows.values.delete(storedKey(key));
  }

  list<T = unknown>(options?: SyncKvListOptions): Iterable<[string, T]> {
    return this.#rows.select(options)[Symbol.iterator]() as IterableIterator<[string, T]>;
  }
}

/** The key as it comes back from disk: what UTF-8 cannot hold is replaced, a byte at a time. */
function storedKey(key: unknown): string {
  return String(key).replace(/\p{Surrogate}/gu, "\ufffd\ufffd\ufffd");
}

/**
 * Orders keys by their UTF-8 bytes, which is by code point. Code units differ
 * from that in one way: surrogates lie below U+E000 but stand for more than U+FFFF.
 */
function compareKeys(a: string, b: string): number {
  const shorter = Math.min(a.length, b.length);
  for (let i = 0; i < shorter; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x !== y) return rank(x) - rank(y);
  }
  return a.length - b.length;
}

function rank(codeUnit: number): number {
  return codeUnit >= 0xd800 && codeUnit <= 0xdfff ? codeUnit + 0x10000 : codeUnit;
}

function checkPairs(count: number): void {
  if (count <= MAX_PAIRS) return;
  throw new RangeError(`Maximum number of key value pairs is ${MAX_PAIRS}. ${count} pairs were provided.`);
}

function checkListOptions(options: SyncKvListOptions): void {
  if (typeof options !== "object") {
    throw new TypeError("Failed to execute 'list' on 'DurableObjectStorage': parameter 1 is not of type 'ListOptions'.");
  }
  if (options.start !== undefined && options.startAfter !== undefined) {
    throw new TypeError("list() cannot be called with both start and startAfter values.");
  }
  if (options.limit !== undefined && !(options.limit >= 1)) {
    throw new TypeError("List limit must be positive.");
  }
}

function alarmTime(scheduledTime: number | Date): number {
  const time = Math.trunc(Number(scheduledTime));
  if (!Number.isFinite(time)) {
    throw new TypeError("The value cannot be converted because it is not a valid Date.");
  }
  if (time <= 0) throw new TypeError("setAlarm() cannot be called with an alarm time <= 0");
  return time;
}

function noRecovery(): Error {
  return new Error("This Durable Object's storage back-end does not implement point-in-time recovery.");
}
