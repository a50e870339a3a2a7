// What every web class shares: how it looks from outside (WebIDL §3.7) and the
// words of the errors for using it wrongly.

type Class = abstract new (...args: never[]) => unknown;

/** The error for a method called on an object of another class. */
export function illegalInvocation(): TypeError {
  return new TypeError(
    "Illegal invocation: function called with incorrect `this` reference. " +
      "See https://developers.cloudflare.com/workers/observability/errors/#illegal-invocation-errors for details.",
  );
}

/** The error for `new` on a class that only the platform makes. */
export function illegalConstructor(): TypeError {
  return new TypeError("Illegal constructor");
}

/** The error for an argument that is missing or of another type. */
export function wrongArgument(method: string, owner: string, position: number, type: string): TypeError {
  return new TypeError(`Failed to execute '${method}' on '${owner}': parameter ${position} is not of type '${type}'.`);
}

/** The error for a constructor's argument that is missing or of another type. */
export function wrongConstruction(owner: string, position: number, type: string): TypeError {
  return new TypeError(`Failed to construct '${owner}': constructor parameter ${position} is not of type '${type}'.`);
}

/** Refuses an optional argument of a constructor that is no dictionary. */
export function requireDictionary(value: unknown, owner: string, position: number, type: string): void {
  if (value !== undefined && value !== null && typeof value !== "object" && typeof value !== "function") {
    throw wrongConstruction(owner, position, type);
  }
}

/** The error for a member of a dictionary that is of another type. */
export function wrongMember(member: string, dictionary: string, type: string): TypeError {
  return new TypeError(`Incorrect type for the '${member}' field on '${dictionary}': the provided value is not of type '${type}'.`);
}

/** The error for the first argument that a call lacks, which got fewer than it takes, by their types. */
export function missingArgument(method: string, owner: string, given: number, ...types: string[]): TypeError {
  return wrongArgument(method, owner, given + 1, types[given]!);
}

/**
 * Makes a class look as WebIDL says: members enumerable, a string tag, and no
 * required constructor arguments, which is how the platform declares them all.
 */
export function webClass(constructor: Class, name: string): void {
  enumerate(constructor.prototype as object, ["constructor"]);
  enumerate(constructor, ["length", "name", "prototype"]);
  const fixed = (value: unknown) => ({ value, configurable: true, enumerable: false, writable: false });
  moveLast(constructor.prototype as object, "constructor");
  Object.defineProperty(constructor.prototype, Symbol.toStringTag, fixed(name));
  Object.defineProperty(constructor, "name", fixed(name));
  Object.defineProperty(constructor, "length", fixed(0));
}

/** Puts a property behind the others, where the platform has it. */
function moveLast(object: object, key: string): void {
  const found = Object.getOwnPropertyDescriptor(object, key);
  if (found === undefined || !Reflect.deleteProperty(object, key)) return;
  Object.defineProperty(object, key, found);
}

function enumerate(object: object, except: string[]): void {
  for (const key of Object.getOwnPropertyNames(object)) {
    if (except.includes(key)) continue;
    Object.defineProperty(object, key, { enumerable: true });
    const { value } = Object.getOwnPropertyDescriptor(object, key)!;
    if (typeof value === "function") Object.defineProperty(value, "length", { value: 0 }); // natively it takes any number
  }
}
