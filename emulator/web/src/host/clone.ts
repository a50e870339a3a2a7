export interface CloneHost {
  // A structured clone of any value, by the rules of structuredClone.
  clone(value: unknown): unknown;
}
