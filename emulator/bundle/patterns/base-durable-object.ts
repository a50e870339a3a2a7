import { isStandIn, PlatformObject } from "./platform-object";

export { SimpleState } from "./simple-state";

/**
 * A Durable Object with the chores done: state that is loaded before the first
 * event, short names for storage, and JSON answers.
 *
 *     export class Visits extends BaseDurableObject {
 *       #count = 0;
 *
 *       protected async onInitialize() {
 *         this.#count = (await this.get<number>("count")) ?? 0;
 *       }
 *
 *       async fetch() {
 *         await this.put("count", ++this.#count);
 *         return this.json({ count: this.#count });
 *       }
 *     }
 *
 * Public methods of a subclass can be called by RPC through a stub.
 */
export abstract class BaseDurableObject<Env = unknown> extends PlatformObject<Env> {
  // An own property, not a getter: what an instance owns is out of RPC's reach.
  protected readonly state: DurableObjectState;
  // Hard private, as everywhere in this library: a subclass may use the same name.
  #initialized?: Promise<void>;

  constructor(state: DurableObjectState, env: Env) {
    super(state, env);
    this.state = state;
    // The callback runs after the constructors of all subclasses, so their
    // fields have their first values when onInitialize loads the saved ones.
    void state.blockConcurrencyWhile(() => this.initialize());
    if (isStandIn(state)) state.attach(this);
  }

  /** Runs onInitialize once. No event is delivered before it is done, so calling this is never needed. */
  protected initialize(): Promise<void> {
    this.#initialized ??= this.onInitialize();
    return this.#initialized;
  }

  /** Override this to load state. If it throws, the object is reset and its callers get the error. */
  protected async onInitialize(): Promise<void> {}

  // Values are `any` unless said otherwise, so that the result of a bare
  // `get("counter")` can be used in an expression.

  /** Reads a value, or a Map of those that exist. */
  protected get<T = any>(key: string, options?: DurableObjectGetOptions): Promise<T | undefined>;
  protected get<T = any>(keys: string[], options?: DurableObjectGetOptions): Promise<Map<string, T>>;
  protected get(key: string | string[], options?: DurableObjectGetOptions): Promise<unknown> {
    return this.state.storage.get(key as string, options);
  }

  /** Stores a value, or every field of an object under its own key. */
  protected put<T>(key: string, value: T, options?: DurableObjectPutOptions): Promise<void>;
  protected put<T>(entries: Record<string, T>, options?: DurableObjectPutOptions): Promise<void>;
  protected put(...args: [unknown, unknown?, DurableObjectPutOptions?]): Promise<void> {
    // Passed on as they came: the platform tells put("key", undefined), an
    // error, from put(entries) by the number of arguments.
    return this.state.storage.put(...(args as [string, unknown]));
  }

  /** Deletes a key and says whether it existed, or several and says how many did. */
  protected delete(key: string, options?: DurableObjectPutOptions): Promise<boolean>;
  protected delete(keys: string[], options?: DurableObjectPutOptions): Promise<number>;
  protected delete(key: string | string[], options?: DurableObjectPutOptions): Promise<boolean | number> {
    return this.state.storage.delete(key as string, options);
  }

  /** Reads a range of keys, in the order of their UTF-8 bytes. */
  protected list<T = any>(options?: DurableObjectListOptions): Promise<Map<string, T>> {
    return this.state.storage.list<T>(options);
  }

  /** Holds all other events back until the callback is done. If it throws, the object is reset. */
  protected blockConcurrencyWhile<T>(callback: () => Promise<T>): Promise<T> {
    return this.state.blockConcurrencyWhile(callback);
  }

  /** Answers with any value as JSON. */
  protected json(data: unknown, status = 200): Response {
    return Response.json(data, { status });
  }

  /** Answers `{"success": true}` and the given fields beside it. */
  protected success(fields: object = {}, status = 200): Response {
    return this.json({ success: true, ...fields }, status);
  }

  /** Answers `{"error": message}`. */
  protected error(message: string, status = 400): Response {
    return this.json({ error: message }, status);
  }
}
