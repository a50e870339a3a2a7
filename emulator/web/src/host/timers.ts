export interface TimerHost {
  // Milliseconds since 1970, by the isolate's clock.
  now(): number;
  // Calls the entry `timer` with the answered number after `ms`; with `repeat`
  // again and again until it is cleared.
  setTimer(ms: number, repeat: boolean): number;
  clearTimer(id: number): void;
}
