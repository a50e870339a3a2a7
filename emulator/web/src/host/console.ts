export interface ConsoleHost {
  // A line of console output. `frame` is "file:line:column" of the call, or "";
  // `stack` is what console.trace prints below its text, else "".
  log(level: string, text: string, frame: string, stack: string): void;
}
