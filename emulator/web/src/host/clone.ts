export interface CloneHost {
  // A structured clone of any value, by the rules of structuredClone. With gone,
  // a buffer that was transferred is taken for an empty one.
  clone(value: unknown, gone: boolean): unknown;
}
