export interface IntlHost {
  // [minutes east of Greenwich, short name, canonical name] of a time zone at a
  // time, or undefined for one that is not known.
  zoneAt(zone: string, ms: number): string[] | undefined;
}
